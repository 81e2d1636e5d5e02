from sqlalchemy import Column, Integer, MetaData, String, Table, Text
from sqlalchemy.dialects.mysql import MEDIUMTEXT, VARBINARY

metadata = MetaData()

Table(
    "texts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("short", String(20), nullable=False, server_default="a"),
    Column("across", String(60)),
    Column("long", String(100)),
    Column("bytes", VARBINARY(20)),
    Column("body", Text),
)
