"""The base of all schema objects, and references between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from dbwarden.core import kinds
from dbwarden.core.types import Ref

NOTHING: frozenset[Ref] = frozenset()


def key_of(table: Ref) -> Ref:
    """Reference to the primary key or unique constraint that a foreign key needs in its target table."""
    return Ref("key", "", table.schema, table.name)


def ref_after(ref: Ref, old: Ref, new: Ref) -> Ref:
    """``ref`` after the rename of ``old`` to ``new``, which may be the table of ``ref``."""
    if ref == old:
        return new
    if old.kind == "table" and (ref.schema, ref.table) == (old.schema, old.name):
        return ref._replace(table=new.name, schema=new.schema)
    return ref


def column_ref(table: Ref, name: str) -> Ref:
    """Reference to a column of ``table``."""
    return Ref("column", name, table.schema, table.name)


class Object:
    """Base of all schema objects."""

    __slots__ = ()

    kind: ClassVar[str]
    derived: ClassVar[bool] = False

    @property
    def ref(self) -> Ref:
        """Identity within a schema."""
        raise TypeError(f"{kinds.a(self.kind)} has no identity of its own")

    def uses(self) -> frozenset[Ref]:
        """The objects that must exist before this one."""
        return NOTHING

    def provides(self) -> tuple[Ref, ...]:
        """The object itself, and the key that it offers to foreign keys (``key_of``)."""
        return (self.ref,)

    def parts(self) -> Mapping[Ref, Object]:
        """The objects inside this one (the columns of a table), which are compared one by one."""
        return {}

    def renamed(self, old: Ref, new: Ref) -> Object:
        """The object after the rename of ``old`` to ``new``; itself if it does not mention ``old``."""
        return self


def in_namespace(schema: str | None) -> frozenset[Ref]:
    """The namespace that an object needs, if it is not in the default one."""
    return frozenset((Ref("namespace", schema),)) if schema else NOTHING


def swap(names: tuple[str, ...], old: str, new: str) -> tuple[str, ...]:
    """``names`` with ``new`` in the place of ``old``."""
    return tuple(new if name == old else name for name in names)
