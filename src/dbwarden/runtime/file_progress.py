"""Progress of a file, and the sentences of the error message if the file stops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from dbwarden.core.sqltext import SqlStatement
from dbwarden.core.statement import Evidence, Recovery
from dbwarden.errors import (
    ConnectionLost,
    DatabaseBusy,
    DatabaseError,
    DatabaseReadOnly,
    Failure,
    HostsAway,
    MutationFailed,
    PartlyExecuted,
    PermissionDenied,
    RunnerFailed,
)


class Stage(Enum):
    """Stage of a file's execution. An error in one of them leaves the database in the state that
    ``FileProgress.remains`` describes."""

    READING = "reading what the journal has of an earlier run"
    BETWEEN = "between statements"
    SETTLING = "looking whether an interrupted statement had its effect"
    TRANSACTION = "statements in a transaction that was not committed"
    EVENT = "recording the file's event in its last transaction"
    COMMIT = "a COMMIT that was sent"
    INTENT = "recording that a statement is about to run outside a transaction"
    RUNNING = "a statement outside a transaction"
    REFUSED = "recording that the engine refused it"
    DONE = "recording that it is done"


_UNRECORDED = (Stage.RUNNING, Stage.REFUSED, Stage.DONE)

NOTHING = "Nothing of the file remains in the database"


@dataclass(slots=True)
class FileProgress:
    """Progress of a file. Statements count from 1."""

    total: int
    journaled: bool
    """Whether the file is more than one transaction."""
    unit: str = ""
    """Name of the function that runs in place of the file's only statement."""
    finished: set[int] = field(default_factory=set)
    """Numbers of the statements whose effect is committed."""
    numbers: Sequence[int] = ()
    """Statements of the present stage, the running one first; empty while the file's event is recorded."""
    stage: Stage = Stage.BETWEEN
    recovery: Recovery = Recovery()
    """Recovery of the present or last statement outside a transaction."""
    partial_statement: int = 0
    """Number of a statement that the engine refused outside a transaction and that may have left something behind; 0: none."""

    @property
    def done(self) -> int:
        """Number of statements whose effect is committed."""
        return len(self.finished)

    @property
    def current(self) -> int:
        """Number of the running statement; 0: none."""
        return self.numbers[0] if self.numbers else 0

    @property
    def step(self) -> str:
        """Name of the present step in an error message."""
        if self.stage is Stage.EVENT:
            return "the history entry"
        if self.stage is Stage.READING:
            return "reading the journal"
        if not self.numbers or (self.stage is Stage.COMMIT and not self.journaled):
            return "COMMIT"
        statement = self.unit or f"statement {self.current} of {self.total}"
        if self.stage is Stage.COMMIT:
            return f"COMMIT of {statement}"
        if self.stage in (Stage.INTENT, Stage.REFUSED, Stage.DONE):
            return f"the journal entry of {statement}"
        return statement

    def in_doubt(self, error: DatabaseError) -> bool:
        """Whether the server may still be executing a statement outside a transaction, after the connection was lost."""
        lost = isinstance(error, ConnectionLost) and not isinstance(
            error, HostsAway
        )  # these run it by a queue, in order
        return lost and self.stage in _UNRECORDED

    def describe_remaining(self, lost: bool = False) -> str:
        """Sentences on what remains of the file in the database. ``lost``: the connection broke."""
        if self.stage is Stage.READING:
            return "What an earlier run left of the file is unchanged; `dbwarden status` shows it"
        if lost and self.stage is Stage.COMMIT and not self.journaled:
            return "Whether the file was committed is not known; `dbwarden status` tells, all of it was or nothing"
        open_ = self._open(lost)
        known_nothing = not self.finished and self.stage not in (*_UNRECORDED, Stage.SETTLING)
        known_nothing = known_nothing and not (lost and self.stage is Stage.COMMIT)
        first = NOTHING if known_nothing and not self.partial_statement else self._finished()
        return ". ".join(filter(None, (first, open_))) or NOTHING

    def _finished(self) -> str:
        if not self.finished:
            return ""
        if self.done == self.total:
            return (
                f"All {self.total} statements are in effect; the next run records that"
                if self.total > 1
                else ("Its statement is in effect; the next run records that")
            )
        if self.done == 1:
            return f"Statement 1 of {self.total} remains in effect; the next run continues after it"
        return f"Statements 1 to {self.done} of {self.total} remain in effect; the next run continues after them"

    def _open(self, lost: bool) -> str:
        """Sentence on the statement of the present stage, if its effect is not certain."""
        number = self.current
        match self.stage:
            case Stage.SETTLING:
                return f"Whether statement {number} had its effect in an earlier run is still not known"
            case Stage.COMMIT if lost:
                last = self.numbers[-1] if self.numbers else 0
                subject = f"statement {number} was" if last == number else f"statements {number} to {last} were"
                subject = subject if self.numbers else "the last step was"
                return f"Whether {subject} committed is not known; `dbwarden status` tells"
            case Stage.INTENT:
                asks = self.recovery.evidence is Evidence.NONE
                return f"Statement {number} was not begun" + ("; answer `--assume not-done` if asked" if asks else "")
            case Stage.RUNNING if lost:
                return f"Whether statement {number} had its effect is not known; {self._next_run()}"
            case Stage.DONE:
                return f"Statement {number} had its effect, which is not recorded; {self._next_run('done')}"
            case Stage.REFUSED:
                return f"Statement {number} failed, which is not recorded; {self._next_run('not-done')}"
        if self.partial_statement:
            return f"Statement {self.partial_statement} may have left {self.recovery.leftover}"
        return ""

    def _next_run(self, answer: str = "") -> str:
        """What the next run does with a statement whose effect is not certain; ``answer`` is the right ``--assume``."""
        match self.recovery.evidence:
            case Evidence.CATALOGUE:
                return "the next run finds out"
            case Evidence.REPEATABLE:
                return "the next run repeats it, which does no harm"
        if answer:
            return f"answer `--assume {answer}` when the next run asks"
        return (
            "the database does not show it to a program. Look, then run the same command with `--assume done` or"
            " `--assume not-done`"
        )


def advice(error: DatabaseError, in_doubt: bool) -> str:
    """Advice at the end of the error message, after the state of the database."""
    if in_doubt:
        return " The lock stays: `dbwarden lock-status` shows it, `dbwarden unlock` releases it."
    if isinstance(error, ConnectionLost) and not isinstance(error, HostsAway):
        return " The connection broke: look at the server's log; `dbwarden lock-status` shows whether the lock is still held."
    if error.failure is Failure.ALREADY_EXISTS:
        return (
            " If the database has it from before DBWarden, adopt it: `dbwarden migrate --baseline --to-version VERSION` marks the"
            " files up to there as applied without executing them. A project that has no file yet begins with"
            " `dbwarden init --from existing` (or alembic, django, flyway, dbmate, yoyo)."
        )
    hinted = isinstance(
        error,
        (DatabaseBusy, DatabaseReadOnly, HostsAway, MutationFailed, PartlyExecuted, PermissionDenied, RunnerFailed),
    )
    return f" {error.hint}" if hinted else ""


# -- the text of a statement ---------------------------------------------------------------------------------------

_SHOWN = 160
"""Characters of a statement in an error message."""
"""Characters of a statement in an error message."""


def excerpt(sql: str) -> str:
    """The beginning of a statement on one line."""
    words = " ".join(sql.split())
    return words if len(words) <= _SHOWN else words[: _SHOWN - 1] + "…"


def locate(statement: SqlStatement, position: int | None) -> tuple[int, str]:
    """Line number in the file and text of the line at ``position``, the engine's 1-based position in the statement;
    without it, those of the statement's beginning."""
    if position is None or not 0 < position <= len(statement.text):
        return statement.line, excerpt(statement.text)
    before = statement.text[: position - 1]
    start = before.rfind("\n") + 1
    line = statement.text[start:].splitlines()[0].strip()
    return statement.line + before.count("\n"), excerpt(line or statement.text)
