"""The online way: tables that exist are changed while others go on writing to them.

Whatever has to read all rows does so under SHARE UPDATE EXCLUSIVE (CREATE INDEX CONCURRENTLY, VALIDATE CONSTRAINT); what
needs a stronger lock only changes the catalogue. Sources: CREATE INDEX, "Building Indexes Concurrently"; ALTER TABLE,
"Notes" and SET NOT NULL (the scan is left out where a valid CHECK proves it: version 12); version 17.
"""

from __future__ import annotations

from dataclasses import replace

from dbwarden.core.dialect import Server
from dbwarden.core.model import (
    Check,
    Column,
    ForeignKey,
    Index,
    IndexElement,
    Member,
    Object,
    PrimaryKey,
    Schema,
    Table,
    Unique,
)
from dbwarden.core.types import Ref

from . import clauses, columns, names

Schemas = tuple[Schema, Schema]
"""The two whole schemas between which a change is printed."""
Built = Index | Unique | PrimaryKey
"""What is an index in the end, and can be built concurrently."""
Swapped = Built | Check | ForeignKey
"""What can take the place of its predecessor without a moment in which there is neither."""


def add_member(member: Member, schemas: Schemas, taken: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """ADD constraint or CREATE INDEX: online where the table exists and PostgreSQL has a way."""
    before, _ = schemas
    table = _standing(member.table, schemas)
    if table is None:
        return columns.add_member(member, taken)
    if isinstance(member, Check) or (isinstance(member, ForeignKey) and not _partitioned(table)):
        return _add_not_valid(member, _swapped(member, before.get(member.ref), schemas))
    if not isinstance(member, Built) or not _concurrently(member, schemas):
        return columns.add_member(member, taken)
    old = _held(member, before)
    if _replaces(old, member, schemas):
        return (*_built(member, _name_beside(member, schemas)), *clauses.member_comment(member))
    if old is not None and _swapped(old, member, schemas):
        beside = _name_beside(member, schemas)
        first = clauses.index(_index(member, beside), concurrently=True)
        return (first, _gone(old), *_built(member, beside), *clauses.member_comment(member))
    if old is not None and old != member and not isinstance(member, Index):
        return columns.add_member(member, taken)  # nobody may write without it, not even while it is built
    return (*_built(member, None), *clauses.member_comment(member))


def drop_member(member: Member, schemas: Schemas) -> tuple[str, ...]:
    """DROP INDEX CONCURRENTLY or DROP CONSTRAINT; what takes its place is built before it goes."""
    _, after = schemas
    table = _standing(member.table, schemas)
    if table is None or _partitioned(table):
        return columns.drop_member(member)
    new = _held(member, after) if isinstance(member, Built) else after.get(member.ref)
    if isinstance(new, Built) and _replaces(member, new, schemas):
        return (clauses.index(_index(new, _name_beside(new, schemas)), concurrently=True), _gone(member))
    if _swapped(member, new, schemas):
        return ()  # goes where the new one is added
    return (_gone(member),)


def _gone(member: Member) -> str:
    if isinstance(member, Index):
        return f"DROP INDEX CONCURRENTLY {names.qualified(member.name or '', member.table.schema)}"
    (text,) = columns.drop_member(member)
    return text


def alter_column(before: Column, after: Column, table: Ref, schemas: Schemas, server: Server) -> tuple[str, ...]:
    """As ``columns.alter``, with NOT NULL proven by a CHECK that is validated first."""
    required = before.nullable and not after.nullable and not columns.recreated(before, after, server)
    if not required or _standing(table, schemas) is None or (server.version and server.version < (12,)):
        return columns.alter(before, after, table, schemas, server)
    proven = _set_not_null(after, table, schemas)
    if after.identity is not None and before.identity is None:  # ADD GENERATED needs it
        return (*proven, *columns.alter(replace(before, nullable=False), after, table, schemas, server))
    return (*columns.alter(before, replace(after, nullable=True), table, schemas, server), *proven)


# -- constraints --------------------------------------------------------------------------------------------------


def _add_not_valid(member: Check | ForeignKey, swapped: bool) -> tuple[str, ...]:
    """New rows are checked at once; the old ones behind it, in a transaction of its own (``facts.judged``).

    ``swapped``: in the place of the one of the same name, in one statement: no row is written without either.
    """
    named = frozenset((member.name or "",))
    added, *comments = columns.add_member(member, named)
    if not columns.not_valid(member):
        added = f"{added} NOT VALID"
        comments = [_validate(member.table, member.name or ""), *comments]
    if swapped:
        alter = f"ALTER TABLE {names.of(member.table)} "
        gone = f"DROP CONSTRAINT {names.quote(member.name or '')}"
        (added,) = columns.alter_table(member.table, [gone, added.removeprefix(alter)])
    return (added, *comments)


def _swapped(old: Object | None, new: Object | None, schemas: Schemas) -> bool:
    """Whether ``old`` can stay until ``new``, of the same kind, takes its place: what it stands on neither changes nor goes."""
    if not isinstance(old, Swapped) or not isinstance(new, Swapped) or old == new or old.kind != new.kind:
        return False
    table = _standing(old.table, schemas)
    if table is None or _partitioned(table) or (isinstance(new, Built) and not _concurrently(new, schemas)):
        return False
    if not _untouched(old.table, old.column_names(), schemas):
        return False
    return not isinstance(old, ForeignKey) or (
        _untouched(old.ref_table, old.ref_columns, schemas) and _keys(old, schemas[0]) <= set(schemas[1].objects())
    )


def _untouched(table: Ref, held: tuple[str, ...], schemas: Schemas) -> bool:
    """Whether the table stands, and these columns keep their values, with the named types behind them."""
    before, after = schemas
    old, new = before.get(table), after.get(table)
    if not isinstance(old, Table) or not isinstance(new, Table):
        return False
    if any(name in old.columns and old.columns[name].computed is not None for name in held):
        held = tuple(old.columns)  # generated from any of them
    return all(
        name in old.columns and name in new.columns and _same_values(old.columns[name], new.columns[name])
        for name in held
    ) and all(before.get(ref) == after.get(ref) for name in held if (ref := old.columns[name].type.ref) is not None)


def _keys(key: ForeignKey, schema: Schema) -> set[Object]:
    """What the foreign key may have been made to stand on: whatever keeps the columns unique that it refers to."""
    wanted = sorted(key.ref_columns)
    return {
        item
        for item in schema.members(key.ref_table)
        if (isinstance(item, Unique | PrimaryKey) and sorted(item.columns) == wanted)
        or (isinstance(item, Index) and item.unique and sorted(one.column or "" for one in item.elements) == wanted)
    }


def _validate(table: Ref, name: str) -> str:
    return f"ALTER TABLE {names.of(table)} VALIDATE CONSTRAINT {names.quote(name)}"


def _set_not_null(column: Column, table: Ref, schemas: Schemas) -> tuple[str, ...]:
    name = _unused(names.made_up(table.name, column.name, "set"), table, schemas)
    alter, proof = f"ALTER TABLE {names.of(table)}", names.quote(name)
    return (
        f"{alter} ADD CONSTRAINT {proof} CHECK ({names.quote(column.name)} IS NOT NULL) NOT VALID",
        _validate(table, name),
        f"{alter} ALTER COLUMN {names.quote(column.name)} SET NOT NULL",
        f"{alter} DROP CONSTRAINT {proof}",
    )


# -- indexes and what stands on them ------------------------------------------------------------------------------


def _built(member: Built, beside: str | None) -> tuple[str, ...]:
    """The index, and what makes it the constraint; with ``beside`` it is there already, under that name."""
    if isinstance(member, Index):
        if beside is None:
            return (clauses.index(member, concurrently=True),)
        held = names.qualified(beside, member.table.schema)
        return (f"ALTER INDEX {held} RENAME TO {names.quote(member.name or '')}",)
    name = member.name or ""
    first = () if beside else (clauses.index(_index(member, name), concurrently=True),)
    return (*first, f"ALTER TABLE {names.of(member.table)} ADD {clauses.using_index(member, beside or name)}")


def _index(member: Built, name: str) -> Index:
    """The index that a unique constraint or primary key stands on."""
    if isinstance(member, Index):
        return replace(member, name=name)
    return Index(
        member.table,
        name,
        tuple(IndexElement(column) for column in member.columns),
        unique=True,
        include=member.include,
        nulls_not_distinct=isinstance(member, Unique) and member.nulls_not_distinct,
        options=member.options,
    )


def _concurrently(member: Built, schemas: Schemas) -> bool:
    _, after = schemas
    table = after.table(member.table)
    if _partitioned(table):
        return False
    return not isinstance(member, PrimaryKey) or not any(table.columns[name].nullable for name in member.columns)


def _held(member: Built, schema: Schema) -> Built | None:
    """What stands in the place of ``member``: of its name, or the primary key whatever its name."""
    if isinstance(member, PrimaryKey):
        return next((item for item in schema.members(member.table) if isinstance(item, PrimaryKey)), None)
    found = schema.get(member.ref)
    return found if isinstance(found, Built) else None


def _replaces(old: Member | None, new: Built, schemas: Schemas) -> bool:
    """Whether ``new`` takes the place of ``old`` and can be built while that still stands: over the same columns as now."""
    if old is None or old == new or not _concurrently(new, schemas):
        return False
    before, after = (schema.table(new.table).columns for schema in schemas)
    return all(name in before and _same_values(before[name], after[name]) for name in new.column_names())


def _same_values(before: Column, after: Column) -> bool:
    return (before.type, before.collation, before.computed) == (after.type, after.collation, after.computed)


def _name_beside(member: Built, schemas: Schemas) -> str:
    return _unused(names.made_up(member.name or "", None, "new"), member.table, schemas)


# -- what stands ----------------------------------------------------------------------------------------------------


def _standing(table: Ref, schemas: Schemas) -> Table | None:
    """The table, if it is there before and after."""
    before, after = schemas
    found = after.get(table)
    return found if table in before and isinstance(found, Table) else None


def _partitioned(table: Table) -> bool:
    """Then there is neither CREATE INDEX CONCURRENTLY nor (before version 18) a foreign key NOT VALID."""
    return table.options.get("partition_by") is not None


def _unused(name: str, table: Ref, schemas: Schemas) -> str:
    """``name``, or where something has it, the same with a number; equal whichever way the plan is printed."""
    used = {ref.name for schema in schemas for ref in schema if ref.schema == table.schema}
    found, number = name, 0
    while found in used:
        number += 1
        found = f"{names.clip(name, names.MAX_BYTES - len(str(number)))}{number}"
    return found
