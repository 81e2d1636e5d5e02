"""dbwarden explain."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dbwarden.api.forecast_words import WAITERS, WORK, after_comma, held_words

from .completion import complete_migration
from .findings import SEVERITY_STYLES
from .options import DatabaseName, command
from .progress_output import waiting
from .session import Session
from .view import View, counted, shortened, shown_path

if TYPE_CHECKING:
    from dbwarden.api.explain import ExplainReport
    from dbwarden.api.explained import ExplainedLock, ExplainedStatement

app = command()

_INDENT = 13


@app.command()
def explain(
    ctx: typer.Context,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="Version or file of the migration.", autocompletion=complete_migration)
    ],
    scan_path: Annotated[
        list[Path] | None,
        typer.Option(
            "--scan-path", metavar="PATH", help="Folder or file to search (default: the project); repeatable."
        ),
    ] = None,
    database: DatabaseName = None,
) -> None:
    """Explain a migration: what each statement locks, rewrites and breaks in the code, and for how long.

    Durations are estimates for the tables as large as they are now. Executes nothing; if the database cannot be reached,
    explains the text alone.
    """
    from dbwarden.api.explain import explain as run

    session = Session.of(ctx)
    flags = session.flags
    with waiting(session) as events:
        report = run(file, database, scan_paths=scan_path or (), config=flags.config, dev=flags.dev, events=events)
    session.answer(report, _show)


def _show(view: View, report: ExplainReport) -> None:
    view.heading(f"{shown_path(report.path)}: {_summary(report)}")
    for statement in report.statements:
        view.gap()
        _show_statement(view, report, statement)
    view.gap()
    for lock in report.locks:
        view.item(_lock_line(lock), 0)
    if not report.locks:
        view.line("Nobody has to wait for a table.")
    _show_findings_elsewhere(view, report)
    _show_uses(view, report)
    for note in report.notes:
        view.warning(note)


def _summary(report: ExplainReport) -> str:
    """``8 statements, 6 of them in a transaction, applied already``."""
    inside = sum(statement.transactional for statement in report.statements) if report.transaction else 0
    every = inside == len(report.statements)
    parts = [
        counted(len(report.statements), "statement"),
        "" if every else f"{inside or 'none'} of them in a transaction",
    ]
    together = " in one transaction" if every and inside > 1 else ""
    return ", ".join(filter(None, [parts[0] + together, parts[1], "applied already" if report.applied else ""]))


def _show_statement(view: View, report: ExplainReport, statement: ExplainedStatement) -> None:
    text = " ".join(statement.sql.split())
    view.line(f"{statement.number:>3}  line {statement.line}: {shortened(text, (view.width or 120) - 20)}")
    rows = [("on", ", ".join(table.text for table in statement.tables) or "nothing that exists already")]
    if statement.lock or statement.blocks == "unknown":
        rows.append(("lock", ": ".join(filter(None, (statement.lock, WAITERS[statement.blocks])))))
    rows.append(("work", WORK[statement.work] + after_comma(statement.duration)))
    if statement.deletes_data:
        rows.append(("data", "deletes data"))
    if not statement.transactional:
        rows.append(("transaction", "outside that of the file"))
    for name, value in rows:
        view.wrapped(f"     {name:<{_INDENT - 1}}{value}", _INDENT + 4)
    for finding in report.findings:
        if finding.line == statement.line:
            text = f"     {finding.severity:<{_INDENT - 1}}{finding.message}: {finding.advice} [{finding.rule}]"
            view.wrapped(text, _INDENT + 4, SEVERITY_STYLES[finding.severity])


def _show_findings_elsewhere(view: View, report: ExplainReport) -> None:
    lines = {statement.line for statement in report.statements}
    for finding in report.findings:
        if finding.line not in lines:
            view.wrapped(
                f"{finding.severity}: {finding.message}: {finding.advice} [{finding.rule}]",
                4,
                SEVERITY_STYLES[finding.severity],
            )


def _show_uses(view: View, report: ExplainReport) -> None:
    if not report.affected:
        view.line("It drops, renames and narrows nothing that code may use.")
        return
    view.line("It takes away:")
    view.columns(
        [(item.object, item.detail, counted(item.uses, "use") + " in the code") for item in report.affected], indent=2
    )
    for use in report.uses:
        view.item(f"{use.file}:{use.line}:{use.column}: {use.confidence.value}: {use.text.strip()}")


def _lock_line(lock: ExplainedLock) -> str:
    """``users: EXCLUSIVE, writers wait from statement 1 to 3, about 2 to 20 seconds``."""
    return f"{lock.table}: {held_words(lock.lock, lock.blocks, lock.first, lock.last, lock.duration)}."
