from clickhouse_connect.cc_sqlalchemy import engines
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Column, MetaData, Table

metadata = MetaData()

Table(
    "t",
    metadata,
    Column("id", ch.UInt64),
    Column("at", ch.DateTime),
    Column("n", ch.UInt64),
    engines.MergeTree(order_by=("id", "cityHash64(n)")),
)
Table("told", metadata, Column("id", ch.UInt64, comment="old"), engines.MergeTree(order_by="id"), comment="old")
