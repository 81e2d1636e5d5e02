"""Derives the description of a migration from its changes, if its author gave none."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from . import kinds
from .change import Add, Alter, Change, Drop, Rename
from .model import Column, Member, Object, Table, column_ref
from .types import Ref

_VERBS = {Add: "add", Drop: "drop", Alter: "alter", Rename: "rename"}
_LONGEST = 50


def describe_changes(changes: Sequence[Change]) -> str:
    """Words such as ``create users and posts`` or ``add email to users``; never empty.

    One or two subjects are named; more are counted.
    """
    changes = _without_companions(changes)
    renames = [change for change in changes if isinstance(change, Rename)]
    if renames and len(renames) == len(changes):
        return _renames(renames)
    tables = [change for change in changes if _is_table(change)]
    if tables and len({type(change) for change in tables}) == 1:
        return _name_all("create" if isinstance(tables[0], Add) else _VERBS[type(tables[0])], tables)
    if len(changes) == 1:
        return _change_words(changes[0])
    owners = {_owner(change) for change in changes}
    verbs = {_VERBS[type(change)] for change in changes}
    kinds = {change.ref.kind for change in changes}
    if len(owners) == 1:
        owner = next(iter(owners))
        if len(verbs) == 1 and kinds == {"column"}:
            names = [change.ref.name for change in changes]
            words = f"{next(iter(verbs))} {_listed(names)} {_joint(changes[0])} {owner}"
            return (
                words
                if len(words) <= _LONGEST
                else f"{next(iter(verbs))} {len(names)} columns {_joint(changes[0])} {owner}"
            )
        return f"alter {owner}"
    return f"alter {_listed(sorted(owners))}"


def _without_companions(changes: Sequence[Change]) -> Sequence[Change]:
    """The changes without constraints and indexes that are added, or dropped, together with all of their columns."""
    columns = {
        (type(change), change.ref)
        for change in changes
        if isinstance(change, Add | Drop) and isinstance(change.object, Column)
    }
    return [change for change in changes if not _is_companion(change, columns)]


def _is_companion(change: Change, columns: Collection[tuple[type[Change], Ref]]) -> bool:
    if not isinstance(change, Add | Drop) or not isinstance(change.object, Member):
        return False
    table, names = change.object.table, change.object.column_names()
    return bool(names) and all((type(change), column_ref(table, name)) in columns for name in names)


def _renames(changes: Sequence[Rename]) -> str:
    """Words for renames, without those of constraints and indexes that follow their table or column."""
    holding = [change for change in changes if change.old.kind in kinds.HOLDING_DATA] or changes
    more = f" and {len(holding) - 1} more" if len(holding) > 1 else ""
    return f"{_renamed(holding[0])}{more}"


def _renamed(change: Rename) -> str:
    if change.moves:
        return f"move {change.old.name} to {change.new.schema or 'the default schema'}"
    return f"rename {change.old.name} to {change.new.name}"


def _is_table(change: Change) -> bool:
    return isinstance(change, Add | Drop) and isinstance(change.object, Table)


def _owner(change: Change) -> str:
    on = None if isinstance(change, Rename) else change.on
    return on.name if on is not None else change.ref.table or change.ref.name


def _joint(change: Change) -> str:
    return {Add: "to", Drop: "from"}.get(type(change), "of")


def _change_words(change: Change) -> str:
    verb = _VERBS[type(change)]
    if isinstance(change, Rename):
        return _renamed(change)
    if change.on is not None:
        return f"{verb} {change.ref.name} {_joint(change)} {change.on.name}"
    item: Object = change.after if isinstance(change, Alter) else change.object
    name = getattr(item, "name", None)
    if change.ref.table is not None:
        return f"{verb} {name or kinds.title(change.ref.kind)} {_joint(change)} {change.ref.table}"
    return f"{verb} {'' if isinstance(item, Column | Table) else kinds.title(change.ref.kind) + ' '}{change.ref.name}"


def _name_all(verb: str, changes: Sequence[Change]) -> str:
    return f"{verb} {_listed([change.ref.name for change in changes])}"


def _listed(names: Sequence[str]) -> str:
    if len(names) == 1:
        return names[0]
    if len(names) <= 3 and sum(map(len, names)) <= 36:
        return f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{names[0]} and {len(names) - 1} more"
