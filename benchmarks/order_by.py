"""Measures another ORDER BY of a ClickHouse table while a writer inserts, and counts the rows afterwards.

    python -m benchmarks.order_by [--rows 40000,5000000]

The commands themselves run: ``make-migrations``, ``migrate`` (a new table in the place of the old one), ``rollback``. The run
fails if a row that the writer was told is inserted is missing or there twice, or if one of those from before is.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from dbwarden.api.connection import connect
from tests.servers import VENDORS

from .online import OnlineProject

MODELS = """
from clickhouse_connect.cc_sqlalchemy import engines, types as ch
from sqlalchemy import Column, MetaData, Table

metadata = MetaData()
Table(
    "events", metadata, Column("id", ch.UInt64), Column("day", ch.Date), Column("kind", ch.LowCardinality(ch.String)),
    Column("note", ch.String), engines.MergeTree(order_by={key!r}, partition_by="toYYYYMM(day)"),
)
"""
FILL = (
    "INSERT INTO events SELECT number, toDate('2025-01-01') + number % 365, toString(number % 50), concat('words on row ',"
    " toString(number)) FROM numbers({rows}) SETTINGS max_partitions_per_insert_block = 0"
)
STEP = 1 << 40
"""Numbers of the writer's rows begin here, and at its multiples."""


@dataclass
class Writer:
    """A process of inserts, one row each."""

    url: str
    first: int
    over: threading.Event = field(default_factory=threading.Event)
    inserted: int = 0
    pause: float = 0.0

    def run(self) -> None:
        """Insert until told to end; ``pause`` is the longest time between two answers."""
        last = time.monotonic()
        with connect(self.url) as conn:
            while not self.over.is_set():
                number = self.first + self.inserted
                conn.execute(f"INSERT INTO events VALUES ({number}, '2025-{1 + number % 12:02}-01', 'w', 'written')")
                self.inserted += 1
                self.pause, last = max(self.pause, time.monotonic() - last), time.monotonic()


@contextmanager
def writing(url: str, first: int) -> Iterator[Writer]:
    """A writer at work."""
    writer = Writer(url, first)
    thread = threading.Thread(target=writer.run)
    thread.start()
    try:
        yield writer
    finally:
        writer.over.set()
        thread.join()


class _Project(OnlineProject):
    def models(self, key: tuple[str, ...]) -> None:
        (self.folder / "models.py").write_text(MODELS.format(key=key))

    def counted(self) -> tuple[int, int]:
        with connect(self.url) as conn:
            ((rows, distinct),) = conn.query("SELECT count(), uniqExact(id) FROM events")
        return int(rows), int(distinct)


def measure(project: _Project, rows: int) -> None:
    """Print what ``migrate`` and ``rollback`` take, and the rows before and after."""
    project.models(("day", "id"))
    project.run("make-migrations", "events", "--no-proof")
    project.run("migrate")
    with connect(project.url) as conn:
        conn.execute(FILL.format(rows=rows))
    project.models(("kind", "id"))
    project.run("make-migrations", "sorted otherwise", "--no-proof")
    for number, command in enumerate(("migrate", "rollback"), 1):
        before, _ = project.counted()
        with writing(project.url, number * STEP) as writer:
            time.sleep(0.2)
            answer = project.report(command, "--force")
        after, distinct = project.counted()
        wanted = before + writer.inserted
        print(
            f"{rows:,} rows, {command}: {float(answer['duration']):.1f} s; before {before:,}, inserted meanwhile"
            f" {writer.inserted:,}, after {after:,} ({distinct:,} distinct); longest pause of the writer {writer.pause:.2f} s"
        )
        if not after == distinct == wanted:
            raise SystemExit(f"{wanted:,} rows were wanted")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", default="40000,5000000")
    sizes = [int(size) for size in parser.parse_args().rows.split(",")]
    with VENDORS["clickhouse"].running() as server:
        for size in sizes:
            server.create_database(f"rows_{size}")
            with tempfile.TemporaryDirectory(prefix="dbwarden-order-by-") as folder:
                measure(_Project(Path(folder), server.url(f"rows_{size}"), size), size)


if __name__ == "__main__":
    main()
