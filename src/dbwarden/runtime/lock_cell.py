"""Lock as a ``LockCell``, for engines without row counts; the process of the holder shows whether it is alive."""

from __future__ import annotations

from datetime import datetime

from dbwarden.core.dialect import Connection, Dialect, Holder
from dbwarden.core.own_tables import OwnTables
from dbwarden.core.store import LockCell, LockState, LockStatus
from dbwarden.errors import LockLost

from .layout import ensure_appended_tables
from .lock_session import LockSession
from .process import RemoteProcessLock


class CellLock(LockSession):
    """A ``core.store.LockStore``."""

    def __init__(self, conn: Connection, dialect: Dialect, tables: OwnTables, cell: LockCell) -> None:
        super().__init__(conn, RemoteProcessLock())
        self.dialect, self.tables, self.cell = dialect, tables, cell
        self._prepared = False

    # -- looking

    def status(self) -> LockStatus:
        state = self.cell.read()
        return LockStatus(False) if state is None or state.holder is None else self._active(state, state.holder)

    def kind(self) -> str:
        return self.cell.kind()

    def prepare(self) -> LockStatus:
        if not self._prepared:
            ensure_appended_tables(self.conn, self.dialect, self.tables)
            self._prepared = True
            self.cell.prepare()
        elif self.cell.read() is None:  # its table was dropped, which releases the lock
            self.cell.prepare()
        return self.status()

    def upgrade(self, *, despite_holder: bool) -> None:
        """Do nothing: there is no earlier layout."""

    def _active(self, state: LockState, holder: Holder) -> LockStatus:
        now = self.cell.now()
        return LockStatus(
            active=True,
            holder=holder,
            acquired_at=state.acquired_at,
            age=_seconds_between(state.acquired_at, now),
            heartbeat_age=_seconds_between(state.heartbeat or state.acquired_at, now),
            liveness=self._native.liveness(holder),
            token=state.token,
        )

    # -- changing

    def take(self, holder: Holder, token: str) -> bool:
        return self.cell.take("", token, holder)

    def take_over(self, holder: Holder, token: str, previous: str) -> bool:
        return bool(previous) and self.cell.take(previous, token, holder)

    def rename_session(self, token: str, session: str) -> bool:
        return self.cell.touch(token, session)

    def beat(self, token: str) -> bool:
        return self.cell.touch(token)

    def release(self, token: str, *, earlier: bool = False) -> bool:
        return self.cell.free(token)

    def check_held(self, token: str) -> None:
        if not token or not self.cell.confirm(token):
            raise LockLost()

    def other_owners(self) -> tuple[str, ...]:
        return tuple(sorted(owner for owner in self.cell.owners() if owner != self.tables.owner))


def _seconds_between(then: datetime | None, now: datetime) -> float | None:
    return max(0.0, (now - then).total_seconds()) if then else None
