from clickhouse_connect.cc_sqlalchemy import engines
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Column, MetaData, Table

metadata = MetaData()

Table(
    "visits",
    metadata,
    Column("id", ch.UInt64),
    Column("site", ch.String),
    Column("agent", ch.String),
    engines.MergeTree(order_by="id"),
)
Table("old", metadata, Column("id", ch.UInt64), engines.MergeTree(order_by="id"))
