"""Finds candidates for renames among drops and adds, each with evidence and a score. Deciding is left to the caller.

Kinds are compared in stages, schemas, enums and other types, tables, sequences, enum values, columns, members, and what is
defined by a text, so that a confirmed rename counts in the following stages. Each stage does the same:

1. It pairs the objects that only one schema has. Of many objects, only pairs with a rare common property are compared.
2. It scores each pair by weighted evidence: name, type, position, constraints.
3. It offers the pairs above a threshold, the best first, each object at most once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from . import definition_renames
from .change import Rename, after_renames
from .diff import adopt_names
from .model import Column, CompositeType, Domain, Enum, Member, Object, Schema, Sequence, Table, column_ref
from .rename_candidates import Candidate as Candidate
from .rename_candidates import Hints as Hints
from .rename_candidates import Scale, best_candidates, candidate_pairs, name_similarity, shared, words_of
from .rename_text import flag as flag
from .rename_text import format_header as format_header
from .rename_text import parse_flag as parse_flag
from .rename_text import parse_header as parse_header
from .rename_text import parse_table_flag as parse_table_flag
from .type_table import TypeTable
from .types import DataType, Ref

_Standalone = Domain | CompositeType | Sequence


Stage = Callable[[Schema, Schema, Hints], Iterable[Candidate]]

# -- finding ------------------------------------------------------------------------------------------------------


_NO_HINTS = Hints()


def choose_renames(
    before: Schema,
    after: Schema,
    accept: Callable[[Candidate], bool],
    decided: Iterable[Rename] = (),
    hints: Hints = _NO_HINTS,
) -> tuple[Rename, ...]:
    """``decided`` and the candidates that ``accept`` confirms, in the order to apply them."""
    renames = list(decided)
    current = after_renames(before, renames)
    for stage in _STAGES:
        desired = adopt_names(current, after)
        accepted = [candidate.rename for candidate in stage(current, desired, hints) if accept(candidate)]
        current = after_renames(current, accepted)
        renames += accepted
    return tuple(renames)


# -- tables -------------------------------------------------------------------------------------------------------

_PLAUSIBLE_TABLE = 0.55


def _tables(before: Schema, after: Schema, hints: Hints) -> Iterator[Candidate]:
    gone = [table for table in before.tables() if table.ref not in after]
    new = [table for table in after.tables() if table.ref not in before]
    pairs = candidate_pairs(gone, new, lambda table: (frozenset(table.columns), *table.columns, *words_of(table.name)))
    scored = (_table((old, before), (wanted, after), hints.types) for old, wanted in pairs)
    yield from best_candidates((candidate for candidate in scored if candidate is not None), _PLAUSIBLE_TABLE)


def _table(old_side: tuple[Table, Schema], new_side: tuple[Table, Schema], types: TypeTable) -> Candidate | None:
    (old, before), (new, after) = old_side, new_side
    if old.schema != new.schema and old.name != new.name:
        return None
    common = [
        name
        for name in old.columns
        if name in new.columns and _types_compatible(old.columns[name].type, new.columns[name].type, types)
    ]
    if not common:
        return None
    scale = Scale()
    count = max(len(old.columns), len(new.columns))
    same = sum(1.0 if old.columns[name] == new.columns[name] else 0.8 for name in common)
    scale.put(0.6, same / count, f"{len(common)} of {count} columns are the same")
    for weight, ask, words in (
        (0.1, _shapes, "same keys and constraints"),
        (0.1, _referrers, "the same tables refer to it"),
    ):
        existing, wanted = ask(before, old.ref), ask(after, new.ref)
        if existing or wanted:
            scale.put(weight, shared(existing, wanted), words)
    named = "similar name" if old.schema == new.schema else "same name in another schema"
    scale.put(0.2, name_similarity(old.name, new.name), named)
    return scale.candidate(old.ref, new.ref)


def _shapes(schema: Schema, table: Ref) -> frozenset[object]:
    return frozenset(
        (member.kind, member.column_names()) for member in schema.members(table) if isinstance(member, Member)
    )


def _referrers(schema: Schema, table: Ref) -> frozenset[object]:
    return frozenset((key.table, key.columns) for key in schema.referrers(table) if key.table != table)


# -- columns ------------------------------------------------------------------------------------------------------

_PLAUSIBLE_COLUMN = 0.6


def _types_compatible(old: DataType, new: DataType, types: TypeTable) -> bool:
    """Whether a renamed column could have changed from one type to the other."""
    return old.array == new.array and types.family_key(old) == types.family_key(new)


def _columns(before: Schema, after: Schema, hints: Hints) -> Iterator[Candidate]:
    for table in before.tables():
        wanted = after.get(table.ref)
        if not isinstance(wanted, Table) or table.columns.keys() == wanted.columns.keys():
            continue
        common = table.columns.keys() & wanted.columns.keys()
        gone, new = _TableColumns(table, before, common).all(), _TableColumns(wanted, after, common).all()
        pairs = candidate_pairs(gone, new, lambda column: column.marks(hints))
        fitting = (
            (old, renamed)
            for old, renamed in pairs
            if _types_compatible(old.column.type, renamed.column.type, hints.types)
        )
        yield from best_candidates(
            (_column(old, renamed, hints.attributes) for old, renamed in fitting), _PLAUSIBLE_COLUMN
        )


class _ColumnUse(NamedTuple):
    """A column that only one side has, with its position and constraints."""

    ref: Ref
    column: Column
    at: int
    """Position in the table."""
    neighbours: tuple[str | None, str | None]
    """The nearest columns before and after it that both sides have."""
    members: frozenset[object]
    """The contents of its constraints and indexes, with its name replaced by ``_SAME``."""

    def marks(self, hints: Hints) -> Iterator[Hashable]:
        """Properties that make it worth comparing with a column of the same mark."""
        kin, attribute = hints.types.family_key(self.column.type), hints.attributes.get(self.ref)
        names = words_of(self.column.name)
        others = ("at", self.at), self.neighbours, *self.members, self.column.comment, self.column.name, attribute
        return ((kin, mark) for mark in (*names, *others) if mark is not None)


_SAME = "\0"


@dataclass
class _TableColumns:
    """The columns of a table that the other side does not have."""

    table: Table
    schema: Schema
    common: Collection[str]

    def all(self) -> list[_ColumnUse]:
        members = self._members()
        behind = self._next_columns()
        before: str | None = None
        uses = []
        for at, (name, column) in enumerate(self.table.columns.items()):
            if name in self.common:
                before = name
                continue
            ref = column_ref(self.table.ref, name)
            uses.append(_ColumnUse(ref, column, at, (before, behind[name]), frozenset(members.get(name, ()))))
        return uses

    def _next_columns(self) -> dict[str, str | None]:
        """The next column that both sides have, for each column."""
        following: dict[str, str | None] = {}
        latest: str | None = None
        for name in reversed(tuple(self.table.columns)):
            following[name] = latest
            latest = name if name in self.common else latest
        return following

    def _members(self) -> dict[str, list[object]]:
        contents: dict[str, list[object]] = {}
        for item in self.schema.members(self.table.ref):
            for name in dict.fromkeys(item.column_names()) if isinstance(item, Member) else ():
                if name not in self.common:
                    ref = column_ref(self.table.ref, name)
                    marked = item.renamed(ref, ref._replace(name=_SAME))
                    contents.setdefault(name, []).append(marked.content() if isinstance(marked, Member) else marked)
        return contents


def _column(mine: _ColumnUse, theirs: _ColumnUse, attributes: Mapping[Ref, str]) -> Candidate:
    old, new = mine.column, theirs.column
    scale = Scale()
    scale.put(0.25, 1.0 if old.type == new.type else 0.5, "same type")
    scale.put(0.1, float(old.nullable == new.nullable))
    if old.default or new.default or old.computed or new.computed or old.identity or new.identity:
        same = (old.default, old.computed, old.identity) == (new.default, new.computed, new.identity)
        scale.put(0.1, float(same), "same default")
    beside = sum(before == after for before, after in zip(mine.neighbours, theirs.neighbours, strict=True))
    scale.put(0.15, beside / 2, "same place")
    if mine.members or theirs.members:
        scale.put(0.15, shared(mine.members, theirs.members), "same constraints and indexes")
    if old.comment or new.comment:
        scale.put(0.2, float(old.comment == new.comment), "same comment")
    scale.put(0.25, name_similarity(old.name, new.name), "similar name")
    if attributes.get(theirs.ref) == old.name:
        scale.put(4.0, 1.0, f"its attribute in the model is still called {old.name}")
    return scale.candidate(mine.ref, theirs.ref)


# -- enums, their values, constraints and indexes -----------------------------------------------------------------

_PLAUSIBLE_ENUM = 0.5


def _enums(before: Schema, after: Schema, _: Hints) -> Iterator[Candidate]:
    gone = [item for ref, item in before.items() if isinstance(item, Enum) and ref not in after]
    new = [item for ref, item in after.items() if isinstance(item, Enum) and ref not in before]
    if not gone or not new:
        return
    users = _columns_by_type(before), _columns_by_type(after)
    pairs = candidate_pairs(gone, new, lambda enum: (enum.values, *enum.values, *words_of(enum.name)))
    scored = (
        _enum((old, users[0]), (item, users[1]))
        for old, item in pairs
        if (old.schema == item.schema or old.name == item.name) and set(old.values) & set(item.values)
    )
    yield from best_candidates(scored, _PLAUSIBLE_ENUM)


_Users = Mapping[Ref, frozenset[object]]


def _enum(old_side: tuple[Enum, _Users], new_side: tuple[Enum, _Users]) -> Candidate:
    (old, before), (new, after) = old_side, new_side
    scale = Scale()
    common = shared(frozenset(old.values), frozenset(new.values))
    scale.put(0.5, common, "same values" if common == 1 else "similar values")
    mine, theirs = before.get(old.ref, frozenset()), after.get(new.ref, frozenset())
    if mine or theirs:
        scale.put(0.3, shared(mine, theirs), "the same columns are of it")
    scale.put(
        0.2,
        name_similarity(old.name, new.name),
        "similar name" if old.schema == new.schema else "same name in another schema",
    )
    return scale.candidate(old.ref, new.ref)


def _columns_by_type(schema: Schema) -> _Users:
    """The columns of each named type."""
    users: dict[Ref, set[object]] = {}
    for table in schema.tables():
        for column in table.columns.values():
            if column.type.ref is not None:
                users.setdefault(column.type.ref, set()).add((table.name, column.name))
    return {ref: frozenset(columns) for ref, columns in users.items()}


def _enum_values(before: Schema, after: Schema, _: Hints) -> Iterator[Candidate]:
    for ref, existing in before.items():
        wanted = after.get(ref)
        if not isinstance(existing, Enum) or not isinstance(wanted, Enum) or existing.values == wanted.values:
            continue
        gone, new = (
            [(at, value) for at, value in enumerate(enum.values) if value not in others]
            for enum, others in ((existing, frozenset(wanted.values)), (wanted, frozenset(existing.values)))
        )
        pairs = candidate_pairs(gone, new, lambda numbered: (numbered[0], *words_of(numbered[1])))
        yield from best_candidates((_enum_value(existing, wanted, at, there) for (at, _), (there, _) in pairs), 0.6)


def _enum_value(existing: Enum, wanted: Enum, at: int, there: int) -> Candidate:
    old, new = existing.values[at], wanted.values[there]
    scale = Scale()
    aligned = at == there and len(existing.values) == len(wanted.values)
    scale.put(0.7, float(aligned), "same place among as many values")
    scale.put(0.3 if aligned else 3.0, name_similarity(old, new), "similar name")
    return scale.candidate(*(Ref("enum_value", value, existing.schema, existing.name) for value in (old, new)))


def _members(before: Schema, after: Schema, _: Hints) -> Iterator[Candidate]:
    """Candidates among members with equal content."""
    gone: dict[Object, list[Member]] = {}
    for ref, item in before.items():
        if isinstance(item, Member) and item.name is not None and ref not in after and item.table in after:
            gone.setdefault(item.content(), []).append(item)
    if not gone:
        return
    pairs = []
    for ref, item in after.items():
        if isinstance(item, Member) and item.name is not None and ref not in before:
            pairs += [(name_similarity(old.name or "", item.name), old, item) for old in gone.get(item.content(), ())]
    ranked = (Candidate(Rename(old.ref, new.ref), likeness, ()) for likeness, old, new in pairs)
    for candidate in sorted(best_candidates(ranked, 0.0), key=lambda candidate: candidate.rename.old.key):
        yield Candidate(candidate.rename, 1.0, ("same definition",))


# -- domains, composite types and sequences ----------------------------------------------------------------------------


def _standalone(before: Schema, after: Schema, types: tuple[type[_Standalone], ...]) -> Iterator[Candidate]:
    """Candidates among domains, composite types or sequences of equal content."""
    gone = [item for ref, item in before.items() if isinstance(item, types) and ref not in after]
    new = [item for ref, item in after.items() if isinstance(item, types) and ref not in before]
    if not gone or not new:
        return
    pairs = candidate_pairs(gone, new, lambda item: (_content(item), *words_of(item.name)))
    alike = ((old, item) for old, item in pairs if old.schema == item.schema and _content(old) == _content(item))
    yield from best_candidates((_equal(old, item) for old, item in alike), _PLAUSIBLE_EQUAL)


def _types(before: Schema, after: Schema, _: Hints) -> Iterator[Candidate]:
    return _standalone(before, after, (Domain, CompositeType))


def _sequences(before: Schema, after: Schema, _: Hints) -> Iterator[Candidate]:
    return _standalone(before, after, (Sequence,))


_PLAUSIBLE_EQUAL = 0.6


def _content(item: _Standalone) -> Hashable:
    """All of an object but its name, and the names of its checks."""
    match item:
        case Domain():
            checks = frozenset(check for _, check in item.checks)
            return (item.kind, item.type, item.nullable, item.default, item.collation, checks)
        case CompositeType():
            return (item.kind, frozenset(item.attributes))
    return (item.kind, item.type, item.options)


def _equal(old: _Standalone, new: _Standalone) -> Candidate:
    scale = Scale()
    plain = isinstance(old, Sequence) and not old.options  # as any other sequence
    scale.put(0.3 if plain else 0.7, 1.0, "same definition")
    scale.put(0.3, name_similarity(old.name, new.name), "similar name")
    return scale.candidate(old.ref, new.ref)


_STAGES: tuple[Stage, ...] = (
    definition_renames.namespaces,
    _enums,
    _types,
    _tables,
    _sequences,
    _enum_values,
    _columns,
    _members,
    definition_renames.definitions,
)
