"""Base class of all dialects, with the answers of an engine that needs nothing special.

Methods import what they answer with: a command that only connects needs the features and little else (``deferred``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from dbwarden.core.dialect import Liveness, Server
from dbwarden.core.own_tables import LOCK, OwnTables, later_type

if TYPE_CHECKING:
    from dbwarden.core.access_right import AccessRight, AccessRights
    from dbwarden.core.archive import Archive
    from dbwarden.core.change import Change
    from dbwarden.core.ddl.statements import CreateTable, Statement
    from dbwarden.core.declared_object import ClauseDeclarations, DeclaredObject
    from dbwarden.core.diagnosis import Diagnosis
    from dbwarden.core.dialect import (
        Cluster,
        ClusterHost,
        ColumnAttributes,
        Connection,
        Dialect,
        Holder,
        MergedRows,
        NativeLock,
        PartialExecution,
        Prefs,
        Scope,
        ScratchProvider,
        ScratchRequest,
        Size,
        SuspendedWork,
        TransactionHooks,
        Transfer,
    )
    from dbwarden.core.host_drift import HostState
    from dbwarden.core.model import Column, Definition, Member, Object, Partition, Schema, Table
    from dbwarden.core.options import OptionSpec
    from dbwarden.core.row_demands import OffendingRows, RowDemand
    from dbwarden.core.statement import Facts, Recovery
    from dbwarden.core.store import LockCell
    from dbwarden.core.table_runner import TableRunners
    from dbwarden.core.type_table import TypeChange, TypeTable
    from dbwarden.core.types import DataType, Ref
    from dbwarden.errors import PermissionDenied

    from .renderer import Renderer
else:
    Dialect = object
    """Interfaces are for the type checker: to inherit them at run time would import all of them."""


class NoTransactionHooks:
    """Transaction hooks that do nothing."""

    def open(self) -> None:
        """Do nothing before BEGIN."""

    def check(self) -> None:
        """Do nothing before COMMIT."""

    def close(self) -> None:
        """Do nothing after COMMIT or ROLLBACK."""


class NoNativeLock:
    """Native lock of an engine that cannot tell whether the session of a holder still exists."""

    def enter(self) -> str:
        """Return no session identity."""
        return ""

    def leave(self) -> None:
        """Do nothing: there is nothing to release."""

    def liveness(self, holder: Holder) -> Liveness:
        """Return ``UNKNOWN``."""
        return Liveness.UNKNOWN


@dataclass(frozen=True, slots=True)
class BaseDialect(Dialect):
    """Dialect with defaults. A vendor implements the rest: types, canonical form, renderer, inspection."""

    server: Server = field(default_factory=Server)

    own_types: ClassVar[Mapping[str, str]]
    """SQL types of our own tables, by the words of ``core.own_tables``."""

    @property
    def options(self) -> Mapping[str, tuple[OptionSpec, ...]]:
        return {}

    @property
    def archive(self) -> Archive | None:
        return None

    @property
    def table_runners(self) -> TableRunners | None:
        return None

    @property
    def types(self) -> TypeTable:
        from .types import STANDARD

        return STANDARD

    @property
    def renderer(self) -> Renderer:
        """Printer of the engine's DDL."""
        raise NotImplementedError

    def for_server(self, server: Server) -> Self:
        return replace(self, server=server)

    def for_backups(self, place: str) -> Self:
        from dbwarden.errors import Unsupported

        raise Unsupported(
            feature="the setting backup_to", dialect=self.name, reason="its server saves no backups itself"
        )

    def for_cluster(self, name: str) -> Self:
        from dbwarden.errors import Unsupported

        raise Unsupported(feature="the setting cluster", dialect=self.name, reason="it has no clusters with names")

    def for_host(self, host: ClusterHost, hosts: Sequence[ClusterHost]) -> Self:
        return self

    def for_single_server(self) -> Self:
        return self

    def for_scratch(self) -> Self:
        return self.for_single_server()

    def cluster_of(self, conn: Connection) -> Cluster | None:
        return None

    def unreplicated_engine(self, sql: str) -> str | None:
        return None

    def merged_rows(self, table: CreateTable, source: Ref, former: CreateTable | None) -> MergedRows | None:
        return None

    def host_states(
        self, conn: Connection, cluster: Cluster, open_host: Callable[[ClusterHost], Connection]
    ) -> Sequence[HostState]:
        return ()

    def url_of_host(self, url: str, host: ClusterHost, hosts: Sequence[ClusterHost]) -> str:
        from dbwarden.errors import Unsupported

        raise Unsupported(feature="a connection to one host", dialect=self.name, reason="it has no clusters with names")

    # -- schema -------------------------------------------------------------------------------------------------------

    def regroup(self, changes: Sequence[Change], before: Schema, after: Schema) -> Sequence[Change]:
        """Move the members of a new table into its CREATE TABLE."""
        from dbwarden.core.order import fold

        return fold(changes, inline=self.features.inline_foreign_keys)

    def ddl(self, change: Change, before: Schema, after: Schema, prefs: Prefs) -> tuple[str, ...]:
        return self.renderer.statements(change, before, after)

    def is_costly_place(self, column: Column, following: Sequence[Column]) -> bool:
        return False

    def quote(self, name: str) -> str:
        return self.renderer.quote(name)

    def type_sql(self, datatype: DataType) -> str:
        return self.renderer.type(datatype)

    def column_sql(self, column: Column) -> str:
        return self.renderer.column(column)

    def column_attributes(self, type_: Any, sqlalchemy: Any) -> ColumnAttributes | None:
        return None

    def is_nullable(self, column: Any, sqlalchemy: Any) -> bool | None:
        return None

    def declared_members(self, table: Any, ref: Ref) -> Iterable[Member]:
        return ()

    def declared_partitions(self, table: Any, ref: Ref, sqlalchemy: Any) -> tuple[Partition, ...]:
        return ()

    def declared_objects(self, metadata: Any, sqlalchemy: Any) -> Iterable[Object]:
        return ()

    def declared_statement(self, item: Any) -> Definition:
        from .declarations import declared_statement

        return declared_statement(item, self.parse)

    def declared_by_statement(self, sql: str) -> tuple[DeclaredObject, ...]:
        """None."""
        return ()

    def declaration(self, item: Object) -> DeclaredObject | None:
        from .declarations import declaration

        return declaration(item, self.lexical_rules) if item.kind in self.features.described_definitions else None

    def clause_declarations(self) -> ClauseDeclarations | None:
        return None

    def configure_sqlalchemy(self, sqlalchemy: Any) -> None:
        """Leave it as it is."""

    def keywords(self, item: Any, sqlalchemy: Any) -> Mapping[str, Any]:
        """Those that begin with the name of the dialect."""
        from .keywords import with_prefix

        return with_prefix(item, sqlalchemy.name)

    def ignored_keywords(self, item: Any, sqlalchemy: Any) -> Iterable[str]:
        return ()

    def unknown_keywords(self, item: Any, sqlalchemy: Any) -> Iterable[str]:
        return ()

    def version_notes(self, schema: Schema) -> Iterable[str]:
        return ()

    def parse_type(self, text: str) -> DataType:
        from dbwarden.core.types import parse_type

        return parse_type(text, self.lexical_rules)

    def type_change(self, before: DataType, after: DataType) -> TypeChange:
        from dbwarden.core.type_change import type_change

        return type_change(before, after, self.types)

    def recreated_by(self, change: Change, before: Schema, after: Schema) -> frozenset[Ref]:
        return frozenset()

    def replaces(self, before: Definition, after: Definition) -> bool:
        return False

    def repeatable(self, definition: Definition) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """DROP IF EXISTS and CREATE."""
        from dbwarden.core.repeatables import if_exists

        dropped = if_exists(self.renderer.drop_definition(definition))
        return (*dropped, *self.renderer.create_definition(definition)), dropped

    def refreshes(self, changes: Sequence[Change], before: Schema, after: Schema, prefs: Prefs) -> Iterable[str]:
        return ()

    def merge_statements(self, statements: Sequence[str]) -> Sequence[str]:
        return statements

    def session_settings(self, before: DataType, after: DataType, using: str | None = None) -> tuple[str, ...]:
        return ()

    @property
    def session_variations(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return (), ()

    def assumed_zone(self, before: DataType, after: DataType) -> str | None:
        return None

    def lost_by_options(self, before: Table | Column, after: Table | Column) -> str | None:
        return None

    def holds_rows(self, table: Table) -> bool:
        return True

    def autoincrement_column(self, table: Ref, schema: Schema) -> str | None:
        return None

    def differs_from_default(self, column: Column) -> str | None:
        return None

    # -- statements ---------------------------------------------------------------------------------------------------

    def parse(self, sql: str) -> Statement:
        from dbwarden.core.ddl.parse import Grammar, parse

        return parse(sql, Grammar(self.lexical_rules, self.server.default_schema))

    def facts(self, sql: str) -> Facts:
        """Facts of a statement; the reach of a statement that cannot be parsed is unknown."""
        from dbwarden.core.ddl.statements import Unknown
        from dbwarden.core.statement import Reach

        statement = self.parse(sql)
        reach = Reach.UNKNOWN if isinstance(statement, Unknown) else Reach.DATABASE
        return replace(self.facts_of(statement), reach=reach)

    def facts_of(self, statement: Statement) -> Facts:
        from .facts import standard_facts

        return standard_facts(statement)

    def facts_on(self, known: Facts, statement: Statement, schema: Schema) -> Facts:
        """The same for every table."""
        return known

    def analyze_file(self, statements: Sequence[str]) -> tuple[Facts, ...]:
        """Facts of each statement by itself."""
        return tuple(self.facts(sql) for sql in statements)

    def recovery(self, sql: str) -> Recovery:
        from dbwarden.core.statement import Recovery

        return Recovery()

    # -- server -------------------------------------------------------------------------------------------------------

    def sizes(self, conn: Connection) -> Mapping[Ref, Size]:
        return {}

    def offending_rows(self, conn: Connection, demand: RowDemand, schema: Schema, limit: int) -> OffendingRows | None:
        from .offending_rows import RowQueries

        return RowQueries(self.renderer).offending_rows(conn, demand, schema, limit)

    def transaction_hooks(self, conn: Connection, statements: Sequence[str]) -> TransactionHooks:
        return NoTransactionHooks()

    def namespaces(self, conn: Connection) -> tuple[str, ...]:
        return ()

    def creation_notes(self, conn: Connection, schema: Schema) -> Iterable[str]:
        return ()

    def broken_objects(self, conn: Connection) -> Mapping[Ref, str]:
        return {}

    def probe(self, conn: Connection, sql: str, *, refused: bool = False, since: datetime | None = None) -> bool | None:
        """False for a refused or repeatable statement, which then runs again; None for any other."""
        from dbwarden.core.statement import Evidence

        return False if refused or self.recovery(sql).evidence is Evidence.REPEATABLE else None

    def complete(
        self,
        conn: Connection,
        sql: str,
        partial: PartialExecution,
        connect: Callable[[str], Connection],
        report: Callable[[str], None],
    ) -> Sequence[str]:
        from dbwarden.errors import Unsupported

        raise Unsupported(feature="a statement on several hosts", dialect=self.name, reason="it has no clusters")

    def execute(self, conn: Connection, sql: str, report: Callable[[str], None]) -> None:
        conn.execute(sql)

    def suspended_work(self, conn: Connection) -> Sequence[SuspendedWork]:
        return ()

    def dependents(self, conn: Connection, columns: Collection[Ref]) -> Sequence[tuple[Ref, Ref]]:
        return ()

    def other_objects(self, conn: Connection, scope: Scope) -> Sequence[Definition]:
        return ()

    def access_rights(self, conn: Connection) -> AccessRights:
        from dbwarden.core.access_right import AccessRights  # deferred: one command needs it

        return AccessRights()

    def table_rights(self, conn: Connection) -> Sequence[AccessRight]:
        return ()

    def normalize_on_server(self, conn: Connection, current: Schema, desired: Schema, refs: Iterable[Ref]) -> Schema:
        """Return ``desired``: expressions with different tokens count as different."""
        return desired

    def diagnose(self, conn: Connection) -> Iterable[Diagnosis]:
        return ()

    def restore_in_progress(self, conn: Connection) -> str:
        return ""

    def locker(self, conn: Connection, key: str) -> NativeLock | None:
        return NoNativeLock()

    def missing_dependency(self, conn: Connection, sqlstate: str | None, message: str) -> str | None:
        return None

    def remedy(self, conn: Connection, error: PermissionDenied, tables: OwnTables) -> str:
        return "Ask who administers the database for the right."

    # -- scratch ------------------------------------------------------------------------------------------------------

    def scratch_providers(self, request: ScratchRequest) -> Sequence[ScratchProvider]:
        return ()

    def first_object(self, conn: Connection) -> str | None:
        raise self.renderer.unsupported("a scratch database", "this version cannot tell whether one is empty")

    def clear(self, conn: Connection) -> None:
        raise self.renderer.unsupported("a scratch database", "this version cannot empty one")

    def transfer(self, table: Table) -> Transfer:
        """Transfer every value as the driver returns it."""
        from dbwarden.core.dialect import Transfer

        columns = tuple(name for name, column in table.columns.items() if column.computed is None)
        listed = self.renderer.names(columns)
        places = tuple(f":c{at}" for at in range(len(columns)))
        name = self.renderer.of(table.ref)
        return Transfer(columns, f"SELECT {listed} FROM {name}", f"INSERT INTO {name} ({listed})", places, source=name)

    # -- seeds --------------------------------------------------------------------------------------------------------

    def row_query(self, table: Table, key: Sequence[str], where: str | None, limit: int | None) -> str:
        from . import seed_rows  # deferred: one command needs it

        return seed_rows.query(self.transfer(table), self.quote, key, where, limit)

    def row_values(self, table: Table, row: Sequence[Any]) -> tuple[str, ...]:
        from . import seed_rows

        transfer = self.transfer(table)
        literals = [self.literal(table.columns[name], value) for name, value in zip(transfer.columns, row, strict=True)]
        return seed_rows.expressions(transfer, literals)

    def literal(self, column: Column, value: Any) -> str:
        """A value of a column, as ``transfer`` reads it, as SQL."""
        from . import seed_rows

        return seed_rows.literal(value)

    def row_key(self, table: Table, members: Iterable[Object]) -> tuple[str, ...]:
        from . import seed_rows

        return seed_rows.key(table, members)

    def upsert(self, table: Table, key: Sequence[str], rows: Sequence[Sequence[str]], *, update: bool) -> str:
        from . import seed_rows

        return seed_rows.upsert(self.transfer(table), table, self.quote, key, rows, update=update)

    def delete_rows(self, table: Table, key: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
        from . import seed_rows

        return seed_rows.delete(self.transfer(table), self.renderer.of(table.ref), self.quote, key, rows)

    # -- store --------------------------------------------------------------------------------------------------------

    def history_ddl(self, table: str, tables: OwnTables) -> tuple[str, ...]:
        from .own_tables import own_table

        return own_table(table, tables, self.own_types)

    def history_upgrade(self, table: str, tables: OwnTables, column: str) -> tuple[str, ...]:
        datatype = self.own_types[later_type(table, column)]
        added = f"ALTER TABLE {tables.name(table)} ADD COLUMN {column} {datatype}"
        from .own_tables import one_row_a_project

        return (added, *(one_row_a_project(tables) if table == LOCK else ()))

    def lock_cell(self, conn: Connection, tables: OwnTables) -> LockCell | None:
        return None

    def missing_schema(self, conn: Connection, schema: str) -> str | None:
        return None  # the schema is the database of the connection, which was refused if it does not exist

    def ensure_namespace(self, name: str) -> str:
        if not self.features.has("namespace"):
            raise self.renderer.unsupported(f"history_schema {name!r}", "it has no schemas")
        return f"CREATE SCHEMA IF NOT EXISTS {self.quote(name)}"
