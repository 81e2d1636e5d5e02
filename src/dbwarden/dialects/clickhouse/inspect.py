"""Inspection of a database: one query of ``system.*`` per kind of object (``catalog/*.sql``), whatever the number of tables.

``create_table_query`` has everything that a definition says, so that one reader serves tables and views of all engines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from dbwarden.core.dialect import Connection, Scope, Server
from dbwarden.core.model import (
    Check,
    Column,
    Computed,
    Index,
    IndexElement,
    Member,
    Object,
    Projection,
    Schema,
    Table,
)
from dbwarden.core.options import Options
from dbwarden.core.own_tables import without_own
from dbwarden.core.types import Expression, Ref
from dbwarden.dialects.base.catalog import catalog_query
from dbwarden.errors import Unsupported

from . import canonical, definitions, versions
from .definition_reader import ColumnClauses, TableDefinition, read, settings_in
from .replica_paths import restored
from .types import declared_type
from .versions import parsed
from .words import name_of, string_literal

_VIEWS = {
    "View": "view",
    "LiveView": "view",
    "WindowView": "view",
    "MaterializedView": "materialized_view",
    "Dictionary": "dictionary",
    "Function": "function",
    "NamedCollection": "named_collection",
}
"""Kinds of what the query shows beside tables, by engine."""


def server_of(conn: Connection) -> Server:
    """Version and settings of the server, in one query."""
    row = conn.query(catalog_query(__package__, "server"))[0]
    version, database, engine, zone, flatten = (None if value is None else str(value) for value in row)
    settings = {"database_engine": engine, "timezone": zone, "flatten_nested": flatten}
    return Server(parsed(version or ""), "clickhouse", database, f"ClickHouse {version}", Options.of(settings))


def columns_of(conn: Connection, name: str) -> frozenset[str]:
    """Names of the columns of a table in the current database, or in the one before the dot; empty if it does not exist."""
    database, _, table = name.rpartition(".")
    where = string_literal(name_of(database)) if database else "currentDatabase()"
    sql = f"SELECT name FROM system.columns WHERE database = {where} AND table = {string_literal(name_of(table))}"
    return frozenset(str(row[0]) for row in conn.query(sql))


def inspect(conn: Connection, scope: Scope, server: Server, *, scratch: bool = False) -> Schema:
    """Canonical schema of the current database, in one query.

    Raises ``Unsupported`` for another database.
    """
    for schema in scope.schemas:
        if schema not in (None, server.default_schema):
            raise Unsupported(
                feature=f"database {schema!r}", dialect="ClickHouse", reason="only the database of the URL is inspected"
            )
    parts = [catalog_query(__package__, "tables")]
    if scope.definitions and versions.has(server.version, versions.SERVER_OBJECTS):
        parts.append(catalog_query(__package__, "server_objects"))
    rows = conn.query("\nUNION ALL\n".join(parts))
    if scratch:
        rows = [(*row[:2], restored(str(row[2]), server.default_schema or "")) for row in rows]
    return schema_of(rows, server, definitions_too=scope.definitions)


def schema_of(rows: Iterable[Sequence[object]], server: Server, *, definitions_too: bool = True) -> Schema:
    """Canonical schema of rows with name, engine and definition."""
    views: list[tuple[str, str, str]] = []
    objects: list[Object] = []
    for name, engine, sql in rows:
        if engine in _VIEWS:
            views.append((_VIEWS[str(engine)], str(name), str(sql)))
        elif sql:  # empty without the right to see it
            objects += _objects(str(sql))
    if definitions_too:
        tables = {item.name: item for item in objects if isinstance(item, Table)}
        objects += definitions.of_views(views, tables, server)
    return without_own(canonical.canonical(Schema(objects), server))


# -- tables -----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)  # a proof reads the same definitions again and again
def _objects(sql: str) -> tuple[Object, ...]:
    """The table that a statement creates, and its members."""
    definition = read(sql)
    ref = definition.ref._replace(schema=None)
    columns = {column.name: _column(column) for column in definition.columns}
    table = Table(ref.name, columns, comment=definition.comment, options=_options(definition.clauses))
    return (table, *_members(definition, ref))


_CLAUSES = ("engine", "order_by", "partition_by", "primary_key", "sample_by", "ttl", "settings")


def _options(clauses: Mapping[str, str]) -> Options:
    return Options.of({name: clauses.get(name) for name in _CLAUSES})


def _column(column: ColumnClauses) -> Column:
    datatype, nullable = declared_type(column.type)
    generated = column.default_kind in ("MATERIALIZED", "ALIAS")
    expression = Expression(column.default) if column.default is not None else None
    options = {
        "codec": column.codec,
        "ttl": column.ttl,
        "statistics": column.statistics,
        "settings": column.settings,
        "ephemeral": "true" if column.default_kind == "EPHEMERAL" else None,
    }
    return Column(
        column.name,
        datatype,
        nullable,
        default=None if generated else expression,
        computed=Computed(expression, column.default_kind == "MATERIALIZED") if generated and expression else None,
        comment=column.comment,
        options=Options.of(options),
    )


def _members(definition: TableDefinition, table: Ref) -> Iterator[Member]:
    for constraint in definition.constraints:
        options = Options.of({"assume": "true" if constraint.kind == "ASSUME" else None})
        yield Check(table, constraint.name, Expression(constraint.expression), options=options)
    for index in definition.indexes:
        elements = (IndexElement(None, Expression(index.expression)),)
        options = Options.of({"granularity": index.granularity})
        yield Index(table, index.name, elements, method=index.type, options=options)
    for projection in definition.projections:
        settings = settings_in(projection.rest)
        options = Options.of({"settings": settings})
        yield Projection(table, projection.name, Expression(projection.query), options=options)
