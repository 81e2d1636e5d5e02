"""Recognises expressions that are a single constant: ``'a'``, ``-1``, ``TRUE``, with or without a type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from dbwarden.core.lexical_rules import ANSI, LexicalRules
from dbwarden.core.sqltext import Token, TokenKind, bare, words
from dbwarden.core.tokens import literal, to_text
from dbwarden.errors import SqlTextError

_IN_TYPE = frozenset("().,[]")
_ZONE = ("TIME", "ZONE")


class Constant(NamedTuple):
    """A constant: its ``text`` without the type and, for a string, its ``value`` without quotes."""

    text: str
    value: str | None = None
    type: str | None = None
    """Type, as in ``'2020-01-01'::date`` and ``date '2020-01-01'``."""


def constant(sql: str, lexical_rules: LexicalRules = ANSI) -> Constant | None:
    """The constant that an expression consists of, perhaps in parentheses; ``None`` for any other expression."""
    try:
        tokens = list(words(bare(sql, lexical_rules), lexical_rules))
    except SqlTextError:
        return None
    cast = next((at for at, token in enumerate(tokens) if token.text == "::"), len(tokens))
    value, type_ = tokens[:cast], tokens[cast + 1 :]
    if not value or not _is_type(type_):
        return None
    *before, last = value
    behind = to_text(type_) if type_ else None
    if last.kind is TokenKind.STRING:
        if last.text[0] != "'" or not _is_prefix([token.text.upper() for token in before]):
            return None  # E'...' and x'...' have other rules
        return Constant(last.text, literal(last), behind or (to_text(before) if before else None))
    signed = not before or (len(before) == 1 and before[0].text in ("+", "-"))
    if last.kind is TokenKind.NUMBER and signed:
        return Constant("".join(token.text for token in value), None, behind)
    return Constant(last.text, None, behind) if not before and last.text.upper() in ("TRUE", "FALSE") else None


def _is_prefix(words: Sequence[str]) -> bool:
    """Whether these words are a type that may precede a string: ``date``, ``timestamp with time zone``."""
    zoned = words[:1] in (["TIME"], ["TIMESTAMP"]) and words[1:] in (["WITH", *_ZONE], ["WITHOUT", *_ZONE])
    return not words or zoned or (len(words) == 1 and words[0].isalnum())


def _is_type(tokens: Sequence[Token]) -> bool:
    kinds = (TokenKind.WORD, TokenKind.IDENTIFIER, TokenKind.NUMBER)
    return all(token.kind in kinds or token.text in _IN_TYPE for token in tokens)
