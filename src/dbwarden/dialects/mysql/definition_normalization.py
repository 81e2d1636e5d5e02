"""Normalising declared views, routines, triggers and events: the server prints them from a database that exists meanwhile.

1. Create a database beside the others, after those that killed runs left are dropped. A run holds a lock of the server that has
   the name of its database (``GET_LOCK``), so that others can tell.
2. Create in it the tables that the texts name, without rows and foreign keys, and the declared objects; those that the server
   refuses are tried again while others succeed. An event is created disabled, so that it does nothing.
3. Inspect it, and drop it. What the server refused stays as the models have it: the migration will report it.

A declaration says nothing about the account on whose behalf an object works: the DEFINER that an existing one has stays.
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

from . import definitions, trigger_order
from .renderer import MySQLRenderer, for_server
from .words import LEXICAL_RULES, quote

PREFIX = f"{OWN_PREFIX}definitions_"
_DEFINER = re.compile(r"\bDEFINER\s*=\s*(`(?:[^`]|``)*`(?:@`(?:[^`]|``)*`)?|[^\s`]+)", re.IGNORECASE)
_HEAD = re.compile(r"CREATE\s+(?:ALGORITHM\s*=\s*\w+\s+)?", re.IGNORECASE)
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
    with _database(conn) as scratch:
        printed = _printed(scratch, declared, desired, server)
    normalized = {item.ref: _normalized(item, printed.get(item.ref), current.get(item.ref)) for item in declared}
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
    statements += [_create(item) for item in wanted if item.kind != "trigger"]
    statements += [_create(item) for item in wanted if item.kind == "trigger"]
    _create_all(conn, statements)
    read = definitions.read(conn, server)
    refs = {item.ref for item in declared}
    return {item.ref: item for item in read if isinstance(item, Definition) and item.ref in refs}


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
    text = item.sql.text
    if (definer := _definer(text)) is not None:
        text = re.sub(rf"DEFINER\s*=\s*{re.escape(definer)}\s*", "", text, count=1, flags=re.IGNORECASE)
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


# -- what is compared -------------------------------------------------------------------------------------------------


def _normalized(item: Definition, printed: Definition | None, existing: Object | None) -> Object:
    old = existing.sql.text if isinstance(existing, Definition) else ""
    text = _with_unstated(item, item.sql.text, old)
    if printed is None:
        return replace(item, sql=replace(item.sql, text=text)) if text != item.sql.text else item
    shown = _with_unstated(item, printed.sql.text, old)
    shown = _with_definer(shown, _definer(item.sql.text))
    if item.kind == "event" and "DISABLE" not in map(str.upper, texts(item.sql.text, LEXICAL_RULES)):
        shown = _DISABLED.sub(lambda match: "" if match[0].startswith("\n") else "ENABLE", shown, count=1)
    return replace(item, sql=Expression(text, definitions.expression(shown).key), needs=item.needs | printed.needs)


def _with_unstated(item: Definition, text: str, existing: str) -> str:
    """A text of the object with what its declaration leaves to the server, as it is in the database: the DEFINER, and the place
    of a trigger among others."""
    if _definer(item.sql.text) is None:
        text = _with_definer(text, _definer(existing))
    if item.kind == "trigger" and trigger_order.clause(item.sql.text) is None:
        text = trigger_order.with_clause(text, trigger_order.clause(existing))
    return text


def _definer(text: str) -> str | None:
    """The account in the DEFINER clause before the kind of the object."""
    head = next((line for line in text.split("\n") if line.upper().startswith("CREATE")), "")
    match = _DEFINER.search(head)
    return match[1] if match is not None and _is_clause(head[: match.start()]) else None


def _is_clause(before: str) -> bool:
    return _HEAD.fullmatch(before) is not None or before.upper().startswith("CREATE OR REPLACE")


def _with_definer(text: str, definer: str | None) -> str:
    if definer is None or _definer(text) is not None:
        return text
    return _HEAD.sub(lambda head: f"{head[0]}DEFINER={definer} ", text, count=1)
