"""Interfaces of the stores of history, lock and journal, and the rules for every implementation.

1. *One holder.* Whoever takes the lock gets a new token. Of concurrent callers, ``take`` or ``take_over`` succeeds for at most
   one; ``take_over`` replaces only the holder with the token it names.
2. *No effect for others.* ``release``, ``beat`` and ``rename_session`` act only for the holder's token, and return false for
   any other.
3. *Fencing.* If its token is not the holder's, ``append_if_held`` writes nothing and raises ``LockLost``: a run that lost the
   lock records nothing more and stops.
4. *Visibility.* The next holder reads everything that was appended before.

An implementation may rely on the following: one thread calls it at a time; a ``LockStore`` has a connection of its own and is
called outside a transaction; only the holder appends; entries are appended in the order in which statements run.

Further guarantees depend on the engine's ``Features``:

- With row locks (``for_share``) or a single writer (SQLite), the holder cannot change between ``append_if_held`` and the end
  of its transaction.
- Without ``transactional_ddl`` (MySQL and MariaDB commit with each DDL statement), an event and its statements are not in one
  transaction. Callers journal each statement, then append the event, then clear the journal. A kill at any point
  leaves either the event or an attempt that the next run finishes.
- Without transactions and row counts (ClickHouse), the lock is a ``LockCell``, which the dialect implements with the atomic
  primitive that the server has. ``append_if_held`` is one INSERT that fails in the server unless the token is the holder's,
  so that a client that is suspended between a check and its write writes nothing. A holder that loses the lock while the
  server executes that INSERT appends one last row. That row is harmless: what it records is true, and a statement that is
  journaled twice is judged by its effect. The event is one INSERT, and closes the journal of its file by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, Protocol

from .attempt import Attempt
from .record import Record

if TYPE_CHECKING:
    from dbwarden.errors import DatabaseError

    from .dialect import Holder, Liveness


@dataclass(frozen=True, slots=True)
class LockStatus:
    """State of the lock; inactive if it was never taken."""

    active: bool
    holder: Holder | None = None
    acquired_at: datetime | None = None
    age: float | None = None
    """Seconds since the lock was taken, by the server's clock."""
    heartbeat_age: float | None = None
    """Seconds since the holder's last heartbeat."""
    liveness: Liveness | None = None
    token: str = ""
    earlier: bool = False
    """Whether its table has the layout of an earlier version and must be upgraded before the lock can be taken."""


@dataclass(frozen=True, slots=True)
class LockState:
    """Content of a ``LockCell`` for one project."""

    token: str = ""
    holder: Holder | None = None
    """``None`` while the lock is free."""
    acquired_at: datetime | None = None
    heartbeat: datetime | None = None


class LockCell(Protocol):
    """Where an engine without row counts keeps the migration lock of one project: a value that is compared and set in one
    atomic step. Times are the server's. All methods raise ``DatabaseError``.
    """

    def read(self) -> LockState | None:
        """The state; ``None`` if the lock was never taken. Only reads."""

    def kind(self) -> str:
        """What the lock is on this server, in words. Only reads."""

    def now(self) -> datetime:
        """The server's time."""

    def prepare(self) -> None:
        """Create what the lock needs. Raises ``LockUnavailable`` if the server has no atomic primitive."""

    def take(self, previous: str, token: str, holder: Holder) -> bool:
        """Replace the holder with the token ``previous`` (empty: nobody); false if that is no longer the state."""

    def touch(self, token: str, session: str | None = None) -> bool:
        """Record a heartbeat, and a new ``session`` of the holder; false for another token."""

    def confirm(self, token: str) -> bool:
        """Whether ``token`` holds the lock, by an answer that no replica that lags behind can give."""

    def is_held(self, token: str) -> bool:
        """Whether ``token`` holds the lock as far as this server knows, which knows at least the state of the last ``freshen``
        or ``confirm``. Only reads."""

    def free(self, token: str) -> bool:
        """Release the lock; false for another token."""

    def guard(self, token: str) -> str:
        """Clauses after the expressions of an INSERT ... SELECT. The server fails the statement unless ``token`` holds the
        lock, as far as that server knows: ``freshen`` comes before it."""

    def freshen(self, token: str) -> bool:
        """Let the server know what a ``guard`` after this call depends on; false if ``token`` is known not to hold the lock.
        Nothing to do where the lock is on one server, whose guard alone decides."""

    def refused(self, error: DatabaseError) -> bool:
        """Whether ``error`` is that failure."""

    def owners(self) -> tuple[str, ...]:
        """The projects that have a lock here."""


class LockTaken(Exception):
    """An earlier version took the lock in the meantime, so that its table must not be upgraded."""


class LockStore(Protocol):
    """The lock of one project, and a native session lock, which only shows whether the holder is alive.

    All methods raise ``DatabaseError``.
    """

    def status(self) -> LockStatus:
        """State of the lock. Only reads."""

    def kind(self) -> str:
        """What the lock is on this server, in words: ``a row of the table dbwarden_lock``. Only reads."""

    def prepare(self) -> LockStatus:
        """Create missing tables and rows, and return the state of the lock."""

    def upgrade(self, *, despite_holder: bool) -> None:
        """Upgrade the layout of an earlier version. Raises ``LockTaken`` if such a version has taken the lock in the meantime,
        unless ``despite_holder``."""

    def enter(self) -> str:
        """Take the native lock without waiting, and return the identity of the session, empty if it has none."""

    def leave(self) -> None:
        """Release the native lock."""

    def take(self, holder: Holder, token: str) -> bool:
        """Take the free lock; false if it is no longer free. Visible to others at once."""

    def take_over(self, holder: Holder, token: str, previous: str) -> bool:
        """Take the lock from the holder with the token ``previous``; false if that is no longer the holder."""

    def rename_session(self, token: str, session: str) -> bool:
        """Record the holder's new session; false for another token."""

    def beat(self, token: str) -> bool:
        """Record a heartbeat of the holder; false for another token."""

    def release(self, token: str, *, earlier: bool = False) -> bool:
        """Release the lock; false for another token. ``earlier`` is that of ``LockStatus``."""

    def check_held(self, token: str) -> None:
        """Raise ``LockLost`` if ``token`` is not the holder's."""

    def other_owners(self) -> tuple[str, ...]:
        """The other projects with a lock in the same table."""

    @property
    def pooled(self) -> bool:
        """Whether sessions last only for a transaction, so that a holder's liveness is unknown."""

    def sever(self) -> bool:
        """Interrupt, from another thread, a call that waits for the server; false if the engine has no server."""

    def close(self) -> None:
        """Close the connection, and so release the native lock."""

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, traceback: object, /) -> None: ...


class HistoryStore(Protocol):
    """The append-only events of all projects that share a table."""

    def read(self, *, rollback_sql: bool = True) -> tuple[Record, ...]:
        """All events of all projects in order; empty without a history table. Without ``rollback_sql`` that field is ``None``.
        Raises ``DatabaseError``."""

    def read_held(self, *, rollback_sql: bool = True) -> tuple[Record, ...]:
        """Like ``read``, but for the holder of the lock: upgrades the layout of an earlier version first."""

    def append_if_held(self, record: Record, token: str) -> None:
        """Append an event. The store sets ``id``, ``at`` and the project. Raises ``LockLost``."""

    def adopt_unclaimed(self, token: str) -> None:
        """Assign the rows of an earlier version, which have no project, to this one. Raises ``LockLost``."""


class StatementState(Enum):
    """Progress of a journaled statement."""

    INTENT = "intent"
    DONE = "done"
    FAILED = "failed"
    """The engine reported an error."""


class JournalKey(NamedTuple):
    """A file and the direction in which it runs."""

    migration: str
    direction: str
    """``upgrade`` or ``rollback``."""


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """The last state of one statement, and the checksum of its text."""

    checksum: str
    state: StatementState
    at: datetime | None = field(default=None, compare=False)
    """When it was appended, by the server's clock; ``None`` if the journal does not tell."""


NOT_SENT = JournalEntry("", StatementState.FAILED)
"""Entry of a statement whose *intent* was appended and which was not sent. No statement has this checksum, so that the next
run sends it without a look at the catalogue."""


class Journal(Protocol):
    """Journal of statements outside a transaction, with which an interrupted file can be continued.

    1. *Intent* is durable before the statement is sent. Statements of one group (``core.statement_groups``) have theirs
       together; the lock is checked before each of them.
    2. *Done* is appended after it, perhaps together with *done* of others of its group and the *intent* of what comes next.
       The last ones may lack it: the event of the file says that they are done.
    3. When the file is finished, its entries are removed. Those of files that were announced together may stay until all of
       them are finished (``core.attempt.begun``).
    """

    def attempts(self, *, unclaimed: bool = False) -> tuple[Attempt, ...]:
        """The unfinished files of this project; empty without a journal table. Only reads. With ``unclaimed``, entries of an
        earlier version count as this project's (``core.divided_history.divide``)."""

    def read(self, key: JournalKey) -> Mapping[int, JournalEntry]:
        """The last entry of each statement (1-based) of an unfinished file. Raises ``DatabaseError``."""

    def append_if_held(self, key: JournalKey, entries: Mapping[int, JournalEntry], token: str) -> None:
        """Append the entries of one or several statements: all of them or none. Raises ``LockLost``."""

    def append_all_if_held(self, files: Mapping[JournalKey, Mapping[int, JournalEntry]], token: str) -> None:
        """Append the entries of several files, in their order: all of them or none. Raises ``LockLost``."""

    def check_held(self, token: str) -> None:
        """Raise ``LockLost`` if ``token`` is not the holder's, and append nothing. A server that lags behind the others may
        answer as of the last entry that was appended."""

    @property
    def closed_by_event(self) -> bool:
        """Whether the event of a finished file removes its entries, so that nobody needs to ``clear`` them."""

    def clear(self, key: JournalKey) -> None:
        """Remove the entries of a finished file."""

    def clear_if_held(self, keys: Collection[JournalKey], token: str) -> None:
        """Remove the entries of files that are finished or were not begun. Raises ``LockLost``."""
