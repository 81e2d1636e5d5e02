from sqlalchemy import Boolean, Column, Integer, MetaData, Numeric, String, Table, text

metadata = MetaData()

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("email", String(120), nullable=False),
    Column("age", Integer),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("score", Numeric(8, 2), nullable=False, server_default="0"),
)
