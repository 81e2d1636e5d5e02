from clickhouse_connect.cc_sqlalchemy import engines
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Column, MetaData, Table

metadata = MetaData()

Table(
    "page_clicks",
    metadata,
    Column("id", ch.UInt64),
    Column("url", ch.String),
    Column("duration", ch.UInt32),
    engines.MergeTree(order_by="id"),
)
