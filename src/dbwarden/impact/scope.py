"""The names of a Python file, and the types that they may have."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from .mapped_classes import MappedClass, last_name
from .subject import Key


@dataclass(frozen=True, slots=True)
class ModuleType:
    """A module of the code base."""

    path: str


@dataclass(frozen=True, slots=True)
class Model:
    """A mapped class (``User``) or an alias of one."""

    cls: MappedClass


@dataclass(frozen=True, slots=True)
class MappedInstance:
    """One object of a mapped class."""

    cls: MappedClass


@dataclass(frozen=True, slots=True)
class TableType:
    """A ``Table``; with ``columns`` its ``.c``."""

    key: Key
    columns: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a result: what was selected, or the SQL text that was run."""

    items: tuple[tuple[str, Type | None], ...] = ()
    columns: tuple[tuple[str, Key, str], ...] = ()
    """Label, table and column of the selected columns."""
    sql: str = ""


@dataclass(frozen=True, slots=True)
class IterableType:
    """Something that gives items one by one."""

    item: Type | None


@dataclass(frozen=True, slots=True)
class Query:
    """A statement or a query: what it selects, and the classes and tables that it names."""

    row: Row
    on: tuple[Type, ...] = ()


@dataclass(frozen=True, slots=True)
class Class:
    """A class of the code base that is not mapped (an enumeration, a schema) and where it is."""

    path: str
    node: ast.ClassDef


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the code base."""

    path: str
    node: ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class UnrelatedType:
    """Certainly nothing of the database."""


Type = ModuleType | Model | MappedInstance | TableType | Row | IterableType | Query | Class | Function | UnrelatedType
UNRELATED = UnrelatedType()


@dataclass(slots=True)
class Binding:
    """Binding of a name: an expression (``value``), an item of one (``item``), an annotation, or a type."""

    kind: str
    node: ast.expr | None
    scope: NameScope
    before: Binding | None = None
    index: int | None = None
    type: Type | None = None


@dataclass(slots=True)
class NameScope:
    """The names of a module, function or comprehension."""

    path: str
    parent: NameScope | None = None
    names: dict[str, Binding] = field(default_factory=dict)
    attributes: dict[str, Binding] = field(default_factory=dict)
    """Attributes of ``self``, in the methods of a class."""

    def inner(self) -> NameScope:
        return NameScope(self.path, self, attributes=self.attributes)

    def find(self, name: str) -> Binding | None:
        scope: NameScope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.parent
        return None

    def bind(self, name: str, kind: str, node: ast.expr | None, index: int | None = None) -> None:
        self.names[name] = Binding(kind, node, self, self.find(name), index)

    def know(self, name: str, type: Type | None) -> None:
        self.names[name] = Binding("type", None, self, None, None, type)


def bind_target(
    scope: NameScope, target: ast.expr, kind: str, value: ast.expr | None, index: int | None = None
) -> None:
    """Bind the names of an assignment's left side."""
    match target:
        case ast.Name(id=name) if name in scope.names and isinstance(value, ast.Constant) and value.value is None:
            pass  # of None nobody asks an attribute: what counts is what the name holds otherwise
        case ast.Name(id=name):
            scope.bind(name, kind, value, index)
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            scope.attributes[name] = Binding(kind, value, scope, None, index)
        case ast.Tuple(elts=items) | ast.List(elts=items):
            if isinstance(value, ast.Call) and last_name(value.func) == "enumerate" and len(items) == 2 and value.args:
                bind_target(scope, items[1], "item", value.args[0])
                return
            if isinstance(value, ast.Tuple) and len(value.elts) == len(items) and kind == "value":
                for item, part in zip(items, value.elts, strict=True):
                    bind_target(scope, item, kind, part)
                return
            for at, item in enumerate(items):
                bind_target(scope, item.value if isinstance(item, ast.Starred) else item, kind, value, at)
