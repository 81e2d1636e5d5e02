"""The table of the benchmark, for the terminal and for the documentation."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

HEAD = """# Benchmarks

Written by `make bench`; not edited by hand. Each figure is the median wall time of whole processes that took turns, the rows
of an engine in one run, so read the ratios, not the seconds. The floor is a script that imports the same models and sends the
same statements over the same driver and nothing else (`benchmarks/floor.py`); that of a generation that is tried out is the same
generation with `--no-proof`. The tables have 12 columns, 2 indexes, 1 foreign key and 1 unique constraint each; on ClickHouse,
which has no keys of that kind and which Alembic does not know, 12 columns and 2 skipping indexes.

"""
NOTES = """
## What is above its target, and why

- **A generation that is tried out** runs the file three times in a scratch database: upgrade, rollback, upgrade. The row below it
  is what these statements alone take, with the start of the floor's script. What DBWarden adds to them are two inspections of
  the finished schema (the row *inspection* is one of them, with the start of a process; the second one is parsed only where the
  catalogue answers otherwise than before), the comparisons with the models and
  with one another, and the creation and removal of the database. The journal of a scratch database is kept in memory, so that
  no statement is accompanied by a write. Drivers written in Python read the rows of the catalogue, 22 for each of these tables
  on MariaDB. Where the row below, without its start of a quarter of a second, is half of the floor or more (1000 tables on
  MariaDB, 100 on PostgreSQL), the statements alone reach the target, whatever is done about the rest; they are the
  server's own time, and the floor of this row has none of them.
- **The first migration where every statement commits by itself** (MariaDB, MySQL, ClickHouse): up to 100 statements that
  create are announced to the journal in one write (docs/decisions/0018). What is left beside each statement is a query
  whether the lock is still held, without which a holder that lost it would go on: on MariaDB 0.06 ms beside a `CREATE TABLE`
  of 0.75 ms, on ClickHouse as long as the `CREATE TABLE` of an empty table, because a request to it costs 2 ms and more. The
  rest is the start of the command (a quarter of a second of processor time, on ClickHouse with the start of a driver that its
  floor does not have) and the reading of the file: every statement is parsed for what it locks and destroys. Beside
  statements that change rows they do not count.
- **Many small files** are one transaction each on PostgreSQL and SQLite. On MariaDB a file of one statement is two messages
  and two commits, the statement and the event of the file, where the floor has three messages and one commit; *intent* is one
  write for up to 100 files (docs/decisions/0019). The statement commits by itself, so that its event cannot share its
  transaction.
- **`status` with one migration** sends three statements. On PostgreSQL and MariaDB more than half of its time is the start of
  Python and of the driver. Of PyMySQL's imports, `cryptography` waits for a login that encrypts a password with it; the
  certificates of the system, which it loads also where it verifies nothing, are not loaded.
- **A fleet** is compared with the statements alone, sent by as many threads to targets that have no history, no lock and no
  tables of ours. On PostgreSQL a release of ten files sends 69 statements to a target where the floor sends 31: the lock is
  taken and released (8), history and journal are read twice, each file has its event, and three sessions are reset. Connections
  are used for one schema after the other, which the floor's are not. On SQLite, statements of 0.1 ms on a RAM disk cost less
  than reading and checking what they are (8 ms of processor time for a target with ten files); on a disk the commits decide,
  13 beside 10. Processes in place of threads were tried with the same number of targets at once: no faster on two cores, with
  the memory of a process for each.
- **ClickHouse** is the embedded engine behind a front of the tests here, and its floor does not even start a driver: read these
  rows as an upper limit.
"""


@dataclass
class Row:
    """One measured operation: median seconds of each contender, and the ratio ``against`` another checkout."""

    operation: str
    engine: str
    size: str
    target: str
    seconds: dict[str, float] = field(default_factory=dict)


def line(row: Row) -> str:
    """One row for the terminal."""
    cells = _cells(row)
    if "against" in row.seconds:
        cells += [f"{row.seconds['other']:.3f} s there", f"{row.seconds['against']:.2f} of that"]
    return " | ".join(cells)


TOLERATED = 1.05
"""A ratio against the other checkout up to which a row counts as equal."""


def comparison(rows: Iterable[Row]) -> str:
    """Lines on the rows in which this checkout is slower than the other one; empty without another one."""
    compared = [row for row in rows if "against" in row.seconds]
    slower = [row for row in compared if row.seconds["against"] > TOLERATED]
    if not compared:
        return ""
    lines = [f"{len(slower)} of {len(compared)} rows are slower than there by more than {TOLERATED - 1:.0%}.\n"]
    lines += [f"  {row.operation}, {row.engine}, {row.size}: {row.seconds['against']:.2f}\n" for row in slower]
    return "".join(lines)


def _cells(row: Row) -> list[str]:
    seconds = row.seconds
    if "statements" in seconds:
        return [row.operation, row.engine, row.size, f"{seconds['statements']:.0f} sent", "", "", "", "", row.target]
    ours, floor, alembic = (seconds.get(name) for name in ("dbwarden", "floor", "alembic"))
    return [
        row.operation,
        row.engine,
        row.size,
        f"{ours:.3f} s" if ours else "",
        f"{floor:.3f} s" if floor else "",
        f"{alembic:.3f} s" if alembic else "",
        f"{ours / floor:.2f}" if ours and floor else "",
        f"{ours / alembic:.2f}" if ours and alembic else "",
        row.target,
    ]


def machine() -> str:
    """The machine in the words of the page: what decides the figures, and no name."""
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, the servers' files on a RAM disk"


def page(rows: Sequence[Row], former: str = "", *, whole: bool = True) -> str:
    """The page for the documentation. Of the ``former`` page, the rows of engines that were not measured stay; unless the
    ``whole`` of an engine was, also those of its operations that were not."""
    import sqlalchemy

    measured = {row.engine if whole else (row.operation, row.engine) for row in rows}
    table = [row for row in former.partition("|---")[2].splitlines(keepends=True)[1:] if row.startswith("| ")]

    titles = ["operation", "engine", "size", "DBWarden", "floor", "Alembic", "× floor", "× Alembic", "target"]
    lines = [HEAD, f"Python {platform.python_version()}, SQLAlchemy {sqlalchemy.__version__}.\n", "\n"]
    lines += [f"| {' | '.join(titles)} |\n", f"|{'---|' * len(titles)}\n"]
    for row in table:
        operation, engine, *_ = row.removeprefix("| ").split(" | ")
        if (engine if whole else (operation, engine)) not in measured:
            lines.append(row)
    lines += [f"| {' | '.join(_cells(row))} |\n" for row in rows]
    lines.append(NOTES)
    return "".join(lines)
