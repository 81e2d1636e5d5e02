"""export-models: the models as they are -> the state file that stands for the database where there is none."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dbwarden.core.diff import diff
from dbwarden.core.model import Schema
from dbwarden.errors import ConfigurationError

from . import state_file
from .models import import_models, table_names
from .workspace import Workspace, open_workspace


@dataclass(frozen=True)
class ExportReport:
    """What the state file holds now."""

    database: str
    dialect: str
    path: Path
    changed: bool
    """Whether the file is new, or says something else than before."""
    differences: tuple[str, ...]
    """What the models have changed since the file was last written; empty for a new file, or one that was unreadable."""
    modules: tuple[str, ...]
    tables: tuple[str, ...]
    notes: tuple[str, ...]


def export_models(database: str | None = None, *, config: str | None = None) -> ExportReport:
    """Write the state file from the models; no server is contacted.

    A damaged file, one with conflicts or of another format is replaced. Raises ``ConfigurationError`` for models that
    cannot be read, ``FolderError``.
    """
    workspace = open_workspace(config, database)
    models = import_models(workspace)
    dialect = state_file.dialect_of(workspace)
    schema = models.schema(dialect)
    former = _former(workspace)
    changed = state_file.update(workspace, state_file.text(workspace, models))
    return ExportReport(
        database=workspace.name,
        dialect=dialect.name,
        path=workspace.database.state_file,
        changed=changed,
        differences=() if former is None else tuple(one.describe() for one in diff(former, schema)),
        modules=models.modules,
        tables=table_names(schema),
        notes=models.notes,
    )


def _former(workspace: Workspace) -> Schema | None:
    try:
        return state_file.read(workspace) if state_file.exists(workspace) else None
    except ConfigurationError:
        return None
