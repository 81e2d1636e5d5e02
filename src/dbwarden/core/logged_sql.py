"""Formats statements for the log and for tracing: on one line, without the values in them."""

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


_OUTLINE = 2000
"""Longest outline, in characters."""


def statement_outline(sql: str, lexical_rules: LexicalRules) -> str:
    """The statement without comments and with ``?`` for each string and number, as tracing has it; a long one ends in ``…``."""
    parts: list[str] = []
    try:
        for token in tokens(sql[:_READ], lexical_rules):
            match token.kind:
                case TokenKind.STRING | TokenKind.DOLLAR | TokenKind.NUMBER:
                    parts.append("?")
                case TokenKind.COMMENT:
                    parts.append(" ")
                case _:
                    parts.append(token.text)
    except SqlTextError:  # cut off inside a string, or a text that the engine will refuse
        parts.append("?")
    text = " ".join("".join(parts).split())
    return text if len(text) <= _OUTLINE and len(sql) <= _READ else f"{text[:_OUTLINE]}…"


_NOUNS = frozenset(
    "TABLE VIEW INDEX SEQUENCE TYPE DOMAIN FUNCTION PROCEDURE TRIGGER SCHEMA DATABASE EXTENSION POLICY ROLE USER EVENT"
    " DICTIONARY STATISTICS PUBLICATION RULE".split()
)


def operation_of(sql: str, lexical_rules: LexicalRules) -> str:
    """What a statement does, in few words: ``CREATE TABLE``, ``INSERT``; its first word if it is none of those."""
    words: list[str] = []
    try:
        for token in tokens(sql[:_READ], lexical_rules):
            if token.kind in (TokenKind.SPACE, TokenKind.COMMENT):
                continue
            if token.kind is not TokenKind.WORD or len(words) == 8:
                break
            words.append(token.text.upper())
            if words[0] not in ("CREATE", "ALTER", "DROP") or words[-1] in _NOUNS:
                break
    except SqlTextError:
        pass
    if not words:
        return "statement"
    return f"{words[0]} {words[-1]}" if len(words) > 1 and words[-1] in _NOUNS else words[0]
