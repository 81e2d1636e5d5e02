"""Rows with a distinctive value in every column, and what a database holds: by the engines' own drivers and catalogues.

Nothing of the tool's takes part: what it says about data is judged by this.
"""

from __future__ import annotations

import json
import random
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import psycopg
from sqlalchemy.engine import make_url

ROWS = 3
_OFFSET = 4
"""Keys do not begin at 1: numbers that a column gets again are others."""
_ATTEMPTS = 600


@dataclass(frozen=True)
class Column:
    """A column as its engine describes it; ``type`` in lower case."""

    name: str
    type: str
    nullable: bool
    computed: bool
    labels: tuple[str, ...] = ()
    numbered: bool = False
    """Whether the engine numbers its rows, where the engine takes a 0 for none."""


Columns = Mapping[str, Mapping[str, Column]]
"""Columns by name, by table: ``users``, ``app.users``."""
Contents = dict[str, list[dict[str, Any]]]
"""Rows by table, each a value by column; counters of sequences that no column owns under ``sequence <name>``."""


@dataclass
class Style:
    """How rows are made: ``others`` has each column as it is on the other side of the migration."""

    others: Columns
    literals: Sequence[str] = ()
    """Strings of both schemas: what a CHECK may want."""
    checked: frozenset[str] = frozenset()
    """Words of the CHECKs of both schemas: a column among them, in lower case, may have to take another value."""
    nulls: bool = False
    """Whether one more row is empty wherever it may be."""
    seed: int = 0
    """Only with 0 texts may be longer than the other side allows; with each more, what CHECKs look at is another value."""
    values: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.values = random.Random(self.seed)


class Server:
    """One database behind one connection in autocommit mode."""

    raw: Any
    refused: ClassVar[type[Exception]]
    """What the driver raises where rows are not to a statement's liking."""

    def close(self) -> None:
        self.raw.close()

    def run(self, section: str) -> None:
        """Statements of a generated file, one after the other."""
        raise NotImplementedError

    def columns(self) -> Columns:
        raise NotImplementedError

    def insert(self, table: str, row: Mapping[str, Any]) -> bool:
        """Whether the row was taken."""
        raise NotImplementedError

    def contents(self) -> Contents:
        raise NotImplementedError

    def value(self, column: Column, other: Column, number: int, fitting: bool) -> Any:
        raise NotImplementedError

    def begin(self) -> None:
        """Before rows come in any order."""

    def end(self) -> None:
        """After the last row."""

    def fill(self, style: Style) -> None:
        """``ROWS`` rows for every table: equal numbers and types have equal values, so that references lead to rows."""
        self.begin()
        for table, columns in self.columns().items():
            others = style.others.get(table, {})
            for number in range(1, ROWS + 1):
                self._row(table, columns, others, number, style)
            if style.nulls:
                empty = {name: one for name, one in columns.items() if not one.nullable}
                self._row(table, empty, others, ROWS + 1, style)
        self.end()

    def _row(
        self, table: str, columns: Mapping[str, Column], others: Mapping[str, Column], number: int, style: Style
    ) -> None:
        wanted = {name: column for name, column in columns.items() if not column.computed}
        row = {
            name: self.value(column, others.get(name, column), number, fitting=style.seed > 0)
            for name, column in wanted.items()
        }
        if style.seed == 0 and self.insert(table, row):
            return
        for _ in range(_ATTEMPTS):
            tried = {
                name: self._another(column, row[name], style) if name.lower() in style.checked else row[name]
                for name, column in wanted.items()
            }
            if self.insert(table, tried):
                return

    def _another(self, column: Column, value: Any, style: Style) -> Any:
        if style.values.random() < 0.4:
            return value
        if style.values.random() < 0.5:
            return style.values.choice(("1", "2", "3"))
        if column.labels:
            return style.values.choice(column.labels)
        return style.values.choice([value, *map(str, range(0, 200, 7)), *style.literals])


def serve(url: str) -> Server:
    """A connection of the engine's own driver."""
    if url.startswith(("mysql", "mariadb")):
        from tests.support.filling_mysql import MySQL  # which builds on this module

        return MySQL(url)
    if url.startswith("clickhouse"):
        from tests.support.filling_clickhouse import ClickHouse

        return ClickHouse(url)
    return SQLite(url) if url.startswith("sqlite") else PostgreSQL(url)


# -- PostgreSQL ---------------------------------------------------------------------------------------------------

_COLUMNS = """SELECT CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname, a.attname,
    format_type(COALESCE(NULLIF(t.typbasetype, 0), a.atttypid),
                CASE WHEN t.typbasetype = 0 THEN a.atttypmod ELSE t.typtypmod END),
    NOT (a.attnotnull OR t.typnotnull), a.attgenerated <> '',
    ARRAY(SELECT e.enumlabel::text FROM pg_enum e
          WHERE e.enumtypid IN (a.atttypid, t.typelem) ORDER BY e.enumsortorder)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
    AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY 1, a.attnum"""
_COUNTERS = """SELECT CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname, c.oid::regclass::text
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'S' AND NOT EXISTS (
    SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i'))"""

WORDS = {
    "boolean": ("true", "false", "true", "false"),
    "date": tuple(f"2024-02-0{n}" for n in range(1, 5)),
    "time without time zone": tuple(f"0{n}:30:15.123456" for n in range(1, 5)),
    "time with time zone": tuple(f"0{n}:30:15.123456+05" for n in range(1, 5)),
    "timestamp without time zone": tuple(f"2024-02-0{n} 03:04:05.123456" for n in range(1, 5)),
    # in Europe/Berlin the first two are the same time of day: there the clocks go back
    "timestamp with time zone": tuple(f"2024-10-27 0{n}:30:05.123456+00" for n in range(4)),
    "interval": tuple(f"{n} mons 2 days 03:04:05.123456" for n in range(1, 5)),
    "uuid": tuple(f"0000000a-0000-4000-8000-00000000000{n}" for n in range(1, 5)),
    "bytea": tuple(rf"\x00ff0{n}" for n in range(1, 5)),
    "json": tuple(f'{{"b": [{n}, null], "a": "x"}}' for n in range(1, 5)),
    "inet": tuple(f"10.0.{n}.1/24" for n in range(1, 5)),
    "cidr": tuple(f"10.0.{n}.0/24" for n in range(1, 5)),
    "macaddr": tuple(f"08:00:2b:01:02:0{n}" for n in range(1, 5)),
    "macaddr8": tuple(f"08:00:2b:ff:fe:01:02:0{n}" for n in range(1, 5)),
    "hstore": tuple(f'"a"=>"{n}"' for n in range(1, 5)),
    "tsvector": tuple(f"'word{n}':1" for n in range(1, 5)),
    "tsquery": tuple(f"'word{n}'" for n in range(1, 5)),
    "money": tuple(f"{n}.25" for n in range(1, 5)),
}
_SPELLED = {
    "boolean": ("yes", "off", "t", "n"),
    "date": tuple(f"{n} February 2024" for n in range(1, 5)),
    "uuid": tuple(f"0000000A-0000-4000-8000-00000000000{n}" for n in range(1, 5)),
    "json": tuple(f'{{ "b":{n} }}' for n in range(1, 5)),
    "inet": tuple(f"10.0.0.{n}" for n in range(1, 5)),
    "bytea": tuple(f"a{n}" for n in range(1, 5)),
}
"""Texts that another type would read, and write otherwise."""
NUMBERS = frozenset(("smallint", "integer", "bigint", "numeric", "real", "double precision"))
_TEXTS = frozenset(("text", "character varying", "character", "citext", "name"))


def _name(type_: str) -> str:
    return re.sub(r"\(.*?\)", "", type_).replace("[]", "").strip()


def arguments(type_: str) -> list[int]:
    match = re.search(r"\((.*?)\)", type_)
    return [int(part) for part in match[1].split(",") if part.strip().isdigit()] if match else []


class PostgreSQL(Server):
    """Through psycopg; in a time zone with summer time, where a day's clock is not an instant."""

    refused = psycopg.Error

    def __init__(self, url: str) -> None:
        target = make_url(url).render_as_string(hide_password=False)
        self.raw = psycopg.connect(target, autocommit=True, options="-c TimeZone=Europe/Berlin")

    def run(self, section: str) -> None:
        for sql in filter(None, map(str.strip, re.split(r";\n(?=\n|\Z)", section.strip() + "\n"))):
            self.raw.execute(sql.encode())

    def columns(self) -> Columns:
        columns: dict[str, dict[str, Column]] = {}
        for table, name, type_, nullable, computed, labels in self.raw.execute(_COLUMNS):
            columns.setdefault(table, {})[name] = Column(name, type_, nullable, computed, tuple(labels))
        return columns

    def begin(self) -> None:
        self.raw.execute("SET session_replication_role = replica")
        for _, name in self.raw.execute(_COUNTERS).fetchall():
            self.raw.execute("SELECT nextval(%s::regclass) FROM generate_series(1, 2)", (name,))

    def end(self) -> None:
        self.raw.execute("RESET session_replication_role")

    def insert(self, table: str, row: Mapping[str, Any]) -> bool:
        names = ", ".join(f'"{name}"' for name in row)
        # literals of unknown type: each is read by the type of its column
        values = ", ".join("'" + str(value).replace("'", "''") + "'" for value in row.values())
        path = ".".join(f'"{part}"' for part in table.split("."))
        body = f"({names}) OVERRIDING SYSTEM VALUE VALUES ({values})" if row else "DEFAULT VALUES"
        try:
            self.raw.execute(f"INSERT INTO {path} {body}".encode())
        except psycopg.Error:
            return False
        return True

    def contents(self) -> Contents:
        contents: Contents = {}
        for table, columns in self.columns().items():
            plain = [column for column in columns.values() if not column.computed]
            listed = ", ".join(f'"{column.name}"::text' for column in plain)
            path = ".".join(f'"{part}"' for part in table.split("."))
            rows = self.raw.execute(f"SELECT {listed} FROM {path}".encode())
            contents[table] = [
                {one.name: _same(one.type, value) for one, value in zip(plain, row, strict=True)} for row in rows
            ]
        for name, regclass in self.raw.execute(_COUNTERS).fetchall():
            state = self.raw.execute(f"SELECT last_value, is_called FROM {regclass}".encode()).fetchone()
            contents[f"sequence {name}"] = [{"": state}]
        return contents

    def value(self, column: Column, other: Column, number: int, fitting: bool) -> Any:
        labels = [one for one in column.labels or other.labels if one in (other.labels or column.labels)]
        if labels:
            label = labels[(number - 1) % len(labels)]
            return f'{{"{label}", "{label}"}}' if column.type.endswith("[]") else label
        if column.type.endswith("[]"):
            each = (
                _postgresql(column.type[:-2], other.type.removesuffix("[]"), n, fitting)
                for n in (number, number % 3 + 1)
            )
            return "{" + ", ".join('"' + one.replace("\\", "\\\\").replace('"', '\\"') + '"' for one in each) + "}"
        return _postgresql(column.type, other.type, number, fitting)


def _postgresql(type_: str, other: str, number: int, fitting: bool) -> str:
    name, args, target = _name(type_), arguments(type_), _name(other) + ("[]" if other.endswith("[]") else "")
    if name in _TEXTS:
        lengths = [one[0] for one in (args, arguments(other) if fitting and target in _TEXTS else []) if one]
        return text_value(target, number)[: min(lengths, default=None)].rstrip()
    if name in NUMBERS:
        return number_value(name, args, target, number)
    if name.startswith("bit"):
        return format(number, f"0{args[0] if args else 4}b")
    if name.endswith("range"):
        return _range(name, number)
    key = "json" if name == "jsonb" else name
    return WORDS[key][number - 1] if key in WORDS else str(number)


def text_value(target: str, number: int) -> str:
    if target.endswith("[]"):
        return f"{{ {number} }}"
    if target in NUMBERS or target == "money":
        return f"00{number}"
    key = "json" if target == "jsonb" else target
    if key in _SPELLED:
        return _SPELLED[key][number - 1]
    return WORDS[key][number - 1] if key in WORDS else f"{number} it's % of what is too long elsewhere"


def number_value(name: str, args: list[int], target: str, number: int) -> str:
    if name == "numeric":
        scale = args[1] if len(args) > 1 else (0 if args else 20)
        digits = "37123456789012345678"
        more = digits[: args[0] - scale - 1] if args and target in ("real", "double precision") else ""
        return f"{number}{more}.{digits[:scale]}" if scale else f"{number}{more}"
    if name in ("real", "double precision"):
        return repr(number * 0.30000000000000004)  # 16 digits
    if target == "real" and name != "smallint":
        return str(2**24 + number)
    if target == "double precision" and name == "bigint":
        return str(2**53 + number)
    return str(number + _OFFSET)


def _range(name: str, number: int) -> str:
    if name.startswith("date"):
        bounds = f"2024-02-0{number},2024-03-01"
    elif name.startswith("ts"):
        bounds = f'"2024-02-0{number} 00:00:00","2024-03-01 00:00:00"'
    else:
        bounds = f"{number * 10},{number * 10 + 5}"
    return f"{{[{bounds})}}" if "multi" in name else f"[{bounds})"


def _same(type_: str, text: str | None) -> Any:
    """Without what the type itself does not tell apart: white space in documents, blanks behind a char."""
    if text is None:
        return None
    if type_ in ("json", "jsonb"):
        return json.dumps(json.loads(text), sort_keys=True)
    return text.rstrip(" ") if _name(type_) == "character" else text


# -- SQLite -------------------------------------------------------------------------------------------------------


class SQLite(Server):
    """Through the sqlite3 module."""

    refused = sqlite3.Error

    def __init__(self, url: str) -> None:
        self.raw = sqlite3.connect(make_url(url).database or "", isolation_level=None)

    def run(self, section: str) -> None:
        self.raw.execute("PRAGMA foreign_keys = OFF")  # what the driver begins with, whatever the last file left
        self.raw.executescript(section)

    def columns(self) -> Columns:
        names = self.raw.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
        ).fetchall()
        return {table: {column.name: column for column in self._columns(table)} for (table,) in names}

    def begin(self) -> None:
        self.raw.execute("PRAGMA foreign_keys = OFF")

    def end(self) -> None:
        assert not self.raw.execute("PRAGMA foreign_key_check").fetchall()

    def _columns(self, table: str) -> Iterator[Column]:
        rows = self.raw.execute('SELECT name, type, "notnull", pk, hidden FROM pragma_table_xinfo(?)', (table,))
        for name, type_, required, key, hidden in rows:
            yield Column(name, type_.lower(), not required and not key, hidden in (2, 3))

    def insert(self, table: str, row: Mapping[str, Any]) -> bool:
        names, places = ", ".join(f'"{name}"' for name in row), ", ".join("?" * len(row))
        body = f"({names}) VALUES ({places})" if row else "DEFAULT VALUES"
        try:
            self.raw.execute(f'INSERT INTO "{table}" {body}', tuple(row.values()))
        except sqlite3.Error:
            return False
        return True

    def contents(self) -> Contents:
        contents: Contents = {}
        for table, columns in self.columns().items():
            plain = [name for name, column in columns.items() if not column.computed]
            listed = ", ".join(f'"{name}"' for name in plain)
            rows = self.raw.execute(f'SELECT {listed} FROM "{table}"')
            contents[table] = [dict(zip(plain, row, strict=True)) for row in rows]
        return contents

    def value(self, column: Column, other: Column, number: int, fitting: bool) -> Any:
        name, kind, target = _name(column.type), affinity(column.type), affinity(other.type)
        if kind == "text":
            lengths = [one[0] for one in (arguments(column.type), arguments(other.type)) if one]
            text = f"{number} it's %" if target in ("text", "blob") else f"00{number}"
            return text[: min(lengths, default=len(text))]
        if kind == "real" or (name in ("numeric", "decimal") and not arguments(column.type)):
            return number * 0.30000000000000004
        if kind == "integer":
            return 2**53 + 1 + 2 * number if target == "real" else number + _OFFSET
        if kind == "blob":
            return bytes((0, 255, number))
        if name in ("numeric", "decimal"):
            return number + 0.37 if [*arguments(column.type), 0][1] else number
        key = {"datetime": "timestamp without time zone", "timestamp": "timestamp without time zone"}.get(name, name)
        key = "time without time zone" if key == "time" else key
        return number % 2 if name == "boolean" else WORDS[key][number - 1] if key in WORDS else number


def affinity(declared: str) -> str:
    """https://www.sqlite.org/datatype3.html, 3.1"""
    for words, class_ in ((("int",), "integer"), (("char", "clob", "text"), "text"), (("blob",), "blob")):
        if any(word in declared for word in words):
            return class_
    if not declared:
        return "blob"
    return "real" if any(word in declared for word in ("real", "floa", "doub")) else "numeric"


# -- what is lost -------------------------------------------------------------------------------------------------


def lost(before: Contents, after: Contents, gone: set[str]) -> set[str]:
    """Columns (``users.phone``) whose values are not what they were, tables in ``gone`` as a whole where they had rows."""
    names: set[str] = set()
    for table, rows in before.items():
        now = after.get(table, [])
        if table in gone:
            names.add(table)
            continue
        if len(now) < len(rows):
            names.add(table)
            continue
        values = []
        for name in rows[0] if rows else ():
            if Counter(row[name] for row in rows) == Counter(row.get(name) for row in now):
                values.append(name)
            else:
                names.add(f"{table}.{name}" if name else table)
        assert Counter(tuple(row[name] for name in values) for row in rows) == Counter(
            tuple(row[name] for name in values) for row in now
        ), f"rows of {table} are mixed up"
    return names
