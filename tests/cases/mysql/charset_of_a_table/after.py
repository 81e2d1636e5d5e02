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
    mysql_charset="utf8mb4",
    mysql_collate="utf8mb4_bin",
    mariadb_charset="utf8mb4",
    mariadb_collate="utf8mb4_bin",
)
Table(
    "tags",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(20)),
    mysql_charset="utf8mb4",
    mysql_collate="utf8mb4_unicode_ci",
    mariadb_charset="utf8mb4",
    mariadb_collate="utf8mb4_unicode_ci",
)
