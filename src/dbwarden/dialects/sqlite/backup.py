"""Backups with SQLite's online backup API: page by page, as of one moment, while others read."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from dbwarden.core.archive import Tools
from dbwarden.core.dialect import OWN_PREFIX, Connection
from dbwarden.errors import ArchiveFailed

PAGES = 512
"""Pages copied in one step; signals are handled between steps."""
WAIT = 10.0
"""Seconds to wait while another process has the database locked."""

_SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name"


class OnlineBackup:
    """Backup into a database file. Writers are blocked meanwhile, except with a write-ahead log."""

    suffix = "db"
    magic = b"SQLite format 3\0"

    def ready(self, conn: Connection, tools: Tools) -> None:
        """Refuse a database in memory, which has nothing to restore; a missing file is an empty database."""
        if not _path(conn) and getattr(conn, "absent", None) is None:
            raise ArchiveFailed(reason="the database is in memory", advice=" Migrate without --with-backup.")

    def save(self, conn: Connection, target: str, lock_table: str, tools: Tools) -> None:
        raw: Any = conn
        with _archive_errors(tools), closing(sqlite3.connect(target, isolation_level=None)) as copy, conn.transaction():
            schema = conn.query(_SCHEMA)  # the read fixes the snapshot that all steps copy
            raw.raw.backup(copy, pages=PAGES, progress=_watch(tools), sleep=0.05)
            if copy.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (lock_table,)).fetchone():
                copy.execute(f'DELETE FROM "{lock_table}"')
            copied_schema = copy.execute(_SCHEMA).fetchall()
        if copied_schema != schema:
            raise ArchiveFailed(reason="the copy has another schema than the database", advice="")
        self.examine(target, tools)

    def examine(self, file: str, tools: Tools) -> None:
        log = Path(f"{file}-wal")
        if log.exists() and log.stat().st_size:
            advice = " Close whatever has it open, then try again."
            raise ArchiveFailed(reason=f"{log.name} lies beside it: the file alone is not all of it", advice=advice)
        with _archive_errors(tools), closing(_open_read_only(file)) as copy:
            copy.set_progress_handler(_stopper(tools), 1_000_000)
            report = [row[0] for row in copy.execute("PRAGMA integrity_check(3)")]
        if report != ["ok"]:
            raise ArchiveFailed(reason=f"it is damaged: {'; '.join(report)}", advice="")

    def abandoned(self, conn: Connection) -> tuple[str, ...]:
        return ()

    def contents(self, conn: Connection) -> int:
        sql = "SELECT count(*) FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE :own ESCAPE '!'"
        own = {"own": f"{OWN_PREFIX.replace('_', '!_')}%", "system": "sqlite!_%"}
        return int(conn.query(f"{sql} AND name NOT LIKE :system ESCAPE '!'", own)[0][0])

    def restore(self, conn: Connection, file: str, lock_table: str, tools: Tools) -> None:
        """Copy the pages through SQLite, in one transaction: other connections see the state before or after it, and SQLite
        rolls back if this process is killed. If the file were replaced, they would still use the old one."""
        path = _path(conn)
        if path and Path(path).exists() and Path(path).samefile(file):
            raise ArchiveFailed(reason="it is the database itself", advice="")
        raw: Any = conn
        with _archive_errors(tools), closing(_open_read_only(file)) as source:
            source.backup(raw.raw, pages=PAGES, progress=_watch(tools), sleep=0.05)


def _path(conn: Connection) -> str:
    return str(conn.query("SELECT file FROM pragma_database_list WHERE name = 'main'")[0][0] or "")


def _open_read_only(file: str) -> sqlite3.Connection:
    """Open a file that nobody writes to: ``immutable`` creates no files beside it, even if its header declares a log."""
    uri = f"file:{quote(str(Path(file).absolute()))}?mode=ro&immutable=1"
    return sqlite3.connect(uri, uri=True, isolation_level=None)


def _watch(tools: Tools) -> Callable[[int, int, int], None]:
    """Callback after each step. It ends a backup that waits longer than ``WAIT``: the driver would retry for ever."""
    moved = [time.monotonic()]

    def progress(status: int, _remaining: int, _pages: int) -> None:
        tools.check()
        if status not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            moved[0] = time.monotonic()
        elif time.monotonic() - moved[0] > WAIT:
            advice = " Another process holds a lock on it; try again later."
            raise ArchiveFailed(reason=f"the database was busy for {WAIT:.0f} s", advice=advice)

    return progress


def _stopper(tools: Tools) -> Callable[[], int]:
    def stop() -> int:
        tools.check()
        return 0

    return stop


@contextmanager
def _archive_errors(tools: Tools) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        tools.check()  # an error raised in a progress handler arrives as "interrupted"
        raise ArchiveFailed(reason=str(error), advice="") from error
