"""make-migrations: models vs database -> one reviewed file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dbwarden.core import file as migration_file
from dbwarden.core.naming import describe_changes
from dbwarden.core.statement import Plan
from dbwarden.errors import MissingRollback, PendingMigrations
from dbwarden.runtime import directory

from .comparison import Comparison, compare
from .new import version_name
from .workspace import Workspace, open_workspace


@dataclass(frozen=True)
class PlannedStep:
    """One change: what it does in words, and its statements in both directions."""

    change: str
    upgrade: tuple[str, ...]
    rollback: tuple[str, ...]
    irreversible: str | None


@dataclass(frozen=True)
class GenerationReport:
    """What the models ask for. ``path`` and ``version`` are ``None`` where nothing was written."""

    database: str
    dialect: str
    path: Path | None
    version: str | None
    text: str
    """The whole file; empty where there is nothing to do."""
    steps: tuple[PlannedStep, ...]
    modules: tuple[str, ...]
    tables: tuple[str, ...]
    unowned: tuple[str, ...]
    """What the database has and the models do not describe: left alone."""
    notes: tuple[str, ...]

    @property
    def empty(self) -> bool:
        """Whether models and database agree."""
        return not self.steps


def make_migrations(
    database: str | None = None,
    name: str | None = None,
    *,
    write: bool = True,
    drop_unowned: bool = False,
    config: str | None = None,
) -> GenerationReport:
    """Compare the models of a database with the database and write one migration file for what differs.

    ``name`` are the words that the file is named with; without, the changes name it. Nothing is written when nothing
    differs or ``write`` is false. Objects that neither the models nor our history know are left alone, tables among them
    are dropped only with ``drop_unowned``.

    Raises ``PendingMigrations`` while files wait to be applied, ``ConfigurationError`` for models that cannot be read.
    """
    workspace = open_workspace(config, database)
    found = compare(workspace, drop_unowned)
    waiting = [entry.name for entry in found.overview.pending if entry.file and entry.file.version is not None]
    if waiting:
        raise PendingMigrations(count=len(waiting), files=", ".join(waiting[:3]), database=workspace.name)
    text = file_text(found) if found.plan else ""
    if name is not None:
        migration_file.slug(name)
    path = _write(workspace, found, name, text) if write and text else None
    return GenerationReport(
        database=workspace.name,
        dialect=found.dialect.name,
        path=path,
        version=migration_file.parse_name(path.name).key if path else None,
        text=text,
        steps=planned(found.plan),
        modules=found.modules,
        tables=found.tables,
        unowned=found.unowned,
        notes=found.notes,
    )


def planned(plan: Plan) -> tuple[PlannedStep, ...]:
    """The steps of a plan for a report."""
    return tuple(
        PlannedStep(step.change.describe(), step.upgrade, step.rollback, step.irreversible) for step in plan.steps
    )


def file_text(found: Comparison) -> str:
    """The migration file that carries out a plan."""
    plan = found.plan
    reasons = plan.irreversible()
    rollback = () if reasons else plan.rollback()
    if not rollback and not reasons:
        raise MissingRollback(file="The new migration", reason=f"{plan.steps[0].change.describe()} has no way back")
    headers = {"irreversible": "; ".join(reasons)} if reasons else {}
    return migration_file.format(plan.upgrade(), rollback, headers, lexis=found.dialect.lexis)


def _write(workspace: Workspace, found: Comparison, name: str | None, text: str) -> Path:
    words = name or describe_changes([step.change for step in found.plan.steps])
    entries = found.overview.entries
    used = [int(entry.key) for entry in entries if entry.kind is migration_file.Kind.VERSIONED]
    return directory.write_new(workspace.folder, lambda taken: version_name(words, taken, used), text)
