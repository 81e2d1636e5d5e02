from clickhouse_connect.cc_sqlalchemy import engines
from clickhouse_connect.cc_sqlalchemy import types as ch
from clickhouse_connect.cc_sqlalchemy.ddl.dictionary import Dictionary as DictionaryOfLibrary
from sqlalchemy import Column, MetaData, Table, func, select

from dbwarden.objects import Dictionary, MaterializedView, View

metadata = MetaData()

events = Table("events", metadata, Column("id", ch.UInt64), Column("kind", ch.String), engines.MergeTree(order_by="id"))
kinds = Table(
    "kinds", metadata, Column("kind", ch.String), Column("n", ch.UInt64), engines.SummingMergeTree(order_by="kind")
)
View("kept", "select id from events", metadata=metadata, comment="it's kept")
View(
    "recent", select(events.c.id, func.length(events.c.kind).label("letters")).where(events.c.id > 5), metadata=metadata
)
View("of_view", "SELECT letters FROM recent", metadata=metadata)
MaterializedView(
    "to_kinds", "select lower(kind) as kind, count(*) as n from events group by kind", metadata=metadata, to=kinds
)
MaterializedView("of_ids", "SELECT id, 2 AS n FROM events", metadata=metadata, order_by="id", engine="SummingMergeTree")
MaterializedView("hourly", "SELECT max(id) AS id FROM events", metadata=metadata, order_by="id", refresh="after 2 hour")
MaterializedView(
    "once",
    "SELECT kind, toUInt64(7) AS n FROM events WHERE id > 99",
    metadata=metadata,
    to="kinds",
    refresh="every 1 day offset 3 hour append",
)
Dictionary(
    "names",
    "id UInt64, kind String DEFAULT '?'",
    metadata=metadata,
    primary_key="id",
    source="CLICKHOUSE(TABLE 'events')",
    layout="flat",
    lifetime="MIN 10 MAX 300",
    comment="by id",
)
DictionaryOfLibrary(
    "ids",
    metadata,
    Column("kind", ch.String),
    Column("id", ch.UInt64),
    primary_key="kind",
    source="CLICKHOUSE(TABLE 'events')",
    layout="COMPLEX_KEY_HASHED",
    lifetime="MIN 0 MAX 60",
)
