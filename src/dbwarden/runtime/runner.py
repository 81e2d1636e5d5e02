"""Runner of one migration file: in one transaction, or statement by statement with the journal.

If every statement may share a transaction with the others (``schedule.py``), the file and its event are one
transaction. Otherwise ``run_journaled`` takes these steps:

1. If an earlier run was interrupted, its journal entries are read. Statements that are *done* are skipped; their text
   must be unchanged. For one with *intent* but no *done*, the dialect looks in the catalogue for its effect
   (``Dialect.probe``); if the catalogue does not show it, ``--assume`` answers.
2. Consecutive statements that may share a transaction do so, together with their *done* entries: either the statements
   took effect and are recorded, or neither.
3. A statement that the engine refuses inside a transaction runs alone: *intent* is committed before it is sent, *done*
   or *failed* after it. Between two such statements, *done* and the next *intent* are one INSERT, where a later run could
   tell by itself that the next statement was not begun.
4. Statements that only create objects are announced in groups (``core.statement_groups``): one INSERT has the *intent* of all,
   and before each further one only the lock is checked. What they have done is recorded at the end of the group, at least
   once a second, and with every error. After a kill, the catalogue is asked for one after the other, up to the first one
   without effect.
5. The statements behind the last separate one share the last transaction with the event, which also clears the journal. The
   last group needs no *done* if nothing comes behind it: the event says it.

A seed in Python is one unit, which a ``Script`` runs in place of a statement: in the transaction with its event, or outside of
one, between *intent* and *done*.

At every moment ``FileProgress.stage`` names what is under way; if that fails, the error message is made from it.
"""

from __future__ import annotations

import logging
import random
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import groupby, takewhile, zip_longest

from dbwarden.core.dialect import Dialect, TransactionHooks
from dbwarden.core.filename import Kind
from dbwarden.core.record import Event, Record
from dbwarden.core.sqltext import SqlStatement, checksum
from dbwarden.core.statement import Evidence, Recovery
from dbwarden.core.statement_groups import statement_groups
from dbwarden.core.store import NOT_SENT, JournalEntry, JournalKey, StatementState
from dbwarden.core.types import Ref
from dbwarden.errors import (
    ConnectionLost,
    DatabaseBusy,
    DatabaseError,
    DBWardenError,
    Failure,
    LockLost,
    MigrationFailed,
    PartlyExecuted,
    PermissionDenied,
    RunnerFailed,
    SessionNeeded,
    StatementCancelled,
    StatementInDoubt,
    UnfinishedMigration,
)

from .batch import batches
from .connection import DatabaseConnection
from .execution_options import ExecutionOptions
from .file_journal import FileJournal, entries
from .file_progress import FileProgress, Stage, advice, excerpt, locate
from .host_completion import HostCompletion
from .schedule import Schedule, schedule, schedule_of_script
from .stores import history_store, journal_store, lock_store
from .table_runner import TableRunner

_log = logging.getLogger(__name__)
ROW_FAILURES = (Failure.DUPLICATE_KEY, Failure.UNMET_DEMAND, Failure.BACKGROUND)
"""Failures whose reason may be rows that were there before."""
LOCK_TRIES = 5
"""Attempts to get the lock of a statement outside a transaction, where a waiting statement makes others wait."""
LOCK_PAUSE = 1.0
"""Seconds between the first two attempts at most; the later pauses are longer."""


Script = Callable[[Callable[[], None]], None]
"""The unit of a file in Python. It calls its argument before each statement that it sends, which may raise, and raises
``DatabaseError`` for every error of the file's code."""


@dataclass(frozen=True, slots=True)
class Task:
    """One file to run in one direction, with the events to record."""

    event: Record
    """Event to record after the last statement."""
    failure: Event
    """Kind of event to record if a statement fails."""
    direction: str
    """``upgrade`` or ``rollback``."""
    statements: Sequence[SqlStatement]
    transaction: str | None
    """The file's header: ``on``, ``off`` or None."""
    runner: str | None = None
    """Name of the program that runs the statements, which are all ALTER TABLE, if the options say how it is started."""
    script: Script | None = None
    """What runs in place of the file's only statement, whose text is not SQL."""

    @property
    def sql(self) -> Sequence[SqlStatement]:
        """The statements, none if a script runs in their place."""
        return self.statements if self.script is None else ()


class FileRunner:
    """Runs one file, once."""

    def __init__(self, conn: DatabaseConnection, dialect: Dialect, options: ExecutionOptions, task: Task) -> None:
        self.conn, self.dialect, self.options, self.task = conn, dialect, options, task
        self.statements = task.statements
        self.schedule = self._schedule()
        self.table_runner = self._table_runner()
        unit = f"{task.direction}(session)" if task.script is not None else ""
        self.progress = FileProgress(len(task.statements), self.schedule.journaled, unit)
        self.entries: Mapping[int, JournalEntry] = {}
        """Journal entries of an earlier attempt."""
        self.history = history_store(conn, dialect, options.tables)
        journal = options.journal or journal_store(conn, dialect, options.tables)
        self.journal = FileJournal(journal, JournalKey(task.event.key, task.direction), options.token)
        self.announced_with: Sequence[FileRunner] = ()
        """Runners of the files behind this one that are announced with it."""
        self.closed_later = False
        """Whether the entries of the file stay until all files that were announced with it are finished."""
        self._recoveries: dict[int, Recovery] = {}
        self.sent = False
        """Whether a statement outside a transaction was sent."""
        self.started = time.perf_counter()

    def _schedule(self) -> Schedule:
        task, dialect = self.task, self.dialect
        if task.script is not None:
            return schedule_of_script(dialect, task.transaction)
        return schedule(dialect, task.event.file, task.statements, task.transaction, self.conn.changes_session)

    def _table_runner(self) -> TableRunner | None:
        task, options = self.task, self.options.runners
        if task.runner is None or options is None:
            return None
        return TableRunner.of(self.dialect, options, task.event.file, task.runner, task.statements)

    def run(self) -> Record:
        """Run the whole file and return the recorded event.

        Raises ``MigrationFailed``, ``LockLost``, ``Interrupted``, ``StatementInDoubt``, ``UnfinishedMigration``.
        """
        observer = self.options.observer
        with observer.file(self.task.event, self.task.direction) if observer is not None else nullcontext():
            return self._run()

    def _run(self) -> Record:
        self.started, resumes = time.perf_counter(), self.resumes
        self.progress.stage = Stage.READING if resumes else Stage.BETWEEN
        self.check_stop()
        hooks = self.dialect.transaction_hooks(self.conn, [statement.text for statement in self.task.sql])
        try:
            if resumes:
                self.read_journal()
            self.progress.journaled = self.schedule.journaled or bool(self.entries)
            self.ensure_session()
            hooks.open()
            return self.run_journaled(hooks) if self.progress.journaled else self.run_together(hooks)
        except LockLost as error:
            _log.warning("%s: stopped, because the migration lock was lost", self.task.event.file)
            hint = f"Stopped before the next change. {self.progress.describe_remaining()}. See `dbwarden status`."
            raise LockLost(hint=hint) from error
        except DatabaseError as error:
            if isinstance(error, PermissionDenied):
                self.conn.explain(error)
            raise self.failed(error) from error
        finally:
            with suppress(ConnectionLost):
                hooks.close()
                if self.progress.journaled and self.schedule.changes_session:
                    self.conn.restore()

    @property
    def resumes(self) -> bool:
        """Whether the journal may have entries of an earlier attempt."""
        known = self.options.unfinished
        return known is None or self.task.event.key in known

    @cached_property
    def opening(self) -> tuple[int, ...]:
        """Numbers of the statements that the file begins with, if their *intent* may stand while the files before it run; else
        none. The event of a version tells a later run that its entries no longer count."""
        plan, kind = self.schedule, self.task.event.kind
        alone = self.resumes or self.task.script is not None or self.table_runner is not None
        if alone or plan.changes_session or kind is not Kind.VERSIONED or not self.follows_at_once(1):
            return ()
        numbers = takewhile(plan.runs_alone, range(1, self.progress.total + 1))
        return next(statement_groups(numbers, self.creates))

    def read_journal(self) -> None:
        """Read the journal entries of an earlier attempt, and count its *done* statements as finished."""
        self.entries = self.journal.read()
        self.progress.finished.update(
            number for number, entry in self.entries.items() if entry.state is StatementState.DONE
        )
        self.progress.stage = Stage.BETWEEN

    def append_done(self, number: int, following: Sequence[int]) -> None:
        """Append that a statement is *done*, with the *intent* of the ``following`` ones if they come at once. Raises
        ``LockLost``."""
        announced = following if following and not self.interrupted and self.follows_at_once(following[0]) else ()
        done = entries(StatementState.DONE, (number,), self.sums)
        self.journal.append(done | entries(StatementState.INTENT, announced, self.sums), announced)

    def follows_at_once(self, number: int) -> bool:
        """Whether no effect comes between the statement before it and this one, and a later run can tell by itself if the
        run ended there: a person is never asked for a statement that was not begun."""
        if number not in self.schedule.outside_transaction or self.table_runner is not None:
            return False
        return self.recovery(number).evidence is not Evidence.NONE

    @property
    def interrupted(self) -> bool:
        """Whether a signal has come."""
        return self.options.stop is not None and self.options.stop.received

    def check_stop(self) -> None:
        """Raise ``Interrupted`` if a signal has come."""
        if self.options.stop is not None and self.options.stop.received:
            self.options.stop.check(self.progress.describe_remaining())

    def ensure_session(self) -> None:
        """Raise ``SessionNeeded`` if one transaction depends on session settings of another one behind a pooler, which
        may run the two in different sessions."""
        changes = self.schedule.changes_session
        if self.conn.pooled and self.progress.journaled and changes:
            statement = self.statements[min(changes) - 1]
            raise SessionNeeded(file=self.task.event.file, line=statement.line, excerpt=excerpt(statement.text))

    def execute(self, number: int) -> None:
        """Send a statement byte for byte, unless the transaction hooks run it."""
        statement = self.statements[number - 1]
        if self.options.on_statement is not None:
            self.options.on_statement(number, self.progress.total, statement)
        if self.options.observer is None:
            self._execute(number, statement)
            return
        with self.options.observer.statement(number, statement):
            self._execute(number, statement)

    def _execute(self, number: int, statement: SqlStatement) -> None:
        if self.task.script is not None:
            self.task.script(self.before_statement_of_script)
        elif self.table_runner is not None:
            self.run_program(number, self.table_runner)
        elif number not in self.schedule.session_settings:
            self.dialect.execute(self.conn, statement.text, self.report)

    def before_statement_of_script(self) -> None:
        """Raise ``Interrupted`` if a signal has come, and ``LockLost`` outside a transaction, in which the event checks the
        lock."""
        self.check_stop()
        if self.schedule.journaled:
            lock_store(self.conn, self.dialect, self.options.tables).check_held(self.options.token)

    def report(self, progress: str) -> None:
        """Pass on the progress of a statement that the server goes on with. Raises ``Interrupted`` if a signal has come."""
        if progress and self.options.on_progress is not None:
            self.options.on_progress(progress)
        if self.options.stop is not None and self.options.stop.received:
            self.options.stop.check(self.progress.describe_remaining(lost=True))

    def run_program(self, number: int, runner: TableRunner) -> None:
        """Run a statement through another program. Raises ``RunnerFailed`` also if the program reports a success that the
        catalogue does not show."""
        lock = lock_store(self.conn, self.dialect, self.options.tables)
        runner.run(self.conn, number, self.options.stop, lambda: lock.check_held(self.options.token))
        if self.progress.recovery.evidence is Evidence.CATALOGUE and self.probe(number, refused=False) is False:
            raise RunnerFailed(
                f"{runner.name} ended with 0, but the table is unchanged: its command `{runner.command[0]}` may only have"
                " tried the change out"
            )

    @contextmanager
    def transaction(self, numbers: Sequence[int]) -> Iterator[None]:
        """Transaction for these statements; sets the stage that each failure is reported with."""
        progress = self.progress
        progress.numbers, progress.stage = tuple(numbers), Stage.BETWEEN
        with self.conn.transaction():
            progress.stage = Stage.TRANSACTION
            yield
            progress.numbers, progress.stage = tuple(numbers), Stage.COMMIT
        progress.stage = Stage.BETWEEN

    def execute_in_transaction(self, numbers: Sequence[int]) -> Iterator[int]:
        """Run statements one after the other; yields the number of each after it has run."""
        left = deque(numbers)  # popleft is constant in time: a file may have a hundred thousand statements
        self.progress.numbers = left
        while left:
            self.check_stop()
            self.execute(left[0])
            yield left[0]
            left.popleft()

    def execute_batched(self, numbers: Sequence[int]) -> bool:
        """Send the statements of a new transaction many at a time, if the options ask for that.

        Returns False if they have not run. After an error the transaction is begun anew, so that the caller can run
        them one by one.
        """
        if not self.options.batched or self.schedule.changes_session or self.task.script is not None:
            return False
        try:
            for batch in batches(
                [self.statements[n - 1].text for n in numbers if n not in self.schedule.session_settings]
            ):
                self.check_stop()
                self.conn.execute(batch)
        except (ConnectionLost, StatementCancelled):
            raise
        except DatabaseError:
            self.conn.rollback()
            self.conn.begin()
            return False
        return True

    # -- in one transaction ------------------------------------------------------------------------------------

    def run_together(self, hooks: TransactionHooks) -> Record:
        """Run the whole file and record its event, in one transaction."""
        try:
            return self.finish(range(1, self.progress.total + 1), hooks)
        except DatabaseError as error:
            # Nothing is recorded if BEGIN itself failed, or a signal cancelled the statement.
            if self.progress.stage is not Stage.BETWEEN and not self.interrupted:
                self.record_failure(error)
            raise

    def finish(self, numbers: Sequence[int], hooks: TransactionHooks) -> Record:
        """Run the file's last transaction, often its only one: the remaining statements, and the event. If that is one INSERT,
        it commits by itself."""
        self.closed_later = self.closed_later and not numbers and len(self.opening) == self.progress.total
        with nullcontext() if self.closed_later else self.transaction(numbers):
            if not self.execute_batched(numbers):
                for _ in self.execute_in_transaction(numbers):
                    pass
            self.progress.numbers = ()
            event = replace(self.task.event, statements_done=self.progress.total, duration=self.duration)
            if self.schedule.changes_session:
                self.conn.restore()
            self.progress.stage, self.journal.checked = Stage.EVENT, time.monotonic()
            self.history.append_if_held(event, self.options.token)
            if self.progress.journaled and not self.closed_later:
                self.journal.clear()  # after the event, for engines where the two are not in one transaction
            self.progress.stage = Stage.TRANSACTION
            hooks.check()
        self.progress.stage = Stage.BETWEEN
        words = (event.file, event.event.value, event.statements_done, event.duration)
        _log.info("%s: %s (%d statements, %.3f s)", *words, extra=self._log_fields(event.event, event.statements_done))
        return event

    def _log_fields(self, event: Event, statements: int) -> dict[str, object]:
        """Fields of a structured log for an event of the file."""
        owner = self.options.tables.owner
        named = {"database": owner, "file": self.task.event.file, "event": event.value}
        return {**named, "statements": statements, "duration": self.duration}

    @property
    def duration(self) -> float:
        """Seconds since the runner was made, rounded to microseconds."""
        return round(time.perf_counter() - self.started, 6)

    # -- statement by statement --------------------------------------------------------------------------------

    def run_journaled(self, hooks: TransactionHooks) -> Record:
        """Run the file in several transactions, without the statements that an earlier run finished."""
        self.resolve_interrupted(self.entries)
        left = [n for n in range(1, self.progress.total + 1) if n not in self.progress.finished or self.repeated(n)]
        tail = [number for number in left if number > self.schedule.last_separate]
        try:
            for separate, part in groupby(left[: len(left) - len(tail)], key=self.schedule.runs_alone):
                run = self.run_each if separate else self.run_shared
                run(list(part))
            if tail:
                self.record_done()
            return self.finish(tail, hooks)
        except LockLost:
            raise
        except DBWardenError as error:
            if self.journal.unrecorded:
                with suppress(DatabaseError, LockLost):  # the stage stays: the error message is made from it
                    self.journal.append()
            self.record_failure(error)
            raise

    @cached_property
    def sums(self) -> Mapping[int, str]:
        """The checksum of each statement; of a script, that of its file."""
        if self.task.script is not None:
            return {1: self.task.event.checksum}
        return {n: checksum([s.text], self.dialect.lexical_rules) for n, s in enumerate(self.statements, 1)}

    def recovery(self, number: int) -> Recovery:
        """How a later run recovers from an interruption of a statement; nothing in the catalogue shows what a script did."""
        if self.task.script is not None:
            return Recovery()
        if (recovery := self._recoveries.get(number)) is None:
            recovery = self._recoveries[number] = self.dialect.recovery(self.statements[number - 1].text)
        return recovery

    def repeated(self, number: int) -> bool:
        """Whether a finished statement runs again when the file is resumed: it set the earlier run's session (SET)."""
        return number in self.schedule.repeated

    def run_shared(self, numbers: Sequence[int]) -> None:
        """Run statements in one transaction with their *done* entries."""
        self.record_done()
        with self.transaction(numbers):
            for number in self.execute_in_transaction(numbers):
                self.journal.append(entries(StatementState.DONE, (number,), self.sums))
        self.progress.finished.update(numbers)

    def run_each(self, numbers: Sequence[int]) -> None:
        """Run statements one by one, each in its own transaction or in none."""
        groups = list(statement_groups(numbers, self.creates))
        for group, following in zip_longest(groups, groups[1:], fillvalue=tuple[int, ...]()):
            number = group[0]
            if self.creates(number):
                self.run_group(group, following)
                continue
            self.record_done()
            patiently = number in self.schedule.nonblocking and not self.schedule.changes_session
            with self.conn.without_lock_timeout() if patiently else nullcontext():
                if number in self.schedule.outside_transaction:
                    self.run_outside(number, following)
                else:
                    self.run_separate(number)

    def creates(self, number: int) -> tuple[Ref, ...]:
        """The ``Recovery.creates`` of a statement that may be announced together with others."""
        alone = number not in self.schedule.outside_transaction or number in self.schedule.changes_session
        return () if alone or self.table_runner is not None else self.recovery(number).creates

    def run_separate(self, number: int) -> None:
        """Run a statement in its own transaction. If the engine refuses that, run it outside: of CALL, only the engine knows."""
        try:
            self.run_shared([number])
        except DatabaseError as error:
            if self.progress.stage is not Stage.TRANSACTION or error.failure is not Failure.TRANSACTION_REFUSED:
                raise
            self.run_outside(number)

    def run_outside(self, number: int, following: Sequence[int] = ()) -> None:
        """Run a statement outside a transaction, between *intent* and *done*, each committed at once. ``following`` are the
        numbers of the statements that are announced next.

        A statement that the engine refused is recorded as *failed*: the next run repeats it. After a lost connection
        only *intent* stands: the server may still be executing the statement, so the next run probes for its effect.
        """
        progress = self.progress
        progress.numbers, progress.stage = (number,), Stage.BETWEEN
        progress.recovery = self.recovery(number)
        self.announce((number,))
        self.send(number)
        progress.stage = Stage.DONE
        self.append_done(number, following)
        progress.stage = Stage.BETWEEN
        progress.finished.add(number)

    def run_group(self, group: Sequence[int], following: Sequence[int]) -> None:
        """Run the statements of a group, whose *intent* is one INSERT. The lock is checked before each of them: by that INSERT,
        by an entry of what is done so far, or by a query."""
        progress = self.progress
        for at, number in enumerate(group):
            progress.numbers, progress.stage = (number,), Stage.BETWEEN
            progress.recovery = self.recovery(number)
            if not at:
                self.announce(group)
            else:
                self.withdraw_if_interrupted(group[at:])
                progress.stage = Stage.INTENT
                self.journal.check_held(group[at:])
            self.send(number, group[at + 1 :])
            self.journal.unrecorded |= entries(StatementState.DONE, (number,), self.sums)
            progress.finished.add(number)
        if following and not self.interrupted and self.follows_at_once(following[0]):
            progress.stage = Stage.DONE
            self.journal.append(entries(StatementState.INTENT, following, self.sums), following)
        progress.stage = Stage.BETWEEN

    def record_done(self) -> None:
        """Append what the last group has done, if that is not yet recorded. Raises ``LockLost``."""
        if self.journal.unrecorded:
            self.progress.stage = Stage.DONE
            self.journal.append()
            self.progress.stage = Stage.BETWEEN

    def announce(self, numbers: Sequence[int]) -> None:
        """Append the *intent* of statements, unless it stands already. Raises ``Interrupted`` if a signal has come."""
        if self.journal.announced.issuperset(numbers):
            self.progress.stage = Stage.INTENT
            self.journal.check_recently_held()
        else:
            if self.table_runner is not None:
                self.table_runner.ensure_possible(self.conn, numbers[0])
            self.check_stop()
            self.progress.stage = Stage.INTENT
            others = {runner.journal.key: runner.opening_entries for runner in self.announced_with}
            self.journal.append(entries(StatementState.INTENT, numbers, self.sums), numbers, others)
            for runner in self.announced_with:
                runner.journal.announced = frozenset(runner.opening)
            self.announced_with = ()
        self.withdraw_if_interrupted(numbers)

    @property
    def opening_entries(self) -> Mapping[int, JournalEntry]:
        """The *intent* of the file's first statements."""
        return entries(StatementState.INTENT, self.opening, self.sums)

    def withdraw_if_interrupted(self, announced: Sequence[int]) -> None:
        """Take back the *intent* of statements that were not sent, and raise ``Interrupted``, if a signal has come."""
        if self.interrupted:
            self.progress.stage = Stage.INTENT
            self.journal.append(dict.fromkeys(announced, NOT_SENT))
            self.progress.stage = Stage.BETWEEN
            self.check_stop()

    def send(self, number: int, left: Sequence[int] = ()) -> None:
        """Send a statement whose *intent* stands. If the engine refuses it, that is recorded, and the *intent* of those that are
        ``left`` of its group is taken back."""
        progress = self.progress
        progress.stage, self.sent = Stage.RUNNING, True
        try:
            self.execute_with_retries(number)
        except ConnectionLost:
            raise  # it may still be running
        except RunnerFailed:
            self.note_failed_program(number, self.table_runner)
            raise
        except DatabaseError:
            progress.stage = Stage.REFUSED
            failed = entries(StatementState.FAILED, (number,), self.sums)
            self.journal.append(failed | dict.fromkeys(left, NOT_SENT))
            progress.stage, progress.partial_statement = Stage.BETWEEN, number if progress.recovery.leftover else 0
            raise

    def note_failed_program(self, number: int, runner: TableRunner | None) -> None:
        """Record what a program that failed has done: it may have failed after it had put the new table in place. If not,
        what it left is removed."""
        progress = self.progress
        effect = self.probe(number, refused=False)
        if effect is None:
            progress.stage = Stage.SETTLING
            return
        progress.stage = Stage.DONE if effect else Stage.REFUSED
        state = StatementState.DONE if effect else StatementState.FAILED
        self.journal.append(entries(state, (number,), self.sums))
        progress.stage = Stage.BETWEEN
        if effect:
            progress.finished.add(number)
        elif runner is not None and (left := runner.remove_leftovers(self.conn, number)):
            commands = "; ".join(left)
            progress.recovery = replace(
                progress.recovery, leftover=f"what {runner.name} needed. Remove it: `{commands}`"
            )
            progress.partial_statement = number

    def execute_with_retries(self, number: int) -> None:
        """Send a statement, again after a pause if it did not get its lock.

        Where everybody waits behind a statement that waits, short waits with pauses between them let the others through. The
        statement must leave nothing behind when it is refused.
        """
        recovery = self.progress.recovery
        harmless = recovery.evidence is not Evidence.NONE and not recovery.leftover
        tries = LOCK_TRIES if self.dialect.features.lock_queues and harmless else 1
        for attempt in range(1, tries + 1):
            try:
                self.execute(number)
                return
            except DatabaseBusy as error:
                if attempt == tries or self.interrupted:
                    raise
                _log.warning("%s: %s (attempt %d of %d)", self.progress.step, error.message, attempt, tries)
                time.sleep(random.uniform(LOCK_PAUSE / 2, LOCK_PAUSE) * attempt)
                self.journal.journal.check_held(self.options.token)

    # -- after an interrupted run ------------------------------------------------------------------------------

    def resolve_interrupted(self, recorded: Mapping[int, JournalEntry]) -> None:
        """Decide for each entry of an earlier run whether its statement took effect. Of statements that were announced together,
        those behind one without effect were not sent. Raises ``UnfinishedMigration``, ``StatementInDoubt``."""
        finished, total = self.progress.finished, self.progress.total
        outcomes: dict[int, JournalEntry] = {}
        for number, entry in sorted(recorded.items()):
            intent = entry.state is StatementState.INTENT
            if entry.state is StatementState.DONE:
                self.ensure_unchanged(number, entry)
            elif intent and NOT_SENT in outcomes.values():
                outcomes[number] = NOT_SENT
            elif number <= total and self.in_effect(number, entry):
                outcomes |= entries(StatementState.DONE, (number,), self.sums)
            elif number <= total and intent:
                outcomes[number] = NOT_SENT
            elif number > total and intent and self.options.assume is None:
                self.ensure_unchanged(number, entry)
            self.progress.stage = Stage.BETWEEN
        if outcomes:
            self.journal.append(outcomes)
        finished.update(number for number, entry in outcomes.items() if entry.state is StatementState.DONE)
        finished.update(n for n in self.schedule.session_settings if n < max(finished, default=0))

    def ensure_unchanged(self, number: int, entry: JournalEntry) -> None:
        """Raise ``UnfinishedMigration`` if a statement's text has changed since it ran."""
        if self.sums.get(number) == entry.checksum:
            return
        line = self.statements[min(number, self.progress.total) - 1].line if self.statements else 1
        raise UnfinishedMigration.of(
            self.task.event.file, number, line, in_doubt=entry.state is not StatementState.DONE
        )

    def in_effect(self, number: int, entry: JournalEntry) -> bool:
        """Whether a statement with *intent* or *failed* had its effect: by the catalogue, else by ``--assume``.

        A statement that the engine refused runs again, unless the probe could complete what its attempt had left.
        Raises ``UnfinishedMigration`` if the text has changed, ``StatementInDoubt`` if nothing answers.
        """
        statement, refused = self.statements[number - 1], entry.state is StatementState.FAILED
        if self.sums[number] != entry.checksum:
            if refused:
                return False
            if self.options.assume is None:
                self.ensure_unchanged(number, entry)
        self.progress.numbers, self.progress.stage = (number,), Stage.SETTLING
        self.progress.recovery = self.recovery(number)
        answer = self.probe_or_assume(number, refused, entry.at) if self.sums[number] == entry.checksum else None
        if answer is None:
            answer = self.options.assume
        if answer is None:
            raise StatementInDoubt(
                file=self.task.event.file,
                line=statement.line,
                statement=number,
                total=self.progress.total,
                excerpt=excerpt(statement.text),
            )
        return answer

    def probe_or_assume(self, number: int, refused: bool, since: datetime | None) -> bool | None:
        """The effect of a statement. One that a part of a cluster has executed is completed on the rest."""
        try:
            return self.probe(number, refused, since)
        except PartlyExecuted as error:
            completion = HostCompletion(self.conn, self.dialect, self.options, self.report)
            before = [self.statements[n - 1].text for n in sorted(self.schedule.changes_session) if n < number]
            return completion.run(number, self.statements[number - 1].text, error, since, before)

    def probe(self, number: int, refused: bool, since: datetime | None = None) -> bool | None:
        """Ask the dialect for the effect of a statement that began at ``since``, under the session settings that it ran with."""
        if self.task.script is not None:
            return False if refused else None
        before = sorted(n for n in self.schedule.changes_session if n < number)
        for other in before:
            self.conn.execute(self.statements[other - 1].text)
        answer = self.dialect.probe(self.conn, self.statements[number - 1].text, refused=refused, since=since)
        if before:
            self.conn.restore()
        return answer

    # -- failures ----------------------------------------------------------------------------------------------

    def record_failure(self, error: DBWardenError) -> None:
        """Record the event that says where the file stopped."""
        progress = self.progress
        event = replace(
            self.task.event,
            event=self.task.failure,
            statements_done=progress.done,
            duration=self.duration,
            error=f"{progress.step}: {error.message}" if progress.numbers else error.message,
            rollback_sql=None,
        )
        with suppress(DatabaseError, LockLost):  # the database is gone, or full
            self.history.append_if_held(event, self.options.token)

    def failed_at(self, number: int, position: int | None) -> tuple[int, str]:
        """Line and SQL to show for a failure at statement ``number`` or in the bookkeeping that belongs to it."""
        stage, tables = self.progress.stage, self.options.tables
        line = self.statements[number - 1].line if self.progress.total else 1
        match stage:
            case Stage.READING:
                return self.statements[0].line if self.progress.total else 1, f"SELECT FROM {tables.journal}"
            case Stage.EVENT:
                return line, f"INSERT INTO {tables.history_name}"
            case Stage.COMMIT:
                return line, "COMMIT"
        return locate(self.statements[number - 1], position) if self.progress.numbers else (line, "COMMIT")

    def failed(self, error: DatabaseError) -> DBWardenError:
        """Convert an engine's error into one with file, statement and line; after a signal, into ``Interrupted``."""
        progress, stop = self.progress, self.options.stop
        lost, in_doubt = isinstance(error, ConnectionLost), progress.in_doubt(error)
        if stop is not None and stop.received:
            interrupted = stop.error(progress.describe_remaining(lost))
            interrupted.in_doubt = in_doubt
            return interrupted
        number = progress.current or progress.total
        fields = {**self._log_fields(self.task.failure, progress.done), "failure": error.failure.value}
        fields["sqlstate"] = error.sqlstate
        _log.warning("%s: %s failed (%s)", self.task.event.file, progress.step, error.failure.value, extra=fields)
        line, text = self.failed_at(number, error.position)
        rows = self.describe_offending_rows(number, error)
        return MigrationFailed(
            file=self.task.event.file,
            line=line,
            step=progress.step,
            statement=number,
            total=progress.total,
            reason=error.message,
            excerpt=text,
            state=progress.describe_remaining(lost),
            advice=advice(error, in_doubt),
            sqlstate=error.sqlstate,
            rows="".join(f"\n    {line}" for line in rows),
            in_doubt=in_doubt,
        )

    def describe_offending_rows(self, number: int, error: DatabaseError) -> Sequence[str]:
        """Lines on the rows that made a statement fail; empty if they are not the reason, or cannot be determined."""
        if error.failure not in ROW_FAILURES or not self.statements or number not in self.progress.numbers:
            return ()
        from dbwarden.core.pending_demands import PendingFile  # deferred: most runs do not fail

        from .failed_statement import describe_offending_rows

        file = PendingFile(self.task.event.file, self.statements, self.progress.done)
        return describe_offending_rows(self.conn, self.dialect, file, number)
