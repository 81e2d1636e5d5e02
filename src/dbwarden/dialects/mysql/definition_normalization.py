"""Normalising declared views, routines, triggers and events: the server prints them from a database that exists meanwhile.

1. Create a database beside the others, after those that killed runs left are dropped. A run holds a lock of the server that has
   the name of its database (``GET_LOCK``), so that others can tell.
2. Create in it the tables that the texts name, without rows and foreign keys, and the declared objects; those that the server
   refuses are tried again while others succeed. An event is created disabled, so that it does nothing.
3. Inspect it, and drop it. What the server refused stays as the models have it: the migration will report it.

Where a declaration says nothing about the account on whose behalf an object works (DEFINER, SQL SECURITY), what an existing one
has stays.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from dbwarden.core.dialect import OWN_PREFIX, Connection, Server
from dbwarden.core.model import Definition, Object, Schema, Table
from dbwarden.core.sqltext import texts
from dbwarden.core.tokens import NAMES as NAME_KINDS
from dbwarden.core.tokens import readable, unquoted
from dbwarden.core.types import Expression, Ref
from dbwarden.dialects.base.names import literal
from dbwarden.errors import DatabaseError

from . import definitions, event_times, trigger_order
from .definer import CURRENT, clause, definer, security, with_definer, with_security, without_definer
from .renderer import MySQLRenderer, for_server
from .words import LEXICAL_RULES, quote

PREFIX = f"{OWN_PREFIX}definitions_"
_BEHIND_STATUS = ("COMMENT", "DO")
_DISABLED = re.compile(r"\n    DISABLE\b|(?<=PRESERVE )DISABLE\b")
"""Of an event as inspection composes it, and as SHOW CREATE EVENT prints it."""


def normalize_definitions(
    conn: Connection, current: Schema, desired: Schema, refs: Iterable[Ref], server: Server
) -> Schema:
    """``desired`` with the definitions in ``refs`` as this server prints them. Raises ``DatabaseError``."""
    declared = [item for ref in refs if isinstance(item := desired.get(ref), Definition)]
    if not declared:
        return desired
    stated = {item.ref: _with_unstated(item, current.get(item.ref)) for item in declared}
    with _database(conn) as scratch:
        own = clause(scratch.query("SELECT CURRENT_USER()")[0][0])
        printed = _printed(scratch, tuple(stated.values()), desired, server)
    normalized = {ref: _normalized(item, printed.get(ref), current.get(ref), own) for ref, item in stated.items()}
    return Schema(normalized.get(ref, item) for ref, item in desired.items())


@contextmanager
def _database(conn: Connection) -> Iterator[Connection]:
    """A connection to an empty database with the defaults of the current one. Raises ``DatabaseError``."""
    sibling: Any = getattr(conn, "sibling", None)
    if sibling is None or conn.pooled:
        raise DatabaseError("a proxy or pooler is in between, and the server cannot be asked to print them")
    _drop_abandoned(conn)
    (session, charset, collation), *_ = conn.query(
        "SELECT CONNECTION_ID(), @@character_set_database, @@collation_database"
    )
    name = f"{PREFIX}{session}"
    conn.query(f"SELECT GET_LOCK({literal(name)}, 0)")
    try:
        conn.execute(f"CREATE DATABASE {quote(name)} CHARACTER SET {charset} COLLATE {collation}")
        other: Connection = sibling(name)
        try:
            yield other
        finally:
            other.close()
    finally:
        with suppress(DatabaseError):
            conn.execute(f"DROP DATABASE IF EXISTS {quote(name)}")
        with suppress(DatabaseError):
            conn.query(f"SELECT RELEASE_LOCK({literal(name)})")


def _drop_abandoned(conn: Connection) -> None:
    """Drop the databases of runs that have ended without that; one that may not be dropped stays."""
    rows = conn.query(f"SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE '{PREFIX}%'")
    for name in (row[0].decode() if isinstance(row[0], bytes) else str(row[0]) for row in rows):
        if conn.query(f"SELECT IS_FREE_LOCK({literal(name)})")[0][0] == 1:
            with suppress(DatabaseError):
                conn.execute(f"DROP DATABASE IF EXISTS {quote(name)}")


# -- building ---------------------------------------------------------------------------------------------------------


def _printed(
    conn: Connection, declared: Sequence[Definition], desired: Schema, server: Server
) -> Mapping[Ref, Definition]:
    """The definitions that the server accepts, as it prints them."""
    wanted = _with_needs(declared, [item for item in desired.objects() if isinstance(item, Definition)])
    mentioned = frozenset(name for item in wanted for name in _names(item.sql.text))
    tables = [item for item in desired.tables() if item.name.casefold() in mentioned]
    render = for_server(server)
    statements = [_create_table(item, render) for item in tables]
    statements += [_create(item) for item in wanted if item.kind not in ("trigger", "event")]
    statements += [_create(item) for item in wanted if item.kind == "trigger"]
    statements += [_create(item) for item in wanted if item.kind == "event"]
    _create_all(conn, statements)
    over = {item.ref for item in event_times.are_over(conn, (item for item in wanted if item.kind == "event"))}
    read = [item for item in definitions.read(conn, server) if isinstance(item, Definition)]
    texts_of = {item.ref: item.sql.text for item in declared}
    return {
        item.ref: _with_status(item, texts_of[item.ref], server)
        if item.kind == "event" and item.ref not in over
        else item
        for item in read
        if item.ref in texts_of
    }


def _with_needs(declared: Sequence[Definition], others: Iterable[Definition]) -> list[Definition]:
    """The definitions, and those that their texts name."""
    wanted = {item.ref: item for item in declared}
    waiting = list(declared)
    while waiting:
        names = _names(waiting.pop().sql.text)
        for item in others:
            if item.ref not in wanted and item.name.casefold() in names and item.kind not in ("event", "trigger"):
                wanted[item.ref] = item
                waiting.append(item)
    return list(wanted.values())


def _names(text: str) -> Collection[str]:
    """The names in a text, folded."""
    tokens = readable(text, LEXICAL_RULES)
    return frozenset(unquoted(token, LEXICAL_RULES).casefold() for token in tokens if token.kind in NAME_KINDS)


def _create_table(table: Table, render: MySQLRenderer) -> str:
    """CREATE TABLE of the columns; a column that numbers its rows would need a key."""
    columns = {name: replace(column, identity=None) for name, column in table.columns.items()}
    options = table.options.with_(auto_increment=None, partition_by=None, system_versioning=None, periods=None)
    return render.create_table(replace(table, columns=columns, options=options), [])


def _create(item: Definition) -> str:
    """CREATE of a definition on behalf of our own account; an event does nothing."""
    text = without_definer(item.sql.text)
    return _disabled(text) if item.kind == "event" else text


def _disabled(text: str) -> str:
    """CREATE EVENT with DISABLE before its comment or body, instead of what it says."""
    tokens = readable(text, LEXICAL_RULES)
    words = [token.text.upper() for token in tokens]
    end = next((at for at, word in enumerate(words) if word in _BEHIND_STATUS), len(words) - 1)
    start = next((at for at, word in enumerate(words[:end]) if word in ("ENABLE", "DISABLE")), end)
    return f"{text[: tokens[start].start]}DISABLE {text[tokens[end].start :]}"


def _create_all(conn: Connection, statements: Sequence[str]) -> None:
    """Execute the statements; those that fail again while at least one more succeeds."""
    left = 0
    waiting = list(statements)
    while waiting and len(waiting) != left:
        left, failed = len(waiting), []
        for sql in waiting:
            try:
                conn.execute(sql)
            except DatabaseError:
                failed.append(sql)
        waiting = failed


def _with_status(printed: Definition, declared: str, server: Server) -> Definition:
    """An event as the server prints it, with the state that is declared instead of the one in which it was created."""
    words = [word.upper() for word in texts(declared, LEXICAL_RULES)]
    words = words[: words.index("DO")] if "DO" in words else words
    if "DISABLE" not in words:
        text = _DISABLED.sub(lambda match: "" if match[0].startswith("\n") else "ENABLE", printed.sql.text, count=1)
    elif words[words.index("DISABLE") + 1 : words.index("DISABLE") + 2] == ["ON"]:
        place = "SLAVE" if server.flavour == "mariadb" else "REPLICA"
        text = _DISABLED.sub(lambda match: f"{match[0]} ON {place}", printed.sql.text, count=1)
    else:
        return printed
    return replace(printed, sql=definitions.expression(text))


# -- what is compared -------------------------------------------------------------------------------------------------


def _normalized(item: Definition, printed: Definition | None, existing: Object | None, own: str) -> Object:
    """The definition with the key of what the server prints; our own account is left out there, as inspection does."""
    old = existing.sql.text if isinstance(existing, Definition) else ""
    text, written = item.sql.text, definer(item.sql.text)
    shown = without_definer(text if printed is None else printed.sql.text)
    if item.kind == "trigger" and trigger_order.clause(text) is None:
        order = trigger_order.clause(old) if trigger_order.moment(old) == trigger_order.moment(text) else None
        text, shown = trigger_order.with_clause(text, order), trigger_order.with_clause(shown, order)
    key = definitions.expression(with_definer(shown, None if written in (own, clause(CURRENT)) else written)).key
    needs = item.needs | printed.needs if printed is not None else item.needs
    return replace(item, sql=Expression(text, key), needs=needs)


def _with_unstated(item: Definition, existing: Object | None) -> Definition:
    """The object with what its declaration leaves to the server, as it is in the database: on whose behalf it works."""
    if not isinstance(existing, Definition):
        return item
    text, old = item.sql.text, existing.sql.text
    text = with_security(item.kind, with_definer(text, definer(old)), security(old))
    return item if text == item.sql.text else replace(item, sql=Expression(text, definitions.expression(text).key))
