"""Uses in Python: the syntax tree of one file, passed once from top to bottom.

Statements bind names (``scope``); an expression is looked at only on lines that have one of the names searched for.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from collections.abc import Iterable

from . import declarations
from .calls import RUN_SQL, TALK, Calls
from .mapped_classes import last_name
from .modules import Imported, for_types, imported
from .python_file import PythonFile, joined
from .scope import UNRELATED, Class, MappedInstance, Model, NameScope, Row, TableType, Type, bind_target
from .subject import Key
from .usage import Usage

_RUN = re.compile(rf"\b(?:{'|'.join(sorted(RUN_SQL))})\((?=\s*(?:\w+,\s*)?(\w+))")
"""A call that runs SQL, with the name that it is given."""


class PythonReader:
    """Finds the uses in one file."""

    def __init__(self, file: PythonFile, tree: ast.Module) -> None:
        self.file, self.infer, self.tree = file, file.infer, tree
        self.calls = Calls(file)
        self.wanted = [at for at, line in enumerate(file.lines, 1) if file.names.search(line)]
        self.run_later = {match[1] for line in file.lines for match in _RUN.finditer(line)}
        self.classes: list[Type | None] = []

    def uses(self) -> list[Usage]:
        """All uses, in the order of the file."""
        top = NameScope(self.file.path)
        modules = self.file.search.catalogue.modules
        known = modules.has(self.file.path)
        module = modules.learn(self.file.path, self.tree)
        for name, defined in module.names.items():
            if isinstance(defined, Imported | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                self.infer.know(top, name)
        self._block(self.tree.body, top)
        if not known:
            modules.forget(self.file.path)
        return sorted(self.file.usages.values(), key=lambda use: (use.line, use.column))

    def _interesting(self, node: ast.stmt | ast.expr) -> bool:
        at = bisect_left(self.wanted, node.lineno)
        return at < len(self.wanted) and self.wanted[at] <= (node.end_lineno or node.lineno)

    def _watch(self, name: str, node: ast.Assign) -> None:
        """Add the lines that mention the bound name to those that are read."""
        if self._interesting(node):
            mention = re.compile(rf"\b{re.escape(name)}\b")
            lines = {at for at, line in enumerate(self.file.lines, 1) if mention.search(line)}
            self.wanted = sorted(lines.union(self.wanted))

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
                    scope.know(local, self.infer.imported(self.file.path, import_))
            case ast.ClassDef():
                self._class(node, scope)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._function(node, scope)
            case ast.Assign():
                self._assigned(node, scope)
            case ast.AnnAssign(target=target, annotation=annotation, value=value):
                self._expression(value, scope)
                self._expression(target, scope)
                bind_target(scope, target, "annotation", annotation)
            case ast.For() | ast.AsyncFor() | ast.While() | ast.If() | ast.With() | ast.AsyncWith():
                self._compound(node, scope)
            case ast.Try() | ast.TryStar():
                self._block([*node.body, *node.orelse], scope)
                bound = dict(scope.names)
                self._block((statement for handler in node.handlers for statement in handler.body), scope)
                scope.names.update(bound)
                self._block(node.finalbody, scope)
            case ast.Match(subject=subject, cases=cases):
                self._expression(subject, scope)
                for case in cases:
                    self._expression(case.guard, scope)
                    self._block(case.body, scope)
            case _:
                self._expressions(node, scope)

    def _compound(
        self, node: ast.For | ast.AsyncFor | ast.While | ast.If | ast.With | ast.AsyncWith, scope: NameScope
    ) -> None:
        match node:
            case ast.For(target=target, iter=values) | ast.AsyncFor(target=target, iter=values):
                self._expression(values, scope)
                bind_target(scope, target, "item", values)
            case ast.If(test=test) | ast.While(test=test):
                self._expression(test, scope)
                self._checked(test, scope)
            case ast.With(items=items) | ast.AsyncWith(items=items):
                for item in items:
                    self._expression(item.context_expr, scope)
                    if item.optional_vars is not None:
                        bind_target(scope, item.optional_vars, "value", item.context_expr)
        self._block(node.body, scope)
        if not for_types(node):
            self._block(getattr(node, "orelse", ()), scope)

    def _assigned(self, node: ast.Assign, scope: NameScope) -> None:
        name = last_name(node.targets[0])
        self._expression(node.value, scope, strong=name in self.run_later)
        if isinstance(node.value, ast.Dict) and name:
            self.calls.dictionaries[name] = node.value
            self._watch(name, node)
        for target in node.targets:
            self._expression(target, scope)
            if isinstance(target, ast.Attribute) and self._interesting(node):
                for key, column in self.infer.column(target, scope):
                    self.file.values([node.value], key, column)
            bind_target(scope, target, "value", node.value)

    def _checked(self, test: ast.expr, scope: NameScope) -> None:
        match test:
            case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id=name), kind]):
                type_ = self.infer.of(kind, scope)
                if isinstance(type_, Model):
                    scope.know(name, MappedInstance(type_.cls))

    def _class(self, node: ast.ClassDef, scope: NameScope) -> None:
        known = self.infer.definition(self.file.path, node)
        scope.know(node.name, known)
        for expression in [*node.bases, *node.decorator_list]:
            self._expression(expression, scope)
        if isinstance(known, Model):
            declarations.model(self.file, known.cls)
        elif self._interesting(node):
            declarations.enumeration(self.file, node)
        inner = NameScope(self.file.path, scope)
        self.classes.append(known)
        for statement in node.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                place = ast.Attribute(ast.Name("self"), statement.target.id)
                bind_target(inner, place, "annotation", statement.annotation)
        # What __init__ keeps in self is what the other methods find there.
        self._block(sorted(node.body, key=lambda one: getattr(one, "name", "") != "__init__"), inner)
        self.classes.pop()

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: NameScope) -> None:
        scope.know(node.name, self.infer.definition(self.file.path, node))
        inner = self._inside(node, scope)
        if not self._interesting(node):
            if node.name == "__init__":
                self._block((one for one in node.body if isinstance(one, ast.Assign | ast.AnnAssign)), inner)
            return
        for expression in [*node.decorator_list, *node.args.defaults, *node.args.kw_defaults]:
            self._expression(expression, scope)
        self._block(node.body, inner)

    def _inside(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: NameScope) -> NameScope:
        """The names in a function: its arguments."""
        inner = scope.inner()
        cls = self.classes[-1] if self.classes else None
        for at, argument in enumerate([*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]):
            inner.know(argument.arg, None)
            if argument.annotation is not None:
                inner.bind(argument.arg, "annotation", argument.annotation)
            elif at == 0 and argument.arg == "self" and cls is not None:
                inner.know("self", MappedInstance(cls.cls) if isinstance(cls, Model) else UNRELATED)
            elif at == 0 and argument.arg == "cls" and isinstance(cls, Model):
                inner.know("cls", cls)
        return inner

    # -- expressions

    def _expressions(self, node: ast.AST, scope: NameScope, *, strong: bool = False, on: tuple[Key, ...] = ()) -> None:
        """The parts of what is nothing by itself."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self._expression(child, scope, strong=strong, on=on)
            elif isinstance(child, ast.keyword):
                self._expression(child.value, scope, strong=strong, on=on)

    def _expression(
        self, node: ast.expr | None, scope: NameScope, *, strong: bool = False, on: tuple[Key, ...] = ()
    ) -> None:
        if node is None or not self._interesting(node):
            return
        match node:
            case ast.Attribute():
                self._expression(node.value, scope, on=on)
                self._attribute(node, scope)
            case ast.Name(ctx=ast.Load()):
                self._name(node, scope)
            case ast.Subscript(value=value, slice=ast.Constant(value=str()) as key):
                self._expression(value, scope, on=on)
                self.calls.key(value, key, scope, "key")
            case ast.Call():
                self._call(node, scope, on)
            case ast.Compare(left=left, comparators=others):
                self.file.compared([left, *others], scope)
                self._expressions(node, scope, on=on)
            case ast.Constant(value=str()):
                self.file.string(node, strong, on)
            case ast.JoinedStr():
                self.file.string(node, strong, on)
                for part in node.values:
                    self._expressions(part, scope)
            case ast.BinOp(op=ast.Add() | ast.Mod()) if joined(node) is not None:
                self.file.string(node, strong, on)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                self._comprehension(node, scope)
            case ast.Lambda(args=arguments, body=body):
                inner = scope.inner()
                for argument in arguments.args:
                    inner.know(argument.arg, None)
                self._expression(body, inner)
            case ast.NamedExpr(target=target, value=value):
                self._expression(value, scope)
                bind_target(scope, target, "value", value)
            case _:
                self._expressions(node, scope, strong=strong, on=on)

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, scope: NameScope
    ) -> None:
        inner = scope.inner()
        for loop in node.generators:
            self._expression(loop.iter, inner)
            bind_target(inner, loop.target, "item", loop.iter)
            for test in loop.ifs:
                self._expression(test, inner)
        self._expressions(node, inner)

    def _attribute(self, node: ast.Attribute, scope: NameScope) -> None:
        if not self.file.names.fullmatch(node.attr):
            return
        how = {ast.Store: "written", ast.Del: "deleted"}.get(type(node.ctx), "read")
        place = (node.end_lineno or node.lineno, (node.end_col_offset or 0) - len(node.attr.encode()))
        base = self.infer.of(node.value, scope)
        if isinstance(base, Class):
            declarations.enum_member(self.file, base, node.attr, place)
        elif isinstance(base, Row):
            self.file.of_row(base, node.attr, place)
        elif base is None:
            self.file.by_name(node.value, node.attr, place, "attribute")
        elif not isinstance(base, TableType) or base.columns:
            self.file.member(base, node.attr, place, f"attribute of {{}}, {how}")
        target = self.infer.member(base, node.attr)
        if isinstance(target, Model):
            self.file.table_of(target.cls, place)

    def _name(self, node: ast.Name, scope: NameScope) -> None:
        binding = scope.find(node.id) if self.file.names.fullmatch(node.id) else None
        target = self.infer.bound(binding) if binding is not None else None
        place = (node.lineno, node.col_offset)
        if isinstance(target, Model):
            self.file.table_of(target.cls, place)
        elif isinstance(target, TableType):
            self.file.table(target.key, place, f"the Table {target.key[1]}")

    def _call(self, node: ast.Call, scope: NameScope, on: tuple[Key, ...]) -> None:
        name = last_name(node.func)
        context = self.calls.read(node, scope, on)
        if name in declarations.CALLS:
            owner = self.classes[-1] if self.classes else None
            declarations.call(self.file, node, owner.cls if isinstance(owner, Model) else None)
        self._expression(node.func, scope, on=context)
        for argument in [*node.args, *(one.value for one in node.keywords)]:
            if name not in TALK or not isinstance(argument, ast.Constant):
                self._expression(argument, scope, strong=name in RUN_SQL, on=context)
