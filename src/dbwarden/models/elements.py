"""Reads the keys of indexes and exclusion constraints: column or expression, direction, collation, operator class."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Column, Table
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BinaryExpression, ColumnClause, Grouping, UnaryExpression

from dbwarden.core.ddl.cursor import Cursor
from dbwarden.core.ddl.index_keys import index_key, key_order
from dbwarden.core.lexical_rules import LexicalRules
from dbwarden.core.model import IndexElement
from dbwarden.core.sqltext import Token, TokenKind, bare
from dbwarden.core.tokens import NAMES, dotted, readable, unquoted
from dbwarden.core.types import Expression

from .emit import Emitter


def element(expression: Any, table: Table, emitter: Emitter, ops: Mapping[str, str]) -> IndexElement:
    """The element that SQLAlchemy emits for one of ``Index.expressions``; ``ops`` maps column keys to operator classes.

    SQLAlchemy does not check the operator class, so it may include the direction: ``"text_ops DESC"``.
    """
    opclass = ops.get(getattr(expression, "key", None) or "") if ops else None
    plain = _element(expression, table, emitter)
    if opclass is None:
        return plain
    behind, descending, nulls = key_order(readable(opclass, emitter.lexical_rules))
    return replace(
        plain,
        descending=plain.descending or descending,
        nulls=plain.nulls or nulls,
        opclass=opclass[: behind[-1].end].lstrip() if behind else plain.opclass,
    )


def with_lengths(keys: tuple[IndexElement, ...], lengths: Any) -> tuple[IndexElement, ...]:
    """The keys with prefix lengths: one for all columns, or by column."""
    if not isinstance(lengths, Mapping):
        return tuple(replace(key, length=int(lengths)) if key.column else key for key in keys)
    by_name = {str(getattr(column, "name", column)): length for column, length in lengths.items()}
    return tuple(replace(key, length=by_name.get(key.column, key.length)) if key.column else key for key in keys)


def _element(expression: Any, table: Table, emitter: Emitter) -> IndexElement:
    if isinstance(expression, Column):
        return IndexElement(str(expression.name))
    inner, descending, nulls, collation = _unwrapped(expression)
    if isinstance(inner, ColumnClause) and not inner.is_literal and inner.name in table.c:
        return IndexElement(str(inner.name), None, descending, nulls, None, collation)
    if isinstance(inner, Column):
        return IndexElement(str(inner.name), None, descending, nulls, None, collation)
    written = _parse_text_key(emitter.text(inner), table, emitter.lexical_rules)
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


def _parse_text_key(text: str, table: Table, lexical_rules: LexicalRules) -> IndexElement:
    """A key given as text, such as ``lower(name) text_pattern_ops DESC``."""
    names = {str(column.name) for column in table.columns}
    key = index_key(Cursor(readable(text, lexical_rules), lexical_rules, None, text), names)
    tokens, length = _prefix_length(readable(key.indexed, lexical_rules), names, lexical_rules)
    if not tokens:
        return IndexElement(None, Expression(text))  # the server says what is wrong with it
    column = unquoted(tokens[0], lexical_rules) if len(tokens) == 1 and tokens[0].kind in NAMES else ""
    if column not in names and tokens[0].kind is TokenKind.WORD:
        column = column.lower()
    expression = None if column in names else Expression(bare(key.indexed, lexical_rules))
    collation = dotted(key.collation, lexical_rules) if key.collation else None
    return IndexElement(
        None if expression else column, expression, key.descending, key.nulls, key.opclass, collation, length
    )


def _prefix_length(
    tokens: list[Token], names: Collection[str], lexical_rules: LexicalRules
) -> tuple[list[Token], int | None]:
    """A key without its length: ``title(10)``, where ``title`` is a column."""
    if len(tokens) != 4 or tokens[2].kind is not TokenKind.NUMBER or not tokens[2].text.isdigit():
        return tokens, None
    prefixed = tokens[0].kind in NAMES and unquoted(tokens[0], lexical_rules) in names and tokens[1].text == "("
    return (tokens[:1], int(tokens[2].text)) if prefixed else (tokens, None)
