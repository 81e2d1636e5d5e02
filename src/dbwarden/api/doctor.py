"""doctor: examines configuration, files, models, drivers, servers and accounts, and says what to do about each problem."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from dbwarden import config as configuration_files
from dbwarden.core import resolve
from dbwarden.core.diagnosis import Diagnosis as Diagnosis
from dbwarden.core.diagnosis import Grade
from dbwarden.core.dialect import Dialect
from dbwarden.core.overview import State, state
from dbwarden.core.resolve import unfinished_notes
from dbwarden.errors import BackupFailed, ConfigurationError, DBWardenError, MissingMigrations, PermissionDenied
from dbwarden.runtime import backup
from dbwarden.runtime.connection import DatabaseConnection

from .progress import Events, report_work, silent
from .workspace import Workspace, open_workspace


@dataclass(frozen=True, slots=True)
class DatabaseDiagnosis:
    """What was examined of one configured database, in order."""

    database: str
    diagnoses: tuple[Diagnosis, ...]


@dataclass(frozen=True, slots=True)
class DoctorReport:
    """What was examined. ``databases`` is empty if there is no configuration that can be read."""

    grade: Grade
    """The worst grade of all."""
    configuration: Diagnosis
    databases: tuple[DatabaseDiagnosis, ...]

    @property
    def healthy(self) -> bool:
        """Whether nothing keeps migrations from running."""
        return self.grade is not Grade.PROBLEM


def doctor(
    database: str | None = None, *, config: str | None = None, dev: bool = False, events: Events = silent
) -> DoctorReport:
    """Examine all databases of the project, or ``database``. Only reads, and creates nothing.

    A configuration that cannot be read is a diagnosis too. Raises ``UnknownDatabase``.
    """
    try:
        project = configuration_files.load(config)
    except ConfigurationError as error:
        problem = _problem("configuration", error)
        return DoctorReport(Grade.PROBLEM, problem, ())
    text = f"{project.source} declares {', '.join(project.databases)}"
    grade = Grade.WARNING if project.warnings else Grade.OK
    declared = Diagnosis("configuration", grade, "; ".join((text, *project.warnings)))
    names = [project.database(database).database_name] if database is not None else list(project.databases)
    diagnosed = tuple(_examine(name, config, dev, events) for name in names)
    every = [declared, *(item for one in diagnosed for item in one.diagnoses)]
    return DoctorReport(max((item.grade for item in every), key=lambda grade: grade.rank), declared, diagnosed)


def _examine(name: str, config: str | None, dev: bool, events: Events) -> DatabaseDiagnosis:
    try:
        workspace = open_workspace(config, name, dev=dev)
    except ConfigurationError as error:
        return DatabaseDiagnosis(name, (_problem("configuration", error),))
    with report_work(events, f"examining {name}"):
        server = _targets(workspace) if workspace.needs_target else _server(workspace)
        return DatabaseDiagnosis(name, (*_files(workspace), *_models(workspace), *server))


def _problem(subject: str, error: DBWardenError, grade: Grade = Grade.PROBLEM) -> Diagnosis:
    return Diagnosis(subject, grade, error.message, error.hint or "")


# -- the project --------------------------------------------------------------------------------------------------


def _files(workspace: Workspace) -> Iterator[Diagnosis]:
    """Whether the migrations can be read and ordered."""
    try:
        files = workspace.files()
        with suppress(MissingMigrations):
            resolve.ordered(files)
    except MissingMigrations as error:
        yield _problem("files", error, Grade.NOTE)
        return
    except DBWardenError as error:
        yield _problem("files", error)
        return
    folder = configuration_files.shown_path(workspace.folder, Path.cwd())
    noun = "migration" if len(files) == 1 else "migrations"
    yield Diagnosis("files", Grade.OK, f"{len(files)} {noun} in {folder}")


def _models(workspace: Workspace) -> Iterator[Diagnosis]:
    """Whether the models can be imported."""
    if not workspace.database.model_paths:
        yield Diagnosis("models", Grade.NOTE, "the configuration names no models (model_paths)")
        return
    from .models import import_models  # deferred: it imports SQLAlchemy

    try:
        models = import_models(workspace)
        models.schema(workspace.dialect)
    except DBWardenError as error:
        yield _problem("models", error)
        return
    tables = len(models.discovered.tables)
    grade = Grade.OK if tables else Grade.WARNING
    text = f"{tables} {'table' if tables == 1 else 'tables'} in {', '.join(models.modules)}"
    yield Diagnosis("models", grade, text, "" if tables else "name the modules of the models in `model_paths`")


def _targets(workspace: Workspace) -> Iterator[Diagnosis]:
    """Whether the targets of a fleet can be listed."""
    from .fleet_targets import open_targets  # deferred: few projects have a fleet

    try:
        count = len(list(open_targets(workspace)))
    except DBWardenError as error:
        yield _problem("targets", error)
        return
    remedy = f"`dbwarden doctor -d {workspace.name}@TARGET` examines one of them"
    yield Diagnosis("targets", Grade.OK, f"{count} {'target is' if count == 1 else 'targets are'} listed", remedy)


# -- the server ---------------------------------------------------------------------------------------------------


def _server(workspace: Workspace) -> Iterator[Diagnosis]:
    """Driver, connection, and what the dialect finds out about the server."""
    try:
        with workspace.connect(read_only=True) as conn:
            yield Diagnosis("connection", Grade.OK, conn.description)
            yield from _pooler(conn)
            dialect = workspace.dialect_for(conn)
            yield from dialect.diagnose(conn)
            yield from _history(workspace, conn, dialect)
            yield from _lock(workspace, conn)
            yield from _backup(dialect, conn)
    except PermissionDenied as error:
        yield _problem("privileges", error)
    except DBWardenError as error:
        yield _problem("connection", error)


def _pooler(conn: DatabaseConnection) -> Iterator[Diagnosis]:
    if conn.pooled:
        yield Diagnosis(
            "pooler",
            Grade.WARNING,
            "a pooler stands between: backups and scratch databases are not possible, and a killed run is noticed late",
            "name the server itself in `database_url_sync`",
        )


def _history(workspace: Workspace, conn: DatabaseConnection, dialect: Dialect) -> Iterator[Diagnosis]:
    """Migrations that stopped half-way, files that vanished or were edited after they were applied."""
    files = workspace.readable_files()
    overview = state(files, workspace.records(conn, files))
    notes = unfinished_notes(overview)
    problems = overview.having(State.EDITED, State.MISSING)
    for note in notes:
        yield Diagnosis("history", Grade.PROBLEM, note)
    if problems:
        text = f"edited or missing after they were applied: {', '.join(entry.name for entry in problems)}"
        yield Diagnosis("history", Grade.WARNING, text, f"`dbwarden status -d {workspace.label}`")
    if not problems and not notes:
        pending = len(overview.pending)
        yield Diagnosis("history", Grade.OK, f"{pending} pending" if pending else "nothing is pending")
    if dialect.restore_in_progress(conn):
        yield Diagnosis(
            "restore", Grade.PROBLEM, "a restore runs, or was killed", f"`dbwarden status -d {workspace.label}`"
        )


def _lock(workspace: Workspace, conn: DatabaseConnection) -> Iterator[Diagnosis]:
    status = workspace.lock(conn).status()
    if status.active:
        yield Diagnosis(
            "lock",
            Grade.WARNING,
            "the migration lock is held",
            f"`dbwarden lock-status -d {workspace.label}` says by whom",
        )
    else:
        yield Diagnosis("lock", Grade.OK, "free")


def _backup(dialect: Dialect, conn: DatabaseConnection) -> Iterator[Diagnosis]:
    try:
        backup.require_programs(dialect, conn, lambda: None)
    except BackupFailed as error:
        yield replace(_problem("backup", error, Grade.NOTE), text=f"--with-backup is not possible: {error.message}")
    else:
        yield Diagnosis("backup", Grade.OK, "--with-backup is possible")
