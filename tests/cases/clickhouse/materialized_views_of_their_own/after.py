from clickhouse_connect.cc_sqlalchemy import engines
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Column, MetaData, Table

from dbwarden.objects import MaterializedView

metadata = MetaData()
Table(
    "events",
    metadata,
    Column("id", ch.UInt64),
    Column("kind", ch.String),
    Column("at", ch.DateTime),
    engines.MergeTree(order_by="id"),
)
MaterializedView(
    "clauses",
    "SELECT id, kind, at FROM events",
    metadata=metadata,
    partition_by="toYYYYMM(at)",
    primary_key="id",
    order_by="(id, cityHash64(kind))",
    sample_by="id",
    ttl="at + interval 80 year",
    settings={"index_granularity": 1024, "ttl_only_drop_parts": True},
    comment="it's new",
)
MaterializedView(
    "properties",
    "SELECT id, kind FROM events",
    metadata=metadata,
    columns="id UInt64 CODEC(Delta, LZ4), kind String DEFAULT 'y' comment 'c', constraint c check id >= 0,"
    " projection p (select kind, count() group by kind)",
    order_by="id",
)
MaterializedView(
    "same", "select id from events", metadata=metadata, columns="id UInt64 CODEC(Delta(8), LZ4)", order_by="id"
)
MaterializedView("filled", "SELECT id FROM events", metadata=metadata, order_by="id", comment="it's new", populate=True)
MaterializedView("new", "SELECT id, kind FROM events", metadata=metadata, order_by="id", populate=True)
MaterializedView(
    "nightly",
    "SELECT max(id) AS id FROM events",
    metadata=metadata,
    order_by="id",
    refresh="every 2 day settings refresh_retries = 3",
    empty=True,
)
MaterializedView(
    "appended",
    "SELECT id FROM events WHERE id > 99",
    metadata=metadata,
    order_by="id",
    settings="index_granularity = 512",
    refresh="EVERY 1 DAY DEPENDS ON nightly SETTINGS refresh_retries = 1 APPEND",
)
