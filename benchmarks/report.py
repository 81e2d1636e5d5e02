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
generation with `--no-proof`. The tables have 12 columns, 2 indexes, 1 foreign key and 1 unique constraint each.

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
    ours = seconds["dbwarden"]
    floor, alembic = seconds.get("floor"), seconds.get("alembic")
    return [
        row.operation,
        row.engine,
        row.size,
        f"{ours:.3f} s",
        f"{floor:.3f} s" if floor else "",
        f"{alembic:.3f} s" if alembic else "",
        f"{ours / floor:.2f}" if floor else "",
        f"{ours / alembic:.2f}" if alembic else "",
        row.target,
    ]


def machine() -> str:
    """The machine in the words of the page: what decides the figures, and no name."""
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, the servers' files on a RAM disk"


def page(rows: Sequence[Row], former: str = "") -> str:
    """The page for the documentation; of the ``former`` page, the rows of engines that were not measured stay."""
    import sqlalchemy

    measured = {row.engine for row in rows}
    table = former.partition("|---")[2].splitlines(keepends=True)[1:]

    titles = ["operation", "engine", "size", "DBWarden", "floor", "Alembic", "× floor", "× Alembic", "target"]
    lines = [HEAD, f"Python {platform.python_version()}, SQLAlchemy {sqlalchemy.__version__}.\n", "\n"]
    lines += [f"| {' | '.join(titles)} |\n", f"|{'---|' * len(titles)}\n"]
    lines += [row for row in table if row.split(" | ")[1] not in measured]
    lines += [f"| {' | '.join(_cells(row))} |\n" for row in rows]
    return "".join(lines)
