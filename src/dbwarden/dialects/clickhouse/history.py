"""DBWarden's own tables on ClickHouse: MergeTree tables to which rows are only ever appended.

In a database of the engine ``Replicated`` they are replicated, so that every node has all rows. ClickHouse Cloud
makes shared tables of plain ones by itself.
"""

from __future__ import annotations

from collections.abc import Mapping

from dbwarden.core.dialect import Server
from dbwarden.core.own_tables import COLUMNS, LOCK, OwnTables
from dbwarden.dialects.base.names import block


def history_ddl(table: str, tables: OwnTables, types: Mapping[str, str], server: Server) -> tuple[str, ...]:
    """CREATE TABLE for one of our own tables; none for the lock, which is created where it is kept (``lock``)."""
    if table == LOCK:
        return ()
    engine = "ReplicatedMergeTree" if server.settings.get("database_engine") == "Replicated" else "MergeTree"
    columns = tuple(f"{name} {_type(declared, types)}" for name, declared in COLUMNS[table])
    return (block(f"CREATE TABLE IF NOT EXISTS {tables.name(table)} (", columns, f") ENGINE = {engine} ORDER BY id"),)


def _type(declared: str, types: Mapping[str, str]) -> str:
    """The type for a column as ``core.own_tables`` declares it."""
    if declared.startswith("serial"):
        return "UInt64"
    word, _, rest = declared.partition(" ")
    return types[word] if rest or word == "owner" else f"Nullable({types[word]})"
