"""The real command on MySQL or MariaDB, killed before, in and after each statement of its files, and at each COMMIT.

``python -m tests.support.killed_at_statement FOLDER ROOT COMMAND POINTS`` (``POINTS``: how many at most, 0 for all). ``FOLDER``
is a project whose database is the one of its URL on the server behind ``ROOT``; ``chain.json`` has its statements and what a
person would look at where nothing else tells. Every attempt is a fork on a copy of the database. Prints JSON: how many points
there are, how many were tried, how often a person was asked, and what was wrong behind which.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dbwarden.api.connection import connect
from dbwarden.runtime.connection import DatabaseConnection
from tests.servers import mysql_family
from tests.support.accounts import accounts, described, drop_accounts, restore_accounts
from tests.support.dump import dump
from tests.support.forked import run_forked

SECONDS = 30
HOWS = ("before", "during", "after")
_STEP = re.compile(r"statement (\d+) of \d+", re.IGNORECASE)


class Killer:
    """Kills its process at one of the statements or COMMITs that it counts; at 0 it only writes the count."""

    def __init__(self, statements: frozenset[str], at: int, how: str, count: Path) -> None:
        self.statements, self.at, self.how, self.count, self.sent = statements, at, how, count, 0

    def install(self) -> None:
        execute, commit = DatabaseConnection.execute, DatabaseConnection.commit

        def counted_execute(conn: DatabaseConnection, sql: str, params: Any = None) -> int:
            return self.around(lambda: execute(conn, sql, params), sql in self.statements)

        def counted_commit(conn: DatabaseConnection) -> None:
            self.around(lambda: commit(conn), True)

        DatabaseConnection.execute = counted_execute  # type: ignore[method-assign]
        DatabaseConnection.commit = counted_commit  # type: ignore[method-assign]

    def around(self, send: Callable[[], Any], counts: bool) -> Any:
        if not counts or threading.current_thread() is not threading.main_thread():
            return send()
        self.sent += 1
        if not self.at:
            self.count.write_text(str(self.sent))
        here = self.sent == self.at
        if here and self.how == "before":
            _die()
        if here and self.how == "during":
            threading.Timer(0.002, _die).start()
        answer = send()
        if here:
            _die()
        return answer


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(SECONDS)


class Scenario:
    """A database and the command that is killed."""

    def __init__(self, folder: Path, root: str, command: str) -> None:
        chain = json.loads((folder / "chain.json").read_text())
        self.folder, self.command = folder, command
        self.statements, self.looks = frozenset(chain["statements"]), chain["looks"]
        self.url: str = chain["url"]
        self.name = urlsplit(self.url).path.strip("/")
        self.server, self.template = mysql_family.attach(root), f"{self.name}_before"
        self.prefix: str = chain["accounts"]
        self.accounts: list[list[str]] = []
        self.asked = 0

    def prepare(self) -> None:
        """Make the state before the command, and keep a copy of it."""
        versions = ("--to-version", "1") if self.command == "migrate" else ()
        output, code = self.run("migrate", *versions)
        assert code == 0, output
        self.server.drop_database(self.template)
        self.server.create_database(self.template, self.name)
        with mysql_family.connect(self.url) as conn:
            self.accounts = accounts(conn, self.prefix)

    def restore(self) -> None:
        self.server.drop_database(self.name)
        self.server.create_database(self.name, self.template)
        with mysql_family.connect(self.url) as conn:
            restore_accounts(conn, self.prefix, self.accounts)

    def drop(self) -> None:
        """Drop what is not the test's database."""
        self.server.drop_database(self.template)
        with mysql_family.connect(self.url) as conn:
            drop_accounts(conn, self.prefix)

    def run(self, *argv: str, killer: Killer | None = None) -> tuple[str, int]:
        before = killer.install if killer is not None else None
        options = ("--force",) if argv[0] in ("migrate", "rollback") else ()
        environment = {**os.environ, "COLUMNS": "200"}
        output, _, code = run_forked(
            self.folder, [*argv, *options], environment, before, seconds=SECONDS, together=True
        )
        return output, code

    def command_line(self, *more: str) -> tuple[str, ...]:
        return (self.command, *(("--to-version", "1") if self.command == "rollback" else ()), *more)

    def attempt(self, at: int, how: str) -> int:
        """Run the command up to a point; its exit code, negative for a signal."""
        killer = Killer(self.statements, at, how, self.folder / "count")
        output, code = self.run(*self.command_line(), killer=killer)
        assert code in (0, -signal.SIGKILL), output
        return code

    def recover(self) -> str | None:
        """What is wrong with the way out: ``unlock`` where the lock is held, then the same command."""
        end = time.monotonic() + SECONDS
        while "ACTIVE\n" in (shown := self.run("lock-status")[0]) and "INACTIVE" not in shown:
            if "gone" in shown:
                output, code = self.run("unlock")
                if code:
                    return f"unlock: {output}"
            elif time.monotonic() > end:
                return f"lock-status: {shown}"
        output, code = self.run(*self.command_line())
        while code and "--assume" in output:
            self.asked += 1
            answer = self.look(output)
            if answer is None:
                return f"the next run asks: {output}"
            output, code = self.run(*self.command_line("--assume", answer))
        return None if code == 0 else f"the next run ended with {code}: {output}"

    def look(self, output: str) -> str | None:
        """What a person finds who looks whether the statement had its effect."""
        for start, query in self.looks.items():
            if start in output:
                with connect(self.url, read_only=True) as conn:
                    return "done" if conn.query(query)[0][0] else "not-done"
        return None

    def contents(self) -> dict[str, Any]:
        """Schema, rows, history and journal."""
        with connect(self.url, read_only=True) as conn:
            names = [
                row[0]
                for row in conn.query(
                    "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()"
                    " AND TABLE_TYPE <> 'VIEW' AND TABLE_TYPE <> 'SEQUENCE'"
                )
                if not row[0].startswith("dbwarden_")
            ]
            rows = {name: sorted(map(str, conn.query(f"SELECT * FROM `{name}`"))) for name in names}
            events = conn.query(
                "SELECT migration, event, statements_done, statements_total FROM dbwarden_migrations ORDER BY id"
            )
            journal = conn.query("SELECT * FROM dbwarden_journal")
        with mysql_family.connect(self.url) as root:
            existing = described(accounts(root, self.prefix))
        return {
            "schema": dump(self.url),
            "accounts": existing,
            "rows": rows,
            "events": list(events),
            "journal": list(journal),
        }

    def problem(self, at: int, how: str, expected: dict[str, Any]) -> str | None:
        self.restore()
        self.attempt(at, how)
        if problem := self.recover():
            return problem
        contents = self.contents()
        different = (
            f"{key}: {contents[key]}, not {expected[key]}" for key in contents if contents[key] != expected[key]
        )
        return "; ".join(different) or None


def main() -> None:
    folder, root, command, most = Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
    os.chdir(folder)
    scenario = Scenario(folder, root, command)
    scenario.prepare()
    scenario.restore()
    assert scenario.attempt(0, "after") == 0
    expected = scenario.contents()
    points = [(at, how) for at in range(1, int((folder / "count").read_text()) + 1) for how in HOWS]
    step = max(1, len(points) // most) if most else 1
    step += step % len(HOWS) == 0 and step > 1  # so that a sample has each way
    tried, wrong = points[::step], []
    for at, how in tried:
        if problem := scenario.problem(at, how, expected):
            wrong.append(f"{how} {at}: {problem}")
            print(wrong[-1], file=sys.stderr, flush=True)
    scenario.drop()
    print(json.dumps({"points": len(points), "tried": len(tried), "asked": scenario.asked, "wrong": wrong}))


if __name__ == "__main__":
    main()
