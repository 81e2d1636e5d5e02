from clickhouse_connect.cc_sqlalchemy import engines
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Column, MetaData, Table

metadata = MetaData()

Table(
    "events",
    metadata,
    Column("id", ch.UInt32),
    Column("day", ch.Date),
    Column("kind", ch.LowCardinality(ch.String)),
    Column("note", ch.Nullable(ch.String)),
    engines.MergeTree(order_by=("day", "id"), partition_by="toYYYYMM(day)"),
)
