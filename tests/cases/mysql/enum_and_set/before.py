from sqlalchemy import Column, Enum, Integer, MetaData, Table
from sqlalchemy.dialects.mysql import SET

metadata = MetaData()

Table(
    "shirts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("size", Enum("small", "large"), nullable=False, server_default="small"),
    Column("tags", SET("new", "sale")),
    Column("colour", Enum("red", "it's blue")),
)
