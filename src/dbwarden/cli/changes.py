"""Output of changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from .view import View

if TYPE_CHECKING:
    from dbwarden.api.changes import ReportedChange
    from dbwarden.api.comparison import PlannedStep


class Report(Protocol):
    """Report of a comparison of the models with a database or state file."""

    @property
    def changes(self) -> Sequence[ReportedChange]: ...

    @property
    def rebuilt_tables(self) -> Sequence[str]: ...

    @property
    def steps(self) -> Sequence[PlannedStep]: ...


def show_changes(view: View, report: Report, *, listed: bool = True) -> None:
    """Show a line for each change (unless they are listed already), then the rebuilds and the irreversible changes."""
    for change in report.changes if listed else ():
        view.item(change.text)
    if report.rebuilt_tables:
        tables = ", ".join(report.rebuilt_tables)
        view.line(f"Rebuilt, as ALTER TABLE cannot do this: {tables} (rows and triggers are kept)")
    for reason in dict.fromkeys(step.irreversible for step in report.steps if step.irreversible):
        view.line(f"Irreversible: {reason}")
