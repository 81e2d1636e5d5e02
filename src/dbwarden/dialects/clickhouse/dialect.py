"""ClickHouse as a ``Dialect``; each method delegates to a module of this package."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from dbwarden.core.dialect import ColumnAttributes, Features
from dbwarden.core.own_tables import OwnTables
from dbwarden.core.sqltext import LexicalRules
from dbwarden.dialects.base.deferred import deferred
from dbwarden.dialects.base.dialect import BaseDialect

from . import versions, words

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
        Connection,
        MergedRows,
        PartialExecution,
        Prefs,
        Scope,
        ScratchProvider,
        ScratchRequest,
        Server,
        Size,
        SuspendedWork,
        Transfer,
    )
    from dbwarden.core.host_drift import HostState
    from dbwarden.core.model import Column, Definition, Member, Object, Schema, Table
    from dbwarden.core.options import OptionSpec
    from dbwarden.core.row_demands import OffendingRows, RowDemand
    from dbwarden.core.statement import Facts, Recovery
    from dbwarden.core.store import LockCell
    from dbwarden.core.type_table import TypeChange, TypeTable
    from dbwarden.core.types import DataType, Ref
    from dbwarden.dialects.base.renderer import Renderer

    from . import (
        access,
        background,
        backup,
        canonical,
        cluster,
        ddl,
        declarations,
        engines,
        facts,
        history,
        host_completion,
        host_states,
        inspect,
        lock,
        model_source,
        offending_rows,
        on_cluster,
        options,
        probe,
        probe_catalog,
        rebuild,
        rebuild_state,
        regroup,
        renderer,
        replica_paths,
        replication,
        restore_remains,
        row_losses,
        scratch,
        server_normalization,
        sizes,
        sqlalchemy_dialect,
        statements,
        type_changes,
        types,
    )
else:
    globals().update(
        deferred(
            __package__,
            "access background backup canonical cluster ddl declarations engines facts history host_completion host_states "
            "inspect lock model_source offending_rows on_cluster options probe probe_catalog rebuild rebuild_state regroup "
            "renderer replica_paths replication restore_remains row_losses scratch server_normalization sizes "
            "sqlalchemy_dialect statements type_changes types",
        )
    )

FEATURES = Features(
    transactional_ddl=False,
    row_counts=False,
    late_binding=True,
    local_settings=False,
    implicit_defaults=True,
    zero_values=True,
    fills_nulls=True,
    background_rewrites=True,
    column_places=True,
    now=versions.MICROSECONDS,
    lacks=frozenset(
        "extension namespace enum enum_value domain composite_type range_type sequence procedure aggregate event event_trigger"
        " partition foreign_table primary_key unique foreign_key exclude trigger rule policy statistics publication"
        " owner foreign_server publication_table publication_schema security_label grant role membership default_privileges"
        " collation text_search_dictionary text_search_configuration virtual_table shadow_table".split()
    ),
    unenforced_demands=frozenset(("not null", "unique", "primary key", "check", "foreign key")),
    update_by_alter=True,
    keeps_old_names=frozenset(("view", "materialized_view", "dictionary")),
    repeatable_definitions=frozenset(("function", "view", "dictionary")),
    described_definitions=frozenset(("function", "view", "materialized_view", "dictionary")),
    renames=frozenset(("table", "column", "view", "dictionary")),
    shared_names=(frozenset(("table", "view", "materialized_view", "dictionary")),),
)


@dataclass(frozen=True)
class ClickHouse(BaseDialect):
    """Dialect of ClickHouse and chDB; the newest version if the server is not known."""

    name: ClassVar[str] = "clickhouse"
    lexical_rules: ClassVar[LexicalRules] = words.LEXICAL_RULES
    own_types: ClassVar[Mapping[str, str]] = versions.own_types(())

    @property
    def features(self) -> Features:
        return versions.of_version(FEATURES, self.server.version)

    cluster: str = ""
    """Name of the configured cluster, with macros as written."""
    single_server: bool = False
    """Whether the database stands in for one of a cluster."""
    scratch: bool = False
    """Whether it is a scratch database, in which replicated tables have paths of their own."""
    replica: int = 0
    """1 on the first replica of a shard that is migrated host by host, 2 on a further one, else 0."""

    backup_place: str = ""
    """Where the server saves backups, as in ``BACKUP ... TO``, with ``{name}``; empty for backups in one local file."""

    def for_backups(self, place: str) -> Self:
        return replace(self, backup_place=place)

    def for_cluster(self, name: str) -> Self:
        return replace(self, cluster=name)

    def for_host(self, host: ClusterHost, hosts: Sequence[ClusterHost]) -> Self:
        first = next(other for other in hosts if other.shard == host.shard)
        return replace(self, cluster="", single_server=True, replica=1 if first.name == host.name else 2)

    def for_single_server(self) -> Self:
        return replace(self, cluster="", single_server=True)

    def for_scratch(self) -> Self:
        return replace(self, cluster="", single_server=True, replica=0, scratch=True)

    @property
    def names_cluster(self) -> bool:
        """Whether generated statements name the cluster. A replicated database spreads them itself, and refuses that."""
        return bool(self.cluster) and not cluster.is_replicated(self.server)

    @property
    def types(self) -> TypeTable:
        return types.TYPES

    @property
    def renderer(self) -> Renderer:
        return renderer.RENDER

    @property
    def options(self) -> Mapping[str, tuple[OptionSpec, ...]]:
        return options.BY_KIND

    @property
    def archive(self) -> Archive:
        return backup.NativeBackup(self.backup_place)

    def canonical(self, schema: Schema) -> Schema:
        return canonical.canonical(schema, self.server)

    def regroup(self, changes: Sequence[Change], before: Schema, after: Schema) -> Sequence[Change]:
        return regroup.regroup(changes, before, after)

    def recreated_by(self, change: Change, before: Schema, after: Schema) -> frozenset[Ref]:
        return ddl.recreated_by(change, before)

    def repeatable(self, definition: Definition) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """CREATE OR REPLACE, and DROP IF EXISTS."""
        from dbwarden.core.repeatables import if_exists

        created = self.renderer.create_definition(definition)
        replaced = tuple(sql.replace("CREATE ", "CREATE OR REPLACE ", 1) for sql in created)
        return replaced, if_exists(self.renderer.drop_definition(definition))

    def ddl(self, change: Change, before: Schema, after: Schema, prefs: Prefs) -> tuple[str, ...]:
        if self.names_cluster:
            rebuild.ensure_copied_everywhere(change, self.server)
        printed = ddl.ddl(change, before, after, prefs)
        if not versions.has(self.server.version, versions.ATOMIC):
            printed = tuple(sql.removesuffix(" SYNC") for sql in printed)
        return tuple(map(self._isolated, printed)) if self.scratch else printed

    def _isolated(self, sql: str) -> str:
        return replica_paths.isolated(sql, self.server.default_schema or "")

    def refreshes(self, changes: Sequence[Change], before: Schema, after: Schema, prefs: Prefs) -> Iterable[str]:
        from . import stale_views  # deferred: few plans change the type of a column under a view

        return self.merge_statements(tuple(stale_views.recreated(changes, after)))

    def merge_statements(self, statements: Sequence[str]) -> Sequence[str]:
        merged = regroup.merge_statements(statements)
        return [on_cluster.with_cluster(sql, self.cluster) for sql in merged] if self.names_cluster else merged

    def parse(self, sql: str) -> Statement:
        return statements.statement(sql, self.server.default_schema)

    def facts(self, sql: str) -> Facts:
        return facts.facts(sql, self.server.default_schema)

    def facts_of(self, statement: Statement) -> Facts:
        return facts.facts_of(statement)

    def parse_type(self, text: str) -> DataType:
        return types.parse_stated(text)

    def from_sqlalchemy(self, type_: Any, sqlalchemy: Any = None) -> tuple[DataType, tuple[Object, ...]]:
        return types.from_sqlalchemy(type_, sqlalchemy), ()

    def column_attributes(self, type_: Any, sqlalchemy: Any) -> ColumnAttributes:
        return ColumnAttributes()

    def unreplicated_engine(self, sql: str) -> str | None:
        return on_cluster.unreplicated_engine(sql)

    def diagnose(self, conn: Connection) -> Iterable[Diagnosis]:
        from . import health  # deferred: one command needs it

        return health.diagnose(conn, self.server if self.server.version else self.server_of(conn))

    def merged_rows(self, table: CreateTable, source: Ref, former: CreateTable | None) -> MergedRows | None:
        return row_losses.merged_rows(table, source, former)

    def recovery(self, sql: str) -> Recovery:
        known = probe.recovery(sql, self.server)
        return replace(known, creates=()) if self.replica else known

    def probe(self, conn: Connection, sql: str, *, refused: bool = False, since: datetime | None = None) -> bool | None:
        if self.replica and refused and replication.is_spread(conn, sql):
            return False  # it was not sent
        return probe.probe(conn, sql, probe_catalog.SentStatement(refused, since), self.server)

    def complete(
        self,
        conn: Connection,
        sql: str,
        partial: PartialExecution,
        connect: Callable[[str], Connection],
        report: Callable[[str], None],
    ) -> Sequence[str]:
        return host_completion.complete(conn, sql, partial, self.server, connect, report)

    def execute(self, conn: Connection, sql: str, report: Callable[[str], None]) -> None:
        if self.single_server or cluster.is_replicated(self.server):
            sql = on_cluster.without_cluster(sql)
        if self.scratch:
            sql = self._isolated(sql)
        if self.replica and replication.is_replicated(conn, sql, self.replica > 1, report):
            return
        background.execute(conn, sql, report, self.server)

    def access_rights(self, conn: Connection) -> AccessRights:
        return access.access_rights(conn)

    def table_rights(self, conn: Connection) -> Sequence[AccessRight]:
        return access.table_rights(conn)

    def restore_in_progress(self, conn: Connection) -> str:
        return restore_remains.restore_in_progress(conn)

    def suspended_work(self, conn: Connection) -> Sequence[SuspendedWork]:
        return rebuild_state.suspended_merges(conn)

    def history_ddl(self, table: str, tables: OwnTables) -> tuple[str, ...]:
        return history.history_ddl(table, tables, versions.own_types(self.server.version), self.server)

    def history_upgrade(self, table: str, tables: OwnTables, column: str) -> tuple[str, ...]:
        types = versions.own_types(self.server.version)
        return history.history_upgrade(table, tables, column, types, self.server)

    def lock_cell(self, conn: Connection, tables: OwnTables) -> LockCell:
        return lock.ClickHouseLock(conn, tables, self.server, alone=bool(self.replica))

    def is_nullable(self, column: Any, sqlalchemy: Any) -> bool:
        return sqlalchemy_dialect.is_nullable(column, sqlalchemy)

    def declared_objects(self, metadata: Any, sqlalchemy: Any) -> Iterable[Object]:
        return declarations.declared_objects(metadata, sqlalchemy)

    def declaration(self, item: Object) -> DeclaredObject | None:
        return model_source.declaration(item)

    def clause_declarations(self) -> ClauseDeclarations:
        return model_source.CLAUSES

    def configure_sqlalchemy(self, sqlalchemy: Any) -> None:
        sqlalchemy_dialect.configure(sqlalchemy)

    def keywords(self, item: Any, sqlalchemy: Any) -> Mapping[str, Any]:
        return sqlalchemy_dialect.keywords(item, sqlalchemy)

    def declared_members(self, table: Any, ref: Ref) -> Iterable[Member]:
        return sqlalchemy_dialect.declared_members(table, ref)

    def type_change(self, before: DataType, after: DataType) -> TypeChange:
        return type_changes.change(before, after)

    def lost_by_options(self, before: Table | Column, after: Table | Column) -> str | None:
        return row_losses.lost_by_clauses(before, after)

    def columns_of(self, conn: Connection, name: str) -> frozenset[str]:
        return inspect.columns_of(conn, name)

    def inspect(self, conn: Connection, scope: Scope) -> Schema:
        server = self.server if self.server.settings else inspect.server_of(conn)
        return inspect.inspect(conn, scope, server, scratch=self.scratch)

    def differs_from_default(self, column: Column) -> str | None:
        return sizes.differs_from_default(column)

    def offending_rows(self, conn: Connection, demand: RowDemand, schema: Schema, limit: int) -> OffendingRows | None:
        return offending_rows.ClickHouseRows(self.renderer).offending_rows(conn, demand, schema, limit)

    def sizes(self, conn: Connection) -> Mapping[Ref, Size]:
        return sizes.sizes(conn, self.server.version)

    def normalize_on_server(self, conn: Connection, current: Schema, desired: Schema, refs: Iterable[Ref]) -> Schema:
        return server_normalization.normalize_on_server(conn, current, desired, refs)

    def server_of(self, conn: Connection) -> Server:
        return cluster.server_of(conn, self.cluster)

    def host_states(
        self, conn: Connection, cluster: Cluster, open_host: Callable[[ClusterHost], Connection]
    ) -> Sequence[HostState]:
        return host_states.host_states(conn, cluster, self.server, open_host)

    def url_of_host(self, url: str, host: ClusterHost, hosts: Sequence[ClusterHost]) -> str:
        return host_states.url_of_host(url, host, hosts)

    def cluster_of(self, conn: Connection) -> Cluster | None:
        return cluster.cluster_of(conn, self.cluster)

    def scratch_providers(self, request: ScratchRequest) -> Sequence[ScratchProvider]:
        return scratch.scratch_providers(request, self.server)

    def first_object(self, conn: Connection) -> str | None:
        return scratch.first_object(conn)

    def clear(self, conn: Connection) -> None:
        scratch.clear(conn, self.server.version)

    def missing_dependency(self, conn: Connection, sqlstate: str | None, message: str) -> str | None:
        return scratch.missing_dependency(message)

    def literal(self, column: Column, value: Any) -> str:
        from . import seed_rows  # deferred: one command needs it

        return seed_rows.literal(value, self.server.version)

    def row_query(self, table: Table, key: Sequence[str], where: str | None, limit: int | None) -> str:
        sql = super().row_query(table, key, where, limit)
        return f"{sql} SETTINGS prefer_column_name_to_alias = 1"

    def row_key(self, table: Table, members: Iterable[Object]) -> tuple[str, ...]:
        from . import seed_rows

        return seed_rows.key(table)

    def upsert(self, table: Table, key: Sequence[str], rows: Sequence[Sequence[str]], *, update: bool) -> str:
        from . import seed_rows

        return seed_rows.upsert(self.transfer(table), table, key, rows, update=update)

    def holds_rows(self, table: Table) -> bool:
        return engines.has_own_rows(table.options.get("engine") or "MergeTree")

    def transfer(self, table: Table) -> Transfer:
        return scratch.transfer(table)


def create(_engine: str) -> ClickHouse:
    """The dialect for an engine of ``core.engine``."""
    return ClickHouse()
