from clickhouse_connect.cc_sqlalchemy import engines
from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Column, MetaData, Table

from dbwarden.objects import Dictionary

metadata = MetaData()
Table(
    "prices",
    metadata,
    Column("id", ch.UInt64),
    Column("kind", ch.String),
    Column("first", ch.Date),
    Column("last", ch.Date),
    engines.MergeTree(order_by="id"),
)


def dictionary(name: str, columns: str, **clauses: object) -> Dictionary:
    return Dictionary(name, columns, metadata=metadata, **{"primary_key": "id", "lifetime": 300, **clauses})


SOURCE = "CLICKHOUSE(TABLE 'prices')"
dictionary("layouts", "id UInt64, kind String", source=SOURCE, layout="HASHED(SHARDS 2)")
dictionary("lifetimes", "id UInt64, kind String", source=SOURCE, layout="FLAT", lifetime=0)
dictionary(
    "sources",
    "id UInt64, kind String",
    source="clickhouse(query 'SELECT id, kind FROM prices' invalidate_query 'SELECT max(id) FROM prices')",
    layout="HASHED",
)
dictionary(
    "ranges",
    "id UInt64, first Date, last Date, kind String",
    source=SOURCE,
    layout="RANGE_HASHED(range_lookup_strategy 'max')",
    range="min first max last",
)
dictionary(
    "settings",
    "id UInt64, kind String",
    source=SOURCE,
    layout="FLAT",
    settings="max_threads = 2, max_block_size = 100",
    comment="it's new",
)
dictionary(
    "attributes",
    "id UInt64, up UInt64 HIERARCHICAL, kind String DEFAULT 'x' EXPRESSION upper(kind), key UInt64 expression id injective",
    source="CLICKHOUSE(QUERY 'SELECT id, id AS up, kind FROM prices')",
    layout="HASHED",
)
dictionary("same", "`id` UInt64, kind String DEFAULT ''", source="CLICKHOUSE(TABLE 'prices')", layout="FLAT")
dictionary("by_link", "id UInt64, kind String", source="HTTP(url 'http://localhost/x' format 'CSV')", layout="FLAT")
dictionary(
    "by_program",
    "kind String, id UInt64",
    source="EXECUTABLE(command 'cat /x' format 'TabSeparated')",
    primary_key="kind",
    layout="COMPLEX_KEY_CACHE(SIZE_IN_CELLS 1000)",
)
dictionary("direct", "id UInt64, kind String", source=SOURCE, layout="DIRECT", lifetime=None)
