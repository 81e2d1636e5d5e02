"""Inspection of a database: one query of ``information_schema`` per kind of object (``catalog/*.sql``), whatever the number
of tables.

The servers report the same things differently. A default is a value on MySQL, unless the column's EXTRA says
DEFAULT_GENERATED, and an expression on MariaDB. Expressions have their quotes escaped on MySQL. A JSON column of MariaDB is
LONGTEXT with a check that belongs to the column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from typing import Any

from dbwarden.core import kinds
from dbwarden.core.dialect import Connection, Scope, Server
from dbwarden.core.model import (
    Check,
    Column,
    Computed,
    Definition,
    ForeignKey,
    Identity,
    Index,
    IndexElement,
    Member,
    Object,
    PrimaryKey,
    Schema,
    Table,
)
from dbwarden.core.options import NO_OPTIONS, Options
from dbwarden.core.own_tables import without_own
from dbwarden.core.types import DataType, Expression, Ref
from dbwarden.dialects.base.catalog import catalog_query
from dbwarden.errors import PermissionDenied, Unsupported

from . import canonical, definitions, partitioning, privileges, roles, types
from .expressions import expression, key, latin1_restored, readable, unescaped, with_backticks
from .periods import NO_PERIODS, Periods, may_be_period
from .periods import read as read_periods
from .server_version import as_text
from .view_text import ViewText
from .words import quote, string_literal

Row = tuple[Any, ...]
_first = itemgetter(0)
_JSON = DataType("json")
_PARSER = re.compile(r"FULLTEXT KEY `((?:[^`]|``)+)` \([^\n]*\).*?WITH PARSER `?(\w+)`?")
_BYTES = re.compile(r"(?:var)?binary\((\d+)\)")
_BINARY_DEFAULT = re.compile(
    r"^  `((?:[^`]|``)+)` (?:var)?binary\(\d+\)[^\n']*? DEFAULT ('(?:[^'\\]|''|\\.)*'|0x[0-9A-F]*)", re.MULTILINE
)
_OPTION = re.compile(r"`?(\w+)`?=('(?:[^']|'')*'|\"[^\"]*\"|\S+)")


def inspect(conn: Connection, scope: Scope, server: Server) -> Schema:
    """Canonical schema of the current database, in at most fourteen queries.

    Raises ``Unsupported`` for another database, and without a current one.
    """
    for schema in scope.schemas:
        if schema not in (None, server.default_schema):
            raise Unsupported(
                feature=f"database {schema!r}",
                dialect=server.product or server.flavour,
                reason="migrations change the database of the URL only",
                hint="Remove schema= from the model, or configure that database as one of its own.",
            )
    return canonical.canonical(without_own(Schema(read(conn, scope, server))), server)


def read(conn: Connection, scope: Scope, server: Server) -> list[Object]:
    """Objects as the catalogue describes them, not yet canonical."""
    reader = SchemaReader(conn, server)
    tables = list(reader.tables())
    objects: list[Object] = [*tables, *reader.members()]
    if scope.definitions:
        objects += definitions.read(conn, server)
    if scope.definitions and scope.accounts:
        objects = [_without_privileges(item) for item in objects]
        objects += privileges.inspect(conn, server, [item.ref for item in objects if not isinstance(item, Member)])
        objects += roles.inspect(conn, server)
    return objects


def _without_privileges(item: Object) -> Object:
    """A routine without the statements of its privileges, which are definitions of their own."""
    routine = isinstance(item, Definition) and kinds.of(item.kind).is_routine
    return replace(item, dependents=()) if routine and isinstance(item, Definition) else item


def _system_period(columns: Mapping[str, Column]) -> str | None:
    """The period of a system-versioned table whose columns have names."""
    ends = {column.computed.expression.text: name for name, column in columns.items() if column.computed is not None}
    if "ROW START" not in ends or "ROW END" not in ends:
        return None
    return f"PERIOD FOR SYSTEM_TIME ({quote(ends['ROW START'])}, {quote(ends['ROW END'])})"


def _may_be_cut(row: Row) -> bool:
    """Whether the default of a column may have more bytes than the catalogue shows: up to the length of its type."""
    length, shown = _BYTES.fullmatch(row[2]), row[4] or ""
    constant = shown.startswith("0x") and "DEFAULT_GENERATED" not in (row[5] or "")
    return length is not None and constant and len(shown) < 2 + 2 * int(length[1])


def _is_generated(name: str, table: str, label: str) -> bool:
    """Whether a constraint has the form of the names that the server makes: RENAME TABLE renames it too (measured on MySQL 9.7
    and, for foreign keys, MariaDB 10.11)."""
    number = name[len(table) + len(label) + 2 :]
    return name.casefold() == f"{table}_{label}_{number}".casefold() and number.isdecimal()


class SchemaReader:
    """One inspection of the current database."""

    def __init__(self, conn: Connection, server: Server) -> None:
        self.conn, self.server = conn, server
        self.mariadb = server.flavour == "mariadb"
        self.ansi = self.mariadb and "ANSI_QUOTES" in (server.settings.get("sql_mode") or "")
        self.collations: dict[str, str] = {}
        self.checks: dict[str, list[Row]] = {}
        self.systems: dict[tuple[str, str], str] = {}
        self.bytes: dict[tuple[str, str], str] = {}
        """Defaults of columns of bytes, where the catalogue does not have them as they are."""
        self.periods: dict[str, Periods] = {}

    def query(self, name: str) -> Sequence[Row]:
        """Rows of a catalogue query."""
        return [tuple(map(as_text, row)) for row in self.conn.query(catalog_query(__package__, name))]

    # -- tables -------------------------------------------------------------------------------------------------------

    def tables(self) -> Iterator[Table]:
        rows = self.query("tables")
        if not rows:
            return
        self.collations = {row[0]: row[4] for row in rows}
        for check in self.read_checks():
            self.checks.setdefault(check[0], []).append(check)
        columns = self.columns()
        partitions = (
            partitioning.clauses(self.query("partitions")) if any("partitioned" in row[5] for row in rows) else {}
        )
        for row in rows:
            own = columns.get(row[0], {})
            periods = ", ".join(filter(None, (*self.read_periods(row[0], own).clauses, _system_period(own))))
            options = self.table_options(row).with_(partition_by=partitions.get(row[0]), periods=periods or None)
            yield Table(row[0], own, comment=row[6] or None, options=options)

    def columns(self) -> dict[str, dict[str, Column]]:
        """The columns of each table. MariaDB reports the reference systems of geometries elsewhere, and slowly."""
        rows = [row for row in self.query("columns") if row[0] in self.collations]
        if self.mariadb and any(types.parse(row[2]).name in types.SPATIAL for row in rows):
            self.systems = {(row[0], row[1]): row[2] for row in self.query("reference_systems")}
        if self.mariadb:
            self.bytes = self.unreadable_defaults(rows)
        else:
            self.bytes = self.binary_defaults(dict.fromkeys(row[0] for row in rows if _may_be_cut(row)))
        return {name: {row[1]: self.column(row) for row in group} for name, group in groupby(rows, _first)}

    def binary_defaults(self, tables: Iterable[str]) -> dict[tuple[str, str], str]:
        """Constants of columns of bytes, by table and column. The catalogue cuts them at a zero byte (MySQL 9.7), so they come
        from SHOW CREATE TABLE, one query per table that has one shorter than its column."""
        return {
            (table, name.replace("``", "`")): default
            for table in tables
            for name, default in _BINARY_DEFAULT.findall(self.shown(table))
        }

    def unreadable_defaults(self, rows: Sequence[Row]) -> dict[tuple[str, str], str]:
        """Constants of columns of bytes that are not UTF-8, by table and column: MariaDB's catalogue has a question mark for
        each, and SHOW CREATE TABLE bytes that a driver cannot decode. One query for all, if there are any.

        ``DEFAULT()`` in a row that an outer join adds is the default of a column; of one that is NOT NULL only if the condition
        of the join is on another such column (10.11 and 11.8), else NULL.
        """
        unreadable = [row for row in rows if _BYTES.fullmatch(row[2]) and "?" in (row[4] or "")]
        queries = []
        for table, name, _, nullable, *_rest in unreadable:
            others = (row[1] for row in rows if row[0] == table and row[3] == "NO" and row[1] != name)
            other = next(others, None) if nullable == "NO" else None
            condition = f"t.{quote(other)} IS NULL" if other else "FALSE"
            source = f"(SELECT 1 AS one) AS one LEFT JOIN {quote(table)} AS t ON {condition}"
            name_literals = f"{string_literal(table)}, {string_literal(name)}"
            queries.append(f"SELECT {name_literals}, HEX(DEFAULT(t.{quote(name)})) FROM {source}")
        try:
            answer = self.conn.query(" UNION ALL ".join(queries)) if queries else []
        except PermissionDenied:  # the account may read the catalogue only
            return {}
        return {(as_text(table), as_text(name)): f"0x{as_text(value)}" for table, name, value in answer if value}

    def shown(self, table: str) -> str:
        """The text of SHOW CREATE TABLE."""
        return str(as_text(self.conn.query(f"SHOW CREATE TABLE {quote(table)}")[0][1]))

    def read_periods(self, table: str, columns: Mapping[str, Column]) -> Periods:
        """Application-time periods, which only SHOW CREATE TABLE has; not asked where no check looks like one."""
        if self.mariadb and any(may_be_period(row[2], columns) for row in self.checks.get(table, ())):
            self.periods[table] = read_periods(self.shown(table))
        return self.periods.get(table, NO_PERIODS)

    def read_checks(self) -> Iterator[Row]:
        """Table, name, condition, whether it is enforced and whether it belongs to a column, for each check."""
        clauses: dict[str, str] = {}  # a schema of MySQL has no two checks of one name
        for name, table, clause, enforced, of_column in self.query("checks"):
            if table is None:
                clauses[name] = clause
            else:
                clause = clause if clause is not None else clauses[name]
                yield table, name, with_backticks(clause) if self.ansi else clause, enforced, of_column

    def table_options(self, row: Row) -> Options:
        """Options of a table: its engine and collation, and what CREATE_OPTIONS lists."""
        values: dict[str, str | None] = {"engine": row[2], "collate": row[4]}
        for name, value in _OPTION.findall(row[5] or ""):
            values[name.lower()] = value[1:-1] if value[0] in "'\"" else value
        if row[1] == "SYSTEM VERSIONED":
            values["system_versioning"] = "true"
        return Options.of(values)

    def column(self, row: Row) -> Column:
        table, name, text, nullable, default, extra, collation, comment, generation, srid = row[:10]
        extra, srid = extra or "", srid or self.systems.get((table, name))
        type_, collation = types.parse(text), collation if collation != self.collations[table] else None
        if self.mariadb and type_.name == "longtext" and self.is_json(table, name):
            type_, collation = _JSON, None
        computed = None
        if generation and "GENERATED" in extra:
            computed = Computed(expression(self.server_text(generation)), "STORED" in extra)
        on_update = extra.lower().partition("on update ")[2].split(",")[0].removesuffix(" invisible").strip()
        return Column(
            name,
            type_,
            nullable == "YES",
            self.default(row, type_) if default is not None and computed is None else None,
            Identity("auto_increment") if "auto_increment" in extra else None,
            computed,
            collation,
            comment or None,
            self.column_options(on_update, extra, srid),
            needs=self.sequences(default or ""),
        )

    def column_options(self, on_update: str, extra: str, srid: str | None) -> Options:
        if not (on_update or srid) and "VISIBLE" not in extra and "VERSIONING" not in extra:
            return NO_OPTIONS
        return Options.of(
            {
                "on_update": on_update or None,
                "invisible": "true" if "INVISIBLE" in extra else None,
                "srid": srid,
                "without_system_versioning": "true" if "WITHOUT SYSTEM VERSIONING" in extra else None,
            }
        )

    def is_json(self, table: str, column: str) -> bool:
        """Whether a LONGTEXT is what MariaDB makes of JSON: one with a check of its own for validity."""
        wanted = key(f"json_valid({column})")
        return any(row[1] == column and row[4] == "1" and key(row[2]) == wanted for row in self.checks.get(table, ()))

    def default(self, row: Row, type_: DataType) -> Expression:
        """The default of a column as an expression."""
        text, extra = row[4], row[5] or ""
        if constant := self.bytes.get((row[0], row[1])):
            return Expression(constant)
        if self.mariadb:
            return Expression(self.mariadb_default(text).text)
        if "DEFAULT_GENERATED" in extra:
            return Expression(unescaped(latin1_restored(text)))
        plain = text[:2] in ("b'", "0x") and type_.name not in canonical.TEXTS
        return Expression(text if plain else string_literal(text))

    def mariadb_default(self, text: str) -> ViewText:
        """A default without the database that stands before each sequence (``nextval(`d`.`s`)``), and the sequences, as
        relations that it needs."""
        text = with_backticks(text) if self.ansi else text
        if "`.`" not in text:
            return ViewText(text, (), frozenset())
        return ViewText.of(text, self.server.default_schema or "", frozenset())

    def sequences(self, default: str) -> frozenset[Ref]:
        """The sequences that a default uses."""
        needs = self.mariadb_default(default).needs if self.mariadb else ()
        return frozenset(Ref("sequence", ref.name) for ref in needs)

    def server_text(self, text: str) -> str:
        """An expression of the catalogue without the escapes and introducers that the server adds.

        MariaDB prints names in the quotes of the session's ``sql_mode``.
        """
        if self.ansi:
            text = with_backticks(text)
        return readable(text if self.mariadb else unescaped(latin1_restored(text)))

    # -- members ------------------------------------------------------------------------------------------------------

    def members(self) -> Iterator[Member]:
        if not self.collations:
            return
        rows = self.query("indexes")
        parsers = self.parsers(dict.fromkeys(row[0] for row in rows if row[6] == "FULLTEXT"))
        for (table, name), group in groupby(rows, itemgetter(0, 1)):
            if table in self.collations:
                yield self.index(Ref("table", table), name, list(group), parsers.get((table, name)))
        for rows in self.checks.values():
            yield from self.table_checks(rows)
        yield from self.foreign_keys()

    def parsers(self, tables: Iterable[str]) -> dict[tuple[str, str], str]:
        """Parsers of FULLTEXT indexes, by table and index. Only SHOW CREATE TABLE has them, one query per table; on a
        server without such plugins there are none."""
        if not tables or not self.query("parsers"):
            return {}
        parsers = {}
        for table in tables:
            for name, parser in _PARSER.findall(self.shown(table)):
                parsers[table, name.replace("``", "`")] = parser
        return parsers

    def index(self, table: Ref, name: str, rows: Sequence[Row], parser: str | None) -> Member:
        period = self.periods.get(table.name, NO_PERIODS).keys.get(name)
        rows = rows[:-2] if period is not None else rows  # the last two are the columns of the period
        if name == "PRIMARY":
            options = Options.of({"without_overlaps": period})
            return PrimaryKey(table, None, tuple(row[3] for row in rows), implicit=True, options=options)
        first = rows[0]
        options = Options.of(
            {"invisible": "true" if first[8] == "1" else None, "parser": parser, "without_overlaps": period}
        )
        method = first[6].lower()
        return Index(
            table,
            name,
            tuple(map(self.element, rows)),
            unique=first[2] == "0",
            method=None if method == "btree" else method,
            comment=first[7] or None,
            options=options,
        )

    def element(self, row: Row) -> IndexElement:
        length = int(row[5]) if row[5] is not None else None
        if row[3] is None:
            return IndexElement(None, expression(self.server_text(row[9])), row[4] == "D")
        return IndexElement(row[3], descending=row[4] == "D", length=length)

    def table_checks(self, rows: Sequence[Row]) -> Iterator[Check]:
        for table, name, clause, enforced, of_column in rows:
            if table not in self.collations or (of_column == "1" and self.is_json(table, name)):
                continue
            if name in self.periods.get(table, NO_PERIODS).names:
                continue
            options = NO_OPTIONS if enforced == "YES" else Options.of({"not_enforced": "true"})
            yield Check(
                Ref("table", table),
                name,
                expression(self.server_text(clause)),
                options=options,
                in_column=name if of_column == "1" else None,
                named_after_table=_is_generated(name, table, "chk"),
            )

    def foreign_keys(self) -> Iterator[ForeignKey]:
        for (table, name), group in groupby(self.query("foreign_keys"), itemgetter(0, 1)):
            (_, _, _, schema, referred, on_update, on_delete), *pairs = group
            if table in self.collations:
                yield ForeignKey(
                    Ref("table", table),
                    name,
                    tuple(pair[3] for pair in pairs),
                    Ref("table", referred, schema),
                    tuple(pair[4] for pair in pairs),
                    on_update.lower(),
                    on_delete.lower(),
                    named_after_table=_is_generated(name, table, "ibfk"),
                )
