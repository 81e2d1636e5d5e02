"""Rows and contents of ClickHouse, through clickhouse-connect."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import clickhouse_connect
from clickhouse_connect.driver.exceptions import DatabaseError

from tests.support.filling import Column, Columns, Contents, Server

_COLUMNS = """SELECT c.table, c.name, c.type, c.default_kind IN ('MATERIALIZED', 'ALIAS', 'EPHEMERAL')
FROM system.columns c JOIN system.tables t ON t.database = c.database AND t.name = c.table
WHERE c.database = currentDatabase()
    AND (t.engine LIKE '%MergeTree' OR t.engine LIKE '%Log' OR t.engine IN ('Memory', 'EmbeddedRocksDB', 'Join'))
    AND NOT startsWith(c.table, 'dbwarden_') AND NOT startsWith(c.table, '.inner') AND c.table NOT IN (
        SELECT table FROM system.columns WHERE database = currentDatabase() AND startsWith(type, 'AggregateFunction'))
ORDER BY c.table, c.position"""
_ENGINES = "SELECT name, engine FROM system.tables WHERE database = currentDatabase()"
_SETTINGS = {"mutations_sync": 2, "alter_sync": 2}
"""The server answers when all is done, also what it does in the background."""
_YEARS = ("2001", "2002", "2090", "2091")
"""Some rows are too old for a TTL, and some are not."""


class ClickHouse(Server):
    """One database. Engines that merge rows have merged them before anybody looks."""

    refused = DatabaseError

    _nullable: dict[str, list[str]] | None

    def __init__(self, url: str) -> None:
        parts, self._nullable = urlsplit(url), None
        self.raw = clickhouse_connect.get_client(
            host=parts.hostname, port=parts.port, username=parts.username, password=parts.password or "",
            database=parts.path.strip("/"), settings=_SETTINGS,
        )  # fmt: skip

    def run(self, section: str) -> None:
        for sql in filter(None, map(str.strip, re.split(r";\n(?=\n|\Z)", section.strip() + "\n"))):
            self.raw.command(sql.rstrip(";"))

    def columns(self) -> Columns:
        columns: dict[str, dict[str, Column]] = {}
        for table, name, type_, computed in self.raw.query(_COLUMNS).result_rows:
            inner = _plain(type_)
            labels = tuple(re.findall(r"'((?:[^'\\]|\\.)*)'", inner)) if inner.startswith("Enum") else ()
            columns.setdefault(table, {})[name] = Column(
                name, inner.lower(), "Nullable(" in type_, bool(computed), labels
            )
        return columns

    def insert(self, table: str, row: Mapping[str, Any]) -> bool:
        if self._nullable is None:
            columns = self.columns()
            self._nullable = {
                name: [one.name for one in columns[name].values() if one.nullable and not one.computed]
                for name in columns
            }
        row = {**dict.fromkeys(self._nullable[table], "NULL"), **row}  # not the default
        names = ", ".join(f"`{name}`" for name in row)
        try:
            self.raw.command(f"INSERT INTO `{table}` ({names}) VALUES ({', '.join(map(str, row.values()))})")
        except DatabaseError:
            return False
        return True

    def contents(self) -> Contents:
        contents: Contents = {}
        engines = dict(self.raw.query(_ENGINES).result_rows)
        for table, columns in self.columns().items():
            if engines[table].endswith("MergeTree"):
                self.raw.command(f"OPTIMIZE TABLE `{table}` FINAL")
            names = [column.name for column in columns.values() if not column.computed]
            listed = ", ".join(f"toString(`{name}`)" for name in names)
            rows = self.raw.query(f"SELECT {listed} FROM `{table}`").result_rows
            contents[table] = [dict(zip(names, row, strict=True)) for row in rows]
        return contents

    def value(self, column: Column, other: Column, number: int, fitting: bool) -> Any:
        labels = [one for one in column.labels or other.labels if one in (other.labels or column.labels)]
        if column.name == "sign":
            return "1"
        return f"'{labels[(number - 1) % len(labels)]}'" if labels else _value(column.type, other.type, number)


def _plain(type_: str) -> str:
    """The type inside Nullable and LowCardinality."""
    inner = re.fullmatch(r"(?:Nullable|LowCardinality)\((.*)\)", type_)
    return _plain(inner[1]) if inner else type_


def _value(type_: str, other: str, number: int) -> str:
    """A value that another type cannot hold, where there is such a one."""
    name, _, arguments = type_.partition("(")
    if name in ("array", "nested"):
        element = _plain(arguments[:-1])
        return f"[{_value(element, _inner(other), number)}, {_value(element, _inner(other), number % 3 + 1)}]"
    if name == "map":
        pairs = zip(arguments[:-1].split(", ", 1), other.partition("(")[2][:-1].split(", ", 1), strict=False)
        return f"map({', '.join(_value(_plain(one), _plain(two), number) for one, two in pairs)})"
    if name == "tuple":
        parts = [part.split(" ")[-1] for part in arguments[:-1].split(", ")]
        return f"({', '.join(_value(_plain(part), part, number) for part in parts)})"
    if name.startswith(("int", "uint")):
        return _whole(name, other, number)
    if name.startswith(("float", "bfloat")):
        return repr(number * 0.30000000000000004)
    if name.startswith("decimal"):
        return f"'{number}.{'37123456789'[: int(arguments[:-1].rpartition(', ')[2])]}'"
    if name == "fixedstring":
        return f"'{number}'"
    if other.startswith("array("):
        return f"'[ \\'{number}\\' ]'"
    day = f"{_YEARS[number - 1]}-02-0{number}"
    return {
        "bool": str(number % 2), "date": f"'{day}'", "date32": f"'{day}'", "datetime": f"'{day} 03:04:05'",
        "datetime64": f"'{day} 03:04:05.123456'", "uuid": f"'0000000a-0000-4000-8000-00000000000{number}'",
        "ipv4": f"'10.0.{number}.1'", "ipv6": f"'2001:db8::{number}'", "json": f"""'{{"a": {number}}}'""",
        "point": f"({number}, {number})",
    }.get(name, f"'00{number}'" if other.startswith(("int", "uint", "float", "decimal")) else f"'{number} it''s'")  # fmt: skip


def _inner(type_: str) -> str:
    return _plain(type_.partition("(")[2][:-1]) if type_.startswith("array(") else type_


def _whole(name: str, other: str, number: int) -> str:
    """The largest numbers, if the other type is smaller; negative ones, if it has no sign."""
    size, other_size = (int(re.sub(r"\D", "", one.partition("(")[0]) or 0) for one in (name, other))
    if name.startswith("int") and other.startswith("uint"):
        return str(-number)
    if other.startswith(("int", "uint")) and other_size <= size and name != other:
        return str(2 ** (size - (not name.startswith("u"))) - number)
    if other.startswith("float"):
        return str(min(2 ** (size - 1), 2**54) - number * 2 + 1) if size > 32 else str(number + 4)
    return str(number + 4)
