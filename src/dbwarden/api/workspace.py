"""Workspace, the start of every use case: the project, one of its databases, its dialect and its files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from dbwarden import config as configuration_files
from dbwarden import dialects
from dbwarden.config import Database, Project
from dbwarden.core.attempt import begun, with_attempts
from dbwarden.core.dialect import Liveness
from dbwarden.core.divided_history import DividedHistory, divide
from dbwarden.core.file import MigrationFile
from dbwarden.core.filename import is_migration, is_seed
from dbwarden.core.own_tables import OwnTables
from dbwarden.core.record import Record
from dbwarden.core.store import HistoryStore, Journal, LockStore
from dbwarden.core.suggestions import did_you_mean
from dbwarden.errors import (
    DBWardenError,
    FileFormatError,
    FolderError,
    MissingMigrations,
    MissingSchema,
    MissingSeeds,
    NeedsTarget,
    NoCluster,
    UnknownNode,
)
from dbwarden.runtime import directory
from dbwarden.runtime.connection import DatabaseConnection
from dbwarden.runtime.idle_connections import IdleConnections
from dbwarden.runtime.stores import history_store, journal_store, lock_opener, lock_store

from .connection import connect

if TYPE_CHECKING:
    from dbwarden.core.dialect import ClusterHost, Connection, Dialect
    from dbwarden.core.fleet import FleetTarget
    from dbwarden.core.ignore import Ignored

    from .observed_run import RunWatch


@dataclass(frozen=True)
class Workspace:
    """One database of a project. Files, models and connections are loaded only when needed."""

    project: Project
    database: Database
    dev: bool = False
    node: str = ""
    """Host and port of the only server of the cluster that is meant; empty for the URL's."""
    known_hosts: tuple[ClusterHost, ...] = ()
    """Hosts of the cluster, if they were read already."""
    seeds: bool = False
    """Whether its files and its history are those of the seeds, in place of the migrations."""
    watch: RunWatch | None = None
    """What is observed of the run that this workspace is for."""
    target: FleetTarget | None = None
    """The target of a fleet that ``database`` is."""
    shared_schemas: tuple[str, ...] = ()
    """Schemas behind that of the target in the search path."""
    idle: IdleConnections | None = None
    """Connections that the targets of a fleet use one after the other."""
    snapshot: directory.FolderSnapshot | None = None
    """The files of the folder, read once for all targets of a fleet."""

    @property
    def of_seeds(self) -> Workspace:
        """The same database with its seeds."""
        return replace(self, seeds=True)

    @property
    def name(self) -> str:
        """The database's name."""
        return self.database.database_name

    @property
    def state_name(self) -> str:
        """Path of the state file, relative to the working directory if it is below that."""
        return configuration_files.shown_path(self.database.state_file, Path.cwd())

    @property
    def label(self) -> str:
        """The database for ``-d``: its name, for a target of a fleet with that of the target."""
        return f"{self.name}@{self.target.name}" if self.target is not None else self.name

    @property
    def _schema(self) -> str:
        """Schema of a fleet's target, which the search path names."""
        return self.target.schema if self.target is not None else ""

    @property
    def folder(self) -> Path:
        """Folder of the migration files, or of the seeds, which need not exist."""
        return self.database.seeds_dir if self.seeds else self.database.migrations_dir

    @property
    def belongs(self) -> Callable[[str], bool]:
        """Function that decides by its name whether a file of the folder counts."""
        return is_seed if self.seeds else is_migration

    @property
    def tables(self) -> OwnTables:
        """Names of our tables in the database, and the owner of our rows."""
        settings = self.database
        schema = settings.history_schema if self.variant is None else None
        quote = self.dialect.lexical_rules.identifier_quotes[0]
        # Qualified for the schema of a fleet's target: else those of a shared schema would be found in its place.
        own = (self._schema or schema, quote, settings.lock == "required", bool(self._schema))
        tables = OwnTables(self.name, settings.history_table, *own)
        return tables.of_seeds if self.seeds else tables

    @cached_property
    def dialect(self) -> Dialect:
        """Dialect of the database in use, not yet bound to a server."""
        dialect = dialects.get(self.database.dialect(self.dev))
        name = self.database.cluster
        if self.dev:
            return dialect.for_single_server()
        if self.database.backup_to:
            dialect = dialect.for_backups(self.database.backup_to)
        if self.node:
            return dialect.for_host(self._host, self.hosts)
        return dialect.for_cluster(name) if name else dialect

    @cached_property
    def hosts(self) -> tuple[ClusterHost, ...]:
        """Hosts of the configured cluster, as the server of the URL knows them. Raises ``NoCluster``."""
        if self.known_hosts:
            return self.known_hosts
        name = self.database.cluster
        if not name or self.dev:
            raise NoCluster(name=self.name)
        dialect = dialects.get(self.database.dialect()).for_cluster(name)
        with replace(self, node="").connect(read_only=True) as conn:
            cluster = dialect.cluster_of(conn)
        hosts = cluster.hosts if cluster is not None else ()
        return tuple({host.name: host for host in hosts}.values())

    def on(self, host: ClusterHost) -> Workspace:
        """The workspace of one server of the cluster."""
        return replace(self, node=host.name, known_hosts=self.hosts)

    @property
    def is_cluster(self) -> bool:
        """Whether statements concern all hosts of a cluster."""
        return bool(self.database.cluster) and not self.dev and not self.node

    def connect_host(self, name: str) -> DatabaseConnection:
        """Open a connection to one host of the cluster, for a run. Raises as ``connect``, and ``Unsupported``."""
        return self.on(next(host for host in self.hosts if host.name == name)).connect(background=True)

    @property
    def _host(self) -> ClusterHost:
        for host in self.hosts:
            if host.name == self.node:
                return host
        names = [host.name for host in self.hosts]
        raise UnknownNode(
            node=self.node, name=self.name, names=", ".join(names), nearest=did_you_mean(self.node, names)
        )

    @property
    def _url(self) -> str:
        url = self.database.url(self.dev)
        return self.dialect.url_of_host(url, self._host, self.hosts) if self.node else url

    @property
    def variant(self) -> str | None:
        """Engine whose variant of a file runs; ``None`` if files are written for the engine in use."""
        engine = self.database.dialect(self.dev)
        return engine if engine != self.database.database_type else None

    def ignored(self, dialect: Dialect) -> Ignored:
        """Objects that the configuration ignores."""
        from dbwarden.core.ignore import Ignored  # deferred: it needs the classes of the schema
        from dbwarden.core.kinds import IGNORE_SETTINGS  # deferred: for commands that compare schemas

        patterns = {setting: getattr(self.database, setting) for setting in IGNORE_SETTINGS}
        return Ignored(patterns, dialect.server.default_schema, dialect.features.caseless_names)

    def files(self) -> tuple[MigrationFile, ...]:
        """Read the migrations in the folder. Raises ``MissingMigrations``, ``FileFormatError`` and ``FolderError``."""
        self.require_folder()
        return self.files_if_any()

    def read(self, conn: Connection, *, rollback_sql: bool = False) -> tuple[tuple[MigrationFile, ...], DividedHistory]:
        """Read the migrations in the folder and the history (see ``files`` and ``divided_history``).

        A file with the digest that history recorded is not parsed: otherwise a large seed file would slow down every
        command.
        """
        self.require_folder()
        records = self.history(conn).read(rollback_sql=rollback_sql)
        recorded = {record.file_digest: record.checksum for record in records if record.file_digest}
        lexical_rules = dialects.lexical_rules(self.database.database_type)
        variants = dialects.LEXICAL_RULES
        if self.snapshot is not None and not self.seeds:
            files = self.snapshot.files(recorded)
        else:
            files = directory.read(self.folder, self.name, lexical_rules, variants, recorded, self.belongs)
        return files, self._divide(conn, records, files)

    def require_folder(self) -> None:
        """Raise ``MissingMigrations`` if the folder does not exist, as in an image without the files."""
        if not self.folder.exists():
            folder = configuration_files.shown_path(self.folder, Path.cwd())
            raise (MissingSeeds if self.seeds else MissingMigrations)(folder=folder, database=self.name)

    def files_if_any(self) -> tuple[MigrationFile, ...]:
        """Read the migrations for a command that may write the first one; empty if the folder does not exist."""
        if self.snapshot is not None and not self.seeds:
            return self.snapshot.files()
        lexical_rules = dialects.lexical_rules(self.database.database_type)
        return directory.read(self.folder, self.name, lexical_rules, dialects.LEXICAL_RULES, belongs=self.belongs)

    def read_folder(self) -> directory.FolderSnapshot:
        """Read the files of the folder, for many targets. Raises ``MissingMigrations``, ``FileFormatError``, ``FolderError``."""
        self.require_folder()
        lexical_rules = dialects.lexical_rules(self.database.database_type)
        return directory.FolderSnapshot(self.folder, self.name, lexical_rules, dialects.LEXICAL_RULES, self.belongs)

    def readable_files(self) -> tuple[MigrationFile, ...]:
        """Read the migrations for a command that works without them; empty if they cannot be read."""
        try:
            return self.files()
        except (FileFormatError, FolderError, MissingMigrations):
            return ()

    def divided_history(
        self, conn: Connection, files: Sequence[MigrationFile], *, rollback_sql: bool = False
    ) -> DividedHistory:
        """Read the history, divided into our events and those of other projects in the same database.

        Our events end with an entry for each file that stopped half-way, from the journal; a file that is running now is
        not one.
        """
        return self._divide(conn, self.history(conn).read(rollback_sql=rollback_sql), files)

    def _divide(self, conn: Connection, records: Sequence[Record], files: Sequence[MigrationFile]) -> DividedHistory:
        divided = divide(records, self.name, files)
        journal = self.journal(conn)
        attempts = stopped = begun(divided.ours, journal.attempts(unclaimed=divided.claims))
        if any(attempt.lock_held for attempt in attempts):
            if self._holder_lives(conn):
                stopped = tuple(attempt for attempt in attempts if not attempt.lock_held)
            else:  # a run that has ended since the journal was read has removed its entries
                before = {replace(attempt, lock_held=True) for attempt in attempts}
                again = begun(divided.ours, journal.attempts(unclaimed=divided.claims))
                attempts = stopped = tuple(one for one in again if replace(one, lock_held=True) in before)
        ours = with_attempts(divided.ours, stopped, files, self.variant) if stopped else divided.ours
        return replace(divided, ours=ours, attempts=attempts)

    def _holder_lives(self, conn: Connection) -> bool:
        """Whether the holder of the lock is certainly alive."""
        return self.lock(conn).status().liveness is Liveness.ALIVE

    def history(self, conn: Connection) -> HistoryStore:
        """The history behind ``conn``, for reading."""
        return history_store(conn, self.dialect, self.tables)

    def journal(self, conn: Connection) -> Journal:
        """Our journal behind ``conn``, for reading."""
        return journal_store(conn, self.dialect, self.tables)

    def lock(self, conn: Connection) -> LockStore:
        """The migration lock behind ``conn``, for reading or releasing it."""
        return lock_store(conn, self.dialect_for(conn), self.tables)

    def lock_opener(self, dialect: Dialect, owner: str | None = None) -> Callable[[], LockStore]:
        """Function that opens our migration lock, or that of the project ``owner`` in the same database."""
        tables = replace(self.tables, owner=owner) if owner is not None else self.tables
        return lock_opener(self.connect, dialect, tables)

    def records(
        self, conn: Connection, files: Sequence[MigrationFile], *, rollback_sql: bool = False
    ) -> tuple[Record, ...]:
        """Our part of the history."""
        return self.divided_history(conn, files, rollback_sql=rollback_sql).ours

    def folder_notes(self, files: Sequence[MigrationFile]) -> tuple[str, ...]:
        """Note about a folder without files; empty if there are ``files``."""
        if files:
            return ()
        folder = configuration_files.shown_path(self.folder, Path.cwd())
        return (f"There is no migration in {folder}: `dbwarden make-migrations -d {self.label}` writes the first one",)

    def connect(self, *, read_only: bool = False, background: bool = False) -> DatabaseConnection:
        """Open a connection, to be closed by ``with``. Raises ``ConnectionFailed``, ``MissingDriver``, ``NeedsTarget``,
        ``MissingSchema``."""
        settings = self.database
        self.require_target()
        conn = connect(
            self._url,
            connect_timeout=settings.connect_timeout,
            lock_timeout=settings.lock_timeout,
            statement_timeout=settings.statement_timeout,
            read_only=read_only,
            background=background,
            idle=self.idle,
            search_path=(self._schema, *self.shared_schemas) if self._schema else (),
        )
        conn.remedy = lambda conn, error: self.dialect.remedy(conn, error, self.tables)
        if self._schema:
            self._verify_schema(conn)
        return conn

    @property
    def needs_target(self) -> bool:
        """Whether it is a fleet without a database of its own."""
        settings = self.database
        return (
            settings.is_fleet and not self.dev and (settings.schemas_from is not None or not settings.database_url_sync)
        )

    def require_target(self) -> None:
        """Raise ``NeedsTarget`` for a fleet that has no database of its own."""
        if self.needs_target:
            raise NeedsTarget(name=self.name)

    def _verify_schema(self, conn: DatabaseConnection) -> None:
        """Raise ``MissingSchema`` unless unqualified names belong to the schema of the target."""
        try:
            reason = self.dialect.missing_schema(conn, self._schema)
            if reason is not None:
                raise MissingSchema(schema=self._schema, target=self.label, reason=reason)
        except DBWardenError:
            conn.close()
            raise

    def dialect_for(self, conn: Connection) -> Dialect:
        """The dialect for the server behind ``conn``."""
        return self.dialect.for_server(self.dialect.server_of(conn))


def open_workspace(config: str | None = None, database: str | None = None, *, dev: bool = False) -> Workspace:
    """Open the workspace of one database: the named one, or the default. ``name@host:port`` is one server of its cluster, and
    ``name@target`` one target of a fleet.

    Raises ``ConfigurationError``; ``dev`` without a ``dev_database_url`` is one (``NoDevDatabase``).
    """
    project = configuration_files.load(config)
    name, _, node = (database or "").partition("@")
    settings = project.database(name or None)
    settings.dialect(dev)
    if settings.is_fleet and not dev:
        from .fleet_targets import open_target  # deferred: few projects have a fleet

        return open_target(Workspace(project, settings), node)
    return Workspace(project, settings, dev, node)
