"""Objects that hold data and belong to no table: schemas, extensions, types and sequences."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar

from dbwarden.core.options import NO_OPTIONS, Options
from dbwarden.core.types import DataType, Expression, Ref

from .base import NOTHING, Object, in_namespace, ref_after, swap


@dataclass(frozen=True, slots=True)
class Namespace(Object):
    """A namespace for tables and other objects: PostgreSQL's schema."""

    kind: ClassVar[str] = "namespace"
    name: str
    comment: str | None = None

    @property
    def ref(self) -> Ref:
        return Ref("namespace", self.name)


@dataclass(frozen=True, slots=True)
class Extension(Object):
    """A server extension that types or indexes need. Where it was installed, and which version, is left alone.

    ``comment`` is one that somebody gave it; ``default_comment`` is that of its files.
    """

    kind: ClassVar[str] = "extension"
    name: str
    schema: str | None = field(default=None, compare=False)
    version: str | None = field(default=None, compare=False)
    comment: str | None = None
    default_comment: str | None = field(default=None, compare=False)

    @property
    def ref(self) -> Ref:
        return Ref("extension", self.name)


@dataclass(frozen=True, slots=True)
class Enum(Object):
    """A named enumeration type; the order of ``values`` is its sort order."""

    kind: ClassVar[str] = "enum"
    name: str
    values: tuple[str, ...]
    schema: str | None = None
    comment: str | None = None
    details: tuple[str, ...] = field(default=(), compare=False, repr=False)
    """Statements that give it back its owner and privileges, and what else no model says; ``{}`` stands for its name."""

    @property
    def ref(self) -> Ref:
        return Ref("enum", self.name, self.schema)

    def uses(self) -> frozenset[Ref]:
        return in_namespace(self.schema)

    def renamed(self, old: Ref, new: Ref) -> Object:
        if old.kind == "enum_value" and (old.schema, old.table) == (self.schema, self.name):
            return replace(self, values=swap(self.values, old.name, new.name))
        return replace(self, name=new.name, schema=new.schema) if old == self.ref else self


@dataclass(frozen=True, slots=True)
class Domain(Object):
    """A named type based on another, with its own default and checks (pairs of constraint name and expression)."""

    kind: ClassVar[str] = "domain"
    name: str
    type: DataType
    schema: str | None = None
    nullable: bool = True
    default: Expression | None = None
    collation: str | None = None
    checks: tuple[tuple[str, Expression], ...] = ()
    comment: str | None = None
    needs: frozenset[Ref] = field(default=NOTHING, compare=False)
    """Composite and range types that its base type names."""
    details: tuple[str, ...] = field(default=(), compare=False, repr=False)
    """Statements that give it back its owner and privileges, and what else no model says; ``{}`` stands for its name."""

    @property
    def ref(self) -> Ref:
        return Ref("domain", self.name, self.schema)

    def uses(self) -> frozenset[Ref]:
        base = (self.type.ref,) if self.type.ref else ()
        return in_namespace(self.schema).union(base, self.needs)

    def renamed(self, old: Ref, new: Ref) -> Object:
        if old in (self.type.ref, *self.needs):
            needs = frozenset(new if ref == old else ref for ref in self.needs)
            return replace(self, type=renamed_type(self.type, old, new), needs=needs)
        return replace(self, name=new.name, schema=new.schema) if old == self.ref else self


def renamed_type(type_: DataType, old: Ref, new: Ref) -> DataType:
    """``type_`` after the rename of a type that it names, with or without a reference."""
    if type_.ref is not None:
        return replace(type_, name=new.name, ref=new) if type_.ref == old else type_
    names = {
        f"{old.schema}.{old.name}" if old.schema else old.name: f"{new.schema}.{new.name}" if new.schema else new.name
    }
    return replace(type_, name=names[type_.name]) if type_.name in names else type_


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of a composite type."""

    name: str
    type: DataType
    collation: str | None = None


@dataclass(frozen=True, eq=False, slots=True)
class CompositeType(Object):
    """A type that is a row of attributes. Their order is not compared."""

    kind: ClassVar[str] = "composite_type"
    name: str
    attributes: tuple[Attribute, ...]
    schema: str | None = None
    comment: str | None = None
    needs: frozenset[Ref] = field(default=NOTHING, compare=False)
    """Composite and range types that its attributes name."""
    details: tuple[str, ...] = field(default=(), compare=False, repr=False)
    """Statements that give it back its owner and privileges, and what else no model says; ``{}`` stands for its name."""

    @property
    def ref(self) -> Ref:
        return Ref("composite_type", self.name, self.schema)

    def uses(self) -> frozenset[Ref]:
        named = {item.type.ref for item in self.attributes if item.type.ref is not None}
        return in_namespace(self.schema) | named | self.needs

    def renamed(self, old: Ref, new: Ref) -> Object:
        needs = frozenset(new if ref == old else ref for ref in self.needs)
        attributes = tuple(
            replace(item, type=renamed_type(item.type, old, new)) if old in (item.type.ref, *self.needs) else item
            for item in self.attributes
        )
        if old == self.ref:
            return replace(self, name=new.name, schema=new.schema)
        unchanged = needs == self.needs and attributes == self.attributes
        return self if unchanged else replace(self, needs=needs, attributes=attributes)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, CompositeType)
            and (self.name, self.schema, self.comment) == (other.name, other.schema, other.comment)
            and set(self.attributes) == set(other.attributes)
        )

    def __hash__(self) -> int:
        return hash((self.schema, self.name))


@dataclass(frozen=True, slots=True)
class Sequence(Object):
    """A sequence that is not part of a serial or identity column.

    ``options``: start, increment, minvalue, maxvalue, cache, cycle, without defaults. The engine drops it with the column
    ``owned_by``, whether or not that column's default uses it; where the models do not say one, that of the database stays.
    """

    kind: ClassVar[str] = "sequence"
    name: str
    schema: str | None = None
    type: DataType | None = None
    options: Options = NO_OPTIONS
    owned_by: Ref | None = None
    comment: str | None = None
    details: tuple[str, ...] = field(default=(), compare=False, repr=False)
    """Statements that give it back its owner and privileges, and what else no model says; ``{}`` stands for its name."""

    @property
    def ref(self) -> Ref:
        return Ref("sequence", self.name, self.schema)

    def uses(self) -> frozenset[Ref]:
        return in_namespace(self.schema)

    def renamed(self, old: Ref, new: Ref) -> Object:
        owner = ref_after(self.owned_by, old, new) if self.owned_by is not None else None
        renamed = self if owner == self.owned_by else replace(self, owned_by=owner)
        if owner is not None and self.owned_by is not None and owner.schema != self.owned_by.schema:
            return replace(renamed, schema=owner.schema)  # SET SCHEMA moves the sequences of the table's columns too
        return replace(renamed, name=new.name, schema=new.schema) if old == self.ref else renamed
