"""Recovery of a statement that was interrupted outside a transaction: most of these may run again.

The catalogue shows the effect of none of the statements that SQLite refuses inside a transaction.
"""

from __future__ import annotations

from dbwarden.core.ddl.statements import Maintain, Set, Utility
from dbwarden.core.statement import Evidence, Recovery

from .statements import statement


def recovery(sql: str) -> Recovery:
    """How a later run recovers from an interruption of the statement.

    A PRAGMA sets a value, and ATTACH belongs to a connection, so both run again in any case. VACUUM INTO may have left a
    file, which it refuses to overwrite.
    """
    match statement(sql):
        case Maintain("VACUUM", into=None) | Set() | Utility(("ATTACH" | "DETACH", *_)):
            return Recovery(Evidence.REPEATABLE)
        case _:
            return Recovery()
