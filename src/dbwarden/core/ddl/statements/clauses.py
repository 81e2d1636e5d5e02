"""ALTER TABLE, and what its clauses change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from dbwarden.core.types import Ref

from .base import Action, Statement
from .elements import ColumnText, Constraint


@dataclass(frozen=True)
class AddColumn(Action):
    """ADD COLUMN."""

    column: ColumnText
    if_not_exists: bool = False


@dataclass(frozen=True)
class DropColumn(Action):
    """DROP COLUMN."""

    column: str
    if_exists: bool = False


@dataclass(frozen=True)
class RenameColumn(Action):
    """RENAME COLUMN."""

    old: str
    new: str


@dataclass(frozen=True)
class ChangeType(Action):
    """New type of a column; ``using`` is the expression that converts its values (PostgreSQL)."""

    column: str
    type: str
    using: str | None = None
    definition: ColumnText | None = None
    """The complete new definition (MySQL: MODIFY, CHANGE)."""


@dataclass(frozen=True)
class SetNotNull(Action):
    """SET NOT NULL of a column."""

    column: str


@dataclass(frozen=True)
class DropNotNull(Action):
    """DROP NOT NULL of a column."""

    column: str


@dataclass(frozen=True)
class AlterColumn(Action):
    """Another change of a column: the ``words`` after its name, ``SET STATISTICS``, ``DROP DEFAULT``."""

    column: str
    words: tuple[str, ...]
    default: str | None = field(default=None, compare=False)
    """The expression of SET DEFAULT, as written."""


@dataclass(frozen=True)
class AddConstraint(Action):
    """ADD CONSTRAINT, named or not."""

    constraint: Constraint


@dataclass(frozen=True)
class DropConstraint(Action):
    """Drop of a constraint; ``kind`` is index, primary key, foreign key or check if the clause says so (MySQL)."""

    name: str
    if_exists: bool = False
    kind: str = "constraint"


@dataclass(frozen=True)
class RenameConstraint(Action):
    """Rename of a constraint or, with ``kind`` index, of an index of the table (MySQL)."""

    name: str
    new: str
    kind: str = "constraint"


@dataclass(frozen=True)
class ValidateConstraint(Action):
    """VALIDATE CONSTRAINT of one added as NOT VALID."""

    name: str


@dataclass(frozen=True)
class DetachPartition(Action):
    """DETACH PARTITION."""

    partition: Ref
    concurrently: bool = False


@dataclass(frozen=True)
class OtherClause(Action):
    """Another clause of ALTER TABLE: its leading words in upper case."""

    words: tuple[str, ...]


@dataclass(frozen=True)
class AlterTable(Statement):
    """ALTER TABLE, a clause per change."""

    table: Ref
    clauses: tuple[Action, ...] = ()
    if_exists: bool = False
    mutations: tuple[Statement, ...] = ()
    """Clauses that change rows: UPDATE, DELETE (ClickHouse)."""
    foreign: bool = False
    """Whether the text says FOREIGN: the table has no rows here."""

    @property
    def parts(self) -> Iterator[Statement]:
        yield self
        yield from self.mutations

    @property
    def actions(self) -> tuple[Action, ...]:
        return self.clauses

    def split_clauses(self) -> tuple[AlterTable, ...]:
        """The same statement with one clause each; ALGORITHM and LOCK, which hold for all of them, stay with each."""
        how = tuple(
            clause
            for clause in self.clauses
            if isinstance(clause, OtherClause) and clause.words[:1] in (("ALGORITHM",), ("LOCK",))
        )
        clauses = [clause for clause in self.clauses if clause not in how]
        return tuple(replace(self, clauses=(clause, *how)) for clause in clauses)
