from enum import Enum

from clickhouse_connect.cc_sqlalchemy import engines
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Column, MetaData, Table

metadata = MetaData()


class State(Enum):
    NEW = 1
    PAID = 2


Table(
    "readings",
    metadata,
    Column("id", ch.UInt64),
    Column("small", ch.Int16),
    Column("kind", ch.String),
    Column("state", ch.Enum8(State)),
    Column("price", ch.Decimal(10, 2)),
    Column("at", ch.DateTime),
    Column("tags", ch.Array(ch.String)),
    engines.MergeTree(order_by="id"),
)
