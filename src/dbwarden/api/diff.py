"""diff: how the models differ from the database, writing nothing."""

from __future__ import annotations

from dataclasses import dataclass

from .comparison import compare
from .make_migrations import PlannedStep, planned
from .workspace import open_workspace


@dataclass(frozen=True)
class DiffReport:
    """The steps that would lead from the database to the models, and what was compared."""

    database: str
    dialect: str
    steps: tuple[PlannedStep, ...]
    modules: tuple[str, ...]
    tables: tuple[str, ...]
    unowned: tuple[str, ...]
    pending: tuple[str, ...]
    """Files that wait to be applied: what they do still shows as a difference."""
    notes: tuple[str, ...]

    @property
    def empty(self) -> bool:
        """Whether models and database agree."""
        return not self.steps


def diff(database: str | None = None, *, drop_unowned: bool = False, config: str | None = None) -> DiffReport:
    """Compare the models of a database with the database; read-only.

    Raises what ``make_migrations`` raises, but for pending files, which are only named.
    """
    workspace = open_workspace(config, database)
    found = compare(workspace, drop_unowned)
    return DiffReport(
        database=workspace.name,
        dialect=found.dialect.name,
        steps=planned(found.plan),
        modules=found.modules,
        tables=found.tables,
        unowned=found.unowned,
        pending=tuple(entry.name for entry in found.overview.pending),
        notes=found.notes,
    )
