"""Derived objects that belong to a table: keys, constraints and indexes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from dbwarden.core.options import NO_OPTIONS, Options
from dbwarden.core.types import Expression, Ref

from .base import Object, key_of, swap


@dataclass(frozen=True, slots=True)
class Member(Object):
    """Base of the constraints and indexes of a table.

    ``name`` is ``None`` for an unnamed one. ``implicit`` names are chosen by the engine, not by the model: such an object adopts
    the name that the database has for the same content.
    """

    derived: ClassVar[bool] = True
    table: Ref
    name: str | None

    @property
    def ref(self) -> Ref:
        return Ref(self.kind, self.name or self.label(), self.table.schema, self.table.name)

    def label(self) -> str:
        """A substitute for the name of an unnamed object, derived from its content."""
        return "?"

    def column_names(self) -> tuple[str, ...]:
        """The columns of ``table`` that this object covers."""
        return ()

    @property
    def mentions_known(self) -> bool:
        """Whether ``column_names`` has every column that an expression of the object mentions."""
        return True

    def uses(self) -> frozenset[Ref]:
        schema, table = self.table.schema, self.table.name
        return frozenset((self.table, *(Ref("column", name, schema, table) for name in self.column_names())))

    def content(self) -> Object:
        """The object without name and comment, to find the same content under another name."""
        bare: Member = replace(self, name=None)
        return replace(bare, comment=None) if getattr(bare, "comment", None) is not None else bare  # type: ignore[call-arg]

    def same_but_comment(self, other: Object | None) -> bool:
        """Whether both are equal apart from the comment, so that one becomes the other without being dropped."""
        return self == other or (
            isinstance(other, Member) and self.ref == other.ref and self.content() == other.content()
        )

    def renamed(self, old: Ref, new: Ref) -> Object:
        if old == self.ref:
            return replace(self, name=new.name)
        if old == self.table:
            return replace(self, table=new, name=self._name_on(new))
        if old.kind == "column" and (old.schema, old.table) == (self.table.schema, self.table.name):
            return self._column_renamed(old.name, new.name)
        return self

    def _column_renamed(self, old: str, new: str) -> Object:
        return self

    def _name_on(self, table: Ref) -> str | None:
        """The name after the rename of the table, of which it may be a part."""
        if self.name is None or not getattr(self, "named_after_table", False):
            return self.name
        return table.name + self.name[len(self.table.name) :]

    def with_expressions(self, change: Callable[[Expression], Expression]) -> Member:
        """The object with ``change`` applied to each of its expressions."""
        return self


@dataclass(frozen=True, slots=True)
class PrimaryKey(Member):
    """PRIMARY KEY (``columns``)."""

    kind: ClassVar[str] = "primary_key"
    columns: tuple[str, ...]
    include: tuple[str, ...] = ()
    deferrable: bool = False
    initially: str | None = None
    """``deferred`` or ``None`` (immediate)."""
    comment: str | None = None
    options: Options = NO_OPTIONS
    implicit: bool = field(default=False, compare=False)

    def label(self) -> str:
        return "primary key"

    def column_names(self) -> tuple[str, ...]:
        return self.columns + self.include

    def provides(self) -> tuple[Ref, ...]:
        return (self.ref, key_of(self.table))

    def _column_renamed(self, old: str, new: str) -> Object:
        return replace(self, columns=swap(self.columns, old, new), include=swap(self.include, old, new))


@dataclass(frozen=True, slots=True)
class Unique(Member):
    """UNIQUE (``columns``)."""

    kind: ClassVar[str] = "unique"
    columns: tuple[str, ...]
    include: tuple[str, ...] = ()
    nulls_not_distinct: bool = False
    deferrable: bool = False
    initially: str | None = None
    comment: str | None = None
    options: Options = NO_OPTIONS
    implicit: bool = field(default=False, compare=False)

    def label(self) -> str:
        return f"unique ({', '.join(self.columns)})"

    def column_names(self) -> tuple[str, ...]:
        return self.columns + self.include

    def provides(self) -> tuple[Ref, ...]:
        return (self.ref, key_of(self.table))

    def _column_renamed(self, old: str, new: str) -> Object:
        return replace(self, columns=swap(self.columns, old, new), include=swap(self.include, old, new))


@dataclass(frozen=True, slots=True)
class Check(Member):
    """CHECK (``expression``), without the outer parentheses."""

    kind: ClassVar[str] = "check"
    expression: Expression
    columns: tuple[str, ...] = field(default=(), compare=False)
    """The columns that the expression mentions, if known."""
    no_inherit: bool = False
    comment: str | None = None
    options: Options = NO_OPTIONS
    implicit: bool = field(default=False, compare=False)
    in_column: str | None = field(default=None, compare=False)
    """The column whose definition contains the check, so that it has the column's name and changes with it (MariaDB)."""
    named_after_table: bool = field(default=False, compare=False, repr=False)
    """Whether the engine has made the name of the table's, and renames it with the table (MySQL)."""

    def label(self) -> str:
        return f"check ({self.expression.key})"

    def column_names(self) -> tuple[str, ...]:
        return self.columns

    @property
    def mentions_known(self) -> bool:
        return bool(self.columns)

    def _column_renamed(self, old: str, new: str) -> Object:
        renamed = replace(self, expression=self.expression.renamed(old, new), columns=swap(self.columns, old, new))
        return replace(renamed, name=new, in_column=new) if self.in_column == old else renamed

    def with_expressions(self, change: Callable[[Expression], Expression]) -> Check:
        return replace(self, expression=change(self.expression))


@dataclass(frozen=True, slots=True)
class ForeignKey(Member):
    """FOREIGN KEY (``columns``) REFERENCES ``ref_table`` (``ref_columns``).

    ``on_update``/``on_delete``: ``cascade``, ``set null``, ``set default``, ``restrict``, lower case with optional column
    list, or ``None`` (no action). ``match``: ``full``/``partial`` or ``None`` (simple).
    """

    kind: ClassVar[str] = "foreign_key"
    columns: tuple[str, ...]
    ref_table: Ref
    ref_columns: tuple[str, ...]
    on_update: str | None = None
    on_delete: str | None = None
    match: str | None = None
    deferrable: bool = False
    initially: str | None = None
    comment: str | None = None
    options: Options = NO_OPTIONS
    implicit: bool = field(default=False, compare=False)
    named_after_table: bool = field(default=False, compare=False, repr=False)
    """Whether the engine has made the name of the table's, and renames it with the table (MySQL, MariaDB)."""

    def label(self) -> str:
        target = f"{self.ref_table.name} ({', '.join(self.ref_columns)})"
        return f"foreign key ({', '.join(self.columns)}) to {target}"

    def column_names(self) -> tuple[str, ...]:
        return self.columns

    def uses(self) -> frozenset[Ref]:
        target = self.ref_table
        return Member.uses(self).union(
            (target, key_of(target)), (Ref("column", name, target.schema, target.name) for name in self.ref_columns)
        )

    def renamed(self, old: Ref, new: Ref) -> Object:
        changed: Any = Member.renamed(self, old, new)
        if old == self.ref_table:
            changed = replace(changed, ref_table=new)
        if old.kind == "column" and (old.schema, old.table) == (self.ref_table.schema, self.ref_table.name):
            changed = replace(changed, ref_columns=swap(self.ref_columns, old.name, new.name))
        return changed  # type: ignore[no-any-return]

    def _column_renamed(self, old: str, new: str) -> Object:
        return replace(self, columns=swap(self.columns, old, new))


@dataclass(frozen=True, slots=True)
class Exclude(Member):
    """EXCLUDE USING ``method`` (element WITH operator, ...) WHERE (``where``)."""

    kind: ClassVar[str] = "exclude"
    elements: tuple[tuple[IndexElement, str], ...]
    method: str = "gist"
    where: Expression | None = None
    deferrable: bool = False
    initially: str | None = None
    comment: str | None = None
    options: Options = NO_OPTIONS
    columns: tuple[str, ...] = field(default=(), compare=False)
    implicit: bool = field(default=False, compare=False)

    def label(self) -> str:
        return f"exclude ({', '.join(f'{element.key} with {operator}' for element, operator in self.elements)})"

    def column_names(self) -> tuple[str, ...]:
        plain = (element.column for element, _ in self.elements if element.column)
        return tuple(dict.fromkeys((*plain, *self.columns)))

    @property
    def mentions_known(self) -> bool:
        return bool(self.columns) or (self.where is None and all(element.column for element, _ in self.elements))

    def _column_renamed(self, old: str, new: str) -> Object:
        return replace(
            self,
            elements=tuple((element.with_column_renamed(old, new), operator) for element, operator in self.elements),
            where=self.where.renamed(old, new) if self.where else None,
            columns=swap(self.columns, old, new),
        )

    def with_expressions(self, change: Callable[[Expression], Expression]) -> Exclude:
        elements = tuple((element.with_expression(change), operator) for element, operator in self.elements)
        return replace(self, elements=elements, where=change(self.where) if self.where else None)


@dataclass(frozen=True, slots=True)
class IndexElement:
    """One key of an index: a column name, or an expression (its text without outer parentheses).

    ``nulls``: ``first`` or ``last`` if that is not the default of the direction, else ``None``.
    """

    column: str | None
    expression: Expression | None = None
    descending: bool = False
    nulls: str | None = None
    opclass: str | None = None
    collation: str | None = None
    length: int | None = None
    """Characters or bytes of a text to index, from its beginning; ``None`` for all."""

    def with_column_renamed(self, old: str, new: str) -> IndexElement:
        """The key after the rename of a column."""
        if self.expression is not None:
            return replace(self, expression=self.expression.renamed(old, new))
        return replace(self, column=new) if self.column == old else self

    def with_expression(self, change: Callable[[Expression], Expression]) -> IndexElement:
        """The key with ``change`` applied to its expression, if it has one."""
        return self if self.expression is None else replace(self, expression=change(self.expression))

    @property
    def key(self) -> str:
        """The column or expression as text."""
        return (
            self.column if self.expression is None and self.column else f"({self.expression and self.expression.key})"
        )


@dataclass(frozen=True, slots=True)
class Index(Member):
    """CREATE [UNIQUE] INDEX ``name`` ON ``table`` USING ``method`` (``elements``) INCLUDE (...) WITH (options) WHERE ``where``."""

    kind: ClassVar[str] = "index"
    elements: tuple[IndexElement, ...]
    unique: bool = False
    method: str | None = None
    include: tuple[str, ...] = ()
    where: Expression | None = None
    nulls_not_distinct: bool = False
    comment: str | None = None
    options: Options = NO_OPTIONS
    columns: tuple[str, ...] = field(default=(), compare=False)
    """Columns that expressions and the predicate mention, if known."""
    implicit: bool = field(default=False, compare=False)

    def label(self) -> str:
        return f"index ({', '.join(element.key for element in self.elements)})"

    def column_names(self) -> tuple[str, ...]:
        plain = (element.column for element in self.elements if element.column)
        return tuple(dict.fromkeys((*plain, *self.include, *self.columns)))

    @property
    def mentions_known(self) -> bool:
        return bool(self.columns) or (self.where is None and all(element.column for element in self.elements))

    def provides(self) -> tuple[Ref, ...]:
        return (self.ref, key_of(self.table)) if self.unique else (self.ref,)

    def _column_renamed(self, old: str, new: str) -> Object:
        return replace(
            self,
            elements=tuple(element.with_column_renamed(old, new) for element in self.elements),
            include=swap(self.include, old, new),
            where=self.where.renamed(old, new) if self.where else None,
            columns=swap(self.columns, old, new),
        )

    def with_expressions(self, change: Callable[[Expression], Expression]) -> Index:
        elements = tuple(element.with_expression(change) for element in self.elements)
        return replace(self, elements=elements, where=change(self.where) if self.where else None)


@dataclass(frozen=True, slots=True)
class Projection(Member):
    """PROJECTION ``name`` (``query``): rows of the table in another order, or aggregated, which the engine keeps up to date."""

    kind: ClassVar[str] = "projection"
    query: Expression
    columns: tuple[str, ...] = field(default=(), compare=False)
    """The columns that the query mentions, if known."""
    options: Options = NO_OPTIONS
    implicit: bool = field(default=False, compare=False)

    def label(self) -> str:
        return f"projection ({self.query.key})"

    def column_names(self) -> tuple[str, ...]:
        return self.columns

    @property
    def mentions_known(self) -> bool:
        return bool(self.columns)

    def _column_renamed(self, old: str, new: str) -> Object:
        return replace(self, query=self.query.renamed(old, new), columns=swap(self.columns, old, new))

    def with_expressions(self, change: Callable[[Expression], Expression]) -> Projection:
        return replace(self, query=change(self.query))
