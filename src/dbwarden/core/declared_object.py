"""What models write for an object: a class of ``dbwarden.objects`` with its arguments; and for a type of another package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from .model import Column, Member, Table

Value: TypeAlias = "str | bool | int | float | tuple[Value, ...] | Mapping[str, Value] | None"
"""An argument: a text, a number, a flag, or a tuple or mapping of these; ``None`` is left out."""


@dataclass(frozen=True, slots=True)
class DeclaredObject:
    """A call of ``constructor``, whose first argument is ``name``; ``body`` is the second one, usually SQL."""

    constructor: str
    name: str
    body: Value = None
    named: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TypeCall:
    """A call of a class of types: ``Array(String)``. Arguments are types and values."""

    name: str
    arguments: tuple[TypeCall | Value, ...] = ()
    named: Mapping[str, Value] = field(default_factory=dict)


class ClauseDeclarations(Protocol):
    """How models describe the tables of an engine for which SQLAlchemy has neither a dialect nor keywords: types of another
    package, and clauses by ``dbwarden.objects``."""

    def types_module(self, sqlalchemy: str) -> str:
        """The module with the types of the SQLAlchemy dialect of this name."""

    def type_call(self, column: Column) -> TypeCall | None:
        """The type of a column, with NULL if the type says that; ``None`` if the module may not have it."""

    def clauses(self, item: Table | Column) -> Mapping[str, Value]:
        """Arguments of ``TableClauses`` or ``column_clauses``."""

    def member(self, item: Member) -> DeclaredObject | None:
        """The declaration among the arguments of a table; ``None`` if SQLAlchemy has a construct."""

    def key(self, table: Table) -> tuple[str, ...]:
        """The columns by which a mapped class tells rows apart; empty if there are none."""
