from clickhouse_connect.cc_sqlalchemy import engines
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Column, MetaData, Table, text

metadata = MetaData()

Table(
    "notes",
    metadata,
    Column("id", ch.UInt64),
    Column("a", ch.String, server_default=text("'none'")),
    Column("b", ch.Nullable(ch.Int64)),
    Column("c", ch.LowCardinality(ch.String), server_default=text("''")),
    Column("d", ch.String, nullable=True),
    Column("e", ch.UInt32, server_default=text("id + 1")),
    engines.MergeTree(order_by="id"),
)
