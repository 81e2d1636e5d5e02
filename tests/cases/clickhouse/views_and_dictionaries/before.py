from clickhouse_connect.cc_sqlalchemy import engines
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Column, MetaData, Table

from dbwarden.objects import Dictionary, MaterializedView, View

metadata = MetaData()

Table("events", metadata, Column("id", ch.UInt64), Column("kind", ch.String), engines.MergeTree(order_by="id"))
Table("kinds", metadata, Column("kind", ch.String), Column("n", ch.UInt64), engines.SummingMergeTree(order_by="kind"))
View("kept", metadata, "SELECT id FROM events", comment="it's kept")
View("recent", metadata, "SELECT id FROM events WHERE id > 3 LIMIT 10")
MaterializedView("to_kinds", metadata, "SELECT kind, count() AS n FROM events GROUP BY kind", to="kinds")
MaterializedView("of_ids", metadata, "SELECT id, 1 AS n FROM events", order_by="id", engine="SummingMergeTree")
MaterializedView("hourly", metadata, "SELECT max(id) AS id FROM events", order_by="id", refresh="EVERY 1 HOUR")
MaterializedView("gone", metadata, "SELECT id FROM events", order_by="id")
Dictionary(
    "names",
    metadata,
    "id UInt64, kind String DEFAULT '?'",
    primary_key="id",
    source="CLICKHOUSE(TABLE 'events')",
    layout="HASHED",
    lifetime=300,
)
