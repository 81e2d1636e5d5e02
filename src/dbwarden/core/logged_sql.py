"""Formats statements for the log: on one line, without the values in them."""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.errors import SqlTextError

from .redaction import MASK, redacted_text
from .sqltext import LexicalRules, TokenKind, tokens

LONGEST = 400
_READ = 4000
"""Number of characters of a statement that are read: one in a seed file may have megabytes."""


def logged_sql(sql: str, lexical_rules: LexicalRules) -> str:
    """The statement without comments and with ``***`` for each string, which may be a password; a long one ends in ``…``."""
    text = " ".join("".join(_visible_tokens(sql[:_READ], lexical_rules)).split())
    text = redacted_text(text)
    return text if len(text) <= LONGEST and len(sql) <= _READ else f"{text[:LONGEST]}…"


def _visible_tokens(sql: str, lexical_rules: LexicalRules) -> Iterator[str]:
    try:
        for token in tokens(sql, lexical_rules):
            match token.kind:
                case TokenKind.STRING | TokenKind.DOLLAR:
                    yield f"'{MASK}'"
                case TokenKind.COMMENT:
                    yield " "
                case _:
                    yield token.text
    except SqlTextError:  # cut off inside a string, or a text that the engine will refuse
        yield MASK
