"""Uses in calls: keywords and dictionaries that give values to columns, names of columns as strings."""

from __future__ import annotations

import ast

from .mapped_classes import last_name, text_of
from .python_file import PythonFile, inside
from .scope import MappedInstance, Model, NameScope, Query, Row, TableType, Type
from .subject import Key
from .usage import Confidence

TALK = frozenset("debug info warning warn error exception critical log print _ gettext echo write secho".split())
"""Calls whose text is for people."""
RUN_SQL = frozenset(
    "text execute executemany exec_driver_sql literal_column fetch fetchrow fetchval fetchall fetchone read_sql"
    " read_sql_query DDL TextClause raw executescript scalar scalars execute_sql query".split()
)
"""Calls whose text is SQL."""
_BY_NAME = frozenset("getattr setattr hasattr delattr".split())
_KEYWORDS = frozenset("filter_by values update set ordered_values".split())
_NAMES = frozenset(
    "load_only defer undefer order_by group_by index_elements set_ values on_conflict_do_update add_columns"
    " with_entities returning".split()
)
_COMPARING = frozenset("in_ notin_ not_in is_ contains".split())


class Calls:
    """Reads the calls of one file. ``dictionaries`` are the names that were bound to one."""

    def __init__(self, file: PythonFile) -> None:
        self.file, self.infer = file, file.infer
        self.dictionaries: dict[str, ast.Dict] = {}

    def read(self, node: ast.Call, scope: NameScope, on: tuple[Key, ...]) -> tuple[Key, ...]:
        """Report what the call itself uses; the tables of the statement that it is a part of."""
        name = last_name(node.func)
        entities = self._entities(node, name, scope)
        context = tuple(dict.fromkeys([*on, *(key for entity in entities for key in self._keys(entity))]))
        made = self.infer.of(node.func, scope)
        if isinstance(made, Model):
            self._filled(node, made, f"keyword of {made.cls.name}(...)")
        elif name in _KEYWORDS:
            for entity in entities:
                self._filled(node, entity, f"keyword of {name}() on {{}}")
        elif name in ("bulk_insert_mappings", "bulk_update_mappings", "execute") and len(node.args) > 1:
            first = self.infer.of(node.args[0], scope)
            for target in first.on if isinstance(first, Query) else [first]:
                if isinstance(target, Model | TableType):
                    self._given(node.args[1], target, f"key of the values given to {name}()")
        self._by_text(node, name, scope)
        if name in _NAMES:
            for argument in [*node.args, *(one.value for one in node.keywords)]:
                self._names(argument, entities, context)
        return context

    def _by_text(self, node: ast.Call, name: str, scope: NameScope) -> None:
        if name in _BY_NAME and isinstance(node.func, ast.Name) and len(node.args) > 1:
            self.key(node.args[0], node.args[1], scope, f"{name}()")
        if not isinstance(node.func, ast.Attribute) or not node.args:
            return
        if name in ("get", "pop", "setdefault"):
            self.key(node.func.value, node.args[0], scope, f"{name}()")
        elif name in _COMPARING:
            self.file.compared([node.func.value, *node.args], scope)

    def key(self, base: ast.expr, key: ast.expr, scope: NameScope, what: str) -> None:
        """A column by its name as text: ``table.c["phone"]``, ``row["phone"]``, ``getattr(user, "phone")``."""
        name = text_of(key)
        if name is None or not self.file.names.fullmatch(name):
            return
        base_type = self.infer.of(base, scope)
        if base_type is None:
            self.file.by_name(base, name, inside(key), what)
            return
        self.file.member(base_type, name, inside(key), f"{what} of {{}}")
        if isinstance(base_type, Row):
            self.file.of_row(base_type, name, inside(key))

    def _entities(self, node: ast.Call, name: str, scope: NameScope) -> list[Type]:
        """The classes and tables that the statement around a method is about."""
        base = self.infer.of(node.func.value, scope) if isinstance(node.func, ast.Attribute) else None
        if isinstance(base, TableType) and not base.columns:
            return [base]
        query = base if isinstance(base, Query) else self.infer.of(node, scope) if name in _NAMES else None
        return list(query.on) if isinstance(query, Query) else []

    def _keys(self, entity: Type) -> list[Key]:
        if isinstance(entity, Model | MappedInstance):
            return self.file.search.catalogue.tables(entity.cls)
        return [entity.key] if isinstance(entity, TableType) else []

    def _filled(self, node: ast.Call, entity: Type, why: str) -> None:
        """Keywords and dictionaries that give values to columns."""
        given = f"key of the values given to {last_name(node.func)}()"
        for argument in node.keywords:
            if argument.arg is None:
                self._given(argument.value, entity, given)
                continue
            self.file.member(entity, argument.arg, (argument.lineno, argument.col_offset), why)
            for key, column in self.file.columns_of(entity, argument.arg):
                self.file.values([argument.value], key, column)
        for value in node.args:
            self._given(value, entity, given)

    def _given(self, node: ast.expr, entity: Type, why: str, sure: Confidence = Confidence.CERTAIN) -> None:
        """Dictionaries, lists of them, and names that were bound to one."""
        match node:
            case ast.Name(id=name) if name in self.dictionaries:
                self._given(self.dictionaries[name], entity, why, Confidence.LIKELY)
            case ast.List(elts=items) | ast.Tuple(elts=items):
                for item in items:
                    self._given(item, entity, why, sure)
            case ast.ListComp(elt=item) | ast.GeneratorExp(elt=item):
                self._given(item, entity, why, sure)
            case ast.Dict(keys=keys, values=values):
                for key, value in zip(keys, values, strict=True):
                    attribute = text_of(key)
                    if key is not None and attribute is not None:
                        self.file.member(entity, attribute, inside(key), why, sure)
                        for table, column in self.file.columns_of(entity, attribute):
                            self.file.values([value], table, column)

    def _names(self, node: ast.expr, entities: list[Type], context: tuple[Key, ...]) -> None:
        """Names of columns as strings: ``order_by("phone")``, ``load_only("phone")``, ``index_elements=["phone"]``."""
        for item in node.elts if isinstance(node, ast.List | ast.Tuple | ast.Set) else [node]:
            name = text_of(item)
            for entity in entities:
                if name is not None:
                    self.file.member(entity, name, inside(item), "name in a statement on {}", Confidence.LIKELY)
                elif isinstance(item, ast.Dict):
                    self._given(item, entity, "key of the values of a statement")
            for key in context if name is not None and not entities else ():
                self.file.column(key, name or "", inside(item), "name in a statement on the table", Confidence.LIKELY)
