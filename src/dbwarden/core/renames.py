"""Candidate renames with evidence and a score. Deciding is the caller's business: questions on a terminal, or flags."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import product

from .change import Rename, after_renames
from .diff import adopt_names
from .model import Column, Enum, Member, Object, Schema, Table, column_ref
from .rename_text import flag as flag
from .rename_text import format_header as format_header
from .rename_text import parse_flag as parse_flag
from .rename_text import parse_header as parse_header
from .rename_text import parse_table_flag as parse_table_flag
from .type_table import TypeTable
from .types import DataType, Ref


@dataclass(frozen=True, slots=True)
class Candidate:
    """A drop and an add that may be one thing under a new name. ``score`` is 1 where only the name differs."""

    rename: Rename
    score: float
    evidence: tuple[str, ...]
    """Short clauses for the person who decides: ``same type``, ``unique as before``."""


@dataclass(frozen=True)
class Hints:
    """What is known beside the two schemas."""

    types: TypeTable = TypeTable()
    """The types of the engine: a column may have got another type of the same family."""
    attributes: Mapping[Ref, str] = field(default_factory=dict)
    """Column -> the name of its attribute in the user's class, where that is another one."""


Stage = Callable[[Schema, Schema, Hints], Iterable[Candidate]]

# -- finding ------------------------------------------------------------------------------------------------------


_NO_HINTS = Hints()


def choose(
    before: Schema,
    after: Schema,
    accept: Callable[[Candidate], bool],
    decided: Iterable[Rename] = (),
    hints: Hints = _NO_HINTS,
) -> tuple[Rename, ...]:
    """``decided`` and the candidates that ``accept`` says yes to, in the order to apply them.

    Tables come first, so that what is asked about their columns is only asked where the answer was yes.
    """
    chosen = list(decided)
    current = after_renames(before, chosen)
    for stage in _STAGES:
        desired = adopt_names(current, after)
        accepted = [candidate.rename for candidate in stage(current, desired, hints) if accept(candidate)]
        current = after_renames(current, accepted)
        chosen += accepted
    return tuple(chosen)


def _best(found: Iterable[Candidate], least: float) -> Iterator[Candidate]:
    """The strongest candidates first, each end of a rename once."""
    used: set[Ref] = set()
    for one in sorted(found, key=lambda one: (-one.score, one.rename.old.key, one.rename.new.key)):
        if one.score >= least and one.rename.old not in used and one.rename.new not in used:
            used |= {one.rename.old, one.rename.new}
            yield one


@dataclass(slots=True)
class _Scale:
    """Weighted evidence. What neither side has (no default, no constraint) says nothing and does not count."""

    sum: float = 0.0
    weight: float = 0.0
    evidence: tuple[str, ...] = ()

    def put(self, weight: float, likeness: float, words: str = "") -> None:
        self.sum += weight * likeness
        self.weight += weight
        if words and likeness >= 0.6:
            self.evidence += (words,)

    def candidate(self, old: Ref, new: Ref) -> Candidate:
        return Candidate(Rename(old, new), round(self.sum / self.weight, 3), self.evidence)


def _alike(one: str, other: str) -> float:
    """How similar two names are, from 0 to 1; a name that gained or lost a word is similar."""
    one, other = one.lower(), other.lower()
    ratio = SequenceMatcher(None, one, other, autojunk=False).ratio()
    short, long = sorted((one.split("_"), other.split("_")), key=len)
    return max(ratio, 0.8) if set(short) < set(long) else ratio


def _shared(one: frozenset[object], other: frozenset[object]) -> float:
    return len(one & other) / max(len(one), len(other))


# -- tables -------------------------------------------------------------------------------------------------------

_PLAUSIBLE_TABLE = 0.55
_ALL_PAIRS = 400
_COMMON = 16
"""What more pairs of tables than this share does not make them worth comparing."""


def _tables(before: Schema, after: Schema, hints: Hints) -> Iterator[Candidate]:
    gone = [table for table in before.tables() if table.ref not in after]
    new = [table for table in after.tables() if table.ref not in before]
    scored = (_table((old, before), (wanted, after), hints.types) for old, wanted in _worth_comparing(gone, new))
    yield from _best((one for one in scored if one is not None), _PLAUSIBLE_TABLE)


def _worth_comparing(gone: Sequence[Table], new: Sequence[Table]) -> Iterable[tuple[Table, Table]]:
    """All pairs of few tables; of many, those that share a column name, a set of them, or a word that is rare."""
    if len(gone) * len(new) <= _ALL_PAIRS:
        return product(gone, new)
    shelves: dict[object, tuple[list[Table], list[Table]]] = {}
    for side, tables in enumerate((gone, new)):
        for table in tables:
            for mark in (
                frozenset(table.columns),
                *table.columns,
                *((word,) for word in table.name.lower().split("_")),
            ):
                shelves.setdefault(mark, ([], []))[side].append(table)
    rare = (shelf for shelf in shelves.values() if len(shelf[0]) * len(shelf[1]) <= _COMMON)
    found = {(old.ref, wanted.ref): (old, wanted) for shelf in rare for old, wanted in product(*shelf)}
    return found.values()


def _table(old_side: tuple[Table, Schema], new_side: tuple[Table, Schema], types: TypeTable) -> Candidate | None:
    (old, before), (new, after) = old_side, new_side
    if old.schema != new.schema and old.name != new.name:
        return None
    common = [
        name
        for name in old.columns
        if name in new.columns and _fits(old.columns[name].type, new.columns[name].type, types)
    ]
    if not common:
        return None
    scale = _Scale()
    count = max(len(old.columns), len(new.columns))
    same = sum(1.0 if old.columns[name] == new.columns[name] else 0.8 for name in common)
    scale.put(0.6, same / count, f"{len(common)} of {count} columns are the same")
    for weight, ask, words in (
        (0.1, _shapes, "same keys and constraints"),
        (0.1, _pointing, "the same tables refer to it"),
    ):
        held, wanted = ask(before, old.ref), ask(after, new.ref)
        if held or wanted:
            scale.put(weight, _shared(held, wanted), words)
    named = "similar name" if old.schema == new.schema else "same name in another schema"
    scale.put(0.2, _alike(old.name, new.name), named)
    return scale.candidate(old.ref, new.ref)


def _shapes(schema: Schema, table: Ref) -> frozenset[object]:
    return frozenset((one.kind, one.column_names()) for one in schema.members(table) if isinstance(one, Member))


def _pointing(schema: Schema, table: Ref) -> frozenset[object]:
    return frozenset((key.table, key.columns) for key in schema.referrers(table) if key.table != table)


# -- columns ------------------------------------------------------------------------------------------------------

_PLAUSIBLE_COLUMN = 0.6


def _fits(one: DataType, other: DataType, types: TypeTable) -> bool:
    """Whether a column could have gone from one type to the other by the way."""
    return one.array == other.array and types.kin(one) == types.kin(other)


def _columns(before: Schema, after: Schema, hints: Hints) -> Iterator[Candidate]:
    for table in before.tables():
        wanted = after.get(table.ref)
        if not isinstance(wanted, Table) or table.columns.keys() == wanted.columns.keys():
            continue
        gone = [column for name, column in table.columns.items() if name not in wanted.columns]
        new = [column for name, column in wanted.columns.items() if name not in table.columns]
        pairs = ((old, column) for old, column in product(gone, new) if _fits(old.type, column.type, hints.types))
        scored = (_column((old, table, before), (column, wanted, after), hints.attributes) for old, column in pairs)
        yield from _best(scored, _PLAUSIBLE_COLUMN)


_Side = tuple[Column, Table, Schema]


def _column(old_side: _Side, new_side: _Side, attributes: Mapping[Ref, str]) -> Candidate:
    (old, held, before), (new, wanted, after) = old_side, new_side
    refs = column_ref(held.ref, old.name), column_ref(wanted.ref, new.name)
    scale = _Scale()
    scale.put(0.25, 1.0 if old.type == new.type else 0.5, "same type")
    scale.put(0.1, float(old.nullable == new.nullable))
    if old.default or new.default or old.computed or new.computed or old.identity or new.identity:
        same = (old.default, old.computed, old.identity) == (new.default, new.computed, new.identity)
        scale.put(0.1, float(same), "same default")
    kept = held.columns.keys() & wanted.columns.keys()
    between, beside = _neighbours(held, old.name, kept), _neighbours(wanted, new.name, kept)
    scale.put(0.15, sum(a == b for a, b in zip(between, beside, strict=True)) / 2, "same place")
    mine, theirs = _bound(before, refs[0]), _bound(after, refs[1])
    if mine or theirs:
        scale.put(0.15, _shared(mine, theirs), "same constraints and indexes")
    if old.comment or new.comment:
        scale.put(0.2, float(old.comment == new.comment), "same comment")
    scale.put(0.25, _alike(old.name, new.name), "similar name")
    if attributes.get(refs[1]) == old.name:
        scale.put(4.0, 1.0, f"its attribute in the model is still called {old.name}")
    return scale.candidate(*refs)


def _neighbours(table: Table, name: str, kept: Iterable[str]) -> tuple[str | None, str | None]:
    """The columns before and behind that both sides have."""
    names = [one for one in table.columns if one in kept or one == name]
    at = names.index(name)
    return names[at - 1] if at else None, names[at + 1] if at + 1 < len(names) else None


_SAME = "\0"


def _bound(schema: Schema, column: Ref) -> frozenset[object]:
    """The contents of the constraints and indexes on a column, as if it were called ``_SAME``."""
    members = schema.members(column.owner)
    marked = column._replace(name=_SAME)
    found = (one for one in members if isinstance(one, Member) and column.name in one.column_names())
    moved = (one.renamed(column, marked) for one in found)
    return frozenset(one.content() for one in moved if isinstance(one, Member))


# -- enums, their values, constraints and indexes -----------------------------------------------------------------

_PLAUSIBLE_ENUM = 0.5


def _enums(before: Schema, after: Schema, _: Hints) -> Iterator[Candidate]:
    gone = [item for ref, item in before.items() if isinstance(item, Enum) and ref not in after]
    new = [item for ref, item in after.items() if isinstance(item, Enum) and ref not in before]
    pairs = ((old, item) for old, item in product(gone, new) if old.schema == item.schema or old.name == item.name)
    scored = (_enum(old, item, before, after) for old, item in pairs if set(old.values) & set(item.values))
    yield from _best(scored, _PLAUSIBLE_ENUM)


def _enum(old: Enum, new: Enum, before: Schema, after: Schema) -> Candidate:
    scale = _Scale()
    shared = _shared(frozenset(old.values), frozenset(new.values))
    scale.put(0.5, shared, "same values" if shared == 1 else "similar values")
    mine, theirs = _of_type(before, old.ref), _of_type(after, new.ref)
    if mine or theirs:
        scale.put(0.3, _shared(mine, theirs), "the same columns are of it")
    scale.put(
        0.2, _alike(old.name, new.name), "similar name" if old.schema == new.schema else "same name in another schema"
    )
    return scale.candidate(old.ref, new.ref)


def _of_type(schema: Schema, enum: Ref) -> frozenset[object]:
    return frozenset(
        (table.name, column.name)
        for table in schema.tables()
        for column in table.columns.values()
        if column.type.ref == enum
    )


def _enum_values(before: Schema, after: Schema, _: Hints) -> Iterator[Candidate]:
    for ref, held in before.items():
        wanted = after.get(ref)
        if isinstance(held, Enum) and isinstance(wanted, Enum) and held.values != wanted.values:
            gone = [at for at, value in enumerate(held.values) if value not in wanted.values]
            new = [at for at, value in enumerate(wanted.values) if value not in held.values]
            yield from _best((_enum_value(held, wanted, *places) for places in product(gone, new)), 0.6)


def _enum_value(held: Enum, wanted: Enum, at: int, there: int) -> Candidate:
    old, new = held.values[at], wanted.values[there]
    scale = _Scale()
    aligned = at == there and len(held.values) == len(wanted.values)
    scale.put(0.7, float(aligned), "same place among as many values")
    scale.put(0.3 if aligned else 3.0, _alike(old, new), "similar name")
    return scale.candidate(*(Ref("enum_value", value, held.schema, held.name) for value in (old, new)))


def _members(before: Schema, after: Schema, _: Hints) -> Iterator[Candidate]:
    """Only where the content is the same to the letter."""
    gone: dict[Object, list[Member]] = {}
    for ref, item in before.items():
        if isinstance(item, Member) and item.name is not None and ref not in after and item.table in after:
            gone.setdefault(item.content(), []).append(item)
    if not gone:
        return
    pairs = []
    for ref, item in after.items():
        if isinstance(item, Member) and item.name is not None and ref not in before:
            pairs += [(_alike(old.name or "", item.name), old, item) for old in gone.get(item.content(), ())]
    ranked = (Candidate(Rename(old.ref, new.ref), likeness, ()) for likeness, old, new in pairs)
    for one in sorted(_best(ranked, 0.0), key=lambda one: one.rename.old.key):
        yield Candidate(one.rename, 1.0, ("same definition",))


_STAGES: tuple[Stage, ...] = (_enums, _tables, _enum_values, _columns, _members)
