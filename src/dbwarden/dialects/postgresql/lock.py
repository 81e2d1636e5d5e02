"""Advisory lock beside the row of the migration lock, to show whether the holder is alive.

1. The holder takes a session-level advisory lock and writes ``pid/backend start`` of its session into the row.
2. If the session ends, however it ends, the server releases the advisory lock.
3. Anybody finds the session that has the lock in ``pg_locks``, and compares it with the row (``liveness``).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from dbwarden.core.dialect import Connection, Holder, Liveness

_WHO = """SELECT pg_backend_pid(), (
    SELECT extract(epoch FROM a.backend_start)::numeric(20, 6)::text FROM pg_catalog.pg_stat_activity a
    WHERE a.pid = pg_backend_pid() )"""


def number_of(key: str) -> int:
    """Advisory lock number of a key: the first 63 bits of its SHA-256, so never negative."""
    return int.from_bytes(hashlib.sha256(f"dbwarden:{key}".encode()).digest()[:8], "big") >> 1


@dataclass(slots=True)
class AdvisoryLock:
    """``pg_try_advisory_lock`` on one connection. The session's identity includes its start, since process numbers recur."""

    conn: Connection
    key: str
    held: bool = False

    def enter(self) -> str:
        """Take the lock without waiting and return the session's identity; empty if another session has the lock, or the
        session cannot be identified.

        Behind a transaction pooler nothing is taken: the lock would belong to every client of that server connection, and
        stay.
        """
        if self.conn.pooled:
            return ""
        taken = bool(self.conn.query(f"SELECT pg_try_advisory_lock({number_of(self.key)})")[0][0])
        self.held = taken
        pid, start = self.conn.query(_WHO)[0]
        return f"{pid}/{start}" if taken and start is not None else ""

    def leave(self) -> None:
        """Release the lock, as the end of the session would."""
        if self.held:
            self.held = False
            self.conn.query(f"SELECT pg_advisory_unlock({number_of(self.key)})")

    def liveness(self, holder: Holder) -> Liveness:
        """Alive if the holder's session has the lock, gone if no session has it; unknown if another one has it, as can
        happen behind a transaction pooler."""
        if "/" not in holder.session:
            return Liveness.UNKNOWN
        pid, _, start = holder.session.partition("/")
        holders = self._holders()
        if (pid, start) in holders or (pid, None) in holders:
            return Liveness.ALIVE
        if holders:
            return Liveness.UNKNOWN
        return Liveness.GONE

    def _holders(self) -> set[tuple[str, str | None]]:
        number = number_of(self.key)
        rows = self.conn.query(
            "SELECT l.pid, extract(epoch FROM a.backend_start)::numeric(20, 6)::text"
            " FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid"
            " WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1"
            " AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = current_database())"
            f" AND l.classid::int8 = {number >> 32} AND l.objid::int8 = {number & 0xFFFFFFFF}"
        )
        return {(str(row[0]), row[1]) for row in rows}
