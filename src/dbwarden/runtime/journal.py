"""The journal: what ran outside a transaction, statement by statement, so that an interrupted file can go on.

*intent* is committed before a statement, *done* after it; *failed* says that the engine refused it. What runs in a
transaction writes its *done* rows in that transaction. The rows of a file go when the file is finished.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from dbwarden.core.dialect import Connection, Dialect
from dbwarden.core.tables import JOURNAL, LOCK
from dbwarden.errors import LockLost

from .history import moment, optional, place


class State(Enum):
    """How far a statement came."""

    INTENT = "intent"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Mark:
    """The last row of one statement."""

    checksum: str
    state: State


@dataclass(frozen=True, slots=True)
class Doubt:
    """A statement (1-based) that was begun at ``at`` and of which nothing else is recorded."""

    direction: str
    """upgrade or rollback"""
    statement: int
    at: datetime
    held: bool
    """Whether the lock under which it was begun is still held: it may be running."""


_MARKS = (
    "SELECT migration, direction, statement, state, at,"
    f" (SELECT COUNT(*) FROM {LOCK} WHERE id = 1 AND locked AND token = {JOURNAL}.token) FROM {JOURNAL} ORDER BY id"
)


def doubts(conn: Connection) -> Mapping[str, Doubt]:
    """The migrations, by their key, whose last mark is an *intent*. Only reads; none where there is no journal."""
    last = {row[0]: row for row in optional(conn, _MARKS) or ()}
    return {
        key: Doubt(direction, statement, moment(at), bool(held))
        for key, direction, statement, state, at, held in last.values()
        if State(state) is State.INTENT
    }


@dataclass(frozen=True, slots=True)
class Journal:
    """The journal of one file in one direction (``upgrade``, ``rollback``), written under the lock ``token``."""

    conn: Connection
    dialect: Dialect
    migration: str
    direction: str
    token: str

    @property
    def _table(self) -> str:
        return place(self.dialect) + JOURNAL

    def read(self) -> Mapping[int, Mark]:
        """The last mark of every statement (1-based) of an attempt that was not finished."""
        rows = self.conn.query(
            f"SELECT statement, checksum, state FROM {self._table}"
            " WHERE migration = :migration AND direction = :direction ORDER BY id",
            {"migration": self.migration, "direction": self.direction},
        )
        return {row[0]: Mark(row[1], State(row[2])) for row in rows}

    def write(self, statement: int, checksum: str, state: State) -> None:
        """Add a mark, in one statement that checks that the lock is ours. Raises ``LockLost``."""
        values = {
            "migration": self.migration,
            "direction": self.direction,
            "statement": statement,
            "checksum": checksum,
            "state": state.value,
            "token": self.token,
        }
        insert = (
            f"INSERT INTO {self._table} (migration, direction, statement, checksum, state, at, token)"
            " SELECT :migration, :direction, :statement, :checksum, :state, CURRENT_TIMESTAMP, token"
            f" FROM {place(self.dialect)}{LOCK} WHERE id = 1 AND locked AND token = :token"
        )
        if self.conn.execute(insert + (" FOR SHARE" if self.dialect.features.for_share else ""), values) == 0:
            raise LockLost()

    def clear(self) -> None:
        """Forget the file: it is finished."""
        self.conn.execute(
            f"DELETE FROM {self._table} WHERE migration = :migration AND direction = :direction",
            {"migration": self.migration, "direction": self.direction},
        )
