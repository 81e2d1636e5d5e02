"""Imports the seeds in Python that are about to run."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from types import ModuleType
from typing import TYPE_CHECKING

from dbwarden.core.dialect import Dialect
from dbwarden.core.file import MigrationFile
from dbwarden.core.python_file import PythonFile
from dbwarden.runtime.connection import DatabaseConnection
from dbwarden.runtime.runner import Script

from .workspace import Workspace

if TYPE_CHECKING:
    from dbwarden.models.importing import Importer


class PythonSeeds(ExitStack):
    """Seeds in Python of one folder. The project's folder stays on the import path to the end of the context, because their
    functions may import more."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self._modules: dict[str, ModuleType] = {}
        self._importer: Importer | None = None

    def load(self, files: Iterable[MigrationFile]) -> None:
        """Import those of ``files`` that are in Python. Raises ``ModelImportError`` with file and line."""
        for file in files:
            if not file.is_sql and file.name not in self._modules:
                self._modules[file.name] = self._importing().load_again(self._workspace.folder / file.name)

    def script(
        self, file: MigrationFile | None, direction: str, conn: DatabaseConnection, dialect: Dialect
    ) -> Script | None:
        """What runs one direction of a loaded seed; ``None`` if it is SQL."""
        if not isinstance(file, PythonFile):
            return None
        from dbwarden.models.importing import is_users_code  # deferred: it imports SQLAlchemy
        from dbwarden.runtime.seeds import PythonSeed

        seed = PythonSeed(file, self._modules[file.name], direction, is_users_code)
        return seed.script(conn, dialect, self._workspace.database.url(self._workspace.dev))

    def _importing(self) -> Importer:
        if self._importer is None:
            from dbwarden.models.importing import project  # deferred: it imports SQLAlchemy

            self._importer = self.enter_context(project(self._workspace.database.root))
        return self._importer
