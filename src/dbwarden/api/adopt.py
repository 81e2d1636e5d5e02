"""init --from: adopts a database that another migration tool, or nobody, has looked after.

1. Read the tool's configuration and files (``origins``), and find or declare the database (``adopted_database``).
2. Compare the tool's history table with its files; refuse if something is pending or half-done.
3. Read the schema, and generate the base migration that builds an empty database like it; try it out (``base_migration``).
4. Compare the models with the database, if there are models.
5. Write configuration and base migration, and mark it as applied: all of it, or nothing.

The tool's files and its table are only read.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbwarden import origins
from dbwarden.core.dialect import Dialect, Scope
from dbwarden.core.model import Schema, Table
from dbwarden.core.types import Ref
from dbwarden.errors import (
    AlreadyAdopted,
    ConfigurationError,
    FolderError,
    NoOriginHistory,
    OtherHistory,
    UnfinishedOrigin,
    UsageError,
)
from dbwarden.origins.project import History, OriginProject, OriginState, listed
from dbwarden.runtime import directory
from dbwarden.runtime.connection import DatabaseConnection

from .adopted_database import AdoptedDatabase, adopted_database
from .base_migration import ALL, BaseMigration, ExistingSchema, base_migration, existing_schema, names_of
from .check_db import all_namespaces
from .comparison import compare
from .generate_models import GenerateOptions, generate_for
from .migrate import mark_applied
from .progress import Events, report_work, silent
from .proof import Proof
from .workspace import Workspace

_VERSION = "0001"
_FILE = f"{_VERSION}_base.sql"
"""Name of the base migration."""


@dataclass(frozen=True, slots=True)
class AdoptOptions:
    """Options of ``adopt``.

    ``url`` replaces the URL of the tool's configuration. ``database`` is the name of the database in the configuration.
    ``models`` is a file or folder for SQLAlchemy models that are generated from the database. With ``proof=False`` the base
    migration is not tried out.
    """

    url: str | None = None
    database_type: str | None = None
    database: str | None = None
    models: Path | None = None
    proof: bool = True
    events: Events = silent


@dataclass(frozen=True)
class AdoptReport:
    """Result of ``adopt``."""

    origin: str
    tool: str
    database: str
    tool_configuration: str
    """The tool's configuration file; empty for a bare database."""
    applied: tuple[str, ...]
    """The tool's migrations in effect."""
    unknown: tuple[str, ...]
    """Entries of the tool's history without a file."""
    history_table: str | None
    """The tool's history table, which is ignored from now on."""
    configuration: Path
    created: tuple[Path, ...]
    """Files that were written."""
    base: Path
    version: str
    tables: int
    """Tables that the base migration creates."""
    left_out: tuple[str, ...]
    """Objects of the database that the base migration does not create, with the reason."""
    proof: Proof
    models: tuple[str, ...]
    """The models that the configuration names; empty if there are none yet."""
    differences: tuple[str, ...] | None
    """Differences between models and database; ``None`` if they were not compared."""
    notes: tuple[str, ...]
    variable: str | None
    """Environment variable for the password, which the new configuration refers to."""
    unowned: tuple[str, ...] = ()
    """Patterns of what the base migration creates and no later one drops; ``*``: everything, because there are no models yet."""
    models_missing: bool = False
    """Whether the models are still to be generated at the path ``models`` names."""


@dataclass(frozen=True, slots=True)
class _Compared:
    """Models beside the database."""

    differences: tuple[str, ...] | None
    unowned: tuple[str, ...]
    notes: tuple[str, ...] = ()


def adopt(origin: str, folder: str | Path | None = None, *, options: AdoptOptions | None = None) -> AdoptReport:
    """Adopt the database of the tool ``origin`` (``alembic``, ``django``, ``yoyo``, ``flyway``, ``dbmate``, ``existing``).

    Writes ``warden.py``, unless ``folder`` has a configuration, and a migration that builds an empty database like this one, and
    marks it as applied without executing it. The tool's files and table are only read. Raises ``UsageError``, ``NoOrigin``,
    ``UnreadableOrigin``, ``NoOriginUrl``, ``NoOriginHistory``, ``OtherHistory``, ``UnfinishedOrigin``, ``NothingToAdopt``,
    ``AlreadyAdopted``, ``ProofFailed``, ``LockHeld``, ``ConnectionFailed``; nothing is written then.
    """
    options = options or AdoptOptions()
    if origin not in origins.NAMES:
        raise UsageError(f"--from must be one of {', '.join(origins.NAMES)}, not {origin!r}")
    root = Path(folder or Path.cwd()).absolute()
    project = origins.read(origin, root, os.environ)
    database = adopted_database(root, project, options.url, options.database_type, options.database)
    workspace = database.workspace
    _refuse_other_migrations(workspace)
    with report_work(options.events, f"reading database {workspace.name}"), workspace.connect(read_only=True) as conn:
        dialect = workspace.dialect_for(conn)
        _refuse_history(workspace, conn)
        current = dialect.inspect(conn, Scope(all_namespaces(conn, dialect)))
        tables, state = _state(project, current, conn, dialect)
        existing = existing_schema(workspace, conn, dialect, current, tables)
    database = database.for_engine(dialect.name).ignoring(_ignored(tables))
    with ExitStack() as undo:
        database, files = _with_models(database, options, undo)
        compared = _compare(database, existing, options)
        with report_work(options.events, "trying out the base migration"):
            base = base_migration(
                database.workspace, existing, project.tool.lower(), compared.unowned, proof=options.proof
            )
        written = _write(database, base, undo)
        mark_applied(database.workspace, _VERSION, options.events)
        undo.pop_all()
    return _report(origin, project, state, existing, database, compared, base, (*files, *written))


def _report(
    origin: str,
    project: OriginProject,
    state: OriginState,
    existing: ExistingSchema,
    database: AdoptedDatabase,
    compared: _Compared,
    base: BaseMigration,
    created: tuple[Path, ...],
) -> AdoptReport:
    return AdoptReport(
        origin=origin,
        tool=project.tool,
        database=database.workspace.name,
        tool_configuration=project.configuration,
        applied=state.applied,
        unknown=state.unknown,
        history_table=project.history.table if project.history else None,
        configuration=database.path,
        created=created,
        base=created[-1],
        version=_VERSION,
        tables=base.tables,
        left_out=existing.left_out,
        proof=base.proof,
        models=database.workspace.database.model_paths,
        differences=compared.differences,
        notes=(*project.notes, *state.notes, *database.notes, *compared.notes),
        variable=database.variable,
        unowned=compared.unowned,
        models_missing=database.models_missing,
    )


# -- what is there already


def _refuse_other_migrations(workspace: Workspace) -> None:
    files = directory.names(workspace.folder)
    if files:
        raise AlreadyAdopted(name=workspace.name, where=f"{workspace.folder / files[0]}")


def _refuse_history(workspace: Workspace, conn: DatabaseConnection) -> None:
    events = workspace.divided_history(conn, ()).ours
    if events:
        raise AlreadyAdopted(name=workspace.name, where=f"the history of the database begins with {events[0].file}")


# -- the tool's history


def _state(
    project: OriginProject, current: Schema, conn: DatabaseConnection, dialect: Dialect
) -> tuple[tuple[Ref, ...], OriginState]:
    """The tool's tables in the database, and its files compared with its history. Raises ``UnfinishedOrigin``."""
    history = project.history
    if history is None:
        return (), OriginState()
    tables = {table.ref: table for table in current.tables()}
    ref = _history_table(project.tool, history, tables, dialect)
    others = [other for other in tables if other.name in history.others and other.schema == ref.schema]
    _refuse_lock(project.tool, history, ref, others, conn, dialect)
    state = project.examine(_rows(project.tool, history, tables[ref], conn, dialect))
    if state.pending:
        raise UnfinishedOrigin(
            tool=project.tool,
            state=f"{len(state.pending)} of its {len(state.pending) + len(state.applied)} migrations are pending",
            listed=listed(state.pending),
            hint=f"{state.advice} Then run this again.",
        )
    return (ref, *others), state


def _history_table(tool: str, history: History, tables: Iterable[Ref], dialect: Dialect) -> Ref:
    """The table of the history: in the configured schema, else in the default one, else in the only one that has it."""
    schema = None if history.schema == dialect.server.default_schema else history.schema
    candidates = [ref for ref in tables if ref.name == history.table]
    wanted = [ref for ref in candidates if ref.schema == schema]
    if not wanted and history.schema is None and len(candidates) == 1:
        wanted = candidates
    if not wanted:
        raise NoOriginHistory(tool=tool, table=f"{history.schema}.{history.table}" if history.schema else history.table)
    return wanted[0]


def _rows(
    tool: str, history: History, table: Table, conn: DatabaseConnection, dialect: Dialect
) -> Sequence[Mapping[str, Any]]:
    missing = [name for name in history.columns if name not in table.columns]
    if missing:
        raise OtherHistory(tool=tool, table=table.name, reason=f"it has no column {missing[0]}")
    names = [*history.columns, *(name for name in history.optional if name in table.columns)]
    columns = ", ".join(map(dialect.quote, names))
    return [
        dict(zip(names, row, strict=True)) for row in conn.query(f"SELECT {columns} FROM {_sql(table.ref, dialect)}")
    ]


def _refuse_lock(
    tool: str, history: History, ref: Ref, others: Iterable[Ref], conn: DatabaseConnection, dialect: Dialect
) -> None:
    """Raise ``UnfinishedOrigin`` if the tool's lock table says that it is running."""
    if history.lock is None:
        return
    table, column = history.lock
    lock = next((other for other in others if other.name == table), None)
    rows = conn.query(f"SELECT {dialect.quote(column)} FROM {_sql(lock, dialect)}") if lock is not None else ()
    if rows:
        raise UnfinishedOrigin(
            tool=tool,
            state=f"the process {rows[0][0]} has locked the database ({table})",
            hint=f"Wait for it. If it is gone, `{tool} break-lock` removes the lock.",
        )


def _sql(ref: Ref, dialect: Dialect) -> str:
    return f"{dialect.quote(ref.schema)}.{dialect.quote(ref.name)}" if ref.schema else dialect.quote(ref.name)


def _ignored(tables: Iterable[Ref]) -> tuple[str, ...]:
    return tuple(f"{ref.schema}.{ref.name}" if ref.schema else ref.name for ref in tables)


# -- models


def _with_models(
    database: AdoptedDatabase, options: AdoptOptions, undo: ExitStack
) -> tuple[AdoptedDatabase, tuple[Path, ...]]:
    """Generate models, if that was requested, and configure them."""
    if options.models is None:
        return database, ()
    _remove_new_folders(options.models, undo)
    report = generate_for(database.workspace, GenerateOptions(output=options.models, events=options.events))
    for path in report.written:
        undo.callback(path.unlink, missing_ok=True)
    return database.with_models(options.models, report.left_out), report.written


def _compare(database: AdoptedDatabase, existing: ExistingSchema, options: AdoptOptions) -> _Compared:
    """Compare the models with the database. What they do not describe is not theirs to drop later; without models, nothing is."""
    if database.models_missing or not database.workspace.database.model_paths:
        return _Compared(None, (ALL,))
    try:
        with report_work(options.events, "comparing the models with the database"):
            comparison = compare(database.workspace)
    except ConfigurationError as error:
        note = f"The models could not be read, so that nothing counts as theirs ({error.message}). Correct model_paths."
        return _Compared(None, (ALL,), (note,))
    lines = tuple(line.text for line in comparison.changes)
    return _Compared(lines, names_of(comparison.pair.unowned, existing.schema), comparison.notes)


# -- writing


def _remove_new_folders(path: Path, undo: ExitStack) -> None:
    """Let ``undo`` remove the folders on the way to ``path`` that are not there yet, also with the bytecode of what was imported
    from them."""
    new = [folder for folder in (path, *path.absolute().parents) if not folder.exists()]
    if new and new[-1].suffix != ".py":
        undo.callback(shutil.rmtree, new[-1], ignore_errors=True)


def _write(database: AdoptedDatabase, base: BaseMigration, undo: ExitStack) -> tuple[Path, ...]:
    """Write the configuration, if it is new, and the base migration, whose path comes last; ``undo`` removes both."""
    written: tuple[Path, ...] = ()
    if database.text is not None:
        try:
            with database.path.open("x", encoding="utf-8") as file:
                file.write(database.text)
        except FileExistsError:
            raise UsageError(f"{database.path} exists already; it was not changed") from None
        except OSError as error:
            reason = f"warden.py cannot be written: {error.strerror or 'unknown cause'}"
            raise FolderError(folder=database.path.parent, reason=reason) from error
        undo.callback(database.path.unlink, missing_ok=True)
        written = (database.path,)
    folder = database.workspace.folder
    _remove_new_folders(folder, undo)
    path = directory.write_new(folder, lambda taken: _FILE, base.text)
    undo.callback(path.unlink, missing_ok=True)
    return (*written, path)
