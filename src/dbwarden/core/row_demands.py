"""Demands that statements make on the rows of existing tables, and the rows that do not meet them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from .types import Ref


class DemandKind(Enum):
    """What a statement demands of rows."""

    NOT_NULL = "not null"
    UNIQUE = "unique"
    PRIMARY_KEY = "primary key"
    CHECK = "check"
    FOREIGN_KEY = "foreign key"
    TYPE = "type"
    """Values that the new type of a column takes."""


ALL_KINDS = frozenset(DemandKind)


@dataclass(frozen=True, slots=True)
class RowDemand:
    """A demand on the rows of ``table``. All names are those that the database has now."""

    kind: DemandKind
    table: Ref
    columns: tuple[str, ...] = ()
    """Columns whose values decide, as far as they are known."""
    name: str | None = None
    """Name of the new constraint or index."""
    keys: tuple[str, ...] = ()
    """Columns and expressions of a unique key, as SQL."""
    where: str = ""
    """Predicate of a unique index, as SQL."""
    nulls_distinct: bool = True
    """Whether a unique key allows several NULLs."""
    expression: str = ""
    """Expression of a check, as SQL."""
    references: Ref | None = None
    ref_columns: tuple[str, ...] = ()
    full_match: bool = False
    """Whether a foreign key allows NULL only in all its columns at once."""
    type: str = ""
    """New type, as SQL."""
    using: str = ""
    """Expression that converts the values, as SQL; empty for the engine's own conversion."""
    values: tuple[str, ...] | None = None
    """Values of the new type, if a pending statement creates it as an enumeration."""

    @property
    def path(self) -> str:
        """Table with its schema, if that is not the default one."""
        return f"{self.table.schema}.{self.table.name}" if self.table.schema else self.table.name

    def describe(self) -> str:
        """The demand in words: ``users.email becomes NOT NULL``."""
        listed = ", ".join(self.columns or self.keys)
        match self.kind:
            case DemandKind.NOT_NULL:
                return f"{self.path}.{listed} becomes NOT NULL"
            case DemandKind.UNIQUE:
                return f"{self.path} becomes unique by ({', '.join(self.keys) or listed})"
            case DemandKind.PRIMARY_KEY:
                return f"{self.path} gets the primary key ({listed})"
            case DemandKind.CHECK:
                return f"{self.path} gets the check ({' '.join(self.expression.split())})"
            case DemandKind.FOREIGN_KEY:
                target = self.references.name if self.references is not None else ""
                return f"{self.path} gets the foreign key ({listed}) to {target}"
            case DemandKind.TYPE:
                return f"{self.path}.{listed} becomes {self.type}"


@dataclass(frozen=True, slots=True)
class OffendingRows:
    """Rows that do not meet a demand."""

    count: int
    columns: tuple[str, ...]
    """Columns of ``sample``: the table's primary key, then the columns of the demand."""
    sample: tuple[tuple[Any, ...], ...]
    query: str
    """SQL that returns all of them."""


@dataclass(frozen=True, slots=True)
class PlacedDemand:
    """A demand with its place in the pending files."""

    file: str
    line: int
    demand: RowDemand
    unjudged: str = ""
    """Why the rows in the database do not show whether it will be met; empty if they do."""
    statement: int = 0
    """Number of the statement in its file, from 1."""
