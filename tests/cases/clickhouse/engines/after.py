from clickhouse_connect.cc_sqlalchemy import engines
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Column, MetaData, Table

from dbwarden.objects import TableClauses

metadata = MetaData()

Table("by_log", metadata, Column("id", ch.UInt64), engines.Log())
Table("in_memory", metadata, Column("id", ch.UInt64), engines.Memory())
Table("nowhere", metadata, Column("id", ch.UInt64), engines.Null())
Table("in_set", metadata, Column("id", ch.UInt64), engines.Set())
Table("joined", metadata, Column("id", ch.UInt64), TableClauses(engine="Join(ANY, LEFT, id)"))
Table("linked", metadata, Column("id", ch.UInt64), TableClauses(engine="URL('http://localhost/x.csv', 'CSV')"))
Table(
    "collapsing",
    metadata,
    Column("id", ch.UInt64),
    Column("sign", ch.Int8),
    engines.CollapsingMergeTree(sign="sign", order_by="id"),
)
Table(
    "versioned",
    metadata,
    Column("id", ch.UInt64),
    Column("sign", ch.Int8),
    Column("version", ch.UInt32),
    engines.VersionedCollapsingMergeTree(sign="sign", version="version", order_by="id"),
)
Table(
    "added",
    metadata,
    Column("id", ch.UInt64),
    Column("n", ch.UInt64),
    engines.SummingMergeTree(order_by="id", columns=("n",)),
)
Table(
    "states",
    metadata,
    Column("id", ch.UInt64),
    Column("n", ch.AggregateFunction("sum", ch.UInt64)),
    Column("m", ch.SimpleAggregateFunction("max", ch.UInt64)),
    engines.AggregatingMergeTree(order_by="id"),
)
