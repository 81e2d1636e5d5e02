from enum import Enum

from clickhouse_connect.cc_sqlalchemy import engines
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Column, MetaData, Table

metadata = MetaData()


class State(Enum):
    NEW = 1
    PAID = 2
    SENT = 3


Table(
    "readings",
    metadata,
    Column("id", ch.UInt64),
    Column("small", ch.Int64),
    Column("kind", ch.LowCardinality(ch.String)),
    Column("state", ch.Enum8(State)),
    Column("price", ch.Decimal(18, 4)),
    Column("at", ch.DateTime64(3)),
    Column("tags", ch.Array(ch.LowCardinality(ch.String))),
    engines.MergeTree(order_by="id"),
)
