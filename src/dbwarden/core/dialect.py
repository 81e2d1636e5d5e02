"""Interfaces of a dialect, one per role. Packages under ``dialects`` implement them; other adapters use them as types."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self

from .options import NO_OPTIONS, Options

if TYPE_CHECKING:  # what the interfaces only name: a command that connects needs none of it
    from dbwarden.errors import PermissionDenied

    from .archive import Archive
    from .change import Change
    from .column_places import Places
    from .ddl.statements import Statement
    from .declared_object import ClauseDeclarations, DeclaredObject
    from .host_drift import HostState
    from .model import Column, Definition, Member, Object, Partition, Schema, Table
    from .options import OptionSpec
    from .own_tables import OwnTables
    from .row_demands import OffendingRows, RowDemand
    from .sqltext import LexicalRules
    from .statement import Facts, Recovery
    from .store import LockCell
    from .table_runner import TableRunners
    from .type_table import TypeChange, TypeTable
    from .types import DataType, Ref

OWN_PREFIX = "dbwarden_"
"""Prefix of DBWarden's own tables, which are never inspected, compared or dropped."""
INTERIM_PREFIX = f"{OWN_PREFIX}new_"
"""Prefix of the name of a table that is about to replace another one, with its rows."""
REPLACED_PREFIX = f"{OWN_PREFIX}old_"
"""Prefix of the name under which a table stays that another one has replaced; its rows are in that one."""
SCRATCH_PREFIX = f"{OWN_PREFIX}scratch_"
"""Prefix of the names of scratch databases, their folders and containers."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Features:
    """Capabilities of an engine, checked instead of its name."""

    transactional_ddl: bool = True
    row_counts: bool = True
    """Whether statements report how many rows they changed, and keys keep rows unique. Without, DBWarden's own tables are
    append-only and the lock is a ``core.store.LockCell``."""
    lacks: frozenset[str] = frozenset()
    """Kinds of ``core.kinds`` that the engine does not have. It can create all others, and ``inspect`` finds them."""
    inline_foreign_keys: str = "created"
    """Foreign keys written inside CREATE TABLE: those to tables ``created`` before, or ``all``."""
    for_share: str = ""
    """Clause at the end of a SELECT that protects its rows, those of the table called ``held``, from changes until the
    transaction ends; empty if there is none."""
    now: str = "CURRENT_TIMESTAMP"
    """Expression for the current time in UTC, as precise as the engine has it."""
    table_locks: bool = True
    """Whether a statement locks only the tables that it uses (false: the whole database)."""
    lock_queues: bool = False
    """Whether everybody who needs a table waits behind a statement that waits for its lock, even for one that blocks nobody
    once it has the lock (MySQL's metadata locks)."""
    implicit_defaults: bool = False
    """Whether existing rows get 0 or an empty string for a new NOT NULL column without a default."""
    zero_values: bool = False
    """Whether every column without a default has the zero of its type as one, so that no row lacks a value."""
    indexes_foreign_keys: bool = False
    """Whether the engine itself builds the index that a foreign key needs."""
    concurrent_indexes: bool = False
    """Whether indexes are built without blocking writers by CREATE INDEX CONCURRENTLY."""
    not_valid: bool = False
    """Whether a constraint can be added NOT VALID and validated later without blocking writers."""
    renames: frozenset[str] = frozenset(("table", "column"))
    """The kinds of objects that can be renamed; all others are dropped and added."""
    caseless_names: frozenset[str] = frozenset()
    """The kinds of objects whose names are equal whatever the case of their ASCII letters (``core.spelling``)."""
    shared_names: tuple[frozenset[str], ...] = ()
    """Sets of kinds whose names must differ within a schema, such as tables and indexes."""
    rebuilds_tables: bool = False
    """Whether a change beyond ALTER TABLE creates the table again and copies its rows."""
    background_rewrites: bool = False
    """Whether statements that rewrite rows do so in the background, without blocking readers and writers (mutations)."""
    numbers_integer_keys: bool = False
    """Whether the engine numbers the rows of a table by a column that is ``INTEGER PRIMARY KEY``."""
    statement_batches: bool = False
    """Whether one message may carry many statements, separated by semicolons."""
    local_settings: bool = True
    """Whether SET LOCAL changes a setting up to the end of the transaction, and ALTER TABLE takes USING."""
    fills_nulls: bool = False
    """Whether making a column NOT NULL replaces its NULLs by its default."""
    numbers_rows: bool = False
    """Whether a column that becomes an identity gets numbers in place of its NULLs and zeros."""
    late_binding: bool = False
    """Whether views and triggers stay valid while a column that they use gets another type."""
    column_places: bool = False
    """Whether ADD COLUMN takes a place (FIRST, AFTER), so that a dropped column can come back to its own."""
    keeps_old_names: frozenset[str] = frozenset()
    """Kinds of definitions whose text the engine leaves as it is when a table or column that it names is renamed."""

    unenforced_demands: frozenset[str] = frozenset()
    """Kinds of ``core.row_demands`` that a statement does not demand of the rows that are there already."""
    update_by_alter: bool = False
    """Whether rows are changed by ALTER TABLE ... UPDATE ... WHERE, which reads no other table row by row (ClickHouse)."""
    described_definitions: frozenset[str] = frozenset()
    """Kinds of definitions that models can describe, so that one that a generated migration created is dropped with its
    declaration. All other definitions are left alone."""

    def has(self, kind: str) -> bool:
        """Whether the engine has objects of this kind."""
        return kind not in self.lacks


class Size(NamedTuple):
    """Size of a table, estimated if counting would be slow; 0 rows only if it is certainly empty."""

    rows: int
    bytes: int
    """Size in bytes; 0 if the engine does not report one."""
    exact: bool = False
    """Whether the rows were counted."""


@dataclass(frozen=True, slots=True)
class Server:
    """The server that a dialect talks to or prints for."""

    version: tuple[int, ...] = ()
    flavour: str = ""
    default_schema: str | None = None
    product: str = ""
    """Product and version in words: ``PostgreSQL 15.18``."""
    settings: Options = NO_OPTIONS
    """Settings that decide what a definition means, if known: the default charset and collation, letter case of names."""


class ClusterMode(Enum):
    """How statements reach the servers of a cluster."""

    NONE = "none"
    """The server of the connection alone."""
    STATEMENT = "statement"
    """Each statement names the cluster (``ON CLUSTER``)."""
    DATABASE = "database"
    """The database itself is replicated, and a statement that names a cluster is an error."""


class ClusterHost(NamedTuple):
    """A server of a cluster."""

    name: str
    """Host and port, as the cluster's definition has them."""
    shard: int
    replica: int
    local: bool = False
    """Whether it is the server of the connection."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """The servers on which the database exists."""

    mode: ClusterMode = ClusterMode.NONE
    name: str = ""
    """The cluster's name with macros replaced; empty if there is none."""
    hosts: tuple[ClusterHost, ...] = ()

    @property
    def shards(self) -> int:
        """Number of shards: groups of servers with the same rows."""
        return len({host.shard for host in self.hosts})


class SuspendedWork(NamedTuple):
    """Work of the server that a migration has suspended, and that goes on only when somebody asks for it."""

    work: str
    """The work in words: ``merges of events``."""
    resume: tuple[str, ...]
    """Statements that let it go on."""


class ColumnAttributes(NamedTuple):
    """Properties of a column in the text of its type."""

    collation: str | None = None
    options: Options = NO_OPTIONS
    not_null: bool = False


@dataclass(frozen=True, slots=True)
class Prefs:
    """Choices for the generation of SQL."""

    online: bool = False
    """Whether to change existing tables without blocking writers, if the dialect can: with more statements, some of them
    outside a transaction."""
    fills: Mapping[Ref, str | None] = field(default_factory=dict)
    """Columns that become NOT NULL in a table with rows, and the SQL expression for their values; ``None`` for a
    placeholder in the file."""
    places: Places = field(default_factory=dict)
    """Places of added, altered and dropped columns that are not the last ones, with ``Features.column_places``."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Extent of an inspection: the namespaces (``None`` is the default one), and whether to read views, functions and
    triggers."""

    schemas: tuple[str | None, ...] = (None,)
    definitions: bool = True


class Connection(Protocol):
    """A database connection in autocommit mode: transactions are explicit.

    ``query`` returns rows, ``execute`` the number of changed rows (-1 if unknown); both raise ``DatabaseError`` with the
    engine's message. A statement with ``params`` (``:name`` in the text) is prepared; without, it is sent byte for byte.
    """

    def query(self, sql: str, params: Mapping[str, Any] | None = None) -> Sequence[tuple[Any, ...]]: ...

    def execute(self, sql: str, params: Mapping[str, Any] | None = None) -> int: ...

    def begin(self) -> None: ...

    def commit(self) -> None: ...

    def rollback(self) -> None: ...

    @property
    def in_transaction(self) -> bool: ...

    @property
    def pooled(self) -> bool:
        """Whether a transaction pooler may be in between: session state must then neither be relied on nor left behind."""

    def transaction(self) -> AbstractContextManager[None]:
        """BEGIN; COMMIT at the end, ROLLBACK on any error."""

    def sever(self) -> bool:
        """Interrupt, from another thread, a statement that waits for the server; false if the engine has no server."""

    def close(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, traceback: object, /) -> None: ...


@dataclass(frozen=True, slots=True)
class ScratchRequest:
    """A request for an empty database of the same dialect that stands in for another one."""

    name: str
    """Unique name for the scratch database; encodes host, process and start time so that other runs can recognise an
    abandoned one."""
    is_abandoned: Callable[[str], bool]
    """Whether the run that made a name has certainly ended, so that the database of that name may be removed."""
    open: Callable[[str], Connection]
    """Opens a connection to a URL."""
    conn: Connection | None = None
    """The database that the scratch stands in for; ``None`` if that cannot be reached."""
    sandbox_url: str | None = None
    """The configured sandbox, which is tried first."""
    needs_own_server: str | None = None
    """Why a shared server is not allowed, in words: the statement with effects beyond its database."""


@dataclass(frozen=True, slots=True)
class ScratchProvider:
    """One way to get a scratch database."""

    description: str
    """The way in words: ``a temporary database on the same server``."""
    open: Callable[[], AbstractContextManager[Connection]]
    """Creates the scratch database and removes it at the end. Raises ``Unsupported`` or ``DatabaseError`` if this way is
    not available."""
    own_server: bool = False
    """Whether the server has no other databases, so that effects beyond the database do no harm."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Statements that copy a table's rows unchanged into the same table of another database."""

    columns: tuple[str, ...]
    """Columns to copy, without those that the engine computes."""
    select: str
    """SELECT without WHERE."""
    into: str
    """INSERT up to VALUES."""
    values: tuple[str, ...]
    """The expression for each column, with the parameter ``:c0``, ``:c1``, ..."""
    finish: tuple[str, ...] = ()
    """SQL to run after the last row: sets counters so that they continue after the copied rows."""
    source: str = ""
    """What qualifies the names of the table's own columns in ``select``."""
    settings: tuple[str, ...] = ()
    """Statements before ``select``, in its transaction, so that other sessions read the values in the same way."""

    @property
    def insert(self) -> str:
        """INSERT with a parameter for each column."""
        return f"{self.into} VALUES ({', '.join(self.values)})"


class Liveness(Enum):
    """Whether the holder of the migration lock still exists."""

    ALIVE = "alive"
    GONE = "gone"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Holder:
    """Holder of the migration lock."""

    host: str
    pid: int
    user: str
    command: str
    session: str
    """Identity of the holder's session, in the dialect's own form (backend pid and start, process start time, ...)."""


class NativeLock(Protocol):
    """The session-scoped native lock beside the row, which only shows whether the holder is alive."""

    def enter(self) -> str:
        """Take the native lock on this connection (never waiting) and return the session identity for the row."""

    def leave(self) -> None:
        """Release the native lock."""

    def liveness(self, holder: Holder) -> Liveness:
        """Whether the session of ``holder`` still exists, asked through this connection."""


class TransactionHooks(Protocol):
    """Hooks around the transaction of one file, such as a check before COMMIT."""

    def open(self) -> None:
        """Run before BEGIN."""

    def check(self) -> None:
        """Run after the last statement, before COMMIT. Raises ``DatabaseError`` if the file must not be committed."""

    def close(self) -> None:
        """Run after COMMIT or ROLLBACK."""


class DialectIdentity(Protocol):
    """Identity of a dialect, shared by all roles. Pure: needs no connection."""

    @property
    def name(self) -> str:
        """Name of the engine, a key of ``core.engine.ENGINES``."""

    @property
    def features(self) -> Features: ...

    @property
    def lexical_rules(self) -> LexicalRules: ...

    @property
    def server(self) -> Server: ...

    def for_server(self, server: Server) -> Self:
        """The dialect of a certain server (version, flavour, default schema)."""

    def for_backups(self, place: str) -> Self:
        """The dialect for a database whose server saves backups itself, in ``place``. Raises ``Unsupported``."""

    def for_cluster(self, name: str) -> Self:
        """The dialect for a database on all servers of a cluster. Raises ``Unsupported``."""

    def for_host(self, host: ClusterHost, hosts: Sequence[ClusterHost]) -> Self:
        """The dialect for one of ``hosts`` that is migrated on its own. What replication brings from another host counts as
        done there."""

    def for_single_server(self) -> Self:
        """The dialect for a database that stands in for one of a cluster: a scratch or development database on one server,
        where ``execute`` leaves out what names a cluster."""

    def for_scratch(self) -> Self:
        """The dialect for a scratch database, which must not reach the objects of the real one through what they share
        outside of the database."""


class SchemaDialect(DialectIdentity, Protocol):
    """Types, SQL spelling and DDL of an engine. Pure: needs no connection."""

    @property
    def types(self) -> TypeTable: ...

    @property
    def options(self) -> Mapping[str, tuple[OptionSpec, ...]]:
        """Options by kind of object; ``identity`` and ``column`` count as kinds here."""

    def canonical(self, schema: Schema) -> Schema:
        """``schema`` as the server would report it: type names, defaults, expressions, generated names."""

    def regroup(self, changes: Sequence[Change], before: Schema, after: Schema) -> Sequence[Change]:
        """Ordered changes, joined or split to match the statements that this engine has."""

    def recreated_by(self, change: Change, before: Schema, after: Schema) -> frozenset[Ref]:
        """The columns that ``ddl`` drops and adds again for a change, in either direction, so that their dependents must be
        recreated; empty if the engine keeps the dependents."""

    def replaces(self, before: Definition, after: Definition) -> bool:
        """Whether ``ddl`` alters one definition to the other without dropping it, so that its dependents stay."""

    def ddl(self, change: Change, before: Schema, after: Schema, prefs: Prefs) -> tuple[str, ...]:
        """Statements (no trailing semicolon) for one change between two whole schemas.

        Raises ``Irreversible`` or ``Unsupported`` with a reason. For a rollback the caller passes the inverse change and
        swaps the schemas.
        """

    def is_costly_place(self, column: Column, following: Sequence[Column]) -> bool:
        """Whether adding ``column`` before others costs much more than adding it as the last one: a new column then comes
        last, whatever place the models give it."""

    def merge_statements(self, statements: Sequence[str]) -> Sequence[str]:
        """The statements of one direction of a migration, with several merged if the engine runs them faster as one."""

    def from_sqlalchemy(self, type_: Any, sqlalchemy: Any = None) -> tuple[DataType, tuple[Object, ...]]:
        """The column type that SQLAlchemy would emit, and the named types (enums, domains) it needs.

        ``sqlalchemy`` is its dialect with a driver: with some, ``type_descriptor(CHAR(32))`` is a VARCHAR.
        """

    def column_attributes(self, type_: Any, sqlalchemy: Any) -> ColumnAttributes | None:
        """What SQLAlchemy writes behind the name of a type, though it belongs to the column; ``None`` if that can only be a
        collation."""

    def is_nullable(self, column: Any, sqlalchemy: Any) -> bool | None:
        """Whether a column of SQLAlchemy's may be NULL; ``None`` if its attribute ``nullable`` says so."""

    def declared_members(self, table: Any, ref: Ref) -> Iterable[Member]:
        """Constraints and indexes that a table of SQLAlchemy's has beside SQLAlchemy's own (``dbwarden.objects``)."""

    def declared_partitions(self, table: Any, ref: Ref, sqlalchemy: Any) -> tuple[Partition, ...]:
        """Partitions that a table of SQLAlchemy's declares (``dbwarden.objects``). Raises ``ModelReadError``."""

    def declared_objects(self, metadata: Any, sqlalchemy: Any) -> Iterable[Object]:
        """Views, functions and the like that a metadata has beside its tables. Raises ``ModelReadError``."""

    def declared_statement(self, item: Any) -> Definition:
        """The definition of a CREATE statement that stands beside the models. Raises ``ModelReadError``."""

    def declaration(self, item: Object) -> DeclaredObject | None:
        """What models write for an object, from which ``declared_objects`` makes it again; ``None`` if they cannot."""

    def clause_declarations(self) -> ClauseDeclarations | None:
        """How models write tables; ``None`` if SQLAlchemy has a dialect whose keywords do."""

    def configure_sqlalchemy(self, sqlalchemy: Any) -> None:
        """Tell a dialect of SQLAlchemy what it would learn of the server from its first connection."""

    def keywords(self, item: Any, sqlalchemy: Any) -> Mapping[str, Any]:
        """The keywords of a table, column, index or constraint that a dialect of SQLAlchemy applies, without their prefix."""

    def ignored_keywords(self, item: Any, sqlalchemy: Any) -> Iterable[str]:
        """The keywords that it leaves out although they are those of the engine, under another name."""

    def unknown_keywords(self, item: Any, sqlalchemy: Any) -> Iterable[str]:
        """The keywords that SQLAlchemy writes into its DDL though DBWarden knows no such option, and leaves them out."""

    def version_notes(self, schema: Schema) -> Iterable[str]:
        """What ``schema`` needs beyond the version that is assumed while no server is known."""

    def parse_type(self, text: str) -> DataType:
        """The type that a hand-written statement names."""

    def type_change(self, before: DataType, after: DataType) -> TypeChange:
        """Effect of a change of type on a column's values. The caller replaces domains by their base types."""

    def session_settings(self, before: DataType, after: DataType, using: str | None = None) -> tuple[str, ...]:
        """The session settings on which the conversion of a value from one type to another depends; empty if on none.

        ``using`` is the USING expression, if any. The caller replaces domains by their base types.
        """

    @property
    def session_variations(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Statements that make two sessions differ in all settings that conversions may depend on."""

    def assumed_zone(self, before: DataType, after: DataType) -> str | None:
        """The time zone that ``ddl`` writes into conversions between times with and without a zone, so that the session's
        does not decide; ``None`` for other conversions."""

    def lost_by_options(self, before: Table | Column, after: Table | Column) -> str | None:
        """Why rows of a table, or values of a column, are lost by other options, in words; ``None`` if they are not."""

    def autoincrement_column(self, table: Ref, schema: Schema) -> str | None:
        """The column of ``table`` that the engine numbers although its definition does not say so (SQLite's rowid)."""

    def differs_from_default(self, column: Column) -> str | None:
        """SQL condition for rows in which ``column`` is NULL or differs from its default; ``None`` if the default is not a
        constant.

        Values are compared as text, not by the collation of the column.
        """

    def quote(self, name: str) -> str:
        """An identifier as SQL, quoted only if needed."""

    def type_sql(self, datatype: DataType) -> str:
        """A type as SQL in the definition of a column; empty if the column has no type."""

    def column_sql(self, column: Column) -> str:
        """A column as SQL in CREATE TABLE, without constraints."""


class StatementDialect(DialectIdentity, Protocol):
    """Analysis of SQL statements by their text. Pure: needs no connection."""

    def parse(self, sql: str) -> Statement:
        """Parse one statement; comments, line breaks and letter case make no difference."""

    def facts(self, sql: str) -> Facts:
        """Facts about one statement."""

    def facts_of(self, statement: Statement) -> Facts:
        """Facts about a parsed statement, all but ``reach``, which needs the text."""

    def facts_on(self, known: Facts, statement: Statement, schema: Schema) -> Facts:
        """Facts about a statement on the tables of ``schema``, of which ``known`` are those that its text shows."""

    def analyze_file(self, statements: Sequence[str]) -> tuple[Facts, ...]:
        """Facts about the statements of one file, which may depend on each other (a new enum value and its first use)."""

    def unreplicated_engine(self, sql: str) -> str | None:
        """The engine of a table that a statement creates on every server of a cluster, each with rows of its own; ``None``
        for any other statement."""

    def recovery(self, sql: str) -> Recovery:
        """How a later run recovers from an interruption of this statement outside a transaction."""


class ServerDialect(DialectIdentity, Protocol):
    """Queries that need a connection to a server."""

    def server_of(self, conn: Connection) -> Server:
        """Version and default schema of the server behind ``conn``. Raises ``UnknownCluster`` if it does not know the
        cluster of ``for_cluster``."""

    def cluster_of(self, conn: Connection) -> Cluster | None:
        """The cluster of the database behind ``conn``; ``None`` if the engine has no clusters. Raises ``UnknownCluster``."""

    def host_states(
        self, conn: Connection, cluster: Cluster, open_host: Callable[[ClusterHost], Connection]
    ) -> Sequence[HostState]:
        """What each host of the cluster has in this database. ``open_host`` connects to one, for servers that cannot ask the
        others. A host that does not answer has no schema. Raises ``DatabaseError``."""

    def url_of_host(self, url: str, host: ClusterHost, hosts: Sequence[ClusterHost]) -> str:
        """The URL of the same database on one of ``hosts``. Raises ``Unsupported``."""

    def namespaces(self, conn: Connection) -> tuple[str, ...]:
        """Names of the database's namespaces without the server's own; empty if the engine has no namespaces in a database."""

    def inspect(self, conn: Connection, scope: Scope) -> Schema:
        """The schema of the database, canonical, in a constant number of catalogue queries."""

    def sizes(self, conn: Connection) -> Mapping[Ref, Size]:
        """Sizes of all tables, without counting rows one by one: for warnings, not for decisions about rows."""

    def offending_rows(self, conn: Connection, demand: RowDemand, schema: Schema, limit: int) -> OffendingRows | None:
        """Rows that do not meet ``demand``, with at most ``limit`` of them as a sample; ``None`` if there are none.

        ``schema`` is that of the database behind ``conn``. Only reads, and changes no setting of the session. Raises
        ``Unsupported`` for a demand that the engine cannot judge row by row, ``DatabaseError``.
        """

    def transaction_hooks(self, conn: Connection, statements: Sequence[str]) -> TransactionHooks:
        """Hooks around the transaction in which ``statements`` run."""

    def broken_objects(self, conn: Connection) -> Mapping[Ref, str]:
        """Views and triggers that use a dropped object, with the engine's message; empty if the engine refuses such drops."""

    def restore_in_progress(self, conn: Connection) -> bool:
        """Whether a restore of this database, which the engine cannot do in a transaction, runs or was killed. One query."""

    def probe(self, conn: Connection, sql: str, *, refused: bool = False, since: datetime | None = None) -> bool | None:
        """Whether a statement that ran outside a transaction had its effect; ``None`` if nothing shows it.

        1. Waits for a server process that may still be executing it.
        2. Removes what a failed attempt left (an INVALID index), so that the statement can run again.

        With ``refused`` the engine reported an error: true if the remains could be completed instead of removed. False for
        a repeatable statement. ``since`` is when the statement was about to be sent, by the server's clock, if the journal
        has it. Raises ``DatabaseError``.
        """

    def execute(self, conn: Connection, sql: str, report: Callable[[str], None]) -> None:
        """Run a statement of a migration until all its work is done, also what the server does in the background.

        ``report`` takes the progress in words, and may raise to end the waiting. Raises ``DatabaseError``.
        """

    def suspended_work(self, conn: Connection) -> Sequence[SuspendedWork]:
        """Work of the server that statements of migrations have suspended in this database: those of a run that goes on, or of
        one that was killed. At most one query."""

    def dependents(self, conn: Connection, columns: Collection[Ref]) -> Sequence[tuple[Ref, Ref]]:
        """Pairs of a column and an object of any namespace that prevents dropping the column or, except foreign keys,
        altering it. One query; empty if ``inspect`` already sees all of them."""

    def foreign_tables(self, conn: Connection, scope: Scope) -> Sequence[Definition]:
        """Tables on other servers, without their text, because migrations do not change them. At most one query."""

    def normalize_on_server(self, conn: Connection, current: Schema, desired: Schema, refs: Iterable[Ref]) -> Schema:
        """``desired`` with the expressions of the tables in ``refs`` as the server prints them (``Expression.key``).

        One batch that leaves nothing behind (PostgreSQL: a transaction that is rolled back). Raises ``DatabaseError`` if
        the server refuses (read-only, missing privileges).
        """

    def locker(self, conn: Connection, key: str) -> NativeLock | None:
        """The native lock beside the migration lock ``key``; ``None`` if databases are files without sessions, so that the
        holder's process is checked instead."""

    def missing_dependency(self, conn: Connection, sqlstate: str | None, message: str) -> str | None:
        """The name of the function, type, role, collation, ... that a failed statement needs and the database behind ``conn``
        does not have; ``None`` if it failed for another reason."""

    def remedy(self, conn: Connection, error: PermissionDenied, tables: OwnTables) -> str:
        """Advice for a statement that lacked a privilege: what to type, and as whom. ``conn`` is the session that was
        refused, outside a failed transaction. Raises ``DatabaseError``."""


class ScratchDialect(DialectIdentity, Protocol):
    """Scratch databases."""

    def scratch_providers(self, request: ScratchRequest) -> Sequence[ScratchProvider]:
        """The ways to get a scratch database, the best one first; each also removes the databases of killed runs."""

    def first_object(self, conn: Connection) -> str | None:
        """A user's object in this database, in words; ``None`` if the database is empty."""

    def clear(self, conn: Connection) -> None:
        """Drop all user objects in this database. Only for scratch databases."""

    def transfer(self, table: Table) -> Transfer:
        """Statements that copy the rows of ``table`` into a scratch database."""


class SeedDialect(DialectIdentity, Protocol):
    """Rows as statements. Pure: needs no connection."""

    def row_query(self, table: Table, key: Sequence[str], where: str | None, limit: int | None) -> str:
        """Query of the rows for ``row_values``, ordered by the columns ``key``."""

    def row_values(self, table: Table, row: Sequence[Any]) -> tuple[str, ...]:
        """A row of that query as SQL expressions, by which ``upsert`` stores the same values again."""

    def row_key(self, table: Table, members: Iterable[Object]) -> tuple[str, ...]:
        """The columns by which the engine recognises a row that is there already: the primary key, or unique columns that are
        NOT NULL. Raises ``UnkeyedTable``."""

    def upsert(self, table: Table, key: Sequence[str], rows: Sequence[Sequence[str]], *, update: bool) -> str:
        """Statement that inserts those rows, given as ``row_values``, whose key is new. With ``update`` the others get the
        given values, else they stay. Raises ``Unsupported``."""

    def delete_rows(self, table: Table, key: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
        """Statement that deletes the rows with the keys of ``rows``."""


class StoreDialect(DialectIdentity, Protocol):
    """DBWarden's own tables in the user's database."""

    def history_ddl(self, table: str, tables: OwnTables) -> tuple[str, ...]:
        """DDL that creates one of the own tables (``core.own_tables``) if it is missing."""

    def history_upgrade(self, table: str, tables: OwnTables, column: str) -> tuple[str, ...]:
        """DDL that adds one of the columns ``LATER`` to an own table of an earlier version: ``OWNER`` filled with
        ``UNCLAIMED``, the others with NULL.

        Must be repeatable: a second process may have waited for the first one's transaction.
        """

    def columns_of(self, conn: Connection, name: str) -> frozenset[str]:
        """Names of a table's columns; empty if it does not exist, without an error that would end a transaction."""

    def lock_cell(self, conn: Connection, tables: OwnTables) -> LockCell | None:
        """Where the migration lock is kept on an engine without row counts, whose own tables are append-only; ``None`` if the
        lock is a row of ``tables.lock``."""

    def ensure_namespace(self, name: str) -> str:
        """CREATE SCHEMA IF NOT EXISTS for ``history_schema``. Raises ``Unsupported``."""


class ArchiveDialect(DialectIdentity, Protocol):
    """Backups."""

    @property
    def archive(self) -> Archive | None:
        """Backup and restore; ``None`` if databases of this engine cannot be saved to a file."""


class RunnerDialect(DialectIdentity, Protocol):
    """Programs that run ALTER TABLE."""

    @property
    def table_runners(self) -> TableRunners | None:
        """The runners that the engine knows; ``None`` if it has none."""


class Dialect(
    SchemaDialect,
    StatementDialect,
    ServerDialect,
    ScratchDialect,
    SeedDialect,
    StoreDialect,
    ArchiveDialect,
    RunnerDialect,
    Protocol,
):
    """One engine in all its roles."""
