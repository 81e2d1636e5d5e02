"""Recovery of a statement that was interrupted outside a transaction. The catalogue shows none of those that SQLite
refuses inside one; most of them may simply run again."""

from __future__ import annotations

from dbwarden.core.ddl.statements import Maintain, Set, Utility
from dbwarden.core.statement import Evidence, Recovery

from .statements import statement


def recovery(sql: str) -> Recovery:
    """Recovery of the statement by a later run, if it is interrupted.

    A PRAGMA sets a value; an attached database is the connection's, so that it is attached again in any case. VACUUM INTO
    leaves a file, which may not be there when it runs again.
    """
    match statement(sql):
        case Maintain("VACUUM", into=None) | Set() | Utility(("ATTACH" | "DETACH", *_)):
            return Recovery(Evidence.REPEATABLE)
        case _:
            return Recovery()
