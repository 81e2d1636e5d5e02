"""What is known of a statement that was interrupted outside a transaction. The catalogue shows none of those that SQLite
refuses inside one; most of them may simply run again."""

from __future__ import annotations

from dbwarden.core.ddl.statements import Maintain, Set, Utility
from dbwarden.core.statement import Evidence, Recovery
from dbwarden.errors import DatabaseError

from .statements import statement

_REFUSED = ("within a transaction", "inside a transaction", "inside transaction")
"""VACUUM and DETACH, PRAGMA synchronous, PRAGMA temp_store: SQLite has no code for it (src/vacuum.c, pragma.c, attach.c)."""


def refuses_transaction(error: DatabaseError) -> bool:
    """Whether a statement failed only because it ran inside a transaction."""
    return any(words in error.message for words in _REFUSED)


def recovery(sql: str) -> Recovery:
    """What a later run can do about the statement if it is interrupted.

    A PRAGMA sets a value; an attached database is the connection's, so that it is attached again in any case. VACUUM INTO
    leaves a file, which may not be there when it runs again.
    """
    match statement(sql):
        case Maintain("VACUUM", into=None) | Set() | Utility(("ATTACH" | "DETACH", *_)):
            return Recovery(Evidence.REPEATABLE)
        case _:
            return Recovery()
