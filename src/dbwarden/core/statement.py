"""Facts about SQL statements, and the plan of a migration that consists of statements."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, IntEnum

from .change import Add, Alter, Change, Drop
from .data_moves import DataMove
from .types import Ref


class Blocks(IntEnum):
    """The other sessions that wait while a statement holds its lock on an existing table; each value includes the lower ones."""

    NOTHING = 0
    DDL = 1
    """Statements that change the table's definition or maintain it (VACUUM)."""
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
    """How far the effects of a statement reach.

    Only DATABASE may run in a scratch database on a shared server, because dropping the database undoes nothing else. The
    user's own functions are judged by the statement that creates them, not by the one that calls them.
    """

    DATABASE = 0
    """All effects end with the database."""
    UNKNOWN = 1
    """Effects that the text does not show: dynamic SQL (EXECUTE in a block or function), CALL, another language, an
    unknown statement."""
    SERVER = 2
    """Effects outside the database: roles, other databases, server settings, files, processes, another server."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts about one statement; ``known`` is false if the dialect does not know the statement."""

    known: bool = True
    blocks: Blocks = Blocks.UNKNOWN
    lock: str = ""
    """The engine's name of the lock."""
    effects: frozenset[Effect] = frozenset()
    transactional: bool = True
    """Whether it can run inside a transaction."""
    session: bool = False
    """Whether it is a session setting that a transaction would ignore; the dialect's transaction hooks run it."""
    targets: tuple[Ref, ...] = ()
    reach: Reach = Reach.DATABASE
    action: str = ""
    """The statement in a few words: ``create table``, ``create index concurrently``."""


class Evidence(Enum):
    """Evidence of whether a statement that was interrupted outside a transaction had its effect."""

    CATALOGUE = "catalogue"
    """The catalogue shows it."""
    REPEATABLE = "repeatable"
    """None needed: running it twice has the same result as running it once."""
    NONE = "none"
    """No evidence: a person has to decide."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """How a later run recovers from a statement that was interrupted outside a transaction."""

    evidence: Evidence = Evidence.NONE
    leftover: str = ""
    """What a failed attempt leaves behind, in words ("an invalid index"); the probe removes it."""


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
    """Dropped objects and new ones that can take their data; each direction has a placeholder for the copying."""
    arranged: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    """The statements of both directions in the order they run; ``None`` for the order of the steps."""

    def __bool__(self) -> bool:
        return bool(self.steps)

    def counted_steps(self) -> Iterator[Step]:
        """The steps as people count them: a new or dropped column is one step, even if its NOT NULL is a change of its own."""
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
        """All statements of the rollback, in the order they run."""
        if self.arranged is not None:
            return self.arranged[1]
        return tuple(sql for step in reversed(self.steps) for sql in step.rollback)

    def irreversible(self) -> tuple[str, ...]:
        """The reasons why steps cannot be rolled back; empty if all can."""
        return tuple(step.irreversible for step in self.steps if step.irreversible)
