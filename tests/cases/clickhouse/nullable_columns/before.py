from clickhouse_connect.cc_sqlalchemy import engines
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Column, MetaData, Table, text

metadata = MetaData()

Table(
    "notes",
    metadata,
    Column("id", ch.UInt64),
    Column("a", ch.String, nullable=True),
    Column("b", ch.Nullable(ch.Int32)),
    Column("c", ch.LowCardinality(ch.Nullable(ch.String))),
    Column("d", ch.String),
    Column("e", ch.Int64, nullable=True),
    engines.MergeTree(order_by="id"),
)
