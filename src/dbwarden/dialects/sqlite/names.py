"""Names of another engine's tables and indexes in SQLite."""

from __future__ import annotations

from dbwarden.core.dialect import Dialect
from dbwarden.core.sqltext import fold_case


def prefixed(name: str, namespace: str | None) -> str:
    """Name with its namespace as a prefix, because SQLite has no namespaces: ``audit__log``."""
    return f"{namespace}__{name}" if namespace else name


def index_name(name: str, table: str, source: Dialect) -> str:
    """Name of an index: SQLite's are unique in the database. If those of ``source`` are unique in their table only, the name
    gets the table's as a prefix, unless it already contains it: ``users_email``, but ``ix_users_email``."""
    shared = any("index" in kinds and "table" in kinds for kinds in source.features.shared_names)
    folded_name, folded_table = fold_case(name), fold_case(table)
    if shared or (folded_name != folded_table and f"_{folded_table}_" in f"_{folded_name}_"):
        return name
    return f"{table}_{name}"
