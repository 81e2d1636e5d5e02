"""Normalizes expressions on the server: ``formatQuery`` prints the tree of a text, so that two spellings of one are equal.

It reads nothing and creates nothing, and one query takes all texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from dbwarden.core.dialect import Connection
from dbwarden.core.model import Check, Column, Definition, Index, Member, Object, Projection, Schema, Table
from dbwarden.core.types import Expression, Ref

from .definition_keys import definition_key
from .definition_reader import read
from .expressions import expression_key, query_key
from .functions import Functions, expanded, functions_of
from .words import NAMES, TEXT_NAMES, string_literal

_SELECT = "SELECT "


def normalize_on_server(conn: Connection, current: Schema, desired: Schema, refs: Iterable[Ref]) -> Schema:
    """``desired`` with the expressions of the tables and definitions in ``refs`` as the server prints them, calls of SQL functions
    written out. Raises ``DatabaseError``."""
    functions = {**functions_of(current.objects()), **functions_of(desired.objects())}
    tables = frozenset(refs)
    concerned = [item for item in desired.objects() if (item.table if isinstance(item, Member) else item.ref) in tables]
    texts = sorted({expanded(text, functions) for item in concerned for text in _texts(item)})
    if not texts:
        return desired
    printed = _printed(conn, texts)
    changed = {item.ref: _with(item, printed, functions) for item in concerned}
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
        case Definition(kind="view" | "materialized_view"):
            yield read(item.sql.text).clauses.get("as", "")
        case Definition(kind="dictionary"):
            yield item.sql.text


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


def _with(item: Object, printed: Mapping[str, str], functions: Functions) -> Object:
    def normalized(expression: Expression) -> Expression:
        text = printed.get(expanded(f"{_SELECT}{expression.text}", functions))
        if text is None:
            return expression
        return Expression(expression.text, expression_key(text.removeprefix(_SELECT)), NAMES)

    match item:
        case Table():
            columns = {name: _column(column, normalized) for name, column in item.columns.items()}
            return replace(item, columns=columns)
        case Projection():
            query = printed.get(expanded(item.query.text, functions))
            key = query_key(query) if query is not None else item.query.key
            return replace(item, query=Expression(item.query.text, key, NAMES))
        case Definition():
            return _definition(item, printed, functions)
        case Member():
            return item.with_expressions(normalized)
    return item


def _definition(item: Definition, printed: Mapping[str, str], functions: Functions) -> Definition:
    text = printed.get(expanded(next(iter(_texts(item)), ""), functions))
    if text is None:
        return item
    key = (
        definition_key(item.kind, text)
        if item.kind == "dictionary"
        else definition_key(item.kind, item.sql.text, query=text)
    )
    return replace(item, sql=Expression(item.sql.text, key, TEXT_NAMES))


def _column(column: Column, normalized: object) -> Column:
    assert callable(normalized)
    changed = column
    if column.default is not None:
        changed = replace(changed, default=normalized(column.default))
    if column.computed is not None:
        computed = replace(column.computed, expression=normalized(column.computed.expression))
        changed = replace(changed, computed=computed)
    return changed
