"""A schema as the server would report it: type names, defaults, expressions, the names it makes up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, TypeVar

from dbwarden.core.dialect import Server
from dbwarden.core.model import (
    Check,
    Column,
    Computed,
    Domain,
    Exclude,
    ForeignKey,
    Identity,
    Index,
    IndexElement,
    Member,
    Object,
    PrimaryKey,
    Schema,
    Sequence,
    Table,
    Unique,
)
from dbwarden.core.options import NO_OPTIONS
from dbwarden.core.types import DataType, Expression, Ref

from . import chosen, clipping, expression, opclasses, options, serials, types, words
from .placing import placed

Columns = Mapping[str, DataType]
_M = TypeVar("_M", bound=Member)


def canonical(schema: Schema, server: Server) -> Schema:
    """``schema`` itself where it is canonical already."""
    moved = clipping.clipped(schema)
    moved = placed(moved, server.default_schema, None) if server.default_schema else moved
    tables = {ref: item for ref, item in moved.items() if isinstance(item, Table)}
    sequences = frozenset(ref for ref in moved if ref.kind == "sequence")
    found: dict[Ref, Object] = {}
    changed = moved is not schema
    unnamed = False
    for ref, item in moved.items():
        done = _object(item, tables, sequences, server)
        changed = changed or done is not item
        unnamed = unnamed or (isinstance(done, Member) and done.name is None)
        found[ref] = done
    changed = _not_null(found) or changed
    changed = _merge_keys(found) or changed
    if unnamed:
        return Schema(chosen.named(found.values()))
    return Schema(found) if changed else schema


def _merge_keys(found: dict[Ref, Object]) -> bool:
    """Take out what repeats another key of its table; whether there was any.

    CREATE TABLE makes one constraint of them, the primary key before all others, under the first name that one of them
    has (``transformIndexConstraints``).
    """
    keys = [item for item in found.values() if isinstance(item, PrimaryKey | Unique)]
    keys.sort(key=lambda item: isinstance(item, Unique))
    first: dict[tuple[object, ...], Ref] = {}
    merged = False
    for key in keys:
        nulls = isinstance(key, Unique) and key.nulls_not_distinct
        shape = (key.table, key.columns, key.include, nulls, key.deferrable, key.initially)
        kept: Any = found[first.setdefault(shape, key.ref)]
        if kept is key:
            continue
        merged = True
        del found[key.ref]
        if kept.name is None and key.name is not None:
            del found[kept.ref]
            named = replace(kept, name=key.name, implicit=key.implicit)
            found[named.ref] = named
            first[shape] = named.ref
    return merged


def _object(item: Object, tables: Mapping[Ref, Table], sequences: frozenset[Ref], server: Server) -> Object:
    if isinstance(item, Table):
        return _table(item, sequences, server)
    if isinstance(item, Member):
        table = tables.get(item.table)
        return _member(item, table.columns if table is not None else {})
    if isinstance(item, Sequence):
        type_ = types.canonical(item.type) if item.type else None
        kept = options.numbers(item.options, type_.name if type_ else "bigint") if item.options else NO_OPTIONS
        type_ = None if type_ and type_.name == "bigint" else type_
        return item if (kept, type_) == (item.options, item.type) else replace(item, options=kept, type=type_)
    return _domain(item) if isinstance(item, Domain) else item


# -- tables -------------------------------------------------------------------------------------------------------


def _table(table: Table, sequences: frozenset[Ref], server: Server) -> Table:
    columns: dict[str, Column] | None = None
    for name, column in table.columns.items():
        done = _column(column, table, sequences, server)
        if done is not column:
            columns = dict(table.columns) if columns is None else columns
            columns[name] = done
    kept = options.known(table.options, "table") if table.options else NO_OPTIONS
    if columns is None and kept == table.options:
        return table
    return replace(table, columns=columns or table.columns, options=kept)


def _column(column: Column, table: Table, sequences: frozenset[Ref], server: Server) -> Column:
    type_ = types.canonical(column.type)
    plain = column.default is None and column.identity is None and column.computed is None
    if plain and type_ is column.type and column.collation is None and not column.options:
        return column
    identity, needs = _identity(column, type_), column.needs
    if column.default is not None and "nextval" in column.default.text.lower():
        needs = needs | serials.sequences_of(column.default.text, server.default_schema)
        drawn = serials.drawn_from(column.default.text, server.default_schema)
        if drawn is not None and serials.is_serial(column, type_, table, drawn, sequences):
            identity = Identity("serial", default=_default(column.default, type_))
    default = None if identity is not None and identity.mode == "serial" else _default(column.default, type_)
    done = replace(
        column,
        type=type_,
        nullable=column.nullable and identity is None,
        default=default,
        identity=identity,
        computed=_computed(column, table, server),
        collation=_collation(column.collation),
        options=NO_OPTIONS,
        needs=needs,
    )
    return column if _same(done, column) else done


def _same(one: Column, other: Column) -> bool:
    same = one.needs == other.needs and one.identity is other.identity
    return same and one == other and _texts(one) == _texts(other)


def _texts(column: Column) -> tuple[str | None, str | None]:
    return (
        column.default.text if column.default is not None else None,
        column.computed.expression.text if column.computed is not None else None,
    )


def _collation(collation: str | None) -> str | None:
    return None if collation == "default" else collation


def _identity(column: Column, type_: DataType) -> Identity | None:
    identity = column.identity
    if identity is None:
        return None
    mode = identity.mode
    if mode in ("auto", "auto_increment"):
        if type_.name not in serials.INTEGERS or column.default is not None:
            return None
        mode = "serial"
    kept = options.numbers(identity.options, type_.name) if identity.options else NO_OPTIONS
    default = _default(identity.default, type_)
    unchanged = (mode, kept) == (identity.mode, identity.options) and default is identity.default
    return identity if unchanged else replace(identity, mode=mode, options=kept, default=default)


def _default(default: Expression | None, type_: DataType) -> Expression | None:
    if default is None:
        return None
    found = _default_key(default.text, type_)
    if found == "null":
        return None
    return default if found == default.key else Expression(default.text, found)


@lru_cache(maxsize=16384)
def _default_key(text: str, type_: DataType) -> str:
    return expression.key(text, {}, type_)


def _computed(column: Column, table: Table, server: Server) -> Computed | None:
    computed = column.computed
    if computed is None:
        return None
    stored = computed.stored if computed.stored is not None else server.version < (18,)
    done = keyed(computed.expression, table.columns, column.type)
    if done is computed.expression and stored == computed.stored:
        return computed
    return Computed(done, stored)


def keyed(found: Expression, columns: Mapping[str, Column], target: DataType | None = None) -> Expression:
    """The expression with its comparison key over these columns."""
    key = expression_key(found.text, columns, target)
    return found if key == found.key else Expression(found.text, key)


def expression_key(text: str, columns: Mapping[str, Column], target: DataType | None = None) -> str:
    """The comparison key of a text over these columns."""
    seen = tuple((name, columns[name].type) for name in words.mentioned(text, columns))
    return _key(text, seen, target)


@lru_cache(maxsize=16384)
def _key(text: str, seen: tuple[tuple[str, DataType], ...], target: DataType | None) -> str:
    return expression.key(text, dict(seen), target)


def _domain(domain: Domain) -> Domain:
    base = types.canonical(domain.type)
    value = {"value": base}
    checks = tuple((name, Expression(one.text, expression.key(one.text, value))) for name, one in domain.checks)
    done = replace(
        domain,
        type=base,
        default=_default(domain.default, base),
        collation=_collation(domain.collation),
        checks=tuple(sorted(checks)),
    )
    return domain if done == domain else done


# -- members ------------------------------------------------------------------------------------------------------


def _member(item: Member, columns: Mapping[str, Column]) -> Member:
    if isinstance(item, PrimaryKey | Unique):
        return _changed(item, **_deferred(item), options=_options(item))
    if isinstance(item, ForeignKey):
        actions = {name: _action(getattr(item, name)) for name in ("on_update", "on_delete", "match")}
        return _changed(item, **_deferred(item), **actions, options=_options(item))
    if isinstance(item, Check):
        found = keyed(item.expression, columns)
        seen = words.mentioned(found.text, columns)
        values = {"columns": seen, "options": _options(item)}
        return _changed(item, **values) if found is item.expression else replace(item, expression=found, **values)
    if isinstance(item, Index):
        return _index(item, columns)
    return _exclude(item, columns) if isinstance(item, Exclude) else item


def _changed(item: _M, **values: Any) -> _M:
    return item if all(getattr(item, name) == value for name, value in values.items()) else replace(item, **values)


def _options(item: Any) -> Any:
    return options.known(item.options, item.kind) if item.options else NO_OPTIONS


def _deferred(item: Any) -> dict[str, Any]:
    initially = "deferred" if (item.initially or "").lower() == "deferred" else None
    return {"initially": initially, "deferrable": item.deferrable or initially is not None}


def _action(text: str | None) -> str | None:
    if text is None:
        return None
    text = " ".join(text.lower().split())
    return None if text in ("no action", "simple") else text


def _index(item: Index, columns: Mapping[str, Column]) -> Index:
    where = keyed(item.where, columns) if item.where is not None else None
    method = None if item.method is None or item.method.lower() == "btree" else item.method.lower()
    elements = tuple(_element(_plain(element, method), columns) for element in item.elements)
    seen = _seen((*(one.expression for one in elements), where), columns)
    unchanged = where is item.where and all(a is b for a, b in zip(elements, item.elements, strict=True))
    values = {"method": method, "columns": seen, "options": _options(item)}
    return _changed(item, **values) if unchanged else replace(item, elements=elements, where=where, **values)


def _seen(found: Iterable[Expression | None], columns: Mapping[str, Column]) -> tuple[str, ...]:
    texts = [one.text for one in found if one is not None]
    if not texts:
        return ()
    return words.mentioned(" ".join(texts), columns)


def _plain(element: IndexElement, method: str | None) -> IndexElement:
    opclass = opclasses.named(element.opclass, method)
    return element if opclass == element.opclass else replace(element, opclass=opclass)


def _element(element: IndexElement, columns: Mapping[str, Column]) -> IndexElement:
    nulls = element.nulls.lower() if element.nulls else None
    if nulls == ("first" if element.descending else "last"):
        nulls = None
    if element.expression is None:
        return element if nulls == element.nulls else replace(element, nulls=nulls)
    found = keyed(element.expression, columns)
    if found.key in columns:  # a lone column in parentheses is the column
        return replace(element, column=found.key, expression=None, nulls=nulls)
    if found is element.expression and nulls == element.nulls and element.column is None:
        return element
    return replace(element, column=None, expression=found, nulls=nulls)


def _exclude(item: Exclude, columns: Mapping[str, Column]) -> Exclude:
    method = item.method.lower()
    elements = tuple((_element(_plain(element, method), columns), operator) for element, operator in item.elements)
    where = keyed(item.where, columns) if item.where is not None else None
    seen = _seen((*(one.expression for one, _ in elements), where), columns)
    values = {"method": method, "columns": seen, "options": _options(item), **_deferred(item)}
    unchanged = where is item.where and all(a[0] is b[0] for a, b in zip(elements, item.elements, strict=True))
    return _changed(item, **values) if unchanged else replace(item, elements=elements, where=where, **values)


def _not_null(found: dict[Ref, Object]) -> bool:
    """Columns of primary keys are NOT NULL, whatever the model says."""
    changed = False
    for item in list(found.values()):
        if not isinstance(item, PrimaryKey):
            continue
        table = found.get(item.table)
        if not isinstance(table, Table):
            continue
        for name in item.columns:
            column = table.columns.get(name)
            if column is not None and column.nullable:
                table = table.with_column(replace(column, nullable=False))
                found[item.table] = table
                changed = True
    return changed
