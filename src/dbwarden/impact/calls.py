"""Calls of SQLAlchemy and of drivers: what they return, and which columns they name by keywords, keys and strings."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from .python_uses import PythonUses
from .subject import Key
from .syntax import items_of, last_name, start_of, text_of
from .types import (
    UNRELATED,
    ColumnType,
    DefinedType,
    Entity,
    MappedInstance,
    Model,
    Row,
    Rows,
    TableType,
    Type,
    entities_of,
    item_of,
    query,
)
from .usage import Confidence

MESSAGES = frozenset("debug info warning warn error exception critical log print _ gettext echo write secho".split())
"""Calls whose text is for people."""
RUN_SQL = frozenset(
    "text execute executemany exec_driver_sql literal_column fetch fetchrow fetchval fetchall fetchone read_sql"
    " read_sql_query DDL TextClause raw executescript scalar scalars execute_sql query".split()
)
"""Calls whose text is SQL."""
_STATEMENTS = frozenset("select query update delete insert".split())
_SAME = frozenset(
    "filter where filter_by join outerjoin order_by options limit offset distinct group_by having with_for_update"
    " execution_options returning values select_from correlate populate_existing with_loader_criteria on_conflict_do_update"
    " on_conflict_do_nothing set where_from all unique mappings fetchall partitions fetchmany yield_per scalars_all copy"
    " reverse execute columns".split()
)
"""Methods of queries and results that give as many items of the same kind."""
_FIRST = frozenset("first one one_or_none fetchone get get_one pop next".split())
_SCALAR = frozenset("scalar scalar_one scalar_one_or_none".split())
_EXECUTING = frozenset("execute scalars scalar stream stream_scalars exec".split())
_COPIES = frozenset("list tuple set sorted reversed iter frozenset aiter filter".split())
_BY_NAME = frozenset("getattr setattr hasattr delattr".split())
_KEYWORDS = frozenset("filter_by values update set ordered_values".split())
_NAMES = frozenset(
    "load_only defer undefer order_by group_by index_elements set_ values on_conflict_do_update add_columns"
    " with_entities returning".split()
)
_COMPARING = frozenset("in_ notin_ not_in is_ contains".split())


# -- types ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallTypes:
    """What is known of a call: the types of its function, of what a method belongs to, and of its arguments."""

    name: str
    base: Type | None
    function: Type | None
    arguments: list[Type | None]
    tables: tuple[Key, ...]
    """The tables of the statement that the call is a part of."""


def returned_by(node: ast.Call, call: CallTypes) -> Type | None:
    """The type of what a call returns."""
    name, function, arguments = call.name, call.function, call.arguments
    first = arguments[0] if arguments else None
    if name in _STATEMENTS and arguments:
        selected = _selected(node.args, arguments)
        if selected.on or name == "select":
            return selected
    if name in ("aliased", "with_polymorphic", "alias") and arguments:
        return first
    if name == "text" and node.args:
        return query(Row(sql=text_of(node.args[0]) or "?"))
    if isinstance(node.func, ast.Name) and arguments:
        if name in _COPIES:
            return Rows(item_of(arguments[-1 if name == "filter" else 0]))
        if name in ("next", "anext"):
            return item_of(first)
        if name == "enumerate":
            return Rows(Row((("", UNRELATED), ("", item_of(first)))))
    if name in ("get", "get_one", "merge") and isinstance(first, Model | MappedInstance):
        return MappedInstance(first.cls)
    if isinstance(function, Model):
        return MappedInstance(function.cls)
    if isinstance(function, DefinedType):
        return UNRELATED
    return _of_method(node, name, call.base, first) if isinstance(node.func, ast.Attribute) else None


def _selected(nodes: list[ast.expr], types: list[Type | None]) -> Rows:
    """``select(User, Order.id)`` and its like."""
    items: list[tuple[str, Type | None]] = []
    on: list[Entity] = []
    for node, type_ in zip(nodes, types, strict=True):
        if isinstance(type_, Model):
            items.append((type_.cls.name, MappedInstance(type_.cls)))
            on.append(type_)
        elif isinstance(type_, TableType):
            items.append(("*", type_))
            on.append(type_)
        elif isinstance(type_, ColumnType):
            items.append((last_name(node), type_))
            if not isinstance(type_.owner, MappedInstance):
                on.append(type_.owner)
        else:
            items.append((last_name(node), None))
    return query(Row(tuple(items)), tuple(on))


def _of_method(node: ast.Call, name: str, base: Type | None, first: Type | None) -> Type | None:
    if name in _EXECUTING and node.args:
        return _executed(first, text_of(node.args[0]), name)
    match base:
        case TableType(columns=False) if name in _STATEMENTS:
            return query(Row((("*", base),)), (base,))
        case TableType() | Model() if name == "alias":
            return base
        case ColumnType() if name in ("label", "desc"):
            return base
        case Rows():
            return _of_rows(base, name)
        case Row():
            return base if name in ("_asdict", "_mapping") else None
    return UNRELATED if base == UNRELATED else None


def _of_rows(rows: Rows, name: str) -> Type | None:
    """A method of a query, a result or a list."""
    row = rows.row if rows.row is not None else rows.item if isinstance(rows.item, Row) else None
    if name in _FIRST:
        return rows.item
    if name in _SCALAR:
        return row.first if row is not None else None
    if name == "scalars":
        return Rows(row.first if row is not None else None)
    return rows if name in _SAME else None


def _executed(statement: Type | None, text: str | None, name: str) -> Type | None:
    row = statement.row if isinstance(statement, Rows) else Row(sql=text) if text else None
    if row is None:
        return None
    if name == "scalar":
        return row.first
    if name == "exec":
        return Rows(row.single)
    return Rows(row.first) if name in ("scalars", "stream_scalars") else Rows(row)


# -- uses ----------------------------------------------------------------------------------------------------------


class CallUses:
    """Enters the uses of the calls of one file. ``dictionaries`` are those that were bound to a name."""

    def __init__(self, file: PythonUses) -> None:
        self.file = file
        self.dictionaries: dict[str, ast.Dict] = {}

    def enter(self, node: ast.Call, call: CallTypes) -> None:
        """Enter what the call itself uses."""
        name, on = call.name, entities_of(call.base)
        first = call.arguments[0] if call.arguments else None
        if isinstance(call.function, Model):
            self._arguments(node, call.function, f"keyword of {call.function.cls.name}(...)")
        elif name in _KEYWORDS:
            for entity in on:
                self._arguments(node, entity, f"keyword of {name}() on {{}}")
        elif name in ("bulk_insert_mappings", "bulk_update_mappings", "execute") and len(node.args) > 1:
            for target in first.on if isinstance(first, Rows) else [first]:
                if isinstance(target, Model | TableType):
                    self._values_given(node.args[1], target, f"key of the values given to {name}()")
        if name in _BY_NAME and isinstance(node.func, ast.Name) and len(node.args) > 1:
            self.key(node.args[0], first, node.args[1], f"{name}()")
        if isinstance(node.func, ast.Attribute) and node.args:
            if name in ("get", "pop", "setdefault"):
                self.key(node.func.value, call.base, node.args[0], f"{name}()")
            elif name in _COMPARING:
                self.file.compared([(node.func.value, call.base), *zip(node.args, call.arguments, strict=True)])
        if name in _NAMES:
            for argument in [*node.args, *(word.value for word in node.keywords)]:
                self._names(argument, on, call.tables)

    def key(self, node: ast.expr, base: Type | None, key: ast.expr, use: str) -> None:
        """A column by its name as text: ``table.c["phone"]``, ``row["phone"]``, ``getattr(user, "phone")``."""
        name = text_of(key)
        if name is None or not self.file.search.names.fullmatch(name):
            return
        if base is None or isinstance(base, ColumnType):
            self.file.by_name(node, name, start_of(key), use)
        else:
            self.file.member(base, name, start_of(key), f"{use} of {{}}")

    def _arguments(self, node: ast.Call, entity: Entity, reason: str) -> None:
        """Keywords and dictionaries that give values to columns."""
        key_reason = f"key of the values given to {last_name(node.func)}()"
        for word in node.keywords:
            if word.arg is None:
                self._values_given(word.value, entity, key_reason)
                continue
            self.file.member(entity, word.arg, (word.lineno, word.col_offset), reason)
            self.file.values([word.value], entity.columns_named(word.arg))
        for value in node.args:
            self._values_given(value, entity, key_reason)

    def _values_given(
        self, node: ast.expr, entity: Entity, reason: str, confidence: Confidence = Confidence.CERTAIN
    ) -> None:
        """Dictionaries, lists of them, and names that were bound to one."""
        match node:
            case ast.Name(id=name) if name in self.dictionaries:
                self._values_given(self.dictionaries[name], entity, reason, Confidence.LIKELY)
            case ast.List(elts=items) | ast.Tuple(elts=items):
                for item in items:
                    self._values_given(item, entity, reason, confidence)
            case ast.ListComp(elt=item) | ast.GeneratorExp(elt=item):
                self._values_given(item, entity, reason, confidence)
            case ast.Dict(keys=keys, values=values):
                for key, value in zip(keys, values, strict=True):
                    if key is not None and (attribute := text_of(key)) is not None:
                        self.file.member(entity, attribute, start_of(key), reason, confidence)
                        self.file.values([value], entity.columns_named(attribute))

    def _names(self, node: ast.expr, on: tuple[Entity, ...], tables: tuple[Key, ...]) -> None:
        """Names of columns as strings: ``order_by("phone")``, ``load_only("phone")``, ``index_elements=["phone"]``."""
        for item in items_of(node):
            name = text_of(item)
            for entity in on:
                if name is not None:
                    self.file.member(entity, name, start_of(item), "name in a statement on {}", Confidence.LIKELY)
                elif isinstance(item, ast.Dict):
                    self._values_given(item, entity, "key of the values of a statement")
            for key in tables if name is not None and not on else ():
                reason = "name in a statement on the table"
                self.file.column(key, name or "", start_of(item), reason, Confidence.LIKELY)
