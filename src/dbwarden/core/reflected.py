"""Tables that models leave to the database: their columns are read when the application runs."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from .collisions import without_tables
from .model import Object, Schema
from .spelling import fold_ref
from .types import Ref


def as_they_are(desired: Schema, current: Schema, tables: Iterable[Ref], caseless: Collection[str]) -> Schema:
    """``desired`` with these tables, and what belongs to them, as ``current`` has them; without those it does not have."""
    folded = {fold_ref(ref, caseless) for ref in tables}
    if not folded:
        return desired
    incomplete = [table.ref for table in desired.tables() if fold_ref(table.ref, caseless) in folded]
    existing = [table for table in current.tables() if fold_ref(table.ref, caseless) in folded]
    kept: list[Object] = [member for table in existing for member in current.members(table.ref)]
    return without_tables(desired, incomplete).put(*existing, *kept)
