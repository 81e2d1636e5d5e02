"""Grammar rows for statements that only SQLite has: PRAGMA, ATTACH, VACUUM INTO."""

from __future__ import annotations

from dbwarden.core.ddl.cursor import Cursor
from dbwarden.core.ddl.parse import Grammar, Row, parse, statement_head, utility
from dbwarden.core.ddl.statements import Maintain, Set, Statement
from dbwarden.core.text_cache import TextCache
from dbwarden.core.tokens import to_text, unquoted

from .words import LEXICAL_RULES


def statement(sql: str) -> Statement:
    """Parse one statement."""
    return _read(statement_head(sql, LEXICAL_RULES))


@TextCache
def _read(sql: str) -> Statement:
    return parse(sql, _GRAMMAR)


def _pragma(at: Cursor, grammar: Grammar) -> Set:
    """Parse a PRAGMA, with or without a schema, and ``= value`` or ``(value)`` (https://www.sqlite.org/pragma.html)."""
    name = at.name()
    if at.skip("."):
        name = at.name()
    tokens = at.group() if at.word() == "(" else at.rest() if at.skip("=") else []
    value = unquoted(tokens[0], LEXICAL_RULES) if len(tokens) == 1 else to_text(tokens)
    return Set(name.lower(), value or None)


def _vacuum(at: Cursor, grammar: Grammar) -> Maintain:
    return Maintain("VACUUM", into=to_text(at.rest()) if at.find("INTO") else None)


ROWS: dict[str, Row] = {
    "PRAGMA": _pragma,
    "VACUUM": _vacuum,
    **dict.fromkeys(("ATTACH", "DETACH", "REINDEX", "ANALYZE"), utility),
}
"""Grammar rows by the first word of a statement."""
_GRAMMAR = Grammar(LEXICAL_RULES, "main", ROWS)
