"""Inference of what an expression in a Python file is, from the file's own text: a mapped class, an instance, rows, a table.

Names are bound as the statements are passed, and looked into only when something is asked of them. No flow analysis: the
last binding before a place counts.
"""

from __future__ import annotations

import ast

from .mapped_classes import ModelCatalogue, about, last_name, text_of
from .modules import Defined, Imported
from .scope import (
    UNRELATED,
    Binding,
    Class,
    Function,
    IterableType,
    MappedInstance,
    Model,
    ModuleType,
    NameScope,
    Query,
    Row,
    TableType,
    Type,
    UnrelatedType,
    bind_target,
)
from .subject import Key

_DEPTH = 25
_SAME = frozenset(
    "filter where filter_by join outerjoin order_by options limit offset distinct group_by having with_for_update"
    " execution_options returning values select_from correlate populate_existing with_loader_criteria on_conflict_do_update"
    " on_conflict_do_nothing set where_from all unique mappings fetchall partitions fetchmany yield_per scalars_all copy"
    " reverse execute".split()
)
_FIRST = frozenset("first one one_or_none fetchone get get_one pop next".split())
_SCALAR = frozenset("scalar scalar_one scalar_one_or_none".split())
_COPIES = frozenset("list tuple set sorted reversed iter frozenset aiter filter".split())
_PLAIN = (ast.Constant, ast.JoinedStr, ast.Dict, ast.DictComp, ast.Lambda, ast.Compare, ast.UnaryOp)


class Inference:
    """Types of expressions, by the catalogue of what is mapped."""

    def __init__(self, catalogue: ModelCatalogue) -> None:
        self.catalogue, self.modules = catalogue, catalogue.modules

    def of(self, node: ast.expr | None, scope: NameScope, depth: int = 0) -> Type | None:
        """The type of an expression; ``None`` where it is not known."""
        if node is None or depth > _DEPTH:
            return None
        if isinstance(node, _PLAIN):
            return UNRELATED
        match node:
            case ast.Name(id=name):
                binding = scope.find(name)
                return self.bound(binding, depth + 1) if binding else None
            case ast.Attribute():
                return self._attribute(node, scope, depth + 1)
            case ast.Call():
                return self._call(node, scope, depth + 1)
            case ast.Await(value=value) | ast.NamedExpr(value=value) | ast.Starred(value=value):
                return self.of(value, scope, depth + 1)
            case ast.IfExp(body=one, orelse=other):
                return self._either([one, other], scope, depth)
            case ast.BoolOp(values=values):
                return self._either(values, scope, depth)
            case ast.Subscript(value=value, slice=index):
                return self._subscript(self.of(value, scope, depth + 1), index)
            case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
                return IterableType(self._either(items, scope, depth)) if items else UNRELATED
            case (
                ast.ListComp(elt=item, generators=loops)
                | ast.SetComp(elt=item, generators=loops)
                | ast.GeneratorExp(elt=item, generators=loops)
            ):
                inner = scope.inner()
                for loop in loops:
                    bind_target(inner, loop.target, "item", loop.iter)
                return IterableType(self.of(item, inner, depth + 1))
        return None

    def _either(self, nodes: list[ast.expr], scope: NameScope, depth: int) -> Type | None:
        types = [self.of(node, scope, depth + 1) for node in nodes]
        return next(
            (one for one in types if one is not None and one != UNRELATED), UNRELATED if UNRELATED in types else None
        )

    def bound(self, binding: Binding, depth: int = 0) -> Type | None:
        """The type of what a name is bound to."""
        if depth > _DEPTH:
            return None
        if binding.kind == "type":
            return binding.type
        if binding.kind == "annotation":
            return self.annotated(binding.node, binding.scope)
        scope = binding.scope
        if binding.before is not None and isinstance(binding.node, ast.expr):
            # The expression still means what the name was bound to before.
            names = {one for one in scope.names if scope.names[one] is binding}
            if names:
                scope = scope.inner()
                scope.names = dict.fromkeys(names, binding.before)
        type_ = self.of(binding.node, scope, depth + 1)
        if binding.kind == "item":
            type_ = self._item(type_)
        return type_ if binding.index is None else self._part(type_, binding.index)

    def _item(self, container: Type | None) -> Type | None:
        if isinstance(container, Query):
            return _single(container.row)
        return container.item if isinstance(container, IterableType) else UNRELATED if container == UNRELATED else None

    def _part(self, container: Type | None, index: int) -> Type | None:
        if isinstance(container, Row):
            return container.items[index][1] if index < len(container.items) else None
        return (
            self._item(container)
            if isinstance(container, IterableType)
            else UNRELATED
            if container == UNRELATED
            else None
        )

    # -- names

    def definition(self, path: str, node: Defined | None) -> Type | None:
        """The type of what a module defines."""
        if node is None:
            return ModuleType(path)
        if isinstance(node, ast.ClassDef):
            mapped = self.catalogue.mapped(path, node)
            return Model(mapped) if mapped is not None else Class(path, node)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return Function(path, node)
        key = self.catalogue.table_of(path, node)
        if key is not None:
            return TableType(key)
        return self.of(node, self.top(path)) if isinstance(node, ast.Call | ast.Name | ast.Attribute) else None

    def top(self, path: str) -> NameScope:
        """The names at the top of a module."""
        scope, module = NameScope(path), self.modules.module(path)
        for name in module.names if module else ():
            self.know(scope, name)
        return scope

    def know(self, scope: NameScope, name: str) -> None:
        """Bind a name of the scope's module to what it means there."""
        module = self.modules.module(scope.path)
        defined = module.names.get(name) if module else None
        if isinstance(defined, Imported):
            scope.know(name, self.imported(scope.path, defined))
        elif isinstance(defined, ast.expr):
            key = self.catalogue.table_of(scope.path, defined)
            if key is not None:
                scope.know(name, TableType(key))
            else:
                scope.bind(name, "value", defined)
        elif defined is not None:
            scope.know(name, self.definition(scope.path, defined))

    def imported(self, path: str, import_: Imported) -> Type | None:
        """The type of an imported name; ``None`` for what comes from outside of the code base."""
        where = self.modules.follow(path, import_)
        return self.definition(*where) if where else None

    def annotated(self, node: ast.expr | None, scope: NameScope) -> Type | None:
        """The type of a variable with that annotation."""
        inner, many = about(node)
        name = last_name(inner)
        if not name or name in ("Any", "object", "T", "dict", "Mapping", "None"):
            return None
        known = self.of(inner, scope)
        if known is None and any(one == name for _, one in self.catalogue.classes):
            mapped = self.catalogue.named(name, scope.path) if scope.find(name) is None else None
            if mapped is None:
                return None
            known = Model(mapped)
        item = MappedInstance(known.cls) if isinstance(known, Model) else UNRELATED
        if isinstance(node, ast.Subscript) and last_name(node.value) in ("type", "Type"):
            return known
        if isinstance(node, ast.Subscript) and last_name(node.value) == "Select":
            return Query(Row((("", item),)))
        return IterableType(item) if many else item

    # -- attributes and calls

    def _attribute(self, node: ast.Attribute, scope: NameScope, depth: int) -> Type | None:
        if isinstance(node.value, ast.Name) and node.value.id in ("self", "cls") and node.attr in scope.attributes:
            return self.bound(scope.attributes[node.attr], depth)
        return self.member(self.of(node.value, scope, depth), node.attr)

    def member(self, base: Type | None, name: str) -> Type | None:
        """The type of an attribute of something."""
        match base:
            case ModuleType(path):
                where = self.modules.resolve(path, name)
                if where is None:
                    inner = self.modules.follow(path, Imported("", name, 1))
                    return ModuleType(inner[0]) if inner and inner[1] is None else None
                return self.definition(*where)
            case Model(cls):
                if name in ("__table__",) and self.catalogue.tables(cls):
                    return TableType(self.catalogue.tables(cls)[0])
                return Query(Row((("", MappedInstance(cls)),)), (base,)) if name == "query" else None
            case MappedInstance(cls):
                relation = self.catalogue.relation(cls, name)
                target = self.catalogue.named(relation.target, cls.path) if relation else None
                if relation and target:
                    return IterableType(MappedInstance(target)) if relation.many else MappedInstance(target)
                return None
            case TableType(key, columns=False) if name in ("c", "columns"):
                return TableType(key, columns=True)
            case Row(items=items):
                return next((type for label, type in items if label == name), None)
            case UnrelatedType():
                return UNRELATED
        return None

    def _subscript(self, base: Type | None, index: ast.expr) -> Type | None:
        if isinstance(base, Row) and isinstance(index, ast.Constant) and isinstance(index.value, int):
            return self._part(base, index.value)
        if isinstance(base, IterableType | Query):
            return base if isinstance(index, ast.Slice) else self._item(base)
        return UNRELATED if base == UNRELATED else None

    def _call(self, node: ast.Call, scope: NameScope, depth: int) -> Type | None:
        name = last_name(node.func)
        if name in ("select", "query", "update", "delete", "insert") and node.args:
            query = self._query(node, scope, depth)
            if query.on or name == "select":
                return query
        if name in ("aliased", "with_polymorphic", "alias") and node.args:
            return self.of(node.args[0], scope, depth)
        if name == "text" and node.args:
            return Query(Row(sql=text_of(node.args[0]) or "?"))
        if (
            name == "cast"
            and len(node.args) == 2
            and (cast_type := self.annotated(node.args[0], scope)) not in (None, UNRELATED)
        ):
            return cast_type
        if isinstance(node.func, ast.Name) and node.args and (name in _COPIES or name in ("next", "anext")):
            given = self.of(node.args[-1 if name == "filter" else 0], scope, depth)
            return self._item(given) if name in ("next", "anext") else IterableType(self._item(given))
        if name in ("get", "get_one", "merge") and node.args:
            first = self.of(node.args[0], scope, depth)
            if isinstance(first, Model):
                return MappedInstance(first.cls)
            if isinstance(first, MappedInstance):
                return first
        called = self.of(node.func, scope, depth)
        if isinstance(called, Model):
            return MappedInstance(called.cls)
        if isinstance(called, Class):
            return UNRELATED
        if isinstance(called, Function):
            return self.annotated(called.node.returns, self.top(called.path))
        return self._method(node, name, scope, depth) if isinstance(node.func, ast.Attribute) else None

    def _query(self, node: ast.Call, scope: NameScope, depth: int) -> Query:
        """``select(User, Order.id)`` and its like."""
        items: list[tuple[str, Type | None]] = []
        columns: list[tuple[str, Key, str]] = []
        on: list[Type] = []
        for argument in node.args:
            type_ = self.of(argument, scope, depth)
            column = self.column(argument, scope, depth)
            if isinstance(type_, Model):
                items.append((type_.cls.name, MappedInstance(type_.cls)))
                on.append(type_)
            elif isinstance(type_, TableType):
                items.append(("", None))
                on.append(type_)
                columns.append(("*", type_.key, "*"))
            else:
                items.append((last_name(argument), UNRELATED if column else None))
                for key, name in column:
                    columns.append((last_name(argument), key, name))
                base = self.of(argument.value, scope, depth) if isinstance(argument, ast.Attribute) else None
                if isinstance(base, Model | TableType):
                    on.append(base)
        return Query(Row(tuple(items), tuple(columns)), tuple(on))

    def column(self, node: ast.expr, scope: NameScope, depth: int = 0) -> list[tuple[Key, str]]:
        """The columns that an expression such as ``User.phone`` may be."""
        while (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("label", "desc")
        ):
            node = node.func.value
        if not isinstance(node, ast.Attribute):
            return []
        base = self.of(node.value, scope, depth + 1)
        if isinstance(base, Model | MappedInstance):
            return list(self.catalogue.columns(base.cls, node.attr))
        return [(base.key, node.attr)] if isinstance(base, TableType) and base.columns else []

    def _method(self, node: ast.Call, name: str, scope: NameScope, depth: int) -> Type | None:
        assert isinstance(node.func, ast.Attribute)
        if name in ("execute", "scalars", "scalar", "stream", "stream_scalars", "exec") and node.args:
            return self._executed(self.of(node.args[0], scope, depth), text_of(node.args[0]), name)
        base = self.of(node.func.value, scope, depth)
        if isinstance(base, TableType) and not base.columns and name in ("select", "insert", "update", "delete"):
            return Query(Row((("", None),), (("*", base.key, "*"),)), (base,))
        if isinstance(base, TableType | Model) and name == "alias":
            return base
        if isinstance(base, Query):
            return self._fetched(base, name)
        if isinstance(base, IterableType):
            if name in _FIRST:
                return base.item
            first = base.item.items[0][1] if isinstance(base.item, Row) and base.item.items else None
            if name in _SCALAR:
                return first
            return IterableType(first) if name == "scalars" else base if name in _SAME else None
        if isinstance(base, Model | MappedInstance):
            return self._own_method(base, name)
        if isinstance(base, Row):
            return base if name in ("_asdict", "_mapping") else None
        return UNRELATED if base == UNRELATED else None

    def _own_method(self, base: Model | MappedInstance, name: str) -> Type | None:
        for one in self.catalogue.line(base.cls):
            for statement in one.node.body:
                if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) and statement.name == name:
                    if last_name(statement.returns) == "Self" or text_of(statement.returns) == one.name:
                        return MappedInstance(base.cls)
                    return self.annotated(statement.returns, self.top(one.path))
        return None

    def _fetched(self, query: Query, name: str) -> Type | None:
        if name in _FIRST:
            return _single(query.row)
        if name in _SCALAR:
            return query.row.items[0][1] if query.row.items else None
        if name in ("with_entities", "with_only_columns", "subquery", "cte", "count", "exists"):
            return None
        if name == "columns":
            return query
        return IterableType(_single(query.row)) if name == "all" else query if name in _SAME else None

    def _executed(self, statement: Type | None, text: str | None, name: str) -> Type | None:
        row = statement.row if isinstance(statement, Query) else Row(sql=text) if text else None
        if row is None:
            return None
        first = row.items[0][1] if row.items else None
        if name == "scalar":
            return first
        if name == "exec":
            return IterableType(_single(row))
        return IterableType(first) if name in ("scalars", "stream_scalars") else IterableType(row)


def _single(row: Row) -> Type | None:
    """Type of one row of a query: the object itself where it selects only one."""
    return row.items[0][1] if len(row.items) == 1 and not row.columns else row
