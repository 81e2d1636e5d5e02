"""Translation, when they run, of files without a variant for the engine in use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dbwarden import dialects
from dbwarden.core.file import MigrationFile
from dbwarden.core.sqltext import SqlStatement
from dbwarden.core.translation import Loss, Translator
from dbwarden.errors import LossyTranslation

from .migration_session import RunOptions
from .progress import Translated
from .workspace import Workspace

_NOTHING = "SELECT 1"


class Interpreter:
    """Translator of files for the engine in use; a file with sections for it is not changed.

    A file is translated once, when it is first needed. Its checksum stays that of its own text.
    """

    def __init__(self, workspace: Workspace, options: RunOptions) -> None:
        self._workspace, self._options = workspace, options
        self.translates = workspace.variant is not None
        """Whether files run in their variant for another engine."""
        self._translator = dialects.translator(workspace.variant) if workspace.variant else None
        self._known: dict[str, MigrationFile] = {}
        self._losses: dict[tuple[str, str], tuple[Loss, ...]] = {}
        self._reported: set[tuple[str, str]] = set()

    def files(self, files: Iterable[MigrationFile]) -> tuple[MigrationFile, ...]:
        """``files``, each with sections for the engine in use, translated if needed."""
        return tuple(self._file(file) for file in files)

    def with_translations(self, files: Iterable[MigrationFile]) -> tuple[MigrationFile, ...]:
        """``files``, with the translations made so far."""
        return tuple(self._known.get(file.name, file) for file in files)

    def losses(self, files: Iterable[MigrationFile], direction: str = "upgrade") -> tuple[Loss, ...]:
        """Losses in the translations of ``files``, each with its file and line."""
        return tuple(loss for file in files for loss in self._losses.get((file.name, direction), ()))

    def report_losses(self, files: Sequence[MigrationFile], direction: str = "upgrade") -> None:
        """Report losses, once per file. With ``strict_translation``, raises ``LossyTranslation`` instead."""
        lost = self.losses(files, direction)
        if lost and self._options.strict_translation:
            raise LossyTranslation.of(self._workspace.dialect.name, lost)
        for file in files:
            key = (file.name, direction)
            if key not in self._reported and self._losses.get(key):
                self._reported.add(key)
                self._options.events(Translated(file.name, tuple(str(loss) for loss in self._losses[key])))

    def _file(self, file: MigrationFile) -> MigrationFile:
        if self._translator is None or not file.is_sql or self._workspace.variant in file.engines:
            return file
        if file.name not in self._known:
            self._known[file.name] = self._translate(file, self._translator)
        return self._known[file.name]

    def _translate(self, file: MigrationFile, translator: Translator) -> MigrationFile:
        dialect = self._workspace.dialect
        upgrade = self._translate_statements(file, "upgrade", file.upgrade(), translator)
        rollback = self._translate_statements(file, "rollback", file.rollback(), translator)
        return file.with_variant(dialect.name, upgrade, rollback, dialect.lexical_rules)

    def _translate_statements(
        self, file: MigrationFile, direction: str, statements: Sequence[SqlStatement], translator: Translator
    ) -> tuple[SqlStatement, ...]:
        source = dialects.get(self._workspace.database.database_type)
        done: list[SqlStatement] = []
        lost: list[Loss] = []
        for statement in statements:
            translation = translator.statement(statement.text, source)
            done += [statement._replace(text=text) for text in translation.statements]
            lost += [Loss(f"{file.name}:{statement.line}", change, reason) for change, reason in translation.losses]
        self._losses[file.name, direction] = tuple(lost)
        if statements and not done:
            done.append(statements[0]._replace(text=_NOTHING))  # an empty rollback would be an error
        return tuple(done)
