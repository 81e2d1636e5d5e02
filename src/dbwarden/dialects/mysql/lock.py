"""Named lock (``GET_LOCK``) beside the row of the migration lock, to show whether the holder is alive.

1. The holder takes a named lock and writes the number of its session and the identity of the server into the row.
2. If the session ends, however it ends, the server releases the lock; COMMIT and DDL do not.
3. Anybody asks the same server who has the lock (``IS_USED_LOCK``), and compares it with the row (``liveness``).

Named locks belong to one server: another node of a cluster, or a replica, knows nothing of them. Some clusters refuse them
(``_REFUSALS``): then the row alone is the lock, and the liveness of its holder is unknown.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from dbwarden.core.dialect import Connection, Holder, Liveness
from dbwarden.errors import DatabaseError

_SERVER = "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('server_uuid', 'server_uid', 'hostname', 'port', 'server_id')"
"""What tells servers apart: MySQL's ``server_uuid``, MariaDB's ``server_uid`` (10.5.22, 10.6.15, 10.11.5 and later), or else
the rest."""


_REFUSALS = frozenset(("1105", "1235"))
"""Errors of GET_LOCK on clusters: Percona XtraDB Cluster with ``pxc_strict_mode=ENFORCING``, and MariaDB 10.6.13 and 10.11.3
with Galera (MDEV-30473, taken back by MDEV-31325); by documentation."""


def name_of(database: str, key: str) -> str:
    """Name of the lock, which is valid for the whole server: at most 64 characters."""
    words = f"{len(database)}:{database}.{key}"  # unambiguous, since names may contain any character
    return f"dbwarden_{hashlib.sha256(words.encode()).hexdigest()[:48]}"


@dataclass(slots=True)
class NamedLock:
    """``GET_LOCK`` on one connection."""

    conn: Connection
    key: str
    is_locked: bool = False
    _name: str = ""
    _server: str = ""

    def enter(self) -> str:
        """Take the lock without waiting and return ``session/server``; empty if another session has it.

        Behind a proxy that shares sessions nothing is taken: the lock would stay with a session of the server that is given
        to others. Nor is it on a cluster that refuses named locks.
        """
        if self.conn.pooled:
            return ""
        self._identify()
        try:
            ((taken, session),) = self.conn.query(f"SELECT GET_LOCK('{self._name}', 0), CONNECTION_ID()")
        except DatabaseError as error:
            if error.sqlstate not in _REFUSALS:
                raise
            return ""
        self.is_locked = taken == 1
        return f"{session}/{self._server}" if self.is_locked else ""

    def leave(self) -> None:
        """Release the lock, as the end of the session would."""
        if self.is_locked:
            self.is_locked = False
            self.conn.query(f"SELECT RELEASE_LOCK('{self._name}')")

    def liveness(self, holder: Holder) -> Liveness:
        """Alive if the holder's session has the lock, gone if no session has it; unknown on another server than the
        holder's, and if another session has the lock."""
        session, _, server = holder.session.partition("/")
        self._identify()
        if server != self._server:
            return Liveness.UNKNOWN
        ((user,),) = self.conn.query(f"SELECT IS_USED_LOCK('{self._name}')")
        if user is None:
            return Liveness.GONE
        return Liveness.ALIVE if str(user) == session else Liveness.UNKNOWN

    def _identify(self) -> None:
        """Ask once for the name of the lock and the identity of the server."""
        if self._name:
            return
        values = {str(row[0]).lower(): str(row[1]) for row in self.conn.query(_SERVER)}
        own = values.get("server_uuid") or values.get("server_uid")
        self._server = own or f"{values['hostname']}:{values['port']}:{values['server_id']}"
        self._name = name_of(str(self.conn.query("SELECT DATABASE()")[0][0]), self.key)
