"""Selection of the migrations that ``check`` checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dbwarden.core.file import MigrationFile
from dbwarden.core.migration_names import find, unknown
from dbwarden.errors import UsageError
from dbwarden.runtime import git

from .workspace import Workspace


@dataclass(frozen=True, slots=True)
class CheckSelection:
    """Files to check; at most one of ``files``, ``since`` and ``git_base``, and the pending ones if none is given.

    ``files`` are paths, names or versions; ``since`` selects the versions above it; ``git_base`` is a branch or commit, and
    selects the files that are new or changed since. With ``other_folders``, paths in folders of other databases are
    skipped.
    """

    files: tuple[str, ...] = ()
    since: str | None = None
    git_base: str | None = None
    other_folders: bool = False

    def __post_init__(self) -> None:
        if sum(map(bool, (self.files, self.since is not None, self.git_base))) > 1:
            raise UsageError("FILE, --since and --git-base cannot be given together")


@dataclass(frozen=True, slots=True)
class SelectedFiles:
    """Migrations to check, and a description of the selection."""

    files: tuple[MigrationFile, ...]
    words: str


def select_files(
    workspace: Workspace, ordered: Sequence[MigrationFile], selection: CheckSelection
) -> SelectedFiles | None:
    """Files of ``ordered`` that ``selection`` selects; ``None`` if it is empty. Raises ``UnknownVersion``, ``UsageError``,
    ``GitFailed``."""
    if selection.files:
        names = {_file_named(workspace, ordered, word, selection.other_folders) for word in selection.files}
        return SelectedFiles(tuple(file for file in ordered if file.name in names), "file")
    if selection.since is not None:
        above = _version(ordered, selection.since)
        newer = tuple(file for file in ordered if file.version is not None and file.version > above)
        return SelectedFiles(newer, f"file above {selection.since}")
    if selection.git_base:
        return _changed_since_base(workspace, ordered, selection.git_base)
    return None


def without_database(workspace: Workspace, ordered: Sequence[MigrationFile]) -> SelectedFiles:
    """Files that are new on the current branch; all files outside a repository."""
    base = git.default_base(workspace.folder)
    return _changed_since_base(workspace, ordered, base) if base else SelectedFiles(tuple(ordered), "file")


def _changed_since_base(workspace: Workspace, ordered: Sequence[MigrationFile], base: str) -> SelectedFiles:
    names = git.changed_since(workspace.folder, base)
    return SelectedFiles(tuple(file for file in ordered if file.name in names), f"file new since {base}")


def _file_named(workspace: Workspace, ordered: Sequence[MigrationFile], word: str, other_folders: bool) -> str | None:
    path = Path(word)
    if path.is_file() or len(path.parts) > 1:
        folder, name = path.absolute().parent.resolve(), path.name
        if folder == workspace.folder.resolve():
            return find(ordered, name).name
        if other_folders:
            return None
        raise UsageError(
            f"{word} is not a migration of the database {workspace.label}, whose folder is {workspace.folder}"
        )
    return find(ordered, word).name


def _version(ordered: Sequence[MigrationFile], name: str) -> int:
    if name.strip("0") == "":
        return 0
    version = find(ordered, name).version
    if version is None:
        raise unknown(name, [file for file in ordered if file.version is not None], ())
    return version
