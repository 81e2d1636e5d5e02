"""Types of the expressions in one Python file: each is read once, and its uses are entered on the way.

No flow analysis: the last binding of a name before a place counts.
"""

from __future__ import annotations

import ast
from functools import partial

from . import declarations
from .calls import MESSAGES, RUN_SQL, CallTypes, CallUses, returned_by
from .modules import Defined, Imported
from .python_uses import NO_SQL, PythonUses, SqlContext
from .syntax import annotated_class, last_name, text_of, text_parts
from .types import (
    UNRELATED,
    Binding,
    ColumnType,
    DefinedType,
    MappedInstance,
    Model,
    NameScope,
    Row,
    Rows,
    TableType,
    Type,
    Unrelated,
    either,
    entities_of,
    item_of,
    part_of,
    query,
)

_UNTYPED = frozenset(("", "Any", "object", "T", "dict", "Mapping", "None"))
_PLAIN = (ast.Constant, ast.Dict, ast.UnaryOp)


class ExpressionReader:
    """Reads the expressions of one file. ``classes`` are those around the present statement.

    ``others`` are readers of the modules that files import from, by path: their names are inferred once for all files.
    """

    def __init__(self, file: PythonUses, others: dict[str, ExpressionReader]) -> None:
        self.file, self.catalogue, self._others = file, file.search.catalogue, others
        self.calls = CallUses(file)
        self.classes: list[Type | None] = []
        self._top: NameScope | None = None

    def read(self, node: ast.expr | None, scope: NameScope, context: SqlContext = NO_SQL) -> Type | None:
        """The type of an expression, whose uses are entered; ``None`` where it is not known."""
        match node:
            case None:
                return None
            case ast.Name():
                return self._name(node, scope)
            case ast.Attribute(value=value):
                return self._attribute(node, self.read(value, scope, context), scope)
            case ast.Call():
                return self._call(node, scope, context)
            case ast.Subscript():
                return self._subscript(node, scope, context)
            case ast.Constant(value=str()) | ast.JoinedStr() | ast.BinOp(op=ast.Add() | ast.Mod()):
                return self._text(node, scope, context)
            case ast.Await(value=value) | ast.Starred(value=value):
                return self.read(value, scope, context)
            case ast.NamedExpr(target=target, value=value):
                binding = Binding(None, self.read(value, scope))
                scope.bind(target, binding)
                return binding.type
            case ast.Compare(left=left, comparators=others):
                self.file.compared([(side, self.read(side, scope, context)) for side in (left, *others)])
                return UNRELATED
            case _:
                return self._compound(node, scope, context)

    def _compound(self, node: ast.expr, scope: NameScope, context: SqlContext) -> Type | None:
        match node:
            case ast.IfExp(test=test, body=then, orelse=otherwise):
                self.read(test, scope, context)
                return either([self.read(then, scope, context), self.read(otherwise, scope, context)])
            case ast.BoolOp(values=values):
                return either([self.read(value, scope, context) for value in values])
            case ast.Tuple(elts=items):
                return Row(tuple(("", self.read(item, scope, context)) for item in items)) if items else UNRELATED
            case ast.List(elts=items) | ast.Set(elts=items):
                return Rows(either([self.read(item, scope, context) for item in items])) if items else UNRELATED
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                return self._comprehension(node, scope)
            case ast.Lambda(args=arguments, body=body):
                inner = scope.inner()
                inner.names.update({argument.arg: Binding() for argument in arguments.args})
                self.read(body, inner)
                return UNRELATED
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.read(child, scope, context)
        return UNRELATED if isinstance(node, _PLAIN) else None

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, scope: NameScope
    ) -> Type | None:
        inner = scope.inner()
        for loop in node.generators:
            inner.bind(loop.target, Binding(None, item_of(self.read(loop.iter, inner))))
            for test in loop.ifs:
                self.read(test, inner)
        if isinstance(node, ast.DictComp):
            self.read(node.key, inner)
            self.read(node.value, inner)
            return UNRELATED
        return Rows(self.read(node.elt, inner))

    def _text(self, node: ast.expr, scope: NameScope, context: SqlContext) -> Type | None:
        parts = text_parts(node)
        if parts == [node] or not any(isinstance(part, str) for part in parts):
            return self._compound(node, scope, context)
        self.file.string(node, context)
        for part in parts:
            if isinstance(part, ast.expr):
                self.read(part, scope)
        return UNRELATED

    # -- names and attributes

    def _name(self, node: ast.Name, scope: NameScope) -> Type | None:
        binding = scope.find(node.id)
        type_ = binding.type if binding is not None else None
        if isinstance(node.ctx, ast.Load) and self.file.search.names.fullmatch(node.id):
            place = node.lineno, node.col_offset
            if isinstance(type_, Model):
                self.file.table_of(type_.cls, place)
            elif isinstance(type_, TableType):
                self.file.table(type_.key, place, type_.label)
        return type_

    def _attribute(self, node: ast.Attribute, base: Type | None, scope: NameScope) -> Type | None:
        of_self = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
        bound = scope.attributes.get(node.attr) if of_self else None
        type_ = bound.type if bound is not None else self.member(base, node.attr)
        if not self.file.search.names.fullmatch(node.attr):
            return type_
        place = (node.end_lineno or node.lineno, (node.end_col_offset or 0) - len(node.attr.encode()))
        if isinstance(base, DefinedType) and isinstance(base.node, ast.ClassDef):
            declarations.enum_member(self.file, base.node, node.attr, place)
        elif base is None or isinstance(base, ColumnType):
            self.file.by_name(node.value, node.attr, place, "attribute")
        elif not isinstance(base, TableType) or base.columns:
            how = {ast.Store: "written", ast.Del: "deleted"}.get(type(node.ctx), "read")
            self.file.member(base, node.attr, place, f"attribute of {{}}, {how}")
        if isinstance(type_, Model):
            self.file.table_of(type_.cls, place)
        return type_

    def member(self, base: Type | None, name: str) -> Type | None:
        """The type of an attribute of something."""
        match base:
            case DefinedType(path, None):
                modules = self.catalogue.modules
                return self._resolved(modules.resolve(path, name) or modules.follow(path, Imported("", name, 1)))
            case Model(cls) if name == "query":
                return query(Row((("", MappedInstance(cls)),)), (base,))
            case Model(cls) if name == "__table__" and cls.tables:
                return TableType(cls.tables[0])
            case Model(cls) | MappedInstance(cls):
                relation = cls.relation(name) if isinstance(base, MappedInstance) else None
                if relation is not None:
                    target, many = relation
                    return Rows(MappedInstance(target)) if many else MappedInstance(target)
                columns = cls.columns(name)
                return ColumnType(base, tuple(columns)) if columns else None
            case TableType(key, columns=False) if name in ("c", "columns"):
                return TableType(key, columns=True)
            case TableType(key, columns=True):
                return ColumnType(base, ((key, name),))
            case Row(items):
                return next((type_ for label, type_ in items if label == name), None)
            case Unrelated():
                return UNRELATED
        return None

    def _subscript(self, node: ast.Subscript, scope: NameScope, context: SqlContext) -> Type | None:
        base = self.read(node.value, scope, context)
        match node.slice:
            case ast.Constant(value=str()):
                self.calls.key(node.value, base, node.slice, "key")
                return self.member(base, text_of(node.slice) or "") if isinstance(base, TableType) else None
            case ast.Constant(value=int(index)) if isinstance(base, Row):
                return part_of(base, index)
            case ast.Slice() if isinstance(base, Rows):
                self.read(node.slice, scope)
                return base
        self.read(node.slice, scope)
        return UNRELATED if base == UNRELATED else item_of(base) if isinstance(base, Rows) else None

    # -- names of modules and annotations

    def of_module(self, path: str) -> ExpressionReader:
        """The reader of a module's own expressions; what it enters of another file counts for nothing."""
        if path == self.file.path:
            return self
        if path not in self._others:
            self._others[path] = ExpressionReader(PythonUses(self.file.search, path), self._others)
        return self._others[path]

    def top(self) -> NameScope:
        """The names at the top of the module."""
        if self._top is None:
            self._top = NameScope()
            module = self.catalogue.modules.module(self.file.path)
            for name, defined in module.names.items() if module else ():
                self._top.names[name] = Binding(partial(self.defined, defined))
        return self._top

    def defined(self, node: Defined | Imported) -> Type | None:
        """The type of what the module defines or imports; ``None`` for what comes from outside of the code base."""
        path = self.file.path
        if isinstance(node, Imported):
            return self._resolved(self.catalogue.modules.follow(path, node))
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            mapped = self.catalogue.mapped(path, node)
            return Model(mapped) if mapped is not None else DefinedType(path, node)
        key = self.catalogue.table_of(path, node)
        return TableType(key) if key is not None else self.read(node, self.top())

    def _resolved(self, where: tuple[str, Defined | None] | None) -> Type | None:
        if where is None or where[1] is None:
            return DefinedType(where[0]) if where else None
        return self.of_module(where[0]).defined(where[1])

    def annotated(self, node: ast.expr | None, scope: NameScope) -> Type | None:
        """The type of a variable with that annotation."""
        inner, many = annotated_class(node)
        name = last_name(inner)
        if name in _UNTYPED:
            return None
        type_ = self._looked_up(inner, scope)
        if type_ is None and any(class_name == name for _, class_name in self.catalogue.classes):
            mapped = self.catalogue.named(name, self.file.path) if scope.find(name) is None else None
            if mapped is None:
                return None
            type_ = Model(mapped)
        item = MappedInstance(type_.cls) if isinstance(type_, Model) else UNRELATED
        outer = last_name(node.value) if isinstance(node, ast.Subscript) else ""
        if outer in ("type", "Type"):
            return type_
        if outer == "Select":
            return query(Row((("", item),)))
        return Rows(item) if many else item

    def returned(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> Type | None:
        """The type of what a function of the module returns, by its annotation."""
        return self.annotated(function.returns, self.top())

    def _looked_up(self, node: ast.expr | None, scope: NameScope) -> Type | None:
        """The type of a name in an annotation, which is not a use."""
        match node:
            case ast.Name(id=name):
                binding = scope.find(name)
                return binding.type if binding is not None else None
            case ast.Attribute(value=value, attr=name):
                return self.member(self._looked_up(value, scope), name)
        return None

    # -- calls

    def _call(self, node: ast.Call, scope: NameScope, context: SqlContext) -> Type | None:
        name, base = last_name(node.func), None
        if isinstance(node.func, ast.Attribute):
            base = self.read(node.func.value, scope, context)
            function = self._attribute(node.func, base, scope)
        else:
            function = self.read(node.func, scope)
        named = [key for entity in entities_of(base) for key in entity.tables]
        inner = SqlContext(name in RUN_SQL, tuple(dict.fromkeys([*context.tables, *named])))
        types = [self._argument(argument, name, scope, inner) for argument in node.args]
        for word in node.keywords:
            self._argument(word.value, name, scope, inner)
        call = CallTypes(name, base, function, types, inner.tables)
        self.calls.enter(node, call)
        declarations.call(self.file, node, self.classes[-1] if self.classes else None)
        if isinstance(function, DefinedType) and isinstance(function.node, ast.FunctionDef | ast.AsyncFunctionDef):
            return self.of_module(function.path).returned(function.node)
        type_: Type | None = None
        if name == "cast" and len(node.args) == 2:
            type_ = self.annotated(node.args[0], scope)
        elif isinstance(base, Model | MappedInstance):
            type_ = self._own_method(base, name)
        return returned_by(node, call) if type_ in (None, UNRELATED) else type_

    def _argument(self, node: ast.expr, name: str, scope: NameScope, context: SqlContext) -> Type | None:
        is_message = name in MESSAGES and isinstance(node, ast.Constant)
        return UNRELATED if is_message else self.read(node, scope, context)

    def _own_method(self, base: Model | MappedInstance, name: str) -> Type | None:
        for cls in base.cls.lineage:
            for statement in cls.node.body:
                if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) and statement.name == name:
                    if last_name(statement.returns) == "Self" or text_of(statement.returns) == cls.name:
                        return MappedInstance(base.cls)
                    return self.of_module(cls.path).returned(statement)
        return None
