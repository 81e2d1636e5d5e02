from clickhouse_connect.cc_sqlalchemy import engines
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Column, MetaData, Table

metadata = MetaData()

Table(
    "logs",
    metadata,
    Column("id", ch.UInt64),
    Column("at", ch.DateTime),
    Column("line", ch.String),
    engines.MergeTree(order_by="id", ttl="at + INTERVAL 1 YEAR"),
)
