"""Rows and contents of MySQL and MariaDB, through PyMySQL."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pymysql

from tests.servers import mysql_family
from tests.servers.mysql_objects import query, quote
from tests.support import filling
from tests.support.filling import Column, Columns, Contents, Server

_COLUMNS = """SELECT c.table_name, c.column_name, {type}, c.is_nullable = 'YES',
    COALESCE(c.generation_expression, '') <> '', {srid}, c.extra LIKE '%auto_increment%'
FROM information_schema.columns c JOIN information_schema.tables t
    ON t.table_schema = c.table_schema AND t.table_name = c.table_name
WHERE c.table_schema = DATABASE() AND t.table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')
ORDER BY c.table_name, c.ordinal_position"""
_OF_MARIADB = {
    # which has JSON as text with a CHECK
    "type": """CASE WHEN EXISTS (
        SELECT 1 FROM information_schema.check_constraints k WHERE k.constraint_schema = c.table_schema
        AND k.table_name = c.table_name AND k.check_clause = CONCAT('json_valid(`', c.column_name, '`)')
    ) THEN 'json' ELSE c.column_type END""",
    "srid": "NULL",
}
_COUNTERS = """SELECT table_name FROM information_schema.tables
WHERE table_schema = DATABASE() AND table_type = 'SEQUENCE'"""

_SHARED = {
    "tinyint": "smallint",
    "smallint": "smallint",
    "mediumint": "smallint",
    "int": "integer",
    "bigint": "bigint",
    "decimal": "numeric",
    "float": "real",
    "double": "double precision",
    "datetime": "timestamp without time zone",
    "timestamp": "timestamp without time zone",
    "time": "time without time zone",
    **dict.fromkeys("char varchar tinytext text mediumtext longtext".split(), "text"),
    **dict.fromkeys("binary varbinary tinyblob blob mediumblob longblob".split(), "bytea"),
}
"""Types that have a counterpart elsewhere, whose values they take."""
_SHAPES = {
    "point": "POINT({n} {n})",
    "geometry": "POINT({n} {n})",
    "linestring": "LINESTRING({n} {n}, 9 9)",
    "polygon": "POLYGON((0 0, 0 {n}, {n} {n}, 0 0))",
    "multipoint": "MULTIPOINT({n} {n}, 9 9)",
    "multilinestring": "MULTILINESTRING(({n} {n}, 9 9))",
    "multipolygon": "MULTIPOLYGON(((0 0, 0 {n}, {n} {n}, 0 0)))",
    "geometrycollection": "GEOMETRYCOLLECTION(POINT({n} {n}))",
}
_OWN = {
    "date": "2024-02-0{n}",
    "year": "200{n}",
    "json": '{{"b": [{n}, null], "a": "x"}}',
    "uuid": "0000000a-0000-4000-8000-00000000000{n}",
    "inet4": "10.0.{n}.1",
    "inet6": "2001:db8::{n}",
}


class MySQL(Server):
    """One database of either flavour."""

    refused = pymysql.MySQLError

    def __init__(self, url: str) -> None:
        self.raw = mysql_family.connect(url)
        self._mariadb = urlsplit(url).scheme == "mariadb"

    def run(self, section: str) -> None:
        for sql in filter(None, map(str.strip, re.split(r";\n(?=\n|\Z)", section.strip() + "\n"))):
            query(self.raw, sql)

    def columns(self) -> Columns:
        columns: dict[str, dict[str, Column]] = {}
        own = _OF_MARIADB if self._mariadb else {"type": "c.column_type", "srid": "c.srs_id"}
        for table, name, type_, nullable, computed, place, numbered in query(self.raw, _COLUMNS.format(**own)):
            type_ = type_.decode() if isinstance(type_, bytes) else type_
            listed = re.findall(r"'((?:[^']|'')*)'", type_) if type_.startswith(("enum", "set")) else ()
            labels = [label.replace("''", "'") for label in listed]
            type_ = f"{type_} srid {place}" if place else type_
            columns.setdefault(table, {})[name] = Column(
                name, type_.lower(), bool(nullable), bool(computed), tuple(labels), bool(numbered)
            )
        return columns

    def begin(self) -> None:
        query(self.raw, "SET foreign_key_checks = 0")
        for name in self._counters():
            query(self.raw, f"SELECT NEXTVAL({quote(name)})")

    def end(self) -> None:
        query(self.raw, "SET foreign_key_checks = 1")

    def _counters(self) -> list[str]:
        return [name for (name,) in query(self.raw, _COUNTERS)] if self._mariadb else []

    def insert(self, table: str, row: Mapping[str, Any]) -> bool:
        names = ", ".join(quote(name) for name in row)
        places = ", ".join(value.place if isinstance(value, _Called) else "%s" for value in row.values())
        values = [value.text if isinstance(value, _Called) else value for value in row.values()]
        try:
            with self.raw.cursor() as cursor:
                cursor.execute(f"INSERT INTO {quote(table)} ({names}) VALUES ({places})", values)
        except pymysql.MySQLError:
            return False
        return True

    def contents(self) -> Contents:
        contents: Contents = {}
        for table, columns in self.columns().items():
            plain = [column for column in columns.values() if not column.computed]
            listed = ", ".join(map(_read, plain))
            contents[table] = [
                {one.name: _same(one.type, value) for one, value in zip(plain, row, strict=True)}
                for row in query(self.raw, f"SELECT {listed} FROM {quote(table)}")
            ]
        for name in self._counters():
            state = query(self.raw, f"SELECT next_not_cached_value, cycle_count FROM {quote(name)}")
            contents[f"sequence {name}"] = [{"": state}]
        return contents

    def value(self, column: Column, other: Column, number: int, fitting: bool) -> Any:
        labels = [one for one in column.labels or other.labels if one in (other.labels or column.labels)]
        if labels:
            label = labels[(number - 1) % len(labels)]
            return label if column.labels or fitting else label.upper()  # which an ENUM stores as it spells it
        if other.numbered and not column.numbered and number == 1 and not fitting:
            return "0"
        name, args = _base(column.type), filling.arguments(column.type)
        shared, target = _SHARED.get(name), _SHARED.get(_base(other.type), _base(other.type))
        if shared == "text":
            lengths = [one[0] for one in (args, filling.arguments(other.type) if fitting else []) if one]
            return filling.text_value(target, number)[: min(lengths, default=None)].rstrip()
        if shared == "bytea":
            return bytes((0, 255, number))[: min(args, default=None)]
        if shared in filling.NUMBERS:
            return (
                str(number % 2) if column.type == "tinyint(1)" else filling.number_value(shared, args, target, number)
            )
        if shared:
            return filling.WORDS[shared][number - 1]
        return _own(name, column.type, args, number)


class _Called:
    """A value that a function makes of a text."""

    def __init__(self, place: str, text: str) -> None:
        self.place, self.text = place, text


def _read(column: Column) -> str:
    """What to select; drivers take some bytes for text."""
    base = _base(column.type)
    digits = base in _SHAPES or base in ("bit", "vector") or _SHARED.get(base) == "bytea"
    return f"HEX({quote(column.name)})" if digits else quote(column.name)


def _base(type_: str) -> str:
    return re.match(r"\w+", type_)[0]  # type: ignore[index]


def _own(name: str, type_: str, args: list[int], number: int) -> Any:
    if name in _SHAPES:
        place = re.search(r"srid (\d+)", type_)
        return _Called(f"ST_GeomFromText(%s, {place[1] if place else 0})", _SHAPES[name].format(n=number))
    if name == "vector":
        return _Called("STRING_TO_VECTOR(%s)", str([number] * (args or [2048])[0]))
    if name == "bit":
        return number % 2 ** (args or [1])[0]
    return _OWN[name].format(n=number) if name in _OWN else str(number)


def _same(type_: str, value: Any) -> Any:
    """Without what the type itself does not tell apart: white space in documents."""
    if value is None:
        return None
    if type_ == "json":
        return json.dumps(json.loads(value), sort_keys=True)
    return str(value)
