"""Paths of replicated tables in Keeper, which make replicas of tables: equal paths are one table.

When a table is created, the server replaces ``{database}`` and ``{table}`` in its path and keeps ``{shard}``, ``{replica}``
and ``{uuid}``; for a table without a path it writes ``default_replica_path`` and ``default_replica_name``. Before 20.10 it
kept all of them (measured on 26.9 and 18.16).
"""

from __future__ import annotations

import re

from dbwarden.core.sqltext import Token, TokenKind
from dbwarden.core.tokens import readable

from .engine_arguments import same_arguments
from .expressions import split
from .words import LEXICAL_RULES

_MACRO = re.compile(r"\\\{(database|table|uuid)\\\}")
_VALUES = {"database": r"[^/]+", "table": r"[^/]+", "uuid": r"(?:\{uuid\}|[0-9a-f-]{36})"}
"""What may stand for a macro in the path of an existing table, which keeps its path when it is renamed."""
_ENGINE = re.compile(r"Replicated\w*MergeTree")


def same_engine(existing: str, stated: str) -> bool:
    """Whether the engine of an existing table is what the models state, with the path that the server has made of it."""
    if existing != stated and same_arguments(existing, stated):
        return True
    name, path, rest = _parts(existing)
    stated_name, stated_path, stated_rest = _parts(stated)
    if (name, rest) != (stated_name, stated_rest) or not _ENGINE.fullmatch(name) or not path:
        return False
    return not stated_path or all(map(_matches, path, stated_path))


def _parts(engine: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """The name, path and replica if they are stated, and the other arguments."""
    name, _, arguments = engine.partition("(")
    values = tuple(split(arguments[:-1])) if arguments else ()
    has_path = len(values) >= 2 and all(value[:1] == "'" for value in values[:2])
    return name, values[:2] if has_path else (), values[2:] if has_path else values


def _matches(existing: str, stated: str) -> bool:
    pattern = _MACRO.sub(lambda match: _VALUES[match[1]], re.escape(stated))
    return re.fullmatch(pattern, existing) is not None


# -- scratch databases ------------------------------------------------------------------------------------------------


def isolated(sql: str, database: str) -> str:
    """A statement with paths of its own for a scratch database.

    With the paths as they are, its tables would be further replicas of the real ones, and a dropped column be dropped there.
    """
    for token in reversed(_paths(sql)):
        sql = f"{sql[: token.end - 1]}{_suffix(database)}{sql[token.end - 1 :]}"
    return sql


def restored(sql: str, database: str) -> str:
    """The inverse of ``isolated``."""
    return sql.replace(f"{_suffix(database)}'", "'")


def _suffix(database: str) -> str:
    return f"_{database}"


def _paths(sql: str) -> list[Token]:
    if "Replicated" not in sql:
        return []
    tokens = readable(sql, LEXICAL_RULES)
    return [
        tokens[at + 2]
        for at in range(len(tokens) - 2)
        if _ENGINE.fullmatch(tokens[at].text) and tokens[at + 1].text == "(" and tokens[at + 2].kind is TokenKind.STRING
    ]
