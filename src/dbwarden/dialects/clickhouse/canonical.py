"""Canonical form of a schema: types, expressions and clauses as ``system.tables.create_table_query`` shows them.

Keys of SQLAlchemy's models become the sorting key. ClickHouse has neither unique constraints nor foreign keys nor numbered
columns, so that these leave no trace.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from dbwarden.core.dialect import Server
from dbwarden.core.model import (
    Check,
    Column,
    Computed,
    Definition,
    ForeignKey,
    Index,
    IndexElement,
    Member,
    Object,
    PrimaryKey,
    Projection,
    Schema,
    Table,
    Unique,
)
from dbwarden.core.options import Options
from dbwarden.core.schema_relocation import relocate
from dbwarden.core.tokens import mentioned_columns
from dbwarden.core.types import DataType, Expression, Ref
from dbwarden.dialects.base.canonical import Canonical, Columns, replace_if_changed
from dbwarden.dialects.base.options import known_options
from dbwarden.errors import Unsupported

from . import definitions, engines
from .expressions import key_parts
from .functions import expression, functions_of, query
from .nested import flattened
from .options import BY_KIND
from .types import declared_type, type_text
from .versions import PATH_MACROS, has
from .words import LEXICAL_RULES, NAMES

NEVER_NULLABLE = frozenset("Array Map Nested AggregateFunction Variant Dynamic Point Ring LineString MultiLineString Polygon"
                           " MultiPolygon MultiPoint Geometry QBit".split())  # fmt: skip
"""Types that ``Nullable`` cannot contain."""


def canonical(schema: Schema, server: Server) -> Schema:
    """Canonical form of ``schema``; ``schema`` itself if it is canonical already."""
    moved = relocate(schema, server.default_schema, None) if server.default_schema else schema
    return ClickHouseCanonical(moved, server).schema()


class ClickHouseCanonical(Canonical):
    """Walk over one schema with the differences of ClickHouse."""

    specs = BY_KIND

    def __init__(self, schema: Schema, server: Server) -> None:
        super().__init__(schema)
        self.server = server
        self.functions = functions_of(schema.objects())

    def complete(self, objects: dict[Ref, Object]) -> bool:
        described = self._described(objects)
        objects.update((item.ref, item) for item in described)
        named = _with_names(list(objects.values()))
        if named is None:
            return bool(described)
        objects.clear()
        objects.update((item.ref, item) for item in named)
        return True

    def _described(self, objects: dict[Ref, Object]) -> list[Definition]:
        """The definitions that models declare, as the server would report them."""
        declared = [item for item in objects.values() if isinstance(item, Definition) and item.sql.key == item.sql.text]
        every = list(objects.values()) if declared else ()
        return [definitions.described(item, every, self.functions) for item in declared]

    # -- tables and columns -------------------------------------------------------------------------------------------

    def table(self, table: Table) -> Table:
        if table.schema is not None:
            raise Unsupported(
                feature=f"database {table.schema!r} of table {table.name!r}",
                dialect="ClickHouse",
                reason="migrations change the database of the URL only",
                hint="Remove schema= from the model, or configure that database as one of its own.",
            )
        done = super().table(flattened(table, self.server))
        replaced = table.name if has(self.server.version, PATH_MACROS) else None
        values = engines.canonical_clauses(
            table.options, self.keys.get(table.ref), self.server.default_schema, replaced
        )
        options = known_options(values, self.specs["table"], lambda spec, value: value)
        comment = done.comment or None
        return (
            done
            if (options, comment) == (done.options, done.comment)
            else replace(done, options=options, comment=comment)
        )

    def options(self, options: Options, kind: str) -> Options:
        if kind == "table" or not options:
            return options
        return super().options(_normalized(options, kind), kind)

    def column(self, column: Column, table: Table) -> Column:
        done = super().column(_with_generated(column), table)
        declared = declared_type(type_text(column.type))
        nullable = (column.nullable or declared.nullable) and declared.datatype.name not in NEVER_NULLABLE
        options = done.options
        default = done.default
        if options.get("ephemeral") and default is not None and default.key.startswith("defaultvalueoftypename("):
            default = None  # what the server writes for EPHEMERAL without an expression
        if codec := options.get("codec"):
            options = options.with_(codec=engines.canonical_codec(codec, declared.datatype))
        return replace_if_changed(
            done,
            type=declared.datatype,
            nullable=nullable,
            default=default,
            identity=None,
            collation=None,
            comment=done.comment or None,
            options=options,
        )

    def default(self, default: Expression, type_: DataType) -> Expression | None:
        done = expression(default.text, self.functions) if default.key == default.text else default
        return None if done.key in ("NULL", "DEFAULT") else _same(default, done)

    def computed(self, computed: Computed, column: Column, table: Table) -> Computed:
        done = super().computed(computed, column, table)
        return done if done.stored is not None else replace(done, stored=False)

    def expression(self, expression_: Expression, columns: Columns) -> Expression:
        return _same(expression_, expression(expression_.text, self.functions))

    def mentioned_columns(self, item: Check | Index | object, columns: Columns) -> tuple[str, ...]:
        texts = []
        if isinstance(item, Check):
            texts = [item.expression.text]
        elif isinstance(item, Projection):
            texts = [item.query.text]
        elif isinstance(item, Index):
            texts = [element.expression.text for element in item.elements if element.expression is not None]
        return mentioned_columns(" , ".join(texts), columns, LEXICAL_RULES)

    # -- members ------------------------------------------------------------------------------------------------------

    def member(self, item: Member, columns: Columns) -> Member | None:
        if isinstance(item, PrimaryKey | Unique | ForeignKey):
            return None
        if isinstance(item, Projection):
            body = _same(item.query, query(item.query.text, self.functions))
            done = item if body is item.query else replace(item, query=body)
            return replace_if_changed(done, columns=self.mentioned_columns(done, columns))
        return super().member(item, columns)

    def index(self, index: Index, columns: Columns) -> Member:
        """An index is a data skipping index: ``minmax`` unless it says another type."""
        method = engines.canonical_call(index.method or "minmax")
        options = index.options.with_(granularity=engines.granularity(method, index.options.get("granularity")))
        plain = replace(
            index,
            elements=_split(index.elements),
            unique=False,
            method=method,
            include=(),
            where=None,
            comment=None,
            options=options,
        )
        done = super().index(plain if plain != index else index, columns)
        assert isinstance(done, Index)
        return index if done == index and done.elements == index.elements and done.columns == index.columns else done

    def element(self, element: IndexElement, columns: Columns) -> IndexElement:
        done = super().element(IndexElement(element.column, element.expression), columns)
        if done.expression is not None and (name := _plain_column(done.expression, columns)) is not None:
            return IndexElement(name)
        return element if done == element and done.expression is element.expression else done


def _split(elements: tuple[IndexElement, ...]) -> tuple[IndexElement, ...]:
    """The keys of an index, of which the server makes one expression: ``(a, lower(b))``."""
    if len(elements) != 1 or elements[0].expression is None:
        return elements
    parts = key_parts(elements[0].expression.text)
    return tuple(IndexElement(None, Expression(part)) for part in parts) if len(parts) > 1 else elements


def _same(old: Expression, new: Expression) -> Expression:
    return old if (old.text, old.key) == (new.text, new.key) and old.names == new.names else new


def _plain_column(expression_: Expression, columns: Columns) -> str | None:
    return next((name for name in columns if NAMES.written(name) == expression_.key), None)


def _with_generated(column: Column) -> Column:
    """A column whose keywords MATERIALIZED, ALIAS and EPHEMERAL are what they mean."""
    values = dict(column.options)
    for key, stored in (("materialized", True), ("alias", False)):
        if key in values:
            computed = Computed(Expression(values.pop(key)), stored)
            return replace(column, computed=computed, default=None, options=Options.of(values))
    text = values.get("ephemeral")
    if text not in (None, "true", "false"):
        values["ephemeral"] = "true"
        return replace(column, default=Expression(text or ""), options=Options.of(values))
    return column


def _normalized(options: Options, kind: str) -> Options:
    """Options whose values are spelled as the server prints them."""
    values: dict[str, str | None] = dict(options)
    for key in ("ttl", "statistics", "settings"):
        if value := values.get(key):
            values[key] = engines.NORMALIZED[key](value)
    return Options.of(values)


def _with_names(items: Iterable[Object]) -> list[Object] | None:
    """The objects with names for the members that have none; ``None`` if all have one."""
    items = list(items)
    if all(item.name is not None for item in items if isinstance(item, Member)):
        return None
    taken: dict[Ref, set[str]] = {}
    for item in items:
        if isinstance(item, Member) and item.name is not None:
            taken.setdefault(item.table, set()).add(item.name)
    return [_named(item, taken) if isinstance(item, Member) and item.name is None else item for item in items]


_SUFFIX: Mapping[str, str] = {"check": "check", "index": "idx", "projection": "projection"}


def _named(member: Member, taken: dict[Ref, set[str]]) -> Object:
    """The member with a name made of its table and columns."""
    stem = "_".join((member.table.name, *member.column_names()[:2], _SUFFIX.get(member.kind, member.kind)))
    names, name, number = taken.setdefault(member.table, set()), stem, 1
    while name in names:
        number += 1
        name = f"{stem}{number}"
    names.add(name)
    return replace(member, name=name, implicit=True)  # type: ignore[call-arg]
