"""Errors of the database and of DBWarden's own tables."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from .base import ConfigurationError, DBWardenError


class Failure(Enum):
    """Meaning of an engine's error, which ``Connector.classify`` derives from its code or message."""

    CONNECTION_LOST = "connection lost"
    CANCELLED = "cancelled"
    BUSY = "busy"
    """A lock timeout or a deadlock."""
    READ_ONLY = "read-only"
    PERMISSION = "permission"
    AUTHENTICATION = "authentication"
    UNKNOWN_DATABASE = "unknown database"
    DISK_FULL = "disk full"
    MISSING_TABLE = "missing table"
    """A missing table or namespace."""
    MISSING_COLUMN = "missing column"
    MISSING_OBJECT = "missing object"
    ALREADY_EXISTS = "already exists"
    DUPLICATE_KEY = "duplicate key"
    UNMET_DEMAND = "unmet demand"
    """A row or value that a constraint or a type does not take, other than a duplicate key."""
    BACKGROUND = "failed in the background"
    """Work that the server does after it has accepted the statement."""
    NEEDS_REBUILD = "needs a rebuild"
    """A change without a rebuild was refused, because the table has had too many of them."""
    TRANSACTION_REFUSED = "transaction refused"
    """The statement failed only because it ran inside a transaction block."""
    OTHER = "other"


class DatabaseError(DBWardenError):
    """{message}"""

    failure: Failure = Failure.OTHER
    sqlstate: str | None = None
    """The engine's code; for SQLite, the name of its result code."""
    position: int | None = None
    """Position in the statement, 1-based."""
    detail: str | None = None
    sql: str = ""
    """The statement."""


class ConnectionFailed(DatabaseError):
    """Cannot connect to {url}: {reason}"""

    url: str
    reason: str
    host: str | None
    port: int | None
    user: str | None
    database: str | None

    hint = "`dbwarden settings show` shows the URL in the configuration."


class ConnectionLost(DatabaseError):
    """{message}"""

    failure = Failure.CONNECTION_LOST
    hint = (
        "The connection to the database broke. Look at the server's log, at `dbwarden status`, and at `dbwarden lock-status`,"
        " which shows whether the lock is held, before trying again."
    )


class HostsAway(ConnectionLost):
    """Executed on {done} hosts of the cluster, but not yet on {hosts}; the statement waits there in the queue ({entry})"""

    hosts: str
    done: str
    entry: str

    hint = (
        "{hosts} executes it as soon as it is back. Start it, or wait for it; then `dbwarden migrate` again asks every host"
        " whether the statement had its effect, and goes on."
    )


class PartlyExecuted(DatabaseError):
    """Only a part of the cluster has certainly executed the statement: {done}"""

    done: tuple[str, ...]
    """Hosts that have its effect."""
    left: tuple[str, ...]
    """Hosts that lack it."""
    unknown: tuple[str, ...]
    """Hosts that show neither."""
    statement: str
    """What to run on one host."""

    @classmethod
    def of(
        cls, statement: str, done: Sequence[str] = (), left: Sequence[str] = (), unknown: Sequence[str] = ()
    ) -> PartlyExecuted:
        """The error for what the hosts show. If some show nothing, a person decides about these."""
        parts = ("executed on", done), ("not executed on", left), ("not known of", unknown)
        words = "; ".join(f"{words} {', '.join(hosts)}" for words, hosts in parts if hosts)
        hint = f"Run it on {', '.join(left)} (`{statement}`), and then the same command again."
        if unknown:
            hint = (
                f"Look at {', '.join(unknown)}: `--assume done` or `--assume not-done` decides about that part, and the same"
                " command completes the statement on the hosts that lack it."
            )
        message = f"The hosts of the cluster differ about the statement: {words}"
        return cls(message, hint=hint, statement=statement, done=(*done,), left=(*left,), unknown=(*unknown,))


class DatabaseBusy(DatabaseError):
    """{message}"""

    hint = "Another session holds a lock that this statement needs. Try again later, or allow a longer lock_timeout."


class DatabaseReadOnly(DatabaseError):
    """{message}"""

    hint = (
        "Nothing can be changed there: the server is a standby or read-only by its settings, or the file may not be"
        " written. Point the configuration at the primary; with several hosts in the URL, target_session_attrs=read-write"
        " finds it, where the driver knows that."
    )


class PermissionDenied(DatabaseError):
    """{message}"""

    hint = "The role that DBWarden connects as lacks a privilege."


class TableNeedsRebuild(DatabaseError):
    """{message}"""

    failure = Failure.NEEDS_REBUILD
    hint = (
        "InnoDB counts the columns that were added and dropped with ALGORITHM=INSTANT since the table was last rebuilt, up to a"
        " limit (information_schema.innodb_tables.total_row_versions). Rebuild the table while it is in use, `ALTER TABLE ..."
        " FORCE, ALGORITHM=INPLACE, LOCK=NONE`, then run the command again; or write ALGORITHM=INPLACE, LOCK=NONE into the file"
        " in the place of ALGORITHM=INSTANT."
    )


class StatementCancelled(DatabaseError):
    """{message}"""


class MutationFailed(DatabaseError):
    """{message}"""

    failure = Failure.BACKGROUND


class ForeignHistory(DatabaseError):
    """The table {table} lacks columns that this version of DBWarden needs: {missing}"""

    table: str
    missing: str

    hint = "An older version or another program created it. Nothing was changed; rename the table to keep its contents."


class NewerHistory(DatabaseError):
    """The table {table} was written by a newer version of DBWarden: this version does not know {unknown}"""

    table: str
    unknown: str

    hint = "Nothing was changed. Install the version that wrote it, or a later one."


class DamagedRow(DatabaseError):
    """The table {table} holds {value} as {column}, which is not {expected}"""

    table: str
    column: str
    value: str
    expected: str

    hint = (
        "Nothing was changed. Another program wrote that row: correct it by hand (`SELECT * FROM {table}`), or restore the"
        " table from a backup."
    )


class AmbiguousTable(ConfigurationError):
    """Database {database} has several objects named {table}: {candidates}"""

    table: str
    database: str
    candidates: str

    hint = "Write the name with its schema."
