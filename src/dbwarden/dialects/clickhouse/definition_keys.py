"""Comparison keys of views, materialized views, dictionaries and named collections.

The columns of a view are those of its query, and the server writes a definer into refreshable views: neither is compared.
Passwords are compared as the server shows them.
"""

from __future__ import annotations

from itertools import pairwise

from dbwarden.core.options import Options
from dbwarden.core.sqltext import TokenKind
from dbwarden.core.tokens import readable

from .definition_reader import TableDefinition, read
from .engines import SECRET, canonical_clauses
from .expressions import query_key
from .functions import Functions, expanded, function_key
from .words import LEXICAL_RULES, unescaped

_ENGINE_CLAUSES = ("engine", "order_by", "partition_by", "primary_key", "sample_by", "ttl", "settings")
_SECRETS = frozenset(("PASSWORD", "CREDENTIALS", "SECRET_ACCESS_KEY"))


def definition_key(kind: str, sql: str, functions: Functions | None = None, query: str | None = None) -> str:
    """Key of a statement of CREATE; ``query`` is the query of a view in another spelling."""
    if kind == "function":
        return function_key(sql)
    if kind == "named_collection":
        return " ".join(sorted(collection_keys(sql)))
    if kind == "dictionary":
        return query_key(without_secrets(sql))
    definition = read(sql)
    text = query if query is not None else expanded(definition.clauses.get("as", ""), functions or {})
    return f"{frame(kind, definition)} {refresh(definition)} AS {query_key(text)}"


def frame(kind: str, definition: TableDefinition) -> str:
    """Everything about a view but its query, its comment and the time of its refresh."""
    clauses = definition.clauses
    parts = [kind, "APPEND" if _appends(definition) else ""]
    if "to" in clauses:
        parts.append(f"TO {query_key(clauses['to'])}")
    elif kind == "materialized_view":
        options = Options.of({name: clauses.get(name) for name in _ENGINE_CLAUSES})
        parts += (f"{name} {value}" for name, value in canonical_clauses(options, None))
    return " ".join(filter(None, parts))


def refresh(definition: TableDefinition) -> str:
    """When a view is refreshed, and its comment."""
    time, depends, views = definition.clauses.get("refresh", "").partition("DEPENDS")
    text = f"{query_key(time).upper()} {depends}{query_key(views)}".strip().removesuffix("APPEND").strip()
    return " ".join(filter(None, (text and f"REFRESH {text}", definition.comment and f"COMMENT {definition.comment}")))


def _appends(definition: TableDefinition) -> bool:
    return definition.clauses.get("refresh", "").upper().split()[-1:] == ["APPEND"]


def without_secrets(sql: str) -> str:
    """A dictionary's definition with passwords as the server shows them."""
    tokens = readable(sql, LEXICAL_RULES)
    parts, end = list[str](), 0
    for token, value in pairwise(tokens):
        if token.text.upper() in _SECRETS and value.kind is TokenKind.STRING:
            parts += (sql[end : value.start], f"'{SECRET}'")
            end = value.end
    return "".join((*parts, sql[end:]))


def collection_keys(sql: str) -> tuple[str, ...]:
    """The keys in the definition of a named collection."""
    tokens = readable(sql, LEXICAL_RULES)
    named = (token.text for token, sign in pairwise(tokens) if sign.text == "=")
    return tuple(unescaped(text) if text[:1] in "`\"'" else text for text in named)


def without_values(sql: str) -> str:
    """The statement that creates a named collection, with a mark for each value."""
    return sql.replace(f"'{SECRET}'", "'...'")
