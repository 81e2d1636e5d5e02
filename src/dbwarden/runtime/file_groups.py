"""Files that run one after the other, and those of them that are announced to the journal together.

Where a file's statements commit by themselves, the first ones need an *intent* before they are sent: a write for each file. So
the *intent* of several consecutive files is one write. Each file still has its own event, which is recorded before the
next file begins and checks the lock for it. From the events, a later run knows which file was under way
(``core.attempt.begun``); those behind it were not begun.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence

from dbwarden.core.attempt import Attempt, begun
from dbwarden.core.record import Record
from dbwarden.core.statement_groups import LARGEST
from dbwarden.core.store import Journal, JournalKey
from dbwarden.errors import DatabaseError, DBWardenError, LockLost

from .runner import FileRunner

_log = logging.getLogger(__name__)


def run_files(prepared: Iterable[Callable[[], FileRunner]], finished: Callable[[Record], None]) -> None:
    """Run files in order and call ``finished`` with each recorded event. A file is prepared, which may raise, before the files
    run that are announced with it, but its error is raised behind them. Raises as ``FileRunner.run``."""
    for group in _groups(prepared):
        if len(group) == 1:
            finished(group[0].run())
        else:
            _run_group(group, finished)


def attempts_under_lock(journal: Journal, history: Iterable[Record], token: str) -> tuple[Attempt, ...]:
    """The attempts of which a statement may have been sent, for the holder of the lock. Entries of other files, which a killed
    run announced or had finished, are removed. Raises ``LockLost``."""
    entries = journal.attempts()
    attempts = begun(history, entries)
    others = {JournalKey(attempt.key, attempt.direction) for attempt in set(entries).difference(attempts)}
    if others:
        journal.clear_if_held(others, token)
    return attempts


def _groups(prepared: Iterable[Callable[[], FileRunner]]) -> Iterator[Sequence[FileRunner]]:
    """Divide files into those that are announced together, and those by themselves."""
    group: list[FileRunner] = []
    size = 0
    for prepare in prepared:
        try:
            runner = prepare()
        except DBWardenError:
            if group:
                yield group
            raise
        if group and not (runner.opening and size + len(runner.opening) <= LARGEST):
            yield group
            group, size = [], 0
        if runner.opening:
            group.append(runner)
            size += len(runner.opening)
        else:
            yield (runner,)
    if group:
        yield group


def _run_group(group: Sequence[FileRunner], finished: Callable[[Record], None]) -> None:
    group[0].announced_with = group[1:]
    for runner in group:
        runner.closed_later = True
    checked = 0.0
    for at, runner in enumerate(group):
        runner.journal.checked = checked
        try:
            record = runner.run()
        except DBWardenError:
            _clear([*_closed(group[:at]), *(other for other in group[at:] if not other.sent)])
            raise
        checked = runner.journal.checked
        finished(record)
    _clear(_closed(group))


def _closed(group: Sequence[FileRunner]) -> list[FileRunner]:
    """Finished files whose entries are still in the journal."""
    return [runner for runner in group if runner.closed_later and not runner.journal.journal.closed_by_event]


def _clear(runners: Sequence[FileRunner]) -> None:
    """Remove entries that no longer count. If that fails, the next run does it, and nobody is misled meanwhile."""
    if not runners:
        return
    journal = runners[0].journal
    try:
        journal.journal.clear_if_held([runner.journal.key for runner in runners], journal.token)
    except (DatabaseError, LockLost) as error:
        _log.info("entries of finished files stay in the journal for now: %s", error.message)
