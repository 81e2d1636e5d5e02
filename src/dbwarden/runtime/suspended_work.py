"""Work of the server that an interrupted migration has left suspended (``ServerDialect.suspended_work``)."""

from __future__ import annotations

from dbwarden.core.dialect import Dialect

from .connection import DatabaseConnection


def resume(conn: DatabaseConnection, dialect: Dialect) -> tuple[str, ...]:
    """Let the suspended work of this database go on; returns it in words. Only while no migration runs, or under the lock of
    one. Raises ``DatabaseError``."""
    suspended = dialect.suspended_work(conn)
    for item in suspended:
        for sql in item.resume:
            conn.execute(sql)
    return tuple(item.work for item in suspended)
