"""Tables that the models no longer have: options, questions on a terminal, and output of data losses."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from dbwarden.errors import UsageError

from .view import View, counted

if TYPE_CHECKING:
    from dbwarden.api.dropping import DropCandidate, DropFlags
    from dbwarden.api.losses import DataLoss


def drop_flags(drop: Sequence[str] | None, keep: Sequence[str] | None, every: bool, asks: bool = False) -> DropFlags:
    """Convert ``--drop-table`` and ``--keep-table``; with ``asks``, a person at the terminal decides about other tables."""
    from dbwarden.api.dropping import DropFlags

    if every and (drop or keep):
        raise UsageError("--drop-table and --keep-table are about one database: name it with -d instead of --all")
    person = asks and sys.stdin.isatty() and sys.stderr.isatty()
    return DropFlags(tuple(drop or ()), tuple(keep or ()), _ask if person else None)


def _ask(candidate: DropCandidate) -> bool:
    """Ask on stderr, so that stdout can be piped; the default is no."""
    typer.echo(f"{candidate.object} is not in the models any more; it holds {rows(candidate.rows)}.", err=True)
    return typer.confirm("Drop it? Otherwise it is left alone", default=False, err=True)


def rows(number: int | None) -> str:
    """Number of rows as text."""
    from dbwarden.api.dropping import COUNTED

    if number is None:
        return "an unknown number of rows"
    if number == 0:
        return "no rows"
    return (
        f"more than {COUNTED:,} rows"
        if number > COUNTED
        else counted(number, "row").replace(str(number), f"{number:,}")
    )


def show_losses(view: View, losses: Sequence[DataLoss]) -> None:
    """Show the data that the upgrade destroys."""
    if not losses:
        return
    view.line("Data lost by the upgrade:")
    view.columns([(loss.object, rows(loss.rows), _advice(loss)) for loss in losses], indent=2)


def _advice(loss: DataLoss) -> str:
    return f"to leave it alone: {loss.keep_flag}" if loss.keep_flag else ""


def show_unowned(view: View, names: Sequence[str], every: bool) -> None:
    """Show the objects that no model describes: all with ``every``, else the first few."""
    if not names:
        return
    few = names if every or len(names) <= 8 else names[:7]
    more = f" and {len(names) - len(few)} more (--verbose shows them)" if len(few) < len(names) else ""
    them = "it" if len(names) == 1 else "them"
    view.line(f"Left alone, as the models do not describe {them}: {', '.join(few)}{more}")
