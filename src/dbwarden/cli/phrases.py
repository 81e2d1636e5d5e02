"""Phrases that several commands show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dbwarden.api.history import HistoryEntry
    from dbwarden.api.other_projects import OtherProject
    from dbwarden.api.status import StatusEntry

    from .view import View

_CLASSES = {"versioned": "versioned", "runs_always": "RA", "runs_on_change": "ROC"}


def class_of(kind: Any) -> str:
    """Class of a migration, as in file names."""
    return _CLASSES[kind.value]


def progress_phrase(state: str, entry: StatusEntry | HistoryEntry) -> str:
    """``failed at statement 3 of 7``; only ``failed`` if nothing of the file is in effect."""
    words = state.replace("_", " ")
    if not entry.statements_done:
        return words
    return f"{words} at statement {entry.failed_statement or entry.statements_done} of {entry.statements_total}"


def undone_phrase(entry: StatusEntry) -> str:
    """``statement 2, in the same transaction, was undone``; empty if the transaction of a failed statement began with it."""
    first, last = entry.statements_done + 1, (entry.failed_statement or 0) - 1
    if last < first:
        return ""
    return (
        f"statement {first}, in the same transaction, was undone"
        if first == last
        else f"statements {first} to {last}, in the same transaction, were undone"
    )


def stop_phrase(entry: StatusEntry | HistoryEntry) -> str:
    """``stopped in statement 3 of 7`` if its effect is not known, else ``stopped before statement 3 of 7``."""
    done, total = entry.statements_done, max(entry.statements_total, 1)
    if entry.last_in_doubt is not None:
        return f"stopped in one of the statements {done + 1} to {min(entry.last_in_doubt, total)} of {total}"
    return f"stopped {'in' if entry.error is not None else 'before'} statement {min(done + 1, total)} of {total}"


def stale_proof(file: str, database: str) -> str:
    """Warning about a file that was edited after it was proven."""
    return (
        f"{file} was edited after it was proven: `dbwarden check -d {database} --prove {file}` tries it out anew and rewrites"
        " its header"
    )


def show_suspended(view: View, work: Sequence[str], database: str, *, running: bool) -> None:
    """Show work of the server that a migration has suspended; ``running``: the migration goes on."""
    if work and running:
        view.line(f"Suspended while the migration runs: {', '.join(work)}.")
    elif work:
        view.warning(
            f"An interrupted migration has suspended {', '.join(work)}. `dbwarden unlock -d {database}` lets them go on,"
            " and so does the next `dbwarden migrate`."
        )


def resumed_phrase(work: Sequence[str]) -> str:
    """Sentence about work that goes on."""
    words = ", ".join(work)
    return f"{words[:1].upper()}{words[1:]}, which an interrupted migration had suspended, go on."


def show_others(view: View, others: Iterable[OtherProject]) -> None:
    """Show other projects in the same database, one per line."""
    for other in others:
        view.line(f"Also in this database: {other}.")
