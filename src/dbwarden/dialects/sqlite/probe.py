"""What is known of a statement that was interrupted outside a transaction. The catalogue shows none of those that SQLite
refuses inside one; most of them may simply run again."""

from __future__ import annotations

from itertools import islice

from dbwarden.core.statement import Evidence, Recovery
from dbwarden.errors import DatabaseError

from .words import TOKEN

_REFUSED = ("within a transaction", "inside a transaction", "inside transaction")
"""VACUUM and DETACH, PRAGMA synchronous, PRAGMA temp_store: SQLite has no code for it (src/vacuum.c, pragma.c, attach.c)."""

_REPEATABLE = frozenset(("VACUUM", "PRAGMA", "ATTACH", "DETACH"))
"""A PRAGMA sets a value. An attached database is the connection's, so that it is attached again in any case."""


def refuses_transaction(error: DatabaseError) -> bool:
    """Whether a statement failed only because it ran inside a transaction."""
    return any(words in error.message for words in _REFUSED)


def recovery(sql: str) -> Recovery:
    """What a later run can do about the statement if it is interrupted. VACUUM INTO leaves a file, which may not be there
    when it runs again."""
    found = [m.group().upper() for m in islice((m for m in TOKEN.finditer(sql) if m.lastgroup is None), 3)]
    into = found[:1] == ["VACUUM"] and "INTO" in found
    return Recovery(Evidence.REPEATABLE if found and found[0] in _REPEATABLE and not into else Evidence.NONE)
