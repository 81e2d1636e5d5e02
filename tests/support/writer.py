"""An application that writes while its table is changed.

A process of its own inserts and updates rows of one table, a transaction each, as fast as the server lets it. It numbers its
rows, so that afterwards every one that was committed can be looked for.

    with writing(url, ("items",), writer=1, rows=1000) as report:
        ...
    report().longest_pause
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from tests.servers import engine_url

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class WriterReport:
    """The work of one writer."""

    commits: tuple[float, ...]
    """When each transaction was committed, by the monotonic clock of the machine."""
    refused: tuple[str, ...] = ()
    """Errors of the transactions that were tried again."""

    def longest_pause(self, start: float, end: float) -> float:
        """Longest time without a commit that overlaps the interval, in seconds."""
        pairs = zip(self.commits, self.commits[1:], strict=False)
        return max((later - earlier for earlier, later in pairs if later > start and earlier < end), default=0.0)

    def commits_within(self, start: float, end: float) -> int:
        """Transactions that were committed in the interval."""
        return sum(start < commit < end for commit in self.commits)


@contextmanager
def writing(url: str, tables: tuple[str, ...], writer: int, rows: int) -> Iterator[Callable[[], WriterReport]]:
    """A writer at work from its first commit until one transaction after its report is asked for.

    ``tables`` are names of its table, of which it takes the next one when one is gone. It updates rows 1 to ``rows``.
    """
    argv = [sys.executable, "-m", "tests.support.writer", engine_url(url), ",".join(tables), str(writer), str(rows)]
    with subprocess.Popen(argv, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stdout is not None
        reports: list[WriterReport] = []

        def report() -> WriterReport:
            if not reports:
                output, _ = process.communicate()
                assert process.returncode == 0, f"the writer ended with {process.returncode}"
                values = json.loads(output)
                reports.append(WriterReport(tuple(values["commits"]), tuple(values["refused"])))
            return reports[0]

        assert process.stdout.readline() == "writing\n", "the writer did not start"
        try:
            yield report
        finally:
            report()


# -- the writer's own process ----------------------------------------------------------------------------------------

INSERT = "INSERT INTO {table} (origin, serial, code, title) VALUES ({writer}, {serial}, '{writer}-{serial}', 'a title')"
UPDATE = "UPDATE {table} SET hits = hits + 1 WHERE id = {row}"
_AGAIN = frozenset((1205, 1213, 1412, "40001", "40P01", "55P03", "0A000"))
"""Lock wait timeout, deadlock, changed definition, and what PostgreSQL calls them (0A000: cached plan)."""
_GONE = frozenset((1146, "42P01"))


def _code(error: sa.exc.DBAPIError) -> object:
    """The number of an error, or PostgreSQL's letters for it."""
    number = error.orig.args[0] if error.orig is not None and error.orig.args else None
    return number if isinstance(number, int) else getattr(error.orig, "sqlstate", None)


def write(engine: sa.Engine, names: list[str], writer: int, rows: int, go_on: Callable[[], bool]) -> WriterReport:
    """Write one transaction after the other, the last one after the end was asked for.

    Raises the errors that an application would report.
    """
    commits: list[float] = []
    refused: list[str] = []
    with engine.connect() as connection:
        last = False
        while not last:
            last = not go_on()
            values = {"writer": writer, "serial": len(commits) + 1, "row": random.randint(1, rows)}
            if _is_committed(connection, names, values, refused):
                commits.append(time.monotonic())
                if len(commits) == 1:
                    print("writing", flush=True)
    return WriterReport(tuple(commits), tuple(refused))


def _is_committed(connection: sa.Connection, names: list[str], values: dict[str, int], refused: list[str]) -> bool:
    try:
        for statement in (INSERT, UPDATE):
            connection.exec_driver_sql(statement.format(table=names[0], **values))
        connection.commit()
    except sa.exc.DBAPIError as error:
        connection.rollback()
        if _code(error) in _GONE:
            names.append(names.pop(0))
        elif _code(error) not in _AGAIN:
            raise
        refused.append(str(error.orig))
        return False
    return True


def main() -> None:
    import threading

    url, tables, writer, rows = sys.argv[1:]
    ended = threading.Event()

    def wait() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=wait, daemon=True).start()
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    report = write(engine, tables.split(","), int(writer), int(rows), lambda: not ended.is_set())
    print(json.dumps({"commits": report.commits, "refused": report.refused}))


if __name__ == "__main__":
    main()
