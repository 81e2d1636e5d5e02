"""Values for columns that become NOT NULL: options, questions on a terminal, and output of missing values."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from dbwarden.errors import UsageError

from .drops import rows
from .view import View

if TYPE_CHECKING:
    from dbwarden.api.filling import FillCandidate, FillFlags


def fill_flags(values: Sequence[str] | None, every: bool, asks: bool = False) -> FillFlags:
    """Convert ``--fill``; with ``asks``, a person at the terminal gives the other values."""
    from dbwarden.api.filling import FillFlags

    if every and values:
        raise UsageError("--fill is about one database: name it with -d instead of --all")
    person = asks and sys.stdin.isatty() and sys.stderr.isatty()
    return FillFlags(tuple(values or ()), _ask if person else None)


def _ask(candidate: FillCandidate) -> str | None:
    """Ask on stderr, so that stdout can be piped; an empty answer leaves a marked place."""
    count = rows(candidate.rows)
    typer.echo(f"{candidate.column} ({candidate.type}) becomes NOT NULL, and its table holds {count}.", err=True)
    question = "Their value, as SQL ('DE', 0, now(); empty: a marked place in the file)"
    answer: str = typer.prompt(question, default="", show_default=False, err=True)
    return answer.strip() or None


def show_unfilled(view: View, columns: Sequence[str]) -> None:
    """Show the columns with a marked place, and the flag that fills each."""
    for column in columns:
        view.warning(
            f"{column} becomes NOT NULL, and the rows that exist have no value for it: write it at the marked place of the"
            f" file, or generate it again with --fill {column}=EXPRESSION"
        )
