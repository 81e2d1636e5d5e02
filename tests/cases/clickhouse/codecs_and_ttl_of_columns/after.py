from clickhouse_connect.cc_sqlalchemy import engines
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Column, MetaData, Table, text

metadata = MetaData()

Table(
    "samples",
    metadata,
    Column("id", ch.UInt64, clickhousedb_codec="Delta(8), ZSTD(1)"),
    Column("at", ch.DateTime, clickhousedb_codec="ZSTD(3)", comment="it's when"),
    Column("text", ch.String),
    Column("value", ch.Float64, clickhousedb_codec="Gorilla, LZ4", clickhousedb_ttl=text("at + INTERVAL 80 YEAR")),
    engines.MergeTree(order_by="id"),
)
