"""Catalogue queries of probing: whether an object exists, and what it consists of."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from dbwarden.core.dialect import Connection, Server
from dbwarden.core.types import Ref
from dbwarden.errors import DatabaseBusy

from .words import quote

_PAUSE = 0.1


def text(value: str) -> str:
    """A string as SQL, whatever ``sql_mode`` says about backslashes."""
    return f"CONVERT(0x{value.encode().hex()} USING utf8mb4)" if value else "''"


def qualified(ref: Ref) -> str:
    """Name of a table, with its database if the statement names one."""
    return f"{quote(ref.schema)}.{quote(ref.name)}" if ref.schema else quote(ref.name)


def database(ref: Ref) -> str:
    """SQL for the database of an object."""
    return text(ref.schema) if ref.schema else "DATABASE()"


def wait_for_other_sessions(conn: Connection, sql: str) -> None:
    """Wait until no other session executes this statement in this database, for at most ``lock_wait_timeout``. Raises
    ``DatabaseBusy``.

    The server goes on with a statement whose client has died, and shows its text until it ends.
    """
    ((own, database, limit),) = conn.query("SELECT CONNECTION_ID(), DATABASE(), @@SESSION.lock_wait_timeout")
    deadline = time.monotonic() + float(limit)
    statement = sql.strip()
    while others := [
        row[0]
        for row in conn.query("SHOW FULL PROCESSLIST")
        if row[0] != own and row[3] == database and _text(row[7]).strip() == statement
    ]:
        if time.monotonic() >= deadline:
            raise DatabaseBusy(f"Session {others[0]} still executes the interrupted statement", sqlstate="HY000")
        time.sleep(_PAUSE)


def _text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value or "")


@dataclass(frozen=True)
class Catalog:
    """What information_schema says about the objects of a statement."""

    conn: Connection
    server: Server
    _cache: dict[str, Sequence[tuple[Any, ...]]] = field(default_factory=dict)

    def _rows(self, sql: str) -> Sequence[tuple[Any, ...]]:
        if sql not in self._cache:
            self._cache[sql] = [
                tuple(_text(value) if isinstance(value, bytes) else value for value in row)
                for row in self.conn.query(sql)
            ]
        return self._cache[sql]

    def exists(self, view: str, column: str, ref: Ref, schema: str = "", condition: str = "") -> bool:
        """Whether a view of information_schema has a row of that name, in the same letter case where that matters.

        ``schema`` is the column with the database, which objects of the server do not have.
        """
        where = f" AND {schema} = {database(ref)}" if schema else ""
        more = f" AND {condition}" if condition else ""
        sql = f"SELECT {column} FROM information_schema.{view} WHERE {column} = {text(ref.name)}{where}{more}"
        return any(row[0] == ref.name or self.folds_tables for row in self._rows(sql))

    @property
    def folds_tables(self) -> bool:
        """Whether names of tables are equal in any letter case."""
        ((setting,),) = self._rows("SELECT @@lower_case_table_names")
        return bool(int(setting))

    def table(self, ref: Ref, type_: str = "") -> bool:
        """Whether a table, or an object of this ``TABLE_TYPE``, exists."""
        condition = f"TABLE_TYPE = '{type_}'" if type_ else "TABLE_TYPE NOT IN ('VIEW', 'SEQUENCE')"
        return self.exists("TABLES", "TABLE_NAME", ref, "TABLE_SCHEMA", condition)

    def columns(self, table: Ref) -> tuple[str, ...]:
        """Names of the columns, in order."""
        sql = "SELECT COLUMN_NAME FROM information_schema.COLUMNS"
        return tuple(row[0] for row in self._rows(f"{sql}{_of(table)} ORDER BY ORDINAL_POSITION"))

    def indexes(self, table: Ref) -> dict[str, tuple[bool, tuple[str, ...]]]:
        """Whether it is unique, and the columns (empty for an expression), of each index by name in lower case."""
        sql = "SELECT INDEX_NAME, NON_UNIQUE, COLUMN_NAME FROM information_schema.STATISTICS"
        indexes: dict[str, tuple[bool, tuple[str, ...]]] = {}
        for name, repeats, column in self._rows(f"{sql}{_of(table)} ORDER BY INDEX_NAME, SEQ_IN_INDEX"):
            _, columns = indexes.get(name.lower(), (False, ()))
            indexes[name.lower()] = (not int(repeats), (*columns, (column or "").lower()))
        return indexes

    def constraints(self, table: Ref) -> dict[str, str]:
        """Types of the constraints (``FOREIGN KEY``, ``CHECK``, ...) by name in lower case."""
        sql = "SELECT CONSTRAINT_NAME, CONSTRAINT_TYPE FROM information_schema.TABLE_CONSTRAINTS"
        return {name.lower(): kind for name, kind in self._rows(sql + _of(table))}

    def enforced(self, table: Ref, check: str) -> bool | None:
        """Whether a check is enforced (MySQL); ``None`` without such a check."""
        sql = "SELECT CONSTRAINT_NAME, ENFORCED FROM information_schema.TABLE_CONSTRAINTS"
        rows = [row for row in self._rows(sql + _of(table)) if row[0].lower() == check.lower()]
        return rows[0][1] == "YES" if rows else None

    def foreign_keys(self, table: Ref) -> dict[str, tuple[tuple[str, ...], str]]:
        """Columns and referenced table, in lower case, of each foreign key by name in lower case."""
        sql = "SELECT CONSTRAINT_NAME, COLUMN_NAME, REFERENCED_TABLE_NAME FROM information_schema.KEY_COLUMN_USAGE"
        keys: dict[str, tuple[tuple[str, ...], str]] = {}
        where = f"{_of(table)} AND REFERENCED_TABLE_NAME IS NOT NULL ORDER BY CONSTRAINT_NAME, ORDINAL_POSITION"
        for name, column, other in self._rows(sql + where):
            columns, _ = keys.get(name.lower(), ((), ""))
            keys[name.lower()] = ((*columns, column.lower()), other.lower())
        return keys

    def partitions(self, table: Ref) -> frozenset[str]:
        """Names of the partitions and subpartitions, in lower case."""
        sql = "SELECT PARTITION_NAME, SUBPARTITION_NAME FROM information_schema.PARTITIONS"
        rows = self._rows(f"{sql}{_of(table)} AND PARTITION_NAME IS NOT NULL")
        return frozenset(name.lower() for row in rows for name in row if name)

    def definition(self, table: str) -> str:
        """The server's CREATE TABLE of a table whose name is quoted."""
        rows = self.conn.query(f"SHOW CREATE TABLE {table}")
        return _text(rows[0][1])


def _of(table: Ref) -> str:
    return f" WHERE TABLE_SCHEMA = {database(table)} AND TABLE_NAME = {text(table.name)}"


Look: TypeAlias = Callable[[Catalog], bool | None]
"""Function that looks in the catalogue for the effect of a statement."""
