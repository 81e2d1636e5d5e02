from sqlalchemy import Column, Integer, MetaData, String, Table, Text
from sqlalchemy.dialects.mysql import VARCHAR

metadata = MetaData()

Table(
    "notes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("title", String(20), nullable=False, server_default="x"),
    Column("body", Text),
    Column("code", VARCHAR(10, charset="ascii")),
    mysql_charset="latin1",
    mariadb_charset="latin1",
)
Table(
    "tags",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(20)),
    mysql_charset="latin1",
    mariadb_charset="latin1",
)
