from clickhouse_connect.cc_sqlalchemy import engines
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Column, MetaData, Table

from dbwarden.objects import Dictionary, MaterializedView, View

metadata = MetaData()

Table("events", metadata, Column("id", ch.UInt64), Column("kind", ch.String), engines.MergeTree(order_by="id"))
Table("kinds", metadata, Column("kind", ch.String), Column("n", ch.UInt64), engines.SummingMergeTree(order_by="kind"))
View("kept", "SELECT id FROM events", metadata=metadata, comment="it's kept")
View(
    "recent",
    "SELECT id FROM events WHERE id > 3 LIMIT 10",
    metadata=metadata,
)
MaterializedView("to_kinds", "SELECT kind, count() AS n FROM events GROUP BY kind", metadata=metadata, to="kinds")
MaterializedView("of_ids", "SELECT id, 1 AS n FROM events", metadata=metadata, order_by="id", engine="SummingMergeTree")
MaterializedView("hourly", "SELECT max(id) AS id FROM events", metadata=metadata, order_by="id", refresh="EVERY 1 HOUR")
MaterializedView("gone", "SELECT id FROM events", metadata=metadata, order_by="id")
Dictionary(
    "names",
    "id UInt64, kind String DEFAULT '?'",
    metadata=metadata,
    primary_key="id",
    source="CLICKHOUSE(TABLE 'events')",
    layout="HASHED",
    lifetime=300,
)
