"""Facts about SQL statements, and the plan that consists of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, IntEnum

from .change import Add, Alter, Change, Drop
from .data_moves import DataMove
from .types import Ref


class Blocks(IntEnum):
    """Sessions that have to wait while a statement works on an existing table; each value includes those before it."""

    NOTHING = 0
    DDL = 1
    """Other statements that change the table or maintain it."""
    WRITERS = 2
    EVERYBODY = 3
    UNKNOWN = 4
    """Assume the worst."""


class Effect(Enum):
    """Effect of a statement on its targets."""

    CREATES = "creates"
    DROPS = "drops"
    DELETES_DATA = "deletes data"
    REWRITES = "rewrites"
    SCANS = "scans"
    WRITES_ROWS = "writes rows"
    CHANGES = "changes"


class Reach(IntEnum):
    """Reach of a statement's effects, the nearest first.

    What is not DATABASE must not run on a scratch database of a server that others use: dropping the database does not take
    it back. Functions of the user's own are judged by the statement that creates them, not where they are called.
    """

    DATABASE = 0
    """Everything that it does is gone with its database."""
    UNKNOWN = 1
    """Code that cannot be read: dynamic SQL (EXECUTE in a block or function), CALL, another language, a statement
    that no row knows."""
    SERVER = 2
    """Objects outside of the database: roles, other databases, settings of the server, files, processes, another
    server."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts about one statement, from a dialect's table; ``known`` is false where no row matched."""

    known: bool = True
    blocks: Blocks = Blocks.UNKNOWN
    lock: str = ""
    """The engine's name of the lock that blocks."""
    effects: frozenset[Effect] = frozenset()
    transactional: bool = True
    session: bool = False
    """Sets something of the connection that only counts outside a transaction; the dialect's transaction hooks run it."""
    targets: tuple[Ref, ...] = ()
    reach: Reach = Reach.DATABASE
    action: str = ""
    """A few words for people: ``create table``, ``create index concurrently``."""


class Evidence(Enum):
    """Evidence that is left after a statement was interrupted outside a transaction."""

    CATALOGUE = "catalogue"
    """The catalogue shows whether it had its effect."""
    REPEATABLE = "repeatable"
    """Running it twice has the same result as running it once."""
    NONE = "none"
    """No evidence: a person has to decide."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """Recovery, by a later run, from a statement that was interrupted outside a transaction."""

    evidence: Evidence = Evidence.NONE
    leftover: str = ""
    """Remains of an attempt that the engine refused, as the object of a sentence; the probe removes them."""


@dataclass(frozen=True, slots=True)
class Step:
    """A change with its statements in both directions; ``irreversible`` is the reason for a missing rollback."""

    change: Change
    upgrade: tuple[str, ...]
    rollback: tuple[str, ...]
    irreversible: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps in the order they run."""

    steps: tuple[Step, ...]
    notes: tuple[str, ...] = field(default=())
    data_moves: tuple[DataMove, ...] = ()
    """Objects dropped while others that can take their data are created; each direction has a marked place."""
    arranged: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    """The statements of both directions where they stand in another order than that of the steps."""

    def __bool__(self) -> bool:
        return bool(self.steps)

    def whole(self) -> Iterator[Step]:
        """The steps for people: a column that is new, or goes, is one, also where its NOT NULL waits for data."""
        ends = {step.change.ref for step in self.steps if isinstance(step.change, Add | Drop)}
        apart = {
            step.change.ref: step for step in self.steps if isinstance(step.change, Alter) and step.change.ref in ends
        }
        for step in self.steps:
            other = apart.get(step.change.ref)
            if other is None:
                yield step
            elif step is not other:
                both = (*step.upgrade, *other.upgrade), (*step.rollback, *other.rollback)
                yield Step(step.change, *both, step.irreversible)

    def upgrade(self) -> tuple[str, ...]:
        """All statements of the upgrade, in the order they run."""
        if self.arranged is not None:
            return self.arranged[0]
        return tuple(sql for step in self.steps for sql in step.upgrade)

    def rollback(self) -> tuple[str, ...]:
        """All statements of the rollback: the steps in reverse, but for ``arranged``."""
        if self.arranged is not None:
            return self.arranged[1]
        return tuple(sql for step in reversed(self.steps) for sql in step.rollback)

    def irreversible(self) -> tuple[str, ...]:
        """Why parts of the plan have no way back; empty where all have."""
        return tuple(step.irreversible for step in self.steps if step.irreversible)
