"""Safety gate of ``migrate`` and ``rollback``: refuses files with critical findings, unless forced or confirmed.

1. Files that only create objects pass; the rules are not even imported.
2. The rules check the text of the statements. Without a critical finding, or one that the text leaves open, the run passes.
3. The schema is inspected and the rows concerned are counted: dropping an empty table, or a column without values, is not a
   loss. Critical findings that remain are the refusal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dbwarden.config import shown_path
from dbwarden.core.ddl.constant import constant
from dbwarden.core.dialect import Dialect, Scope
from dbwarden.core.file import MigrationFile
from dbwarden.core.overview import state
from dbwarden.core.resolve import RollbackStep
from dbwarden.core.sqltext import LexicalRules, SqlStatement
from dbwarden.core.statement import Effect
from dbwarden.core.types import Ref
from dbwarden.errors import Refused, UnsafeMigration, UnsafeRollback
from dbwarden.runtime.connection import DatabaseConnection
from dbwarden.runtime.row_count import count_rows, has_rows

from .migration_session import RunOptions
from .progress import Unsafe
from .workspace import Workspace

if TYPE_CHECKING:
    from dbwarden.checks.rule import Environment, Finding
    from dbwarden.core.model import Schema

_LISTED = 5


def refuse_unsafe(refusal: Refused | None, options: RunOptions) -> None:
    """Raise ``refusal`` unless ``options`` force the run (then it is reported) or a person confirms it."""
    if refusal is None:
        return
    if options.force or options.dry_run:
        options.events(Unsafe(tuple(line.strip() for line in refusal.listed.splitlines())))
    elif options.confirm is None or not options.confirm(refusal):
        raise refusal


def unsafe_upgrade(
    workspace: Workspace,
    dialect: Dialect,
    conn: DatabaseConnection,
    files: Sequence[MigrationFile],
    to_run: Sequence[MigrationFile],
) -> UnsafeMigration | None:
    """Refusal for the critical findings in ``to_run``, a part of ``files``; ``None`` if there are none."""
    if all(_only_creates(file.upgrade(dialect.name), dialect) for file in to_run):
        return None
    from dbwarden.checks.run import check_files  # deferred: most runs only create

    ordered = ordered_files(files)
    findings = _critical(
        workspace,
        dialect,
        conn,
        lambda environment, schema: check_files(
            ordered, to_run, dialect, environment, engine=workspace.variant, schema=schema
        ),
    )
    return UnsafeMigration(**_error_fields(workspace, findings)) if findings else None


def unsafe_rollback(
    workspace: Workspace, dialect: Dialect, conn: DatabaseConnection, steps: Sequence[RollbackStep]
) -> UnsafeRollback | None:
    """Refusal for the critical findings in ``steps``, with the data losses that the files' headers announce; else ``None``."""
    if all(_only_creates(step.statements, dialect) for step in steps):
        return None
    from dbwarden.checks.run import added_defaults, check_rollback

    findings = _critical(
        workspace,
        dialect,
        conn,
        lambda environment, schema: check_rollback(
            steps, dialect, environment, engine=workspace.variant, schema=schema
        ),
        lambda ref: added_defaults(steps, dialect, workspace.variant).get(ref),
    )
    if not findings:
        return None
    concerned = {finding.file for finding in findings}
    announced = [
        f"{step.file.name} announces: data lost on rollback: {step.file.lost_on_rollback}"
        for step in steps
        if step.file is not None and step.file.name in concerned and step.file.lost_on_rollback
    ]
    return UnsafeRollback(**_error_fields(workspace, findings, announced))


def _critical(
    workspace: Workspace,
    dialect: Dialect,
    conn: DatabaseConnection,
    check: Callable[[Environment, Schema | None], Sequence[Finding]],
    given_again: Callable[[Ref], str | None] = lambda ref: None,
) -> list[Finding]:
    """Critical findings of ``check``, after counting the rows concerned if needed (steps 2 and 3 above).

    ``given_again`` returns the default of a dropped column when it is added again: if all rows have this value, nothing is
    lost.
    """
    from dbwarden.checks.rule import COUNTED, Environment, Severity

    environment = Environment(workspace.database.lock_timeout)
    if not any(finding.severity is Severity.CRITICAL or finding.unsure for finding in check(environment, None)):
        return []
    schema = dialect.inspect(conn, Scope(definitions=False))

    def critical(environment: Environment) -> list[Finding]:
        return [finding for finding in check(environment, schema) if finding.severity is Severity.CRITICAL]

    environment = replace(environment, sizes=dialect.sizes(conn))
    concerned = {finding.loses for finding in critical(environment)} - {None}
    counted = {
        ref: 0
        if _only_default(conn, dialect, schema, ref, given_again(ref))
        else count_rows(conn, dialect.quote, ref, COUNTED)
        for ref in concerned
        if ref is not None
    }
    return critical(replace(environment, losses={ref: count for ref, count in counted.items() if count is not None}))


def _only_default(conn: DatabaseConnection, dialect: Dialect, schema: Schema, ref: Ref, default: str | None) -> bool:
    """Whether all rows have the column's default, and ``default``, which it has when it is added again, is the same constant."""
    from dbwarden.core.model import Table  # deferred: as the rules

    table = schema.get(ref.owner)
    column = table.columns.get(ref.name) if isinstance(table, Table) else None
    if (
        default is None
        or column is None
        or column.default is None
        or not _same_constant(column.default.text, default, dialect.lexical_rules)
    ):
        return False
    condition = dialect.differs_from_default(column)
    return condition is not None and has_rows(conn, dialect.quote, ref.owner, condition) is False


def _same_constant(printed: str, written: str, lexical_rules: LexicalRules) -> bool:
    """Whether both texts are the same constant, ignoring casts and quotes."""
    printed_constant, written_constant = (constant(text, lexical_rules) for text in (printed, written))
    if printed_constant is None or written_constant is None:
        return printed == written
    first, second = (
        literal.text if literal.value is None else literal.value for literal in (printed_constant, written_constant)
    )
    return first == second or {first.casefold(), second.casefold()} in ({"true"}, {"false"})


def _error_fields(workspace: Workspace, findings: Sequence[Finding], more: Sequence[str] = ()) -> dict[str, Any]:
    listed = [f"{finding.message} ({_place(workspace, finding)}, {finding.rule})" for finding in findings[:_LISTED]]
    if len(findings) > _LISTED:
        listed.append(f"and {len(findings) - _LISTED} more")
    return {
        "count": len(findings),
        "findings": "finding" if len(findings) == 1 else "findings",
        "database": workspace.label,
        "listed": "\n    ".join([*listed, *more]),
        "rule": findings[0].rule,
    }


def _place(workspace: Workspace, finding: Finding) -> str:
    """Path and line of a finding: ``migrations/primary/0002_x.sql:7``; only the name for a missing file."""
    path = workspace.folder / finding.file
    return f"{shown_path(path, Path.cwd()) if path.exists() else finding.file}:{finding.line}"


_LOSE_NOTHING = frozenset((Effect.CREATES, Effect.SCANS))


def _only_creates(statements: Sequence[SqlStatement], dialect: Dialect) -> bool:
    """Whether the statements only create objects, so that nothing can be lost."""
    facts = dialect.analyze_file([statement.text for statement in statements])
    return all(fact.known and fact.effects and fact.effects <= _LOSE_NOTHING for fact in facts)


def ordered_files(files: Sequence[MigrationFile]) -> tuple[MigrationFile, ...]:
    """Files in the order in which they run. Raises ``DuplicateVersion``."""
    return tuple(entry.file for entry in state(files, ()).entries if entry.file is not None)
