"""Splits a migration into one for each concern, the safest first (``make-migrations --split``).

1. Each change gets a concern by its kind (``_own_concern``). A new column that must be filled is added as nullable, and
   becomes NOT NULL later.
2. What a change needs runs in its file or in an earlier one; so a change may move to a later concern than its own.
3. Changes that must not be apart get the same concern: a drop and the addition that replaces it, the ends of a data move, and
   renames with the texts that name what they rename.
4. The changes of each concern lead from one schema to the next, and each of these pairs is planned like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum as Enumeration

from . import kinds
from .change import Add, Alter, Change, Drop, Rename
from .column_places import in_order
from .data_moves import DataMove, split_not_null
from .ddl.constant import constant
from .dialect import Dialect, Prefs
from .guards import successions
from .model import (
    Column,
    Definition,
    Domain,
    Enum,
    ForeignKey,
    Index,
    Member,
    Object,
    Partition,
    PrimaryKey,
    Schema,
    Table,
    Unique,
    column_ref,
)
from .order import dependencies
from .plan import Pair, ordered_changes, plan
from .types import Ref


class Concern(Enumeration):
    """What a file of a split migration is about, in the order in which the files run."""

    RENAMES = "renames"
    """First, because everything behind them uses the new names."""
    ADDITIONS = "additions"
    """New objects, and changes of the catalogue alone."""
    INDEXES = "indexes"
    """Indexes, unique constraints and primary keys of existing tables."""
    ROWS = "rows"
    """Changes that fill or rewrite rows: NOT NULL with a value, types, options of tables."""
    CONSTRAINTS = "constraints"
    """Checks and foreign keys, which existing rows must satisfy."""
    MOVES = "moves"
    """Columns and tables whose data may move to new ones."""
    DROPS = "drops"
    """Everything that is dropped for good."""


_ORDER = tuple(Concern)


@dataclass(frozen=True, slots=True)
class SplitPart:
    """One file of a split migration: what it is about, the schemas between which it leads, and how it is planned."""

    concern: Concern
    pair: Pair
    prefs: Prefs


def split(both: Pair, dialect: Dialect, prefs: Prefs) -> tuple[SplitPart, ...]:
    """The parts of the migration from ``both.current`` to ``both.desired``, in the order in which they run.

    Each has statements in both directions, or a reason why there is no way back; together they do what the whole migration
    does.
    """
    changes, moves = ordered_changes(both, dialect, prefs)
    if not dialect.features.zero_values:
        changes = split_not_null(changes, (), prefs.fills)
    levels = _levels(changes, (both.renamed(), both.desired), moves, dialect)
    parts: list[SplitPart] = []
    start = schema = both.current
    renames = both.renames
    for level in sorted(set(levels)):
        here = [change for change, at in zip(changes, levels, strict=True) if at == level]
        schema = both.desired if level == max(levels) else _after(here, schema, both)
        part = _part(_ORDER[level], replace(both, current=start, desired=schema, renames=renames), prefs)
        if _stands_alone(part, dialect):
            parts.append(part)
            start, renames = schema, ()
    if start is not both.desired:  # what remains belongs to the last file
        concern, first = (parts[-1].concern, parts.pop().pair) if parts else (Concern.ADDITIONS, both)
        parts.append(_part(concern, replace(first, desired=both.desired), prefs))
    return tuple(parts)


def _part(concern: Concern, both: Pair, prefs: Prefs) -> SplitPart:
    """A part, with the values of only those columns that become NOT NULL in it."""
    before = both.renamed()
    fills = {
        ref: value
        for ref, value in prefs.fills.items()
        if _is_required(both.desired, ref) and not _is_required(before, ref)
    }
    pair = replace(both, filled=frozenset(ref for ref in both.filled if ref in fills))
    return SplitPart(concern, pair, replace(prefs, fills=fills))


def _is_required(schema: Schema, ref: Ref) -> bool:
    """Whether a column is there, and forbids NULL."""
    table = schema.get(ref.owner)
    return isinstance(table, Table) and ref.name in table.columns and not table.columns[ref.name].nullable


def _stands_alone(part: SplitPart, dialect: Dialect) -> bool:
    """Whether a part has statements in both directions; if not, it belongs to the next one."""
    steps = plan(part.pair, dialect, part.prefs)
    return bool(steps.upgrade()) and bool(steps.rollback() or steps.irreversible())


def _after(changes: Iterable[Change], schema: Schema, both: Pair) -> Schema:
    """``schema`` after these changes, with the columns in the order that they get in ``both.desired``."""
    ordered = tuple(changes)
    for change in ordered:
        schema = change.apply(schema)
    grown = {change.on for change in ordered if isinstance(change, Add) and isinstance(change.object, Column)}
    tables = (schema.get(ref) for ref in grown if ref is not None)
    return schema.put(*(_in_place(table, both.desired) for table in tables if isinstance(table, Table)))


def _in_place(table: Table, desired: Schema) -> Table:
    """``table`` with its new columns between those that stay, and what is dropped later behind the column it follows now."""
    wanted = desired.get(table.ref)
    if not isinstance(wanted, Table):
        return table
    staying = [column for column in table.columns.values() if column.name in wanted.columns]
    columns = in_order(staying, wanted)
    names = list(table.columns)
    for at, name in enumerate(names):
        if name not in wanted.columns:
            before = {column.name: place for place, column in enumerate(columns)}.get(names[at - 1], -1) if at else -1
            columns.insert(before + 1, table.columns[name])
    return replace(table, columns={column.name: column for column in columns})


# -- concerns -----------------------------------------------------------------------------------------------------


def _levels(
    changes: Sequence[Change], schemas: tuple[Schema, Schema], moves: Sequence[DataMove], dialect: Dialect
) -> list[int]:
    """The place of each change's concern in ``Concern``, so that no change runs before one that it needs."""
    created = {change.ref for change in changes if isinstance(change, Add) and isinstance(change.object, Table)}
    moving = [tuple(_ends(move, changes)) for move in moves]
    levels = [_ORDER.index(_own_concern(change, created, dialect)) for change in changes]
    for at in {at for ends in moving for at in ends}:
        levels[at] = _ORDER.index(Concern.MOVES)
    needs = [(*needed, *successors) for needed, successors in dependencies(changes, schemas)]
    _make_way(changes, levels, needs)
    together = [*moving, *_replacements(changes), *_renamed_texts(changes), *_new_keys(changes, created)]
    renames = [at for at, change in enumerate(changes) if isinstance(change, Rename)]
    others = [at for at, change in enumerate(changes) if not isinstance(change, Rename)]
    spaces = {at for at in others if at < max(renames, default=-1)}  # namespaces that objects move to
    needs = [(*needed, *(renames if renames and at not in spaces else ())) for at, needed in enumerate(needs)]
    while True:
        moved = _push(levels, needs, together)
        if moved == levels:
            return levels
        levels = moved


def _push(levels: Sequence[int], needs: Sequence[Sequence[int]], together: Sequence[Sequence[int]]) -> list[int]:
    """The levels, each at least that of what the change needs, and equal within each group of ``together``."""
    pushed = [max((level, *(levels[other] for other in needed))) for level, needed in zip(levels, needs, strict=True)]
    for group in together:
        highest = max((pushed[at] for at in group), default=0)
        for at in group:
            pushed[at] = highest
    return pushed


def _own_concern(change: Change, created: set[Ref], dialect: Dialect) -> Concern:
    match change:
        case Rename():
            return Concern.RENAMES
        case Drop():
            return Concern.DROPS
        case Add(object=Member() as member) if member.table not in created:
            return Concern.INDEXES if isinstance(member, Index | Unique | PrimaryKey) else Concern.CONSTRAINTS
        case Add(object=Column() as column):
            return Concern.ADDITIONS if _is_cheap(column, dialect) else Concern.ROWS
        case Alter(before=Column() as before, after=Column() as after):
            return Concern.ADDITIONS if _is_of_catalogue(before, after) else Concern.ROWS
        case Alter(before=before, after=after):
            return _concern_of(before, after)
    return Concern.ADDITIONS


def _concern_of(before: Object, after: Object) -> Concern:
    match before, after:
        case Table(), Table():
            return Concern.ADDITIONS if replace(before, comment=after.comment).same_frame(after) else Concern.ROWS
        case Enum(), Enum():
            return Concern.ADDITIONS if set(before.values) <= set(after.values) else Concern.ROWS
        case Domain(), Domain():
            return Concern.CONSTRAINTS
        case Partition(), Partition():
            return Concern.ROWS
    return Concern.ADDITIONS


def _is_cheap(column: Column, dialect: Dialect) -> bool:
    """Whether a new column is written to the catalogue alone: without a default, or with a constant one."""
    if column.computed is not None or column.identity is not None:
        return False
    return column.default is None or constant(column.default.text, dialect.lexical_rules) is not None


def _is_of_catalogue(before: Column, after: Column) -> bool:
    """Whether a change of a column leaves its values: only the default or comment changes, or NULL is allowed."""
    same = replace(before, default=after.default, comment=after.comment, needs=after.needs)
    return same == after or (after.nullable and replace(same, nullable=True) == after)


def _make_way(changes: Sequence[Change], levels: list[int], needs: Sequence[Sequence[int]]) -> None:
    """Let constraints, indexes and definitions be dropped where a change that stays needs it, and not last."""
    needed_by: dict[int, list[int]] = {}
    for at, needed in enumerate(needs):
        for other in needed:
            needed_by.setdefault(other, []).append(at)
    for at in reversed(range(len(changes))):
        change = changes[at]
        if isinstance(change, Drop) and change.object.derived and at in needed_by:
            levels[at] = min(levels[other] for other in needed_by[at])


def _replacements(changes: Sequence[Change]) -> Iterator[tuple[int, ...]]:
    """Groups of a drop and the later addition of the same object, or of a guard's successor that cannot come first."""
    added = {change.ref: at for at, change in enumerate(changes) if isinstance(change, Add)}
    for at, change in enumerate(changes):
        if isinstance(change, Drop) and change.ref in added:
            yield at, added[change.ref]
    yield from (pair for pair in successions(changes) if pair[0] < pair[1])


def _renamed_texts(changes: Sequence[Change]) -> Iterator[tuple[int, ...]]:
    """The renames, with the changes of what may name in its text what is renamed: definitions, options of tables, defaults and
    options of columns."""
    renames = [at for at, change in enumerate(changes) if isinstance(change, Rename)]
    if renames:
        yield (*renames, *(at for at, change in enumerate(changes) if _changes_text(change)))


def _changes_text(change: Change) -> bool:
    match change:
        case Alter(after=Definition() as after):
            return not kinds.of(after.kind).is_right
        case Alter(before=Column() as before, after=Column() as after):
            return (before.type, before.nullable) == (after.type, after.nullable)
        case Alter(after=Table()):
            return True
    return False


def _new_keys(changes: Sequence[Change], created: set[Ref]) -> Iterator[tuple[int, ...]]:
    """The changes of each primary key of an existing table with those that depend on it: foreign keys, other keys and altered
    columns of the table. In between, an AUTO_INCREMENT column would have no key, or a foreign key nothing to refer to."""
    keys = [change.object for change in changes if isinstance(change, Add | Drop)]
    for table in {key.table for key in keys if isinstance(key, PrimaryKey) and key.table not in created}:
        yield tuple(at for at, change in enumerate(changes) if _is_of_keys(change, table))


def _is_of_keys(change: Change, table: Ref) -> bool:
    match change:
        case Add(object=ForeignKey() as key) | Drop(object=ForeignKey() as key):
            return table in (key.table, key.ref_table)
        case Add(object=PrimaryKey() | Unique() as key) | Drop(object=PrimaryKey() | Unique() as key):
            return key.table == table
        case Alter(after=Column()):
            return change.on == table
    return False


def _ends(move: DataMove, changes: Sequence[Change]) -> Iterator[int]:
    """Numbers of the changes that create what a move fills, and drop what it empties."""
    new = {move.target.ref} if move.fresh else {column_ref(move.target.ref, name) for name in move.new}
    gone = {move.source.ref} if move.whole else {column_ref(move.source.ref, name) for name in move.gone}
    for at, change in enumerate(changes):
        if (
            (isinstance(change, Add) and change.ref in new)
            or (isinstance(change, Drop) and change.ref in gone)
            or (isinstance(change, Alter) and change.ref in new | gone)
        ):
            yield at
