from sqlalchemy import Column, Enum, Integer, MetaData, Table
from sqlalchemy.dialects.mysql import SET

metadata = MetaData()

Table(
    "shirts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("size", Enum("small", "large", "huge"), nullable=False, server_default="large"),
    Column("tags", SET("new", "sale", "last")),
    Column("colour", Enum("red", "green", "it's blue")),
)
