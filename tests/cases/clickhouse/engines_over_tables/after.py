from clickhouse_connect.cc_sqlalchemy import engines
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Column, MetaData, Table

from dbwarden.objects import TableClauses

metadata = MetaData()

Table("rows", metadata, Column("id", ch.UInt64), engines.MergeTree(order_by="id"))
Table(
    "everywhere",
    metadata,
    Column("id", ch.UInt64),
    TableClauses(engine="Distributed(alone, currentDatabase(), rows, rand())"),
)
Table(
    "buffered",
    metadata,
    Column("id", ch.UInt64),
    TableClauses(engine="Buffer(currentDatabase(), rows, 1, 10, 100, 10000, 1000000, 10000000, 100000000)"),
)
Table("merged", metadata, Column("id", ch.UInt64), TableClauses(engine="Merge(currentDatabase(), '^rows$')"))
Table("tiny", metadata, Column("id", ch.UInt64), engines.TinyLog())
Table("striped", metadata, Column("id", ch.UInt64), engines.StripeLog())
Table(
    "remembered",
    metadata,
    Column("id", ch.UInt64),
    engines.Memory(),
    TableClauses(settings={"min_rows_to_keep": 1, "max_rows_to_keep": 100}),
)
Table(
    "joined",
    metadata,
    Column("id", ch.UInt64),
    Column("name", ch.String),
    TableClauses(engine="Join(any, left, id)", settings={"join_use_nulls": 1}),
)
