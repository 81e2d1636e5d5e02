"""Walk over a schema that converts each object to the form in which the server would report it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, TypeVar

from dbwarden.core.model import (
    Attribute,
    Check,
    Column,
    Computed,
    Exclude,
    ForeignKey,
    Index,
    IndexElement,
    Member,
    Object,
    PrimaryKey,
    Schema,
    Table,
    Unique,
)
from dbwarden.core.options import Options, OptionSpec
from dbwarden.core.types import DataType, Expression, Ref

from .options import known_options

Columns = Mapping[str, Column]
_T = TypeVar("_T", bound=Object | IndexElement | Attribute)
_E = TypeVar("_E")
_CARRYING = frozenset(("expression", "elements", "where", "default", "computed", "identity", "sql"))
"""Attributes with expressions. Expressions with different texts can be equal, so these are compared by identity."""


def replace_if_changed(item: _T, **values: Any) -> _T:
    """``item`` with these attributes; ``item`` itself if it already has them."""
    for name, value in values.items():
        old = getattr(item, name)
        if old is not value and (name in _CARRYING or old != value):
            return replace(item, **values)  # type: ignore[type-var]
    return item


def reuse_if_same(old: tuple[_E, ...], new: tuple[_E, ...]) -> tuple[_E, ...]:
    """``old`` if ``new`` contains the same objects, else ``new``."""
    return old if len(old) == len(new) and all(a is b for a, b in zip(old, new, strict=True)) else new


class Canonical:
    """Walk over one schema. A vendor overrides the method of each part that its server reports in another form.

    A part that is canonical already is returned as the same object, so that a canonical schema is not copied.
    """

    specs: ClassVar[Mapping[str, tuple[OptionSpec, ...]]] = {}
    """Options of each kind of object (``dialects/<d>/options.py``)."""

    def __init__(self, schema: Schema) -> None:
        self.before = schema
        self.tables = {ref: item for ref, item in schema.items() if isinstance(item, Table)}
        self.keys = {item.table: item for item in schema.objects() if isinstance(item, PrimaryKey)}

    def schema(self) -> Schema:
        """The canonical schema; the same object if it is canonical already."""
        objects: dict[Ref, Object] = {}
        unchanged = True
        for ref, item in self.before.items():
            done = self.object(item)
            unchanged = unchanged and done is item
            if done is not None:
                objects[ref] = done
        unchanged = not self.complete(objects) and unchanged
        return self.before if unchanged else Schema(objects.values())

    def complete(self, objects: dict[Ref, Object]) -> bool:
        """Make the changes that depend on several objects. Returns whether there were any."""
        return False

    def object(self, item: Object) -> Object | None:
        """Canonical form of one object; ``None`` if the engine has no such object."""
        if isinstance(item, Table):
            return self.table(item)
        if isinstance(item, Member):
            table = self.tables.get(item.table)
            return self.member(item, table.columns if table is not None else {})
        return self.other(item)

    def other(self, item: Object) -> Object | None:
        """An object that is neither a table nor a member of one."""
        return item

    def options(self, options: Options, kind: str) -> Options:
        """The options that the engine knows for a kind, without those that have their default."""
        return known_options(options, self.specs.get(kind, ()))

    # -- columns ------------------------------------------------------------------------------------------------------

    def table(self, table: Table) -> Table:
        """A table with its columns."""
        columns = [self.column(column, table) for column in table.columns.values()]
        unchanged = all(done is old for done, old in zip(columns, table.columns.values(), strict=True))
        options = self.options(table.options, "table")
        if unchanged and options == table.options:
            return table
        return replace(table, columns={column.name: column for column in columns}, options=options)

    def column(self, column: Column, table: Table) -> Column:
        """A column."""
        type_ = self.type(column.type)
        return replace_if_changed(
            column,
            type=type_,
            default=self.default(column.default, type_) if column.default is not None else None,
            computed=self.computed(column.computed, column, table) if column.computed is not None else None,
            collation=self.collation(column.collation) if column.collation is not None else None,
            options=self.options(column.options, "column"),
        )

    def type(self, datatype: DataType) -> DataType:
        """A type with the name that the server reports."""
        return datatype

    def default(self, default: Expression, type_: DataType) -> Expression | None:
        """A default; ``None`` for one without effect, such as NULL."""
        return default

    def computed(self, computed: Computed, column: Column, table: Table) -> Computed:
        """The expression of a generated column."""
        expression = self.expression(computed.expression, table.columns)
        return computed if expression is computed.expression else replace(computed, expression=expression)

    def collation(self, collation: str) -> str | None:
        """A collation; ``None`` for the default one."""
        return collation

    def expression(self, expression: Expression, columns: Columns) -> Expression:
        """A condition, a predicate or an index key, with its comparison key."""
        return expression

    def mentioned_columns(self, item: Check | Index | Exclude, columns: Columns) -> tuple[str, ...]:
        """The columns that the expressions of a canonical member mention."""
        return item.columns

    # -- members ------------------------------------------------------------------------------------------------------

    def member(self, item: Member, columns: Columns) -> Member | None:
        """A constraint or index."""
        match item:
            case PrimaryKey() | Unique():
                return self.key(item)
            case ForeignKey():
                return self.foreign_key(item)
            case Check():
                return self.check(item, columns)
            case Index():
                return self.index(item, columns)
            case Exclude():
                return self.exclude(item, columns)
        return item

    def key(self, key: PrimaryKey | Unique) -> Member:
        """A primary key or unique constraint."""
        return replace_if_changed(key, **deferral(key), options=self.options(key.options, key.kind))

    def foreign_key(self, key: ForeignKey) -> Member | None:
        """A foreign key without the defaults NO ACTION and MATCH SIMPLE."""
        return replace_if_changed(
            key,
            on_update=_none_if_default(key.on_update, "no action"),
            on_delete=_none_if_default(key.on_delete, "no action"),
            match=_none_if_default(key.match, "simple"),
            **deferral(key),
            options=self.options(key.options, key.kind),
        )

    def check(self, check: Check, columns: Columns) -> Member:
        """A check."""
        done = replace_if_changed(check, expression=self.expression(check.expression, columns))
        return replace_if_changed(
            done, columns=self.mentioned_columns(done, columns), options=self.options(check.options, check.kind)
        )

    def index(self, index: Index, columns: Columns) -> Member:
        """An index."""
        done = replace_if_changed(
            index,
            elements=reuse_if_same(index.elements, tuple(self.element(element, columns) for element in index.elements)),
            where=self.expression(index.where, columns) if index.where is not None else None,
        )
        return replace_if_changed(
            done, columns=self.mentioned_columns(done, columns), options=self.options(index.options, index.kind)
        )

    def element(self, element: IndexElement, columns: Columns) -> IndexElement:
        """One key of an index."""
        if element.expression is None:
            return element
        expression = self.expression(element.expression, columns)
        return element if expression is element.expression else replace(element, expression=expression)

    def exclude(self, item: Exclude, columns: Columns) -> Member:
        """An exclusion constraint."""
        keys = tuple(self.element(key, columns) for key, _ in item.elements)
        unchanged = all(key is old for key, (old, _) in zip(keys, item.elements, strict=True))
        operators = (operator for _, operator in item.elements)
        done = replace_if_changed(
            item,
            elements=item.elements if unchanged else tuple(zip(keys, operators, strict=True)),
            where=self.expression(item.where, columns) if item.where is not None else None,
            **deferral(item),
        )
        return replace_if_changed(
            done, columns=self.mentioned_columns(done, columns), options=self.options(item.options, item.kind)
        )


def deferral(item: PrimaryKey | Unique | ForeignKey | Exclude) -> dict[str, Any]:
    """Canonical ``initially`` and ``deferrable``: INITIALLY DEFERRED implies deferrable, IMMEDIATE is the default."""
    initially = "deferred" if (item.initially or "").lower() == "deferred" else None
    return {"initially": initially, "deferrable": item.deferrable or initially is not None}


def _none_if_default(text: str | None, default: str) -> str | None:
    """``text`` in lower case with single blanks; ``None`` for the default."""
    if text is None:
        return None
    text = " ".join(text.lower().split())
    return None if text == default else text


def make_keys_not_null(objects: dict[Ref, Object]) -> bool:
    """Make the columns of primary keys NOT NULL. Returns whether any changed."""
    changed = False
    for item in list(objects.values()):
        if not isinstance(item, PrimaryKey):
            continue
        table = objects.get(item.table)
        if not isinstance(table, Table):
            continue
        for name in item.columns:
            column = table.columns.get(name)
            if column is not None and column.nullable:
                table = table.with_column(replace(column, nullable=False))
                objects[item.table] = table
                changed = True
    return changed
