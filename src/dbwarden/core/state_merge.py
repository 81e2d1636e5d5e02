"""Three-way merge of state files, object by object and column by column, for git."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from . import codec
from .codec import ModelState
from .model import Column, Object, Schema, Table
from .types import Ref

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True)
class MergedState:
    """The merged state, and the objects and columns that both sides changed in different ways; of these it has ours."""

    state: ModelState
    conflicts: tuple[Ref, ...]


def merge(base: ModelState, ours: ModelState, theirs: ModelState) -> MergedState:
    """Merge what both sides changed since ``base``. The version is the higher one of both."""
    conflicts: dict[Ref, None] = {}
    schema = _merge_schemas(base.schema, ours.schema, theirs.schema, conflicts)
    migrated = _merge_schemas(base.migrated, ours.migrated, theirs.migrated, conflicts)
    versions = [state.version for state in (ours, theirs) if state.version is not None]
    return MergedState(ModelState(schema, migrated, max(versions, key=int, default=None)), tuple(conflicts))


def _merge_schemas(base: Schema, ours: Schema, theirs: Schema, conflicts: dict[Ref, None]) -> Schema:
    def conflict(ref: Ref) -> None:
        conflicts[ref] = None

    def both_changed(ref: Ref, former: Object | None, our: Object | None, their: Object | None) -> Object | None:
        if isinstance(our, Table) and isinstance(their, Table):
            return _merge_tables(former if isinstance(former, Table) else None, our, their, conflict)
        conflict(ref)
        return our

    names = list(dict.fromkeys((*ours, *theirs)))
    return Schema(_merge_values(names, base.get, ours.get, theirs.get, codec.text_of, both_changed).values())


def _merge_tables(base: Table | None, ours: Table, theirs: Table, conflict: Callable[[Ref], None]) -> Table:
    """Merge two changed tables: their columns one by one, and their other properties as a whole."""

    def both_changed(name: str, _: Column | None, our: Column | None, __: Column | None) -> Column | None:
        conflict(Ref("column", name, ours.schema, ours.name))
        return our

    former: Mapping[str, Column] = base.columns if base is not None else {}
    names = list(dict.fromkeys((*ours.columns, *theirs.columns)))
    columns = _merge_values(names, former.get, ours.columns.get, theirs.columns.get, codec.text_of_column, both_changed)
    bare = [replace(table, columns={}) if table is not None else None for table in (base, ours, theirs)]
    texts = [codec.text_of(table) if table is not None else "" for table in bare]
    if len({texts[1], texts[2]}) == 2 and texts[0] not in texts[1:]:
        conflict(ours.ref)
    return replace(theirs if texts[0] == texts[1] else ours, columns=columns)


def _merge_values(
    names: Iterable[Key],
    base: Callable[[Key], Value | None],
    ours: Callable[[Key], Value | None],
    theirs: Callable[[Key], Value | None],
    text: Callable[[Value], str],
    both_changed: Callable[[Key, Value | None, Value | None, Value | None], Value | None],
) -> dict[Key, Value]:
    """The values after the merge, without those that a side removed."""
    merged: dict[Key, Value] = {}
    for name in names:
        values = base(name), ours(name), theirs(name)
        former, our, their = (None if value is None else text(value) for value in values)
        if our == their or former == their:
            value = values[1]
        else:
            value = values[2] if former == our else both_changed(name, *values)
        if value is not None:
            merged[name] = value
    return merged
