"""dbwarden doctor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from .options import DatabaseName, command
from .progress_output import waiting
from .session import Session
from .view import View, counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dbwarden.api.doctor import Diagnosis, DoctorReport

app = command()
_STYLES = {"ok": "green", "note": "cyan", "warning": "yellow", "problem": "bold red"}
_INDENT = 29


@app.command()
def doctor(ctx: typer.Context, database: DatabaseName = None) -> None:
    """Examine configuration, files, models, drivers, servers and accounts, and say what to do about each problem.

    Examines all configured databases, or the one of --database. Only reads. Exits with 1 if something keeps migrations from
    running.
    """
    from dbwarden.api.doctor import doctor as run

    session = Session.of(ctx)
    flags = session.flags
    with waiting(session) as events:
        report = run(database, config=flags.config, dev=flags.dev, events=events)
    session.answer(report, _show)
    if not report.healthy:
        session.end(1)


def _show(view: View, report: DoctorReport) -> None:
    _show_diagnoses(view, [report.configuration])
    for one in report.databases:
        view.gap()
        view.heading(one.database)
        _show_diagnoses(view, one.diagnoses)
    view.gap()
    every = [report.configuration, *(item for one in report.databases for item in one.diagnoses)]
    counts = (
        (sum(1 for item in every if item.grade.value == grade), grade) for grade in ("problem", "warning", "note")
    )
    words = ", ".join(counted(number, grade) for number, grade in counts if number)
    view.line(f"{words or 'Everything is well'}.", _STYLES[report.grade.value])


def _show_diagnoses(view: View, diagnoses: Sequence[Diagnosis]) -> None:
    for item in diagnoses:
        grade = item.grade.value
        view.wrapped(f"  {grade:<8} {item.subject:<17} {item.text}", _INDENT, _STYLES[grade])
        if item.remedy:
            view.wrapped(" " * _INDENT + item.remedy, _INDENT)
