"""Uses in Python: the statements of one file, passed once from top to bottom.

Statements bind names; an expression is read at once only on lines that have one of the names searched for, otherwise when
one of those depends on it.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from collections.abc import Iterable
from functools import partial

from . import declarations
from .calls import RUN_SQL
from .expressions import ExpressionReader
from .modules import Imported, for_types, imported
from .python_uses import NO_SQL, PythonUses, SqlContext
from .syntax import last_name
from .types import UNRELATED, Binding, ColumnType, MappedInstance, Model, NameScope, Type, item_of
from .usage import Usage

_RUN = re.compile(rf"\b(?:{'|'.join(sorted(RUN_SQL))})\((?=\s*(?:\w+,\s*)?(\w+))")
"""A call that runs SQL, with the name that it is given."""


class PythonReader:
    """Finds the uses in one file."""

    def __init__(self, file: PythonUses, tree: ast.Module, others: dict[str, ExpressionReader]) -> None:
        self.file, self.tree = file, tree
        self.expressions = ExpressionReader(file, others)
        self.read, self.classes = self.expressions.read, self.expressions.classes
        text = "\n".join(file.lines)  # searched as a whole: a search per line takes longer than reading the statements
        self.wanted = _lines_of(file.search.names, text)
        self.run_later = {match[1] for match in _RUN.finditer(text)}

    def uses(self) -> list[Usage]:
        """All uses, in the order of the file."""
        top = NameScope()
        with self.file.search.catalogue.modules.parsed(self.file.path, self.tree) as module:
            for name, defined in module.names.items():
                if isinstance(defined, Imported | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                    top.names[name] = Binding(partial(self.expressions.defined, defined))
            self._block(self.tree.body, top)
        return self.file.uses.all()

    def _is_wanted(self, node: ast.stmt | ast.expr) -> bool:
        at = bisect_left(self.wanted, node.lineno)
        return at < len(self.wanted) and self.wanted[at] <= (node.end_lineno or node.lineno)

    def _want_lines_of(self, name: str) -> None:
        """Add the lines that mention a name to those that are read."""
        mention = re.compile(rf"\b{re.escape(name)}\b")
        self.wanted = sorted({*self.wanted, *_lines_of(mention, "\n".join(self.file.lines))})

    def _later(self, node: ast.expr, scope: NameScope, context: SqlContext = NO_SQL) -> Binding:
        """The type of an expression, which is read now if it is of interest."""
        if self._is_wanted(node):
            return Binding(None, self.read(node, scope, context))
        return Binding(partial(self.read, node, scope, context))

    def _expressions(self, nodes: Iterable[ast.expr | None], scope: NameScope) -> None:
        for node in nodes:
            if node is not None and self._is_wanted(node):
                self.read(node, scope)

    # -- statements

    def _block(self, body: Iterable[ast.stmt], scope: NameScope) -> None:
        for statement in body:
            self._statement(statement, scope)

    def _statement(self, node: ast.stmt, scope: NameScope) -> None:
        match node:
            case ast.Expr(value=ast.Constant()):
                pass  # a docstring
            case ast.Import() | ast.ImportFrom():
                for local, import_ in imported(node):
                    scope.names[local] = Binding(partial(self.expressions.defined, import_))
            case ast.ClassDef():
                self._class(node, scope)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._function(node, scope)
            case ast.Assign():
                self._assignment(node, scope)
            case ast.AnnAssign(target=target, annotation=annotation, value=value):
                self._expressions([value, target], scope)
                scope.bind(target, Binding(partial(self.expressions.annotated, annotation, scope)))
            case ast.For() | ast.AsyncFor() | ast.While() | ast.If() | ast.With() | ast.AsyncWith():
                self._compound(node, scope)
            case ast.Try() | ast.TryStar():
                self._block([*node.body, *node.orelse], scope)
                bound = dict(scope.names)
                self._block((statement for handler in node.handlers for statement in handler.body), scope)
                scope.names.update(bound)
                self._block(node.finalbody, scope)
            case ast.Match(subject=subject, cases=cases):
                self._expressions([subject], scope)
                for case in cases:
                    self._expressions([case.guard], scope)
                    self._block(case.body, scope)
            case _ if self._is_wanted(node):
                self._expressions((child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)), scope)

    def _compound(
        self, node: ast.For | ast.AsyncFor | ast.While | ast.If | ast.With | ast.AsyncWith, scope: NameScope
    ) -> None:
        match node:
            case ast.For(target=target, iter=values) | ast.AsyncFor(target=target, iter=values):
                items = self._bound(target, values, scope)
                scope.bind(target, Binding(lambda: item_of(items.type)))
            case ast.If(test=test) | ast.While(test=test):
                self._expressions([test], scope)
                self._narrow(test, scope)
            case ast.With(items=items) | ast.AsyncWith(items=items):
                for item in items:
                    if item.optional_vars is not None:
                        scope.bind(item.optional_vars, self._bound(item.optional_vars, item.context_expr, scope))
                    else:
                        self._expressions([item.context_expr], scope)
        self._block(node.body, scope)
        if not for_types(node):
            self._block(getattr(node, "orelse", ()), scope)

    def _assignment(self, node: ast.Assign, scope: NameScope) -> None:
        name = last_name(node.targets[0])
        value = self._bound(node.targets[0], node.value, scope, SqlContext(name in self.run_later))
        if isinstance(node.value, ast.Dict) and name:
            self.expressions.calls.dictionaries[name] = node.value
            if self._is_wanted(node):
                self._want_lines_of(name)
        for target in node.targets:
            if self._is_wanted(target) or (isinstance(target, ast.Attribute) and self._is_wanted(node)):
                type_ = self.read(target, scope)
                if isinstance(type_, ColumnType):
                    self.file.values([node.value], type_.columns)
            is_none = isinstance(node.value, ast.Constant) and node.value.value is None
            if not (is_none and isinstance(target, ast.Name) and target.id in scope.names):
                # Of None nobody asks an attribute: what counts is what the name is bound to otherwise.
                scope.bind(target, value)

    def _bound(self, target: ast.expr, value: ast.expr, scope: NameScope, context: SqlContext = NO_SQL) -> Binding:
        """The type that names are bound to; it may depend on what they were bound to before."""
        binding = self._later(value, scope, context)
        return Binding(None, binding.type) if _is_bound(target, scope) else binding

    def _narrow(self, test: ast.expr, scope: NameScope) -> None:
        """Bind the name that ``isinstance`` tests."""
        match test:
            case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id=name), kind]):
                type_ = self.read(kind, scope)
                if isinstance(type_, Model):
                    scope.know(name, MappedInstance(type_.cls))

    # -- classes and functions

    def _class(self, node: ast.ClassDef, scope: NameScope) -> None:
        type_ = self.expressions.defined(node)
        scope.know(node.name, type_)
        self._expressions([*node.bases, *node.decorator_list], scope)
        if isinstance(type_, Model):
            declarations.model(self.file, type_.cls)
        elif self._is_wanted(node):
            declarations.enumeration(self.file, node)
        inner = NameScope(scope)
        self.classes.append(type_)
        for statement in node.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                binding = Binding(partial(self.expressions.annotated, statement.annotation, inner))
                inner.attributes[statement.target.id] = binding
        # What __init__ keeps in self is what the other methods find there.
        self._block(sorted(node.body, key=lambda member: getattr(member, "name", "") != "__init__"), inner)
        self.classes.pop()

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: NameScope) -> None:
        scope.know(node.name, self.expressions.defined(node))
        inner = self._arguments(node, scope)
        if not self._is_wanted(node):
            if node.name == "__init__":
                self._block(
                    (statement for statement in node.body if isinstance(statement, ast.Assign | ast.AnnAssign)), inner
                )
            return
        self._expressions([*node.decorator_list, *node.args.defaults, *node.args.kw_defaults], scope)
        self._block(node.body, inner)

    def _arguments(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: NameScope) -> NameScope:
        """The names in a function: its arguments."""
        inner = scope.inner()
        cls = self.classes[-1] if self.classes else None
        for at, argument in enumerate([*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]):
            if argument.annotation is not None:
                inner.names[argument.arg] = Binding(partial(self.expressions.annotated, argument.annotation, scope))
            else:
                inner.know(argument.arg, _first_argument(argument.arg, cls) if at == 0 else None)
        return inner


def _is_bound(target: ast.expr, scope: NameScope) -> bool:
    """Whether one of the names of an assignment's left side has a meaning already."""
    match target:
        case ast.Name(id=name):
            return scope.find(name) is not None
        case ast.Attribute(attr=name):
            return name in scope.attributes
        case ast.Tuple(elts=targets) | ast.List(elts=targets):
            return any(_is_bound(part, scope) for part in targets)
    return False


def _first_argument(name: str, cls: Type | None) -> Type | None:
    """The type of ``self`` or ``cls`` in a method."""
    if name == "self" and cls is not None:
        return MappedInstance(cls.cls) if isinstance(cls, Model) else UNRELATED
    return cls if name == "cls" and isinstance(cls, Model) else None


def _lines_of(pattern: re.Pattern[str], text: str) -> list[int]:
    """Numbers of the lines that a pattern of one line matches, in order."""
    numbers: list[int] = []
    number, end = 1, 0
    for match in pattern.finditer(text):
        number += text.count("\n", end, match.start())
        end = match.start()
        if not numbers or numbers[-1] != number:
            numbers.append(number)
    return numbers
