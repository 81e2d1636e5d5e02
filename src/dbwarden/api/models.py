"""The user's models: imports them once, and reads their schema for a dialect."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import MetaData

from dbwarden.core.dialect import Dialect, SchemaDialect
from dbwarden.core.engine import ENGINES
from dbwarden.core.model import Schema
from dbwarden.core.types import Ref
from dbwarden.errors import DBWardenError
from dbwarden.models import attributes, discover, events, ignored, left_out, read, schema_files
from dbwarden.models.importing import models_read
from dbwarden.models.schema_files import SchemaFile

from .workspace import Workspace


@dataclass(frozen=True)
class Models:
    """Models that the modules of ``model_paths`` define."""

    discovered: discover.Discovered
    root: Path
    """The project's folder."""
    engine: str
    """Engine of the application's database."""
    drivername: str
    """SQLAlchemy's name of the application's dialect and driver: ``mysql+pymysql``."""
    files: tuple[SchemaFile, ...] = ()
    """SQL files with views, routines and triggers (``schema_files``)."""

    @property
    def modules(self) -> tuple[str, ...]:
        """Names of the imported modules."""
        return tuple(self.discovered.modules)

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes on the models: no tables, reflected tables, listeners."""
        empty = () if self.discovered.tables else (f"The models define no table ({', '.join(self.modules)}).",)
        names = ", ".join(sorted(str(ref) for ref in self.reflected))
        reflected = (
            (f"Left as the database has it, because its columns are reflected (DeferredReflection): {names}.",)
            if names
            else ()
        )
        return (*empty, *reflected, *self.events)

    @property
    def events(self) -> tuple[str, ...]:
        """Notes on event listeners for the creation of tables, which may change them."""
        return tuple(events.notes(self.discovered.metadatas))

    @property
    def reflected(self) -> frozenset[Ref]:
        """Tables whose columns the application reflects from the database, so that the models do not describe them."""
        return frozenset(Ref("table", str(table.name), table.schema or None) for table in self.discovered.reflected)

    def _metadatas(self, dialect: Dialect) -> tuple[MetaData, ...]:
        """The metadata of the models and of the SQL files."""
        return (*self.discovered.metadatas, *self._of_files(dialect))

    def _of_files(self, dialect: Dialect) -> tuple[MetaData, ...]:
        return (schema_files.declarations(self.files, dialect),) if self.files else ()

    def schema(self, dialect: Dialect) -> Schema:
        """Canonical schema of the models. Raises ``ModelReadError``, ``ModelConflict``."""
        return dialect.canonical(self.as_written(dialect))

    def as_written(self, dialect: Dialect) -> Schema:
        """Schema of the models before it is made canonical, with explicit defaults."""
        with models_read(self.root):
            files = self._of_files(dialect)
            tables = (*self.discovered.tables, *(table for one in files for table in one.tables.values()))
            metadatas = (*self.discovered.metadatas, *files)
            return read.read(metadatas, dialect, tables, self._drivername(dialect))

    def ignored_keywords(self, dialect: SchemaDialect) -> tuple[str, ...]:
        """Notes on keywords that SQLAlchemy does not apply because they are those of its other dialect for the engine."""
        return ignored.notes(self.discovered.tables, dialect, self._drivername(dialect))

    def left_out(self, dialect: Dialect, changed: Collection[Ref]) -> tuple[str, ...]:
        """Notes on unique constraints and foreign keys of the tables ``changed``, and on declared objects, that the engine does
        not have."""
        keys = left_out.notes(self.discovered.tables, dialect, changed, self._drivername(dialect))
        return (*keys, *(left_out.objects(self._metadatas(dialect), dialect) if changed else ()))

    def _drivername(self, dialect: SchemaDialect) -> str:
        """The drivername if ``dialect`` is the application's: a URL of MySQL may lead to a MariaDB server."""
        return self.drivername if ENGINES[dialect.name].family == ENGINES[self.engine].family else ""

    def attributes(self, dialect: SchemaDialect) -> Mapping[Ref, str]:
        """Attribute of each column in the user's class, if it has another name than the column."""
        default = dialect.server.default_schema
        known = attributes.attributes(self.discovered.tables, self.discovered.registries)
        return {ref._replace(schema=None) if ref.schema == default else ref: name for ref, name in known.items()}


def import_models(workspace: Workspace) -> Models:
    """Import the models of a database. Raises ``ConfigurationError`` for those that cannot be imported."""
    settings = workspace.database
    discovered = discover.discover(settings.model_paths, workspace.project.root, model_tables=settings.model_tables)
    files = schema_files.read_files(workspace.project.root, settings.schema_files)
    return Models(discovered, workspace.project.root, settings.database_type, settings.drivername, files)


def table_names(schema: Schema) -> tuple[str, ...]:
    """Sorted names of a schema's tables, qualified outside the default namespace."""
    refs = (ref for ref in schema if ref.kind == "table")
    return tuple(sorted(ref.name if ref.schema is None else f"{ref.schema}.{ref.name}" for ref in refs))


@contextmanager
def with_notes(notes: Iterable[str]) -> Iterator[None]:
    """Attach ``notes`` to an error that leaves the block, which they may explain."""
    try:
        yield
    except DBWardenError as error:
        for note in notes:
            if note not in getattr(error, "__notes__", ()):
                error.add_note(note)
        raise
