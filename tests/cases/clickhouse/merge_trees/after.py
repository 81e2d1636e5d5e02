from clickhouse_connect.cc_sqlalchemy import engines
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Column, MetaData, Table

metadata = MetaData()

Table(
    "people",
    metadata,
    Column("id", ch.UInt64),
    Column("version", ch.UInt32),
    engines.ReplacingMergeTree(ver="version", order_by="id"),
)
Table(
    "deleted",
    metadata,
    Column("id", ch.UInt64),
    Column("version", ch.UInt32),
    Column("gone", ch.UInt8),
    engines.ReplacingMergeTree(ver="version", is_deleted="gone", order_by="id"),
)
Table(
    "summed",
    metadata,
    Column("id", ch.UInt64),
    Column("a", ch.UInt64),
    Column("b", ch.UInt64),
    engines.SummingMergeTree(columns=("a", "b"), order_by="id"),
)
Table("summed_all", metadata, Column("id", ch.UInt64), Column("a", ch.UInt64), engines.SummingMergeTree(order_by="id"))
Table(
    "aggregated",
    metadata,
    Column("id", ch.UInt64),
    Column("a", ch.AggregateFunction("uniq", ch.String)),
    engines.AggregatingMergeTree(order_by="id"),
)
Table(
    "collapsed",
    metadata,
    Column("id", ch.UInt64),
    Column("sign", ch.Int8),
    engines.CollapsingMergeTree(sign="sign", order_by="id", partition_by="id % 8"),
)
Table(
    "collapsed_by_version",
    metadata,
    Column("id", ch.UInt64),
    Column("sign", ch.Int8),
    Column("version", ch.UInt8),
    engines.VersionedCollapsingMergeTree(sign="sign", version="version", order_by="id"),
)
Table(
    "rolled_up",
    metadata,
    Column("Path", ch.String),
    Column("Time", ch.DateTime),
    Column("Value", ch.Float64),
    Column("Timestamp", ch.UInt32),
    engines.GraphiteMergeTree(config_section="graphite_rollup", order_by=("Path", "Time")),
)
