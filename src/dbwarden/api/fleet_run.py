"""Runs one use case for the targets of a fleet: several at once in threads, in waves, each failure isolated.

Threads and not processes: a target spends its time in its server, and one process parses the files once and needs the memory
of one. Results are handed over as they come, and no more targets are under way than ``jobs``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Generic, TypeVar

from dbwarden.core.fleet import (
    Amount,
    FleetTarget,
    Shard,
    failures_allowed,
    matching,
    parse_shard,
    parse_waves,
    unmatched,
    wave_ends,
)
from dbwarden.errors import DBWardenError, Interrupted, UsageError
from dbwarden.runtime.interrupt import Interruption, interruptible_threads

from .fleet_targets import Fleet

Report = TypeVar("Report")

JOBS = 4
"""Targets at once, unless said otherwise."""


@dataclass(frozen=True, slots=True)
class FleetOptions:
    """Which targets of a fleet a use case is for, and how they follow one another.

    ``waves`` (``1,10%,100%``) are cumulative numbers of targets: a wave begins when the one before has ended, and if the last
    one is less than all targets, the rest is left for a later run. A wave in which a target failed is the last one; with
    ``stop_on`` (``2%``, ``3``) the run goes on until so many targets of one wave have failed, and then stops at once.
    ``shard`` (``3/10``, ``JOB_COMPLETION_INDEX/10``) takes one part of the fleet, ``only`` the targets whose names match.
    """

    jobs: int = JOBS
    waves: str | None = None
    stop_on: str | None = None
    shard: str | None = None
    only: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.jobs < 1:
            raise UsageError(f"--jobs must be at least 1, not {self.jobs}")
        self.limit()
        self.amounts()
        self.part()

    def amounts(self) -> tuple[Amount, ...]:
        """The waves. Raises ``UsageError``."""
        return _parsed("--wave", lambda: parse_waves(self.waves or "100%"))

    def limit(self) -> Amount | None:
        """When the run stops. Raises ``UsageError``."""
        text = self.stop_on
        return None if text is None else _parsed("--stop-on", lambda: Amount.parse(text))

    def part(self) -> Shard | None:
        """The shard. Raises ``UsageError``."""
        text = self.shard
        return None if text is None else _parsed("--shard", lambda: parse_shard(text, tuple(os.environ.items())))

    def select(self, fleet: Fleet) -> tuple[FleetTarget, ...]:
        """The targets that are meant, in their order. Raises ``UsageError`` for a pattern that matches no name."""
        targets: Sequence[FleetTarget] = fleet.targets
        if self.only:
            if wrong := unmatched(targets, self.only):
                names = ", ".join(f"'{pattern}'" for pattern in wrong)
                hint = f"`dbwarden status --fleet {fleet.name} --verbose` lists the targets."
                raise UsageError(f"The fleet '{fleet.name}' has no target that matches {names}", hint=hint)
            targets = tuple(matching(targets, self.only))
        shard = self.part()
        return tuple(target for target in targets if shard is None or shard.has(target))


Parsed = TypeVar("Parsed")


def _parsed(option: str, parse: Callable[[], Parsed]) -> Parsed:
    try:
        return parse()
    except ValueError as problem:
        raise UsageError(f"{option}: {problem}") from None


@dataclass(frozen=True, slots=True)
class TargetOutcome(Generic[Report]):
    """Outcome of one target: a report or an error."""

    target: FleetTarget
    wave: int
    """Number of the wave, from 1."""
    report: Report | None
    error: DBWardenError | None

    @property
    def interrupted(self) -> bool:
        """Whether a signal stopped the target, which is no failure of its own."""
        return isinstance(self.error, Interrupted)


@dataclass(slots=True)
class FleetRun(Generic[Report]):
    """A run over the targets of a fleet. ``stopped`` and ``interrupted`` say after ``outcomes`` why it ended before its end."""

    targets: Sequence[FleetTarget]
    use: Callable[[FleetTarget], Report]
    options: FleetOptions
    on_wave: Callable[[int, int, int], object] = lambda number, size, total: None
    """Called when a wave begins, with its number, its targets, and the number of waves."""
    stopped: bool = False
    """Whether failures stopped it."""
    interrupted: DBWardenError | None = None
    """The error of the signal that stopped it."""
    started: int = 0
    """Number of targets that were started."""

    def outcomes(self) -> Iterator[TargetOutcome[Report]]:
        """Run, and yield each outcome as it comes. After SIGINT or SIGTERM no target is started, and those under way stop
        behind their statement."""
        waves, limit = self.options.amounts(), self.options.limit()
        ends = wave_ends(waves, len(self.targets))
        with interruptible_threads() as stop, ThreadPoolExecutor(self.options.jobs, "dbwarden-target") as pool:
            begin = 0
            for number, end in enumerate(ends, 1):
                if end == begin:
                    continue
                self.on_wave(number, end - begin, len(waves))
                failed = 0
                for outcome in self._wave(pool, stop, (begin, end, number), lambda: self.stopped):
                    failed += outcome.error is not None and not outcome.interrupted
                    self.stopped = self.stopped or not failures_allowed(limit, end - begin, failed)
                    yield outcome
                begin = end
                self.stopped = self.stopped or bool(failed and limit is None)
                if stop.received:
                    self.interrupted = stop.error()
                if self.stopped or stop.received:
                    break
            self.stopped = self.stopped and self.started < len(self.targets)

    def _wave(
        self, pool: ThreadPoolExecutor, stop: Interruption, part: tuple[int, int, int], stopped: Callable[[], bool]
    ) -> Iterator[TargetOutcome[Report]]:
        begin, end, number = part
        running = dict[Future[Report], FleetTarget]()
        waiting = iter(self.targets[begin:end])
        while True:
            while len(running) < self.options.jobs and not stop.received and not stopped():
                target = next(waiting, None)
                if target is None:
                    break
                self.started += 1
                running[pool.submit(self.use, target)] = target
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                yield _outcome(running.pop(future), number, future)


def _outcome(target: FleetTarget, wave: int, future: Future[Report]) -> TargetOutcome[Report]:
    try:
        return TargetOutcome(target, wave, future.result(), None)
    except DBWardenError as error:
        return TargetOutcome(target, wave, None, error)
