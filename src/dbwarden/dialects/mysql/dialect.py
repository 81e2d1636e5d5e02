"""MySQL and MariaDB as a ``Dialect``; each method delegates to a module of this package."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from dbwarden.core.dialect import Features, Server
from dbwarden.core.own_tables import OwnTables
from dbwarden.core.sqltext import LexicalRules
from dbwarden.dialects.base.deferred import deferred
from dbwarden.dialects.base.dialect import BaseDialect
from dbwarden.errors import ServerMismatch

from . import words

if TYPE_CHECKING:
    from dbwarden.core.archive import Archive
    from dbwarden.core.change import Change
    from dbwarden.core.ddl.statements import Statement
    from dbwarden.core.declared_object import DeclaredObject
    from dbwarden.core.diagnosis import Diagnosis
    from dbwarden.core.dialect import (
        ColumnAttributes,
        Connection,
        NativeLock,
        Prefs,
        Scope,
        ScratchProvider,
        ScratchRequest,
        Size,
        Transfer,
    )
    from dbwarden.core.model import Column, Definition, Object, Schema, Table
    from dbwarden.core.options import OptionSpec
    from dbwarden.core.row_demands import OffendingRows, RowDemand
    from dbwarden.core.statement import Facts, Recovery
    from dbwarden.core.table_runner import TableRunners
    from dbwarden.core.type_table import TypeChange, TypeTable
    from dbwarden.core.types import DataType, Ref
    from dbwarden.dialects.base.renderer import Renderer
    from dbwarden.errors import PermissionDenied

    from . import (
        alter_table_merging,
        backup,
        canonical,
        columns,
        ddl,
        declarations,
        definitions,
        event_times,
        facts,
        history,
        inspect,
        lock,
        offending_rows,
        options,
        probe,
        regroup,
        renderer,
        replacement,
        restore_databases,
        rights,
        scratch,
        server_normalization,
        server_version,
        sizes,
        sqlalchemy_dialect,
        statements,
        table_runners,
        type_changes,
        types,
    )
else:
    globals().update(
        deferred(
            __package__,
            "alter_table_merging backup canonical columns ddl declarations definitions event_times "
            "facts history inspect lock offending_rows "
            "options probe regroup renderer replacement restore_databases rights scratch server_normalization server_version sizes "
            "sqlalchemy_dialect statements table_runners type_changes types",
        )
    )

LACKING = frozenset(
    "extension namespace enum enum_value domain composite_type range_type aggregate event_trigger partition foreign_table unique"
    " exclude materialized_view rule policy statistics publication owner foreign_server publication_table publication_schema"
    " collation text_search_dictionary text_search_configuration security_label"
    " default_privileges virtual_table shadow_table projection dictionary named_collection".split()
)
"""Kinds that neither flavour has. A unique constraint is a unique index."""

TEXTS = frozenset(("view", "trigger", "function", "procedure", "event"))
"""Kinds of objects with a text of their own."""
NOW = "UTC_TIMESTAMP(6)"
MYSQL = Features(
    transactional_ddl=False,
    late_binding=True,
    keeps_old_names=TEXTS,
    repeatable_definitions=TEXTS,
    described_definitions=TEXTS | {"role", "membership", "grant"},
    of_server=frozenset(("role", "membership", "grant")),
    replaceable=frozenset(("view", "event")),
    local_settings=False,
    lock_queues=True,
    implicit_defaults=True,
    numbers_rows=True,
    indexes_foreign_keys=True,
    column_places=True,
    for_share="LOCK IN SHARE MODE",
    now=NOW,
    lacks=LACKING | {"sequence"},
    renames=frozenset(("table", "column", "index", "view")),
    caseless_names=frozenset(("column", "index", "check", "foreign_key")),
    shared_names=(frozenset(("table", "view")),),
)
MARIADB = replace(
    MYSQL,
    lacks=LACKING,
    replaceable=TEXTS,
    described_definitions=MYSQL.described_definitions | {"aggregate"},
    shared_names=(frozenset(("table", "view", "sequence")),),
)
FLAVOURS = {
    "mysql": Server((8, 4), "mysql", product="MySQL"),
    "mariadb": Server((10, 11), "mariadb", product="MariaDB"),
}
"""Servers to print for if none is known: the long-term versions."""

OWN_TYPES = {
    "serial primary key": "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY",
    "integer": "INTEGER",
    "double": "DOUBLE",
    "timestamp": "DATETIME(6)",
    "name": "VARCHAR(255)",
    "text": "MEDIUMTEXT",
    "boolean": "BOOLEAN",
    "owner": "VARCHAR(255) NOT NULL",
}


@dataclass(frozen=True)
class MySQL(BaseDialect):
    """Dialect of MySQL 8.0 and later and of MariaDB 10.6 and later."""

    server: Server = field(default_factory=lambda: FLAVOURS["mysql"])

    lexical_rules: ClassVar[LexicalRules] = words.LEXICAL_RULES
    own_types: ClassVar[Mapping[str, str]] = OWN_TYPES

    @property
    def name(self) -> str:
        return self.server.flavour

    @property
    def features(self) -> Features:
        return MARIADB if self.server.flavour == "mariadb" else MYSQL

    def for_server(self, server: Server) -> Self:
        """The dialect of a certain server. Raises ``ServerMismatch`` for MySQL where MariaDB is expected, as SQLAlchemy does;
        the reverse is common, since MariaDB is reached by ``mysql://`` too."""
        if (self.server.flavour, server.flavour) == ("mariadb", "mysql"):
            raise ServerMismatch(product=server.product, type=self.server.flavour, server_type=server.flavour)
        return replace(self, server=server)

    @property
    def renderer(self) -> Renderer:
        return renderer.for_server(self.server)

    @property
    def types(self) -> TypeTable:
        return types.types_of(self.server)

    @property
    def options(self) -> Mapping[str, tuple[OptionSpec, ...]]:
        return options.BY_KIND

    @property
    def archive(self) -> Archive:
        return backup.SqlDump(self.server.flavour)

    @property
    def table_runners(self) -> TableRunners:
        return table_runners.Runners(self.server)

    def canonical(self, schema: Schema) -> Schema:
        return canonical.canonical(schema, self.server)

    def regroup(self, changes: Sequence[Change], before: Schema, after: Schema) -> Sequence[Change]:
        return regroup.regroup(changes, before, after, self.server)

    def recreated_by(self, change: Change, before: Schema, after: Schema) -> frozenset[Ref]:
        return ddl.recreated_by(change, before, after, self.server)

    def declared_by_statement(self, sql: str) -> tuple[DeclaredObject, ...]:
        from . import declared_statements  # deferred: few projects have schema files

        return declared_statements.declared(sql, self.server)

    def replaces(self, before: Definition, after: Definition) -> bool:
        return replacement.replaces(before, after)

    def repeatable(self, definition: Definition) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return replacement.repeatable(definition, renderer.for_server(self.server))

    def ddl(self, change: Change, before: Schema, after: Schema, prefs: Prefs) -> tuple[str, ...]:
        return ddl.ddl(change, before, after, prefs, self.server)

    def is_costly_place(self, column: Column, following: Sequence[Column]) -> bool:
        return columns.is_costly_place(column, following, self.server)

    def merge_statements(self, statements: Sequence[str]) -> Sequence[str]:
        return alter_table_merging.merge_statements(statements)

    def parse(self, sql: str) -> Statement:
        return statements.statement(sql, self.server.default_schema)

    def facts(self, sql: str) -> Facts:
        return facts.facts(sql, self.server)

    def facts_of(self, statement: Statement) -> Facts:
        return facts.facts_of(statement, self.server)

    def facts_on(self, known: Facts, statement: Statement, schema: Schema) -> Facts:
        return facts.facts_on(known, statement, schema, self.server)

    def from_sqlalchemy(self, type_: Any, sqlalchemy: Any = None) -> tuple[DataType, tuple[Object, ...]]:
        return types.from_sqlalchemy(type_, sqlalchemy, self.server), ()

    def column_attributes(self, type_: Any, sqlalchemy: Any) -> ColumnAttributes:
        return types.column_attributes(type_, sqlalchemy, self.server)

    def declared_objects(self, metadata: Any, sqlalchemy: Any) -> Iterable[Definition]:
        kinds_declared = self.features.described_definitions
        return declarations.declared_objects(metadata, sqlalchemy, self.parse, kinds_declared, self.server)

    def declaration(self, item: Object) -> DeclaredObject | None:
        return declarations.declaration(item) or declarations.with_attributes(super().declaration(item), item)

    def configure_sqlalchemy(self, sqlalchemy: Any) -> None:
        sqlalchemy_dialect.configure(sqlalchemy, self.server)

    def keywords(self, item: Any, sqlalchemy: Any) -> Mapping[str, Any]:
        return sqlalchemy_dialect.keywords(item, sqlalchemy)

    def ignored_keywords(self, item: Any, sqlalchemy: Any) -> Iterable[str]:
        return sqlalchemy_dialect.ignored_keywords(item, sqlalchemy)

    def unknown_keywords(self, item: Any, sqlalchemy: Any) -> Iterable[str]:
        return sqlalchemy_dialect.unknown_keywords(item, sqlalchemy)

    def version_notes(self, schema: Schema) -> Iterable[str]:
        return types.version_notes(schema, self.server)

    def parse_type(self, text: str) -> DataType:
        return types.parse(text)

    def type_change(self, before: DataType, after: DataType) -> TypeChange:
        return type_changes.change(before, after, self.server)

    def session_settings(self, before: DataType, after: DataType, using: str | None = None) -> tuple[str, ...]:
        return type_changes.session_settings(before, after)

    @property
    def session_variations(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return type_changes.SESSION_VARIATIONS

    def history_ddl(self, table: str, tables: OwnTables) -> tuple[str, ...]:
        return history.history_ddl(table, tables, OWN_TYPES)

    def history_upgrade(self, table: str, tables: OwnTables, column: str) -> tuple[str, ...]:
        return history.history_upgrade(table, tables, column, OWN_TYPES)

    def columns_of(self, conn: Connection, name: str) -> frozenset[str]:
        return history.columns_of(conn, name)

    def restore_in_progress(self, conn: Connection) -> str:
        return restore_databases.restore_in_progress(conn)

    def inspect(self, conn: Connection, scope: Scope) -> Schema:
        return inspect.inspect(conn, scope, self.server if self.server.settings else server_version.server_of(conn))

    def differs_from_default(self, column: Column) -> str | None:
        return sizes.differs_from_default(column)

    def offending_rows(self, conn: Connection, demand: RowDemand, schema: Schema, limit: int) -> OffendingRows | None:
        return offending_rows.MySQLRows(self.renderer, self.server).offending_rows(conn, demand, schema, limit)

    def sizes(self, conn: Connection) -> Mapping[Ref, Size]:
        return sizes.sizes(conn)

    def server_of(self, conn: Connection) -> Server:
        return server_version.server_of(conn)

    def diagnose(self, conn: Connection) -> Iterable[Diagnosis]:
        from . import health  # deferred: one command needs it

        return health.diagnose(conn, self.server if self.server.version else self.server_of(conn))

    def recovery(self, sql: str) -> Recovery:
        return probe.recovery(sql, self.server)

    def probe(self, conn: Connection, sql: str, *, refused: bool = False, since: datetime | None = None) -> bool | None:
        return probe.probe(conn, sql, refused, self.server)

    def normalize_on_server(self, conn: Connection, current: Schema, desired: Schema, refs: Iterable[Ref]) -> Schema:
        return server_normalization.normalize_on_server(conn, current, desired, refs, self.server)

    def locker(self, conn: Connection, key: str) -> NativeLock:
        return lock.NamedLock(conn, key)

    def scratch_providers(self, request: ScratchRequest) -> Sequence[ScratchProvider]:
        return scratch.scratch_providers(request, self.server)

    def first_object(self, conn: Connection) -> str | None:
        return scratch.first_object(conn)

    def clear(self, conn: Connection) -> None:
        scratch.clear(conn)

    def missing_dependency(self, conn: Connection, sqlstate: str | None, message: str) -> str | None:
        return scratch.missing_dependency(message)

    def remedy(self, conn: Connection, error: PermissionDenied, tables: OwnTables) -> str:
        return rights.remedy(conn, error, tables)

    def literal(self, column: Column, value: Any) -> str:
        from . import seed_rows  # deferred: one command needs it

        return seed_rows.literal(column, value)

    def upsert(self, table: Table, key: Sequence[str], rows: Sequence[Sequence[str]], *, update: bool) -> str:
        from . import seed_rows

        return seed_rows.upsert(self.transfer(table), table, self.server, key, rows, update=update)

    def transfer(self, table: Table) -> Transfer:
        return scratch.transfer(table, self.server)

    def creation_notes(self, conn: Connection, schema: Schema) -> Iterable[str]:
        event_times.ensure_to_come(conn, schema)
        return definitions.missing_accounts(conn, schema)

    def broken_objects(self, conn: Connection) -> Mapping[Ref, str]:
        return definitions.broken_objects(conn)


def create(engine: str) -> MySQL:
    """The dialect for an engine of ``core.engine``: ``mysql`` or ``mariadb``."""
    return MySQL(FLAVOURS[engine])
