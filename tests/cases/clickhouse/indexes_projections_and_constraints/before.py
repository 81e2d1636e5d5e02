from clickhouse_connect.cc_sqlalchemy import engines
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import CheckConstraint, Column, MetaData, Table

from dbwarden.objects import Assumption, SkippingIndex, TableProjection

metadata = MetaData()

Table(
    "logs",
    metadata,
    Column("id", ch.UInt64),
    Column("level", ch.String),
    Column("text", ch.String),
    engines.MergeTree(order_by="id"),
    SkippingIndex("by_level", "level", type="set(10)", granularity=4),
    SkippingIndex("by_words", "lower(text)", type="tokenbf_v1(256, 2, 0)"),
    TableProjection("counts", "SELECT level, count() GROUP BY level"),
    TableProjection("gone", "SELECT text, count() GROUP BY text"),
    CheckConstraint("id < 1000000", name="few"),
    Assumption("positive", "id >= 0"),
)
