"""State file: the schema that the migrations lead to, with which models can be compared without a database.

It also has the schema of the models when it was last written: ``export-models`` may write it before a migration is
generated (docs/decisions/0013).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

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
    """Dialect of the primary database, not bound to a server."""
    dialect, cluster = dialects.get(workspace.database.database_type), workspace.database.cluster
    return dialect.for_cluster(cluster) if cluster else dialect


def read(workspace: Workspace, files: Sequence[MigrationFile] = ()) -> codec.ModelState:
    """Read the state file. Without a file, the state is empty if ``files`` is, else ``MissingState`` is raised.

    Raises ``DamagedState``, ``StateConflict``, ``NewerState`` or ``StateDialect`` as well; each names the command that
    writes a new file.
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
    """Text of the file for the present models. The migrations up to ``version`` lead to ``migrated``, or to the models if
    that is None."""
    dialect = dialect_of(workspace)
    return codec.dump(
        models.schema(dialect),
        dialect=dialect.name,
        written_by=installed("dbwarden") or "0",
        migrated=migrated,
        version=version,
    )


def newest(files: Iterable[MigrationFile]) -> MigrationFile | None:
    """File with the highest version; ``None`` if there is none."""
    versions = [file for file in files if file.version is not None]
    return max(versions, key=lambda file: file.version or 0, default=None)


def version_of(file: MigrationFile | None) -> str:
    """Version to write into a state file whose newest migration is ``file``; ``0`` for None."""
    return file.key if file is not None else "0"


def update(workspace: Workspace, wanted: str) -> bool:
    """Write ``wanted`` atomically, unless the file differs only in the version of its writer. Returns whether it was
    written.

    Raises ``FolderError``.
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
    """Whether the file does not exist, or its content is not ``wanted``."""
    path = workspace.database.state_file
    return not path.is_file() or _content(path.read_bytes()) != _content(wanted.encode())


def exists(workspace: Workspace) -> bool:
    """Whether there is a state file."""
    return workspace.database.state_file.exists()


def _content(text: bytes) -> list[bytes]:
    return [line for line in text.splitlines() if not line.startswith(b'"written_by":')]


def content(workspace: Workspace) -> str | None:
    """Text of the file as it is; ``None`` if there is none."""
    path = workspace.database.state_file
    return path.read_bytes().decode() if path.is_file() else None


def restore(workspace: Workspace, former: str | None) -> None:
    """Bring back the ``content`` of an earlier moment."""
    path = workspace.database.state_file
    if former is None:
        path.unlink(missing_ok=True)
    elif content(workspace) != former:
        directory.replace(path, former)
