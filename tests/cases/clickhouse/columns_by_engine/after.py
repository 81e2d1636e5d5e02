from clickhouse_connect.cc_sqlalchemy import types as ch
from sqlalchemy import Column, MetaData, Table

from dbwarden.objects import TableClauses

metadata = MetaData()


def table(name: str, engine: str, **clauses: str) -> Table:
    columns = Column("id", ch.UInt64), Column("n", ch.UInt32), Column("new", ch.String, server_default="x")
    return Table(name, metadata, *columns, TableClauses(engine=engine, **clauses))


table("base", "MergeTree", order_by="id")
table("by_log", "Log")
table("by_tiny_log", "TinyLog")
table("by_stripe_log", "StripeLog")
table("in_memory", "Memory")
table("nowhere", "Null")
table("by_key", "EmbeddedRocksDB", primary_key="id")
table("buffered", "Buffer(currentDatabase(), base, 1, 10, 100, 10000, 1000000, 10000000, 100000000)")
table("everywhere", "Distributed(alone, currentDatabase(), base)")
table("merged", "Merge(currentDatabase(), '^base$')")
