"""Views, materialized views and dictionaries, as text.

The server writes the name of the database before every table. Migrations change the database of the URL only, so its name is
left out, and a file runs in a database of another name too (a sandbox).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from dbwarden.core.dialect import Server
from dbwarden.core.model import Definition, Table, column_ref
from dbwarden.core.sqltext import Token
from dbwarden.core.tokens import NAMES, readable
from dbwarden.core.types import Expression, Ref

from .definition_reader import read
from .engines import SECRET
from .expressions import query_key
from .words import LEXICAL_RULES, name_of, unescaped
from .words import NAMES as NAME_RULES

View = tuple[str, str, str]
"""Kind, name and text of a view."""


def of_views(
    views: Iterable[View],
    tables: Mapping[str, Table],
    server: Server,
) -> Iterator[Definition]:
    """The views and dictionaries with what they read."""
    views = list(views)
    known = {name: Ref(kind, name) for kind, name, _ in views}
    known |= {name: Ref("table", name) for name in tables}
    for kind, name, sql in views:
        text = without_database(sql, server.default_schema)
        needs = frozenset(_needs(_mentioned(text) - {name}, known, tables))
        lost = ("the password that the server hides",) if SECRET in text else ()
        yield Definition(kind, name, Expression(text, query_key(text), NAME_RULES), needs=needs, lost=lost)


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


def query_of(sql: str) -> str:
    """The query of a view."""
    return read(sql).clauses.get("as", "")


def only_query_differs(before: Definition, after: Definition) -> bool:
    """Whether two materialized views with a target differ in nothing but their query."""
    if before.kind != "materialized_view" or after.kind != "materialized_view":
        return False
    old, new = (dict(read(item.sql.text).clauses) for item in (before, after))
    old.pop("as", None), new.pop("as", None)
    return "to" in old and old == new
