"""Identifiers: quoting, truncation, and the names that PostgreSQL generates."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from dbwarden.core.types import Ref
from dbwarden.dialects.base.names import Quoting

MAX_BYTES = 63

# pg_get_keywords(), version 17: names of columns and tables with catcode R or T are quoted, those of types and functions
# also with C.
RESERVED = frozenset(
    """all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create
    current_catalog current_date current_role current_time current_timestamp current_user default deferrable desc
    distinct do else end except false fetch for foreign from
    grant group having in initially intersect into lateral leading limit
    localtime localtimestamp not null offset on only or order placing primary references returning select session_user
    some symmetric system_user table then to trailing true union unique user using variadic when where window with
    authorization binary collation concurrently cross current_schema freeze full ilike inner is isnull join left like
    natural notnull outer overlaps right similar tablesample verbose""".split()
)
_TYPE_WORDS = frozenset(
    """between bigint bit boolean char character coalesce dec decimal exists extract float greatest grouping inout int
    integer interval json json_array json_arrayagg json_exists json_object json_objectagg json_query json_scalar
    json_serialize json_table json_value least merge_action national nchar none normalize nullif numeric out overlay
    position precision real row setof smallint substring time timestamp treat trim values varchar xmlattributes
    xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable""".split()
)
QUOTING = Quoting(re.compile(r"[a-z_][a-z0-9_$]*"), RESERVED)
quote = lru_cache(maxsize=65536)(QUOTING)
"""A column, table or constraint name, quoted only if needed."""


def quote_type(name: str) -> str:
    """Name of a user-defined type or function, quoted only if needed."""
    return f'"{name}"' if name in _TYPE_WORDS else quote(name)


def qualified(name: str, schema: str | None) -> str:
    """A name with its schema, unless that is the default one."""
    return f"{quote(schema)}.{quote(name)}" if schema else quote(name)


def of(ref: Ref) -> str:
    """Qualified name of a table, type, sequence or the like."""
    if ref.kind in ("enum", "domain", "composite_type") and not ref.schema:
        return quote_type(ref.name)
    return qualified(ref.name, ref.schema)


def table_of(on: Any) -> tuple[str | None, str]:
    """Schema and name of a table, a mapped class, or a name with or without a schema."""
    table = getattr(on, "__table__", on)
    schema, name = getattr(table, "schema", None), str(getattr(table, "name", table))
    if schema is None and "." in name:
        schema, _, name = name.rpartition(".")
    return schema, name


def clip(name: str, length: int = MAX_BYTES) -> str:
    """``name`` truncated to ``length`` bytes, never inside a character (``pg_mbcliplen``)."""
    if len(name) <= length and name.isascii():
        return name
    return name.encode()[:length].decode(errors="ignore")


def make_object_name(first: str, second: str | None, label: str) -> str:
    """Name that ``makeObjectName`` (src/backend/commands/indexcmds.c) generates; the longer part is truncated first."""
    room = MAX_BYTES - len(label) - 1 - (1 if second is not None else 0)
    first_length, second_length = len(first.encode()), len(second.encode()) if second is not None else 0
    while first_length + second_length > room:
        if first_length > second_length:
            first_length -= 1
        else:
            second_length -= 1
    parts = [clip(first, first_length)] + ([clip(second, second_length)] if second is not None else []) + [label]
    return "_".join(parts)


def joined_columns(columns: tuple[str, ...]) -> str:
    """Column names joined as in ``ChooseIndexNameAddition``, which stops after the limit is passed."""
    text = ""
    for column in columns:
        text = f"{text}_{column}" if text else column
        if len(text.encode()) > MAX_BYTES:
            break
    return text
