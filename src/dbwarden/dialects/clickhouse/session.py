"""Statements that change the session of the server."""

from __future__ import annotations

from itertools import islice

from dbwarden.core.sqltext import words

from .words import LEXICAL_RULES


def changes_session(sql: str) -> bool:
    """Whether a statement changes the session: settings, roles, the database, temporary objects."""
    match _first_words(sql):
        case ["SET", "DEFAULT", "ROLE", *_]:
            return False
        case ["SET" | "USE", *_]:
            return True
        case ["CREATE" | "REPLACE" | "ATTACH" | "DROP", *rest]:
            return "TEMPORARY" in rest[:3]
        case ["BEGIN" | "COMMIT" | "ROLLBACK", *_]:
            return True
    return False


def chooses_database(sql: str) -> bool:
    """Whether a statement chooses the database of the session."""
    return _first_words(sql)[:1] == ["USE"]


def _first_words(sql: str) -> list[str]:
    return [token.text.upper() for token in islice(words(sql, LEXICAL_RULES), 4)]
