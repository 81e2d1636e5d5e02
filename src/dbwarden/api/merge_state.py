"""merge-state: merges two state files for git."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dbwarden.core import codec, state_merge
from dbwarden.core.codec import ModelState
from dbwarden.core.model import Schema
from dbwarden.errors import FolderError, StateMergeConflict
from dbwarden.runtime import directory, git

from .version import installed


@dataclass(frozen=True, slots=True)
class MergeStateReport:
    """Result of ``merge_state``: the file that has the merged state, and the version of its newest migration."""

    file: Path
    version: str | None


def merge_state(base: str | Path, ours: str | Path, theirs: str | Path) -> MergeStateReport:
    """Merge the state files of two branches, object by object and column by column, into ``ours``.

    ``base`` is their common ancestor, which may be empty. If both changed one object in different ways, ``ours`` gets git's
    conflict markers and ``StateMergeConflict`` is raised; ``DamagedState`` and ``NewerState`` for a file that cannot be read.
    """
    places = Path(base), Path(ours), Path(theirs)
    states = [_read(path) for path in places]
    merged = state_merge.merge(*states)
    if merged.conflicts:
        git.merge_texts(places[1], places[0], places[2])
        raise StateMergeConflict(objects=", ".join(map(str, merged.conflicts)), file=str(ours))
    text = codec.dump(
        merged.state.schema,
        dialect=states[1].dialect or states[2].dialect,
        written_by=installed("dbwarden") or "0",
        migrated=merged.state.migrated,
        version=merged.state.version,
    )
    directory.replace(places[1], text)
    return MergeStateReport(places[1], merged.state.version)


def _read(path: Path) -> ModelState:
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise FolderError(folder=path, reason=error.strerror) from error
    return codec.load_state(text, file=str(path)) if text.strip() else ModelState(Schema(), Schema())
