"""renumber: gives migrations that a merge brought together with others of the same number the next free ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dbwarden.core import codec
from dbwarden.core.file import MigrationFile
from dbwarden.core.migration_names import unknown
from dbwarden.core.renumbering import Renumbered, conflicts, renumbering
from dbwarden.errors import ConnectionFailed, DamagedState, MissingDriver, NumberInUse, NumberUndecided, StateConflict
from dbwarden.runtime import directory, git

from . import state_file
from .version import installed
from .workspace import Workspace, open_workspace


@dataclass(frozen=True, slots=True)
class RenumberedFile:
    """A file and its new name, which is equal if only its ``depends_on`` changed."""

    name: str
    new_name: str
    proven: bool
    """Whether its header says that it was tried out, which was without the files that now come before it."""


@dataclass(frozen=True, slots=True)
class RenumberReport:
    """Result of ``renumber``; nothing was written with ``dry_run``."""

    database: str
    folder: Path
    base: str | None
    """Branch or commit whose files keep their numbers; ``None`` outside a repository."""
    files: tuple[RenumberedFile, ...]
    state_file: bool
    """Whether the state file names another version now."""
    dry_run: bool
    notes: tuple[str, ...] = ()


def renumber(
    database: str | None = None,
    *,
    keep: Sequence[str] = (),
    base: str | None = None,
    offline: bool = False,
    dry_run: bool = False,
    config: str | None = None,
) -> RenumberReport:
    """Rename the migrations of this branch whose numbers are taken by files that keep theirs.

    These are the files that ``base`` has (default: the main branch), those applied in the database or in the development
    database, and ``keep``. ``depends_on`` and the state file follow. With ``offline`` no database is asked. Raises
    ``NumberInUse`` if two files of one number both keep it, ``NumberUndecided`` if nothing tells them apart,
    ``ConnectionFailed``, ``GitFailed``, ``UnknownVersion``.
    """
    workspace = open_workspace(config, database)
    files = workspace.files()
    base = base or git.default_base(workspace.folder)
    staying = _in_base(workspace, files, base) | ({} if offline else _applied(workspace, files))
    staying |= {_named(files, word): "--keep" for word in keep}
    for first, second in conflicts(files, staying):
        raise NumberInUse(first=first, first_reason=staying[first], second=second, second_reason=staying[second])
    _ensure_decided(files, staying, base)
    renamed = renumbering(files, staying)
    notes: list[str] = []
    state = bool(renamed) and _update_state(workspace, files, renamed, dry_run, notes)
    if not dry_run:
        for item in reversed(renamed):  # the last first: after an interruption, the rest still has its order
            if item.name != item.file.name:
                directory.rename(workspace.folder, item.file.name, item.name)
            if item.text != item.file.text:
                directory.replace(workspace.folder / item.name, item.text)
    return RenumberReport(
        workspace.label,
        workspace.folder,
        base,
        tuple(RenumberedFile(item.file.name, item.name, "proven" in item.file.headers) for item in renamed),
        state,
        dry_run,
        tuple(notes),
    )


# -- files that keep their numbers --------------------------------------------------------------------------------


def _in_base(workspace: Workspace, files: Sequence[MigrationFile], base: str | None) -> dict[str, str]:
    if base is None:
        return {}
    present = git.names_in(workspace.folder, base)
    return {file.name: f"it is in {base}" for file in files if file.name in present}


def _places(workspace: Workspace) -> Iterator[Workspace]:
    """The database, or every target of a fleet: a file must keep its number wherever it is applied."""
    if not workspace.project.database(workspace.name).is_fleet:
        yield workspace
        return
    from .fleet_targets import open_targets  # deferred: few projects have a fleet

    yield from open_targets(workspace)


def _applied(workspace: Workspace, files: Sequence[MigrationFile]) -> dict[str, str]:
    """Files that the history of the database, or of the development database, has as applied or begun."""
    reasons: dict[str, str] = {}
    places = [(place, f"it is applied in {place.label}") for place in _places(workspace)]
    if workspace.database.dev_database_url:
        places.append((replace(workspace, dev=True), f"it is applied in the development database of {workspace.label}"))
    for place, reason in places:
        try:
            with place.connect(read_only=True) as conn:
                records = place.history(conn).read()
        except (ConnectionFailed, MissingDriver) as error:
            error.add_note("A file that is applied must keep its number. To go by git alone: --offline")
            raise
        last = {record.file: record for record in records}
        used = {name for name, record in last.items() if record.in_effect or record.unfinished}
        reasons |= {file.name: reason for file in files if file.name in used}
    return reasons


def _named(files: Sequence[MigrationFile], word: str) -> str:
    name = Path(word).name
    if any(file.name == name for file in files):
        return name
    raise unknown(word, files, ())


def _ensure_decided(files: Sequence[MigrationFile], staying: dict[str, str], base: str | None) -> None:
    """Raise ``NumberUndecided`` for files of one number that nothing tells apart."""
    by_version: dict[int, list[str]] = {}
    for file in files:
        if file.version is not None and file.name not in staying:
            by_version.setdefault(file.version, []).append(file.name)
    pairs = [" and ".join(names) for names in by_version.values() if len(names) > 1]
    if pairs:
        reason = f"because neither is in {base}" if base else "without a git repository"
        raise NumberUndecided(pairs="; ".join(pairs), reason=reason)


# -- the state file -----------------------------------------------------------------------------------------------


def _update_state(
    workspace: Workspace,
    files: Sequence[MigrationFile],
    renamed: Sequence[Renumbered],
    dry_run: bool,
    notes: list[str],
) -> bool:
    """Let the state file name the new number of its newest migration. Returns whether it changes."""
    path = workspace.database.state_file
    if not path.is_file():
        return False
    try:
        state = state_file.read(workspace, files)
    except (DamagedState, StateConflict) as error:
        notes.append(f"{error.message}. Write it again when the migrations are in order: `dbwarden export-models`")
        return False
    if state.version is None or int(state.version) not in {item.file.version for item in renamed}:
        return False
    keys = {item.file.name: item.key for item in renamed}
    newest = max((keys.get(file.name, file.key) for file in files if file.version is not None), key=int)
    if dry_run or int(newest) == int(state.version):
        return int(newest) != int(state.version)
    dialect = state_file.dialect_of(workspace).name
    writer = installed("dbwarden") or "0"
    text = codec.dump(state.schema, dialect=dialect, written_by=writer, migrated=state.migrated, version=newest)
    return state_file.update(workspace, text)
