"""dbwarden status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dbwarden.errors import DBWardenError, UsageError

from .fleet import FleetName, Jobs, Only, ShardOption, fleet_options, run_fleet, show_table
from .hosts import show_host_drift
from .options import AllDatabases, DatabaseName, ExitCode, PerNode, Verbose, command
from .phrases import class_of, progress_phrase, show_others, show_suspended, stale_proof, stop_phrase, undone_phrase
from .session import Session
from .view import View, counted, moment

if TYPE_CHECKING:
    from dbwarden.api.fleet_run import FleetOptions
    from dbwarden.api.status import StatusEntry, StatusReport

app = command()
_FEW = 20
"""Number of applied migrations shown without --verbose."""


@app.command()
def status(
    ctx: typer.Context,
    database: DatabaseName = None,
    every: AllDatabases = False,
    per_node: PerNode = False,
    fleet: FleetName = None,
    jobs: Jobs = None,
    shard: ShardOption = None,
    only: Only = None,
    exit_code: ExitCode = False,
    watch: Annotated[
        bool, typer.Option("--watch", "-w", help="Show the state again and again until Ctrl-C; in a pipe, each change.")
    ] = False,
    interval: Annotated[
        float | None,
        typer.Option(
            "--interval", min=0.1, metavar="SECONDS", help="With --watch: pause between two readings (default: 2)."
        ),
    ] = None,
    verbose: Verbose = False,
) -> None:
    """Show what is applied and pending, and what is wrong: edited, missing, failed or interrupted migrations.

    With --exit-code, exits with 4 if anything is pending or wrong, or the hosts of the cluster differ.
    """
    from dbwarden.api.status import status as read

    session = Session.of(ctx)
    flags = session.flags
    for_one = (
        ("--database", database), ("--all", every), ("--per-node", per_node), ("--dev", flags.dev), ("--watch", watch)
    )  # fmt: skip
    fleet_run = fleet_options(fleet, for_one, jobs, shard, only)
    if fleet is not None and fleet_run is not None:
        _show_fleet(session, fleet, fleet_run, exit_code, verbose)
        return
    if interval is not None and not watch:
        raise UsageError("--interval needs --watch")
    if watch:
        if exit_code or per_node:
            raise UsageError("--watch goes neither with --exit-code nor with --per-node")
        _watch(session, database, every, interval or 2.0, verbose)
        return
    reports = session.run_for_databases(
        database,
        every,
        lambda name: read(name, config=flags.config, dev=flags.dev),
        lambda view, report: _show(view, report, verbose),
        result=_counts,
        per_node=per_node,
    )
    if exit_code and not all(report.clean for report in reports):
        session.end(4)


def _watch(session: Session, database: str | None, every: bool, interval: float, verbose: bool) -> None:
    from dbwarden.api.all_databases import for_each_database
    from dbwarden.api.lock import lock_status
    from dbwarden.api.status import status as read

    from .watch import Observation, Watch

    flags = session.flags

    known = database or ""  # the default database has a name once it was read

    def observe(name: str | None) -> Observation:
        nonlocal known
        report = read(name, config=flags.config, dev=flags.dev)
        known = report.database
        return Observation(report.database, report, lock_status(name, config=flags.config, dev=flags.dev))

    def observe_all() -> list[Observation]:
        if every and database is not None:
            raise UsageError("--database and --all cannot be given together")
        if every:
            return [
                outcome.report or Observation(outcome.database, error=outcome.error)
                for outcome in for_each_database(observe, flags.config)
            ]
        try:
            return [observe(database)]
        except DBWardenError as error:
            return [Observation(known, error=error)]

    def show(view: View, report: StatusReport, few: int) -> None:
        _show(view, report, verbose, few)

    Watch(observe_all, _counts, show, interval).run(session)


def _show_fleet(session: Session, name: str, fleet: FleetOptions, exit_code: bool, verbose: bool) -> None:
    from dbwarden.api.fleet import fleet_status

    config = session.flags.config
    report = run_fleet(
        session, lambda events: fleet_status(name, fleet=fleet, config=config, events=events), verbose, show_table
    )
    if exit_code and not report.clean:
        session.end(4)


def _counts(report: StatusReport) -> str:
    """The numbers of a report: ``3 applied, 1 pending, 1 problem``."""
    problems = f", {counted(report.problems, 'problem')}" if report.problems else ""
    return f"{report.applied} applied, {report.pending} pending{problems}"


def _show(view: View, report: StatusReport, verbose: bool, few: int = _FEW) -> None:
    view.line(f"Database {report.database}: {_counts(report)}")
    show_others(view, report.other_projects)
    if report.cluster is not None and (verbose or report.cluster.hosts):
        view.line(f"Cluster: {_cluster(report)}")
    show_host_drift(view, report.host_drift)
    show_suspended(view, report.suspended, report.database, running=report.running)
    if report.restore:
        view.warning(report.restore)
    _show_seeds(view, report)
    if not report.entries:
        view.warning("There are no migrations yet: `dbwarden make-migrations` writes the first one.")
        return
    shown = report.entries if verbose else _visible_entries(report.entries, few)
    left_out = len(report.entries) - len(shown)
    view.gap()
    if left_out:
        view.line(f"({left_out} older ones are applied; --verbose shows them)")
    view.table(
        ("migration", "class", "state", "at (UTC)", ""),
        [(e.file, class_of(e.kind), _state(e), _time(e), "seed" if e.seed else "") for e in shown],
    )
    _show_problems(view, report.entries)
    for entry in report.entries:
        if entry.proof.value == "stale":
            view.warning(stale_proof(entry.file, report.database))


def _show_seeds(view: View, report: StatusReport) -> None:
    seeds = report.seeds
    if seeds is None:
        return
    problems = f", {counted(seeds.problems, 'problem')}" if seeds.problems else ""
    view.line(f"Seeds: {seeds.applied} applied, {seeds.pending} pending{problems}")
    if seeds.problems:
        view.warning(f"`dbwarden seed list -d {report.database}` says what is wrong with {', '.join(seeds.wrong)}.")


def _cluster(report: StatusReport) -> str:
    """How statements reach the servers of the database, and which these are."""
    cluster = report.cluster
    assert cluster is not None
    hosts = ", ".join(host.name for host in cluster.hosts)
    shards = f" in {counted(cluster.shards, 'shard')}" if cluster.shards > 1 else ""
    servers = f"{counted(len(cluster.hosts), 'server')}{shards}: {hosts}" if hosts else "its servers are not listed"
    match cluster.mode.value:
        case "statement":
            return f"{cluster.name}, statements run ON CLUSTER ({servers})"
        case "database":
            return f"the database {cluster.name} is replicated, statements run without ON CLUSTER ({servers})"
    return "none, statements run on this server alone"


def _visible_entries(entries: tuple[StatusEntry, ...], few: int) -> list[StatusEntry]:
    """All entries except older applied versions."""
    plain = [e for e in entries if e.state.value in ("applied", "baselined") and e.kind.value == "versioned"]
    hidden = {entry.key for entry in plain[:-few]} if len(plain) > few else frozenset()
    return [entry for entry in entries if entry.key not in hidden]


def _time(entry: StatusEntry) -> str:
    """Time of the entry's state; empty for a pending file."""
    return "" if entry.state.value in ("pending", "out of order") else moment(entry.at)


def _state(entry: StatusEntry) -> str:
    state = entry.state.value
    if state == "stopped":
        return stop_phrase(entry)
    return progress_phrase(state, entry) if state == "failed" else state


def _show_problems(view: View, entries: tuple[StatusEntry, ...]) -> None:
    for entry in entries:
        if not entry.problem and not entry.error:
            continue
        view.gap()
        view.line(f"{entry.file} {_sentence(entry)}")
        if entry.error and entry.state.value != "stopped":
            view.line(f"  {entry.error}")
        if entry.advice:
            view.line(f"  Next: {entry.advice}")


def _sentence(entry: StatusEntry) -> str:
    return {
        "edited": "was changed after it was applied.",
        "missing": "was applied, but its file is gone.",
        "failed": f"{'; '.join(filter(None, (progress_phrase('failed', entry), undone_phrase(entry))))}.",
        "stopped": f"{stop_phrase(entry)}; {_effect_words(entry)}.",
    }.get(entry.state.value, "failed when it was tried last; none of its statements is in effect.")


def _effect_words(entry: StatusEntry) -> str:
    """What is known about the effect of the statements of a file that stopped."""
    if entry.last_in_doubt is not None:
        return "which of them had their effect is not recorded"
    return "whether that had its effect is not recorded" if entry.error else "what stands before it is in effect"
