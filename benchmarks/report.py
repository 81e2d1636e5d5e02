"""The table of the benchmark, for the terminal and for the documentation."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from dataclasses import dataclass, field

HEAD = """# Benchmarks

Written by `make bench`; not edited by hand. Each figure is the median wall time of whole processes that took turns in one
run, so read the ratios, not the seconds. The floor is a script that imports the same models and sends the same statements
over the same driver and nothing else (`benchmarks/floor.py`); that of a generation that is tried out is the same generation
with `--no-proof`. The tables have 12 columns, 2 indexes, 1 foreign key and 1 unique constraint each.

"""


@dataclass
class Row:
    """One measured operation: median seconds of each contender."""

    operation: str
    engine: str
    size: str
    target: str
    seconds: dict[str, float] = field(default_factory=dict)


def line(row: Row) -> str:
    """One row for the terminal."""
    return " | ".join(_cells(row))


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


def page(rows: Iterable[Row]) -> str:
    """The page for the documentation."""
    import sqlalchemy

    titles = ["operation", "engine", "size", "DBWarden", "floor", "Alembic", "× floor", "× Alembic", "target"]
    lines = [HEAD, f"Python {platform.python_version()}, SQLAlchemy {sqlalchemy.__version__}.\n", "\n"]
    lines += [f"| {' | '.join(titles)} |\n", f"|{'---|' * len(titles)}\n"]
    lines += [f"| {' | '.join(_cells(row))} |\n" for row in rows]
    return "".join(lines)
