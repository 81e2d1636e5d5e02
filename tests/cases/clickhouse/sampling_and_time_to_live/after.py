from clickhouse_connect.cc_sqlalchemy import engines
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Column, MetaData, Table

from dbwarden.objects import TableClauses

metadata = MetaData()

Table(
    "t",
    metadata,
    Column("id", ch.UInt64),
    Column("at", ch.DateTime),
    Column("n", ch.UInt64),
    TableClauses(
        order_by="(id, cityHash64(n))",
        sample_by="cityHash64(n)",
        ttl="at + interval 80 year where n > 5, at + interval 1 day recompress codec(ZSTD(9))",
        settings={"min_bytes_for_wide_part": 0},
    ),
)
Table("told", metadata, Column("id", ch.UInt64, comment="it's new"), engines.MergeTree(order_by="id"), comment="new")
Table(
    "grouped",
    metadata,
    Column("id", ch.UInt64),
    Column("at", ch.DateTime),
    Column("n", ch.UInt64),
    TableClauses(order_by="id", ttl="at + INTERVAL 1 MONTH GROUP BY id SET n = sum(n)"),
)
Table(
    "keyed",
    metadata,
    Column("id", ch.UInt64),
    Column("n", ch.UInt64),
    TableClauses(order_by="(id, n)", primary_key="id"),
)
