"""What a database of MySQL or MariaDB consists of, as its server writes it, and copies of that.

Neither engine copies a database. The statements of SHOW CREATE and INSERT ... SELECT do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pymysql

    Connection = pymysql.Connection[Any]

_TABLES = {"BASE TABLE": "TABLE", "SYSTEM VERSIONED": "TABLE", "SEQUENCE": "SEQUENCE", "VIEW": "VIEW"}
_REST = """
SELECT routine_type, routine_name FROM information_schema.routines WHERE routine_schema = DATABASE()
UNION ALL SELECT 'TRIGGER', trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE()
UNION ALL SELECT 'EVENT', event_name FROM information_schema.events WHERE event_schema = DATABASE()
"""
_STORED_COLUMNS = """
SELECT table_name, column_name FROM information_schema.columns
WHERE table_schema = DATABASE() AND COALESCE(generation_expression, '') = '' ORDER BY table_name, ordinal_position
"""


@dataclass(frozen=True)
class Object:
    """A table, view, sequence, routine, trigger or event."""

    kind: str
    """The word after CREATE and DROP."""
    name: str
    sql: str
    """The statement that creates it; names of its own database stand without one."""
    sql_mode: str = ""
    """The SQL mode that it was created in, if the server stores that."""


def query(connection: Connection, sql: str) -> tuple[tuple[Any, ...], ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return tuple(cursor.fetchall())


def quote(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def objects(connection: Connection) -> list[Object]:
    """The objects of the current database: sequences before tables, everything else after them."""
    tables = [(_TABLES[kind], name) for name, kind in query(connection, "SHOW FULL TABLES") if kind in _TABLES]
    tables.sort(key=lambda item: ("SEQUENCE", "TABLE", "VIEW").index(item[0]))
    rest = [(kind, name) for kind, name in query(connection, _REST)]
    views = [item for item in tables if item[0] == "VIEW"]
    return [_object(connection, *item) for item in (*tables[: len(tables) - len(views)], *rest, *views)]


def _object(connection: Connection, kind: str, name: str) -> Object:
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW CREATE {kind} {quote(name)}")
        (values,) = cursor.fetchall()
        row = {column[0]: value for column, value in zip(cursor.description, values, strict=True)}
    sql = next(value for key, value in row.items() if key.startswith("Create ") or key == "SQL Original Statement")
    return Object(kind, name, sql, row.get("sql_mode", ""))


def copy(connection: Connection, source: str, target: str) -> None:
    """Fill the empty database ``target`` with the objects and rows of ``source``; history of rows is left behind."""
    connection.select_db(source)
    existing = objects(connection)
    stored: dict[str, list[str]] = {}
    for table, column in query(connection, _STORED_COLUMNS):
        stored.setdefault(table, []).append(quote(column))
    modes = query(connection, "SELECT @@sql_mode, @@foreign_key_checks, @@unique_checks")[0]
    connection.select_db(target)
    query(connection, "SET foreign_key_checks = 0, unique_checks = 0, sql_mode = 'NO_AUTO_VALUE_ON_ZERO'")
    try:
        tables = [item for item in existing if item.kind in ("SEQUENCE", "TABLE")]
        for item in tables:
            query(connection, item.sql.replace(f"{quote(source)}.", f"{quote(target)}."))
        for item in tables:
            _copy_rows(connection, item, source, stored[item.name])
        _create(connection, [item for item in existing if item not in tables])
    finally:
        query(connection, "SET sql_mode = '{}', foreign_key_checks = {}, unique_checks = {}".format(*modes))


def _copy_rows(connection: Connection, table: Object, source: str, columns: Iterable[str]) -> None:
    place, name = quote(source), quote(table.name)
    if table.kind == "SEQUENCE":
        (following,) = query(connection, f"SELECT next_not_cached_value FROM {place}.{name}")[0]
        query(connection, f"ALTER SEQUENCE {name} RESTART WITH {following}")
        return
    listed = ", ".join(columns)
    query(connection, f"INSERT INTO {name} ({listed}) SELECT {listed} FROM {place}.{name}")


def _create(connection: Connection, items: Iterable[Object]) -> None:
    """Create objects whose order is unknown: one that misses another comes again."""
    waiting, error = list(items), Exception()
    while waiting:
        missing = []
        for item in waiting:
            query(connection, f"SET sql_mode = '{item.sql_mode}'")
            try:
                query(connection, item.sql)
            except connection.Error as missed:
                error, missing = missed, [*missing, item]
        if len(missing) == len(waiting):
            raise error
        waiting = missing
