"""The real command, killed before, in and after each statement of its files, and at each COMMIT.

``python -m tests.support.killed_at_statement FOLDER COMMAND POINTS`` (``POINTS``: how many at most, 0 for all). ``FOLDER`` is a
project; ``chain.json`` has the URL of its database, its statements, words of further statements that the command sends in the
course of one, and what a person would look at where nothing else tells. Every attempt is a fork on a copy of the database.
Prints JSON: how many points there are, how many were tried, how often a person was asked, how often the server had a mutation
under way at the kill, and what was wrong behind which.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dbwarden.runtime.connection import DatabaseConnection
from tests.support.disturbed_database import Database, open_database
from tests.support.forked import run_forked

SECONDS = 120
HOWS = ("before", "during", "after")
SUSPENDED = "An interrupted migration has suspended"


class Killer:
    """Kills its process at one of the statements or COMMITs that it counts; at 0 it only writes the count."""

    def __init__(self, counts: Callable[[str], bool], at: int, how: str, count: Path) -> None:
        self.counts, self.at, self.how, self.count, self.sent = counts, at, how, count, 0

    def install(self) -> None:
        execute, commit = DatabaseConnection.execute, DatabaseConnection.commit

        def counted_execute(conn: DatabaseConnection, sql: str, params: Any = None) -> int:
            return self.around(lambda: execute(conn, sql, params), self.counts(sql))

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

    def __init__(self, folder: Path, command: str) -> None:
        chain = json.loads((folder / "chain.json").read_text())
        self.folder, self.command = folder, command
        self.statements, self.words, self.looks = frozenset(chain["statements"]), chain.get("words", ()), chain["looks"]
        output, code = self.run("migrate", *(("--to-version", "1") if command == "migrate" else ()))
        assert code == 0, output
        self.database: Database = open_database(chain["url"], chain.get("accounts", ""))
        self.asked = self.unfinished = 0

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
        killer = Killer(self.counts, at, how, self.folder / "count")
        output, code = self.run(*self.command_line(), killer=killer)
        assert code in (0, -signal.SIGKILL), output
        return code

    def counts(self, sql: str) -> bool:
        """Whether a statement is a point."""
        return sql in self.statements or any(word in sql for word in self.words)

    def recover(self) -> str | None:
        """What is wrong with the way out: ``unlock`` where the lock is held, then the same command."""
        end = time.monotonic() + SECONDS
        while "ACTIVE\n" in (shown := self.run("lock-status")[0]) and "INACTIVE" not in shown:
            if "gone" in shown:
                if problem := self.unlock(shown):
                    return problem
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

    def unlock(self, shown: str) -> str | None:
        """What is wrong with ``unlock``: what is suspended goes on, and it says so."""
        output, code = self.run("unlock")
        if code:
            return f"unlock: {output}"
        if SUSPENDED in shown and ("go on" not in output or SUSPENDED in self.run("status")[0]):
            return f"lock-status: {shown}\nunlock: {output}"
        return None

    def look(self, output: str) -> str | None:
        """What a person finds who looks whether the statement had its effect."""
        for start, query in self.looks.items():
            if start in output:
                return "done" if self.database.query(query)[0][0] else "not-done"
        return None

    def problem(self, at: int, how: str, expected: dict[str, Any]) -> str | None:
        self.database.restore()
        self.attempt(at, how)
        self.unfinished += self.has_mutation()
        if problem := self.recover():
            return problem
        contents = self.database.contents()
        different = (
            f"{key}: {contents[key]}, not {value}" for key, value in expected.items() if contents[key] != value
        )
        return "; ".join(different) or None

    def has_mutation(self) -> bool:
        """Whether the server rewrites parts although the command is dead."""
        mutations = "SELECT 1 FROM system.mutations WHERE database = currentDatabase() AND NOT is_done"
        return self.database.url.startswith("clickhouse") and bool(self.database.query(mutations))


def main() -> None:
    folder, command, most = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    os.chdir(folder)
    scenario = Scenario(folder, command)
    scenario.database.restore()
    assert scenario.attempt(0, "after") == 0
    expected = scenario.database.contents()
    points = [(at, how) for at in range(1, int((folder / "count").read_text()) + 1) for how in HOWS]
    step = max(1, len(points) // most) if most else 1
    step += step % len(HOWS) == 0 and step > 1  # so that a sample has each way
    tried, wrong = points[::step], []
    for at, how in tried:
        if problem := scenario.problem(at, how, expected):
            wrong.append(f"{how} {at}: {problem}")
            print(wrong[-1], file=sys.stderr, flush=True)
    scenario.database.drop()
    outcome = {"points": len(points), "tried": len(tried), "asked": scenario.asked, "unfinished": scenario.unfinished}
    print(json.dumps({**outcome, "wrong": wrong}))


if __name__ == "__main__":
    main()
