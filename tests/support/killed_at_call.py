"""One scenario, killed at system calls: run as a process of its own, with ``killed_at_call.c`` preloaded.

``python killed_at_call.py FOLDER COMMAND POINTS`` (``POINTS``: how many at most, 0 for all). ``FOLDER`` is a project whose
SQLite database is ``app.db``. Every attempt is a fork, so that nothing is imported again. Prints JSON: how many system calls
the undisturbed run makes, how many points were tried, and what was wrong behind which.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import sqlite3
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dbwarden.api.lock import lock_status, unlock
from dbwarden.api.migrate import MigrateOptions, migrate
from dbwarden.api.rollback import RollbackOptions, rollback
from dbwarden.core.dialect import Liveness
from dbwarden.errors import DBWardenError

HOOK = ctypes.CDLL(None)
SUFFIXES = ("", "-journal", "-wal", "-shm")


def command(name: str) -> Callable[[], object]:
    if name == "migrate":
        return lambda: migrate(options=MigrateOptions(force=True))
    return lambda: rollback(to_version="1", options=RollbackOptions(force=True))


class Scenario:
    """A database and the command that is killed."""

    def __init__(self, folder: Path, name: str) -> None:
        self.database, self.name, self.run = folder / "app.db", name, command(name)
        self.before = folder / "before.db"
        shutil.copy(self.database, self.before)

    def restore(self) -> None:
        for suffix in SUFFIXES:
            Path(f"{self.database}{suffix}").unlink(missing_ok=True)
        shutil.copy(self.before, self.database)

    def attempt(self, at: int, torn: bool) -> tuple[int, int]:
        """Run in a fork; its number and how it ended: 0, or the signal."""
        child = os.fork()
        if child == 0:
            code = 1
            try:
                HOOK.arm(str(self.database).encode(), ctypes.c_long(at), int(torn))
                self.run()
                if not at:
                    (self.database.parent / "count").write_text(str(HOOK.counted()))
                code = 0
            finally:
                if code:
                    traceback.print_exc()
                os._exit(code)
        _, status = os.waitpid(child, 0)
        return child, os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)

    def contents(self) -> dict[str, Any]:
        """Schema, rows and history."""
        with sqlite3.connect(self.database) as conn:
            schema = conn.execute("SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2").fetchall()
            tables = [name for kind, name, _ in schema if kind == "table" and not name.startswith("dbwarden_")]
            rows = {name: sorted(map(str, conn.execute(f'SELECT * FROM "{name}"'))) for name in tables}
            events = conn.execute(
                "SELECT migration, event, statements_done, statements_total FROM dbwarden_migrations ORDER BY id"
            ).fetchall()
            left = conn.execute("SELECT * FROM dbwarden_journal").fetchall()
            mode = conn.execute("PRAGMA journal_mode").fetchone()
            sound = conn.execute("PRAGMA integrity_check").fetchall()
        conn.close()
        versions = [event for event in events if event[0].isdecimal()]
        repeatables = sorted({event for event in events if not event[0].isdecimal()})
        return {
            "schema": schema,
            "rows": rows,
            "events": versions + repeatables,
            "left": left,
            "mode": mode,
            "ok": sound,
        }

    def recover(self, child: int) -> str | None:
        """What is wrong with what ``lock-status`` says, or with the way out."""
        status = lock_status()
        if status.active:
            if status.liveness is not Liveness.GONE or status.pid != child:
                return f"lock-status: {status}"
            unlock()
        self.run()
        return "the lock is still held" if lock_status().active else None


def main() -> None:
    folder, name, points = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    scenario = Scenario(folder, name)
    _, code = scenario.attempt(0, torn=False)
    assert code == 0, code
    calls = int((folder / "count").read_text())
    expected = scenario.contents()
    step = max(1, 2 * calls // points) if points else 1
    tried, wrong = 0, []
    for offset, torn in enumerate((False, True)):
        for at in range(1 + offset * (step // 2), calls + 1, step):
            scenario.restore()
            child, code = scenario.attempt(at, torn)
            assert code == signal.SIGKILL, (at, torn, code)
            tried += 1
            try:
                problem = scenario.recover(child)
            except (DBWardenError, sqlite3.Error) as error:
                problem = f"{type(error).__name__}: {error}"
            if problem is None and (contents := scenario.contents()) != expected:
                problem = "; ".join(
                    f"{key}: {contents[key]}, not {expected[key]}" for key in contents if contents[key] != expected[key]
                )
            if problem:
                wrong.append(f"call {at}{' (partly written)' if torn else ''}: {problem}")
    print(json.dumps({"calls": calls, "tried": tried, "wrong": wrong}))


if __name__ == "__main__":
    main()
