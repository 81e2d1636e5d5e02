"""The plan of a migration: its changes, and the statements of both directions in the order they run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from .change import Add, Alter, Change, Drop
from .data_moves import DataMove


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
