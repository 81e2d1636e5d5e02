"""Runners of ALTER TABLE: what can be checked before anything runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dbwarden.core.dialect import Dialect
from dbwarden.core.file import MigrationFile
from dbwarden.core.resolve import RollbackStep
from dbwarden.core.sqltext import SqlStatement
from dbwarden.runtime.connection import DatabaseConnection
from dbwarden.runtime.table_runner import RunnerOptions, TableRunner

from .workspace import Workspace


@dataclass(frozen=True, slots=True)
class RunnerWork:
    """A file whose statements a runner is asked for."""

    file: str
    runner: str
    statements: Sequence[SqlStatement]
    unfinished: bool
    """Whether an earlier run stopped in it, so that only the journal shows what is left to do."""


def of_upgrades(files: Iterable[MigrationFile], unfinished: Iterable[str]) -> list[RunnerWork]:
    """What runners are asked for by these files; ``unfinished`` are the names of those that stopped half-way."""
    stopped = frozenset(unfinished)
    return [
        RunnerWork(file.name, file.runner, file.upgrade(), file.name in stopped)
        for file in files
        if file.runner is not None
    ]


def of_rollbacks(steps: Iterable[RollbackStep]) -> list[RunnerWork]:
    """What runners are asked for by the rollbacks of these steps."""
    return [
        RunnerWork(step.record.file, step.runner, step.statements, step.record.unfinished)
        for step in steps
        if step.runner is not None
    ]


def ensure_runnable(
    workspace: Workspace, dialect: Dialect, conn: DatabaseConnection, work: Iterable[RunnerWork]
) -> None:
    """Raise ``UnknownRunner``, ``MissingRunner``, ``RunnerRefused`` or ``RunnerUnfinished`` if a runner cannot do its work.

    A table that an earlier file creates or changes is looked at again before its statement runs.
    """
    options = options_of(workspace)
    if options is None:
        return
    for item in work:
        runner = TableRunner.of(dialect, options, item.file, item.runner, item.statements)
        for number in () if item.unfinished else range(1, len(item.statements) + 1):
            runner.ensure_possible(conn, number)


def options_of(workspace: Workspace) -> RunnerOptions | None:
    """How runners are started; ``None`` if files run in a variant for another engine, which needs no runner."""
    if workspace.variant is not None:
        return None
    return RunnerOptions(dict(workspace.database.runners), workspace.label)
