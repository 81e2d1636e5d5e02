"""Running one file: every statement exactly as it was reviewed, and the event that says so, together or not at all.

A file whose statements all may run in a transaction is one transaction with its event. Otherwise consecutive ones that may
share a transaction with their journal rows, and each of the others runs alone between *intent* and *done*; a later run goes
on where this one stopped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby

from dbwarden.core.dialect import Dialect, Envelope
from dbwarden.core.file import MigrationFile
from dbwarden.core.overview import Event, Record
from dbwarden.core.resolve import Return
from dbwarden.core.sqltext import SqlStatement, checksum
from dbwarden.core.statement import Lock
from dbwarden.errors import (
    ConnectionLost,
    DatabaseBusy,
    DatabaseError,
    DatabaseReadOnly,
    DBWardenError,
    LockLost,
    MigrationFailed,
    StatementInDoubt,
    TransactionControl,
    UnfinishedMigration,
)

from . import history
from .connection import DatabaseConnection
from .interrupt import Interruption
from .journal import Journal, Mark, State

CONTROL = "transaction control"
"""The ``Facts.action`` of BEGIN, COMMIT, SAVEPOINT and their like."""

AT_COMMIT = -1
"""In place of a statement's number: all have run."""


@dataclass(frozen=True, slots=True)
class Run:
    """Who runs files, and under which lock: what all files of one command share."""

    token: str
    by: str
    tool_version: str
    on_statement: Callable[[int, int, SqlStatement], None] | None = None
    """Told before each statement: its number, how many there are, and the statement."""
    assume: bool | None = None
    """The answer where the database cannot tell whether an interrupted statement had its effect."""
    stop: Interruption | None = None


# -- what callers run ---------------------------------------------------------------------------------------------


def upgrade(
    conn: DatabaseConnection,
    dialect: Dialect,
    file: MigrationFile,
    run: Run,
    statements: Sequence[SqlStatement] | None = None,
) -> Record:
    """Apply a file, or finish one that stopped half-way; the event that was recorded.

    ``statements`` are those to run instead of the file's own (a translation). Raises ``MigrationFailed``, ``LockLost``,
    ``TransactionControl``, ``StatementInDoubt``, ``UnfinishedMigration``, ``Interrupted``.
    """
    sql = tuple(statements if statements is not None else file.upgrade(dialect.name))
    event = _event(file, run, Event.APPLIED, len(sql), file.rollback_sql(dialect.name))
    return _File(conn, dialect, run, event, Event.FAILED, "upgrade", sql, file.transaction).run()


def rollback(conn: DatabaseConnection, dialect: Dialect, back: Return, run: Run) -> Record:
    """Roll one migration back, or finish a rollback that stopped half-way; the event that was recorded. Raises as ``upgrade``."""
    event = replace(
        back.record,
        event=Event.ROLLED_BACK,
        statements_total=len(back.statements),
        by=run.by,
        tool_version=run.tool_version,
        error=None,
        rollback_sql=None,
    )
    transaction = back.file.transaction if back.file is not None else None
    sql = tuple(back.statements)
    return _File(conn, dialect, run, event, Event.ROLLBACK_FAILED, "rollback", sql, transaction).run()


def baseline(conn: DatabaseConnection, dialect: Dialect, file: MigrationFile, run: Run) -> Record:
    """Mark a file as applied without running it; the event that was recorded. Raises ``LockLost``."""
    event = _event(file, run, Event.BASELINED, len(file.upgrade(dialect.name)), None)
    history.append(conn, dialect, event, run.token)
    return event


def _event(file: MigrationFile, run: Run, event: Event, total: int, rollback_sql: str | None) -> Record:
    return Record(
        id=0,
        key=file.key,
        kind=file.kind,
        file=file.name,
        description=file.description,
        checksum=file.checksum,
        event=event,
        statements_done=0,
        statements_total=total,
        at=datetime.now(UTC),
        duration=0.0,
        by=run.by,
        tool_version=run.tool_version,
        seed=file.seed,
        rollback_sql=rollback_sql,
    )


# -- one file -----------------------------------------------------------------------------------------------------


class _File:
    """A file on its way through the database."""

    def __init__(
        self,
        conn: DatabaseConnection,
        dialect: Dialect,
        run: Run,
        event: Record,
        failure: Event,
        direction: str,
        statements: Sequence[SqlStatement],
        transaction: str | None,
    ) -> None:
        self.conn, self.dialect, self.options = conn, dialect, run
        self.event, self.failure, self.direction = event, failure, direction
        self.statements = statements
        self.total = len(statements)
        self.done = 0
        """How many statements have had their effect for good."""
        self.current = 0
        """The number of the statement that runs."""
        self.journal: Journal | None = None
        facts = dialect.judge([statement.text for statement in statements])
        for statement, fact in zip(statements, facts, strict=True):
            if fact.action == CONTROL:
                raise TransactionControl(file=event.file, line=statement.line, excerpt=_excerpt(statement.text))
        self.session = frozenset(n for n, fact in enumerate(facts, 1) if fact.session)
        """Statements that the envelope runs."""
        self.disturbing = frozenset(n for n, s in enumerate(statements, 1) if conn.disturbs(s.text))
        """Statements that change the session beyond their transaction: what we write must not fall for it."""
        together = transaction != "off"
        self.alone = frozenset(
            n
            for n, fact in enumerate(facts, 1)
            if not fact.session and not (together and (fact.transactional or transaction == "on"))
        )
        """Statements that run outside a transaction."""
        self.harmless = frozenset(n for n in self.alone if facts[n - 1].lock is Lock.SHARE_UPDATE_EXCLUSIVE)
        """Those of them that may wait for old transactions as long as these take: readers and writers pass by."""
        self.divisible = frozenset(n for n in self.alone if not dialect.facts(statements[n - 1].text).transactional)
        """Those that the engine itself does in several transactions: a failure may leave an INVALID index."""
        self.begun = 0
        """The number of the statement that was begun outside a transaction and has not ended well; 0: none."""

        self.committing = False
        """Whether COMMIT was sent for the transaction with the event."""

    def run(self) -> Record:
        """All of it; the recorded event."""
        self.check_stop()
        started = time.perf_counter()
        envelope = self.dialect.envelope(self.conn, [statement.text for statement in self.statements])
        try:
            envelope.open()
            if self.alone:
                return self.run_journaled(envelope, started)
            return self.run_together(envelope, started)
        except DatabaseError as error:
            raise self.failed(error) from error
        finally:
            with suppress(ConnectionLost):
                envelope.close()
                if self.alone and self.disturbing:
                    self.conn.restore()

    @property
    def interrupted(self) -> bool:
        """Whether a signal has come."""
        return self.options.stop is not None and self.options.stop.came

    def check_stop(self) -> None:
        if self.options.stop is not None and self.options.stop.came:
            self.options.stop.check(self.remains())

    def execute(self, number: int) -> None:
        """One statement, byte for byte."""
        self.check_stop()
        statement = self.statements[number - 1]
        if self.options.on_statement is not None:
            self.options.on_statement(number, self.total, statement)
        self.current = number
        if number not in self.session:
            self.conn.execute(statement.text)

    def finished(self, started: float) -> Record:
        duration = round(time.perf_counter() - started, 6)
        return replace(self.event, statements_done=self.total, duration=duration)

    # -- in one transaction ------------------------------------------------------------------------------------

    def run_together(self, envelope: Envelope, started: float) -> Record:
        try:
            return self.finish(range(1, self.total + 1), envelope, started)
        except DatabaseError as error:
            if self.current and not self.interrupted:  # without a transaction there is nothing to tell of
                self.record_failure(error, started)
            raise

    # -- statement by statement --------------------------------------------------------------------------------

    def run_journaled(self, envelope: Envelope, started: float) -> Record:
        run = self.options
        self.journal = Journal(self.conn, self.dialect, self.event.key, self.direction, run.token)
        sums = {n: checksum([s.text], self.dialect.lexis) for n, s in enumerate(self.statements, 1)}
        finished = self.settle(self.journal.read(), sums)
        self.done = len(finished)
        left = [number for number in range(1, self.total + 1) if number not in finished]
        tail = [number for number in left if number > max(self.alone)]
        try:
            for alone, group in groupby(left[: len(left) - len(tail)], key=self.alone.__contains__):
                numbers = list(group)
                if alone:
                    for number in numbers:
                        self.run_alone(number, sums[number])
                else:
                    with self.conn.transaction():
                        self.run_group(numbers, sums)
                    self.done += len(numbers)
            return self.finish(tail, envelope, started)
        except LockLost:
            raise
        except DBWardenError as error:
            self.record_failure(error, started)
            raise

    def run_group(self, numbers: Sequence[int], sums: Mapping[int, str]) -> None:
        assert self.journal is not None
        for number in numbers:
            self.execute(number)
            self.journal.write(number, sums[number], State.DONE)

    def run_alone(self, number: int, digest: str) -> None:
        assert self.journal is not None
        self.check_stop()
        self.journal.write(number, digest, State.INTENT)
        self.begun = number
        patiently = number in self.harmless and not self.disturbing
        try:
            with self.conn.patient() if patiently else nullcontext():
                self.execute(number)
        except ConnectionLost:
            raise  # it may still be running
        except DatabaseError:
            self.journal.write(number, digest, State.FAILED)
            raise
        self.journal.write(number, digest, State.DONE)
        self.done, self.begun = self.done + 1, 0

    def finish(self, numbers: Sequence[int], envelope: Envelope, started: float) -> Record:
        """The file's only transaction, or its last one: the statements behind the last one that ran alone, and the event."""
        with self.conn.transaction():
            for number in numbers:
                self.execute(number)
            self.current = AT_COMMIT
            event = self.finished(started)
            if self.disturbing:
                self.conn.restore()
            if self.journal is not None:
                self.journal.clear()
            history.append(self.conn, self.dialect, event, self.options.token)
            envelope.check()
            self.committing = True
        return event

    # -- after an interrupted run ------------------------------------------------------------------------------

    def settle(self, marks: Mapping[int, Mark], sums: Mapping[int, str]) -> frozenset[int]:
        """The statements that have had their effect in an earlier run; what sets the session is done again."""
        finished = frozenset(self.settled(marks, sums))
        last = max(finished, default=0)
        return (finished | {n for n in self.session if n < last}) - self.disturbing

    def settled(self, marks: Mapping[int, Mark], sums: Mapping[int, str]) -> Iterator[int]:
        done = max((n for n, mark in marks.items() if mark.state is State.DONE), default=0)
        for number, mark in sorted(marks.items()):
            if mark.state is State.DONE:
                if sums.get(number) != mark.checksum:
                    line = self.statements[min(number, self.total) - 1].line if self.statements else 1
                    raise UnfinishedMigration(file=self.event.file, statement=number, done=done, line=line)
                yield number
            elif number <= self.total and self.in_effect(number, mark):
                assert self.journal is not None
                self.journal.write(number, sums[number], State.DONE)
                yield number

    def in_effect(self, number: int, mark: Mark) -> bool:
        """Whether a statement that was begun has had its effect. The engine refused a *failed* one: it runs again."""
        statement = self.statements[number - 1]
        found = self.dialect.probe(self.conn, statement.text)  # also clears away what a failed attempt left
        if mark.state is State.FAILED:
            return False
        answer = found if found is not None else self.options.assume
        if answer is None:
            raise StatementInDoubt(
                file=self.event.file,
                line=statement.line,
                statement=number,
                total=self.total,
                excerpt=_excerpt(statement.text),
            )
        return answer

    # -- failures ----------------------------------------------------------------------------------------------

    def record_failure(self, error: DBWardenError, started: float) -> None:
        event = replace(
            self.event,
            event=self.failure,
            statements_done=self.done,
            duration=round(time.perf_counter() - started, 6),
            error=f"statement {self.current} of {self.total}: {error.message}" if self.current > 0 else error.message,
            rollback_sql=None,
        )
        with suppress(DatabaseError, LockLost):  # the database is gone, or full
            history.append(self.conn, self.dialect, event, self.options.token)

    def failed(self, error: DatabaseError) -> DBWardenError:
        """The error that names file, statement and line; for a signal, that it was one."""
        stop = self.options.stop
        if stop is not None and stop.came:
            try:
                stop.check(self.remains())
            except DBWardenError as interrupted:
                return interrupted
        number = self.total if self.current == AT_COMMIT else max(1, self.current)
        line, excerpt = self.statements[number - 1].line if self.total else 1, "COMMIT"
        if self.total and self.current != AT_COMMIT:
            line, excerpt = _place(self.statements[number - 1], error.data.get("position"))
        lost = isinstance(error, ConnectionLost)
        in_doubt = lost and self.journal is not None
        return MigrationFailed(
            file=self.event.file,
            line=line,
            statement=number,
            total=self.total,
            reason=error.message,
            excerpt=excerpt,
            state=self.remains(lost),
            advice=_advice(error, in_doubt),
            sqlstate=error.data.get("sqlstate"),
            in_doubt=in_doubt,
        )

    def remains(self, lost: bool = False) -> str:
        """What is left of the file in the database, for people; ``lost`` says that the connection broke."""
        if lost and self.committing:
            return "Whether the file was committed is not known; `dbwarden status` tells, all of it was or nothing"
        which = "Statement 1" if self.done == 1 else f"Statements 1 to {self.done}"
        verb = "remains" if self.done == 1 else "remain"
        kept = f"{which} of {self.total} {verb} in effect; the next run goes on behind them" if self.done else ""
        if self.begun and lost:
            open_ = f"Whether statement {self.begun} had its effect is not known; the next run finds out"
        elif self.begun in self.divisible:
            open_ = f"Statement {self.begun} may have left an INVALID index; the next run clears it away"
        else:
            open_ = ""
        return ". ".join(filter(None, (kept, open_))) or "Nothing of the file remains in the database"


def _advice(error: DatabaseError, in_doubt: bool) -> str:
    if in_doubt:
        return " The lock stays: `dbwarden lock-status` shows it, `dbwarden unlock` releases it."
    if isinstance(error, ConnectionLost):
        return " The connection broke: look at the server's log; `dbwarden lock-status` shows whether the lock is still held."
    return f" {error.hint}" if isinstance(error, (DatabaseBusy, DatabaseReadOnly)) else ""


_SHOWN = 160


def _excerpt(sql: str) -> str:
    """The beginning of a statement on one line."""
    words = " ".join(sql.split())
    return words if len(words) <= _SHOWN else words[: _SHOWN - 1] + "…"


def _place(statement: SqlStatement, position: int | None) -> tuple[int, str]:
    """The line of the mistake and its text; without a position from the engine, where the statement begins."""
    if position is None or not 0 < position <= len(statement.text):
        return statement.line, _excerpt(statement.text)
    before = statement.text[: position - 1]
    start = before.rfind("\n") + 1
    found = statement.text[start:].splitlines()[0].strip()
    return statement.line + before.count("\n"), _excerpt(found or statement.text)
