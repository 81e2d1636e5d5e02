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
MaterializedView("clauses", "SELECT id, kind, at FROM events", metadata=metadata, order_by="id")
MaterializedView(
    "properties",
    "SELECT id, kind FROM events",
    metadata=metadata,
    columns="id UInt64 CODEC(Delta, LZ4), kind String DEFAULT 'x', INDEX ix kind TYPE minmax",
    order_by="id",
)
MaterializedView(
    "same", "SELECT id FROM events", metadata=metadata, columns="id UInt64 codec(Delta, LZ4)", order_by="id"
)
MaterializedView("filled", "SELECT id FROM events", metadata=metadata, order_by="id", comment="it's old")
MaterializedView(
    "nightly", "SELECT max(id) AS id FROM events", metadata=metadata, order_by="id", refresh="EVERY 1 DAY", empty=True
)
MaterializedView("to_log", "SELECT id FROM events", metadata=metadata, engine="Log")
