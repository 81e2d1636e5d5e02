"""generate-models: writes SQLAlchemy models from a database, and compares them with it."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from dbwarden.core import kinds
from dbwarden.core.dialect import Connection, Dialect, Scope
from dbwarden.core.model import Definition, Object, Schema, Table
from dbwarden.core.own_tables import without_own
from dbwarden.core.types import Ref
from dbwarden.errors import FolderError, ModelsExist, NothingToGenerate, PermissionDenied, UsageError
from dbwarden.models.source.files import ModelsLayout
from dbwarden.models.source.modules import ModelsSource, models_source
from dbwarden.runtime import directory

from .check_db import all_namespaces
from .comparison import compare
from .progress import Events, report_work, silent
from .workspace import Workspace, open_workspace


@dataclass(frozen=True, slots=True)
class GenerateOptions:
    """Options of ``generate_models``.

    ``output`` is a file (``models.py``) or a folder, which becomes a package; ``None`` writes nothing. ``tables`` and
    ``exclude_tables`` are patterns of the names of tables, views and routines, with a schema or without; ``schemas`` are the
    schemas to read (default: all). ``base`` is an existing declarative base, ``module:Name``.
    """

    output: Path | None = None
    single_file: bool = False
    tables: Sequence[str] = ()
    exclude_tables: Sequence[str] = ()
    schemas: Sequence[str] = ()
    base: str | None = None
    relationships: bool = True
    overwrite: bool = False
    events: Events = silent


@dataclass(frozen=True)
class GenerateReport:
    """Models that were generated. ``source`` is the text of the module if nothing was written."""

    database: str
    source: str | None
    written: tuple[Path, ...]
    classes: tuple[str, ...]
    tables: tuple[str, ...]
    """Tables that are no classes: without a primary key, or between two others."""
    left_out: tuple[str, ...]
    """Objects that the models do not describe."""
    differences: tuple[str, ...]
    """What ``diff`` finds between these models and the database."""


_DEFAULT = GenerateOptions()


def generate_models(
    database: str | None = None, *, config: str | None = None, dev: bool = False, options: GenerateOptions = _DEFAULT
) -> GenerateReport:
    """Write SQLAlchemy models from the schema of the database; the database is only read.

    The models are imported and compared with the database before they are written. Raises ``ModelsExist`` for a file or a
    folder with modules unless ``options.overwrite`` is set, ``NothingToGenerate``, ``UsageError``, ``FolderError``.
    """
    return generate_for(open_workspace(config, database, dev=dev), options)


def generate_for(workspace: Workspace, options: GenerateOptions) -> GenerateReport:
    """The same for a workspace. Raises as ``generate_models``."""
    if options.base is not None and not _is_path_of_name(options.base):
        raise UsageError(f"--base {options.base}: write module:Name, such as app.database:Base")
    single_file = options.single_file or options.output is None or options.output.suffix == ".py"
    target = _target(options.output, single_file)
    if target is not None and not options.overwrite:
        _ensure_free(target)
    with report_work(options.events, f"reading database {workspace.label}"), workspace.connect(read_only=True) as conn:
        dialect = workspace.dialect_for(conn)
        scope = Scope(_namespaces(options.schemas, all_namespaces(conn, dialect), dialect))
        current, unread = _inspected(conn, workspace, dialect, scope)
        schema = without_own(workspace.ignored(dialect).hide(current))
    schema = _selected(schema, options)
    if not schema.tables():
        raise NothingToGenerate(database=workspace.label)
    layout = ModelsLayout(f"database {workspace.label}", single_file, options.base, options.relationships)
    source = models_source(schema, dialect, workspace.database.drivername, layout)
    with report_work(options.events, f"comparing the models with database {workspace.label}"):
        differences = _differences(workspace, source, schema, options.events)
    return GenerateReport(
        database=workspace.label,
        source=source.modules[""] if target is None else None,
        written=_write(target, source.modules) if target is not None else (),
        classes=source.classes,
        tables=source.tables,
        left_out=(*map(str, source.notes), *unread),
        differences=differences,
    )


def _inspected(
    conn: Connection, workspace: Workspace, dialect: Dialect, scope: Scope
) -> tuple[Schema, tuple[str, ...]]:
    """The schema with the privileges on its objects, and what could not be read: where the server keeps privileges by account, only
    some may read those of others."""
    if "grant" not in dialect.features.of_server:
        return dialect.inspect(conn, scope), ()
    try:
        schema = dialect.inspect(conn, replace(scope, accounts=True))
    except PermissionDenied as denied:
        advice = dialect.remedy(conn, denied, workspace.tables).rstrip(".")
        return dialect.inspect(conn, scope), (f"privileges, which this account may not read ({advice})",)
    beyond = [ref for ref in schema if ref.kind in dialect.features.of_server and ref.table is None]
    return schema.without(*beyond), ()


def _is_path_of_name(base: str) -> bool:
    module, _, name = base.partition(":")
    return bool(module) and all(part.isidentifier() for part in module.split(".")) and name.isidentifier()


def _target(output: Path | None, single_file: bool) -> Path | None:
    """The file or folder to write."""
    if output is None or output.suffix == ".py" or not single_file:
        return output
    return output / "models.py"


def _ensure_free(target: Path) -> None:
    if target.is_file() or (target.is_dir() and any(target.glob("*.py"))):
        raise ModelsExist(path=str(target))


def _namespaces(wanted: Sequence[str], existing: Sequence[str | None], dialect: Dialect) -> tuple[str | None, ...]:
    default = dialect.server.default_schema
    unknown = sorted(set(wanted) - {default, *existing})
    if unknown:
        known = ", ".join(sorted(filter(None, (default, *existing)))) or "none"
        raise UsageError(f"There is no schema {unknown[0]} in the database; its schemas: {known}")
    return tuple(None if name == default else name for name in wanted) or tuple(existing)


def _selected(schema: Schema, options: GenerateOptions) -> Schema:
    """The objects of the tables that the options name, the views and routines among these, and what they need."""
    if not (options.tables or options.exclude_tables):
        return schema
    tables = {table.ref for table in schema.tables() if _is_wanted(table.ref, options)}
    included = tables | _selected_definitions(schema, tables, options)
    members = {
        ref
        for ref, item in schema.items()
        if ref.table is not None and Ref("table", ref.table, ref.schema) in tables and _stays(item, tables)
    }
    included |= members
    pending = list(included)
    while pending:
        item = schema.get(pending.pop())
        for need in _needed(item) - included if item is not None else ():
            if need in schema and need.table is None and need.kind not in ("table", *kinds.READABLE):
                included.add(need)
                pending.append(need)
    return Schema(item for ref, item in schema.items() if ref in included)


def _selected_definitions(schema: Schema, tables: Collection[Ref], options: GenerateOptions) -> set[Ref]:
    """Views and routines that the options name and whose tables and views are all there."""
    candidates = {
        item.ref: {need for need in item.needs if need.kind in ("table", *kinds.READABLE)}
        for item in schema.objects()
        if isinstance(item, Definition) and item.ref.table is None and _is_wanted(item.ref, options)
    }
    while lacking := [ref for ref, needs in candidates.items() if not needs <= {*tables, *candidates}]:
        for ref in lacking:
            del candidates[ref]
    return set(candidates)


def _needed(item: Object) -> set[Ref]:
    """What an object and its columns need."""
    columns = item.columns.values() if isinstance(item, Table) else ()
    types = {column.type.ref for column in columns if column.type.ref}
    return {*item.uses(), *types}.union(*(column.needs for column in columns))


def _is_wanted(ref: Ref, options: GenerateOptions) -> bool:
    names = (ref.name.partition("(")[0], f"{ref.schema}.{ref.name}")

    def matches(patterns: Collection[str]) -> bool:
        return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)

    return (not options.tables or matches(options.tables)) and not matches(options.exclude_tables)


def _stays(item: object, tables: Collection[Ref]) -> bool:
    """Whether a member of a table can be written: the target of a foreign key must be among ``tables``."""
    target = getattr(item, "ref_table", None)
    return target is None or target in tables


# -- the comparison ---------------------------------------------------------------------------------------------------


def _differences(workspace: Workspace, source: ModelsSource, schema: Schema, events: Events) -> tuple[str, ...]:
    """What ``diff`` finds between the database and these models, among the objects of ``schema``."""
    with tempfile.TemporaryDirectory(prefix="dbwarden-models-") as folder:
        # A name of its own: a module that was imported before would be taken for it.
        package = Path(folder) / f"dbwarden_generated_{workspace.name}_{Path(folder).name.rpartition('-')[2]}"
        package.mkdir()
        modules = source.modules
        written = {("__init__.py" if name == "" else name): text for name, text in modules.items()}
        for name, text in written.items():
            (package / name).write_text(text, encoding="utf-8")
        settings = replace(workspace.database, model_paths=(str(package),), model_tables=None, schema_files=())
        comparison = compare(replace(workspace, database=settings))
    changes = (step.change for step in comparison.plan.counted_steps())
    differing = [change.describe() for change in changes if change.ref in schema or change.ref.owner in schema]
    described = schema.without(*source.notes)
    return (*differing, *(f"{ref} is not in the models" for ref in comparison.pair.unowned if ref in described))


# -- files ------------------------------------------------------------------------------------------------------------


def _write(target: Path, modules: Mapping[str, str]) -> tuple[Path, ...]:
    files = {target / name if name else target: text for name, text in modules.items()}
    for path, text in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FolderError(folder=path.parent, reason=f"cannot be created: {error.strerror}") from error
        directory.replace(path, text)
    return tuple(files)
