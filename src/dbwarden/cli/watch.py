"""``status --watch``: a view that is drawn again every few seconds until Ctrl-C.

On a terminal the view is redrawn in place. In a pipe, only changes are printed: a line for each database, or with ``--json`` a
JSON document on a line. Reading leaves nothing behind in the database.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from typing import TYPE_CHECKING, Any, NoReturn

from .lock_status import holder
from .session import Session
from .view import View, moment, seconds

if TYPE_CHECKING:
    from dbwarden.api.lock import LockReport
    from dbwarden.api.status import StatusReport
    from dbwarden.errors import DBWardenError


@dataclass(frozen=True, slots=True)
class Observation:
    """State of one database, or the error that hid it."""

    name: str
    report: StatusReport | None = None
    lock: LockReport | None = None
    error: DBWardenError | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """How the state is read, and in which words it is shown."""

    read: Callable[[], Sequence[Observation]]
    counts: Callable[[StatusReport], str]
    show: Callable[[View, StatusReport, int], None]
    """Shows a report with at most so many applied migrations."""
    interval: float

    def run(self, session: Session) -> None:
        """Watch until Ctrl-C. Raises the error of the first reading; later ones are shown, and reading goes on."""
        with _terminated_by_signal():
            observations = self.read()
            for observation in observations:
                if observation.error is not None:
                    raise observation.error
            try:
                if session.view.width is None or session.flags.json:
                    self._print_changes(session, observations)
                else:
                    self._redraw(session, observations)
            except KeyboardInterrupt:
                return

    # -- in a pipe

    def _print_changes(self, session: Session, observations: Sequence[Observation]) -> NoReturn:
        before: dict[str, str] = {}
        while True:
            for observation in observations:
                words = self._line(observation)
                if before.get(observation.name) == words:
                    continue
                before[observation.name] = words
                if session.flags.json:
                    session.view.compact_document(self._document(session, observation))
                else:
                    session.view.line(f"{moment(datetime.now(UTC))}  {words}")
            time.sleep(self.interval)
            observations = self.read()

    def _line(self, observation: Observation) -> str:
        if observation.error is not None:
            return f"{observation.name}: {observation.error.message.splitlines()[0]}"
        lock = observation.lock
        under = f"; locked by {holder(lock)}" if lock is not None and lock.active else ""
        assert observation.report is not None
        return f"{observation.name}: {self.counts(observation.report)}{_in_progress(observation.report)}{under}"

    def _document(self, session: Session, observation: Observation) -> dict[str, Any]:
        from dbwarden.api.report import to_json

        at = to_json(datetime.now(UTC))
        if observation.error is not None:
            return {"at": at, "database": observation.name, "error": session.error_document(observation.error)}
        return {"at": at, **to_json(observation.report), "lock": to_json(observation.lock)}

    # -- on a terminal

    def _redraw(self, session: Session, observations: Sequence[Observation]) -> NoReturn:
        from rich.live import Live
        from rich.text import Text

        console = session.view.console
        assert console is not None
        with Live(console=console, auto_refresh=False, vertical_overflow="ellipsis") as live:
            while True:
                drawn = self._drawn(session, observations, console.width, console.height)
                live.update(Text.from_ansi(drawn), refresh=True)
                time.sleep(self.interval)
                observations = self.read()

    def _drawn(self, session: Session, observations: Sequence[Observation], width: int, height: int) -> str:
        """The view as text with the colours of a terminal."""
        from rich.console import Console

        text = StringIO()
        canvas = Console(
            file=text, force_terminal=True, width=width, highlight=False, markup=False, emoji=False, soft_wrap=True,
            no_color=session.view.is_plain,
        )  # fmt: skip
        view = View(session.flags.color, session.flags.program, canvas=canvas)
        view.line(f"{moment(datetime.now(UTC))} UTC, every {seconds(self.interval)}; Ctrl-C ends", style="dim")
        room = max(1, (height - 10 * len(observations)) // max(1, len(observations)))
        for observation in observations:
            view.gap()
            if observation.error is not None:
                view.error(f"{observation.name}: {observation.error.message}", observation.error.hint)
                continue
            lock = observation.lock
            if lock is not None and lock.active:
                since = f", for {seconds(lock.age)}" if lock.age is not None else ""
                liveness = lock.liveness.value if lock.liveness else "unknown"
                view.line(f"Migration lock: {holder(lock)}{since}, {liveness}", style="yellow")
            assert observation.report is not None
            self.show(view, observation.report, room)
        return text.getvalue().rstrip("\n")


def _in_progress(report: StatusReport) -> str:
    """The files that are not simply applied or pending: ``; 0003_x.sql stopped``."""
    words = (f"; {entry.file} {entry.state.value}" for entry in report.entries if entry.problem)
    return "".join(words)


@contextmanager
def _terminated_by_signal() -> Iterator[None]:
    """Let SIGTERM leave the block as an exception, so that the terminal is as it was before."""

    def end(_number: int, _frame: object) -> NoReturn:
        raise SystemExit(143)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
