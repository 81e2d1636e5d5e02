from clickhouse_connect.cc_sqlalchemy import engines
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Column, MetaData, Table

metadata = MetaData()

Table(
    "events",
    metadata,
    Column("id", ch.UInt64),
    Column("at", ch.DateTime),
    engines.ReplacingMergeTree(
        ver="at",
        order_by=("id", "toDate(at)"),
        partition_by="toYYYYMM(at)",
        ttl="at + INTERVAL 100 YEAR",
        settings={"index_granularity": 1024, "ttl_only_drop_parts": 1},
    ),
    comment="it's new",
)
