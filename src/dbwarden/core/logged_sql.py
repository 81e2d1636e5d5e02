"""Statements as a log shows them: on one line, without the values in them."""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.errors import SqlTextError

from .redaction import MASK, redacted_text
from .sqltext import LexicalRules, TokenKind, tokens

LONGEST = 400
_READ = 4000
"""No more of a statement is read: a seed file's may have megabytes."""


def logged_sql(sql: str, lexical_rules: LexicalRules) -> str:
    """The statement with ``***`` for every string in it, whatever it is (a password, a row, a default), and without comments;
    long ones end in ``…``."""
    text = " ".join("".join(_shown(sql[:_READ], lexical_rules)).split())
    text = redacted_text(text)
    return text if len(text) <= LONGEST and len(sql) <= _READ else f"{text[:LONGEST]}…"


def _shown(sql: str, lexical_rules: LexicalRules) -> Iterator[str]:
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
