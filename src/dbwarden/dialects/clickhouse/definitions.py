"""Views, materialized views, dictionaries, SQL functions and named collections, as text.

The server writes the name of the database before every table. Migrations change the database of the URL only, so its name is
left out, and a file runs in a database of another name too (a sandbox).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from dbwarden.core.dialect import Server
from dbwarden.core.model import Definition, Object, Table, column_ref
from dbwarden.core.sqltext import Token
from dbwarden.core.tokens import NAMES, readable
from dbwarden.core.types import Expression, Ref

from .definition_keys import definition_key, frame, without_secrets
from .definition_reader import read
from .engine_arguments import SECRET
from .functions import Functions, called
from .words import LEXICAL_RULES, TEXT_NAMES, name_of, unescaped

View = tuple[str, str, str]
"""Kind, name and text of a view."""
_RELATIONS = ("view", "materialized_view", "dictionary")


def of_views(
    views: Iterable[View],
    tables: Mapping[str, Table],
    server: Server,
) -> Iterator[Definition]:
    """The views and dictionaries with what they read."""
    views = list(views)
    known = {name: Ref(kind, name) for kind, name, _ in views if kind in _RELATIONS}
    functions = [name for kind, name, _ in views if kind == "function"]
    known |= {name: Ref("table", name) for name in tables}
    for kind, name, sql in views:
        text = without_database(sql, server.default_schema)
        if kind == "dictionary":
            text = without_secrets(text)
        needs = frozenset(_needs(_mentioned(text) - {name}, known, tables) if kind in _RELATIONS else ())
        needs |= called(text, functions) - {Ref("function", name)}
        lost = ("the password that the server hides",) if SECRET in text else ()
        key = definition_key(kind, text)
        yield Definition(kind, name, Expression(text, key, TEXT_NAMES), needs=needs, lost=lost)


def without_database(sql: str, database: str | None) -> str:
    """``sql`` without the name of the current database before the names of tables."""
    tokens = readable(sql, LEXICAL_RULES)
    parts, end = list[str](), 0
    for at, token in enumerate(tokens[:-2]):
        if _is_name(token, database) and tokens[at + 1].text == "." and (at == 0 or tokens[at - 1].text != "."):
            parts.append(sql[end : token.start])
            end = tokens[at + 2].start
    return "".join((*parts, sql[end:]))


def _is_name(token: Token, name: str | None) -> bool:
    return token.kind in NAMES and name_of(token.text) == name


def _mentioned(sql: str) -> set[str]:
    """The names in a text; those in strings too, because a dictionary names its source so."""
    return {
        unescaped(token.text) if token.text[:1] == "'" else name_of(token.text)
        for token in readable(sql, LEXICAL_RULES)
        if token.kind in NAMES or token.text[:1] == "'"
    }


def _needs(
    names: Collection[str],
    known: Mapping[str, Ref],
    tables: Mapping[str, Table],
) -> Iterator[Ref]:
    """The tables and views of these names, and the columns of the tables."""
    for name in names:
        if name in known:
            yield known[name]
        if name in tables:
            yield from (column_ref(known[name], column) for column in tables[name].columns if column in names)


def replaceable(before: Definition, after: Definition) -> bool:
    """Whether one statement turns ``before`` into ``after``: always, but for a materialized view of another form."""
    if before.kind == "named_collection":
        return True
    if before.lost or after.lost:
        return False
    if before.kind != "materialized_view":
        return before.kind in ("view", "dictionary", "function")
    old, new = (read(item.sql.text) for item in (before, after))
    return frame(before.kind, old) == frame(after.kind, new) and ("refresh" in old.clauses) == (
        "refresh" in new.clauses
    )


def described(item: Definition, objects: Collection[Object], functions: Functions) -> Definition:
    """A declared definition with its comparison key, what it needs, and what a file would lack of it."""
    text = without_secrets(item.sql.text) if item.kind == "dictionary" else item.sql.text
    tables = {table.name: table for table in objects if isinstance(table, Table)}
    known = {other.name: other.ref for other in objects if isinstance(other, Definition) and other.kind in _RELATIONS}
    known |= {name: Ref("table", name) for name in tables}
    needs = {ref for ref in _needs(_mentioned(text) - {item.name}, known, tables) if item.kind in _RELATIONS}
    needs |= called(text, functions) - {item.ref}
    key = definition_key(item.kind, text, functions)
    lost = ("the password",) if SECRET in text else ()
    return replace(item, sql=Expression(text, key, TEXT_NAMES), needs=frozenset(needs), lost=lost)
