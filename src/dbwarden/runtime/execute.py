"""Execution of one file in one direction: its statements exactly as reviewed, and the event that history records.

``runner.py`` describes how statements are divided into transactions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from dbwarden.core.dialect import Dialect
from dbwarden.core.file import MigrationFile
from dbwarden.core.record import Event, Record
from dbwarden.core.resolve import RollbackStep
from dbwarden.core.sqltext import SqlStatement

from .connection import DatabaseConnection
from .execution_options import ExecutionOptions as ExecutionOptions
from .runner import FileRunner, Script, Task
from .stores import history_store

# -- what callers run ---------------------------------------------------------------------------------------------


def upgrade(
    conn: DatabaseConnection,
    dialect: Dialect,
    file: MigrationFile,
    run: ExecutionOptions,
    statements: Sequence[SqlStatement] | None = None,
    script: Script | None = None,
) -> Record:
    """Apply a file, or finish one that stopped half-way; return the recorded event.

    ``statements`` replaces the file's own (a translation), ``script`` runs a file in Python. Raises ``MigrationFailed``,
    ``LockLost``, ``TransactionControl``, ``StatementInDoubt``, ``UnfinishedMigration``, ``Interrupted``.
    """
    sql = tuple(statements if statements is not None else file.upgrade(dialect.name))
    event = _event(file, run, Event.APPLIED, len(sql), file.rollback_sql(dialect.name))
    task = Task(event, Event.FAILED, "upgrade", sql, file.transaction, file.runner, script)
    return FileRunner(conn, dialect, run, task).run()


def rollback(
    conn: DatabaseConnection,
    dialect: Dialect,
    step: RollbackStep,
    run: ExecutionOptions,
    script: Script | None = None,
) -> Record:
    """Roll a migration back, or finish a rollback that stopped half-way; return the recorded event. Raises as
    ``upgrade``."""
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
    task = Task(event, Event.ROLLBACK_FAILED, "rollback", tuple(step.statements), transaction, step.runner, script)
    return FileRunner(conn, dialect, run, task).run()


def baseline(conn: DatabaseConnection, dialect: Dialect, file: MigrationFile, run: ExecutionOptions) -> Record:
    """Mark a file as applied without running it; return the recorded event. Raises ``LockLost``."""
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
