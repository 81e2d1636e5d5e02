from clickhouse_connect.cc_sqlalchemy import engines
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import CheckConstraint, Column, MetaData, Table

from dbwarden.objects import SkippingIndex, TableProjection

metadata = MetaData()

Table(
    "logs",
    metadata,
    Column("id", ch.UInt64),
    Column("level", ch.String),
    Column("text", ch.String),
    engines.MergeTree(order_by="id"),
    SkippingIndex("by_level", "level", type="set(100)", granularity=2),
    SkippingIndex("by_length", "length(text)"),
    TableProjection("counts", "select level, count(), max(id) group by level"),
    TableProjection("sorted", "select * order by level"),
    CheckConstraint("id < 2000000 and level != ''", name="few"),
    CheckConstraint("length(text) < 1000", name="short"),
)
