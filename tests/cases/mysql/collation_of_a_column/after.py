from sqlalchemy import Column, Index, Integer, MetaData, String, Table
from sqlalchemy.dialects.mysql import VARCHAR

metadata = MetaData()

Table(
    "people",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(20, collation="utf8mb4_bin")),
    Column("login", String(20, collation="utf8mb4_bin"), index=True),
    Column("code", VARCHAR(8, charset="ascii")),
)
