"""Objects of a database schema, all frozen, and the immutable ``Schema`` that maps ``Ref`` to object.

Objects that *hold data* can be altered (table, column, enum, domain, sequence, namespace, extension). *Derived* objects
(keys, constraints, indexes, definitions) are only dropped and added. SQL expressions are stored as text. Canonical objects
are compared by ``==``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar

from . import kinds
from .options import NO_OPTIONS, Options
from .types import DataType, Expression, Ref

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


# -- holding data -------------------------------------------------------------------------------------------------


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


def _in_namespace(schema: str | None) -> frozenset[Ref]:
    return frozenset((Ref("namespace", schema),)) if schema else NOTHING


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
        return _in_namespace(self.schema)

    def renamed(self, old: Ref, new: Ref) -> Object:
        if old.kind == "enum_value" and (old.schema, old.table) == (self.schema, self.name):
            return replace(self, values=_swap(self.values, old.name, new.name))
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
        return _in_namespace(self.schema).union(base)

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
        return _in_namespace(self.schema)

    def renamed(self, old: Ref, new: Ref) -> Object:
        owner = ref_after(self.owned_by, old, new) if self.owned_by is not None else None
        renamed = self if owner == self.owned_by else replace(self, owned_by=owner)
        if owner is not None and self.owned_by is not None and owner.schema != self.owned_by.schema:
            return replace(renamed, schema=owner.schema)  # SET SCHEMA moves the sequences of the table's columns too
        return replace(renamed, name=new.name, schema=new.schema) if old == self.ref else renamed


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
        if self.type.ref != old:
            return self
        default = self.default.retyped(old, new) if self.default is not None else None
        return replace(self, type=replace(self.type, name=new.name, ref=new), default=default)

    def _relabelled(self, old: Ref, new: Ref) -> Column:
        """The column after the rename of a value of its enum, which its default may mention."""
        if self.default is None or self.type.ref != Ref("enum", old.table or "", old.schema):
            return self
        default = self.default.relabelled(old.name, new.name)
        return self if default.text == self.default.text else replace(self, default=default)

    def mentioning(self, old: str, new: str) -> Column:
        """The column after the rename of a column of its table, perhaps of itself."""
        column = replace(self, name=new) if self.name == old else self
        if column.computed is None:
            return column
        expression = column.computed.expression.renamed(old, new)
        return replace(column, computed=replace(column.computed, expression=expression))


_TYPES = kinds.TYPES | {"enum_value"}
"""Kinds that a column's type mentions, so that their renames change columns."""


@dataclass(frozen=True, slots=True)
class Partition(Object):
    """A partition of a table: ``sql`` recreates it with its own indexes and the like, ``lost`` names what that omits."""

    kind: ClassVar[str] = "partition"
    name: str
    sql: tuple[str, ...]
    schema: str | None = None
    lost: tuple[str, ...] = ()

    @property
    def ref(self) -> Ref:
        return Ref("partition", self.name, self.schema)


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
    """The partitions in the database. They are not compared, because they change with the data."""

    @classmethod
    def of(cls, name: str, columns: Iterable[Column], **rest: Any) -> Table:
        """A table from an iterable of columns."""
        return cls(name, {column.name: column for column in columns}, **rest)

    @property
    def ref(self) -> Ref:
        return Ref("table", self.name, self.schema)

    def uses(self) -> frozenset[Ref]:
        refs = set(_in_namespace(self.schema))
        for column in self.columns.values():
            if column.type.ref or column.needs:
                refs |= column.uses()
        return frozenset(refs)

    def provides(self) -> tuple[Ref, ...]:
        return (self.ref, *(Ref("column", name, self.schema, self.name) for name in self.columns))

    def parts(self) -> Mapping[Ref, Object]:
        return {Ref("column", name, self.schema, self.name): column for name, column in self.columns.items()}

    def with_column(self, column: Column) -> Table:
        """A copy with ``column`` in its old place, or at the end if it is new."""
        return replace(self, columns={**self.columns, column.name: column})

    def without_column(self, name: str) -> Table:
        """A copy without the column."""
        return replace(self, columns={key: column for key, column in self.columns.items() if key != name})

    def same_frame(self, other: Table) -> bool:
        """Whether both tables are equal apart from their columns."""
        return (
            self.name == other.name
            and self.schema == other.schema
            and self.comment == other.comment
            and self.options == other.options
        )

    def renamed(self, old: Ref, new: Ref) -> Table:
        if old.kind == "table":
            return replace(self, name=new.name, schema=new.schema) if old == self.ref else self
        if old.kind == "column" and (old.schema, old.table) == (self.schema, self.name):
            columns = (column.mentioning(old.name, new.name) for column in self.columns.values())
            return replace(self, columns={column.name: column for column in columns})
        if old.kind not in _TYPES:
            return self
        moved = tuple(column.renamed(old, new) for column in self.columns.values())
        if all(a is b for a, b in zip(moved, self.columns.values(), strict=True)):
            return self
        return replace(self, columns={column.name: column for column in moved})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Table) and self.same_frame(other) and self.columns == other.columns

    def __hash__(self) -> int:
        return hash((self.schema, self.name))


# -- derived: belong to a table -----------------------------------------------------------------------------------


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
            return replace(self, table=new)
        if old.kind == "column" and (old.schema, old.table) == (self.table.schema, self.table.name):
            return self._column_renamed(old.name, new.name)
        return self

    def _column_renamed(self, old: str, new: str) -> Object:
        return self

    def with_expressions(self, change: Callable[[Expression], Expression]) -> Member:
        """The object with ``change`` applied to each of its expressions."""
        return self


def _swap(names: tuple[str, ...], old: str, new: str) -> tuple[str, ...]:
    return tuple(new if name == old else name for name in names)


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
        return replace(self, columns=_swap(self.columns, old, new), include=_swap(self.include, old, new))


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
        return replace(self, columns=_swap(self.columns, old, new), include=_swap(self.include, old, new))


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

    def label(self) -> str:
        return f"check ({self.expression.key})"

    def column_names(self) -> tuple[str, ...]:
        return self.columns

    def _column_renamed(self, old: str, new: str) -> Object:
        return replace(self, expression=self.expression.renamed(old, new), columns=_swap(self.columns, old, new))

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

    def label(self) -> str:
        there = f"{self.ref_table.name} ({', '.join(self.ref_columns)})"
        return f"foreign key ({', '.join(self.columns)}) to {there}"

    def column_names(self) -> tuple[str, ...]:
        return self.columns

    def uses(self) -> frozenset[Ref]:
        there = self.ref_table
        return Member.uses(self).union(
            (there, key_of(there)), (Ref("column", name, there.schema, there.name) for name in self.ref_columns)
        )

    def renamed(self, old: Ref, new: Ref) -> Object:
        changed: Any = Member.renamed(self, old, new)
        if old == self.ref_table:
            changed = replace(changed, ref_table=new)
        if old.kind == "column" and (old.schema, old.table) == (self.ref_table.schema, self.ref_table.name):
            changed = replace(changed, ref_columns=_swap(self.ref_columns, old.name, new.name))
        return changed  # type: ignore[no-any-return]

    def _column_renamed(self, old: str, new: str) -> Object:
        return replace(self, columns=_swap(self.columns, old, new))


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

    def _column_renamed(self, old: str, new: str) -> Object:
        return replace(
            self,
            elements=tuple((element.mentioning(old, new), operator) for element, operator in self.elements),
            where=self.where.renamed(old, new) if self.where else None,
            columns=_swap(self.columns, old, new),
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

    def mentioning(self, old: str, new: str) -> IndexElement:
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

    def provides(self) -> tuple[Ref, ...]:
        return (self.ref, key_of(self.table)) if self.unique else (self.ref,)

    def _column_renamed(self, old: str, new: str) -> Object:
        return replace(
            self,
            elements=tuple(element.mentioning(old, new) for element in self.elements),
            include=_swap(self.include, old, new),
            where=self.where.renamed(old, new) if self.where else None,
            columns=_swap(self.columns, old, new),
        )

    def with_expressions(self, change: Callable[[Expression], Expression]) -> Index:
        elements = tuple(element.with_expression(change) for element in self.elements)
        return replace(self, elements=elements, where=change(self.where) if self.where else None)


# -- text-defined -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Definition(Object):
    """An object defined by its text: view, materialized_view, function, procedure, trigger, policy, grant, ...

    ``sql`` contains the CREATE statement and the statements that restore its dependents: comments, rules, triggers, owner,
    privileges. ``on`` is the table of a trigger or policy.
    """

    derived: ClassVar[bool] = True
    kind: str  # type: ignore[misc]
    name: str
    sql: Expression
    schema: str | None = None
    on: Ref | None = None
    needs: frozenset[Ref] = field(default=NOTHING, compare=False)
    lost: tuple[str, ...] = field(default=(), compare=False)
    """Dependents that a drop loses because ``sql`` does not restore them, in words."""
    attached: bool = field(default=False, compare=False)
    """Whether it survives changes of its column and is dropped with it (privileges, extended statistics). All other
    definitions block such changes."""

    @property
    def ref(self) -> Ref:
        return Ref(self.kind, self.name, self.schema, self.on.name if self.on else None)

    def uses(self) -> frozenset[Ref]:
        return self.needs | {self.on} if self.on else self.needs

    def renamed(self, old: Ref, new: Ref) -> Object:
        """The definition under its new name. Its text stays, because each engine rewrites it differently."""
        name = new.name if old == self.ref else self.name
        on = new if old == self.on else self.on
        schema = new.schema if old in (self.ref, self.on) else self.schema
        needs = frozenset(ref_after(ref, old, new) for ref in self.needs)
        unchanged = (name, schema, on, needs) == (self.name, self.schema, self.on, self.needs)
        return self if unchanged else replace(self, name=name, schema=schema, on=on, needs=needs)


# -- the schema ---------------------------------------------------------------------------------------------------


class Schema:
    """An immutable map from ``Ref`` to object. The order of objects is not compared."""

    def __init__(self, objects: Mapping[Ref, Object] | Iterable[Object] = ()) -> None:
        if isinstance(objects, Mapping):
            self._objects: dict[Ref, Object] = dict(objects)
        else:
            self._objects = {item.ref: item for item in objects}

    def get(self, ref: Ref) -> Object | None:
        return self._objects.get(ref)

    def table(self, ref: Ref) -> Table:
        """The table. Raises ``KeyError`` if there is none."""
        table = self._objects[ref]
        assert isinstance(table, Table)
        return table

    def built_in(self, datatype: DataType) -> DataType:
        """The base type of a domain; any other type unchanged."""
        definition = self.get(datatype.ref) if datatype.ref is not None else None
        while isinstance(definition, Domain):
            datatype = replace(definition.type, array=definition.type.array or datatype.array)
            definition = self.get(datatype.ref) if datatype.ref is not None else None
        return datatype

    def __contains__(self, ref: Ref) -> bool:
        return ref in self._objects

    def __iter__(self) -> Iterator[Ref]:
        return iter(self._objects)

    def __len__(self) -> int:
        return len(self._objects)

    def objects(self) -> Iterable[Object]:
        """All objects, in insertion order."""
        return self._objects.values()

    def items(self) -> Iterable[tuple[Ref, Object]]:
        """All pairs of identity and object."""
        return self._objects.items()

    def tables(self) -> list[Table]:
        """All tables, sorted by schema and name."""
        tables = [item for item in self._objects.values() if isinstance(item, Table)]
        return sorted(tables, key=lambda table: (table.schema or "", table.name))

    @cached_property
    def _members(self) -> dict[tuple[str | None, str], list[Object]]:
        members: dict[tuple[str | None, str], list[Object]] = {}
        for ref, item in self._objects.items():
            if ref.table is not None:
                members.setdefault((ref.schema, ref.table), []).append(item)
        return members

    def members(self, table: Ref) -> tuple[Object, ...]:
        """The constraints, indexes, triggers and policies of a table, in insertion order."""
        return tuple(self._members.get((table.schema, table.name), ()))

    @cached_property
    def _referrers(self) -> dict[Ref, list[ForeignKey]]:
        referrers: dict[Ref, list[ForeignKey]] = {}
        for item in self._objects.values():
            if isinstance(item, ForeignKey):
                referrers.setdefault(item.ref_table, []).append(item)
        return referrers

    def referrers(self, table: Ref) -> tuple[ForeignKey, ...]:
        """The foreign keys that refer to a table."""
        return tuple(self._referrers.get(table, ()))

    @cached_property
    def _owned_sequences(self) -> dict[tuple[str | None, str | None], list[Sequence]]:
        sequences: dict[tuple[str | None, str | None], list[Sequence]] = {}
        for item in self._objects.values():
            if isinstance(item, Sequence) and item.owned_by is not None:
                sequences.setdefault((item.owned_by.schema, item.owned_by.table), []).append(item)
        return sequences

    def owned_sequences(self, table: Ref, column: str | None = None) -> tuple[Sequence, ...]:
        """The sequences that one or all columns of a table own, without those of serial columns."""
        sequences = self._owned_sequences.get((table.schema, table.name), ())
        return tuple(item for item in sequences if item.owned_by is not None and column in (None, item.owned_by.name))

    def put(self, *items: Object) -> Schema:
        """A copy with these objects, which replace those of the same identity."""
        return Schema({**self._objects, **{item.ref: item for item in items}})

    def without(self, *refs: Ref) -> Schema:
        """A copy without these objects."""
        gone = set(refs)
        return Schema({ref: item for ref, item in self._objects.items() if ref not in gone})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Schema) and self._objects == other._objects

    def __hash__(self) -> int:
        return hash(frozenset(self._objects))

    def __repr__(self) -> str:
        return f"Schema({list(self._objects.values())!r})"
