"""Running one file: every statement exactly as it was reviewed, and the event that says so, together or not at all.

A file whose statements all may run in a transaction is one transaction with its event. Otherwise consecutive ones share a
transaction with their journal rows (with ``-- transaction: off`` each has one of its own), and what the engine refuses
inside a transaction runs between *intent* and *done*; a later run goes on where this one stopped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from dbwarden.core.dialect import Dialect
from dbwarden.core.file import MigrationFile
from dbwarden.core.overview import Event, Record
from dbwarden.core.resolve import RollbackStep
from dbwarden.core.sqltext import SqlStatement

from .connection import DatabaseConnection
from .execution_options import ExecutionOptions as ExecutionOptions
from .runner import FileRunner, Task
from .stores import history_store

# -- what callers run ---------------------------------------------------------------------------------------------


def upgrade(
    conn: DatabaseConnection,
    dialect: Dialect,
    file: MigrationFile,
    run: ExecutionOptions,
    statements: Sequence[SqlStatement] | None = None,
) -> Record:
    """Apply a file, or finish one that stopped half-way; the event that was recorded.

    ``statements`` are those to run instead of the file's own (a translation). Raises ``MigrationFailed``, ``LockLost``,
    ``TransactionControl``, ``StatementInDoubt``, ``UnfinishedMigration``, ``Interrupted``.
    """
    sql = tuple(statements if statements is not None else file.upgrade(dialect.name))
    event = _event(file, run, Event.APPLIED, len(sql), file.rollback_sql(dialect.name))
    task = Task(event, Event.FAILED, "upgrade", sql, file.transaction)
    return FileRunner(conn, dialect, run, task).run()


def rollback(conn: DatabaseConnection, dialect: Dialect, step: RollbackStep, run: ExecutionOptions) -> Record:
    """Roll one migration step, or finish a rollback that stopped half-way; the event that was recorded. Raises as ``upgrade``."""
    event = replace(
        step.record,
        event=Event.ROLLED_BACK,
        statements_total=len(step.statements),
        by=run.by,
        tool_version=run.tool_version,
        error=None,
        rollback_sql=None,
    )
    transaction = step.file.transaction if step.file is not None else None
    task = Task(event, Event.ROLLBACK_FAILED, "rollback", tuple(step.statements), transaction)
    return FileRunner(conn, dialect, run, task).run()


def baseline(conn: DatabaseConnection, dialect: Dialect, file: MigrationFile, run: ExecutionOptions) -> Record:
    """Mark a file as applied without running it; the event that was recorded. Raises ``LockLost``."""
    event = _event(file, run, Event.BASELINED, len(file.upgrade(dialect.name)), None)
    history_store(conn, dialect, run.tables).append_if_held(event, run.token)
    return event


def _event(file: MigrationFile, run: ExecutionOptions, event: Event, total: int, rollback_sql: str | None) -> Record:
    return Record(
        id=0,
        key=file.key,
        kind=file.kind,
        file=file.name,
        description=file.description,
        checksum=file.checksum,
        event=event,
        statements_done=0,
        statements_total=total,
        at=datetime.now(UTC),
        duration=0.0,
        by=run.by,
        tool_version=run.tool_version,
        seed=file.seed,
        rollback_sql=rollback_sql,
        file_digest=file.digest or None,
    )
