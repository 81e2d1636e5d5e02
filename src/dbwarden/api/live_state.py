"""State of the database that rules take into account: its history, its schema and the sizes of its tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dbwarden.checks.rule import Environment
from dbwarden.core import resolve
from dbwarden.core.dialect import Dialect, Scope, Size
from dbwarden.core.file import MigrationFile
from dbwarden.core.model import Definition, Schema
from dbwarden.core.overview import Overview, state
from dbwarden.core.types import Ref
from dbwarden.errors import ConnectionFailed, MissingDriver, NeedsTarget

from .workspace import Workspace


@dataclass(frozen=True)
class DatabaseState:
    """State of the database: its schema, its history and the sizes of its tables."""

    dialect: Dialect
    overview: Overview
    schema: Schema
    """Empty if nothing is pending."""
    sizes: Mapping[Ref, Size]


def read_live(workspace: Workspace, files: Sequence[MigrationFile], notes: list[str]) -> DatabaseState | None:
    """Read the database; ``None``, with a note, if it cannot be reached."""
    try:
        with workspace.connect(read_only=True) as conn:
            dialect = workspace.dialect_for(conn)
            records = workspace.records(conn, files)
            resolve.ordered(files, records)
            overview = state(files, records)
            texts = bool(dialect.features.keeps_old_names)
            schema = dialect.inspect(conn, Scope((None,), definitions=texts)) if overview.pending else Schema()
            return DatabaseState(dialect, overview, schema, dialect.sizes(conn))
    except (ConnectionFailed, MissingDriver, NeedsTarget) as error:
        notes.append(f"The database was not asked: {error.message}")
        return None


def environment_of(workspace: Workspace, live: DatabaseState | None) -> Environment:
    """What rules know apart from the files."""
    if live is None:
        return Environment(workspace.database.lock_timeout)
    texts = tuple(item for item in live.schema.objects() if isinstance(item, Definition))
    return Environment(workspace.database.lock_timeout, live.sizes, texts=texts)
