"""What no model describes and stands on the columns that a new migration drops or alters: the server would refuse it."""

from __future__ import annotations

from collections.abc import Collection

from dbwarden.core.change import after_renames
from dbwarden.core.ground import Ground, ground, in_the_way
from dbwarden.core.model import ref_after
from dbwarden.core.types import Ref
from dbwarden.errors import StandsInTheWay

from .comparison import Comparison
from .proof import way_out
from .workspace import Workspace


def ensure_free(workspace: Workspace, found: Comparison, *, proven: bool, reachable: bool) -> None:
    """Raise ``StandsInTheWay`` where the server would refuse the plan.

    What is proven has shown that nothing among what was inspected is in the way; the catalogue is asked for what was
    not, in one query, where the database is ``reachable``.
    """
    changes = tuple(step.change for step in found.plan.steps)
    both = found.pair
    needed = ground(changes, both.renamed(), both.desired, found.dialect.recreated)
    if not (needed.dropped or needed.altered):
        return
    refs: list[Ref] = []
    if not proven:
        for schema in (both.renamed(), after_renames(both.left_alone, both.renames)):
            refs += in_the_way(needed, changes, schema)
    if reachable:
        refs += _elsewhere(workspace, found, needed)
    if refs:
        raise StandsInTheWay(cause=way_out(both, tuple(dict.fromkeys(refs))))


def _elsewhere(workspace: Workspace, found: Comparison, needed: Ground) -> list[Ref]:
    """What stands in schemas that were not inspected, or is ignored."""
    inspected = {None, *(ref.schema for schema in (found.pair.current, found.pair.left_alone) for ref in schema)}
    dropped = _former(found, needed.dropped)
    with workspace.connect(read_only=True) as conn:
        standing = found.dialect.dependents(conn, dropped | _former(found, needed.altered))
    ignored = workspace.ignored(found.dialect)
    return [
        ref
        for column, ref in standing
        if ref.schema not in inspected or ignored.covers(ref)
        if ref.kind != "foreign_key" or column in dropped
    ]


def _former(found: Comparison, columns: Collection[Ref]) -> set[Ref]:
    """The columns by the names that the database has for them now."""
    former = set(columns)
    for rename in reversed(found.pair.renames):
        former = {ref_after(ref, rename.new, rename.old) for ref in former}
    return former
