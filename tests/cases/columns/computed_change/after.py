from sqlalchemy import Column, Computed, Integer, MetaData, String, Table

metadata = MetaData()

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("email", String(120), nullable=False),
    Column("age", Integer),
    Column("double_age", Integer, Computed("age * 3", persisted=True)),
)
