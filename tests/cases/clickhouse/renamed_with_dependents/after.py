from clickhouse_connect.cc_sqlalchemy import engines
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import CheckConstraint, Column, MetaData, Table, text

from dbwarden.objects import SkippingIndex

metadata = MetaData()

Table(
    "jobs",
    metadata,
    Column("id", ch.UInt64),
    Column("started_at", ch.DateTime),
    Column("ends", ch.DateTime, server_default=text("started_at + INTERVAL 1 HOUR")),
    Column("day", ch.Date, clickhousedb_materialized=text("toDate(started_at)")),
    Column("note", ch.String, clickhousedb_ttl=text("started_at + INTERVAL 90 YEAR")),
    engines.MergeTree(order_by="id", ttl="started_at + INTERVAL 95 YEAR"),
    CheckConstraint("started_at > '2000-01-01 00:00:00'", name="recent"),
    SkippingIndex("ix_began", "started_at"),
)
