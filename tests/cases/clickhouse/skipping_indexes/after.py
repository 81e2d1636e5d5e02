from clickhouse_connect.cc_sqlalchemy import engines
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Column, MetaData, Table

from dbwarden.objects import SkippingIndex, TableProjection

metadata = MetaData()

Table(
    "t",
    metadata,
    Column("id", ch.UInt64),
    Column("s", ch.String),
    Column("a", ch.Array(ch.Float32)),
    engines.MergeTree(order_by="id"),
    SkippingIndex("smallest", "(id, length(s))"),
    SkippingIndex("few", "s", type="set(100)", granularity=2),
    SkippingIndex("bloom", "lower(s)", type="bloom_filter"),
    SkippingIndex("bloom_rate", "s", type="bloom_filter(0.01)", granularity=4),
    SkippingIndex("grams", "s", type="ngrambf_v1(3, 256, 2, 0)"),
    SkippingIndex("tokens", "s", type="tokenbf_v1(256, 2, 0)"),
    SkippingIndex("words", "s", type="text(tokenizer = 'splitByNonAlpha')"),
    SkippingIndex("near", "a", type="vector_similarity('hnsw', 'L2Distance', 2)", granularity=1000),
    TableProjection("by_s", "SELECT s, count() GROUP BY s", settings="index_granularity = 128"),
    TableProjection("sorted", "SELECT id, s ORDER BY s"),
)
