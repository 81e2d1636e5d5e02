"""Execution of one file in one direction: its statements exactly as reviewed, and the event that history records.

``runner.py`` describes how statements are divided into transactions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from dbwarden.core.dialect import Dialect
from dbwarden.core.file import MigrationFile
from dbwarden.core.record import Event, Record
from dbwarden.core.resolve import RollbackStep
from dbwarden.core.sqltext import SqlStatement

from .connection import DatabaseConnection
from .execution_options import ExecutionOptions as ExecutionOptions
from .file_groups import run_files
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
    return _upgrade(conn, dialect, file, run, statements, script).run()


def upgrade_all(
    conn: DatabaseConnection,
    dialect: Dialect,
    files: Iterable[MigrationFile],
    options: Callable[[str], ExecutionOptions],
    finished: Callable[[Record], None],
) -> None:
    """Apply files in order, with ``options`` for the name of each, and call ``finished`` with each recorded event. Raises as
    ``upgrade``."""
    run_files((partial(_upgrade, conn, dialect, file, options(file.name)) for file in files), finished)


def _upgrade(
    conn: DatabaseConnection,
    dialect: Dialect,
    file: MigrationFile,
    run: ExecutionOptions,
    statements: Sequence[SqlStatement] | None = None,
    script: Script | None = None,
) -> FileRunner:
    sql = tuple(statements if statements is not None else file.upgrade(dialect.name))
    event = _event(file, run, Event.APPLIED, len(sql), file.rollback_sql(dialect.name))
    task = Task(event, Event.FAILED, "upgrade", sql, file.transaction, file.runner, script)
    return FileRunner(conn, dialect, run, task)


def rollback(
    conn: DatabaseConnection,
    dialect: Dialect,
    step: RollbackStep,
    run: ExecutionOptions,
    script: Script | None = None,
) -> Record:
    """Roll a migration back, or finish a rollback that stopped half-way; return the recorded event. Raises as
    ``upgrade``."""
    return _rollback(conn, dialect, step, run, script).run()


def rollback_all(
    conn: DatabaseConnection,
    dialect: Dialect,
    steps: Iterable[RollbackStep],
    options: Callable[[str], ExecutionOptions],
    finished: Callable[[Record], None],
) -> None:
    """Roll migrations back in order, as ``upgrade_all`` applies them."""
    run_files((partial(_rollback, conn, dialect, step, options(step.record.file)) for step in steps), finished)


def _rollback(
    conn: DatabaseConnection, dialect: Dialect, step: RollbackStep, run: ExecutionOptions, script: Script | None = None
) -> FileRunner:
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
    return FileRunner(conn, dialect, run, task)


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
