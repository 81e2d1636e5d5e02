from sqlalchemy import Column, Index, Integer, MetaData, String, Table, func, text

metadata = MetaData()

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("email", String(120), nullable=False),
    Column("age", Integer),
)
Index("ix_lower", func.lower(users.c.email))
Index("ix_desc", users.c.age.desc(), users.c.email)
Index("ix_partial", users.c.age, sqlite_where=users.c.age > 18, postgresql_where=users.c.age > 18)
Index("ix_text", text("coalesce(age, 0)"), unique=True)
