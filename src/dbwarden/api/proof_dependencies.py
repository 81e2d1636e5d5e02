"""Dependencies of a migration in schemas that the models do not name, such as types of columns."""

from __future__ import annotations

from dbwarden.core.dialect import Connection, Dialect, Scope
from dbwarden.core.model import Object, Schema
from dbwarden.core.plan import Pair
from dbwarden.core.types import Ref


def with_other_schemas(part: Pair, dialect: Dialect, conn: Connection | None) -> Pair:
    """Add to both sides of ``part`` the objects of other schemas that its current side depends on, directly or not."""
    missing = _missing(part.current)
    schemas = {ref.schema for ref in missing if ref.schema is not None}
    if conn is None or not schemas:
        return part
    there = dialect.inspect(conn, Scope((None, *sorted(schemas)), definitions=False))
    used: dict[Ref, Object] = {}
    waiting = list(missing)
    while waiting:
        item = there.get(waiting.pop())
        if item is not None and item.ref not in used and item.ref not in part.current:
            used[item.ref] = item
            waiting += item.uses()
    added = {ref: item for ref, item in used.items() if ref not in part.desired}
    return Pair(
        Schema(used | dict(part.current.items())),
        Schema(added | dict(part.desired.items())),
        (),
        part.renames,
        filled=part.filled,
    )


def _missing(schema: Schema) -> set[Ref]:
    used = {ref for item in schema.objects() for ref in item.uses()}
    return {ref for ref in used if ref.table is None and ref not in schema}
