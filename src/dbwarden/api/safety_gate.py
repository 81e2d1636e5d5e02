"""The safety gate of ``migrate`` and ``rollback``: what destroys data, or blocks everybody, is refused unless asked for.

It reads SQL text, and asks the database how many rows are concerned where the text destroys any; applying migrations never
pays for importing models.
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
from dbwarden.core.model import Schema, Table
from dbwarden.core.overview import state
from dbwarden.core.resolve import RollbackStep
from dbwarden.core.sqltext import Lexis, SqlStatement
from dbwarden.core.statement import Effect
from dbwarden.core.types import Ref
from dbwarden.errors import Refused, UnsafeMigration, UnsafeRollback
from dbwarden.runtime.connection import DatabaseConnection
from dbwarden.runtime.row_count import count_rows, has_rows

from .migration_session import RunOptions
from .progress import Unsafe
from .workspace import Workspace

if TYPE_CHECKING:
    from dbwarden.checks.rule import Finding, Surroundings

_LISTED = 5


def refuse_unsafe(refusal: Refused | None, options: RunOptions) -> None:
    """Raise ``refusal`` unless ``options`` force the run or a person confirms it; what is forced is told."""
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
    """What is critical in ``to_run``, which are among ``files``."""
    if all(_only_creates(file.upgrade(dialect.name), dialect) for file in to_run):
        return None
    from dbwarden.checks.run import check_files  # deferred: most runs only create

    ordered = ordered_files(files)
    found = _critical(
        workspace,
        dialect,
        conn,
        lambda around, schema: check_files(ordered, to_run, dialect, around, engine=workspace.variant, schema=schema),
    )
    return UnsafeMigration(**_described(workspace, found)) if found else None


def unsafe_rollback(
    workspace: Workspace, dialect: Dialect, conn: DatabaseConnection, steps: Sequence[RollbackStep]
) -> UnsafeRollback | None:
    """What is critical in the statements that ``steps`` run; the file's own words about lost data are among it."""
    if all(_only_creates(step.statements, dialect) for step in steps):
        return None
    from dbwarden.checks.run import added_defaults, check_rollback

    found = _critical(
        workspace,
        dialect,
        conn,
        lambda around, schema: check_rollback(steps, dialect, around, engine=workspace.variant, schema=schema),
        lambda ref: added_defaults(steps, dialect, workspace.variant).get(ref),
    )
    if not found:
        return None
    concerned = {one.file for one in found}
    announced = [
        f"{step.file.name} announces: data lost on rollback: {step.file.lost_on_rollback}"
        for step in steps
        if step.file is not None and step.file.name in concerned and step.file.lost_on_rollback
    ]
    return UnsafeRollback(**_described(workspace, found, announced))


def _critical(
    workspace: Workspace,
    dialect: Dialect,
    conn: DatabaseConnection,
    check: Callable[[Surroundings, Schema | None], Sequence[Finding]],
    given_again: Callable[[Ref], str | None] = lambda ref: None,
) -> list[Finding]:
    """The critical findings of ``check``. ``given_again`` tells the default that a dropped column has when it is added again:
    while every row has that, nothing is lost.

    The database is asked only where something critical stands in the text, or something that the text alone does not tell
    (the former type of a column): dropping an empty table, or a column without values, destroys nothing.
    """
    from dbwarden.checks.rule import COUNTED, Severity, Surroundings

    around = Surroundings(workspace.database.lock_timeout)
    if not any(one.severity is Severity.CRITICAL or one.unsure for one in check(around, None)):
        return []
    schema = dialect.inspect(conn, Scope(definitions=False))

    def critical(around: Surroundings) -> list[Finding]:
        return [one for one in check(around, schema) if one.severity is Severity.CRITICAL]

    around = replace(around, sizes=dialect.sizes(conn))
    concerned = {one.loses for one in critical(around)} - {None}
    counted = {
        ref: 0
        if _only_default(conn, dialect, schema, ref, given_again(ref))
        else count_rows(conn, dialect.quote, ref, COUNTED)
        for ref in concerned
        if ref is not None
    }
    return critical(replace(around, losses={ref: count for ref, count in counted.items() if count is not None}))


def _only_default(conn: DatabaseConnection, dialect: Dialect, schema: Schema, ref: Ref, default: str | None) -> bool:
    """Whether every row has the column's default in the column, which is a constant and the ``default`` that it gets again."""
    table = schema.get(ref.owner)
    if default is None or not isinstance(table, Table):
        return False
    column = table.columns.get(ref.name)
    if column is None or column.default is None or not _same_constant(column.default.text, default, dialect.lexis):
        return False
    condition = dialect.differs_from_default(column)
    return condition is not None and has_rows(conn, dialect.quote, table.ref, condition) is False


def _same_constant(printed: str, written: str, lexis: Lexis) -> bool:
    """Whether both are one constant, with a cast behind it or without one, in quotes or not."""
    one, other = (constant(text, lexis) for text in (printed, written))
    if one is None or other is None:
        return printed == written
    first, second = (found.text if found.value is None else found.value for found in (one, other))
    return first == second or {first.casefold(), second.casefold()} in ({"true"}, {"false"})


def _described(workspace: Workspace, found: Sequence[Finding], more: Sequence[str] = ()) -> dict[str, Any]:
    listed = [f"{one.what} ({_place(workspace, one)}, {one.rule})" for one in found[:_LISTED]]
    if len(found) > _LISTED:
        listed.append(f"and {len(found) - _LISTED} more")
    return {
        "count": len(found),
        "findings": "finding" if len(found) == 1 else "findings",
        "database": workspace.name,
        "listed": "\n    ".join([*listed, *more]),
        "rule": found[0].rule,
    }


def _place(workspace: Workspace, finding: Finding) -> str:
    """``migrations/primary/0002_x.sql:7``; the name alone for a file that is gone."""
    path = workspace.folder / finding.file
    return f"{shown_path(path, Path.cwd()) if path.exists() else finding.file}:{finding.line}"


_LOSE_NOTHING = frozenset((Effect.CREATES, Effect.SCANS))


def _only_creates(statements: Sequence[SqlStatement], dialect: Dialect) -> bool:
    """Whether nothing that exists is changed: then there is nothing to lose, and the rules need not be loaded."""
    facts = dialect.judge([statement.text for statement in statements])
    return all(fact.known and fact.effects and fact.effects <= _LOSE_NOTHING for fact in facts)


def ordered_files(files: Sequence[MigrationFile]) -> tuple[MigrationFile, ...]:
    """As they run. Raises ``DuplicateVersion``."""
    return tuple(entry.file for entry in state(files, ()).entries if entry.file is not None)
