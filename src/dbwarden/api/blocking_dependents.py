"""Objects that no model describes and that depend on a column which a new migration drops or alters.

The server would refuse the migration, so it is not generated.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from dbwarden.core.blocking_definitions import AffectedColumns, affected_columns, blocking_definitions
from dbwarden.core.change import after_renames
from dbwarden.core.model import ref_after
from dbwarden.core.types import Ref
from dbwarden.errors import BlockingDependents

from .comparison import Comparison
from .proof import blocking_objects_advice
from .workspace import Workspace


def ensure_free(workspace: Workspace, comparison: Comparison, *, proven: bool, reachable: bool) -> None:
    """Raise ``BlockingDependents`` if the server would refuse the plan.

    A proof covers the inspected objects. Others are found by one catalogue query, if the database is ``reachable``.
    """
    changes = tuple(step.change for step in comparison.plan.steps)
    both = comparison.pair
    columns = affected_columns(changes, both.renamed(), both.desired, comparison.dialect.recreated_by)
    if comparison.dialect.features.late_binding:
        columns = replace(columns, altered=frozenset())  # a view takes what it finds
    if not (columns.dropped or columns.altered):
        return
    refs: list[Ref] = []
    if not proven:
        for schema in (both.renamed(), after_renames(both.left_alone, both.renames)):
            refs += blocking_definitions(columns, changes, schema)
    if reachable:
        refs += _dependents_elsewhere(workspace, comparison, columns)
    if refs:
        raise BlockingDependents(cause=blocking_objects_advice(both, tuple(dict.fromkeys(refs))))


def _dependents_elsewhere(workspace: Workspace, comparison: Comparison, columns: AffectedColumns) -> list[Ref]:
    """Dependents that were not inspected: those in other schemas, and ignored ones."""
    inspected = {
        None,
        *(ref.schema for schema in (comparison.pair.current, comparison.pair.left_alone) for ref in schema),
    }
    dropped = _former_names(comparison, columns.dropped)
    with workspace.connect(read_only=True) as conn:
        standing = comparison.dialect.dependents(conn, dropped | _former_names(comparison, columns.altered))
    ignored = workspace.ignored(comparison.dialect)
    return [
        ref
        for column, ref in standing
        if ref.schema not in inspected or ignored.covers(ref)
        if ref.kind != "foreign_key" or column in dropped
    ]


def _former_names(comparison: Comparison, columns: Collection[Ref]) -> set[Ref]:
    """``columns`` by their present names, before the renames of the plan."""
    former = set(columns)
    for rename in reversed(comparison.pair.renames):
        former = {ref_after(ref, rename.new, rename.old) for ref in former}
    return former
