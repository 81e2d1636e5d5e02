"""Renames: options, questions on a terminal, and output of candidates with the flags that confirm them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from dbwarden.errors import UsageError

from .view import View

if TYPE_CHECKING:
    from dbwarden.api.renaming import RenameCandidate, RenameFlags


_KEPT = {"data": "its data", "contents": "all that is in it", "privileges": "its privileges and what depends on it"}


def rename_flags(
    tables: Sequence[str] | None, parts: Sequence[str] | None, every: bool, asks: bool = False
) -> RenameFlags:
    """Convert ``--rename-table`` and ``--rename``; with ``asks``, a person at the terminal decides about other
    candidates."""
    from dbwarden.api.renaming import RenameFlags

    if every and (tables or parts):
        raise UsageError("--rename is about one database: name it with -d instead of --all")
    person = asks and sys.stdin.isatty() and sys.stderr.isatty()
    return RenameFlags(tuple(tables or ()), tuple(parts or ()), _ask if person else None)


def _ask(candidate: RenameCandidate) -> bool:
    """Ask on stderr, so that stdout can be piped; the default is no."""
    alike = f"{candidate.score:.0%} alike"
    evidence = "; ".join([*candidate.evidence, alike])
    typer.echo(f"{candidate.object} is gone, and {candidate.new_name} is new ({evidence}).", err=True)
    return typer.confirm(
        f"Was it renamed? Otherwise it is dropped with {_KEPT[candidate.keeps]}", default=False, err=True
    )


def show_candidates(view: View, candidates: Sequence[RenameCandidate]) -> None:
    """Show the possible renames, and the flag that confirms each."""
    for candidate in candidates:
        evidence = f" ({', '.join(candidate.evidence)})" if candidate.evidence else ""
        view.warning(
            f"{candidate.object} is dropped and {candidate.new_name} added. "
            f"If it was renamed{evidence}, keep {_KEPT[candidate.keeps]} with: {candidate.flag}"
        )
