"""The way from MetaData to a changed database without a project around it: for tests that take it hundreds of times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from dbwarden import dialects
from dbwarden.core.dialect import Connection, Dialect, Prefs, Scope
from dbwarden.core.file import parse
from dbwarden.core.file_writer import format
from dbwarden.core.model import Schema
from dbwarden.core.plan import Pair, ambiguous_expressions, pair, plan
from dbwarden.core.steps import Plan
from dbwarden.core.unspecified import with_initial_options
from dbwarden.models.read import read


def dialect_for(conn: Connection, name: str) -> Dialect:
    dialect = dialects.get(name)
    return dialect.for_server(dialect.server_of(conn))


def compare(conn: Connection, dialect: Dialect, metadata: sa.MetaData) -> Pair:
    """Everything in the database is taken for ours."""
    desired = dialect.canonical(read([metadata], dialect))
    schemas = sorted({ref.schema for ref in desired if ref.schema is not None})
    current = dialect.inspect(conn, Scope((None, *schemas)))
    owned = [ref for ref, item in current.items() if not item.derived]
    desired = with_initial_options(current, desired, dialect.options)
    both = pair(current, desired, owned)
    waiting = ambiguous_expressions(both)
    if waiting:
        both = pair(current, dialect.normalize_on_server(conn, both.current, desired, waiting), owned)
    return both


def planned(conn: Connection, dialect: Dialect, metadata: sa.MetaData) -> Plan:
    """The plain way: ``run`` has but one transaction."""
    return plan(compare(conn, dialect, metadata), dialect, Prefs(online=False))


def inspected(conn: Connection, dialect: Dialect) -> Schema:
    return dialect.inspect(conn, Scope((None,)))


def run(conn: Connection, dialect: Dialect, statements: Sequence[str]) -> None:
    """Through the text of a file, as users do: one transaction, inside the dialect's transaction hooks."""
    parsed = parse(
        "0001_x.sql", format(statements, ("SELECT 1",), lexical_rules=dialect.lexical_rules), dialect.lexical_rules
    )
    texts = [statement.text for statement in parsed.upgrade()]
    hooks: Any = dialect.transaction_hooks(conn, texts)
    hooks.open()
    try:
        with conn.transaction():
            for text in texts:
                if not dialect.facts(text).session:
                    conn.execute(text)
            hooks.check()
    finally:
        hooks.close()
