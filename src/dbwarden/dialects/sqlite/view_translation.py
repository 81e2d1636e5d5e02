"""Translation of another engine's views: a view stays only if SQLite can select from it."""

from __future__ import annotations

from collections.abc import Iterable

from dbwarden.core.dialect import Dialect
from dbwarden.core.model import Definition, Table
from dbwarden.core.tokens import readable
from dbwarden.core.types import Ref

from . import expressions
from .names import prefixed
from .statement_translation import translate_statement
from .words import expression, quote


def translate_view(view: Definition, source: Dialect, before: Iterable[Table | Definition]) -> Definition | None:
    """The view in SQLite's words; ``None`` if it cannot be created on the tables and views ``before``, or not be read.

    A materialized view becomes a plain one.
    """
    name = quote(prefixed(view.name, view.schema))
    query = _query(view, source)
    statements = translate_statement(f"CREATE VIEW {name} AS {query}", source).statements if query else ()
    if len(statements) != 1:
        return None
    grounds = (_creates(item) for item in before)
    if not expressions.is_query((*grounds, statements[0]), f"SELECT * FROM {name}"):
        return None
    return Definition("view", prefixed(view.name, view.schema), expression(statements[0]), needs=_refs(view))


def _query(view: Definition, source: Dialect) -> str:
    """The text behind AS, without what decides how a materialized view is filled."""
    text = view.sql.text
    tokens = readable(text, source.lexical_rules)
    start = next((token.end for token in tokens if token.text.upper() == "AS"), len(text))
    return text[start:].strip().removesuffix("WITH NO DATA").rstrip()


def _refs(view: Definition) -> frozenset[Ref]:
    kinds = {"table": "table", "view": "view", "materialized_view": "view"}
    return frozenset(Ref(kinds[ref.kind], prefixed(ref.name, ref.schema)) for ref in view.needs if ref.kind in kinds)


def _creates(item: Table | Definition) -> str:
    if isinstance(item, Definition):
        return item.sql.text
    return f"CREATE TABLE {quote(item.name)} ({', '.join(map(quote, item.columns))})"
