"""check-impact: finds the places in the code that still use what a migration drops, renames or narrows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dbwarden import dialects
from dbwarden.core import migration_names
from dbwarden.errors import UsageError
from dbwarden.impact import removals
from dbwarden.impact.run import SearchFolders, SearchResult, search, sqlglot_dialect
from dbwarden.impact.subject import Impact, Removal
from dbwarden.impact.usage import Confidence, SkippedFile, Usage

from .workspace import Workspace, open_workspace


@dataclass(frozen=True, slots=True)
class Affected:
    """An object that the migration removes: ``change`` is dropped, renamed or narrowed. ``uses`` is the number of places."""

    object: str
    kind: str
    change: Removal
    detail: str
    uses: int


@dataclass(frozen=True, slots=True)
class ImpactReport:
    """Objects that a migration removes or narrows, and every place that still uses them, by file and line."""

    database: str
    file: str
    affected: tuple[Affected, ...]
    uses: tuple[Usage, ...]
    skipped_files: tuple[SkippedFile, ...]
    """Files that could not be searched."""
    scan_paths: tuple[Path, ...]
    file_count: int
    """Number of files searched."""

    @property
    def clean(self) -> bool:
        """Whether no use was detected."""
        return not self.uses

    def count(self, confidence: Confidence) -> int:
        """Number of uses with this confidence."""
        return sum(1 for use in self.uses if use.confidence is confidence)


def check_impact(
    version: str,
    database: str | None = None,
    *,
    scan_paths: Sequence[str | Path] = (),
    config: str | None = None,
    dev: bool = False,
) -> ImpactReport:
    """Search the code for uses of what the upgrade of ``version`` drops, renames or narrows.

    ``scan_paths`` are files and folders (default: the project's folder). Nothing is imported, executed or written, and no
    database is needed. Raises ``UnknownVersion`` with the nearest names, ``UsageError`` for a path that does not exist,
    ``FileFormatError`` and ``ConfigurationError``.
    """
    workspace = open_workspace(config, database, dev=dev)
    files = workspace.files()
    file = migration_names.find(files, version)
    scanned = _existing(scan_paths) or (workspace.project.root,)
    engine = workspace.variant if workspace.variant in file.engines else None
    written = engine or workspace.database.database_type
    dialect = dialects.get(written)
    impact = removals.read(file, files, dialect, engine)
    skipped = [database_config.migrations_dir for database_config in workspace.project.databases.values()]
    uses = search(
        impact, SearchFolders(scanned, workspace.project.root, skipped), sqlglot_dialect(dialect), dialect.lexical_rules
    )
    return _report(workspace, file.name, impact, scanned, uses)


def _existing(paths: Sequence[str | Path]) -> tuple[Path, ...]:
    roots = tuple(Path(path) for path in paths)
    for path in roots:
        if not path.exists():
            raise UsageError(f"--scan-path: {path} does not exist")
    return roots


def _report(
    workspace: Workspace, file: str, impact: Impact, scanned: tuple[Path, ...], result: SearchResult
) -> ImpactReport:
    affected = tuple(
        Affected(
            object=str(subject.ref),
            kind=subject.ref.kind,
            change=subject.removal,
            detail=subject.detail,
            uses=sum(1 for use in result.uses if use.object == str(subject.ref)),
        )
        for subject in impact.subjects
    )
    return ImpactReport(workspace.label, file, affected, result.uses, result.skipped_files, scanned, result.file_count)
