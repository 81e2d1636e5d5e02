from sqlalchemy import Column, Integer, MetaData, String, Table, UniqueConstraint

metadata = MetaData()

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("email", String(120), nullable=False),
    Column("age", Integer),
    UniqueConstraint("email", name="uq_users_email", deferrable=True, initially="DEFERRED"),
    UniqueConstraint("age", name="uq_users_age", postgresql_nulls_not_distinct=True, postgresql_include=["email"]),
)
