from clickhouse_connect.cc_sqlalchemy import engines
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Column, MetaData, Table

from dbwarden.objects import SkippingIndex, TableProjection

metadata = MetaData()

Table(
    "hits",
    metadata,
    Column("id", ch.UInt64),
    Column("code", ch.UInt32),
    Column("size", ch.UInt32),
    engines.MergeTree(order_by="id"),
    TableProjection("by_code", "SELECT code, sum(size) GROUP BY code"),
    TableProjection("sorted", "SELECT * ORDER BY size"),
    SkippingIndex("ix_code", "code"),
)
