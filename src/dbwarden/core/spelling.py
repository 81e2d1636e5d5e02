"""Brings the names of two schemas to one spelling, for engines that ignore the case of names.

All later comparisons distinguish case. ``Features.caseless_names`` lists the kinds of names whose case the engine ignores.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from .change import Rename
from .model import Definition, ForeignKey, Member, Object, Schema, Table, column_ref
from .sqltext import fold_case
from .types import Ref


def fold_ref(ref: Ref, caseless: Collection[str]) -> Ref:
    """``ref`` with its caseless parts in lower case, so that all spellings of one object are equal."""
    name = fold_case(ref.name) if ref.kind in caseless else ref.name
    table = fold_case(ref.table) if ref.table is not None and "table" in caseless else ref.table
    return ref if (name, table) == (ref.name, ref.table) else ref._replace(name=name, table=table)


def as_spelled(ref: Ref, known: Iterable[Ref], caseless: Collection[str]) -> Ref:
    """The element of ``known`` that is ``ref`` to the engine; ``ref`` itself if there is none."""
    known = tuple(known)
    if not caseless or ref in known:
        return ref
    wanted = fold_ref(ref, caseless)
    return next((candidate for candidate in known if fold_ref(candidate, caseless) == wanted), ref)


def spell(schema: Schema, model: Schema, caseless: Collection[str]) -> Schema:
    """``schema`` with names spelled as in ``model`` if they differ only by case."""
    if not caseless:
        return schema
    tables = {fold_ref(table.ref, caseless): table for table in model.tables()}
    renames: dict[Ref, tuple[Rename, ...]] = {}
    for table in schema.tables():
        existing = tables.get(fold_ref(table.ref, caseless))
        if existing is not None:
            renames[table.ref] = tuple(_case_renames(table, existing, caseless))
    names = {fold_ref(ref, caseless): ref for ref, item in model.items() if not isinstance(item, Table)}
    return Schema(_spelled(item, renames, names, caseless) for item in schema.objects())


def _case_renames(table: Table, existing: Table, caseless: Collection[str]) -> Iterator[Rename]:
    """Renames from the names of ``table`` to those of ``existing``, columns first."""
    if "column" in caseless and table.columns.keys() != existing.columns.keys():
        spelled = {fold_case(name): name for name in existing.columns}
        for name in table.columns:
            other = spelled.get(fold_case(name), name)
            if other != name:
                yield Rename(column_ref(table.ref, name), column_ref(table.ref, other))
    if table.name != existing.name:
        yield Rename(table.ref, existing.ref)


def _spelled(
    item: Object, renames: Mapping[Ref, tuple[Rename, ...]], names: Mapping[Ref, Ref], caseless: Collection[str]
) -> Object:
    for table in _tables_of(item):
        for rename in renames.get(table, ()):
            item = item.renamed(rename.old, rename.new)
    if isinstance(item, Table) or (isinstance(item, Member) and item.name is None):
        return item
    spelled_ref = names.get(fold_ref(item.ref, caseless), item.ref)
    return item if spelled_ref == item.ref else item.renamed(item.ref, spelled_ref)


def _tables_of(item: Object) -> Iterable[Ref]:
    """The tables whose names, or whose columns' names, an object mentions."""
    match item:
        case Table():
            return (item.ref,)
        case ForeignKey():
            return dict.fromkeys((item.table, item.ref_table))
        case Member():
            return (item.table,)
        case Definition():
            return [ref for ref in item.uses() if ref.kind == "table"]
    return ()
