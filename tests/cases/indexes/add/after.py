from sqlalchemy import Column, Index, Integer, MetaData, String, Table

metadata = MetaData()

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("email", String(120), nullable=False),
    Column("age", Integer),
    Index("ix_users_email", "email"),
    Index("ux_users_age", "age", "email", unique=True),
)
