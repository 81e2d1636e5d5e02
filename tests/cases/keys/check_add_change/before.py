from sqlalchemy import CheckConstraint, Column, Integer, MetaData, String, Table

metadata = MetaData()

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("email", String(120), nullable=False),
    Column("age", Integer),
    CheckConstraint("age > 0", name="ck_age"),
    CheckConstraint("length(email) > 3"),
)
