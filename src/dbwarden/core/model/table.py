"""Tables, their columns and partitions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from dbwarden.core import kinds
from dbwarden.core.options import NO_OPTIONS, Options
from dbwarden.core.types import DataType, Expression, Ref

from .base import NOTHING, Object, in_namespace
from .standalone import Sequence, renamed_type


@dataclass(frozen=True, slots=True)
class Identity(Object):
    """Automatic numbering of a column.

    ``mode``: ``serial``, ``always`` or ``by default`` (GENERATED ... AS IDENTITY), ``auto_increment``, or ``auto``, which
    leaves the choice to the dialect and does not occur in canonical schemas.
    """

    kind: ClassVar[str] = "identity"
    mode: str
    options: Options = NO_OPTIONS
    default: Expression | None = field(default=None, compare=False, repr=False)
    """The ``nextval`` default of a serial column, if known from the database or the models."""
    sequence: Sequence | None = field(default=None, compare=False, repr=False)
    """The sequence of a serial column, if known from the database."""


@dataclass(frozen=True, slots=True)
class Computed(Object):
    """GENERATED ALWAYS AS (``expression``); ``stored`` is ``None`` if the model leaves it to the server."""

    kind: ClassVar[str] = "computed"
    expression: Expression
    stored: bool | None = None


@dataclass(frozen=True, slots=True)
class Column(Object):
    """A column, identified by its name and its table (``column_ref``). ``default`` is the server default."""

    kind: ClassVar[str] = "column"
    name: str
    type: DataType
    nullable: bool = True
    default: Expression | None = None
    identity: Identity | None = None
    computed: Computed | None = None
    collation: str | None = None
    comment: str | None = None
    options: Options = NO_OPTIONS
    needs: frozenset[Ref] = field(default=NOTHING, compare=False)
    """Other objects that the default or computed expression uses (a sequence, a function)."""
    not_null_implied: bool = field(default=False, compare=False)
    """Whether the engine rejects NULL even without NOT NULL in the definition (SQLite's rowid)."""
    default_undescribed: bool = field(default=False, compare=False)
    """Whether the models leave the default to the database (``FetchedValue()``), so that any default matches."""

    def uses(self) -> frozenset[Ref]:
        return self.needs | {self.type.ref} if self.type.ref else self.needs

    def renamed(self, old: Ref, new: Ref) -> Column:
        if old.kind == "enum_value":
            return self._relabelled(old, new)
        if old in self.needs:
            return self._needing(old, new)
        if self.type.ref != old:
            return self
        default = self.default.with_type_renamed(old, new) if self.default is not None else None
        return replace(self, type=replace(self.type, name=new.name, ref=new), default=default)

    def _needing(self, old: Ref, new: Ref) -> Column:
        """The column after the rename of the sequence that its default names, or of a type that has no reference."""
        needs = self.needs - {old} | {new}
        if old.kind == "sequence":
            default = self.default.relabelled(old.name, new.name) if self.default is not None else None
            return replace(self, default=default, needs=needs)
        return replace(self, type=renamed_type(self.type, old, new), needs=needs)

    def _relabelled(self, old: Ref, new: Ref) -> Column:
        """The column after the rename of a value of its enum, which its default may mention."""
        if self.default is None or self.type.ref != Ref("enum", old.table or "", old.schema):
            return self
        default = self.default.relabelled(old.name, new.name)
        return self if default.text == self.default.text else replace(self, default=default)

    def with_column_renamed(self, old: str, new: str) -> Column:
        """The column after the rename of a column of its table, perhaps of itself."""
        column = replace(self, name=new) if self.name == old else self
        if column.computed is None:
            return column
        expression = column.computed.expression.renamed(old, new)
        return replace(column, computed=replace(column.computed, expression=expression))


_TYPES = kinds.TYPES | {"enum_value", "sequence"}
"""Kinds that a column's type or default mentions, so that their renames change columns."""


@dataclass(frozen=True, slots=True)
class Partition(Object):
    """A partition of a table, or of another partition (``of``), with the rows within ``bounds``."""

    kind: ClassVar[str] = "partition"
    name: str
    of: Ref
    bounds: Expression
    """The text behind the name of its parent: ``FOR VALUES IN ('a')``, ``DEFAULT``."""
    schema: str | None = None
    options: Options = NO_OPTIONS
    """Those of a table; ``partition_by`` if it is partitioned itself."""
    comment: str | None = None
    sql: tuple[str, ...] = field(default=(), compare=False)
    """Statements that give it what its parent does not: own indexes, constraints, defaults and triggers."""
    lost: tuple[str, ...] = field(default=(), compare=False)
    """What these statements omit, in words."""
    declared: bool = field(default=False, compare=False)
    """Whether models describe it, or did; others are left alone."""

    @property
    def ref(self) -> Ref:
        return Ref("partition", self.name, self.schema)

    def uses(self) -> frozenset[Ref]:
        return in_namespace(self.schema) | {self.of}


@dataclass(frozen=True, eq=False, slots=True)
class Table(Object):
    """A table and its columns. The order of columns is not compared. Constraints and indexes are separate objects."""

    kind: ClassVar[str] = "table"
    name: str
    columns: Mapping[str, Column]
    schema: str | None = None
    comment: str | None = None
    options: Options = NO_OPTIONS
    partitions: tuple[Partition, ...] = field(default=(), repr=False)
    """All partitions, those of partitions too, each behind its parent. ``core.partitions`` gives a table of the models the
    undeclared ones of the database, which are not compared because they change with the data."""
    needs: frozenset[Ref] = field(default=NOTHING, compare=False, repr=False)
    """Tables from which it inherits."""

    @classmethod
    def of(cls, name: str, columns: Iterable[Column], **rest: Any) -> Table:
        """A table from an iterable of columns."""
        return cls(name, {column.name: column for column in columns}, **rest)

    @property
    def ref(self) -> Ref:
        return Ref("table", self.name, self.schema)

    def uses(self) -> frozenset[Ref]:
        refs = set(in_namespace(self.schema) | self.needs)
        for column in self.columns.values():
            if column.type.ref or column.needs:
                refs |= column.uses()
        return frozenset(refs)

    def provides(self) -> tuple[Ref, ...]:
        return (self.ref, *(Ref("column", name, self.schema, self.name) for name in self.columns))

    def parts(self) -> Mapping[Ref, Object]:
        columns: dict[Ref, Object] = {
            Ref("column", name, self.schema, self.name): column for name, column in self.columns.items()
        }
        return columns | {partition.ref: partition for partition in self.partitions} if self.partitions else columns

    def with_column(self, column: Column) -> Table:
        """A copy with ``column`` in its old place, or at the end if it is new."""
        return replace(self, columns={**self.columns, column.name: column})

    def without_column(self, name: str) -> Table:
        """A copy without the column."""
        return replace(self, columns={key: column for key, column in self.columns.items() if key != name})

    def with_partition(self, partition: Partition) -> Table:
        """A copy with ``partition`` in its old place, or at the end if it is new."""
        partitions = {item.ref: item for item in self.partitions} | {partition.ref: partition}
        return replace(self, partitions=tuple(partitions.values()))

    def without_partition(self, ref: Ref) -> Table:
        """A copy without the partition."""
        return replace(self, partitions=tuple(item for item in self.partitions if item.ref != ref))

    def same_frame(self, other: Table) -> bool:
        """Whether both tables are equal apart from their columns and partitions."""
        return (
            self.name == other.name
            and self.schema == other.schema
            and self.comment == other.comment
            and self.options == other.options
        )

    def renamed(self, old: Ref, new: Ref) -> Table:
        if old.kind == "table":
            return self._under(new) if old == self.ref else self._inheriting(old, new)
        if old.kind == "column" and (old.schema, old.table) == (self.schema, self.name):
            columns = (column.with_column_renamed(old.name, new.name) for column in self.columns.values())
            return replace(self, columns={column.name: column for column in columns})
        if old.kind not in _TYPES:
            return self
        moved = tuple(column.renamed(old, new) for column in self.columns.values())
        if all(after is before for after, before in zip(moved, self.columns.values(), strict=True)):
            return self
        return replace(self, columns={column.name: column for column in moved})

    def _inheriting(self, old: Ref, new: Ref) -> Table:
        """The table after the rename of another one, from which it may inherit."""
        if old not in self.needs:
            return self
        parents = (self.options.get("inherits") or "").split(", ")
        renamed = ", ".join(new.name if name == old.name else name for name in parents)
        return replace(self, needs=self.needs - {old} | {new}, options=self.options.with_(inherits=renamed))

    def _under(self, new: Ref) -> Table:
        """The table under its new name, which its partitions mention."""
        partitions = tuple(replace(item, of=new) if item.of == self.ref else item for item in self.partitions)
        return replace(self, name=new.name, schema=new.schema, partitions=partitions)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Table)
            and self.same_frame(other)
            and self.columns == other.columns
            and set(self.partitions) == set(other.partitions)
        )

    def __hash__(self) -> int:
        return hash((self.schema, self.name))
