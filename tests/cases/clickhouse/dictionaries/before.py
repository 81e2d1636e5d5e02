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
dictionary("layouts", "id UInt64, kind String", source=SOURCE, layout="FLAT")
dictionary("lifetimes", "id UInt64, kind String", source=SOURCE, layout="FLAT", lifetime="MIN 1 MAX 20")
dictionary("sources", "id UInt64, kind String", source=SOURCE, layout="HASHED")
dictionary(
    "ranges",
    "id UInt64, first Date, last Date, kind String",
    source=SOURCE,
    layout="RANGE_HASHED",
    range="MIN first MAX last",
)
dictionary(
    "settings", "id UInt64, kind String", source=SOURCE, layout="FLAT", settings={"max_threads": 1}, comment="old"
)
dictionary("attributes", "id UInt64, kind String", source=SOURCE, layout="HASHED")
dictionary("same", "id UInt64, kind String DEFAULT ''", source="clickhouse(table 'prices')", layout="flat()")
dictionary("gone", "id UInt64, kind String", source=SOURCE, layout="FLAT", comment="it's gone")
