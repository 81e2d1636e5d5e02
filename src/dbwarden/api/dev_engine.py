"""The user's own models on a dev database of another engine: their tables by the names that they have there, and their
values in types that engine does not have."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sqlalchemy import Engine, MetaData, event

from dbwarden import dialects
from dbwarden.core.types import Ref

_TOKEN = re.compile(
    r"""'(?:[^']|'')*'|(?P<schema>"(?:[^"]|"")+"|[A-Za-z_]\w*)\.(?P<table>"(?:[^"]|"")+"|[A-Za-z_]\w*)|--[^\n]*|"(?:[^"]|"")+"|\w+"""
)


def use_dev_database(engine: Engine, *metadatas: MetaData) -> None:
    """Let models that are written for another engine work on the dev database, as far as it can keep what they hold.

    Lists, ranges, intervals, addresses and moments with a time zone go in and come out as they do in production. The
    tables of ``metadatas`` that have a schema are found under the names they have there: what SQLAlchemy sends through
    ``engine`` from then on says ``audit__log`` for the table ``log`` of the schema ``audit``.

    Call it before the engine is first used; for an ``AsyncEngine`` give its ``sync_engine``. Where the engine is that of
    production, nothing changes.
    """
    translator = dialects.translator(engine.dialect.name)
    if translator is None:
        return
    # An attribute of this instance: other engines of the same dialect stay as they are.
    engine.dialect.colspecs = {**engine.dialect.colspecs, **translator.colspecs()}
    known = {}
    for table in (table for metadata in metadatas for table in metadata.tables.values() if table.schema):
        here = translator.ref(Ref("table", table.name, table.schema))
        if here is not None:
            known[table.schema or "", table.name] = here.name
    if known:
        _listen(engine, known)


def _listen(engine: Engine, known: dict[tuple[str, str], str]) -> None:
    rewrite = _rewriter(known)

    def before(_conn: Any, _cursor: Any, sql: str, parameters: Any, _context: Any, _many: bool) -> tuple[str, Any]:
        return rewrite(sql), parameters

    event.listen(engine, "before_cursor_execute", before, retval=True)


def _rewriter(known: dict[tuple[str, str], str]) -> Callable[[str], str]:
    def name(found: re.Match[str]) -> str:
        if found["schema"] is None:
            return found[0]
        there = known.get((_bare(found["schema"]), _bare(found["table"])))
        return found[0] if there is None else '"' + there.replace('"', '""') + '"'

    @lru_cache(maxsize=1024)
    def rewrite(sql: str) -> str:
        return _TOKEN.sub(name, sql)

    return rewrite


def _bare(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
