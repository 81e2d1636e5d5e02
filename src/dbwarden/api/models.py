"""The user's models, imported once and read for a dialect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dbwarden.core.dialect import SchemaDialect
from dbwarden.core.model import Schema
from dbwarden.core.types import Ref
from dbwarden.errors import DBWardenError
from dbwarden.models import attributes, discover, events, read
from dbwarden.models.importing import models_read

from .workspace import Workspace


@dataclass(frozen=True)
class Models:
    """What the modules of ``model_paths`` define."""

    found: discover.Discovered
    root: Path
    """The project's folder."""
    engine: str
    """The product that the application works with."""
    driver: str
    """SQLAlchemy's name of the driver that it works with; empty for the default one."""

    @property
    def modules(self) -> tuple[str, ...]:
        """The names of the imported modules."""
        return tuple(self.found.modules)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the models do beside what they describe."""
        empty = () if self.found.tables else (f"The models define no table ({', '.join(self.modules)}).",)
        names = ", ".join(sorted(str(ref) for ref in self.reflected))
        reflected = (
            (f"Left as the database has it, because its columns are reflected (DeferredReflection): {names}.",)
            if names
            else ()
        )
        return (*empty, *reflected, *self.events)

    @property
    def events(self) -> tuple[str, ...]:
        """What listens to the creation of the tables, and may change them."""
        return tuple(events.notes(self.found.metadatas))

    @property
    def reflected(self) -> frozenset[Ref]:
        """The tables whose columns the application reads from the database: the models say too little of them."""
        return frozenset(Ref("table", str(table.name), table.schema or None) for table in self.found.reflected)

    def schema(self, dialect: SchemaDialect) -> Schema:
        """The schema they ask for, canonical. Raises ``ModelReadError``, ``ModelConflict``."""
        return dialect.canonical(self.as_written(dialect))

    def as_written(self, dialect: SchemaDialect) -> Schema:
        """The schema before anything is made canonical: defaults that are written out are there."""
        driver = self.driver if dialect.name == self.engine else ""
        with models_read(self.root):
            return read.read(self.found.metadatas, dialect, self.found.tables, driver)

    def attributes(self, dialect: SchemaDialect) -> Mapping[Ref, str]:
        """Column -> the name of its attribute in the user's class, where that is another one."""
        default = dialect.server.default_schema
        known = attributes.attributes(self.found.tables, self.found.registries)
        return {ref._replace(schema=None) if ref.schema == default else ref: name for ref, name in known.items()}


def import_models(workspace: Workspace) -> Models:
    """Import the models of a database. Raises ``ConfigurationError`` for those that cannot be imported."""
    settings = workspace.database
    found = discover.discover(settings.model_paths, workspace.project.root, model_tables=settings.model_tables)
    return Models(found, workspace.project.root, settings.database_type, settings.driver)


def table_names(schema: Schema) -> tuple[str, ...]:
    """The tables of a schema as people call them, sorted."""
    refs = (ref for ref in schema if ref.kind == "table")
    return tuple(sorted(ref.name if ref.schema is None else f"{ref.schema}.{ref.name}" for ref in refs))


@contextmanager
def noted(notes: Iterable[str]) -> Iterator[None]:
    """An error takes along what is to be known of the models: it may be the reason."""
    try:
        yield
    except DBWardenError as error:
        for note in notes:
            if note not in getattr(error, "__notes__", ()):
                error.add_note(note)
        raise
