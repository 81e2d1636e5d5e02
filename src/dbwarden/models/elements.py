"""Reads the keys of indexes and exclusion constraints: column or expression, direction, collation, operator class."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Column, Table
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BinaryExpression, ColumnClause, Grouping, UnaryExpression

from dbwarden.core.model import IndexElement
from dbwarden.core.sqltext import bare
from dbwarden.core.types import Expression

from .emit import Emitter

_KEY = re.compile(
    r"""(?P<key>"(?:[^"]|"")+"|[^\W\d][\w$]*|.*\)|.*?)
        (?:\s+COLLATE\s+(?P<collation>"(?:[^"]|"")+"|[\w.]+))?
        (?:\s+(?P<opclass>(?!ASC\b|DESC\b|NULLS\b)(?:\w+\.)?\w+))?
        (?:\s+(?P<direction>ASC|DESC))?
        (?:\s+NULLS\s+(?P<nulls>FIRST|LAST))?""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_OPERATORS = re.compile(
    r"""(?P<opclass>.*?)
        (?:(?:^|\s+)(?P<direction>ASC|DESC))?
        (?:(?:^|\s+)NULLS\s+(?P<nulls>FIRST|LAST))?""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)


def element(expression: Any, table: Table, emitter: Emitter, ops: Mapping[str, str]) -> IndexElement:
    """The element that SQLAlchemy emits for one of ``Index.expressions``; ``ops`` maps column keys to operator classes.

    SQLAlchemy does not check the operator class, so it may include the direction: ``"text_ops DESC"``.
    """
    opclass = ops.get(getattr(expression, "key", None) or "") if ops else None
    result = _element(expression, table, emitter)
    if opclass is None:
        return result
    parts = _OPERATORS.fullmatch(opclass.strip())
    assert parts is not None
    return replace(
        result,
        descending=result.descending or (parts["direction"] or "").upper() == "DESC",
        nulls=result.nulls or (parts["nulls"].lower() if parts["nulls"] else None),
        opclass=parts["opclass"] or result.opclass,
    )


def _element(expression: Any, table: Table, emitter: Emitter) -> IndexElement:
    if isinstance(expression, Column):
        return IndexElement(str(expression.name))
    inner, descending, nulls, collation = _unwrapped(expression)
    if isinstance(inner, ColumnClause) and not inner.is_literal and inner.name in table.c:
        return IndexElement(str(inner.name), None, descending, nulls, None, collation)
    if isinstance(inner, Column):
        return IndexElement(str(inner.name), None, descending, nulls, None, collation)
    written = _written(emitter.text(inner), table)
    return replace(
        written,
        descending=descending or written.descending,
        nulls=nulls or written.nulls,
        collation=collation or written.collation,
    )


def _unwrapped(expression: Any) -> tuple[Any, bool, str | None, str | None]:
    descending, nulls, collation = False, None, None
    inner = expression
    while True:
        if isinstance(inner, UnaryExpression) and inner.modifier is operators.desc_op:
            descending = True
        elif isinstance(inner, UnaryExpression) and inner.modifier is operators.nulls_first_op:
            nulls = "first"
        elif isinstance(inner, UnaryExpression) and inner.modifier is operators.nulls_last_op:
            nulls = "last"
        elif isinstance(inner, BinaryExpression) and inner.operator is operators.collate:
            collation = str(inner.right.collation)
            inner = inner.left
            continue
        elif not (
            isinstance(inner, Grouping)
            or (isinstance(inner, UnaryExpression) and inner.modifier is operators.asc_op)
            or getattr(inner, "__visit_name__", "") == "label_reference"
        ):
            return inner, descending, nulls, collation
        inner = inner.element


def _written(text: str, table: Table) -> IndexElement:
    """A key given as text, such as ``lower(name) text_pattern_ops DESC``."""
    names = {str(column.name) for column in table.columns}
    match = _KEY.fullmatch(text.strip())
    if match is None:
        return IndexElement(None, Expression(text))
    key, opclass = match["key"], match["opclass"]
    column = _column(key, names)
    if column is None and opclass and not key.endswith(")"):
        # Two words that are not a column and its operator class: an expression such as ``a || b`` or ``NOT a``.
        return IndexElement(None, Expression(bare(text)))
    return IndexElement(
        column,
        None if column else Expression(bare(key)),
        (match["direction"] or "").upper() == "DESC",
        match["nulls"].lower() if match["nulls"] else None,
        opclass,
        match["collation"].strip('"') if match["collation"] else None,
    )


def _column(key: str, names: set[str]) -> str | None:
    if key.startswith('"') and key.endswith('"'):
        key = key[1:-1].replace('""', '"')
        return key if key in names else None
    return key if key in names else key.lower() if key.lower() in names else None
