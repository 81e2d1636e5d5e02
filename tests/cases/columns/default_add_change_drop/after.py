from sqlalchemy import Column, DateTime, Integer, MetaData, String, Table, text

metadata = MetaData()

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("a", String(10), server_default="it's"),
    Column("b", String(10), server_default="y"),
    Column("c", Integer),
    Column("d", DateTime, server_default=text("CURRENT_TIMESTAMP")),
)
