"""Stores of a project's history, lock and journal: three interfaces, and the rules for every implementation.

The rules, whatever the engine:

* *One holder.* A token is new for each taking. ``take`` and ``take_over`` succeed for at most one of any number of callers
  at the same moment; ``take_over`` replaces the holder it names by its token, and nobody else.
* *A stranger changes nothing.* ``release``, ``beat`` and ``rename_session`` act for the holder's token only, and return
  false for any other.
* *Fencing.* ``append_if_held`` writes nothing and raises ``LockLost`` where its token is not the holder's: a run whose
  lock was taken away records nothing more, and stops.
* *Nothing is lost in between.* What was appended is read by everybody who takes the lock afterwards.

What an implementation may rely on: one thread calls it at a time, outside a transaction for a ``LockStore``, which has its
connection to itself; only the holder appends; keys, directions and statements are appended in the order in which they run.

What a caller may rely on beyond these rules depends on what the engine declares (``Features``):

* With row locks (``for_share``) or one writer (SQLite), the lock cannot change hands between ``append_if_held`` and the end
  of the transaction that it is in.
* Without ``transactional_ddl`` (MySQL and MariaDB commit implicitly with each DDL statement) an event shares no transaction
  with the statements it speaks of. Callers journal each statement, append the event behind the last one and clear the
  journal behind the event, so that a kill at any point leaves either the event or an attempt that the next run finishes.
* Without transactions and row counts (ClickHouse) ``take``, ``take_over`` and ``release`` need an atomic primitive other
  than a counted UPDATE: a KeeperMap table in strict mode, or CREATE TABLE on a single node. There ``append_if_held`` reads
  the token just before it writes, so that a holder that loses the lock in this instant appends one last row. That row does no harm
  to the next holder's run: ids and times order the rows, and a statement that was journaled twice is judged by its effect.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import NamedTuple, Protocol

from .dialect import Holder, Liveness
from .overview import Attempt, Record


@dataclass(frozen=True, slots=True)
class LockStatus:
    """The lock as anyone sees it; inactive where none was ever stored."""

    active: bool
    holder: Holder | None = None
    acquired_at: datetime | None = None
    age: float | None = None
    """Seconds since it was taken, by the server's clock."""
    silence: float | None = None
    """Seconds since the holder's last heartbeat."""
    liveness: Liveness | None = None
    token: str = ""
    earlier: bool = False
    """Whether an earlier version keeps it, in a layout that must be brought up to date before it can be taken."""


class LockTaken(Exception):
    """An earlier version took the lock meanwhile: what it keeps must stay as it is."""


class LockStore(Protocol):
    """The lock of one project, and the native session lock beside it, which only shows whether the holder is alive.

    All methods raise ``DatabaseError``.
    """

    def status(self) -> LockStatus:
        """State of the lock: its holder, since when, and whether the holder is alive. Only reads."""

    def prepare(self) -> LockStatus:
        """Create what is missing; how the lock stands then."""

    def upgrade(self, *, despite_holder: bool) -> None:
        """Bring the layout of an earlier version up to date. Raises ``LockTaken`` where one has taken the lock meanwhile,
        unless ``despite_holder``."""

    def enter(self) -> str:
        """Take the native lock, never waiting; the identity of the session, empty where it cannot be distinguished from others."""

    def leave(self) -> None:
        """Give the native lock back."""

    def take(self, holder: Holder, token: str) -> bool:
        """Take the free lock, seen by everybody at once; false where somebody was faster."""

    def take_over(self, holder: Holder, token: str, previous: str) -> bool:
        """Take the lock from the holder with the token ``previous``; false where that is not the holder any more."""

    def rename_session(self, token: str, session: str) -> bool:
        """Note that the holder has another session now; false for anybody but the holder."""

    def beat(self, token: str) -> bool:
        """Note that the holder lives; false for anybody but the holder."""

    def release(self, token: str, *, earlier: bool = False) -> bool:
        """Free the lock; false for anybody but the holder. ``earlier`` as ``status`` had it."""

    def check_held(self, token: str) -> None:
        """Raise ``LockLost`` for anybody but the holder."""

    def other_owners(self) -> tuple[str, ...]:
        """The other projects that have a lock of their own in the same place."""

    @property
    def pooled(self) -> bool:
        """Whether no session is ours for longer than a transaction, so that a holder's liveness is unknown."""

    def sever(self) -> bool:
        """Interrupt a call that waits for the server, from another thread; false where there is no server."""

    def close(self) -> None:
        """Close the connection: the session ends, and with it its native lock."""

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, traceback: object, /) -> None: ...


class HistoryStore(Protocol):
    """The events of all projects that share a place; they are only ever appended."""

    def read(self, *, rollback_sql: bool = True) -> tuple[Record, ...]:
        """All events of all projects in their order; none where there is no history. Without ``rollback_sql`` that field
        stays None. Raises ``DatabaseError``."""

    def read_held(self, *, rollback_sql: bool = True) -> tuple[Record, ...]:
        """The same for the holder of the lock, who brings the layout of an earlier version up to date."""

    def append_if_held(self, record: Record, token: str) -> None:
        """Append an event; its ``id`` and ``at`` are the store's, its project is the lock's. Raises ``LockLost``."""

    def adopt_unclaimed(self, token: str) -> None:
        """Give the rows that an earlier version left without a project to this one. Raises ``LockLost``."""


class StatementState(Enum):
    """Progress of a statement."""

    INTENT = "intent"
    DONE = "done"
    FAILED = "failed"
    """The engine refused it."""


class JournalKey(NamedTuple):
    """One file in one direction."""

    migration: str
    direction: str
    """``upgrade`` or ``rollback``."""


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """The last state of one statement, and the checksum of its text."""

    checksum: str
    state: StatementState


class Journal(Protocol):
    """Journal of statements outside a transaction, so that an interrupted file can be continued.

    *Intent* is durable before the statement is sent, *done* is appended behind it. The entries of a file go when it is
    finished.
    """

    def attempts(self, *, unclaimed: bool = False) -> tuple[Attempt, ...]:
        """The files of this project that were not finished. Only reads; empty where there is no journal. ``unclaimed``
        says that the entries of an earlier version are ours, too (``core.overview.divide``)."""

    def read(self, key: JournalKey) -> Mapping[int, JournalEntry]:
        """The last entry of each statement (1-based) of a file that was not finished. Raises ``DatabaseError``."""

    def append_if_held(self, key: JournalKey, statement: int, entry: JournalEntry, token: str) -> None:
        """Append the entry of a statement. Raises ``LockLost``."""

    def clear(self, key: JournalKey) -> None:
        """Forget a file: it is finished."""
