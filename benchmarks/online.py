"""Measures how long a writer waits while its table is changed, and writes docs/online-changes.md.

    python -m benchmarks.online [--rows 1000000] [--engines mariadb,mariadb_11,mysql,postgresql] [--only TEXT] [--no-write]

For each kind of change (``changes.py``) the commands themselves run: ``make-migrations``, ``migrate``, ``rollback``, while a
process of its own inserts and updates rows of the table. The run fails if a change that is declared online made the writer
wait as long as the lock timeout, or if one row that was committed is missing afterwards.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from dbwarden import dialects
from dbwarden.api.connection import connect
from dbwarden.core.dialect import Dialect
from dbwarden.core.file import parse
from dbwarden.core.statement import Blocks, Effect
from tests.servers import VENDORS, VERSIONS, engine_url
from tests.support.writer import WriterReport, writing
from tests.support.zygote import zygote

from . import changes, report
from .changes import TABLES, Kind

ROOT = Path(__file__).resolve().parent.parent
WARDEN = """from dbwarden import database_config

primary = database_config(
    database_name="primary", default=True, database_type="{engine}", database_url_sync="{url}", model_paths=["models.py"],
    lock_timeout={lock_timeout},
)
"""
FILL = (
    "INSERT INTO {table} (id, code, title) SELECT id + {known}, CONCAT('c', id + {known}), CONCAT('words on row ', id + {known})"
    " FROM {table} WHERE id + {known} <= {rows}"
)
COUNTERS = {
    "postgresql": "SELECT setval(pg_get_serial_sequence('{table}', 'id'), {rows})",
}
"""Statement after which new rows get numbers that are free, where the engine needs one."""
SETTINGS = {
    "mariadb": ("innodb_buffer_pool_size = 1073741824", "innodb_log_file_size = 1073741824"),
    "mysql": ("innodb_buffer_pool_size = 1073741824", "innodb_redo_log_capacity = 1073741824"),
}
"""Global settings for a table of this size: the servers of the tests are small."""
SERVERS = {**VENDORS, **VERSIONS}
MEASURED = ("mariadb", "mariadb_11", "mysql", "postgresql")


@dataclass(frozen=True)
class Measurement:
    """A change that ran while a writer was at work."""

    engine: str
    change: str
    how: str
    """Algorithm and lock that the statements ask for."""
    online: bool
    """Whether the change is declared not to keep writers waiting."""
    seconds: float
    pause: float
    """The writer's longest time without a commit, in seconds."""
    commits: int
    """Transactions of the writer while the command ran."""
    missing: int = 0
    """Rows and updates of the writer that were committed and are not there."""

    def faults(self, lock_timeout: float) -> Iterator[str]:
        """Reasons why this measurement is not as it should be."""
        if self.online and self.pause >= lock_timeout:
            yield f"{self.engine}, {self.change}: declared online, and the writer waited for {self.pause:.2f} s"
        if self.missing:
            yield f"{self.engine}, {self.change}: {self.missing} committed writes are missing"


# -- what is declared -------------------------------------------------------------------------------------------------

_HOW = re.compile(r"\b(ALGORITHM|LOCK)=(\w+)")


def is_online(dialect: Dialect, statements: list[str]) -> bool:
    """Whether no statement reads or writes all rows while writers wait."""
    lasting = {Effect.SCANS, Effect.REWRITES, Effect.WRITES_ROWS}
    return not any(
        facts.effects & lasting and (facts.blocks >= Blocks.WRITERS or Effect.WRITES_ROWS in facts.effects)
        for facts in dialect.analyze_file(statements)
    )


def algorithm_of(dialect: Dialect, statements: list[str]) -> str:
    """The algorithm and lock that statements ask for, else the lock that they take."""
    words = [
        ", ".join(value for _, value in sorted(_HOW.findall(sql))) or dialect.facts(sql).lock.lower()
        for sql in statements
    ]
    return "; ".join(dict.fromkeys(word for word in words if word)) or "-"


# -- a project with rows ----------------------------------------------------------------------------------------------


@dataclass
class OnlineProject:
    """A project folder with its database, whose tables have rows."""

    folder: Path
    url: str
    rows: int
    lock_timeout: float = 5.0
    server: str = ""
    """Name and version of the server, for people."""
    writers: int = 0
    commits: dict[str, int] = field(default_factory=dict)
    """Transactions of all writers so far, by table."""

    def __post_init__(self) -> None:
        self.engine = self.url.partition(":")[0]
        with connect(self.url) as conn:
            dialect = dialects.get(self.engine)
            self.dialect = dialect.for_server(dialect.server_of(conn))
        self.folder.mkdir(parents=True, exist_ok=True)
        self.configure(self.lock_timeout)

    def configure(self, lock_timeout: float) -> None:
        """Write the configuration."""
        values = {"engine": self.engine, "url": self.url, "lock_timeout": lock_timeout}
        (self.folder / "warden.py").write_text(WARDEN.format(**values))

    def run(self, *argv: str) -> str:
        """Output of a command, which must succeed."""
        output, code = zygote().run(list(argv), self.folder, dict(os.environ), seconds=600)
        if code:
            raise SystemExit(f"dbwarden {' '.join(argv)} ended with {code}:\n{output}")
        return output

    def report(self, *argv: str) -> dict[str, Any]:
        """The report of a command, which warnings may precede."""
        output = self.run(*argv, "--json")
        start = output.index("{\n")
        return dict(json.loads(output[start:]))

    def fill(self) -> None:
        """Create the tables and their rows."""
        (self.folder / "models.py").write_text(changes.in_words_of(self.engine))
        self.run("make-migrations", "tables", "--no-proof")
        self.run("migrate")
        with self.connected() as connection:
            connection.exec_driver_sql("INSERT INTO sellers (id) VALUES (1)")
            for table in TABLES:
                connection.exec_driver_sql(f"INSERT INTO {table} (id, code, title) VALUES (1, 'c1', 'words on row 1')")
                known = 1
                while known < self.rows:
                    connection.exec_driver_sql(FILL.format(table=table, known=known, rows=self.rows))
                    connection.commit()
                    known *= 2
                if self.engine in COUNTERS:
                    connection.exec_driver_sql(COUNTERS[self.engine].format(table=table, rows=self.rows))
            connection.commit()

    @contextmanager
    def connected(self) -> Iterator[sa.Connection]:
        """A connection outside of the tool."""
        engine = sa.create_engine(engine_url(self.url), poolclass=sa.NullPool)
        with engine.connect() as connection:
            yield connection

    def generate(self, kind: Kind) -> None:
        """Write the models after a change, and the migration that leads to them."""
        (self.folder / "models.py").write_text(kind.models(self.engine))
        self.run("make-migrations", "change", "--no-proof", *kind.flags)

    def forget(self) -> None:
        """Remove the newest migration, which is not applied."""
        max((self.folder / "migrations" / "primary").glob("*.sql")).unlink()

    def sections(self) -> tuple[list[str], list[str]]:
        """Statements of the newest migration's upgrade and rollback."""
        path = max((self.folder / "migrations" / "primary").glob("*.sql"))
        file = parse(path.name, path.read_text(), self.dialect.lexical_rules)
        return [one.text for one in file.upgrade()], [one.text for one in file.rollback()]

    def missing(self, tables: tuple[str, ...], key: str, writer: int, commits: int) -> int:
        """How many rows and updates of a writer were committed and are not there (or are there twice)."""
        self.commits[key] = self.commits.get(key, 0) + commits
        with self.connected() as connection:
            table = next(name for name in tables if sa.inspect(connection).has_table(name))
            query = f"SELECT COUNT(DISTINCT serial), COUNT(*) FROM {table} WHERE origin = {writer}"
            distinct, count = connection.exec_driver_sql(query).one()
            hits = int(connection.exec_driver_sql(f"SELECT SUM(hits) FROM {table}").scalar_one())
        return abs(commits - distinct) + abs(count - distinct) + abs(self.commits[key] - hits)


# -- measuring --------------------------------------------------------------------------------------------------------


def measure(project: OnlineProject, kind: Kind) -> Iterator[Measurement]:
    """Apply a change and roll it back, each with a writer at work."""
    project.generate(kind)
    upgrade, rollback = project.sections()
    yield watch(project, kind, kind.name, upgrade, "migrate")
    yield watch(project, kind, f"{kind.back} ({kind.name})", rollback, "rollback")
    project.forget()


def watch(project: OnlineProject, kind: Kind, name: str, statements: list[str], command: str) -> Measurement:
    """Run a command while a writer is at work."""
    project.writers += 1
    with writing(project.url, kind.names, project.writers, project.rows) as written:
        start = time.monotonic()
        answer = project.report(command, "--force")
        end = time.monotonic()
    return _measurement(project, kind, name, statements, written(), (start, end), float(answer["duration"]))


def _measurement(
    project: OnlineProject, kind: Kind, name: str, statements: list[str], written: WriterReport,
    interval: tuple[float, float], seconds: float,
) -> Measurement:  # fmt: skip
    return Measurement(
        engine=project.server or project.engine,
        change=name,
        how=algorithm_of(project.dialect, statements),
        online=is_online(project.dialect, statements),
        seconds=seconds,
        pause=written.longest_pause(*interval),
        commits=written.commits_within(*interval),
        missing=project.missing(kind.names, kind.table, project.writers, len(written.commits)),
    )


HELD = 2.5
"""Seconds for which a transaction keeps the table's definition, with a lock timeout of one second."""


def watch_behind_a_transaction(project: OnlineProject) -> Measurement:
    """Add a column while a transaction that has read the table stays open: the change waits, gives up, and is repeated."""
    kind = next(changes.kinds(project.engine))
    project.configure(1.0)
    project.generate(kind)
    upgrade, _ = project.sections()
    project.writers += 1
    with (
        project.connected() as transaction,
        writing(project.url, kind.names, project.writers, project.rows) as written,
        ThreadPoolExecutor() as pool,
    ):
        transaction.exec_driver_sql("SELECT id FROM items WHERE id = 1").one()
        start = time.monotonic()
        answer = pool.submit(project.report, "migrate")
        time.sleep(HELD)
        transaction.rollback()
        seconds = float(answer.result()["duration"])
        end = time.monotonic()
    name = f"{kind.name}, behind a transaction of {HELD} s, with a lock timeout of 1 s"
    measurement = _measurement(project, kind, name, upgrade, written(), (start, end), seconds)
    project.configure(project.lock_timeout)
    project.run("rollback", "--force")
    project.forget()
    return measurement


# -- the page ---------------------------------------------------------------------------------------------------------

HEAD = """# Changes while others write

Written by `make online`; not edited by hand. A process inserts and updates rows of a table, one transaction after the other,
while the commands `migrate` and `rollback` change the table. *Pause* is the longest time without a commit of that process
meanwhile, on a machine that has other work too, so read the order of magnitude; *commits* counts its transactions while the
command ran. A change is *online* if no statement, by its text, reads or writes all rows while writers wait (on PostgreSQL, the
text does not show the former type of a column). The run fails if an online change makes the writer wait as long as
`lock_timeout` (5 seconds), or if a committed row is missing afterwards.

"""


def page(measurements: list[Measurement], rows: int) -> str:
    """The page for the documentation."""
    lines = [HEAD, f"{rows:,} rows; {report.machine()}; {datetime.now(UTC).date().isoformat()}.\n"]
    for engine in dict.fromkeys(one.engine for one in measurements):
        lines += [f"\n## {engine}\n\n", "| change | statements | online | change takes | pause | commits |\n"]
        lines.append(f"|{'---|' * 6}\n")
        lines += [f"| {' | '.join(cells(one))} |\n" for one in measurements if one.engine == engine]
    return "".join(lines)


def cells(one: Measurement) -> list[str]:
    """One row of the table."""
    online = "yes" if one.online else "no"
    return [one.change, one.how, online, f"{one.seconds:.2f} s", f"{one.pause:.3f} s", str(one.commits)]


# -- the command ------------------------------------------------------------------------------------------------------


@contextmanager
def prepared(name: str, rows: int) -> Iterator[OnlineProject]:
    """A project on a private server, its tables filled."""
    with SERVERS[name].running() as server, tempfile.TemporaryDirectory(prefix="dbwarden-online-") as folder:
        server.create_database("online")
        project = OnlineProject(Path(folder), server.url("online"), rows)
        project.server = f"{project.engine} {server.version}"
        with project.connected() as connection:
            for setting in SETTINGS.get(project.engine, ()):
                connection.exec_driver_sql(f"SET GLOBAL {setting}")
        project.fill()
        yield project


def measure_engine(project: OnlineProject, only: str) -> Iterator[Measurement]:
    """All measurements on an engine whose kind of change has a text in its name."""
    for kind in changes.kinds(project.engine):
        if only in kind.name:
            yield from measure(project, kind)
    if project.dialect.features.lock_queues and only in "behind a transaction":
        yield watch_behind_a_transaction(project)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--engines", default=",".join(MEASURED))
    parser.add_argument("--only", default="", metavar="TEXT", help="kinds of changes with this text in their names")
    parser.add_argument("--no-write", action="store_true", help="print only")
    options = parser.parse_args()
    measurements: list[Measurement] = []
    faults: list[str] = []
    for engine in options.engines.split(","):
        with prepared(engine, options.rows) as project:
            print(f"{project.server}, {options.rows} rows", flush=True)
            for one in measure_engine(project, options.only):
                print(" | ".join(cells(one)), flush=True)
                measurements.append(one)
                faults += one.faults(project.lock_timeout)
    if not options.no_write:
        (ROOT / "docs" / "online-changes.md").write_text(page(measurements, options.rows))
    print("\n".join(faults) or f"{len(measurements)} changes: no fault")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
