"""What a statement asks for, as values that rules match by shape. Standard SQL and its common dialects; no vendor."""

from __future__ import annotations

from dataclasses import dataclass, field

from dbwarden.core.types import Ref

Key = tuple[str, str]


def key(table: Ref) -> Key:
    """What two spellings of one table have in common."""
    return (table.schema or "").casefold(), table.name.casefold()


@dataclass(frozen=True, slots=True)
class ColumnText:
    """A column as its definition says; ``type`` is its text, empty where none stands there."""

    name: str
    type: str = ""
    not_null: bool = False
    default: str | None = None
    generated: bool = False
    """Computed by the database from other columns, or numbered by it."""
    primary: bool = False
    unique: bool = False
    references: Ref | None = None


@dataclass(frozen=True, slots=True)
class Constraint:
    """``kind`` is primary key, unique, foreign key, check or exclude; ``text`` the whole of it in capitals."""

    kind: str
    name: str | None = None
    columns: tuple[str, ...] = ()
    references: Ref | None = None
    not_valid: bool = False
    using_index: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing done to ``table``."""

    table: Ref


@dataclass(frozen=True, slots=True)
class CreateTable(Action):
    columns: tuple[ColumnText, ...] = ()
    constraints: tuple[Constraint, ...] = ()


@dataclass(frozen=True, slots=True)
class DropTable(Action):
    pass


@dataclass(frozen=True, slots=True)
class RenameTable(Action):
    new: Ref


@dataclass(frozen=True, slots=True)
class AddColumn(Action):
    column: ColumnText
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True)
class DropColumn(Action):
    column: str


@dataclass(frozen=True, slots=True)
class RenameColumn(Action):
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class ChangeType(Action):
    column: str
    type: str
    using: str | None = None


@dataclass(frozen=True, slots=True)
class SetNotNull(Action):
    column: str


@dataclass(frozen=True, slots=True)
class DropNotNull(Action):
    column: str


@dataclass(frozen=True, slots=True)
class AddConstraint(Action):
    constraint: Constraint


@dataclass(frozen=True, slots=True)
class DropConstraint(Action):
    name: str


@dataclass(frozen=True, slots=True)
class CreateIndex(Action):
    columns: tuple[str, ...] = ()
    """The leading columns; the list ends at the first expression."""
    partial: bool = False


@dataclass(frozen=True, slots=True)
class CopyRows(Action):
    """``INSERT INTO table (columns) SELECT ... FROM source``."""

    source: Ref
    columns: tuple[str, ...] = field(default=())


# ``table`` is the type here.


@dataclass(frozen=True, slots=True)
class CreateEnum(Action):
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AddEnumValue(Action):
    value: str


@dataclass(frozen=True, slots=True)
class RenameType(Action):
    new: Ref
