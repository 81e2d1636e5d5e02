from sqlalchemy import Column, DateTime, Integer, MetaData, String, Table, func, text

metadata = MetaData()

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("a", String(10)),
    Column("b", String(10), server_default="x"),
    Column("c", Integer, server_default=text("5")),
    Column("d", DateTime, server_default=func.now()),
)
