"""Inspection of views, triggers, routines, events and sequences.

One query per kind, and only for kinds that the database has. ``information_schema`` prints the body of a routine, trigger or
event without the escapes and introducers of its strings (measured on MySQL 9.7 and MariaDB 10.11), so the text of a body
with strings comes from SHOW CREATE, one statement per object; all other texts are composed from the catalogue.

An object that another account defines keeps its DEFINER; the session's own account is left out, because it is the default.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Any, NamedTuple

from dbwarden.core.dialect import OWN_PREFIX, Connection, Server
from dbwarden.core.model import Definition, Object, Schema
from dbwarden.core.model import Sequence as SequenceObject
from dbwarden.core.sqltext import split, texts
from dbwarden.core.tokens import NAMES as NAME_KINDS
from dbwarden.core.tokens import readable, unquoted
from dbwarden.core.types import DataType, Expression, Ref
from dbwarden.dialects.base.catalog import catalog_query
from dbwarden.dialects.base.names import literal
from dbwarden.errors import PermissionDenied

from . import sequence_options, types
from .definer import CURRENT, account_of, without_definer
from .definer import clause as definer_clause
from .definer import definer as definer_of
from .names import TEXT_NAMES
from .routine_privileges import privileges
from .view_text import ViewText, makes_documents
from .words import LEXICAL_RULES, quote

Row = tuple[Any, ...]
_UNREADABLE = "its text, which this account may not read"
_UNICODE = ("utf8", "utf8mb3", "utf8mb4", "ascii")
_EACH_ROW = re.compile(r"\bFOR\s+EACH\s+ROW\s+(?!FOLLOWS\b|PRECEDES\b)", re.IGNORECASE)
_MODE = "@dbwarden_sql_mode"
_ZONE = "@dbwarden_time_zone"


class _CreationSession(NamedTuple):
    """What an object gets if its text does not say otherwise."""

    database: str
    collation: str
    account: str
    sql_mode: str
    time_zone: str


def read(conn: Connection, server: Server) -> tuple[Object, ...]:
    """Text-defined objects and sequences of the current database. Raises ``DatabaseError``."""
    return tuple(_DefinitionReader(conn, server).objects())


def broken_objects(conn: Connection) -> Mapping[Ref, str]:
    """Views and triggers that use something that does not exist: both servers allow such drops."""
    return {**_broken_views(conn), **_broken_triggers(conn)}


def _broken_views(conn: Connection) -> Mapping[Ref, str]:
    """Views with the server's message."""
    names = [name for (name,) in _rows(conn, catalog_query(__package__, "view_names"))]
    if not names:
        return {}
    broken: dict[Ref, str] = {}
    for table, _, level, message in _rows(conn, f"CHECK TABLE {', '.join(map(quote, names))}"):
        database, _, name = str(table).partition(".")
        if str(level).lower() == "error":
            broken.setdefault(Ref("view", name), str(message).replace(f"{database}.", ""))
    return broken


def _broken_triggers(conn: Connection) -> Mapping[Ref, str]:
    """Triggers whose NEW or OLD names a column that their table lacks: every write to the table would fail."""
    broken: dict[Ref, str] = {}
    rows = _rows(conn, catalog_query(__package__, "trigger_columns"))
    for (name, table, body), group in groupby(rows, key=lambda row: row[:3]):
        columns = {str(column).casefold() for *_, column in group}
        tokens = readable(body, LEXICAL_RULES)
        for record, dot, column in zip(tokens, tokens[1:], tokens[2:], strict=False):
            if record.text.upper() not in ("NEW", "OLD") or dot.text != ".":
                continue
            if unquoted(column, LEXICAL_RULES).casefold() not in columns:
                reference = f"{record.text.upper()}.{column.text}"
                broken.setdefault(Ref("trigger", name, table=table), f"{table} has no column for {reference}")
    return broken


def missing_accounts(conn: Connection, schema: Schema) -> tuple[str, ...]:
    """Notes about views, routines, triggers and events whose DEFINER does not exist: the servers create them (note 1449), and
    refuse their use."""
    clauses = {item.ref: definer_of(item.sql.text) for item in schema.objects() if isinstance(item, Definition)}
    named = {ref: account_of(clause) for ref, clause in clauses.items() if clause and clause != definer_clause(CURRENT)}
    if not named:
        return ()
    try:
        rows = _rows(conn, "SELECT user, host FROM mysql.user")
    except PermissionDenied:
        return ()
    existing = {f"{user}@{host}".removesuffix("@").casefold() for user, host in rows}
    return tuple(
        f"{ref} works on behalf of {account}, which does not exist on this server: whoever uses it gets an error. Create the"
        " account before you apply the file, or declare another definer."
        for ref, account in named.items()
        if account.casefold() not in existing
    )


def _rows(conn: Connection, sql: str) -> list[Row]:
    """Rows of a query; some drivers return long texts of the catalogue as bytes."""
    return [
        tuple(value.decode() if isinstance(value, bytes | bytearray) else value for value in row)
        for row in conn.query(sql)
    ]


def expression(sql: str) -> Expression:
    """A text, compared by its tokens: a client may change the white space and the comments of a body."""
    return Expression(sql, " ".join(texts(sql, LEXICAL_RULES)), TEXT_NAMES)


def create(definition: Definition) -> tuple[str, ...]:
    """Statements of the definition, with those that set the SQL mode that it was created in, and its privileges."""
    return (*(statement.text for statement in split(definition.sql.text, LEXICAL_RULES)), *definition.dependents)


class _DefinitionReader:
    """One inspection."""

    def __init__(self, conn: Connection, server: Server) -> None:
        self.conn, self.server, self.mariadb = conn, server, server.flavour == "mariadb"
        row = _rows(conn, catalog_query(__package__, "definition_counts"))[0]
        self.session = _CreationSession(*map(str, row[:5]))
        kinds = ("views", "triggers", "routines", "events", "sequences")
        self.counts = dict(zip(kinds, map(int, row[5:]), strict=True))
        self.databases: frozenset[str] = frozenset()
        self.sequence_comments: dict[str, str] = {}
        self.view_columns: dict[str, list[str]] = {}

    def objects(self) -> Iterator[Object]:
        """All objects, those of the same kind in the order of their names."""
        if not any(self.counts.values()):
            return
        self._read_names()
        routines = self.query("routines")
        yield from self.sequences()
        yield from self.views(frozenset(row[1] for row in routines if row[0] == "FUNCTION"))
        yield from self.triggers()
        yield from self.routines(routines)
        yield from self.events()

    def _read_names(self) -> None:
        """Read names that the texts of objects need, in one query."""
        sql = catalog_query(__package__, "names")
        if self.counts["views"] and not self.mariadb:
            sql += catalog_query(__package__, "view_columns")
        rows = sorted(_rows(self.conn, sql), key=lambda row: (row[0], row[1], int(row[3])))
        self.databases = frozenset(name for kind, name, _, _ in rows if kind == "database")
        self.sequence_comments = {name: comment for kind, name, comment, _ in rows if kind == "sequence"}
        for kind, name, column, _ in rows:
            if kind == "view column":
                self.view_columns.setdefault(name, []).append(column)

    def query(self, name: str) -> Sequence[Row]:
        """Rows of a catalogue query; none, without asking the server, if the database has no such object."""
        if not self.counts[name]:
            return ()
        sql = catalog_query(__package__, name)
        return _rows(self.conn, sql.replace("NULL", "v.algorithm") if name == "views" and self.mariadb else sql)

    # -- sequences (MariaDB) ------------------------------------------------------------------------------------------

    def sequences(self) -> Iterator[Object]:
        """Sequences. Their numbers are in no catalogue, but in the sequences themselves."""
        names = [name for name in self.sequence_comments if not name.startswith(OWN_PREFIX)]
        if not names:
            return
        parts = (
            f"SELECT {literal(name)} AS name, start_value, increment, minimum_value, maximum_value, cache_size,"
            f" cycle_option FROM {quote(name)}"
            for name in names
        )
        of_type = self.sequence_types()
        for name, *numbers in _rows(self.conn, " UNION ALL ".join(parts)):
            type_ = of_type.get(str(name))
            options = sequence_options.options(type_, *map(int, numbers))
            comment = self.sequence_comments[str(name)] or None
            yield SequenceObject(str(name), type=type_, options=options, comment=comment)

    def sequence_types(self) -> dict[str, DataType]:
        """The types of the sequences that are not BIGINT."""
        if not sequence_options.has_types(self.server):
            return {}
        rows = _rows(
            self.conn,
            "SELECT sequence_name, data_type FROM information_schema.sequences"
            " WHERE sequence_schema = DATABASE() AND data_type <> 'bigint'",
        )
        return {str(name): types.parse(str(text)) for name, text in rows}

    # -- views --------------------------------------------------------------------------------------------------------

    def views(self, functions: Collection[str]) -> Iterator[Object]:
        rows = self.query("views")
        for name, text, option, definer, security, charset, algorithm in rows:
            body = ViewText.of(str(text), self.session.database, functions)
            head = "CREATE " + (f"ALGORITHM={algorithm} " if algorithm not in (None, "UNDEFINED") else "")
            head += self._definer(definer) + ("SQL SECURITY INVOKER " if security == "INVOKER" else "")
            named = self.view_columns.get(name, [])
            listed = f" ({', '.join(map(quote, named))})" if named and body.aliases != tuple(named) else ""
            tail = f"\nWITH {option} CHECK OPTION" if option != "NONE" else ""
            kind, listed = ("JSON RELATIONAL DUALITY VIEW", "") if makes_documents(body.text) else ("VIEW", listed)
            sql = f"{head}{kind} {quote(name)}{listed} AS\n{body.text}{tail}"
            needs = body.needs | self._databases(body.text)
            views = {str(row[0]) for row in rows}
            needs = frozenset(
                Ref("view", ref.name) if ref.kind == "table" and ref.name in views else ref for ref in needs
            )
            yield Definition(
                "view", name, expression(sql), needs=needs, lost=self._lost(text, charset, self.session.collation)
            )

    # -- triggers -----------------------------------------------------------------------------------------------------

    def triggers(self) -> Iterator[Object]:
        """Triggers in the order in which they fire: each but the first of a table, time and event names the one before."""
        rows = self.query("triggers")
        for _, group in groupby(rows, key=lambda row: row[1:4]):
            before: str | None = None
            for name, table, timing, event, body, mode, definer, charset, collation in group:
                on = Ref("table", table)
                order = f"FOLLOWS {quote(before)} " if before else ""
                head = f"TRIGGER {quote(name)} {timing} {event} ON {quote(table)}\nFOR EACH ROW {order}"
                text = _Body(name, body, definer, charset, collation, mode)
                sql = self._created("TRIGGER", text, f"CREATE {self._definer(definer)}{head}{body}", order)
                needs = self._databases(body) | ({Ref("trigger", before, None, table)} if before else frozenset())
                yield Definition("trigger", name, sql, on=on, needs=needs, lost=self._lost(body, charset, collation))
                before = name

    # -- routines -----------------------------------------------------------------------------------------------------

    def routines(self, rows: Sequence[Row]) -> Iterator[Object]:
        parameters: dict[tuple[str, str], list[str]] = {}
        for kind, routine, name, mode, type_, charset, collation in (
            _rows(self.conn, catalog_query(__package__, "parameters")) if rows else ()
        ):
            words = (mode if kind == "PROCEDURE" and mode != "IN" else "", quote(name))
            typed = _typed(type_, charset, collation, self.session.collation)
            parameters.setdefault((kind, routine), []).append(" ".join(filter(None, (*words, typed))))
        granted = privileges(self.conn) if rows else {}
        for row in rows:
            routine = self._routine(row, parameters.get((row[0], row[1]), []))
            yield replace(routine, dependents=tuple(granted.get((row[0], row[1]), ())))

    def _routine(self, row: Row, parameters: Sequence[str]) -> Definition:
        kind, name, type_, charset, collation, body, deterministic, access, security, comment = row[:10]
        mode, definer, client, default_collation, external = row[10:]
        words = f"AGGREGATE {kind}" if _is_aggregate(body) else kind
        head = f"CREATE {self._definer(definer)}{words} {quote(name)}({', '.join(parameters)})"
        lines = [head + (f" RETURNS {_typed(type_, charset, collation, self.session.collation)}" if type_ else "")]
        lines += ["    DETERMINISTIC"] if deterministic == "YES" else []
        lines += [f"    {access}"] if access != "CONTAINS SQL" else []
        lines += ["    SQL SECURITY INVOKER"] if security == "INVOKER" else []
        lines += [f"    COMMENT {_literal(comment)}"] if comment else []
        text = _Body(name, body, definer, client, default_collation, mode, external == "EXTERNAL")
        sql = self._created(kind, text, "\n".join((*lines, body or "")))
        lost = self._lost(body, client, default_collation)
        return Definition(str(kind).lower(), name, sql, needs=self._databases(body), lost=lost)

    # -- events -------------------------------------------------------------------------------------------------------

    def events(self) -> Iterator[Object]:
        for name, definer, zone, body, at, value, field, starts, ends, *row in self.query("events"):
            status, completion, comment, mode, charset, collation = row
            if at is not None:
                schedule = f"AT {literal(str(at))}"
            else:
                schedule = f"EVERY {value} {field} STARTS {literal(str(starts))}"
                schedule += f" ENDS {literal(str(ends))}" if ends is not None else ""
            lines = [f"CREATE {self._definer(definer)}EVENT {quote(name)}", f"    ON SCHEDULE {schedule}"]
            lines += ["    ON COMPLETION PRESERVE"] if completion == "PRESERVE" else []
            lines += [f"    {self._status(status)}"] if status != "ENABLED" else []
            lines += [f"    COMMENT {_literal(comment)}"] if comment else []
            text = _Body(name, body, definer, charset, collation, mode, zone=zone)
            sql = self._created("EVENT", text, "\n".join((*lines, f"    DO {body}")))
            lost = self._lost(body, charset, collation)
            yield Definition("event", name, sql, needs=self._databases(body), lost=lost)

    def _status(self, status: str) -> str:
        if status == "DISABLED":
            return "DISABLE"
        return "DISABLE ON SLAVE" if self.mariadb else "DISABLE ON REPLICA"

    # -- parts of texts -----------------------------------------------------------------------------------------------

    def _definer(self, definer: str) -> str:
        """DEFINER clause with a space behind it; empty for the session's own account."""
        return "" if definer == self.session.account else f"{definer_clause(definer)} "

    def _created(self, kind: str, body: _Body, composed: str, order: str = "") -> Expression:
        """The text that creates an object, in the SQL mode and time zone that it was created in."""
        sql = composed
        if body.text and (body.external or body.is_oracle or any(mark in body.text for mark in "'\"\\`#")):
            sql = self._shown(kind, body, order) or composed
        first, last = [], []
        for variable, saved, value in (("sql_mode", _MODE, body.sql_mode), ("time_zone", _ZONE, body.zone)):
            if value is not None and value != getattr(self.session, variable):
                first += [f"SET {saved} = @@{variable}", f"SET {variable} = {literal(value)}"]
                last += [f"SET {variable} = {saved}"]
        return expression(";\n".join((*first, sql, *last)) if first else sql)

    def _shown(self, kind: str, body: _Body, order: str) -> str | None:
        """The text of SHOW CREATE, without the session's own account; ``None`` if this account may not read it."""
        rows = _rows(self.conn, f"SHOW CREATE {kind} {quote(body.name)}")
        place = 3 if kind == "EVENT" else 2
        text = rows[0][place] if rows else None
        if text is None:
            return None
        if body.definer == self.session.account:
            text = without_definer(str(text))
        return _EACH_ROW.sub(lambda match: f"{match[0].rstrip()} {order}", str(text), count=1)

    def _lost(self, body: str | None, charset: str, collation: str) -> tuple[str, ...]:
        """What the text does not create again."""
        lost = []
        if not body:
            lost.append(_UNREADABLE)
        elif charset not in _UNICODE and not body.isascii():
            lost.append(f"its character set {charset}")
        if collation != self.session.collation:
            lost.append(f"the default collation {collation} that its database had")
        return tuple(lost)

    def _databases(self, body: str | None) -> frozenset[Ref]:
        """The databases that a text names before a dot, the current one included."""
        tokens = readable(body or "", LEXICAL_RULES)
        pairs = pairwise(tokens)
        names = {unquoted(token, LEXICAL_RULES) for token, dot in pairs if dot.text == "." and token.kind in NAME_KINDS}
        return frozenset(Ref("database", name) for name in names & self.databases)


@dataclass(frozen=True, slots=True)
class _Body:
    """The body of a routine, trigger or event, and the settings that it was created with."""

    name: str
    text: str | None
    definer: str
    charset: str
    collation: str
    sql_mode: str
    external: bool = False
    """Whether it is written in another language than SQL."""
    zone: str | None = None

    @property
    def is_oracle(self) -> bool:
        """Whether it is in the language of ``sql_mode=ORACLE`` (MariaDB): ``FUNCTION f RETURN INT AS``."""
        return "ORACLE" in self.sql_mode.split(",")


def _is_aggregate(body: str | None) -> bool:
    """Whether a function is a stored aggregate function (MariaDB): the catalogue does not say, but only these may, and must,
    fetch the rows of their group (errors 4105 and 4106)."""
    words = texts(body.upper(), LEXICAL_RULES) if body and "GROUP" in body.upper() else ()
    return any(tuple(words[at : at + 4]) == ("FETCH", "GROUP", "NEXT", "ROW") for at in range(len(words)))


def _typed(type_: str, charset: str | None, collation: str | None, default: str) -> str:
    """A type with its charset and collation, unless they are the database's."""
    return type_ if collation in (None, default) else f"{type_} CHARSET {charset} COLLATE {collation}"


def _literal(text: str) -> str:
    return literal(text.replace("\\", "\\\\"))
