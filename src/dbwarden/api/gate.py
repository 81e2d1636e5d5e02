"""The gate of ``migrate``: what loses data, or blocks everybody, is refused unless it is asked for.

Reads the files' text only, so that applying migrations never pays for importing models.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dbwarden.core.dialect import Dialect, Scope, Size
from dbwarden.core.file import MigrationFile
from dbwarden.core.model import Schema
from dbwarden.core.overview import state
from dbwarden.core.statement import Effect
from dbwarden.core.types import Ref
from dbwarden.errors import UnsafeMigration
from dbwarden.runtime.connection import DatabaseConnection

from .workspace import Workspace

_LISTED = 5


def refuse_unsafe(
    workspace: Workspace,
    dialect: Dialect,
    conn: DatabaseConnection,
    files: Sequence[MigrationFile],
    to_run: Sequence[MigrationFile],
) -> None:
    """Raise ``UnsafeMigration`` for CRITICAL findings in ``to_run``.

    The database is asked only where something critical stands in the text, or something that the text alone does not tell
    (the former type of a column): dropping an empty table is not critical.
    """
    if all(_only_creates(file, dialect) for file in to_run):
        return
    from dbwarden.checks.rule import Finding, Severity, Surroundings
    from dbwarden.checks.run import check_files

    ordered = ordered_files(files)

    def findings(sizes: Mapping[Ref, Size] | None = None, schema: Schema | None = None) -> tuple[Finding, ...]:
        around = Surroundings(workspace.database.lock_timeout, sizes)
        return check_files(ordered, to_run, dialect, around, engine=workspace.variant, schema=schema)

    if not any(one.severity is Severity.CRITICAL or one.unsure for one in findings()):
        return
    judged = findings(dialect.sizes(conn), dialect.inspect(conn, Scope(definitions=False)))
    found = [one for one in judged if one.severity is Severity.CRITICAL]
    if found:
        listed = [f"{one.file}:{one.line}: {one.what} ({one.rule})" for one in found[:_LISTED]]
        if len(found) > _LISTED:
            listed.append(f"and {len(found) - _LISTED} more")
        raise UnsafeMigration(
            count=len(found),
            findings="finding" if len(found) == 1 else "findings",
            database=workspace.name,
            listed="\n".join(listed),
            rule=found[0].rule,
        )


_LOSE_NOTHING = frozenset((Effect.CREATES, Effect.SCANS))


def _only_creates(file: MigrationFile, dialect: Dialect) -> bool:
    """Whether nothing that exists is changed: then there is nothing to lose, and the rules need not be loaded."""
    facts = dialect.judge([statement.text for statement in file.upgrade(dialect.name)])
    return all(fact.known and fact.effects and fact.effects <= _LOSE_NOTHING for fact in facts)


def ordered_files(files: Sequence[MigrationFile]) -> tuple[MigrationFile, ...]:
    """As they run. Raises ``DuplicateVersion``."""
    return tuple(entry.file for entry in state(files, ()).entries if entry.file is not None)
