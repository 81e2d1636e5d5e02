"""Options and output of commands for a fleet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

import typer

from dbwarden.errors import UsageError

from .completion import complete_database
from .session import Session
from .view import Advance, View, counted, seconds, shortened

if TYPE_CHECKING:
    from dbwarden.api.fleet import FleetEvents, FleetReport
    from dbwarden.api.fleet_results import TargetGroup, TargetResult
    from dbwarden.api.fleet_run import FleetOptions

FleetName = Annotated[
    str | None,
    typer.Option(
        "--fleet",
        metavar="NAME",
        help="All targets of the fleet NAME, several at once.",
        autocompletion=complete_database,
    ),
]
Jobs = Annotated[
    int | None, typer.Option("--jobs", "-j", metavar="N", help="With --fleet: targets at once (default: 4).")
]
Wave = Annotated[
    str | None,
    typer.Option(
        "--wave", metavar="1,10%,100%", help="With --fleet: how many targets each wave reaches, the canary first."
    ),
]
StopOn = Annotated[
    str | None,
    typer.Option(
        "--stop-on",
        metavar="N or P%",
        help="With --fleet: stop when so many targets of a wave failed (default: behind a wave in which one failed).",
    ),
]
ShardOption = Annotated[
    str | None,
    typer.Option(
        "--shard", metavar="I/N", help="With --fleet: only part I of N; for I also a variable that counts from 0."
    ),
]
Only = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="PATTERN", help="With --fleet: only targets whose names match; repeatable."),
]

_NAMED = 4
"""Names of a group that are shown without --verbose."""
_LISTED_ERRORS = 10


def fleet_options(
    fleet: str | None,
    one: Sequence[tuple[str, object]],
    jobs: int | None,
    shard: str | None,
    only: list[str] | None,
    wave: str | None = None,
    stop_on: str | None = None,
) -> FleetOptions | None:
    """The options of a run over a fleet; ``None`` without --fleet. ``one`` are options that are for one database, with their
    values.

    Raises ``UsageError`` for those together with --fleet, and for options of a fleet without it.
    """
    given = {"--jobs": jobs, "--shard": shard, "--only": only, "--wave": wave, "--stop-on": stop_on}
    if fleet is None:
        names = [name for name, value in given.items() if value is not None]
        if names:
            raise UsageError(f"{names[0]} needs --fleet")
        return None
    for name, value in one:
        if value not in (None, False):
            raise UsageError(f"{name} and --fleet cannot be given together")
    from dbwarden.api.fleet_run import JOBS, FleetOptions  # deferred: with its threads, for --fleet only

    return FleetOptions(JOBS if jobs is None else jobs, wave, stop_on, shard, tuple(only or ()))


@dataclass
class _Progress:
    """Output while a fleet is under way: waves, failures, and on a terminal a bar."""

    session: Session
    verbose: bool
    stack: ExitStack
    advance: Advance | None = None
    failures: list[TargetResult] = field(default_factory=list)

    def events(self) -> FleetEvents:
        from dbwarden.api.fleet import FleetEvents

        return FleetEvents(self.start, self.wave, self.result)

    def start(self, selected: int, total: int) -> None:
        if not self.session.flags.json:
            self.advance = self.stack.enter_context(self.session.view.progress(selected))

    def wave(self, number: int, size: int, waves: int) -> None:
        if waves > 1 and not self.session.flags.json:
            self.session.view.line(f"Wave {number} of {waves}: {counted(size, 'target')}")

    def result(self, result: TargetResult) -> None:
        view = self.session.view
        if self.advance is not None:
            self.advance(1, result.target)
        if self.session.flags.json:
            return
        if result.error is not None:
            if len(self.failures) < _LISTED_ERRORS or self.verbose:
                view.diagnostic(f"{result.target}: {result.state.value}: {result.error.message}", style="bold red")
            self.failures.append(result)
        elif self.verbose:
            view.line(f"{result.target}: {_result_words(result)} in {seconds(result.duration)}")


def run_fleet(
    session: Session,
    use: Callable[[FleetEvents], FleetReport],
    verbose: bool,
    show: Callable[[View, FleetReport, bool], None],
    next_command: str = "",
) -> FleetReport:
    """Run a use case for a fleet, show where each target stands, and end with the exit code of the run unless it is 0.

    ``next_command`` is what goes on with the targets that are left.
    """
    with ExitStack() as stack:
        report = use(_Progress(session, verbose, stack).events())
    if session.flags.json:
        session.answer(report, lambda view, shown: None)
    else:
        show(session.view, report, verbose)
        _show_next(session.view, report, next_command)
    if report.exit_code:
        session.end(report.exit_code)
    return report


def show_table(view: View, report: FleetReport, verbose: bool) -> None:
    """Show a table of where everybody stands: a line for each group of targets, or with ``verbose`` for each target."""
    if report.planned:
        from .progress_output import show_plan  # deferred: not for a status

        show_plan(view, report.planned, "applied to", report.fleet)
    view.line(heading(report))
    if verbose:
        rows = [
            (result.target, result.state.value, result.version or "", _what(result.migrations, result.detail))
            for result in sorted(report.targets, key=lambda result: result.target)
        ]
        _table(view, ("target", "state", "version", "what"), rows)
    elif report.groups:
        groups = [
            (
                group.state.value,
                str(group.count),
                group.version or "",
                _what(group.migrations, group.detail),
                _names(group),
            )
            for group in report.groups
        ]
        _table(view, ("state", "targets", "version", "what", "which"), groups)


def _table(view: View, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    """Show a table without its empty columns."""
    used = [at for at in range(len(columns)) if any(row[at] for row in rows)]
    view.table([columns[at] for at in used], [[row[at] for at in used] for row in rows])


def show_drift(view: View, report: FleetReport, verbose: bool) -> None:
    """Show the targets of each group together with the differences that they share."""
    view.line(heading(report))
    for group in report.groups:
        view.gap()
        names = ", ".join(group.targets) if verbose else _names(group)
        different = group.state.value == "different"
        words = f"{group.count} {'differ' if group.count > 1 else 'differs'} in this way" if different else None
        view.line(f"{words or f'{group.count} {group.state.value}'}: {names}")
        if group.detail:
            view.item(group.detail)
        for line in group.migrations:
            view.item(line)


def heading(report: FleetReport) -> str:
    """The numbers of a report: ``Fleet tenants: 300 targets: 297 applied, 2 failed, 1 not started, in 12 s``."""
    part = f" of {report.total}" if report.selected != report.total else ""
    shard = f" (shard {report.shard})" if report.shard else ""
    counts = ", ".join(f"{number} {state}" for state, number in report.counts.items()) or "none is meant"
    targets = f"{report.selected}{part} {'target' if report.total == 1 else 'targets'}{shard}"
    return f"Fleet {report.fleet}, {targets}: {counts}, in {seconds(report.duration)}"


def _what(migrations: tuple[str, ...], detail: str) -> str:
    files = ", ".join(migrations[:2]) + (f" and {len(migrations) - 2} more" if len(migrations) > 2 else "")
    return shortened("; ".join(filter(None, (files, detail))), 90)


def _names(group: TargetGroup) -> str:
    more = group.count - _NAMED
    names = ", ".join(group.targets[:_NAMED] if more > 1 else group.targets)
    return f"{names} and {more} more" if more > 1 else names


def _result_words(result: TargetResult) -> str:
    return " ".join(filter(None, (result.state.value, _what(result.migrations, result.detail))))


def _show_next(view: View, report: FleetReport, next_command: str) -> None:
    """Say why a run ended before its end, and what to type next."""
    if report.interrupted is not None:
        view.diagnostic(f"Error: {report.interrupted.message}", style="bold red")
    elif report.stopped:
        view.diagnostic("Error: Too many targets failed: no further one was started", style="bold red")
    broken = [result for result in report.targets if result.broken]
    if broken:
        first = broken[0]
        hint = first.error.hint if first.error is not None and first.error.hint else ""
        look = f"`dbwarden status -d {first.database}`"
        view.diagnostic(f"Hint: {hint or f'{look} shows the first of them.'}")
    left = bool(broken) or any(result.state.value in ("not started", "interrupted") for result in report.targets)
    if next_command and left:
        view.diagnostic(
            f"Next: the same command goes on with the rest; for one target, `dbwarden {next_command} -d {report.fleet}@TARGET`."
        )
