"""Output of ``migrate``, ``rollback`` and ``downgrade`` while they run, and of a dry run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .options import Assume
from .phrases import resumed_phrase
from .session import Session
from .spinner import Spinner
from .streams import printable
from .view import Advance, counted, seconds, shown_path, size

if TYPE_CHECKING:
    from dbwarden.api.migration_session import PlannedFile
    from dbwarden.api.progress import Events, FileRun
    from dbwarden.api.rollback import RollbackOptions, RollbackReport

    from .view import View

_WORDS = {"applied": "Applied {}", "baselined": "Marked {} as applied (not executed)", "rolled_back": "Rolled back {}"}


_SHOWN = 1000
"""Characters of a statement that are considered for the progress line."""


@contextmanager
def run_listener(session: Session, verbose: bool) -> Iterator[Events]:
    """Listener for a run. It prints a line per file, and nothing with ``--json``.

    On a terminal it also draws a bar if there are many files, else a line about work of more than a second.
    """
    from dbwarden.api.configuration import without_passwords
    from dbwarden.api.observed_run import export_telemetry
    from dbwarden.api.progress import (
        BackupFinished,
        BackupStarted,
        CompletedStatement,
        FileRun,
        LockUnreleased,
        NotificationFailed,
        Progress,
        RunnerOutput,
        RunStarted,
        StatementProgress,
        StatementStarted,
        TelemetryUnavailable,
        Translated,
        Unsafe,
        Waiting,
        WorkStarted,
    )

    export_telemetry()
    view = session.view
    spinner = Spinner(None) if session.flags.json else view.spinner()
    bar: list[Any] = []
    advance: list[Advance | None] = []

    def begin(files: int) -> None:
        drawn = view.progress(files) if not session.flags.json else None
        if drawn is not None:
            bar.append(drawn)
            advance.append(drawn.__enter__())

    def tell(event: Progress) -> None:
        spinner.clear()
        say(event)
        match event:
            case Waiting():
                spinner.show(f"waiting for the migration lock of {event.holder}")
            case WorkStarted():
                spinner.show(event.activity)
            case BackupStarted():
                spinner.show("making a backup")
            case StatementProgress() if not any(advance):
                spinner.show(f"{event.file}  {event.words}")
            case StatementStarted() if spinner.visible or any(advance):
                text = without_passwords(f"{event.file} {event.number}/{event.total}  {event.sql[:_SHOWN]}")
                if not any(advance):
                    spinner.show(text)
                for step in filter(None, advance):
                    step(0, printable(" ".join(text.split())))

    def say(event: Progress) -> None:
        match event:
            case Unsafe():
                for finding in event.findings:
                    view.warning(finding)
            case Waiting():
                view.diagnostic(f"Waiting up to {event.seconds:g} s for the migration lock of {event.holder}")
            case LockUnreleased():
                option = f" -d {event.database}"
                view.warning(
                    f"The migration lock could not be released, and may still be held: {event.reason}. Look with"
                    f" `dbwarden lock-status{option}`; release it with `dbwarden unlock{option}`."
                )
            case NotificationFailed():
                view.warning(f"The notification did not reach {event.hook}: {event.reason}")
            case TelemetryUnavailable():
                view.warning(f"Telemetry is not exported: {event.reason}")
            case BackupFinished() if not session.flags.json:
                view.line(f"Backup {shown_path(event.file)} ({size(event.size)}, {seconds(event.duration)})")
            case RunStarted():
                if event.taken_over:
                    view.warning(f"Took over the migration lock of {event.taken_over}, who is gone")
                if event.resumed:
                    view.warning(resumed_phrase(event.resumed))
                begin(event.files)
            case Translated():
                for loss in event.losses:
                    view.warning(loss)
            case StatementStarted() if verbose and not session.flags.json:
                first = " ".join(event.sql.split())
                view.line(f"  {event.number}/{event.total} {first if len(first) <= 100 else first[:99] + '…'}")
            case StatementProgress() if verbose and not session.flags.json:
                view.line(f"      {event.words}")
            case RunnerOutput() if not session.flags.json:
                view.line(f"  {event.runner}: {event.line}")
            case CompletedStatement() if not session.flags.json:
                hosts = ", ".join(event.hosts)
                view.line(f"Completed statement {event.number} of {event.file} on {hosts}, which lacked it")
            case FileRun():
                if not session.flags.json:
                    view.line(_sentence(event))
                for step in filter(None, advance):
                    step(1, event.file)

    try:
        yield tell
    finally:
        spinner.clear()
        for drawn in bar:
            drawn.__exit__(None, None, None)


@contextmanager
def waiting(session: Session) -> Iterator[Events]:
    """Listener for a command that only reads; on a terminal it draws a line about work of more than a second."""
    from dbwarden.api.progress import Progress, WorkStarted

    spinner = Spinner(None) if session.flags.json else session.view.spinner()

    def tell(event: Progress) -> None:
        spinner.clear()
        if isinstance(event, WorkStarted):
            spinner.show(event.activity)

    try:
        yield tell
    finally:
        spinner.clear()


def _sentence(event: FileRun) -> str:
    text = _WORDS[event.event.value].format(event.file)
    return text if event.event.value == "baselined" else f"{text} ({seconds(event.duration)})"


def show_plan(
    view: View, planned: Sequence[PlannedFile], what_would: str, database: str, noun: str = "migration"
) -> None:
    """Show the SQL of a dry run; the whole output can be run by the database's own client."""
    for file in planned:
        through = f" (through {file.runner})" if file.runner else ""
        view.sql(
            f"-- {file.file}{through}\n"
            + "".join(f"{statement.rstrip().rstrip(';')};\n" for statement in file.statements)
        )
        view.gap()
    count = counted(len(planned), noun)
    view.line(f"-- Dry run: nothing was executed; {count} would be {what_would} database {database}.")


def show_rollback(view: View, report: RollbackReport) -> None:
    """Show the result of ``rollback`` and ``downgrade``."""
    if report.dry_run:
        show_plan(view, report.planned, "rolled back in", report.database)
    elif not report.migrations:
        view.line(f"Nothing to roll back: database {report.database} is at {report.target} already.")
    else:
        count = counted(len(report.migrations), "migration")
        view.line(f"Database {report.database}: {count} rolled back in {seconds(report.duration)}.")


def rollback_options(
    session: Session, dry_run: bool, lock_wait: float | None, assume: Assume | None, safety: Mapping[str, Any]
) -> RollbackOptions:
    """Options of ``rollback`` and ``downgrade``; ``safety`` are the fields that ``safety_options`` returns."""
    from dbwarden.api.rollback import RollbackOptions

    flags = session.flags
    return RollbackOptions(
        dry_run, lock_wait, assumption(assume), flags.dev, strict_translation=flags.strict_translation, **safety
    )


def run_rollbacks(
    session: Session,
    databases: tuple[str | None, bool],
    options: RollbackOptions,
    run: Callable[[str | None, RollbackOptions], RollbackReport],
    verbose: bool,
    *,
    per_node: bool = False,
) -> None:
    """Call ``run`` for each database, with a listener, and show its report: the one of that name, or all."""

    def run_for_database(name: str | None) -> RollbackReport:
        with run_listener(session, verbose) as events:
            return run(name, replace(options, events=events))

    result = None if options.dry_run else _rolled_back
    session.run_for_databases(*databases, run_for_database, show_rollback, result=result, per_node=per_node)


def _rolled_back(report: RollbackReport) -> str:
    """Result for the table of ``--all``."""
    return f"{len(report.migrations)} rolled back" if report.migrations else "nothing to do"


def assumption(answer: Assume | None) -> bool | None:
    """Convert ``--assume`` for the API."""
    return None if answer is None else answer is Assume.done
