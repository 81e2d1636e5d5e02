from clickhouse_connect.cc_sqlalchemy import engines
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Column, MetaData, Table, text

metadata = MetaData()

Table(
    "sums",
    metadata,
    Column("id", ch.UInt64),
    Column("a", ch.Int32, server_default=text("7")),
    Column("b", ch.Int32, server_default=text("a + 1")),
    Column("twice", ch.Int64, clickhousedb_materialized=text("id * 2")),
    Column("thrice", ch.Int64, clickhousedb_alias=text("id*3")),
    Column("day", ch.Date, server_default=text("today() - INTERVAL 1 DAY")),
    engines.MergeTree(order_by="id"),
)
