"""Changes of a table that needs a rebuild, joined into one ``Alter`` (``rebuild``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dbwarden.core.change import Alter, Change, Rename, altered_table
from dbwarden.core.dialect import Prefs
from dbwarden.core.model import Member, Schema, Table
from dbwarden.core.order import part_key
from dbwarden.core.types import Ref
from dbwarden.errors import NeedsNewTable, Unsupported

from . import ddl, rebuild


def join(changes: Sequence[Change], before: Schema, after: Schema) -> Sequence[Change]:
    """Changes in which all those of a table that needs a rebuild are one ``Alter``, at the place of the last of them."""
    places: dict[Ref, int] = {}
    needed: set[Ref] = set()
    renamed = {change.new for change in changes if isinstance(change, Rename)}
    for at, change in enumerate(changes):
        table = altered_table(change)
        if table is None or table not in before or table not in after or table in renamed:
            continue
        places[table] = at
        if _needs_new_table(change, before, after):
            needed.add(table)
    if not needed:
        return changes
    return tuple(_joined(changes, before, after, {table: places[table] for table in needed}))


def _needs_new_table(change: Change, before: Schema, after: Schema) -> bool:
    """Whether no ALTER can make the change in one of the two directions."""
    if isinstance(change, Alter) and isinstance(change.after, Table):
        return rebuild.is_rebuild(change)
    for direction, sides in ((change, (before, after)), (change.inverse(), (after, before))):
        try:
            ddl.ddl(direction, *sides, Prefs())
        except NeedsNewTable:
            return True
        except Unsupported:
            continue
    return False


def _joined(changes: Sequence[Change], before: Schema, after: Schema, places: Mapping[Ref, int]) -> Iterator[Change]:
    for at, change in enumerate(changes):
        table = altered_table(change)
        if table is None or table not in places:
            yield change
        elif at == places[table]:
            former, wanted = (_members(schema, table) for schema in (before, after))
            yield Alter(before.table(table), after.table(table), dropped=former, added=wanted)


def _members(schema: Schema, table: Ref) -> tuple[Member, ...]:
    return tuple(sorted((item for item in schema.members(table) if isinstance(item, Member)), key=part_key))
