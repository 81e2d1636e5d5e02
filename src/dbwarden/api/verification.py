"""Scratch databases for a workspace, and what files are verified in them for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager

from dbwarden.core.dialect import Dialect
from dbwarden.core.file import MigrationFile
from dbwarden.core.model import Schema
from dbwarden.core.statement import Reach
from dbwarden.runtime.connection import DatabaseConnection
from dbwarden.runtime.interrupt import Interruption
from dbwarden.runtime.scratch import open_scratch, scratch_request
from dbwarden.runtime.scratch_database import ScratchDatabase

from .connection import connect
from .workspace import Workspace


def scratch_for(
    workspace: Workspace,
    dialect: Dialect,
    conn: DatabaseConnection | None,
    stop: Interruption | None,
    files: Iterable[MigrationFile] = (),
) -> AbstractContextManager[ScratchDatabase]:
    """A scratch database of ``dialect`` that stands in for the workspace's database, on which ``files`` are to run.

    ``conn`` is that database, ``None`` where it cannot be reached. Raises ``NoScratch``, ``SandboxNotEmpty``.
    """

    def open_url(url: str) -> DatabaseConnection:
        return connect(url, connect_timeout=workspace.database.connect_timeout)

    ours = dialect.name == workspace.database.database_type and workspace.variant is None
    url = workspace.database.sandbox() if ours else None
    request = scratch_request(open_url, conn, url, next(beyond_their_database(files, dialect), None))
    return open_scratch(dialect, request, stop)


def beyond_their_database(files: Iterable[MigrationFile], dialect: Dialect) -> Iterator[str]:
    """The statements that reach beyond their database, or may, in words: they never run on a server that others use."""
    for file in files:
        sections = (file.upgrade(dialect.name), file.rollback(dialect.name) if file.irreversible is None else ())
        for statement in (one for section in sections for one in section):
            facts = dialect.facts(statement.text)
            if facts.reach > Reach.DATABASE:
                does = "reaches" if facts.reach is Reach.SERVER else "may reach"
                what = f" ({facts.action})" if facts.action else ""
                yield f"{file.name}:{statement.line}{what} {does} beyond its database"


def namespaces(*schemas: Schema) -> tuple[str, ...]:
    """The names of all namespaces but the default one."""
    names = {ref.schema for schema in schemas for ref in schema if ref.schema is not None}
    return tuple(sorted(names | {ref.name for schema in schemas for ref in schema if ref.kind == "namespace"}))
