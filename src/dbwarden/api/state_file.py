"""State file: the schema that the migrations lead to, in place of a database.

It also says what the models described when it was last written, which `export-models` may have done before a migration was
generated (see docs/decisions).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path

from dbwarden import dialects
from dbwarden.core import codec
from dbwarden.core.dialect import Dialect
from dbwarden.core.file import MigrationFile
from dbwarden.core.model import Schema
from dbwarden.errors import DamagedState, FolderError, MissingState
from dbwarden.runtime import directory

from .models import Models
from .version import installed
from .workspace import Workspace


def dialect_of(workspace: Workspace) -> Dialect:
    """The dialect of the primary database, printing for the newest server it knows: nobody is asked."""
    return dialects.get(workspace.database.database_type)


def read(workspace: Workspace, files: Sequence[MigrationFile] = ()) -> codec.ModelState:
    """Read the state file; an empty state if there is neither a file nor any migration in ``files``.

    Raises ``MissingState`` where there are migrations, ``DamagedState``, ``StateConflict``, ``NewerState`` or
    ``StateDialect``: each names the command that makes a new one.
    """
    path, name = workspace.database.state_file, workspace.state_name
    if path.exists() and not path.is_file():
        raise FolderError(folder=path, reason="it is not a regular file")
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        if not files:
            return codec.ModelState(Schema(), Schema())
        raise MissingState(file=name, database=workspace.name) from None
    except UnicodeDecodeError as error:
        reason = f"byte 0x{error.object[error.start]:02x} is not UTF-8"
        raise DamagedState(file=name, line=1, column=error.start + 1, reason=reason, database=workspace.name) from None
    except OSError as error:
        raise FolderError(folder=path, reason=error.strerror) from error
    dialect = dialect_of(workspace)
    state = codec.load_state(text, dialect=dialect.name, database=workspace.name, file=name)
    return codec.ModelState(dialect.canonical(state.schema), dialect.canonical(state.migrated), state.version)


def text(workspace: Workspace, models: Models, version: str | None, migrated: Schema | None = None) -> str:
    """The text of the file for the models as they are; the migrations up to ``version`` lead to ``migrated``, without to
    the same."""
    dialect = dialect_of(workspace)
    return codec.dump(
        models.schema(dialect),
        dialect=dialect.name,
        written_by=installed("dbwarden") or "0",
        migrated=migrated,
        version=version,
    )


def newest(files: Iterable[MigrationFile]) -> MigrationFile | None:
    """The file with the highest version."""
    versions = [file for file in files if file.version is not None]
    return max(versions, key=lambda file: file.version or 0, default=None)


def version_of(file: MigrationFile | None) -> str:
    """Version of the newest migration in a state file; ``0`` without one."""
    return file.key if file is not None else "0"


def update(workspace: Workspace, wanted: str) -> bool:
    """Put ``wanted`` into the file, all of it or nothing, and say whether that changed it.

    A file that differs in nothing but the version of its writer is left alone. Raises ``FolderError``.
    """
    path = workspace.database.state_file
    if not differs(workspace, wanted):
        return False
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FolderError(folder=path.parent, reason=error.strerror or str(error)) from error
    directory.replace(path, wanted)
    return True


def differs(workspace: Workspace, wanted: str) -> bool:
    """Whether the file says something else than ``wanted``, or does not exist."""
    path = workspace.database.state_file
    return not path.is_file() or _content(path.read_bytes()) != _content(wanted.encode())


def exists(workspace: Workspace) -> bool:
    """Whether somebody ran ``export-models``."""
    return workspace.database.state_file.exists()


def _content(text: bytes) -> list[bytes]:
    return [line for line in text.splitlines() if not line.startswith(b'"written_by":')]


def written(workspace: Workspace, migration: Path, wanted: Callable[[], str]) -> bool:
    """``update``, for a migration file that was written just before: where it fails, that file is taken away again."""
    with ExitStack() as undo:
        undo.callback(migration.unlink, missing_ok=True)
        changed = update(workspace, wanted())
        undo.pop_all()
    return changed
