"""export-models: writes the schema of the models to the state file, with which they can be compared offline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dbwarden.core.change_text import change_lines
from dbwarden.core.codec import ModelState
from dbwarden.core.diff import diff
from dbwarden.core.file import MigrationFile
from dbwarden.core.model import Schema
from dbwarden.core.plan import pair
from dbwarden.errors import ConfigurationError

from . import state_file
from .models import import_models, table_names
from .workspace import Workspace, open_workspace


@dataclass(frozen=True)
class ExportReport:
    """Result of ``export_models``; with ``write=False``, of what it would write."""

    database: str
    dialect: str
    path: Path
    changed: bool
    """Whether the file is new, or its content differs from before."""
    written: bool
    differences: tuple[str, ...]
    """Changes of the models that no migration makes yet, as text."""
    modules: tuple[str, ...]
    tables: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def clean(self) -> bool:
        """Whether the file is up to date, and the migrations lead to the models."""
        return not self.differences and (self.written or not self.changed)


def export_models(database: str | None = None, *, config: str | None = None, write: bool = True) -> ExportReport:
    """Write the state file from the models; no server is contacted. With ``write=False`` nothing is written.

    The schema that the migrations lead to stays in the file until one is generated. A file that is damaged, has conflicts
    or another format is replaced. Raises ``ConfigurationError`` for models that cannot be read, ``FolderError``.
    """
    workspace = open_workspace(config, database)
    models = import_models(workspace)
    dialect = state_file.dialect_of(workspace)
    schema = models.schema(dialect)
    files = workspace.files_if_any()
    migrated, notes = _migrated_schema(workspace, files, schema)
    version = state_file.version_of(state_file.newest(files))
    text = state_file.text(workspace, models, version, migrated)
    changed = state_file.update(workspace, text) if write else state_file.differs(workspace, text)
    both = pair(migrated, schema, frozenset(migrated))
    return ExportReport(
        database=workspace.name,
        dialect=dialect.name,
        path=workspace.database.state_file,
        changed=changed,
        written=write,
        differences=tuple(line.text for line in change_lines(both.current, both.desired, dialect)),
        modules=models.modules,
        tables=table_names(schema),
        notes=(*models.notes, *notes),
    )


def _migrated_schema(
    workspace: Workspace, files: Sequence[MigrationFile], models: Schema
) -> tuple[Schema, tuple[str, ...]]:
    """Schema that the migrations lead to; if it is unknown, that of the models, with a note."""
    last, former = state_file.newest(files), _former_state(workspace)
    if last is None:
        return Schema(), ()
    if former is None:
        note = f"There was no readable state file: the migrations up to {last.name} are taken to lead to the models as they are now"
        return models, (note,)
    if former.version is not None and last.version is not None and last.version > int(former.version):
        note = f"{last.name} is newer than the state file: it is taken to lead to the models as they are now"
        return models, (note,) if diff(former.migrated, models) else ()
    return former.migrated, ()


def _former_state(workspace: Workspace) -> ModelState | None:
    try:
        return state_file.read(workspace) if state_file.exists(workspace) else None
    except ConfigurationError:
        return None
