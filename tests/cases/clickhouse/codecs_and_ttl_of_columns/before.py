from clickhouse_connect.cc_sqlalchemy import engines
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Column, MetaData, Table, text

metadata = MetaData()

Table(
    "samples",
    metadata,
    Column("id", ch.UInt64, clickhousedb_codec="Delta, ZSTD"),
    Column("at", ch.DateTime, clickhousedb_codec=("DoubleDelta", "LZ4"), comment="when"),
    Column("text", ch.String, clickhousedb_ttl=text("at + INTERVAL 90 YEAR")),
    Column("value", ch.Float64),
    engines.MergeTree(order_by="id"),
)
