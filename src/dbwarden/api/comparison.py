"""Comparison of the models with the database or the state file, from which ``make_migrations`` and ``diff`` start.

1. Import the models, and read the other side: ``_online`` inspects the database, and applies pending files in a scratch
   database if asked; ``_offline`` reads the state file.
2. Decide renames, by flags or questions.
3. Let what the models do not specify stay as it is: names of constraints, options, ignored objects.
4. Decide which tables that left the models are dropped.
5. Let the server normalise expressions that tokens cannot compare.
6. Decide the values of columns that become NOT NULL.
7. Plan the changes, and report what data they destroy.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, partial
from itertools import starmap
from typing import TYPE_CHECKING

from dbwarden.core import kinds
from dbwarden.core.access_right import AccessRight
from dbwarden.core.change import after_renames
from dbwarden.core.change_line import ChangeLine
from dbwarden.core.change_text import change_lines
from dbwarden.core.collisions import Collision, collisions, mapped_partitions, mapped_views, without_tables
from dbwarden.core.declared_owners import changes_owner, owner_refs, with_declared_owners
from dbwarden.core.dialect import Dialect, Prefs, Scope
from dbwarden.core.diff import adopt_names
from dbwarden.core.divided_history import DividedHistory
from dbwarden.core.file import MigrationFile
from dbwarden.core.mentions import selects_everything
from dbwarden.core.model import Definition, Object, Schema, Table
from dbwarden.core.overview import Overview, state
from dbwarden.core.ownership import AppliedMigration, as_in_statements, created_by, schemas_in
from dbwarden.core.partitions import partition_refs
from dbwarden.core.plan import Pair, ambiguous_expressions, pair, plan, with_effective_renames
from dbwarden.core.record import Record, last_events
from dbwarden.core.reflected import adopt_tables, stubs
from dbwarden.core.repeatables import living_in
from dbwarden.core.resolve import ensure_finished, unfinished_notes
from dbwarden.core.spelling import fold_ref, spell
from dbwarden.core.sqltext import SqlStatement
from dbwarden.core.steps import Plan
from dbwarden.core.stored_rollback import stored_as_generated, stored_rollback
from dbwarden.core.table_runner import leftovers
from dbwarden.core.types import Ref
from dbwarden.core.unspecified import (
    Specified,
    WrittenOptions,
    preserve_unspecified,
    specified_in,
    without_default,
)
from dbwarden.errors import DatabaseError, UnknownOwner
from dbwarden.runtime.connection import DatabaseConnection

from .comparison_notes import (
    created_without_default,
    mapped_partition,
    mapped_view,
    old_names_kept,
    other_product,
    partitions_of,
    privileges_by_name,
    rights_left_behind,
    runner_leftovers,
    stub,
    undeclared_partitions,
    undeclared_privileges,
)
from .dropping import COUNTED, CountRows, DropFlags, decide_drops, tables_gone
from .filling import FillFlags, decide_fills, unfilled, with_filled
from .losses import DataLoss, data_losses, data_to_move
from .models import Models, import_models, table_names, with_notes
from .other_objects import OtherProjectObjects, group_by_project, tables_of_others
from .other_projects import other_projects
from .progress import Events, report_work, silent
from .renaming import RenameCandidate, RenameFlags, decide
from .repeatables import RepeatableFiles, repeatable_files
from .workspace import Workspace

if TYPE_CHECKING:
    from dbwarden.core.ddl.statements import Statement


@dataclass(frozen=True)
class CompareOptions:
    """Options of a comparison."""

    drop_unowned: bool = False
    """Whether to drop also tables and types that neither models nor history know."""
    drops: DropFlags = field(default_factory=DropFlags)
    """Decisions about tables that left the models."""
    fills: FillFlags = field(default_factory=FillFlags)
    """Values for columns that become NOT NULL."""
    offline: bool = False
    """Compare with the state file; no server is contacted."""
    renames: RenameFlags = field(default_factory=RenameFlags)
    dev: bool = False
    """Compare with the dev database, or with the state file if that is of another engine (``api.dev``)."""
    strict_translation: bool = False
    """Refuse models that have no exact equivalent on the dev database's engine."""
    online: bool = True
    """Change existing tables without blocking writers, if the engine allows it."""
    events: Events = silent
    """Called with progress events."""
    repeatable: bool = False
    """Write what can be replaced as repeatable files (``--type roc``)."""


@dataclass(frozen=True)
class Comparison:
    """Models, database, and the plan that leads from the database to the models."""

    plan: Plan
    pair: Pair
    dialect: Dialect
    models: Models
    tables: tuple[str, ...]
    notes: tuple[str, ...]
    overview: Overview
    losses: tuple[DataLoss, ...] = ()
    """Data that the upgrade destroys."""
    fills: Mapping[Ref, str | None] = field(default_factory=dict)
    """Values for columns that become NOT NULL (``Prefs.fills``)."""
    unfilled: tuple[str, ...] = ()
    """Columns that become NOT NULL and for whose values the file has a marked place."""
    candidates: tuple[RenameCandidate, ...] = ()
    """Possible renames, planned as drops and adds because nobody confirmed them."""
    collisions: tuple[Collision, ...] = ()
    """Objects that cannot be created because another one has their name."""
    owners: Mapping[Ref, str] = field(default_factory=dict)
    """Objects of other projects, with the project's name."""
    partitions: Mapping[Ref, str] = field(default_factory=dict)
    """Partitions of tables as text: `` (partitions p1, p2 and 3 more)``."""

    other_objects: tuple[str, ...] = ()
    """Objects of kinds that are never changed."""
    repeatables: RepeatableFiles | None = None
    """Repeatable files; ``None`` if no files are to be written."""
    table_rights: tuple[AccessRight, ...] = ()
    """Rights on tables that no migration changes."""
    runner_note: str | None = None
    """Note, also among ``notes``, about objects of a program that changes tables."""

    @cached_property
    def changes(self) -> tuple[ChangeLine, ...]:
        """Differences, one line each, without the statements."""
        return change_lines(self.pair.current, self.pair.desired, self.dialect, self.pair.renames)

    @property
    def unowned(self) -> tuple[str, ...]:
        """Objects that neither the models describe nor another project owns; they are not changed."""
        refs = [ref for ref in self.pair.unowned if ref not in self.owners]
        listed = (f"{ref}{self.partitions.get(ref, '')}" for ref in refs if ref.kind != "grant")
        return (*listed, *undeclared_privileges(refs), *self.other_objects, *map(str, self.table_rights))

    @property
    def others(self) -> tuple[OtherProjectObjects, ...]:
        """Objects of other projects, by their histories."""
        return group_by_project(self.pair.unowned, self.owners)


@dataclass(frozen=True)
class PlannedStep:
    """Step of a plan: its change as text, and its statements in both directions."""

    change: str
    upgrade: tuple[str, ...]
    rollback: tuple[str, ...]
    irreversible: str | None


def planned_steps(plan: Plan) -> tuple[PlannedStep, ...]:
    """Convert the steps of a plan for a report."""
    return tuple(
        PlannedStep(step.change.describe(), step.upgrade, step.rollback, step.irreversible)
        for step in plan.counted_steps()
    )


NormalizeOnServer = Callable[[Schema, Schema, Sequence[Ref]], Schema]


@dataclass(frozen=True)
class Base:
    """What the models are compared with."""

    dialect: Dialect
    schema: Schema
    owned: frozenset[Ref]
    """Objects that our migrations created, by our history."""
    overview: Overview
    specified: Specified
    """Whether the models, now or once, specify an option or comment."""
    normalize_on_server: NormalizeOnServer | None = None
    """Normalises expressions on the server (``Dialect.normalize_on_server``); ``None`` for the state file, whose
    expressions come from models too."""
    notes: tuple[str, ...] = ()
    count: CountRows = lambda table, without=None: None
    owners: Mapping[Ref, str] = field(default_factory=dict)
    """Objects of other projects, with the project's name."""
    ignored: Schema = Schema()
    """Objects that the configuration ignores; owned objects may depend on them."""
    other_objects: Schema = Schema()
    """Objects whose names are in use, but which are neither compared nor built in a scratch database."""
    runner_note: str | None = None
    """Note about objects of a program that changes tables."""
    table_rights: tuple[AccessRight, ...] = ()
    """Rights on tables that are listed, and left alone."""


def compare(workspace: Workspace, options: CompareOptions | None = None, *, after_pending: bool = False) -> Comparison:
    """Compare the models with the database or the state file, and plan the changes. Writes nothing.

    With ``after_pending``, the models are compared with the database as it will be after the pending files. Raises
    ``ConfigurationError`` for models that cannot be read, ``UsageError`` for flags that do not apply, ``ConnectionFailed``,
    ``Unsupported``, ``PendingMigrations``, and offline the errors of ``state_file.read``.
    """
    options = options or CompareOptions()
    models = import_models(workspace)
    with with_notes(models.notes):
        return _compare(workspace, models, options, after_pending)


def _compare(workspace: Workspace, models: Models, options: CompareOptions, after_pending: bool) -> Comparison:
    with report_work(
        options.events, f"reading {workspace.state_name if options.offline else f'database {workspace.label}'}"
    ):
        base, desired = (
            _offline(workspace, models) if options.offline else _online(workspace, models, options, after_pending)
        )
    caseless = base.dialect.features.caseless_names
    stubs_of_others = stubs(desired, base.schema, base.owned, caseless)
    desired = adopt_tables(desired, base.schema, (*models.reflected, *stubs_of_others), caseless)
    views = mapped_views(base.schema, desired, base.dialect.features)
    partitions = mapped_partitions(base.schema, desired)
    desired = without_tables(desired, {**views, **partitions})
    before = _without_objects(base.schema, [ref for ref in base.owners if ref not in desired])
    renaming = decide(
        before,
        desired,
        base.dialect,
        options.renames,
        models.attributes(base.dialect),
        workspace.database.history_schema,
        living_in(workspace.files_if_any(), base.dialect.parse),
    )

    renamed = after_renames(base.schema, renaming.decided)
    desired = adopt_names(renamed, spell(desired, renamed, caseless))
    desired = preserve_unspecified(renamed, desired, base.dialect, base.specified)
    desired = workspace.ignored(base.dialect).adopt_members(renamed, desired)
    droppable = frozenset(before) if options.drop_unowned else base.owned
    gone = tables_gone(base.schema, desired, droppable, renaming.decided)
    staying = decide_drops(gone, base.owned, renaming, options.drops, base.count) | base.owners.keys()

    def paired(desired: Schema) -> Pair:
        return pair(base.schema, desired, base.owned, options.drop_unowned, renaming.decided, staying)

    notes = [
        *models.notes,
        *models.ignored_keywords(base.dialect),
        *base.dialect.version_notes(desired),
        *base.notes,
        *filter(None, (base.runner_note,)),
        *map(mapped_view, views.values()),
        *starmap(mapped_partition, partitions.items()),
    ]
    notes += starmap(stub, stubs_of_others.items())
    notes += map(created_without_default, without_default(renamed, desired))
    notes += privileges_by_name(renaming.decided, desired, base.dialect)
    notes += rights_left_behind(base.table_rights, renaming.decided)
    both = with_effective_renames(_normalized_pair(base, desired, paired, notes))
    both = replace(both, left_alone=both.left_alone.put(*base.ignored.objects()))
    fills = decide_fills(both, base.dialect, options.fills, base.count)
    both = with_filled(both, fills)
    notes += (note for table in both.desired.tables() for note in undeclared_partitions(table))
    repeated = None
    if after_pending and workspace.database.dev_database_type in (None, base.dialect.name):
        files = workspace.files_if_any()
        repeated = repeatable_files(base.dialect, files, base.overview, both, options.repeatable)
        both = repeated.pair
        notes += repeated.notes
    refs = repeated.refs if repeated is not None else frozenset[Ref]()
    steps = plan(both, base.dialect, Prefs(options.online, fills, repeatables=refs))
    notes += old_names_kept(base.schema, renaming.decided, base.dialect, {step.change.ref for step in steps.steps})
    notes += models.left_out(base.dialect, _changed_tables(steps))
    losses = data_losses(both, base.dialect, base.count)
    notes += data_to_move(steps.data_moves, [candidate.object for candidate in renaming.candidates]) if losses else ()
    return Comparison(
        plan=steps,
        pair=both,
        dialect=base.dialect,
        models=models,
        tables=table_names(desired),
        notes=tuple(notes),
        overview=base.overview,
        fills=fills,
        repeatables=repeated,
        unfilled=unfilled(fills),
        losses=losses,
        candidates=renaming.candidates,
        collisions=collisions(
            base.schema.put(*base.other_objects.objects()),
            (step.change for step in steps.steps),
            base.dialect.features,
        ),
        owners=base.owners,
        other_objects=tuple(map(str, base.other_objects)),
        table_rights=base.table_rights,
        runner_note=base.runner_note,
        partitions={table.ref: partitions_of(table) for table in base.schema.tables() if table.partitions},
    )


def _changed_tables(plan: Plan) -> frozenset[Ref]:
    """The tables that a plan creates or changes."""
    changes = [step.change for step in plan.steps]
    refs = {getattr(change, "on", None) or change.ref for change in changes}
    return frozenset(ref if ref.kind == "table" else ref.owner for ref in refs if ref.kind == "table" or ref.table)


def _without_objects(schema: Schema, refs: Collection[Ref]) -> Schema:
    """``schema`` without these objects and their members."""
    return schema.without(*refs, *(item.ref for ref in refs for item in schema.members(ref))) if refs else schema


def _normalized_pair(base: Base, desired: Schema, paired: Callable[[Schema], Pair], notes: list[str]) -> Pair:
    """Pair both sides, with ambiguous expressions normalised on the server if there is one; else with a note."""
    both = paired(desired)
    ambiguous = ambiguous_expressions(both) if base.normalize_on_server else ()
    if not ambiguous or base.normalize_on_server is None:
        return both
    try:
        return paired(_normalized(base.normalize_on_server, both, desired, ambiguous))
    except DatabaseError as error:
        names = ", ".join(ref.name for ref in ambiguous)
        notes.append(f"Expressions of {names} were compared by their text alone: {error}")
        return both


def _normalized(normalize: NormalizeOnServer, both: Pair, desired: Schema, ambiguous: Sequence[Ref]) -> Schema:
    """``desired`` as the server prints it. Texts that the server keeps bound to what they name are printed under the present
    names, because those after the renames of ``both`` do not exist yet."""
    renamed = both.renamed()
    items = {ref: renamed.get(ref) for ref in ambiguous} if both.renames else {}
    bound = [ref for ref, item in items.items() if isinstance(item, Definition) and item.sql.names.bound]
    columns = {rename.new for rename in both.renames if rename.new.kind == "column"}
    bound = [ref for ref in bound if not _takes_new_names(desired.get(ref), columns)]
    desired = normalize(renamed, desired, [ref for ref in ambiguous if ref not in bound])
    if not bound:
        return desired
    inverse = [rename.inverse() for rename in reversed(both.renames)]
    former = after_renames(desired, inverse)
    present = dict(zip(after_renames(renamed, inverse), renamed, strict=True))
    refs = [ref for ref, later in present.items() if later in bound]
    printed = after_renames(normalize(both.current, former, refs), both.renames)
    return desired.put(*(_as_printed(desired.get(ref), printed.get(ref)) for ref in bound))


def _takes_new_names(declared: Object | None, columns: set[Ref]) -> bool:
    """Whether a text selects all columns of a table, renamed ones among them: an existing one keeps their former names."""
    return (
        isinstance(declared, Definition)
        and not columns.isdisjoint(declared.needs)
        and selects_everything(declared.sql.text, declared.sql.names.lexical_rules)
    )


def _as_printed(declared: Object | None, printed: Object | None) -> Object:
    """A declared definition with the key of the printed one; its text stays."""
    assert isinstance(declared, Definition) and isinstance(printed, Definition)
    key = printed.sql.key
    return replace(printed, sql=replace(declared.sql, key=key), needs=declared.needs, comment=declared.comment)


# -- the state file -----------------------------------------------------------------------------------------------


def _offline(workspace: Workspace, models: Models) -> tuple[Base, Schema]:
    """Base from the state file: the schema that the migrations lead to, in which all objects are ours."""
    from . import state_file  # deferred, as ``pending`` is: most comparisons need neither

    dialect = state_file.dialect_of(workspace)
    files = workspace.files_if_any()
    ignored = workspace.ignored(dialect)
    schema = ignored.hide(state_file.read(workspace, files).migrated)
    owned = frozenset(ref for ref in schema if _is_described(ref, dialect)) | partition_refs(schema)
    base = Base(dialect, schema, owned, state(files, ()), lambda *_: True)
    return base, ignored.hide(models.schema(dialect))


# -- the database -------------------------------------------------------------------------------------------------


def _online(workspace: Workspace, models: Models, options: CompareOptions, after_pending: bool) -> tuple[Base, Schema]:
    files = workspace.files_if_any()
    with workspace.connect(read_only=True) as conn:
        dialect = workspace.dialect_for(conn)
        records = workspace.records(conn, files)
        overview = state(files, records)
        if records:
            workspace.require_folder()
        desired = models.schema(dialect)
        historic = _historic_statements(workspace, dialect, conn, overview)
        schemas = sorted(_namespaces(desired) | {schema for statement in historic for schema in schemas_in(statement)})
        named = {*desired, *(ref for one in historic for ref in one.creates)}
        accounts = any(ref.kind in dialect.features.of_server for ref in named)
        owned = bool(owner_refs(desired)) or any(map(changes_owner, historic))
        scope = Scope((None, *schemas), accounts=accounts, owners=owned)
        current, applied = dialect.inspect(conn, scope), tuple[MigrationFile, ...]()
        others = Schema(dialect.other_objects(conn, Scope((None, *schemas))))
        table_rights = tuple(dialect.table_rights(conn))
        if after_pending:
            ensure_finished(overview)
        if after_pending and any(entry.needs_run for entry in overview.entries):
            from .pending import schema_after_pending

            current, desired, applied = schema_after_pending(
                workspace, dialect, conn, (current, desired), records, schemas
            )
        current = _without_others_roles(current, named)
        of_server = tuple(dialect.creation_notes(conn, desired))
        ignored = workspace.ignored(dialect)
        hidden = ignored.hidden_objects(current)
        current, desired = ignored.hide(current), ignored.hide(desired)
        more = any(ref not in desired and _may_be_dropped(item, dialect) for ref, item in current.items())
        more = more or any(table.partitions for table in current.tables())
        events = workspace.divided_history(conn, files, rollback_sql=True) if more else DividedHistory(())
        claimed = owned_objects(dialect, overview, events.ours, applied)
        theirs, silent = tables_of_others(events.others, dialect)
    caseless = dialect.features.caseless_names
    current = with_declared_owners(
        current,
        lambda item: _is_owner_of_interest(
            item, desired, lambda ref: fold_ref(as_in_statements(ref), caseless) in claimed
        ),
    )
    left = tuple(
        ref for ref in leftovers(current, desired, dialect.table_runners) if fold_ref(ref, caseless) not in claimed
    )
    current = _without_objects(current, left)
    refs = (*current, *partition_refs(current))
    folded = {ref: fold_ref(as_in_statements(ref), caseless) for ref in refs}
    owners = {ref: theirs[name] for ref, name in folded.items() if name in theirs}
    created = frozenset(ref for ref, name in folded.items() if name in claimed and name not in theirs)
    ours = frozenset(ref for ref in created if _is_described(ref, dialect))
    ours |= _former_types(workspace) - owners.keys()
    if options.drop_unowned and silent:
        raise UnknownOwner(others="; ".join(map(str, other_projects(events.others))), files=", ".join(silent[:3]))

    def normalize_on_server(before: Schema, after: Schema, refs: Sequence[Ref]) -> Schema:
        # On a writable connection: it creates temporary tables and rolls back.
        with workspace.connect() as writing:
            return dialect.normalize_on_server(writing, before, after, refs)

    expected = workspace.dialect.name
    product = (other_product(dialect.server.product, expected),) if dialect.name != expected else ()
    pending = (f"{file.name} is pending; this is what remains to do behind it" for file in applied)
    notes = (*product, *of_server, *unfinished_notes(overview), *pending)
    specified = _specified(workspace, models, dialect, current, _in_effect(overview, applied))
    count = partial(_count_rows, workspace, dialect)
    return Base(
        dialect,
        current,
        ours,
        overview,
        specified,
        normalize_on_server,
        notes,
        count,
        owners,
        hidden,
        ignored.hide(others),
        runner_leftovers(left) if left else None,
        table_rights,
    ), desired


def _is_of_server(ref: Ref) -> bool:
    """Whether an object is a role, or privileges in all databases of a server."""
    return ref.kind == "role" or (ref.kind == "grant" and ref.table is None and ref.name.endswith(" on server"))


def _grantee(ref: Ref) -> str:
    """The account or role of a set of privileges."""
    return ref.name.partition(" on ")[0].partition(" (")[0]


def _without_others_roles(schema: Schema, ours: Collection[Ref]) -> Schema:
    """``schema`` without the roles and privileges of the server that are not ours, and without the memberships of such roles. What
    somebody who has declared privileges has on the server stays, so that it is listed."""
    declared = {_grantee(ref) for ref in ours if ref.kind == "grant"}
    others = [
        ref
        for ref in schema
        if _is_of_server(ref) and ref not in ours and not (ref.kind == "grant" and _grantee(ref) in declared)
    ]
    known = {ref.name for ref in schema if ref.kind == "role" and ref in ours}
    others += [
        ref
        for ref in schema
        if ref.kind == "membership" and ref not in ours and known.isdisjoint(ref.name.split(" in "))
    ]
    return schema.without(*others) if others else schema


def _is_described(ref: Ref, dialect: Dialect) -> bool:
    """Whether models can describe objects of this kind."""
    return not kinds.of(ref.kind).text_defined or ref.kind in dialect.features.described_definitions


def _may_be_dropped(item: Object, dialect: Dialect) -> bool:
    """Whether an object is dropped when it leaves the models, and not with a table."""
    return not item.derived or item.kind in dialect.features.described_definitions


def _former_types(workspace: Workspace) -> frozenset[Ref]:
    """Types and sequences of former models, by the state file. They have no rows, so they may be dropped whoever created them."""
    from . import state_file

    if not state_file.exists(workspace):
        return frozenset()
    former = state_file.read(workspace)
    return frozenset(
        ref for ref in (*former.schema, *former.migrated) if ref.kind in kinds.TYPES or ref.kind == "sequence"
    )


def _count_rows(workspace: Workspace, dialect: Dialect, table: Table, without: str | None = None) -> int | None:
    """A ``CountRows``; ``None`` also for a table that a pending file creates."""
    select = dialect.transfer(table).select + (f" WHERE {dialect.quote(without)} IS NULL" if without else "")
    try:
        with workspace.connect(read_only=True) as conn:
            return int(conn.query(f"SELECT count(*) FROM ({select} LIMIT {COUNTED + 1}) AS counted")[0][0])
    except DatabaseError:
        return None


def _specified(
    workspace: Workspace, models: Models, dialect: Dialect, current: Schema, files: Sequence[MigrationFile]
) -> Specified:
    """A ``Specified`` that consults the models as written, the state file and generated ``files``; read when first called."""
    from . import state_file

    caseless = dialect.features.caseless_names

    @cache
    def sources() -> tuple[Specified, ...]:
        written = WrittenOptions(dialect)
        for file in files:
            if file.generated and not file.adopted:  # that one has what the database had, not what models said
                written.read(_texts(file.upgrade()), _texts(file.rollback()), file.renames)
        former = state_file.read(workspace).migrated if state_file.exists(workspace) else Schema()
        schemas = (spell(schema, current, caseless) for schema in (models.as_written(dialect), former))
        return (*map(specified_in, schemas), written.specified)

    return lambda ref, name, spec: any(source(ref, name, spec) for source in sources())


def _in_effect(overview: Overview, pending: Sequence[MigrationFile]) -> tuple[MigrationFile, ...]:
    """Files whose upgrades are in the schema, in the order they ran."""
    applied = (entry.file for entry in overview.entries if entry.file and entry.record and entry.record.in_effect)
    return (*applied, *pending)


def _is_owner_of_interest(owner: Definition, desired: Schema, ours: Callable[[Ref], bool]) -> bool:
    """Whether an owner is declared, or that of an object of ours that is dropped, which a rollback gives back."""
    return owner.ref in desired or (owner.on is not None and owner.on not in desired and ours(owner.on))


def _namespaces(schema: Schema) -> set[str]:
    return {ref.schema for ref in schema if ref.schema is not None}


def _historic_statements(
    workspace: Workspace, dialect: Dialect, conn: DatabaseConnection, overview: Overview
) -> list[Statement]:
    """Statements of generated migrations, which name namespaces and roles even if no model mentions them any more."""
    if not (dialect.features.has("namespace") or dialect.features.of_server):
        return []
    files = (entry.file for entry in overview.entries if entry.file is not None and entry.file.generated)
    statements = [statement for file in files for statement in (*file.upgrade(), *file.rollback())]
    if any(entry.file is None and entry.record and entry.record.in_effect for entry in overview.entries):
        ours = workspace.divided_history(conn, workspace.files(), rollback_sql=True).ours
        stored = (record.rollback_sql for record in last_events(ours).values() if record.in_effect)
        texts = [sql for sql in stored if sql and stored_as_generated(sql)]
        statements += [statement for sql in texts for statement in stored_rollback(sql, dialect.lexical_rules)[0]]
    return [dialect.parse(statement.text) for statement in statements]


def owned_objects(
    dialect: Dialect, overview: Overview, events: Sequence[Record], pending: Sequence[MigrationFile] = ()
) -> frozenset[Ref]:
    """Objects that our applied migrations created and ``pending`` files will create.

    ``events`` must have their rollback SQL. Names are in lower case (``core.spelling``) if the engine ignores case.
    """
    entries = {entry.record.id: entry.file for entry in overview.entries if entry.file and entry.record}
    records = sorted(
        (record for record in last_events(events).values() if record.in_effect), key=lambda record: record.id
    )
    migrations = [_applied(record, entries.get(record.id), dialect) for record in records]
    migrations += [_migration(file, file.rollback()) for file in pending]
    return created_by(migrations, dialect.parse, dialect.features.caseless_names)


def _applied(record: Record, file: MigrationFile | None, dialect: Dialect) -> AppliedMigration:
    """Statements of an applied migration: those of its file, else its rollback in history."""
    rollback, _ = stored_rollback(record.rollback_sql, dialect.lexical_rules)
    if file is not None:
        return _migration(file, rollback)
    return AppliedMigration((), _texts(rollback), stored_as_generated(record.rollback_sql))


def _migration(file: MigrationFile, rollback: Sequence[SqlStatement]) -> AppliedMigration:
    return AppliedMigration(_texts(file.upgrade()), _texts(rollback), file.generated, file.unowned)


def _texts(statements: Sequence[SqlStatement]) -> list[str]:
    return [statement.text for statement in statements]
