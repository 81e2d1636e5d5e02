"""Role of a dialect: what it asks of a server and runs there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

from .identity import DialectIdentity

if TYPE_CHECKING:  # what the interfaces only name: a command that connects needs none of it
    from dbwarden.errors import PermissionDenied

    from ..access_right import AccessRight, AccessRights
    from ..diagnosis import Diagnosis
    from ..host_drift import HostState
    from ..model import Definition, Schema
    from ..own_tables import OwnTables
    from ..row_demands import OffendingRows, RowDemand
    from ..types import Ref
    from .cluster import Cluster, ClusterHost, PartialExecution
    from .connection import Connection
    from .identity import Server
    from .native_lock import NativeLock


class Size(NamedTuple):
    """Size of a table, estimated if counting would be slow; 0 rows only if it is certainly empty."""

    rows: int
    bytes: int
    """Size in bytes; 0 if the engine does not report one."""
    exact: bool = False
    """Whether the rows were counted."""


class SuspendedWork(NamedTuple):
    """Work of the server that a migration has suspended, and that goes on only when somebody asks for it."""

    work: str
    """The work in words: ``merges of events``."""
    resume: tuple[str, ...]
    """Statements that let it go on."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Extent of an inspection: the namespaces (``None`` is the default one), and whether to read views, functions and triggers, and
    whether to read what belongs to the server: roles, and the privileges that it keeps by account (MySQL, MariaDB)."""

    schemas: tuple[str | None, ...] = (None,)
    definitions: bool = True
    accounts: bool = False
    owners: bool = False
    """Whether to read who owns each object: only for those who declare owners."""


class TransactionHooks(Protocol):
    """Hooks around the transaction of one file, such as a check before COMMIT."""

    def open(self) -> None:
        """Run before BEGIN."""

    def check(self) -> None:
        """Run after the last statement, before COMMIT. Raises ``DatabaseError`` if the file must not be committed."""

    def close(self) -> None:
        """Run after COMMIT or ROLLBACK."""


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

    def creation_notes(self, conn: Connection, schema: Schema) -> Iterable[str]:
        """Notes about objects of a schema that the server would create although they cannot work there. At most two queries, and
        none for most schemas. Raises ``Unsupported`` for what it would create in vain."""

    def broken_objects(self, conn: Connection) -> Mapping[Ref, str]:
        """Views and triggers that use a dropped object, with the engine's message; empty if the engine refuses such drops."""

    def diagnose(self, conn: Connection) -> Iterable[Diagnosis]:
        """What in the server, in the account or in the database will hinder migrations, in a constant number of queries that
        only read. Raises ``DatabaseError``."""

    def restore_in_progress(self, conn: Connection) -> str:
        """What is not as before where a restore of this database, which the engine cannot do in a transaction, runs or was
        killed, in words; empty if there is none. One query."""

    def probe(self, conn: Connection, sql: str, *, refused: bool = False, since: datetime | None = None) -> bool | None:
        """Whether a statement that ran outside a transaction had its effect; ``None`` if nothing shows it.

        1. Waits for a server process that may still be executing it.
        2. Removes what a failed attempt left (an INVALID index), so that the statement can run again.

        With ``refused`` the engine reported an error: true if the remains could be completed instead of removed. False for
        a repeatable statement. ``since`` is when the statement was about to be sent, by the server's clock, if the journal
        has it. Raises ``DatabaseError``.
        """

    def complete(
        self,
        conn: Connection,
        sql: str,
        partial: PartialExecution,
        connect: Callable[[str], Connection],
        report: Callable[[str], None],
    ) -> Sequence[str]:
        """Run a statement on the hosts of a cluster that lack its effect, and return those that it was sent to.

        ``connect`` connects to a host by its name. A host that has got the effect meanwhile is left alone. ``report`` is that of
        ``execute``. Raises ``DatabaseError``, ``Unsupported``.
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

    def other_objects(self, conn: Connection, scope: Scope) -> Sequence[Definition]:
        """Objects of kinds that ``inspect`` does not read, without their text, because migrations do not change them. At most
        one query."""

    def access_rights(self, conn: Connection) -> AccessRights:
        """Accounts, roles and rights that no migration of this engine changes, as far as the account may see them, in a
        constant number of queries. Empty where ``inspect`` has those of the database."""

    def table_rights(self, conn: Connection) -> Sequence[AccessRight]:
        """Those of them that guard a table of the database. At most one query."""

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
