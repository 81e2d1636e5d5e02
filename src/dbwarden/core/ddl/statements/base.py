"""What all statements have: their single changes, and the objects that they create, drop and rename."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dbwarden.core.types import Ref


@dataclass(frozen=True)
class Statement:
    """One SQL statement."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """The single changes to tables and types; empty for statements that are not DDL."""
        return ()

    @property
    def creates(self) -> tuple[Ref, ...]:
        """The objects that the statement creates."""
        return ()

    @property
    def drops(self) -> tuple[Ref, ...]:
        """The objects that the statement drops."""
        return ()

    @property
    def renamed(self) -> tuple[tuple[Ref, Ref], ...]:
        """Tables and types that the statement renames, as old and new name."""
        return tuple((action.table, action.new_name) for action in self.actions if action.new_name)

    @property
    def parts(self) -> Iterator[Statement]:
        """The statements that run with this one, such as those inside WITH and EXPLAIN ANALYZE."""
        yield self


@dataclass(frozen=True)
class Action(Statement):
    """One change to ``table``, or to an enumeration type."""

    table: Ref

    @property
    def actions(self) -> tuple[Action, ...]:
        return (self,)

    @property
    def new_name(self) -> Ref | None:
        """The name that the table or type gets; ``None`` if it keeps its own."""
        return None


@dataclass(frozen=True)
class Unknown(Statement):
    """A statement that the parser does not know; ``words`` are the first ones in upper case."""

    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Utility(Statement):
    """A statement of which only the leading words, in upper case, matter: ``COMMENT ON TABLE``, ``ANALYZE``."""

    words: tuple[str, ...]
