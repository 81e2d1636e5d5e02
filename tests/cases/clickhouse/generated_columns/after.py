from clickhouse_connect.cc_sqlalchemy import engines
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Column, MetaData, Table, text

metadata = MetaData()

Table(
    "sums",
    metadata,
    Column("id", ch.UInt64),
    Column("a", ch.Int32),
    Column("b", ch.Int32, server_default=text("if(a > 3 and id<5, a, toInt32(id))")),
    Column("twice", ch.Int64, clickhousedb_materialized=text("id * 4")),
    Column("thrice", ch.Int64, clickhousedb_alias=text("(id * 2) + id")),
    Column("day", ch.Date, server_default=text("today() - toIntervalDay(1)")),
    Column("more", ch.String, clickhousedb_materialized=text("concat('it''s ', toString(id))")),
    engines.MergeTree(order_by="id"),
)
