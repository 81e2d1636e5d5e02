"""Temporary databases with the schema that all migrations lead to, for the tests of an application."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from dbwarden.config import Database, DatabaseHandle
from dbwarden.core.engine import ENGINES
from dbwarden.errors import ConnectionFailed, NoScratch
from dbwarden.runtime.connection import DatabaseConnection
from dbwarden.runtime.scratch import open_scratch, scratch_request
from dbwarden.runtime.scratch_database import ScratchDatabase

from .connection import connect
from .migrate import migrate_new
from .safety_gate import ordered_files
from .sandbox import SandboxPlan, SandboxReport, try_out
from .workspace import Workspace, open_workspace


@dataclass(frozen=True)
class MigratedDatabase:
    """A temporary database. ``handle`` gives engines and sessions, like the one of ``database_config``."""

    handle: DatabaseHandle
    kind: str
    """What it is, in words: ``a temporary database on the same server``."""
    place: str
    """Name of the database on its server, or path of its file."""
    is_file: bool = False


@contextmanager
def migrated_database(
    database: str | None = None, *, config: str | None = None, copy_of: MigratedDatabase | None = None
) -> Iterator[MigratedDatabase]:
    """Make a database by running all migrations, and remove it at the end. The configured database is not touched.

    It is a file, a temporary database on the server of the configured one, or if that cannot be reached on a private server
    from local binaries or a container. With ``copy_of``, another one that nobody uses is copied where the engine can; else
    the migrations run again. Raises ``NoScratch``, and what ``migrate`` raises.
    """
    workspace = open_workspace(config, database)
    if ENGINES[workspace.database.database_type].file:
        with _file(workspace, copy_of) as made:
            yield made
    else:
        with _on_server(workspace, copy_of) as made:
            yield made


def try_out_all(database: str | None = None, *, config: str | None = None) -> SandboxReport:
    """Run every migration forward, back and forward again, from an empty database, and compare the end with the models.

    The configured database is not touched. Raises ``NoScratch``, ``DuplicateVersion``, ``DependencyMissing``,
    ``FileFormatError``.
    """
    workspace = open_workspace(config, database)
    files = ordered_files(workspace.files())
    with _empty(workspace) as empty, empty.connect(read_only=True) as conn:
        return try_out(SandboxPlan(empty, empty.dialect_for(conn), conn, files, complete=True))


@contextmanager
def _empty(workspace: Workspace) -> Iterator[Workspace]:
    """The same project on an empty temporary database."""
    engine = ENGINES[workspace.database.database_type]
    if engine.file:
        with TemporaryDirectory(prefix="dbwarden-") as folder:
            copy = _with_url(workspace, f"{engine.schemes[0]}:///{folder}/empty.db")
            copy.connect().close()
            yield copy
        return
    conn = _connect(workspace)
    with conn or nullcontext(), _open_scratch(workspace, conn, None) as scratch:
        yield _with_url(workspace, scratch.conn.secret_url)


def _connect(workspace: Workspace) -> DatabaseConnection | None:
    """A connection to the configured database; ``None`` if it cannot be reached."""
    try:
        return workspace.connect(read_only=True)
    except ConnectionFailed:
        return None


def _open_scratch(
    workspace: Workspace, conn: DatabaseConnection | None, template: str | None
) -> AbstractContextManager[ScratchDatabase]:
    def open_url(url: str) -> DatabaseConnection:
        return connect(url, connect_timeout=workspace.database.connect_timeout)

    dialect = workspace.dialect if conn is None else workspace.dialect_for(conn)
    return open_scratch(dialect, scratch_request(open_url, conn, template=template))


def _handle(workspace: Workspace) -> DatabaseHandle:
    """A handle that keeps no connection: none keeps the database from being removed, or belongs to another event loop."""
    from sqlalchemy.pool import NullPool

    return DatabaseHandle.of(workspace.database, poolclass=NullPool)


def _with_url(workspace: Workspace, url: str) -> Workspace:
    """The same project on another database."""
    settings: Database = replace(workspace.database, database_url_sync=url, database_url_async=None, sandbox_url=None)
    return replace(workspace, database=settings)


@contextmanager
def _file(workspace: Workspace, copy_of: MigratedDatabase | None) -> Iterator[MigratedDatabase]:
    scheme = ENGINES[workspace.database.database_type].schemes[0]
    with TemporaryDirectory(prefix="dbwarden-") as folder:
        path = Path(folder, "database.db")
        copy = _with_url(workspace, f"{scheme}:///{path}")
        if copy_of is not None:
            shutil.copyfile(copy_of.place, path)
        else:
            migrate_new(copy)
        yield MigratedDatabase(_handle(copy), "a temporary file", str(path), is_file=True)


@contextmanager
def _on_server(workspace: Workspace, copy_of: MigratedDatabase | None) -> Iterator[MigratedDatabase]:
    conn = _connect(workspace)
    copies = conn is not None and copy_of is not None and workspace.dialect.features.copies_databases
    with conn or nullcontext(), ExitStack() as stack:
        try:
            template = copy_of.place if copies and copy_of is not None else None
            scratch = stack.enter_context(_open_scratch(workspace, conn, template))
        except NoScratch:  # somebody uses the template, or it is on another server
            if not copies:
                raise
            template = None
            scratch = stack.enter_context(_open_scratch(workspace, conn, None))
        copy = _with_url(workspace, scratch.conn.secret_url)
        scratch.conn.close()  # a database can be copied only while nobody is connected
        if template is None:
            migrate_new(copy)
        yield MigratedDatabase(_handle(copy), scratch.provider, scratch.conn.database or "")
