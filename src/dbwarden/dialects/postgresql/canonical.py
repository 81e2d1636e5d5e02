"""Canonical form of a schema: type names, defaults, expressions and implicit names as the server would report them."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

from dbwarden.core.dialect import Server
from dbwarden.core.model import (
    NOTHING,
    Check,
    Column,
    CompositeType,
    Computed,
    Definition,
    Domain,
    Exclude,
    Identity,
    Index,
    IndexElement,
    Member,
    Object,
    Partition,
    PrimaryKey,
    Schema,
    Sequence,
    Table,
    Unique,
)
from dbwarden.core.options import NO_OPTIONS, Options
from dbwarden.core.schema_relocation import relocate
from dbwarden.core.sqltext import normalized
from dbwarden.core.types import DataType, Expression, NameRules, Ref
from dbwarden.dialects.base.canonical import Canonical, Columns, make_keys_not_null, replace_if_changed, reuse_if_same

from . import expression, foreign, names, opclasses, options, serials, types, words
from .identifier_truncation import truncate_identifiers
from .implicit_names import assign_implicit_names
from .partition_bounds import bounds_key
from .privilege_declarations import on_known_objects


def canonical(schema: Schema, server: Server) -> Schema:
    """Canonical form of ``schema``; ``schema`` itself if it is canonical already."""
    moved = truncate_identifiers(schema)
    moved = relocate(moved, server.default_schema, None) if server.default_schema else moved
    return on_known_objects(PostgreSQLCanonical(moved, server).schema())


class PostgreSQLCanonical(Canonical):
    """Walk over one schema with PostgreSQL's differences."""

    def __init__(self, schema: Schema, server: Server) -> None:
        super().__init__(schema)
        self.server = server
        self.names_in_texts = names_in_texts(server.default_schema)
        self.sequences = frozenset(ref for ref in schema if ref.kind == "sequence")
        self.other_types = {names.of(ref): ref for ref in schema if ref.kind in ("composite_type", "range_type")}
        self.collations = {ref.name: ref for ref in schema if ref.kind == "collation"}
        own = ((names.of(ref), ref) for ref in schema if ref.kind in ("domain", "enum"))
        self.named_types = {name: ref for name, ref in own if types.TYPES.get(name) is None}

    def complete(self, objects: dict[Ref, Object]) -> bool:
        completed = foreign.without_keys(objects)
        completed = make_keys_not_null(objects) or completed
        completed = _merge_keys(objects) or completed
        if not any(isinstance(item, Member) and item.name is None for item in objects.values()):
            return completed
        named = assign_implicit_names(objects.values())
        objects.clear()
        objects.update((item.ref, item) for item in named)
        return True

    def other(self, item: Object) -> Object:
        if isinstance(item, Sequence):
            type_ = types.canonical(item.type) if item.type else None
            numbers = options.numbers(item.options, type_.name if type_ else "bigint") if item.options else NO_OPTIONS
            return replace_if_changed(item, options=numbers, type=None if type_ and type_.name == "bigint" else type_)
        if (
            isinstance(item, Definition) and item.kind == "event_trigger"
        ):  # compared by its words: none is created only to be read
            return replace_if_changed(
                item, sql=_known(item.sql, normalized(item.sql.text.lower(), words.LEXICAL_RULES))
            )
        if isinstance(item, Definition):
            sql = item.sql
            known = sql.names is self.names_in_texts
            return item if known else replace(item, sql=Expression(sql.text, sql.key, self.names_in_texts))
        if isinstance(item, CompositeType):
            return self.composite(item)
        return self.domain(item) if isinstance(item, Domain) else item

    def composite(self, item: CompositeType) -> CompositeType:
        attributes = tuple(
            replace_if_changed(
                part, type=self.type(part.type), collation=self.collation(part.collation) if part.collation else None
            )
            for part in item.attributes
        )
        needs = item.needs.union(
            *(self.named(part.type) | self.declared_collation(part.collation) for part in attributes)
        )
        attributes = reuse_if_same(item.attributes, attributes)
        return (
            item
            if attributes is item.attributes and needs == item.needs
            else replace(item, attributes=attributes, needs=needs)
        )

    def named(self, type_: DataType) -> frozenset[Ref]:
        """Composite and range types that a type names."""
        ref = self.other_types.get(type_.name) if type_.ref is None else None
        return frozenset((ref,)) if ref is not None else NOTHING

    def domain(self, domain: Domain) -> Domain:
        """A domain, whose checks refer to the value as VALUE."""
        base = self.type(domain.type)
        value = {"value": base}
        checks = tuple((name, _known(check, expression.key(check.text, value))) for name, check in domain.checks)
        done = replace(
            domain,
            type=base,
            default=self.default(domain.default, base) if domain.default is not None else None,
            collation=self.collation(domain.collation) if domain.collation is not None else None,
            checks=tuple(sorted(checks)),
            needs=domain.needs | self.named(base) | self.declared_collation(domain.collation),
        )
        return domain if done == domain else done

    def options(self, values: Options, kind: str) -> Options:
        return options.known_options(values, kind) if values else NO_OPTIONS

    def table(self, table: Table) -> Table:
        done = super().table(table)
        if parents := done.options.get("inherits"):
            done = replace(done, needs=frozenset(self._parent(name, table) for name in parents.split(", ")))
        if server := done.options.get("server"):
            done = replace_if_changed(done, needs=done.needs | {Ref("foreign_server", server)})
        if not table.partitions:
            return done
        partitions = reuse_if_same(table.partitions, tuple(map(self.partition, table.partitions)))
        return done if partitions is table.partitions else replace(done, partitions=partitions)

    def _parent(self, name: str, table: Table) -> Ref:
        beside = Ref("table", name, table.schema)
        return beside if beside in self.tables else Ref("table", name)

    def partition(self, partition: Partition) -> Partition:
        """A partition, whose bounds are values and no expressions over columns."""
        bounds = _known(partition.bounds, bounds_key(partition.bounds.text))
        options = self.options(partition.options, "table")
        if bounds is partition.bounds and options == partition.options:
            return partition
        return replace(partition, bounds=bounds, options=options)

    # -- columns ------------------------------------------------------------------------------------------------------

    def column(self, column: Column, table: Table) -> Column:
        type_ = self.type(column.type)
        if self.other_types and (named := self.named(type_) - column.needs):
            column = replace(column, needs=column.needs | named)
        if column.collation in self.collations:
            column = replace(column, needs=column.needs | {self.collations[column.collation]})
        plain = column.default is None and column.identity is None and column.computed is None
        if plain and type_ is column.type and column.collation is None and not column.options:
            return column
        identity, needs = foreign.identity(_identity(column, type_), table), column.needs
        default = self.default(column.default, type_) if column.default is not None else None
        if column.default is not None and "nextval" in column.default.text.lower():
            needs = needs | serials.sequences_of(column.default.text, self.server.default_schema)
            drawn = serials.drawn_from(column.default.text, self.server.default_schema)
            if drawn is not None and serials.is_serial(column, type_, table, drawn, self.sequences):
                identity = Identity("serial", default=default)
        done = super().column(column, table)
        return replace_if_changed(
            done,
            nullable=column.nullable and identity is None,
            options=self.options(column.options, "column") if foreign.is_foreign(table) else NO_OPTIONS,
            default=None if identity is not None and identity.mode == "serial" else default,
            identity=identity,
            needs=needs,
        )

    def type(self, datatype: DataType) -> DataType:
        type_ = types.canonical(datatype)
        named = self.named_types.get(type_.name) if type_.ref is None else None
        return type_ if named is None else DataType(named.name, array=type_.array, ref=named)

    def default(self, default: Expression, type_: DataType) -> Expression | None:
        return _default(default, type_)

    def computed(self, computed: Computed, column: Column, table: Table) -> Computed:
        stored = computed.stored if computed.stored is not None else self.server.version < (18,)
        expression = with_comparison_key(computed.expression, table.columns, column.type)
        if expression is computed.expression and stored == computed.stored:
            return computed
        return Computed(expression, stored)

    def collation(self, collation: str) -> str | None:
        return None if collation == "default" else collation

    def declared_collation(self, collation: str | None) -> frozenset[Ref]:
        return frozenset((self.collations[collation],)) if collation in self.collations else NOTHING

    # -- members ------------------------------------------------------------------------------------------------------

    def expression(self, expression: Expression, columns: Columns) -> Expression:
        return with_comparison_key(expression, columns)

    def mentioned_columns(self, item: Check | Index | Exclude, columns: Columns) -> tuple[str, ...]:
        if isinstance(item, Check):
            return words.mentioned_columns(item.expression.text, columns)
        elements = item.elements if isinstance(item, Index) else tuple(element for element, _ in item.elements)
        texts = [part.text for part in (*(element.expression for element in elements), item.where) if part is not None]
        return words.mentioned_columns(" ".join(texts), columns) if texts else ()

    def index(self, index: Index, columns: Columns) -> Member:
        method = None if index.method is None or index.method.lower() == "btree" else index.method.lower()
        done = replace_if_changed(index, method=method, elements=_with_opclasses(index.elements, method))
        return super().index(done, columns)

    def exclude(self, item: Exclude, columns: Columns) -> Member:
        method = item.method.lower()
        keys = _with_opclasses(tuple(element for element, _ in item.elements), method)
        elements = tuple((key, operator) for key, (_, operator) in zip(keys, item.elements, strict=True))
        unchanged = all(a is b for a, (b, _) in zip(keys, item.elements, strict=True))
        return super().exclude(
            replace_if_changed(item, method=method, elements=item.elements if unchanged else elements), columns
        )

    def element(self, element: IndexElement, columns: Columns) -> IndexElement:
        nulls = element.nulls.lower() if element.nulls else None
        done = replace_if_changed(
            element, nulls=None if nulls == ("first" if element.descending else "last") else nulls
        )
        done = super().element(done, columns)
        if done.expression is None:
            return done
        if done.expression.key in columns:  # (column) is the column itself
            return replace(done, column=done.expression.key, expression=None)
        return replace_if_changed(done, column=None)


def _with_opclasses(elements: tuple[IndexElement, ...], method: str | None) -> tuple[IndexElement, ...]:
    return reuse_if_same(
        elements,
        tuple(
            replace_if_changed(element, opclass=opclasses.explicit_opclass(element.opclass, method))
            for element in elements
        ),
    )


# -- columns ------------------------------------------------------------------------------------------------------


def _identity(column: Column, type_: DataType) -> Identity | None:
    identity = column.identity
    if identity is None:
        return None
    mode = identity.mode
    if mode in ("auto", "auto_increment"):
        if type_.name not in serials.INTEGERS or column.default is not None:
            return None
        mode = "serial"
    identity_options = options.numbers(identity.options, type_.name) if identity.options else NO_OPTIONS
    default = _default(identity.default, type_) if identity.default is not None else None
    unchanged = (mode, identity_options) == (identity.mode, identity.options) and default is identity.default
    return identity if unchanged else replace(identity, mode=mode, options=identity_options, default=default)


def _default(default: Expression, type_: DataType) -> Expression | None:
    key = _default_key(default.text, type_)
    if key == "null":
        return None
    return _known(default, key)


@lru_cache(maxsize=16384)
def _default_key(text: str, type_: DataType) -> str:
    return expression.key(text, {}, type_)


def with_comparison_key(original: Expression, columns: Columns, target: DataType | None = None) -> Expression:
    """The expression with its comparison key over these columns."""
    key = expression_key(original.text, columns, target)
    return _known(original, key)


NAMES = NameRules(words.LEXICAL_RULES)
"""Rules by which names and strings of expressions are read."""


@lru_cache(maxsize=16)
def names_in_texts(default_schema: str | None) -> NameRules:
    """Rules for the names in the text of a view, trigger, policy and the like, which PostgreSQL keeps by object and column."""
    reserved = names.RESERVED
    return NameRules(words.LEXICAL_RULES, reserved=reserved, keeps_results=True, default_schema=default_schema)


def _known(original: Expression, key: str) -> Expression:
    unchanged = original.names is NAMES and key == original.key
    return original if unchanged else Expression(original.text, key, NAMES)


def expression_key(text: str, columns: Columns, target: DataType | None = None) -> str:
    """The comparison key of a text over these columns."""
    seen = tuple((name, columns[name].type) for name in words.mentioned_columns(text, columns))
    return _key(text, seen, target)


@lru_cache(maxsize=16384)
def _key(text: str, seen: tuple[tuple[str, DataType], ...], target: DataType | None) -> str:
    return expression.key(text, dict(seen), target)


# -- keys ---------------------------------------------------------------------------------------------------------


def _merge_keys(objects: dict[Ref, Object]) -> bool:
    """Remove keys that repeat another key of their table. Returns whether there were any.

    CREATE TABLE makes one constraint of them: the primary key if there is one, under the first explicit name
    (``transformIndexConstraints`` in src/backend/parser/parse_utilcmd.c).
    """
    keys = [item for item in objects.values() if isinstance(item, PrimaryKey | Unique)]
    keys.sort(key=lambda item: isinstance(item, Unique))
    first: dict[tuple[object, ...], Ref] = {}
    merged = False
    for key in keys:
        nulls = isinstance(key, Unique) and key.nulls_not_distinct
        shape = (key.table, key.columns, key.include, nulls, key.deferrable, key.initially)
        survivor: Any = objects[first.setdefault(shape, key.ref)]
        if survivor is key:
            continue
        merged = True
        del objects[key.ref]
        if survivor.name is None and key.name is not None:
            del objects[survivor.ref]
            named = replace(survivor, name=key.name, implicit=key.implicit)
            objects[named.ref] = named
            first[shape] = named.ref
    return merged
