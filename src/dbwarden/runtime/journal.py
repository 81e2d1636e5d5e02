"""The journal: what ran outside a transaction, statement by statement, so that an interrupted file can go on.

*intent* is committed before a statement, *done* after it; *failed* says that the engine refused it. What runs in a
transaction writes its *done* rows in that transaction. The rows of a file go when the file is finished.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from dbwarden.core.dialect import Connection, Dialect
from dbwarden.core.overview import Attempt
from dbwarden.core.tables import JOURNAL, OWNER, UNCLAIMED, OwnTables
from dbwarden.errors import LockLost

from .history import either, placed
from .rows import check, is_count, is_moment, is_text, moment


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


_COLUMNS = ("migration", "direction", "statement", "state", "at")
_COLUMNS_OF_FILE = ("statement", "checksum", "state")


def _is_state(value: object) -> bool:
    return value in {state.value for state in State}


def attempts(conn: Connection, tables: OwnTables, unclaimed: bool = False) -> tuple[Attempt, ...]:
    """What is left of files that were not finished. Only reads; empty where there is no journal.

    ``unclaimed`` says that the rows of an earlier version are ours, too (see ``core.overview.divide``).
    """
    held = f"(SELECT COUNT(*) FROM {tables.lock} WHERE locked AND token = {tables.journal}.token)"
    sql = f"SELECT migration, direction, statement, state, at, {held}, {OWNER} FROM {tables.journal} ORDER BY id"
    without_owner = sql.replace(f", {OWNER} FROM", f", '{UNCLAIMED}' FROM")
    rows = either(conn, (sql, without_owner), tables, JOURNAL) or ()
    ours = (tables.owner, UNCLAIMED) if unclaimed else (tables.owner,)
    found: dict[tuple[str, str], dict[int, Any]] = {}
    for key, direction, statement, state, at, locked, owner in rows:
        if owner in ours:
            row = (key, direction, statement, state, at)
            check(tables.plain(JOURNAL), _COLUMNS, (is_text, is_text, is_count, _is_state, is_moment), row)
            found.setdefault((key, direction), {})[statement] = (State(state), at, bool(locked))
    return tuple(_attempt(key, direction, marks) for (key, direction), marks in found.items())


def _attempt(key: str, direction: str, marks: Mapping[int, tuple[State, Any, bool]]) -> Attempt:
    _, at, held = max(marks.values(), key=lambda mark: moment(mark[1]))
    done = sum(1 for state, _, _ in marks.values() if state is State.DONE)
    doubt = next((number for number, mark in marks.items() if mark[0] is State.INTENT), None)
    return Attempt(key, direction, done, doubt, moment(at), held)


@dataclass(frozen=True, slots=True)
class Journal:
    """The journal of one file in one direction (``upgrade``, ``rollback``), written under the lock ``token``."""

    conn: Connection
    dialect: Dialect
    tables: OwnTables
    migration: str
    direction: str
    token: str

    @property
    def _own(self) -> OwnTables:
        return placed(self.tables, self.dialect)

    @property
    def _values(self) -> dict[str, object]:
        return {"migration": self.migration, "direction": self.direction, "owner": self.tables.owner}

    def read(self) -> Mapping[int, Mark]:
        """The last mark of every statement (1-based) of an attempt that was not finished."""
        rows = self.conn.query(
            f"SELECT statement, checksum, state FROM {self._own.journal} WHERE {_OF_FILE} ORDER BY id", self._values
        )
        for row in rows:
            check(self.tables.plain(JOURNAL), _COLUMNS_OF_FILE, (is_count, is_text, _is_state), row)
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
            f"INSERT INTO {self._own.journal} (migration, direction, statement, checksum, state, at, token, {OWNER})"
            f" SELECT :migration, :direction, :statement, :checksum, :state, CURRENT_TIMESTAMP, token, {OWNER}"
            f" FROM {self._own.lock} WHERE locked AND token = :token"
        )
        if self.conn.execute(insert + (" FOR SHARE" if self.dialect.features.for_share else ""), values) == 0:
            raise LockLost()

    def clear(self) -> None:
        """Forget the file: it is finished."""
        self.conn.execute(f"DELETE FROM {self._own.journal} WHERE {_OF_FILE}", self._values)


_OF_FILE = f"migration = :migration AND direction = :direction AND {OWNER} = :owner"
