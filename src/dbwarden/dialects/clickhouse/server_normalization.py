"""Normalizes expressions on the server: ``formatQuery`` prints the tree of a text, so that two spellings of one are equal.

It reads nothing and creates nothing, and one query takes all texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from dbwarden.core.dialect import Connection
from dbwarden.core.model import Check, Column, Index, Member, Object, Projection, Schema, Table
from dbwarden.core.types import Expression, Ref

from .expressions import expression_key, query_key
from .words import NAMES, string_literal

_SELECT = "SELECT "


def normalize_on_server(conn: Connection, desired: Schema, refs: Iterable[Ref]) -> Schema:
    """``desired`` with the expressions of the tables in ``refs`` as the server prints them. Raises ``DatabaseError``."""
    tables = frozenset(refs)
    concerned = [item for item in desired.objects() if (item.table if isinstance(item, Member) else item.ref) in tables]
    texts = sorted({text for item in concerned for text in _texts(item)})
    if not texts:
        return desired
    printed = _printed(conn, texts)
    changed = {item.ref: _with(item, printed) for item in concerned}
    return Schema(changed.get(ref, item) for ref, item in desired.items())


def _texts(item: Object) -> Iterator[str]:
    """The expressions and queries of an object as SELECT statements."""
    match item:
        case Table():
            for column in item.columns.values():
                yield from (f"{_SELECT}{expression.text}" for expression in _of_column(column))
        case Check():
            yield f"{_SELECT}{item.expression.text}"
        case Index():
            yield from (f"{_SELECT}{key.expression.text}" for key in item.elements if key.expression is not None)
        case Projection():
            yield item.query.text


def _of_column(column: Column) -> Iterator[Expression]:
    if column.default is not None:
        yield column.default
    if column.computed is not None:
        yield column.computed.expression


def _printed(conn: Connection, texts: list[str]) -> Mapping[str, str]:
    listed = ", ".join(map(string_literal, texts))
    sql = f"SELECT formatQuerySingleLineOrNull(arrayJoin([{listed}]))"
    answers = (None if row[0] is None else str(row[0]) for row in conn.query(sql))
    return {text: answer for text, answer in zip(texts, answers, strict=True) if answer is not None}


def _with(item: Object, printed: Mapping[str, str]) -> Object:
    def normalized(expression: Expression) -> Expression:
        text = printed.get(f"{_SELECT}{expression.text}")
        if text is None:
            return expression
        return Expression(expression.text, expression_key(text.removeprefix(_SELECT)), NAMES)

    match item:
        case Table():
            columns = {name: _column(column, normalized) for name, column in item.columns.items()}
            return replace(item, columns=columns)
        case Projection():
            query = printed.get(item.query.text)
            key = query_key(query) if query is not None else item.query.key
            return replace(item, query=Expression(item.query.text, key, NAMES))
        case Member():
            return item.with_expressions(normalized)
    return item


def _column(column: Column, normalized: object) -> Column:
    assert callable(normalized)
    changed = column
    if column.default is not None:
        changed = replace(changed, default=normalized(column.default))
    if column.computed is not None:
        computed = replace(column.computed, expression=normalized(column.computed.expression))
        changed = replace(changed, computed=computed)
    return changed
