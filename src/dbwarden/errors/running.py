"""Errors of a run of migrations."""

from __future__ import annotations

from typing import ClassVar

from .base import DBWardenError, Refused


class SchemaNotCurrent(DBWardenError):
    """The schema of {database} is not what the migrations of this application lead to: {state}"""

    database: str
    state: str

    exit_code = 4
    hint = "Run `dbwarden status -d {database}` to see it and `dbwarden migrate -d {database}` before the application starts."


class IncompleteRun(DBWardenError):
    """{part} of {file} stopped in an earlier run before statement {statement} of {total} was done"""

    file: str
    statement: int
    total: int

    part: ClassVar[str] = ""

    @classmethod
    def of(cls, file: str, done: int, total: int) -> IncompleteRun:
        """The error for a file of which ``done`` statements had their effect."""
        return cls(file=file, statement=min(done + 1, max(total, 1)), total=max(total, 1))


class UnfinishedRollback(IncompleteRun):
    """{part} of {file} stopped in an earlier run before statement {statement} of {total} was done"""

    part = "The rollback"
    hint = "Nothing else runs before it is finished: `dbwarden rollback` continues it (`--to-version 0` for a repeatable file)."


class UnfinishedUpgrade(IncompleteRun):
    """{part} of {file} stopped in an earlier run before statement {statement} of {total} was done"""

    part = "The upgrade"
    hint = (
        "Nothing else runs before it is finished: `dbwarden migrate` continues it. To roll back instead, remove the statements"
        " from {statement} on from the file, and those that undo them from its rollback section; then run `dbwarden migrate`"
        " and `dbwarden rollback`."
    )


class MigrationFailed(DBWardenError):
    """{file}:{line}: {step} failed: {reason}

    {excerpt}{rows}"""

    file: str
    line: int
    step: str
    reason: str
    excerpt: str
    state: str
    advice: str
    statement: int
    total: int
    sqlstate: str | None = None
    rows: str = ""
    """The rows that made the statement fail, in lines of their own; empty if that is not known."""

    hint = "{state}.{advice}"


class UnfinishedMigration(DBWardenError):
    """{file} stopped in the middle of an earlier run, and statement {statement} of it was edited since (line {line})"""

    file: str
    statement: int
    line: int

    @classmethod
    def of(cls, file: str, statement: int, line: int, *, in_doubt: bool) -> UnfinishedMigration:
        """The error for a statement that had its effect, or (``in_doubt``) may have had it."""
        if in_doubt:
            hint = (
                f"Statement {statement} was begun, and may have had its effect. Restore its text as it ran, so that the next"
                " run can check; or check the database and run the same command with `--assume done` or `--assume not-done`."
            )
        else:
            hint = (
                f"Statements 1 to {statement} had their effect already and are not repeated. Restore their text as it ran;"
                " put new statements after them, or into a new migration."
            )
        return cls(file=file, statement=statement, line=line, hint=hint)


class StatementInDoubt(DBWardenError):
    """{file}:{line}: an earlier run was interrupted in statement {statement} of {total}, and the database does not show
    whether it had its effect: {excerpt}"""

    file: str
    line: int
    statement: int
    total: int
    excerpt: str

    hint = "Check the database, then run the same command with `--assume done` or `--assume not-done`."


class Interrupted(DBWardenError):
    """Interrupted by {signal}{state}"""

    signal: str
    state: str

    exit_code = 130


class Terminated(Interrupted):
    """Terminated by {signal}{state}"""

    exit_code = 143


class UnsafeMigration(Refused):
    """Refused: {count} critical {findings} in the pending migrations of {database}

    {listed}"""

    count: int
    findings: str
    database: str
    rule: str

    hint = (
        "Nothing was executed. `dbwarden check -d {database}` shows all findings, `dbwarden check --explain"
        " {rule}` what to do instead. Apply it anyway with --force, or write `-- dbwarden: ignore {rule}: <reason>` before"
        " the statement."
    )


class UnmetDemands(Refused):
    """Refused: {count} {demands} of the pending migrations of {database} would fail on rows that are there

    {listed}"""

    count: int
    demands: str
    database: str

    hint = (
        "Nothing was executed. Correct these rows, or write the UPDATE before the statement; --no-preflight runs the migrations"
        " without looking at rows."
    )
