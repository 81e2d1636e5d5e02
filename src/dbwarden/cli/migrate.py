"""dbwarden migrate."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from .fleet import FleetName, Jobs, Only, ShardOption, StopOn, Wave, fleet_options, run_fleet, show_table
from .options import (
    AllDatabases,
    Assumption,
    Count,
    DatabaseName,
    DryRun,
    LockWait,
    PerNode,
    ToVersion,
    Verbose,
    command,
)
from .phrases import stale_proof
from .progress_output import assumption, run_listener, show_plan
from .safety import BackupDir, Force, WithBackup, safety_options
from .session import Session
from .view import View, counted, seconds

if TYPE_CHECKING:
    from dbwarden.api.fleet_run import FleetOptions
    from dbwarden.api.migrate import MigrateOptions, MigrateReport
    from dbwarden.api.preflight import PreflightReport
    from dbwarden.api.sandbox import SandboxReport

app = command()


@app.command()
def migrate(
    ctx: typer.Context,
    database: DatabaseName = None,
    every: AllDatabases = False,
    per_node: PerNode = False,
    fleet: FleetName = None,
    jobs: Jobs = None,
    wave: Wave = None,
    stop_on: StopOn = None,
    shard: ShardOption = None,
    only: Only = None,
    count: Count = None,
    to_version: ToVersion = None,
    baseline: Annotated[bool, typer.Option("--baseline", help="Mark as applied; execute nothing.")] = False,
    dry_run: DryRun = False,
    force: Force = False,
    with_backup: WithBackup = False,
    backup_dir: BackupDir = None,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Run upgrades and rollbacks on a scratch database; change nothing here.")
    ] = False,
    with_data: Annotated[
        int | None,
        typer.Option("--with-data", min=1, metavar="N", help="With --sandbox: copy up to N rows of each table."),
    ] = None,
    apply_seeds: Annotated[
        bool, typer.Option("--apply-seeds", help="Then apply the pending seeds, under the same lock.")
    ] = False,
    preflight: Annotated[
        bool | None,
        typer.Option(
            "--preflight/--no-preflight",
            help="Look for rows on which a statement would fail, in all tables (default: in small ones).",
        ),
    ] = None,
    lock_wait: LockWait = None,
    assume: Assumption = None,
    verbose: Verbose = False,
) -> None:
    """Apply pending migrations in order, each in a transaction of its own where the engine allows."""
    from dbwarden.api.migrate import MigrateOptions
    from dbwarden.api.migrate import migrate as run

    session = Session.of(ctx)
    flags = session.flags
    for_one = (("--database", database), ("--all", every), ("--per-node", per_node))
    fleet_run = fleet_options(fleet, for_one, jobs, shard, only, wave, stop_on)
    options = MigrateOptions(
        dry_run,
        lock_wait,
        assumption(assume),
        flags.dev,
        baseline=baseline,
        sandbox=sandbox,
        with_data=with_data or 0,
        preflight=preflight,
        strict_translation=flags.strict_translation,
        apply_seeds=apply_seeds,
        seeds_optional=every,
        **safety_options(session, force, with_backup, backup_dir),
    )
    if fleet is not None and fleet_run is not None:
        _migrate_fleet(session, fleet, fleet_run, (count, to_version), options, verbose)
        return

    def run_for_database(name: str | None) -> MigrateReport:
        with run_listener(session, verbose) as events:
            with_events = replace(options, events=events)
            return run(name, count=count, to_version=to_version, config=flags.config, options=with_events)

    result = None if dry_run or sandbox else _result
    reports = session.run_for_databases(
        database,
        every,
        run_for_database,
        lambda view, report: _show(view, report, with_backup, bool(preflight) or verbose),
        result=result,
        per_node=per_node,
    )
    if any(report.sandbox is not None and not report.sandbox.succeeded for report in reports):
        session.end(1)


def _migrate_fleet(
    session: Session,
    name: str,
    fleet: FleetOptions,
    limit: tuple[int | None, str | None],
    options: MigrateOptions,
    verbose: bool,
) -> None:
    from dbwarden.api.fleet import migrate_fleet

    options = replace(options, confirm=None)  # several targets at once cannot ask
    config = session.flags.config
    run_fleet(
        session,
        lambda events: migrate_fleet(name, fleet=fleet, limit=limit, config=config, options=options, events=events),
        verbose,
        show_table,
        "migrate",
    )


def _result(report: MigrateReport) -> str:
    done = (
        f"{len(report.migrations)} {'marked as applied' if report.baseline else 'applied'}"
        if report.migrations
        else "nothing to do"
    )
    seeds = f", {counted(len(report.seeds.seeds), 'seed')} applied" if report.seeds and report.seeds.seeds else ""
    return f"{done}, {report.remaining} pending" if report.remaining else done + seeds


def _show(view: View, report: MigrateReport, with_backup: bool, detailed: bool) -> None:
    for note in report.notes:
        view.warning(note)
    for name in report.out_of_order:
        view.warning(f"{name} is older than a migration that was applied before it")
    for name in report.stale_proofs:
        view.warning(stale_proof(name, report.database))
    if detailed and report.preflight is not None:
        _show_preflight(view, report.preflight)
    pending = f"; {report.remaining} still pending" if report.remaining else ""
    if report.sandbox is not None:
        _show_sandbox(view, report.database, report.sandbox)
    elif report.dry_run:
        show_plan(view, report.planned, "marked in" if report.baseline else "applied to", report.database)
    elif not report.migrations:
        state = pending.removeprefix("; ") or f"up to date ({report.applied} applied)"
        unsaved = " No backup was made." if with_backup else ""
        view.line(f"Nothing to apply: database {report.database} is {state}.{unsaved}")
    elif report.baseline:
        view.line(
            f"Database {report.database}: {counted(len(report.migrations), 'migration')} marked as applied{pending}."
        )
    else:
        outcome = f"{counted(len(report.migrations), 'migration')} applied in {seconds(report.duration)}"
        view.line(f"Database {report.database}: {outcome}{pending}.")
    if report.seeds is not None:
        from .seed import show_applied  # deferred: few ask for it

        show_applied(view, report.seeds)


def _show_preflight(view: View, report: PreflightReport) -> None:
    """Show what the rows say, after a run or a dry run."""
    for demand in report.unjudged:
        view.diagnostic(f"Not judged by the rows: {demand.file}:{demand.line}: {demand.demand}: {demand.reason}")
    if report.met:
        view.diagnostic(f"All rows met {counted(report.met, 'demand')} of the migrations before they ran")


def _show_sandbox(view: View, database: str, report: SandboxReport) -> None:
    """Show the outcome by file, the failures, and the data that rollbacks do not restore."""
    view.line(
        f"Tried out on {report.server}, {report.kind}"
        + (f", with {counted(report.sample_rows, 'row')}" if report.sample_rows else "")
    )
    view.table(
        ("file", "upgrade", "rollback", "as before", "upgrade again"),
        [(file.file, file.upgrade, file.rollback, file.schema_restored, file.second_upgrade) for file in report.files],
    )
    view.line(f"Models: {report.models}")
    for file in report.files:
        if file.irreversible:
            view.line(f"{file.file} is not rolled back: {file.irreversible}")
        if file.lost_values:
            view.line(f"{file.file}: the rollback does not bring back the data of {', '.join(file.lost_values)}")
    for omission in report.missing:
        view.warning(omission)
    for name in report.renewed_proofs:
        view.line(f"{name}: its header now says what was proved")
    for note in report.notes:
        view.warning(note)
    for problem in (*(file_problem for file in report.files for file_problem in file.problems), *report.differences):
        view.line(f"Failed: {problem}", style="bold red")
    whole = "all steps succeeded" if not report.missing else "all steps that could be tried succeeded"
    outcome = whole if report.succeeded else "not all steps succeeded"
    view.line(f"Database {database}: {outcome}; it was only read, and nothing was applied.")
