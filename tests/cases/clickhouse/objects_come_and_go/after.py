from clickhouse_connect.cc_sqlalchemy import engines
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Column, MetaData, Table

from dbwarden.objects import Dictionary, View

metadata = MetaData()
Table("events", metadata, Column("id", ch.UInt64), Column("kind", ch.String), engines.MergeTree(order_by="id"))
View("new_rows", "SELECT id FROM events", metadata=metadata)
Dictionary(
    "new_names",
    "id UInt64, kind String",
    metadata=metadata,
    primary_key="id",
    source="CLICKHOUSE(TABLE 'events')",
    layout="FLAT",
    lifetime=300,
)
