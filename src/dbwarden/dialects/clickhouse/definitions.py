"""Views, materialized views, dictionaries and SQL functions, as text.

The server writes the name of the database before every table. Migrations change the database of the URL only, so its name is
left out, and a file runs in a database of another name too (a sandbox).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from dbwarden.core.dialect import Server
from dbwarden.core.model import Definition, column_ref
from dbwarden.core.sqltext import Token
from dbwarden.core.tokens import NAMES, readable
from dbwarden.core.types import Expression, Ref

from .definition_reader import TableDefinition, read
from .engines import SECRET
from .expressions import query_key
from .words import LEXICAL_RULES, name_of
from .words import NAMES as NAME_RULES

View = tuple[str, str, str]
"""Kind, name and text of a view."""


def of_views(views: Iterable[View], tables: Mapping[str, TableDefinition], server: Server) -> Iterator[Definition]:
    """The views and dictionaries with what they read."""
    views = list(views)
    kinds = {name: kind for kind, name, _ in views}
    for kind, name, sql in views:
        text = without_database(sql, server.default_schema)
        needs = frozenset(_needs(text, name, tables, kinds))
        lost = ("the password that the server hides",) if SECRET in text else ()
        yield Definition(kind, name, Expression(text, query_key(text), NAME_RULES), needs=needs, lost=lost)


def function(name: str, sql: str) -> Definition:
    """A function of the server, written as a lambda."""
    return Definition("function", name, Expression(sql, query_key(sql), NAME_RULES))


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


def _needs(sql: str, name: str, tables: Mapping[str, TableDefinition], kinds: Mapping[str, str]) -> Iterator[Ref]:
    """The tables and views that a text mentions, and the columns of the tables."""
    names = {name_of(token.text) for token in readable(sql, LEXICAL_RULES) if token.kind in NAMES}
    names |= {name_of(token.text) for token in readable(sql, LEXICAL_RULES) if token.text[:1] == "'"}
    for other in names - {name}:
        if other in kinds:
            yield Ref(kinds[other], other)
        elif other in tables:
            table = Ref("table", other)
            yield table
            columns = (column.name for column in tables[other].columns)
            yield from (column_ref(table, column) for column in columns if column in names)


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
