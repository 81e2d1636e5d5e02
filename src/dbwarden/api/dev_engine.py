"""Adaptation of an SQLAlchemy engine, so that models written for another engine work on the dev database."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sqlalchemy import Engine, MetaData, event

from dbwarden import dialects
from dbwarden.core.dialect import Dialect
from dbwarden.core.sqltext import TokenKind, words
from dbwarden.core.tokens import unquoted
from dbwarden.core.types import Ref

_NAMES = (TokenKind.WORD, TokenKind.IDENTIFIER)


def use_dev_database(engine: Engine, *metadatas: MetaData) -> None:
    """Let models that are written for another engine work on the dev database.

    Arrays, ranges, intervals, network addresses and times with a zone are stored and returned as in production. Tables of
    ``metadatas`` in a schema get their names on the dev database: from then on, SQLAlchemy sends ``audit__log`` through
    ``engine`` for the table ``log`` of the schema ``audit``.

    Call it before the engine is first used; for an ``AsyncEngine``, pass its ``sync_engine``. With production's engine it
    does nothing.
    """
    translator = dialects.translator(engine.dialect.name)
    if translator is None:
        return
    # Set on this instance, so that other engines of the same dialect do not change.
    engine.dialect.colspecs = {**engine.dialect.colspecs, **translator.colspecs()}
    known = {}
    for table in (table for metadata in metadatas for table in metadata.tables.values() if table.schema):
        here = translator.ref(Ref("table", table.name, table.schema))
        if here is not None:
            known[table.schema or "", table.name] = here.name
    if known:
        _listen(engine, known, dialects.get(engine.dialect.name))


def _listen(engine: Engine, known: dict[tuple[str, str], str], dialect: Dialect) -> None:
    rewrite = _rewriter(known, dialect)

    def before(_conn: Any, _cursor: Any, sql: str, parameters: Any, _context: Any, _many: bool) -> tuple[str, Any]:
        return rewrite(sql), parameters

    event.listen(engine, "before_cursor_execute", before, retval=True)


def _rewriter(known: dict[tuple[str, str], str], dialect: Dialect) -> Callable[[str], str]:
    schemas = {schema for schema, _ in known}

    @lru_cache(maxsize=1024)
    def rewrite(sql: str) -> str:
        if not any(schema in sql for schema in schemas):
            return sql
        tokens = list(words(sql, dialect.lexical_rules))
        text, end = "", 0
        for schema, point, table in zip(tokens, tokens[1:], tokens[2:], strict=False):
            if point.text == "." and schema.kind in _NAMES and table.kind in _NAMES:
                here = known.get((unquoted(schema, dialect.lexical_rules), unquoted(table, dialect.lexical_rules)))
                if here is not None:
                    text, end = f"{text}{sql[end : schema.start]}{dialect.quote(here)}", table.end
        return text + sql[end:]

    return rewrite
