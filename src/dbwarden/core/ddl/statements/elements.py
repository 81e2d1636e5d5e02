"""What stands in the parentheses of CREATE TABLE, and in clauses of ALTER TABLE."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from dbwarden.core.types import Ref


class AllowedValues(NamedTuple):
    """The values that a check allows in a column: ``column IN ('a', 'b')``."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class ColumnText:
    """The definition of a column; ``type`` is its text, empty if there is none."""

    name: str
    type: str = ""
    not_null: bool = False
    default: str | None = None
    generated: bool = False
    """Whether the database computes or numbers it."""
    stored: bool = False
    """Whether each row stores its value: numbered, or computed and stored."""
    primary: bool = False
    unique: bool = False
    references: Ref | None = None
    allowed: tuple[str, ...] = ()
    """The only allowed values, if the type or a check lists them."""
    checked: bool = False
    """Whether it has a check of its own."""
    position: str = ""
    """``FIRST`` or ``AFTER`` if the text names the column's place (MySQL)."""
    checks: tuple[str, ...] = field(default=(), compare=False)
    """The expressions of its checks, as written."""
    ref_columns: tuple[str, ...] = field(default=(), compare=False)
    """Columns of ``references``; empty if the text leaves them to the primary key."""
    after: str = ""
    """Name of the column behind ``AFTER``."""
    clauses: frozenset[str] = field(default=frozenset(), compare=False)
    """First words of its clauses that one dialect has (``Vocabulary.after_type``): ``CODEC``, ``TTL``."""


@dataclass(frozen=True)
class Constraint:
    """A table constraint. ``kind``: primary key, unique, foreign key, check, exclude or index; ``text``: all of it in upper
    case."""

    kind: str
    name: str | None = None
    columns: tuple[str, ...] = ()
    references: Ref | None = None
    not_valid: bool = False
    using_index: str | None = None
    text: str = ""
    allowed: AllowedValues | None = None
    keys: tuple[str, ...] = field(default=(), compare=False)
    """Columns, as in ``CreateIndex.keys``."""
    expression: str = field(default="", compare=False)
    """Expression of a check, as written."""
    ref_columns: tuple[str, ...] = field(default=(), compare=False)
    """Columns of ``references``; empty if the text leaves them to the primary key."""


Elements: TypeAlias = tuple[tuple[ColumnText, ...], tuple[Constraint, ...]]
"""Columns and constraints in the parentheses of CREATE TABLE."""
