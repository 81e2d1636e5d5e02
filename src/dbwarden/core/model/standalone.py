"""Objects that hold data and belong to no table: schemas, extensions, types and sequences."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar

from dbwarden.core.options import NO_OPTIONS, Options
from dbwarden.core.types import DataType, Expression, Ref

from .base import Object, in_namespace, ref_after, swap


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
    """A server extension that types or indexes need."""

    kind: ClassVar[str] = "extension"
    name: str
    schema: str | None = None

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

    @property
    def ref(self) -> Ref:
        return Ref("domain", self.name, self.schema)

    def uses(self) -> frozenset[Ref]:
        base = (self.type.ref,) if self.type.ref else ()
        return in_namespace(self.schema).union(base)

    def renamed(self, old: Ref, new: Ref) -> Object:
        return replace(self, name=new.name, schema=new.schema) if old == self.ref else self


@dataclass(frozen=True, slots=True)
class Sequence(Object):
    """A sequence that is not part of a serial or identity column.

    ``options``: start, increment, minvalue, maxvalue, cache, cycle, without defaults. The engine drops it with the column
    ``owned_by``, whether or not that column's default uses it.
    """

    kind: ClassVar[str] = "sequence"
    name: str
    schema: str | None = None
    type: DataType | None = None
    options: Options = NO_OPTIONS
    owned_by: Ref | None = field(default=None, compare=False)

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
