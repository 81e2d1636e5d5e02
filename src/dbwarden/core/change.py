"""The four changes to a schema: add, drop, alter, rename.

Each works for all kinds of objects and has ``ref``, the object that it changes, ``inverse()``, which undoes it,
``apply(schema)``, the schema after it, and ``describe()``, its name for people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from . import kinds
from .model import Column, Definition, Member, Object, Partition, Schema, Sequence, Table, column_ref
from .schema_relocation import with_namespace_renamed
from .types import Expression, Ref


@dataclass(frozen=True, slots=True)
class Add:
    """Create ``object``; for a column or partition ``on`` is its table.

    ``parts`` are objects that the same statements create (the constraints and indexes of a new table).
    """

    object: Object
    on: Ref | None = None
    parts: tuple[Object, ...] = ()

    @property
    def ref(self) -> Ref:
        return _ref(self.object, self.on)

    def inverse(self) -> Drop:
        return Drop(self.object, self.on, self.parts)

    def apply(self, schema: Schema) -> Schema:
        return _put(schema, self.object, self.on).put(*self.parts)

    def describe(self) -> str:
        return f"add {self.ref}"


@dataclass(frozen=True, slots=True)
class Drop:
    """Remove ``object`` together with its ``parts``."""

    object: Object
    on: Ref | None = None
    parts: tuple[Object, ...] = ()

    @property
    def ref(self) -> Ref:
        return _ref(self.object, self.on)

    def inverse(self) -> Add:
        return Add(self.object, self.on, self.parts)

    def apply(self, schema: Schema) -> Schema:
        return _take(schema, self.object, self.on).without(*(part.ref for part in self.parts))

    def describe(self) -> str:
        return f"drop {self.ref}"


@dataclass(frozen=True, slots=True)
class Alter:
    """Turn ``before`` into ``after``, which have the same identity.

    ``dropped`` and ``added`` are objects that the same statements drop and add, as when SQLite rebuilds a table.
    """

    before: Object
    after: Object
    on: Ref | None = None
    dropped: tuple[Object, ...] = ()
    added: tuple[Object, ...] = ()

    @property
    def ref(self) -> Ref:
        return _ref(self.after, self.on)

    def inverse(self) -> Alter:
        return Alter(self.after, self.before, self.on, self.added, self.dropped)

    def apply(self, schema: Schema) -> Schema:
        schema = schema.without(*(part.ref for part in self.dropped))
        if isinstance(self.before, Table) and isinstance(self.after, Table) and not self.rebuild:
            existing = schema.table(self.before.ref)
            altered = replace(self.after, columns=existing.columns, partitions=existing.partitions)
            return schema.put(altered, *self.added)
        return _put(schema, self.after, self.on).put(*self.added)

    @property
    def rebuild(self) -> bool:
        """Whether a table changes together with its columns."""
        before, after = self.before, self.after
        return isinstance(before, Table) and isinstance(after, Table) and before.columns != after.columns

    def describe(self) -> str:
        return f"alter {self.ref}"


@dataclass(frozen=True, slots=True)
class Rename:
    """Give ``old`` the name of ``new``, or move it to the schema of ``new`` under its own name. Rows and dependents stay.

    ``enum_value`` is a kind of its own here: ``Ref("enum_value", value, schema, enum)``.
    """

    old: Ref
    new: Ref

    @property
    def ref(self) -> Ref:
        return self.new

    def inverse(self) -> Rename:
        return Rename(self.new, self.old)

    def apply(self, schema: Schema) -> Schema:
        """The objects keep their order."""
        return after_renames(schema, (self,))

    def describe(self) -> str:
        if self.moves:
            return f"move {self.old} to {f'schema {self.new.schema}' if self.new.schema else 'the default schema'}"
        return f"rename {self.old} to {self.new.name}"

    @property
    def moves(self) -> bool:
        """Whether the object moves to another schema."""
        return self.old.schema != self.new.schema


Change = Add | Drop | Alter | Rename


def altered_table(change: Change) -> Ref | None:
    """The table that a change alters; ``None`` for whole tables, renames and other objects."""
    match change:
        case Add(Column(), on=Ref() as table) | Drop(Column(), on=Ref() as table) | Alter(Column(), on=Ref() as table):
            return table
        case Add(Member() as member) | Drop(Member() as member) | Alter(Member() as member):
            return member.table
        case Alter(Table() as table):
            return table.ref
    return None


def after_renames(schema: Schema, renames: Iterable[Rename]) -> Schema:
    """``schema`` after these renames, one after the other."""
    renames = tuple(renames)
    if not renames:
        return schema
    renamed = _Renamed(schema)
    for rename in renames:
        renamed.apply(rename)
    return Schema(renamed.objects())


def during_renames(schema: Schema, renames: Iterable[Rename]) -> Iterator[Schema]:
    """``schema`` after the first rename, after the second, and so on. The order of its objects changes."""
    renamed, objects = _Renamed(schema), dict(schema.items())
    refs = list(objects)
    for rename in renames:
        changed = renamed.apply(rename)
        for at in changed:
            objects.pop(refs[at], None)
        for at in changed:
            item = renamed.object(at)
            refs[at] = item.ref
            objects[item.ref] = item
        yield Schema(objects)


_Place = tuple[str | None, str | None]
"""A table or a type by schema and name."""


def _place(ref: Ref) -> _Place:
    return (ref.schema, ref.table or ref.name)


class _Renamed:
    """Objects under their new names, indexed by what they mention so that each rename visits few.

    A thousand columns of one table may be renamed: a rename of a column visits the objects that mention it, and those of
    which it is unknown, but not all that belong to the table, nor its other columns.
    """

    def __init__(self, schema: Schema) -> None:
        self._items = list(schema.objects())
        self._columns: dict[int, _RenamedColumns] = {}
        """Tables whose columns have new names already."""
        self._by_place: dict[_Place, set[int]] = {}
        self._by_ref: dict[Ref, set[int]] = {}
        self._broad: dict[_Place, set[int]] = {}
        """The tables, and the parts of tables that may mention any column."""
        for at, item in enumerate(self._items):
            self._note(at, item)

    def objects(self) -> list[Object]:
        """All objects, in the order of the schema."""
        return [self.object(at) for at in range(len(self._items))]

    def object(self, at: int) -> Object:
        """The object at a position in the order of the schema."""
        if at in self._columns:
            self._items[at] = self._columns[at].table()
        return self._items[at]

    def _note(self, at: int, item: Object) -> None:
        owner = item.owned_by if isinstance(item, Sequence) else None
        for ref in (item.ref, *item.uses(), *((owner,) if owner is not None else ())):
            self._by_place.setdefault(_place(ref), set()).add(at)
            self._by_ref.setdefault(ref, set()).add(at)
        if isinstance(item, Table) or (isinstance(item, Member) and not item.mentions_known):
            self._broad.setdefault(_place(item.ref), set()).add(at)
        if isinstance(item, Definition) and item.sql.names.bound and not item.columns_known:
            for ref in item.uses():
                self._broad.setdefault(_place(ref), set()).add(at)

    def apply(self, rename: Rename) -> list[int]:
        """Rename, and return the positions of the objects that changed."""
        old, new = rename.old, rename.new
        if old.kind == "namespace":
            return self._rename_namespace(old, new)
        changed = []
        for at in self._affected(old):
            item = self._items[at]
            if old.kind == "column" and isinstance(item, Table):
                if item.ref == old.owner:
                    self._columns.setdefault(at, _RenamedColumns(item)).rename(old.name, new.name)
                    changed.append(at)
                continue
            item = self.object(at)
            renamed = item.renamed(old, new)
            if renamed is not item:
                self._columns.pop(at, None)
                self._items[at] = renamed
                self._note(at, renamed)
                changed.append(at)
        if old.kind == "enum_value":
            changed += self._rewrite(old.owner, lambda expression: expression.relabelled(old.name, new.name))
        elif old.kind in kinds.TYPES:
            changed += self._rewrite(new, lambda expression: expression.with_type_renamed(old, new))
        return changed

    def _rename_namespace(self, old: Ref, new: Ref) -> list[int]:
        """Rename a schema: every object may be in it or name it."""
        items = self.objects()
        moved = [with_namespace_renamed(item, old, new) for item in items]
        self._items = moved
        self._columns, self._by_place, self._by_ref, self._broad = {}, {}, {}, {}
        for at, item in enumerate(moved):
            self._note(at, item)
        return [at for at, (item, now) in enumerate(zip(items, moved, strict=True)) if now != item]

    def _affected(self, old: Ref) -> list[int]:
        if old.table is None or old.kind == "enum_value":
            return sorted(self._by_place.get(_place(old), ()))
        broad = self._broad.get(_place(old), set()) if old.kind == "column" else set[int]()
        return sorted(broad | self._by_ref.get(old, set()))

    def _rewrite(self, type_: Ref, change: Callable[[Expression], Expression]) -> Iterator[int]:
        """Rewrite constraints and indexes on columns of the type: engines report their expressions under the new names."""
        for table in [self.object(at) for at in sorted(self._by_place.get(_place(type_), ()))]:
            if not isinstance(table, Table):
                continue
            columns = {
                column_ref(table.ref, name) for name, column in table.columns.items() if column.type.ref == type_
            }
            for at in sorted(self._by_place.get(_place(table.ref), ())) if columns else ():
                item = self._items[at]
                if isinstance(item, Member) and not columns.isdisjoint(item.uses()):
                    self._items[at] = item.with_expressions(change)
                    yield at


class _RenamedColumns:
    """Columns of one table under their new names."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._columns = list(table.columns.values())
        self._at = {name: at for at, name in enumerate(table.columns)}
        self._computed = [at for at, column in enumerate(self._columns) if column.computed is not None]

    def rename(self, old: str, new: str) -> None:
        for at in self._computed:
            self._columns[at] = self._columns[at].with_column_renamed(old, new)
        if (at := self._at.pop(old, -1)) >= 0:
            self._columns[at] = replace(self._columns[at], name=new)
            self._at[new] = at

    def table(self) -> Table:
        return replace(self._table, columns={column.name: column for column in self._columns})


def _ref(item: Object, on: Ref | None) -> Ref:
    return column_ref(on, item.name) if isinstance(item, Column) and on is not None else item.ref


def _put(schema: Schema, item: Object, on: Ref | None) -> Schema:
    if isinstance(item, Column) and on is not None:
        return schema.put(schema.table(on).with_column(item))
    if isinstance(item, Partition) and on is not None:
        return schema.put(schema.table(on).with_partition(item))
    return schema.put(item)


def _take(schema: Schema, item: Object, on: Ref | None) -> Schema:
    if isinstance(item, Column) and on is not None:
        return schema.put(schema.table(on).without_column(item.name))
    if isinstance(item, Partition) and on is not None:
        return schema.put(schema.table(on).without_partition(item.ref))
    return schema.without(item.ref)
