from sqlalchemy import Column, Integer, MetaData, Table, text

metadata = MetaData()

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("flag", Integer, nullable=False, server_default=text("0")),
)
