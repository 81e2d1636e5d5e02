from clickhouse_connect.cc_sqlalchemy import engines
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Column, MetaData, Table

metadata = MetaData()

Table(
    "orders",
    metadata,
    Column("id", ch.UInt64),
    Column("lines.name", ch.Array(ch.String)),
    Column("lines.price", ch.Array(ch.Decimal(10, 2))),
    Column("place", ch.Tuple(elements=[ch.Float64, ch.Float64])),
    Column("labels", ch.Map(ch.String, ch.UInt8)),
    engines.MergeTree(order_by="id"),
)
