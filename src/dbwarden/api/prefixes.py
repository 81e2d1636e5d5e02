"""Models with a schema on a database without schemas: ``audit.log`` is called ``audit__log`` there."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sqlalchemy import Engine, MetaData, event

_TOKEN = re.compile(
    r"""'(?:[^']|'')*'|(?P<schema>"(?:[^"]|"")+"|[A-Za-z_]\w*)\.(?P<table>"(?:[^"]|"")+"|[A-Za-z_]\w*)|--[^\n]*|"(?:[^"]|"")+"|\w+"""
)


def use_schema_prefixes(engine: Engine, *metadatas: MetaData) -> None:
    """Let the models of ``metadatas`` work on the dev database: their tables are found under the names they have there.

    What SQLAlchemy sends through ``engine`` from then on says ``audit__log`` for the table ``log`` of the schema
    ``audit``; literals and other names stay. For an ``AsyncEngine`` give its ``sync_engine``.
    """
    known = {
        (table.schema, table.name): f"{table.schema}__{table.name}"
        for metadata in metadatas
        for table in metadata.tables.values()
        if table.schema
    }
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
