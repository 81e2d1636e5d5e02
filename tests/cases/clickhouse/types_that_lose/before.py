from clickhouse_connect.cc_sqlalchemy import engines
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Column, MetaData, Table

metadata = MetaData()

Table(
    "readings",
    metadata,
    Column("id", ch.UInt64),
    Column("tags", ch.Array(ch.String)),
    Column("large", ch.UInt64),
    Column("at", ch.DateTime64(6)),
    Column("price", ch.Decimal(18, 4)),
    engines.MergeTree(order_by="id"),
)
