from sqlalchemy import CHAR, Column, Integer, MetaData, String, Table

metadata = MetaData()

Table(
    "hosts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("v4", String(15)),
    Column("v6", String(39)),
    Column("token", CHAR(36)),
)
