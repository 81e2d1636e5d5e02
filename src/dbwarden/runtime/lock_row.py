"""Lock as a row of ``dbwarden_lock``, for engines with row counts; the dialect's native lock stands beside it.

Every change is one UPDATE, committed at once. Its WHERE clause names the state that the change expects (the row is
free, or has this token), so the row count tells whether the change took place: of several processes at the same moment,
one gets a count of 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from dbwarden.core.dialect import Holder, Liveness
from dbwarden.core.own_tables import LOCK, OWNER, UNCLAIMED, OwnTables
from dbwarden.core.store import LockStatus

from .history import check_held
from .layout import ensure_row, ensure_tables, run_first_matching
from .lock_session import LockSession
from .process import ProcessLock
from .rows import Check, check, is_flag, is_optional_flag, is_optional_moment, is_optional_text, is_process, moment

if TYPE_CHECKING:
    from dbwarden.core.dialect import Connection, Dialect, NativeLock

_COLUMNS = "locked, acquired_at, host, pid, holder_user, command, session, heartbeat, token"
_CHECKS: tuple[Check, ...] = (
    is_flag, is_optional_moment, is_optional_text, is_process, is_optional_text, is_optional_text, is_optional_text,
    is_optional_moment, is_optional_text,
)  # fmt: skip
"""Type check for each of ``_COLUMNS``."""

_SET = (  # {now} is the engine's
    "locked = TRUE, acquired_at = {now}, release_at = NULL, host = :host, pid = :pid, holder_user = :user,"
    " command = :command, session = :session, heartbeat = {now}, token = :token"
)
_OURS = f"WHERE {OWNER} = :owner"
_TAKE = f"SET {_SET} {_OURS} AND (locked = FALSE OR locked IS NULL)"
_TAKE_OVER = f"SET {_SET} {_OURS} AND locked AND COALESCE(token, '') = :previous"
_SESSION = f"SET session = :session {_OURS} AND locked AND token = :token"
_RELEASE = "SET locked = FALSE, release_at = {{now}}, token = NULL {} AND locked AND COALESCE(token, '') = :token"
_BEAT = f"SET heartbeat = {{now}} {_OURS} AND locked AND token = :token"


class SqlLock(LockSession):
    """A ``core.store.LockStore``."""

    def __init__(self, conn: Connection, dialect: Dialect, tables: OwnTables) -> None:
        self.dialect, self.tables = dialect, tables
        super().__init__(conn, self._locker(conn, tables.owner))

    def _locker(self, conn: Connection, owner: str) -> NativeLock:
        """The native lock beside a row. In earlier versions all projects shared one."""
        return self.dialect.locker(conn, LOCK if owner == UNCLAIMED else self.tables.key) or ProcessLock()

    # -- looking

    def status(self) -> LockStatus:
        rows = self._rows()
        return self._status(rows[0]) if rows else LockStatus(False)

    def kind(self) -> str:
        return f"a row of the table {self.tables.lock}"

    def prepare(self) -> LockStatus:
        rows = self._rows()
        if not rows:
            # Our row is inserted behind all tables. Without it, the lock's table alone may exist where every CREATE commits
            # by itself: a process that was killed has left the others out, or one that runs now is about to create them.
            ensure_tables(self.conn, self.dialect, self.tables)
            ensure_row(self.conn, self.tables)
            rows = self._rows()
        return self._status(rows[0])

    def upgrade(self, *, despite_holder: bool) -> None:
        ensure_tables(self.conn, self.dialect, self.tables, despite_holder=despite_holder)

    def _rows(self) -> Any:
        """The project's row, or the only row of an earlier version's table; None if there is no table."""
        columns = f"{_COLUMNS}, {self.dialect.features.now}"
        row = f"SELECT {columns}, {OWNER} FROM {self.tables.lock} WHERE {OWNER} = :owner"
        earlier = f"SELECT {columns}, '{UNCLAIMED}' FROM {self.tables.lock} WHERE id = 1"
        return run_first_matching(self.conn, (row, earlier), self.tables, LOCK)

    def _status(self, row: tuple[Any, ...]) -> LockStatus:
        locked, acquired_at, host, pid, user, command, session, heartbeat, token, now, owner = row
        # Python takes an empty text for false as well, but _TAKE matches only FALSE and NULL.
        check(LOCK, ("locked",), (is_optional_flag,), row)
        if not locked:
            return LockStatus(False, earlier=owner == UNCLAIMED)
        check(LOCK, _COLUMNS.split(", "), _CHECKS, row)
        holder = Holder(host or "", pid or 0, user or "", command or "", session or "")
        return LockStatus(
            active=True,
            holder=holder,
            acquired_at=moment(acquired_at) if acquired_at else None,
            age=_seconds_between(acquired_at, now),
            heartbeat_age=_seconds_between(heartbeat or acquired_at, now),
            liveness=self._liveness(holder, owner) if session else Liveness.UNKNOWN,
            token=token or "",
            earlier=owner == UNCLAIMED,
        )

    def _liveness(self, holder: Holder, owner: str) -> Liveness:
        locker = self._locker(self.conn, owner) if owner == UNCLAIMED else self._native
        return locker.liveness(holder)

    # -- changing

    def take(self, holder: Holder, token: str) -> bool:
        return self._update(_TAKE, {**asdict(holder), "token": token, "owner": self.tables.owner})

    def take_over(self, holder: Holder, token: str, previous: str) -> bool:
        values = {**asdict(holder), "token": token, "owner": self.tables.owner, "previous": previous}
        return self._update(_TAKE_OVER, values)

    def rename_session(self, token: str, session: str) -> bool:
        return self._update(_SESSION, {"session": session, "token": token, "owner": self.tables.owner})

    def beat(self, token: str) -> bool:
        return self._update(_BEAT, {"token": token, "owner": self.tables.owner})

    def release(self, token: str, *, earlier: bool = False) -> bool:
        if earlier:
            return self._update(_RELEASE.format("WHERE id = 1"), {"token": token})
        return self._update(_RELEASE.format(_OURS), {"token": token, "owner": self.tables.owner})

    def _update(self, clauses: str, values: Mapping[str, Any]) -> bool:
        with self.conn.transaction():  # behind a pooler, only a transaction has our time limits
            update = f"UPDATE {self.tables.lock} {clauses.format(now=self.dialect.features.now)}"
            return self.conn.execute(update, values) > 0

    def check_held(self, token: str) -> None:
        check_held(self.conn, self.dialect, self.tables, token)

    def other_owners(self) -> tuple[str, ...]:
        sql = f"SELECT {OWNER} FROM {self.tables.lock} WHERE {OWNER} <> :owner"
        return tuple(sorted(row[0] for row in self.conn.query(sql, {"owner": self.tables.owner})))


def _seconds_between(then: Any, now: Any) -> float | None:
    return max(0.0, (moment(now) - moment(then)).total_seconds()) if then else None
