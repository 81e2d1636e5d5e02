"""Comparison keys of views, materialized views, dictionaries and named collections.

The columns of a view are those of its query, and the server writes a definer into refreshable views: neither is compared.
Passwords are compared as the server shows them.
"""

from __future__ import annotations

import re
from itertools import pairwise

from dbwarden.core.options import Options
from dbwarden.core.sqltext import TokenKind
from dbwarden.core.tokens import readable

from . import view_columns
from .definition_reader import TableDefinition, read
from .engine_arguments import SECRET, hidden_in_url
from .engines import canonical_clauses
from .expressions import query_key
from .functions import Functions, expanded, function_key
from .words import LEXICAL_RULES, unescaped

_ENGINE_CLAUSES = ("engine", "order_by", "partition_by", "primary_key", "sample_by", "ttl", "settings")
_SECRETS = frozenset(("PASSWORD", "CREDENTIALS", "SECRET_ACCESS_KEY", "VALUE"))
"""Words of a source before a secret. The server shows headers and connection strings, and passwords in URLs of HTTP."""
_PASSWORD = re.compile(r"(?:pwd|password)\s*=", re.IGNORECASE)


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
    """Everything about a view but its query, its comment and the time of its refresh; of its columns what the query does not
    say."""
    clauses = definition.clauses
    parts = [kind, _mode(definition)]
    if "to" in clauses:
        parts.append(f"TO {query_key(clauses['to'])}")
    elif kind == "materialized_view":
        options = Options.of({name: clauses.get(name) for name in _ENGINE_CLAUSES})
        parts += (f"{name} {value}" for name, value in canonical_clauses(options, None))
        parts += view_columns.own_properties(definition)
    return " ".join(filter(None, parts))


def refresh(definition: TableDefinition) -> str:
    """When a view is refreshed, and its comment."""
    time, depends, views = definition.clauses.get("refresh", "").partition("DEPENDS")
    text = f"{query_key(time).upper()} {depends}{query_key(views)}".strip()
    for word in _MODES:
        text = text.removesuffix(word).strip()
    return " ".join(filter(None, (text and f"REFRESH {text}", definition.comment and f"COMMENT {definition.comment}")))


_MODES = ("APPEND", "INCREMENTAL")
"""Last words of REFRESH, which no ALTER changes."""


def _mode(definition: TableDefinition) -> str:
    last = definition.clauses.get("refresh", "").upper().split()[-1:]
    return last[0] if last and last[0] in _MODES else ""


def without_secrets(sql: str) -> str:
    """A dictionary's definition with passwords as the server shows them."""
    tokens = readable(sql, LEXICAL_RULES)
    parts, end = list[str](), 0
    for token, value in pairwise(tokens):
        if value.kind is TokenKind.STRING and _is_secret(token.text.upper(), value.text):
            parts += (sql[end : value.start], f"'{SECRET}'")
            end = value.end
    return hidden_in_url("".join((*parts, sql[end:])))


def _is_secret(word: str, value: str) -> bool:
    return word in _SECRETS or (word == "CONNECTION_STRING" and _PASSWORD.search(value) is not None)


def collection_keys(sql: str) -> tuple[str, ...]:
    """The keys in the definition of a named collection."""
    tokens = readable(sql, LEXICAL_RULES)
    named = (token.text for token, sign in pairwise(tokens) if sign.text == "=")
    return tuple(unescaped(text) if text[:1] in "`\"'" else text for text in named)


def without_values(sql: str) -> str:
    """The statement that creates a named collection, with a mark for each value."""
    return sql.replace(f"'{SECRET}'", "'...'")
