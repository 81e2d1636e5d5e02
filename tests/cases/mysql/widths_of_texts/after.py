from sqlalchemy import Column, Integer, MetaData, String, Table, Text
from sqlalchemy.dialects.mysql import MEDIUMTEXT, VARBINARY

metadata = MetaData()

Table(
    "texts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("short", String(60), nullable=False, server_default="a"),
    Column("across", String(100)),
    Column("long", String(500)),
    Column("bytes", VARBINARY(200)),
    Column("body", MEDIUMTEXT),
)
