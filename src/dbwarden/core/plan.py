"""Plans a migration: from two canonical schemas to the statements of upgrade and rollback.

1. ``pair`` restricts both schemas to what the models own.
2. ``diff`` compares them; ``cascade`` adds drop and re-creation of dependents that a change would break.
3. If data may have to move between tables, NOT NULL is split off the columns that must be filled first.
4. ``order`` sorts the changes by dependency; the dialect regroups them into the statements that it has.
5. Each column gets its place, if the engine has places; the dialect prints each change and its inverse.
6. ``transactions.arrange`` places the statements that cannot run in a transaction, and the placeholder for data moves is
   inserted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from dbwarden.errors import Irreversible, Unsupported

from . import kinds
from .cascade import cascade, with_replacements
from .change import Add, Alter, Change, Rename, after_renames, during_renames
from .column_places import column_places
from .data_move_placeholder import Printed, insert_placeholder
from .data_moves import DataMove, data_moves, inverse, possible_moves, required, split_not_null
from .dependent_views import dropped_first, with_dependents
from .dialect import Dialect, Prefs
from .diff import adopt_names, diff
from .model import (
    Column,
    CompositeType,
    Definition,
    Domain,
    Enum,
    ForeignKey,
    Object,
    Partition,
    Schema,
    Sequence,
    Table,
)
from .order import order
from .partitions import with_undeclared
from .repeatables import divided
from .serials import keep_with_owners, reconcile_serials
from .steps import Plan, Step
from .transactions import arrange
from .types import Ref


@dataclass(frozen=True, slots=True)
class Pair:
    """Two canonical schemas ready to be compared: implicit names adopted, objects that the models do not own left out.

    ``unowned`` are objects of the database that the models neither describe nor own; they are reported and not changed.
    ``renames`` lead from the names of ``current`` to those of ``desired``.
    """

    current: Schema
    desired: Schema
    unowned: tuple[Ref, ...] = ()
    renames: tuple[Rename, ...] = ()
    left_alone: Schema = Schema()
    """The ``unowned`` tables, with their members, and types: owned objects may use them."""
    filled: frozenset[Ref] = frozenset()
    """Columns that become NOT NULL and get a value in every row, under their new names."""

    def renamed(self) -> Schema:
        """``current`` after the renames, the schema from which all other changes start."""
        return after_renames(self.current, self.renames)


def pair(
    current: Schema,
    desired: Schema,
    owned: Iterable[Ref] = (),
    drop_unowned: bool = False,
    renames: Iterable[Rename] = (),
    staying: Collection[Ref] = (),
) -> Pair:
    """Restrict two canonical schemas to what the models own.

    An object of ``current`` stays if the models describe it, or if it is ``owned`` (created by an applied migration):
    the diff then drops it if the models no longer have it. ``drop_unowned`` counts all tables, types and sequences as
    owned. Never dropped are the objects ``staying`` (another project's, or those that somebody decided to keep), and
    what an object that stays unowned uses (an enum, a schema). The members of a table follow their table. Definitions
    (views, triggers, functions) that are not ``owned`` stay in both schemas, because models may not describe them.
    ``renames`` are the decided
    ones: a described object is owned under its old name.
    """
    renames, owned, staying = tuple(renames), frozenset(owned), frozenset(staying)
    absent = _absent(desired)
    current, desired, owned = current.without(*_absent(current)), desired.without(*absent), owned | absent
    current, desired = reconcile_serials(current, desired, renames)
    current, desired = with_undeclared(current, desired, renames, owned - staying)
    desired = _with_details(current, desired, renames)
    moved = dict(zip(current, after_renames(current, renames).objects(), strict=True))
    desired = adopt_names(Schema(moved.values()), desired)
    claimed = owned
    unowned: list[Ref] = []
    existing: dict[Ref, Object] = {}
    reach = _CLAIMABLE if drop_unowned else ()
    claimed |= {ref for ref, item in current.items() if isinstance(item, reach)}
    described = {ref for ref in current if moved[ref].ref in desired}
    claimed -= staying
    claimed -= _used_by_unclaimed(current, claimed | described)
    foreign: set[tuple[str | None, str]] = set()
    composites: list[Object] = []
    for ref, item in current.items():
        if item.derived:
            continue
        if ref in described or ref in claimed:
            existing[ref] = item
        elif isinstance(item, CompositeType):  # it stays in both, as what the models use it may be made of
            existing[ref] = item
            composites.append(moved[ref])
            unowned.append(ref)
        else:
            unowned.append(ref)
            if isinstance(item, Table):
                foreign.add((item.schema, item.name))
    wanted: dict[Ref, Object] = dict(desired.items()) | {item.ref: item for item in composites}
    unowned_items = {ref: current.get(ref) for ref in unowned}
    owners = declared_owners(desired)
    for ref, item in current.items():
        if not item.derived:
            continue
        elsewhere = ref.table is not None and (ref.schema, ref.table) in foreign
        if elsewhere and not (isinstance(item, Definition) and not existing.keys().isdisjoint(item.needs)):
            unowned_items[ref] = item
            continue
        existing[ref] = item
        renamed = moved[ref]
        gone = ref in claimed or renamed.ref in wanted or is_of_owner(renamed, owners)
        if isinstance(renamed, Definition) and not gone and _survives(renamed, existing, wanted):
            wanted[renamed.ref] = renamed
            if not renamed.attached or kinds.of(ref.kind).is_right:
                unowned.append(ref)
    left_alone = set(keep_with_owners(current, moved, existing, wanted))
    unowned = [ref for ref in unowned if ref.kind != "sequence" or ref not in existing or ref in left_alone]
    untouched = Schema({ref: item for ref, item in unowned_items.items() if item is not None and ref not in existing})
    return Pair(Schema(existing), Schema(wanted), tuple(sorted(unowned, key=lambda ref: ref.key)), renames, untouched)


def declared_owners(schema: Schema) -> frozenset[tuple[Ref | None, str]]:
    """Objects with the roles that shall own them."""
    return frozenset(
        (item.on, item.sql.key) for item in schema.objects() if isinstance(item, Definition) and item.kind == "owner"
    )


def is_of_owner(item: Object, owners: Collection[tuple[Ref | None, str]]) -> bool:
    """Whether privileges are those of somebody who shall own the object, and with it all of them."""
    return isinstance(item, Definition) and item.kind == "grant" and (item.on, item.name.partition(" (")[0]) in owners


def with_effective_renames(both: Pair) -> Pair:
    """``both`` without renames of what changes its text too, where no statement of a rollback could run in between: such a view
    is dropped and created."""
    renamed = both.renamed()
    dropped = [
        rename
        for rename in both.renames
        if isinstance(item := renamed.get(rename.new), Definition)
        if not item.sql.names.bound and item != both.desired.get(rename.new)
    ]
    return replace(both, renames=tuple(rename for rename in both.renames if rename not in dropped)) if dropped else both


def _absent(schema: Schema) -> frozenset[Ref]:
    """What the models say that must not be there."""
    return frozenset(ref for ref, item in schema.items() if isinstance(item, Definition) and item.absent)


_CLAIMABLE = (Table, Enum, Domain, Sequence)
_DETAILED = (Enum, Domain, CompositeType, Sequence)


def _with_details(current: Schema, desired: Schema, renames: Collection[Rename]) -> Schema:
    """``desired`` with the owners and privileges that its types and sequences have in ``current``, and the comments of enums,
    which no model says."""
    detailed = [
        item
        for item in current.objects()
        if isinstance(item, _DETAILED) and (item.details or (isinstance(item, Enum) and item.comment is not None))
    ]
    if not detailed:
        return desired
    moved = after_renames(Schema(detailed), renames) if renames else detailed
    existing = moved.objects() if isinstance(moved, Schema) else moved
    merged: list[Object] = []
    for item in existing:
        wanted = desired.get(item.ref)
        if isinstance(item, _DETAILED) and isinstance(wanted, _DETAILED):
            if isinstance(item, Enum) and isinstance(wanted, Enum) and wanted.comment is None:
                wanted = replace(wanted, comment=item.comment)
            merged.append(replace(wanted, details=item.details))
    return desired.put(*merged)


def _used_by_unclaimed(schema: Schema, claimed: Iterable[Ref]) -> set[Ref]:
    """Objects that unclaimed tables and types use, also indirectly: types, schemas, referenced tables."""
    claimed, used = set(claimed), set[Ref]()
    waiting: list[Object | None] = [item for ref, item in schema.items() if not item.derived and ref not in claimed]
    while waiting:
        item = waiting.pop()
        if item is None:
            continue
        keys = (
            (key for key in schema.members(item.ref) if isinstance(key, ForeignKey)) if isinstance(item, Table) else ()
        )
        new = item.uses().union(*(key.uses() for key in keys)) - used
        used |= new
        waiting += map(schema.get, new)
    return used


def _survives(item: Definition, existing: dict[Ref, Object], wanted: dict[Ref, Object]) -> bool:
    """Whether a definition stays: a trigger is dropped with its table and privileges with their column, others remain."""
    if item.on is not None and item.on not in wanted and item.on in existing:
        return False
    return not (item.attached and any(_is_dropped(ref, existing, wanted) for ref in item.needs))


def _is_dropped(ref: Ref, existing: Mapping[Ref, Object], wanted: Mapping[Ref, Object]) -> bool:
    return (ref in existing and ref not in wanted) or _is_dropped_column(ref, wanted)


def _is_dropped_column(ref: Ref, wanted: Mapping[Ref, Object] | Schema) -> bool:
    """Whether ``ref`` is a column that its table no longer has."""
    table = wanted.get(ref.owner) if ref.kind == "column" else None
    return isinstance(table, Table) and ref.name not in table.columns


def ambiguous_expressions(both: Pair) -> tuple[Ref, ...]:
    """Tables, domains and definitions that differ in an expression: only the server can tell whether both texts mean the same."""
    if both.current == both.desired:
        return ()
    refs: set[Ref] = set()
    current = both.renamed()
    for change in diff(current, both.desired):
        ref = getattr(change, "on", None) or _normalized_with(change.ref)
        if ref is not None and ref in current and ref in both.desired and _has_expression(change):
            refs.add(ref)
    return tuple(sorted(refs, key=lambda ref: ref.key))


def _normalized_with(ref: Ref) -> Ref | None:
    """The object that the server has to print: the table of a constraint or index, a domain or a definition itself."""
    if kinds.of(ref.kind).text_defined or ref.kind == "domain":
        return ref
    return ref.owner if ref.table is not None else None


def _has_expression(change: Change) -> bool:
    if isinstance(change, Alter) and isinstance(change.after, Partition):
        return True
    items = [getattr(change, name, None) for name in ("object", "before", "after")]
    return any(_has_expressions(item) for item in items if isinstance(item, Object))


def _has_expressions(item: Object) -> bool:
    if isinstance(item, Column):
        return item.default is not None or item.computed is not None
    if isinstance(item, Definition):
        return not kinds.of(item.kind).is_right
    if item.kind in ("check", "exclude", "domain", "projection"):
        return True
    elements = getattr(item, "elements", ())
    return getattr(item, "where", None) is not None or any(getattr(element, "expression", None) for element in elements)


def plan(both: Pair, dialect: Dialect, prefs: Prefs | None = None) -> Plan:
    """The steps that turn ``both.current`` into ``both.desired``, each printed in both directions.

    Raises ``Unsupported`` if the dialect cannot make a change; why one cannot be rolled back is ``Step.irreversible``.
    """
    prefs = prefs or Prefs()
    before, after = both.current, both.desired
    if before == after:
        return Plan(())
    ends = both.renamed(), after
    changes, moves = ordered_changes(both, dialect, prefs)
    changes = tuple(dialect.regroup(changes, before, after))
    unfilled = () if dialect.features.zero_values else moves  # the moves that fill columns before they forbid NULL
    there, back = column_places(changes, ends, dialect.is_costly_place) if dialect.features.column_places else ({}, {})
    rollback_prefs = replace(prefs, fills=dict.fromkeys(required(map(inverse, unfilled))), places=back)
    prefs = replace(prefs, fills={**dict.fromkeys(required(unfilled)), **prefs.fills}, places=there)
    steps = [_step(change, dialect, sides, (prefs, rollback_prefs)) for change, sides in _sides(changes, both)]
    steps = _with_former_texts(steps, dialect, both) if both.renames else steps
    steps = divided(steps, prefs.repeatables) if prefs.repeatables else steps
    upgrades = [(step.change, step.upgrade) for step in steps]
    rollbacks = _texts_after_renames([(step.change.inverse(), step.rollback) for step in reversed(steps)])
    # The tables of an empty database are all new, so nothing is blocked: one transaction.
    online = bool(prefs.online and dialect.features.concurrent_indexes and before)
    upgrade = _ordered_statements(upgrades, dialect, ends, moves, online)
    rollback = _ordered_statements(rollbacks, dialect, ends[::-1], tuple(map(inverse, moves)), online)
    upgrade += tuple(dialect.refreshes([change for change, _ in upgrades], *ends, prefs))
    rollback += tuple(dialect.refreshes([change for change, _ in rollbacks], *ends[::-1], prefs))
    return Plan(tuple(steps), data_moves=moves, arranged=(upgrade, rollback))


def ordered_changes(both: Pair, dialect: Dialect, prefs: Prefs) -> tuple[tuple[Change, ...], tuple[DataMove, ...]]:
    """All changes from ``both.current`` to ``both.desired`` in an order in which they can run, before the dialect regroups them,
    and the data that may have to move."""
    ends = both.renamed(), both.desired
    changes = with_replacements(diff(both.current, both.desired, both.renames), dialect.replaces)
    changes = cascade(changes, *ends, dialect.recreated_by, dialect.features.late_binding)
    ahead: frozenset[Ref] = frozenset()
    if dialect.features.checks_views:
        changes, ahead = with_dependents(changes, both.current, *ends)
    changes, moves = _with_data_moves(changes, ends, dialect, prefs)
    return dropped_first(order(changes, ends, bool(moves)), ahead), moves


def _texts_after_renames(rollbacks: Printed) -> Printed:
    """The changes of a rollback with those that restore texts of former names at the end, when these names are back: texts that
    the server leaves alone at a rename, and bodies of routines, which it may check."""
    renamed = {change.old for change, _ in rollbacks if isinstance(change, Rename)}
    last = [item for item in rollbacks if renamed and _restores_text(item[0]) and item[0].ref not in renamed]
    return [item for item in rollbacks if item not in last] + last


def _with_former_texts(steps: Iterable[Step], dialect: Dialect, both: Pair) -> list[Step]:
    """The steps with the rollbacks that run under the former names (``_texts_after_renames``) printed with these."""
    former = dict(zip(both.renamed(), both.current.objects(), strict=True))
    return [_with_former_text(step, dialect, former, both) for step in steps]


def _with_former_text(step: Step, dialect: Dialect, former: Mapping[Ref, Object], both: Pair) -> Step:
    change = step.change.inverse()
    item = former.get(change.ref)
    if not isinstance(change, Alter) or not _restores_text(change) or item is None or item.ref != change.ref:
        return step
    statements = dialect.ddl(replace(change, after=item), both.desired, both.renamed(), Prefs())
    return replace(step, rollback=statements)


def _restores_text(change: Change) -> bool:
    match change:
        case Add(object=Definition() as item):
            return not item.sql.names.bound
        case Alter(after=Definition() as item):
            return not item.sql.names.bound or kinds.of(item.kind).is_routine
    return False


def _with_data_moves(
    changes: tuple[Change, ...], ends: tuple[Schema, Schema], dialect: Dialect, prefs: Prefs
) -> tuple[tuple[Change, ...], tuple[DataMove, ...]]:
    """The changes with NOT NULL split off where data comes first, and the moves whose order the dependencies allow."""
    moves = data_moves(changes, ends, dialect)
    if not moves:
        return changes, ()
    if dialect.features.zero_values:
        return changes, possible_moves(order(changes, ends, True), moves)
    split = split_not_null(changes, moves, prefs.fills)
    moves = possible_moves(order(split, ends, True), moves)
    return (split_not_null(changes, moves, prefs.fills), moves) if moves else (changes, ())


def _ordered_statements(
    printed: Printed, dialect: Dialect, ends: tuple[Schema, Schema], moves: tuple[DataMove, ...], online: bool
) -> tuple[str, ...]:
    """The statements of one direction in the order in which they run."""
    if online:
        facts = dialect.analyze_file([sql for _, statements in printed for sql in statements])
        printed = arrange(printed, [not statement.transactional for statement in facts], ends, bool(moves))
    if moves:
        printed = insert_placeholder(printed, moves, ends, dialect)
    return tuple(dialect.merge_statements([sql for _, statements in printed for sql in statements]))


def _sides(changes: Iterable[Change], both: Pair) -> Iterator[tuple[Change, tuple[Schema, Schema]]]:
    """Each change with the schemas before and after it, for printing.

    A rename gets the schemas directly around it, because other renames change the names it mentions. All other changes get
    the two ends, both under the new names.
    """
    changes = tuple(changes)
    running, ends = both.current, (both.renamed(), both.desired)
    renamed = during_renames(running, (change for change in changes if isinstance(change, Rename)))
    for change in changes:
        if isinstance(change, Rename):
            before, running = running, next(renamed)
            yield change, (before, running)
        else:
            yield change, ends


def _step(change: Change, dialect: Dialect, sides: tuple[Schema, Schema], prefs: tuple[Prefs, Prefs]) -> Step:
    before, after = sides
    upgrade = _statements_of(change, dialect, sides, prefs[0])
    try:
        rollback = _statements_of(change.inverse(), dialect, (after, before), prefs[1])
    except (Irreversible, Unsupported) as reason:
        return Step(change, upgrade, (), irreversible=str(reason))
    return Step(change, upgrade, rollback)


def _statements_of(change: Change, dialect: Dialect, sides: tuple[Schema, Schema], prefs: Prefs) -> tuple[str, ...]:
    """The statements of a change; none for the NOT NULL of a column that is dropped next (``split_not_null``)."""
    if isinstance(change, Alter) and isinstance(change.after, Column) and _is_dropped_column(change.ref, sides[1]):
        return ()
    return dialect.ddl(change, *sides, prefs)
