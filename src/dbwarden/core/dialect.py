"""Interfaces of a dialect, one per role: implemented by its package, used as types by other adapters."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple, Protocol, Self

from dbwarden.errors import PermissionDenied

from .archive import Archive
from .change import Change
from .ddl.statements import Statement
from .model import Column, Definition, Object, Schema, Table
from .options import OptionSpec
from .own_tables import OwnTables
from .sqltext import LexicalRules
from .statement import Facts, Recovery
from .type_table import TypeChange, TypeTable
from .types import DataType, Ref

OWN_PREFIX = "dbwarden_"
"""Tables whose name starts so are ours: never inspected, compared or dropped."""
SCRATCH_PREFIX = f"{OWN_PREFIX}scratch_"
"""Names of scratch databases, their folders and containers start so."""


@dataclass(frozen=True, slots=True)
class Features:
    """Capabilities of an engine, checked instead of its name."""

    transactional_ddl: bool = True
    lacks: frozenset[str] = frozenset()
    """The kinds of ``core.kinds`` that the engine does not have. All others it can create, and ``inspect`` finds them."""
    inline_foreign_keys: str = "created"
    """Foreign keys that stand inside CREATE TABLE: to tables ``created`` before, or ``all``."""
    for_share: bool = False
    """Whether ``SELECT ... FOR SHARE`` keeps a row from being changed until the transaction ends."""
    table_locks: bool = True
    """Whether a statement locks the tables that it works on and others go on (false: the whole database)."""
    concurrent_indexes: bool = False
    """Whether indexes are built without blocking writers by CREATE INDEX CONCURRENTLY."""
    not_valid: bool = False
    """Whether a constraint may be added NOT VALID and its rows be checked later without blocking writers."""
    renames: frozenset[str] = frozenset(("table", "column"))
    """The kinds of objects that get another name in place; all others are dropped and added."""
    caseless_names: frozenset[str] = frozenset()
    """The kinds of objects whose names are equal whatever the case of their ASCII letters (``core.spelling``)."""
    shared_names: tuple[frozenset[str], ...] = ()
    """Sets of kinds that share one set of names in a schema: a table cannot be called as an index is."""
    rebuilds_tables: bool = False
    """Whether a table is built anew and filled where a change is more than ALTER TABLE can do."""
    statement_batches: bool = False
    """Whether one message may carry many statements, separated by semicolons."""
    fills_nulls: bool = False
    """Whether a column that becomes NOT NULL gets its default where it has no value."""

    def has(self, kind: str) -> bool:
        """Whether the engine has objects of this kind."""
        return kind not in self.lacks


class Size(NamedTuple):
    """Size of a table, as far as the engine knows it without counting all rows; 0 rows only for a
    certainly empty one."""

    rows: int
    bytes: int
    """Size in bytes; 0 where the engine does not give one."""
    exact: bool = False
    """Whether the rows were counted."""


@dataclass(frozen=True, slots=True)
class Server:
    """The server that a dialect talks to or prints for."""

    version: tuple[int, ...] = ()
    flavour: str = ""
    default_schema: str | None = None
    product: str = ""
    """Product and version for people: ``PostgreSQL 15.18``."""


@dataclass(frozen=True, slots=True)
class Prefs:
    """Choices for the generation of SQL, in one value."""

    online: bool = False
    """Whether tables that exist are changed without blocking writers where the dialect has a way: more statements, some
    of them outside a transaction."""
    fills: Mapping[Ref, str | None] = field(default_factory=dict)
    """Columns that become NOT NULL in a table that holds rows: the SQL expression that gives these a value, or ``None`` for a
    marked place in the file where somebody has to write it."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Extent of an inspection: the namespaces (``None`` is the default one), and whether to read what models never describe
    (views, functions, triggers) as ``Definition``."""

    schemas: tuple[str | None, ...] = (None,)
    definitions: bool = True


class Connection(Protocol):
    """A database connection in autocommit mode: transactions are explicit.

    ``query`` and ``execute`` raise ``DatabaseError`` with the engine's own words. With ``params`` (``:name`` in the text)
    the statement is prepared; without, the text is sent byte for byte.
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
        """Whether a transaction pooler may be in between: no session state may be relied on, and none be left behind."""

    def transaction(self) -> AbstractContextManager[None]:
        """BEGIN; COMMIT at the end, ROLLBACK on any error."""

    def sever(self) -> bool:
        """Interrupt a statement that waits for a server, from another thread; false where there is no server."""

    def close(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, traceback: object, /) -> None: ...


@dataclass(frozen=True, slots=True)
class ScratchRequest:
    """A request for an empty database of the same dialect that stands in for another one."""

    name: str
    """Unique name for the scratch database; encodes host, process and start time so that other runs can recognise an
    abandoned one."""
    is_abandoned: Callable[[str], bool]
    """Whether the run that made a name has certainly ended: what bears that name may be removed."""
    open: Callable[[str], Connection]
    """Opens a connection to a URL."""
    conn: Connection | None = None
    """The database that the scratch stands in for; ``None`` where that cannot be reached."""
    sandbox_url: str | None = None
    """The configured sandbox, which is tried first."""
    needs_own_server: str | None = None
    """Why a server that others use will not do: the statement that reaches beyond its database, in words."""


@dataclass(frozen=True, slots=True)
class ScratchProvider:
    """One way to come by a scratch database."""

    description: str
    """Description for people: ``a temporary database on the same server``."""
    open: Callable[[], AbstractContextManager[Connection]]
    """Opens the scratch database and removes it at the end, whatever happens. Raises ``Unsupported`` or ``DatabaseError``
    where this way is not available."""
    own_server: bool = False
    """Whether nothing else is on its server, so that statements that reach beyond their database do no harm."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Transfer of a table's rows into the same table of another database, every value unchanged."""

    columns: tuple[str, ...]
    """Columns that are transferred, without those that the engine computes."""
    select: str
    """SELECT without WHERE."""
    insert: str
    """INSERT with a parameter ``:c0``, ``:c1``, ... for each column."""
    finish: tuple[str, ...] = ()
    """SQL to run after the last row: counters continue behind it."""


class Liveness(Enum):
    """Whether the holder of the lock still lives."""

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
    """Identity by which the dialect finds the holder again (backend pid and start, process start time, ...)."""


class Locker(Protocol):
    """The session-scoped native lock beside the row, which only shows whether the holder is alive."""

    def enter(self) -> str:
        """Take the native lock on this connection (never waiting) and return the session identity for the row."""

    def leave(self) -> None:
        """Give it back."""

    def liveness(self, holder: Holder) -> Liveness:
        """Whether the session of ``holder`` still exists, asked through this connection."""


class TransactionHooks(Protocol):
    """Hooks around the transaction of one file, such as a check before COMMIT."""

    def open(self) -> None:
        """Run before BEGIN."""

    def check(self) -> None:
        """Run after the last statement, before COMMIT. Raises ``DatabaseError`` when the file must not be committed."""

    def close(self) -> None:
        """Run after COMMIT or ROLLBACK."""


class DialectIdentity(Protocol):
    """Identity of a dialect, shared by all roles. Pure values."""

    @property
    def name(self) -> str:
        """Name of the engine, which is also SQLAlchemy's name of the dialect and the prefix of its keywords."""

    @property
    def features(self) -> Features: ...

    @property
    def lexical_rules(self) -> LexicalRules: ...

    @property
    def server(self) -> Server: ...

    def for_server(self, server: Server) -> Self:
        """The dialect of a certain server (version, flavour, default schema)."""


class SchemaDialect(DialectIdentity, Protocol):
    """The schema of an engine: its types, its spelling, the statements that change it. Pure."""

    @property
    def types(self) -> TypeTable:
        """The types that the engine has."""

    @property
    def options(self) -> Mapping[str, tuple[OptionSpec, ...]]:
        """Options of the objects of a kind; ``identity`` and ``column`` are kinds of their own here."""

    def canonical(self, schema: Schema) -> Schema:
        """``schema`` as the server would report it: type names, defaults, expressions, generated names."""

    def regroup(self, changes: Sequence[Change], before: Schema, after: Schema) -> Sequence[Change]:
        """Ordered changes, joined or split the way this vendor's statements do. Still the four verbs."""

    def recreated_by(self, change: Change, before: Schema, after: Schema) -> frozenset[Ref]:
        """The columns that ``ddl`` drops and adds again for a change, in one direction or the other: what stands on them has
        to go and come back. None where the vendor keeps it."""

    def ddl(self, change: Change, before: Schema, after: Schema, prefs: Prefs) -> tuple[str, ...]:
        """Statements (no trailing semicolon) for one change between two whole schemas.

        Raises ``Irreversible`` or ``Unsupported`` with a reason. For a rollback the caller passes the inverse change and
        swaps the schemas.
        """

    def merge_statements(self, statements: Sequence[str]) -> Sequence[str]:
        """The statements of one direction of a migration, with those in one that this vendor runs better as one."""

    def from_sqlalchemy(self, type_: Any, sqlalchemy: Any = None) -> tuple[DataType, tuple[Object, ...]]:
        """The column type that SQLAlchemy would emit, and the named types (enums, domains) it needs.

        ``sqlalchemy`` is its dialect with a driver: with some, ``type_descriptor(CHAR(32))`` is a VARCHAR.
        """

    def parse_type(self, text: str) -> DataType:
        """The type that somebody wrote in a statement."""

    def type_change(self, before: DataType, after: DataType) -> TypeChange:
        """Effect of a change of type on a column's values. Domains are looked through by the caller."""

    def session_settings(self, before: DataType, after: DataType, using: str | None = None) -> tuple[str, ...]:
        """The settings of the session that decide what a value becomes when its type changes; empty where none does.

        ``using`` is the expression that converts, where one is written. Domains are looked through by the caller.
        """

    @property
    def session_variations(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Statements that make two sessions differ in all settings that conversions may depend on."""

    def assumed_zone(self, before: DataType, after: DataType) -> str | None:
        """The time zone that the conversions of ``ddl`` assume, so that the session's does not decide; ``None`` where times
        are not converted between with and without a zone."""

    def autoincrement_column(self, table: Ref, schema: Schema) -> str | None:
        """The column of ``table`` that the engine numbers, though its definition does not mention it."""

    def differs_from_default(self, column: Column) -> str | None:
        """The condition that holds for rows in which ``column`` has another value than its default, or none at all.

        Values are compared as they are written out, not by the collation of the column. ``None`` where the default is not
        a constant.
        """

    def quote(self, name: str) -> str:
        """An identifier as it must be written: quoted only where needed."""

    def type_sql(self, datatype: DataType) -> str:
        """A type as it stands in the definition of a column; empty where the column has none."""

    def column_sql(self, column: Column) -> str:
        """A column as it stands in CREATE TABLE, without what constraints on it would add."""


class StatementDialect(DialectIdentity, Protocol):
    """Statements that somebody wrote, judged by their text. Pure."""

    def parse(self, sql: str) -> Statement:
        """The statement that a text is; comments, line breaks and letter case do not count."""

    def facts(self, sql: str) -> Facts:
        """Facts about the effects of one statement, from its text."""

    def facts_of(self, statement: Statement) -> Facts:
        """Facts about a statement that was parsed before; ``reach`` needs the text, so only ``facts`` gives it."""

    def analyze_file(self, statements: Sequence[str]) -> tuple[Facts, ...]:
        """The facts of all statements of one file, where one can depend on another (a new enum value and its first use)."""

    def recovery(self, sql: str) -> Recovery:
        """Recovery, in a later run, of a statement that was interrupted outside a transaction."""


class ServerDialect(DialectIdentity, Protocol):
    """Queries that need a connection to a server."""

    def server_of(self, conn: Connection) -> Server:
        """Version and default schema of the server behind ``conn``."""

    def namespaces(self, conn: Connection) -> tuple[str, ...]:
        """The namespaces of the database by name, but for the server's own; none where the engine has no namespaces in a
        database."""

    def inspect(self, conn: Connection, scope: Scope) -> Schema:
        """The schema of the database, canonical, in a constant number of catalogue queries."""

    def sizes(self, conn: Connection) -> Mapping[Ref, Size]:
        """Sizes of all tables, without counting rows one by one: for warnings, not for decisions about rows."""

    def transaction_hooks(self, conn: Connection, statements: Sequence[str]) -> TransactionHooks:
        """Hooks around the transaction in which ``statements`` run."""

    def broken_objects(self, conn: Connection) -> Mapping[Ref, str]:
        """Views and triggers that stand on something that is gone, with the engine's reason; none where it lets nothing go
        that others stand on."""

    def probe(self, conn: Connection, sql: str, *, refused: bool = False) -> bool | None:
        """Whether a statement that ran outside a transaction has had its effect; ``None`` where nothing shows it.

        Waits for a server process that may still be executing it, and clears away what a failed attempt left (an INVALID
        index), so that the statement can run again. ``refused``: the engine answered with an error, so only what the
        attempt left counts; true where that could be completed instead of cleared away. A repeatable statement is never
        in effect. Raises ``DatabaseError``.
        """

    def dependents(self, conn: Connection, columns: Collection[Ref]) -> Sequence[tuple[Ref, Ref]]:
        """Each column with what stands on it, in any namespace, and keeps it from being dropped or, but for foreign keys,
        altered. One query; none where ``inspect`` sees all there is."""

    def foreign_tables(self, conn: Connection, scope: Scope) -> Sequence[Definition]:
        """Tables on other servers, without their text, since no migration changes them. At most one query."""

    def normalize_on_server(self, conn: Connection, current: Schema, desired: Schema, refs: Iterable[Ref]) -> Schema:
        """``desired`` with the keys of the expressions of the tables in ``refs`` as the server prints them.

        Asked in one batch, leaving nothing behind (PostgreSQL: a transaction that is rolled back). ``refs`` are the tables
        where tokens alone could not decide. Raises ``DatabaseError`` where the server refuses (read-only, no rights).
        """

    def locker(self, conn: Connection, key: str) -> Locker | None:
        """The native lock for the migration lock called ``key``; ``None`` where databases are files without sessions: there
        the process is checked."""

    def missing_dependency(self, conn: Connection, sqlstate: str | None, message: str) -> str | None:
        """The name of what a failed statement asked for and the database behind ``conn`` does not have: a function, type,
        role, collation, ...; ``None`` where it failed for another reason."""

    def remedy(self, conn: Connection, error: PermissionDenied, tables: OwnTables) -> str:
        """Advice for a statement that was refused for lack of a privilege: what to type, and as whom. ``conn`` is the
        session that was refused, in no failed transaction. Raises ``DatabaseError``."""


class ScratchDialect(DialectIdentity, Protocol):
    """Empty databases to try something out in; an engine without a way to one has no ``scratch_providers``."""

    def scratch_providers(self, request: ScratchRequest) -> Sequence[ScratchProvider]:
        """The ways to a scratch database of this dialect, the best one first; each also removes what killed runs left."""

    def first_object(self, conn: Connection) -> str | None:
        """An object that somebody made in this database, in words; ``None`` where the database is empty."""

    def clear(self, conn: Connection) -> None:
        """Drop everything in this database that can be made: called on scratch databases only."""

    def transfer(self, table: Table) -> Transfer:
        """Transfer of the rows of ``table`` into a scratch database."""


class StoreDialect(DialectIdentity, Protocol):
    """Our own tables in the database of the user."""

    def history_ddl(self, table: str, tables: OwnTables) -> tuple[str, ...]:
        """DDL that creates one of our own tables (``core.own_tables``) where it is missing."""

    def history_upgrade(self, table: str, tables: OwnTables, column: str) -> tuple[str, ...]:
        """DDL that adds one of the columns ``LATER`` to one of our own tables from an earlier version: ``OWNER`` with
        ``UNCLAIMED`` in each row, ``FILE_DIGEST`` with NULL.

        A second process that waited for the first one's transaction may run it again.
        """

    def columns_of(self, conn: Connection, name: str) -> frozenset[str]:
        """The names of a table's columns; none where it does not exist, which is not an error: a transaction goes on."""

    def ensure_namespace(self, name: str) -> str:
        """CREATE SCHEMA IF NOT EXISTS for ``history_schema``. Raises ``Unsupported``."""


class ArchiveDialect(DialectIdentity, Protocol):
    """Backups."""

    @property
    def archive(self) -> Archive | None:
        """``None`` where databases of this engine are not saved to a file."""


class Dialect(SchemaDialect, StatementDialect, ServerDialect, ScratchDialect, StoreDialect, ArchiveDialect, Protocol):
    """One engine in all its roles."""
