"""The database that ``init --from`` adopts: one of an existing configuration, or the one of a new ``warden.py``."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dbwarden import config as configuration_files
from dbwarden.config import PASSWORD_VARIABLE, Declaration, Project, Registry, urls, without_password
from dbwarden.core.engine import SCHEMES
from dbwarden.errors import MissingConfiguration, NoConfiguration, NoOriginUrl, UsageError
from dbwarden.origins.project import OriginProject

from .workspace import Workspace, open_workspace

_FILE = "warden.py"


@dataclass(frozen=True)
class AdoptedDatabase:
    """A database with its workspace, and the text of the new configuration."""

    workspace: Workspace
    path: Path
    """The configuration file."""
    reference: str = field(default="", repr=False)
    """The URL in the new configuration; empty if the configuration exists."""
    variable: str | None = None
    """Environment variable that the new configuration needs for the password."""
    models_missing: bool = False
    """Whether the new configuration names models that are still to be generated."""
    ignored: tuple[str, ...] = ()
    """Tables that the new configuration ignores."""
    notes: tuple[str, ...] = ()

    @property
    def is_new(self) -> bool:
        """Whether the configuration is still to be written."""
        return bool(self.reference)

    @property
    def text(self) -> str | None:
        """Text of the new configuration; ``None`` if it exists."""
        if not self.is_new:
            return None
        settings = self.workspace.database
        return configuration_files.template(
            settings.database_type,
            self.reference,
            name=settings.database_name,
            model_paths=settings.model_paths,
            ignore_tables=self.ignored,
        )

    def for_engine(self, name: str) -> AdoptedDatabase:
        """The same for the engine that the server turned out to be: a URL of MySQL may lead to MariaDB."""
        if not self.is_new or name == self.workspace.database.database_type:
            return self
        return self._with(database_type=name)

    def ignoring(self, tables: tuple[str, ...]) -> AdoptedDatabase:
        """The same with tables of the other tool ignored: by the new configuration, or with a note for the existing one."""
        settings = self.workspace.database
        missing = tuple(name for name in tables if name not in settings.ignore_tables)
        if not missing:
            return self
        if self.is_new:
            return replace(self._with(ignore_tables=(*settings.ignore_tables, *missing)), ignored=missing)
        note = f"{self.path.name} exists and was not changed: add ignore_tables={json.dumps(missing)}."
        return replace(self._with(ignore_tables=(*settings.ignore_tables, *missing)), notes=(*self.notes, note))

    def with_models(self, models: Path, left_out: tuple[str, ...]) -> AdoptedDatabase:
        """The same with models that were generated at a path."""
        entry = models.as_posix() if models.suffix == ".py" else f"{models.as_posix()}/"
        notes = (*self.notes, *(f"The models do not describe {name}." for name in left_out))
        if self.is_new:
            return replace(self._with(model_paths=(entry,)), models_missing=False, notes=notes)
        note = f"{self.path.name} exists and was not changed: set model_paths={json.dumps([entry])}."
        return replace(self._with(model_paths=(entry,)), notes=(*notes, note))

    def _with(self, **settings: Any) -> AdoptedDatabase:
        return replace(self, workspace=replace(self.workspace, database=replace(self.workspace.database, **settings)))


def adopted_database(
    root: Path, project: OriginProject, url: str | None, database_type: str | None, name: str | None
) -> AdoptedDatabase:
    """Find the database in the configuration of the folder, or declare it with the URL of the tool's configuration.

    Raises ``NoOriginUrl``, ``UsageError`` and ``ConfigurationError``.
    """
    existing = _existing_configuration(root)
    if existing is None:
        return _new_database(root, project, url, database_type, name)
    if url or database_type:
        flag = "--url" if url else "--database-type"
        raise UsageError(
            f"{existing} is a configuration already, so {flag} has no place",
            hint="Leave it out: the database of the configuration is adopted. Or move the configuration away first.",
        )
    return AdoptedDatabase(open_workspace(str(existing), name), existing)


def _existing_configuration(root: Path) -> Path | None:
    if not root.is_dir():
        raise UsageError(f"There is no folder {root}")
    try:
        return configuration_files.find(str(root), cwd=root, environ={}).path
    except (MissingConfiguration, NoConfiguration):
        return None


def _new_database(
    root: Path, project: OriginProject, url: str | None, database_type: str | None, name: str | None
) -> AdoptedDatabase:
    address = project.address
    if not url and address is None:
        raise NoOriginUrl(tool=project.tool, reason=project.no_url)
    text = url or (address.url if address is not None else "")
    parsed = urls.parse(text, "--url" if url or address is None else address.source)
    environ, variable = dict(os.environ), None
    reference = address.reference if not url and address is not None and address.reference else without_password(text)
    if PASSWORD_VARIABLE in reference and parsed.password:
        environ[PASSWORD_VARIABLE] = parsed.password
        variable = PASSWORD_VARIABLE if os.environ.get(PASSWORD_VARIABLE) != parsed.password else None
    missing = not project.has_models
    models = (_free_models(root),) if missing else project.model_paths
    values: dict[str, Any] = {
        "database_name": name or "primary",
        "default": True,
        "database_type": database_type or SCHEMES[parsed.scheme].name,
        "database_url_sync": reference,
        "model_paths": list(models),
    }
    registry = Registry(root, environ, Path.cwd())
    settings = registry.add(Declaration(values, _FILE, str(root / _FILE)))
    workspace = Workspace(Project(root, _FILE, registry.databases), settings)
    return AdoptedDatabase(workspace, root / _FILE, reference, variable, missing)


def _free_models(root: Path) -> str:
    """A name for the package of the models that are still to be generated."""
    taken = (root / "models").exists() or (root / "models.py").exists()
    return "database_models" if taken else "models"
