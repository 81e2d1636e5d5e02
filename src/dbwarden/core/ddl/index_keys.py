"""Parses the keys of an index: column or expression, collation, operator class, order."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from dbwarden.core.lexical_rules import LexicalRules
from dbwarden.core.sqltext import Token
from dbwarden.core.tokens import NAMES, unquoted, upper_text

from .cursor import Cursor


class IndexKey(NamedTuple):
    """One key of an index as written."""

    indexed: str
    """Column or expression."""
    collation: str | None
    opclass: str | None
    descending: bool
    nulls: str | None
    """``first`` or ``last``."""


def index_key(cursor: Cursor, columns: Collection[str] | None = None) -> IndexKey:
    """One key of an index; where ``columns`` are given, a name behind one of them or behind a parenthesis is an operator
    class (PostgreSQL)."""
    tokens, descending, nulls = key_order(cursor.rest())
    name = _last_name(tokens)
    before = tokens[: len(tokens) - len(name)]
    opclass = None
    if name and before and columns is not None and _is_complete(before, columns, cursor.lexical_rules):
        opclass, tokens = cursor.source(name), before
        name = _last_name(tokens)
    collation = None
    if name and upper_text(tokens[-len(name) - 1 : -len(name)]) == "COLLATE":
        collation, tokens = cursor.source(name), tokens[: -len(name) - 1]
    return IndexKey(cursor.source(tokens), collation, opclass, descending, nulls)


def key_texts(cursor: Cursor) -> tuple[str, ...]:
    """The keys of an index in parentheses, with their collations and without their order."""
    keys = (index_key(item) for item in cursor.items(cursor.group()))
    return tuple(f"{key.indexed} COLLATE {key.collation}" if key.collation else key.indexed for key in keys)


def key_order(tokens: list[Token]) -> tuple[list[Token], bool, str | None]:
    """The tokens before ASC, DESC and NULLS, whether the order is descending, and the place of NULL values."""
    words, nulls, descending = [token.text.upper() for token in tokens], None, False
    if words[-2:-1] == ["NULLS"]:
        nulls = words.pop().lower()
        words.pop()
    if words[-1:] in (["ASC"], ["DESC"]):
        descending = words.pop() == "DESC"
    return tokens[: len(words)], descending, nulls


def _last_name(tokens: Sequence[Token]) -> Sequence[Token]:
    """The name at the end, with its schema."""
    start = len(tokens)
    if tokens and tokens[-1].kind in NAMES:
        start -= 1
        while start > 1 and tokens[start - 1].text == ".":
            start -= 2
    return tokens[start:]


def _is_complete(tokens: Sequence[Token], columns: Collection[str], lexical_rules: LexicalRules) -> bool:
    if len(tokens) == 1:
        return unquoted(tokens[0], lexical_rules) in columns
    collation = _last_name(tokens)
    return tokens[-1].text == ")" or upper_text(tokens[-len(collation) - 1 : -len(collation) or None]) == "COLLATE"
