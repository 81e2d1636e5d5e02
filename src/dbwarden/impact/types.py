"""Types that the expressions of a Python file may have, as far as the database is concerned, and the scopes of its names."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field

from .mapped_classes import MappedClass
from .subject import Key


@dataclass(frozen=True, slots=True)
class _Mapped:
    """What has the columns of a mapped class."""

    cls: MappedClass

    @property
    def label(self) -> str:
        """Name in messages."""
        return self.cls.name

    @property
    def tables(self) -> list[Key]:
        return self.cls.tables

    def columns_named(self, name: str) -> list[tuple[Key, str]]:
        """The columns that a name may mean."""
        return self.cls.columns(name)


@dataclass(frozen=True, slots=True)
class Model(_Mapped):
    """A mapped class (``User``) or an alias of one."""


@dataclass(frozen=True, slots=True)
class MappedInstance(_Mapped):
    """One object of a mapped class."""


@dataclass(frozen=True, slots=True)
class TableType:
    """A ``Table``; with ``columns`` its ``.c``."""

    key: Key
    columns: bool = False

    @property
    def label(self) -> str:
        """Name in messages."""
        return f"the Table {self.key[1]}"

    @property
    def tables(self) -> list[Key]:
        return [self.key]

    def columns_named(self, name: str) -> list[tuple[Key, str]]:
        """The columns that a name may mean."""
        return [(self.key, name)]


@dataclass(frozen=True, slots=True)
class ColumnType:
    """An attribute that is a column: of which tables, by which name there."""

    owner: Entity
    columns: tuple[tuple[Key, str], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a result: what was selected, by label, or the SQL text that was run."""

    items: tuple[tuple[str, Type | None], ...] = ()
    sql: str = ""

    @property
    def first(self) -> Type | None:
        """The first value."""
        return value_of(self.items[0][1]) if self.items else None

    @property
    def single(self) -> Type | None:
        """What a query gives for the row: the object itself where it selects only one."""
        value = self.items[0][1] if len(self.items) == 1 else None
        return self if len(self.items) != 1 or isinstance(value, ColumnType | TableType) else value


@dataclass(frozen=True, slots=True)
class Rows:
    """What gives items one by one: a query, a result, a list. ``on`` are the classes and tables that a query names."""

    item: Type | None
    row: Row | None = None
    on: tuple[Entity, ...] = ()


@dataclass(frozen=True, slots=True)
class DefinedType:
    """A function of the code base, a class that is not mapped (an enumeration, a schema) or, without a node, a module."""

    path: str
    node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | None = None


@dataclass(frozen=True, slots=True)
class Unrelated:
    """Certainly nothing of the database."""


Entity = Model | MappedInstance | TableType
Type = Entity | ColumnType | Row | Rows | DefinedType | Unrelated
UNRELATED = Unrelated()


def query(row: Row, on: tuple[Entity, ...] = ()) -> Rows:
    """A query that selects a row."""
    return Rows(row.single, row, on)


def entities_of(base: Type | None) -> tuple[Entity, ...]:
    """The classes and tables that the statement around a method is about."""
    if isinstance(base, TableType) and not base.columns:
        return (base,)
    return base.on if isinstance(base, Rows) else ()


def value_of(type_: Type | None) -> Type | None:
    """The type of a value that was selected: that of a column is nothing of the database."""
    if isinstance(type_, ColumnType):
        return UNRELATED
    return None if isinstance(type_, TableType) else type_


def item_of(container: Type | None) -> Type | None:
    """The type of the items of something."""
    match container:
        case Rows(item=item):
            return item
        case Row(items=items):
            return either([value_of(type_) for _, type_ in items])
    return UNRELATED if container == UNRELATED else None


def part_of(container: Type | None, index: int) -> Type | None:
    """The type of an item by its position."""
    if isinstance(container, Row):
        return value_of(container.items[index][1]) if index < len(container.items) else None
    return item_of(container)


def either(types: list[Type | None]) -> Type | None:
    """The type of one of several values: the first one that is of the database."""
    related = (type_ for type_ in types if type_ is not None and type_ != UNRELATED)
    return next(related, UNRELATED if UNRELATED in types else None)


@dataclass(slots=True)
class Binding:
    """Type of a name, inferred when it is first asked for; a name that depends on itself has none."""

    infer: Callable[[], Type | None] | None = None
    known: Type | None = None

    @property
    def type(self) -> Type | None:
        if self.infer is not None:
            infer, self.infer = self.infer, None
            self.known = infer()
        return self.known


@dataclass(slots=True)
class NameScope:
    """The names of a module, function or comprehension; ``attributes`` are those of ``self`` in the methods of a class."""

    parent: NameScope | None = None
    names: dict[str, Binding] = field(default_factory=dict)
    attributes: dict[str, Binding] = field(default_factory=dict)

    def inner(self) -> NameScope:
        """A scope inside of this one."""
        return NameScope(self, attributes=self.attributes)

    def find(self, name: str) -> Binding | None:
        """The binding of a name here or around."""
        scope: NameScope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.parent
        return None

    def know(self, name: str, type_: Type | None) -> None:
        """Bind a name to a type."""
        self.names[name] = Binding(None, type_)

    def bind(self, target: ast.expr, binding: Binding) -> None:
        """Bind the names of an assignment's left side."""
        match target:
            case ast.Name(id=name):
                self.names[name] = binding
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                self.attributes[name] = binding
            case ast.Starred(value=value):
                self.bind(value, binding)
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                for at, part in enumerate(targets):
                    self.bind(part, Binding(lambda at=at: part_of(binding.type, at)))  # type: ignore[misc]
