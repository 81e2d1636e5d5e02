"""dbwarden seed create, apply, list, rollback, export."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from dbwarden.errors import UsageError

from .options import (
    AllDatabases,
    Assumption,
    DatabaseName,
    DryRun,
    LockWait,
    Verbose,
    command,
)
from .progress_output import assumption, rollback_options, run_listener, show_plan
from .safety import Force, safety_options
from .session import Session
from .view import View, counted, moment, seconds, shown_path

if TYPE_CHECKING:
    from dbwarden.api.seed_create import SeedCreateReport
    from dbwarden.api.seed_export import SeedExportReport
    from dbwarden.api.seed_list import SeedEntry, SeedListReport
    from dbwarden.api.seed_rollback import SeedRollbackReport
    from dbwarden.api.seeds import SeedReport

app = command()


@app.callback()
def seed() -> None:
    """Fill tables with rows that belong to the application: seeds."""


class SeedType(StrEnum):
    """Languages of seeds, as values of ``--type``."""

    sql = "sql"
    python = "python"


OnChange = Annotated[
    bool, typer.Option("--on-change", help="Run the seed again whenever it has changed (ROC__NAME), not once.")
]


@app.command("create")
def create(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of the seed, in a few words.")],
    type: Annotated[
        SeedType, typer.Option("--type", help="sql: statements; python: a function that gets a SQLAlchemy session.")
    ] = SeedType.sql,
    on_change: OnChange = False,
    database: DatabaseName = None,
) -> None:
    """Write an empty seed for hand-written SQL or Python."""
    from dbwarden.api.seed_create import seed_create

    session = Session.of(ctx)
    report = seed_create(name, database, type=type.value, on_change=on_change, config=session.flags.config)
    session.answer(report, show_created)


def show_created(view: View, report: SeedCreateReport) -> None:
    """Show the file that was written."""
    view.line(f"Created {shown_path(report.path)}")
    for note in report.notes:
        view.warning(note)


@app.command("apply")
def apply(
    ctx: typer.Context,
    database: DatabaseName = None,
    every: AllDatabases = False,
    version: Annotated[
        str | None, typer.Option("--version", metavar="SEED", help="Apply only this seed: its version or name.")
    ] = None,
    dry_run: DryRun = False,
    force: Force = False,
    lock_wait: LockWait = None,
    assume: Assumption = None,
    verbose: Verbose = False,
) -> None:
    """Apply pending seeds in order, each in a transaction of its own where the engine allows."""
    from dbwarden.api.seeds import SeedOptions, seed_apply

    session = Session.of(ctx)
    flags = session.flags

    def run_for_database(name: str | None) -> SeedReport:
        with run_listener(session, verbose) as events:
            options = SeedOptions(
                dry_run,
                lock_wait,
                assumption(assume),
                flags.dev,
                events,
                strict_translation=flags.strict_translation,
                **safety_options(session, force, False, None),
            )
            return seed_apply(name, version=version, config=flags.config, options=options, optional=every)

    session.run_for_databases(database, every, run_for_database, show_applied, result=None if dry_run else _applied)


def show_applied(view: View, report: SeedReport) -> None:
    """Show the result of applying seeds."""
    for name in report.missing:
        view.warning(f"{name} is applied, but its file is gone")
    pending = f"; {report.remaining} still pending" if report.remaining else ""
    if report.notes:
        view.line(f"{'-- ' if report.dry_run else ''}{' '.join(report.notes)}.")
    elif report.dry_run:
        show_plan(view, report.planned, "applied to", report.database, "seed")
    elif not report.seeds:
        state = pending.removeprefix("; ") or f"up to date ({report.applied} applied)"
        view.line(f"No seed to apply: database {report.database} is {state}.")
    else:
        view.line(
            f"Database {report.database}: {counted(len(report.seeds), 'seed')} applied in {seconds(report.duration)}{pending}."
        )


def _applied(report: SeedReport) -> str:
    done = f"{len(report.seeds)} applied" if report.seeds else "nothing to do"
    return f"{done}, {report.remaining} pending" if report.remaining else done


@app.command("list")
def list_seeds(
    ctx: typer.Context,
    database: DatabaseName = None,
    every: AllDatabases = False,
    verbose: Verbose = False,
) -> None:
    """Show which seeds are applied, pending, edited, missing or failed."""
    from dbwarden.api.seed_list import seed_list

    session = Session.of(ctx)
    flags = session.flags

    def run_for_database(name: str | None) -> SeedListReport:
        return seed_list(name, config=flags.config, dev=flags.dev)

    session.run_for_databases(database, every, run_for_database, lambda view, report: _show_list(view, report, verbose))


def _show_list(view: View, report: SeedListReport, verbose: bool) -> None:
    for note in report.notes:
        view.warning(note)
    by = ("by",) if verbose else ()
    if report.seeds:
        view.table(
            ("seed", "runs", "state", "at", *by),
            [
                (
                    entry.file,
                    _RUNS[entry.kind.value],
                    _state(entry),
                    moment(entry.at),
                    *((entry.by or "",) if by else ()),
                )
                for entry in report.seeds
            ],
        )
    problems = f", {counted(report.problems, 'problem')}" if report.problems else ""
    view.line(f"Database {report.database}: {report.applied} applied, {report.pending} pending{problems}")
    for entry in report.seeds:
        if entry.error:
            view.line(f"{entry.file}: {entry.error}")
        if entry.advice:
            view.line(f"{entry.file}: {entry.advice}")


_RUNS = {"versioned": "once", "runs_always": "always", "runs_on_change": "on change"}


def _state(entry: SeedEntry) -> str:
    word, total = entry.state.value, entry.statements_total
    if word not in ("failed", "stopped") or not total:
        return word
    return f"{word} at statement {min(entry.statements_done + 1, total)} of {total}"


@app.command("rollback")
def rollback(
    ctx: typer.Context,
    database: DatabaseName = None,
    every: AllDatabases = False,
    count: Annotated[int | None, typer.Option("--count", "-c", metavar="N", help="Stop after this many seeds.")] = None,
    to_version: Annotated[
        str | None,
        typer.Option("--to-version", "-t", metavar="SEED", help="Seed to return to; 0 rolls back every seed."),
    ] = None,
    dry_run: DryRun = False,
    force: Force = False,
    lock_wait: LockWait = None,
    assume: Assumption = None,
    verbose: Verbose = False,
) -> None:
    """Roll back the last seed, or several, newest first."""
    from dbwarden.api.seed_rollback import seed_rollback

    session = Session.of(ctx)
    options = rollback_options(session, dry_run, lock_wait, assume, safety_options(session, force, False, None))

    def run_for_database(name: str | None) -> SeedRollbackReport:
        with run_listener(session, verbose) as events:
            listened = replace(options, events=events)
            return seed_rollback(
                name, count=count, to_version=to_version, config=session.flags.config, options=listened
            )

    session.run_for_databases(
        database, every, run_for_database, _show_rollback, result=None if dry_run else _rolled_back
    )


def _show_rollback(view: View, report: SeedRollbackReport) -> None:
    if report.dry_run:
        show_plan(view, report.planned, "rolled back in", report.database, "seed")
    elif not report.seeds:
        view.line(f"No seed to roll back: database {report.database} is at {report.target} already.")
    else:
        count = counted(len(report.seeds), "seed")
        view.line(f"Database {report.database}: {count} rolled back in {seconds(report.duration)}.")


def _rolled_back(report: SeedRollbackReport) -> str:
    return f"{len(report.seeds)} rolled back" if report.seeds else "nothing to do"


class Conflict(StrEnum):
    """What happens to a row whose key is there already, as values of ``--on-conflict``."""

    nothing = "nothing"
    update = "update"


@app.command("export")
def export(
    ctx: typer.Context,
    table: Annotated[str, typer.Argument(help="Table whose rows are written (users, crm.users).")],
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="Name of the seed (default: that of the table).")
    ] = None,
    where: Annotated[
        str | None, typer.Option("--where", metavar="SQL", help="Only rows for which this condition is true.")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, metavar="N", help="At most this many rows.")] = None,
    on_conflict: Annotated[
        Conflict | None,
        typer.Option("--on-conflict", help="What happens to a row whose key is there already (default: nothing)."),
    ] = None,
    on_change: OnChange = False,
    with_rollback: Annotated[
        bool, typer.Option("--with-rollback", help="Also write a rollback, which deletes the rows by their keys.")
    ] = False,
    stdout: Annotated[bool, typer.Option("--stdout", help="Print the seed; write no file.")] = False,
    database: DatabaseName = None,
) -> None:
    """Write the rows of a table as a seed that may run more than once."""
    from dbwarden.api.seed_export import SeedExportOptions, seed_export

    session = Session.of(ctx)
    if session.flags.dev:
        raise UsageError("seed export reads the database itself, because its SQL is written for it; leave --dev out")
    conflict = on_conflict.value if on_conflict else None
    options = SeedExportOptions(name, where, limit, conflict, on_change, with_rollback, not stdout)
    session.answer(seed_export(table, database, config=session.flags.config, options=options), _show_export)


def _show_export(view: View, report: SeedExportReport) -> None:
    if report.path is None:
        view.sql(report.text)
        return
    view.line(f"Created {shown_path(report.path)}: {counted(report.rows, 'row')} of {report.table}")
    for note in report.notes:
        view.warning(note)
