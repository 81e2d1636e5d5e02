"""Online changes of existing tables, which do not block writers while rows are read.

A statement that reads all rows holds only SHARE UPDATE EXCLUSIVE; one with a stronger lock changes only the catalogue:

* An index is built by CREATE INDEX CONCURRENTLY. A unique constraint or primary key is then made of the index (USING
  INDEX). A replacement is built under another name beside the old index, if its columns keep their values.
* A check or foreign key is added NOT VALID, then validated in another transaction.
* SET NOT NULL needs no scan if a valid CHECK proves it (since version 12): such a CHECK is added, validated and dropped.

Sources, version 17: CREATE INDEX, "Building Indexes Concurrently"; ALTER TABLE, "Notes" and SET NOT NULL.
"""

from __future__ import annotations

from dataclasses import replace

from dbwarden.core.dialect import Server
from dbwarden.core.guards import guard
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

from . import columns, names, partitions
from .renderer import not_valid, render

Schemas = tuple[Schema, Schema]
"""The whole schema before and after the change."""
Built = Index | Unique | PrimaryKey
"""Members that have an index, which can be built concurrently."""
CONCURRENTLY = "CONCURRENTLY"


def add_member(member: Member, schemas: Schemas, taken: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """ADD CONSTRAINT or CREATE INDEX, online if the table exists and PostgreSQL allows it."""
    before, after = schemas
    table = _surviving_table(member.table, schemas)
    if table is None:
        return render.add_member(member, taken)
    if isinstance(member, Check) or (isinstance(member, ForeignKey) and not _partitioned(table)):
        return _add_not_valid(member, _can_replace_in_place(before.get(member.ref), member, schemas))
    if isinstance(member, Index) and _partitioned(table):
        built = partitions.build_each(member, schemas)
        if built is not None:
            return (*built, *render.member_comment(member))
    if not isinstance(member, Built) or not _concurrently(member, schemas):
        return render.add_member(member, taken)
    old = _counterpart(member, after, before)
    if old is not None and _can_build_beside(old, member, schemas):
        return (*_build_statements(member, _name_beside(member, schemas)), *render.member_comment(member))
    if _one_guard_at_a_time(old, member, schemas):
        return render.add_member(member, taken)  # no row may be written without a guard
    return (*_build_statements(member, None), *render.member_comment(member))


def drop_member(member: Member, schemas: Schemas) -> tuple[str, ...]:
    """DROP INDEX CONCURRENTLY or DROP CONSTRAINT, after its replacement is built."""
    before, after = schemas
    table = _surviving_table(member.table, schemas)
    if table is None or _partitioned(table):
        return render.drop_member(member)
    if not isinstance(member, Built):
        return (
            () if _can_replace_in_place(member, after.get(member.ref), schemas) else (_gone(member),)
        )  # add_member drops it
    new = _counterpart(member, before, after)
    if new is not None and _can_build_beside(member, new, schemas):
        return (render.index(_index(new, _name_beside(new, schemas)), CONCURRENTLY), _gone(member))
    return render.drop_member(member) if _goes_before_its_successor(member, schemas) else (_gone(member),)


def _one_guard_at_a_time(old: Built | None, new: Built, schemas: Schemas) -> bool:
    """Whether the old guard against duplicates is dropped before ``new`` is built, both in one transaction."""
    if old is not None and old != new and guard(old) is not None and guard(new) is not None:
        return True
    return any(
        isinstance(item, Built) and _succeeded(item, new) and not _untouched(item.table, item.column_names(), schemas)
        for item in _only_in(schemas[0], schemas[1], new.table)
    )


def _goes_before_its_successor(old: Built, schemas: Schemas) -> bool:
    before, after = schemas
    return any(
        isinstance(new, Built)
        and _succeeded(old, new)
        and _one_guard_at_a_time(_counterpart(new, after, before), new, schemas)
        for new in _only_in(after, before, old.table)
    )


def _only_in(schema: Schema, other: Schema, table: Ref) -> list[Member]:
    members = [item for item in schema.members(table) if isinstance(item, Member)]
    return [item for item in members if not item.same_but_comment(other.get(item.ref))]


def _succeeded(old: Member, new: Member) -> bool:
    former, present = guard(old), guard(new)
    return former is not None and present is not None and present.succeeds(former)


def _gone(member: Member) -> str:
    if isinstance(member, Index):
        return f"DROP INDEX CONCURRENTLY {names.qualified(member.name or '', member.table.schema)}"
    (text,) = render.drop_member(member)
    return text


def alter_column(before: Column, after: Column, table: Ref, schemas: Schemas, server: Server) -> tuple[str, ...]:
    """Statements as by ``columns.alter``, but with NOT NULL proven by a CHECK that is validated first."""
    required = before.nullable and not after.nullable and not columns.recreated(before, after, server)
    if not required or _surviving_table(table, schemas) is None or (server.version and server.version < (12,)):
        return columns.alter(before, after, table, schemas, server)
    proven = set_not_null(after, table, schemas)
    if after.identity is not None and before.identity is None:  # ADD GENERATED requires NOT NULL
        return (*proven, *columns.alter(replace(before, nullable=False), after, table, schemas, server))
    return (*columns.alter(before, replace(after, nullable=True), table, schemas, server), *proven)


# -- constraints --------------------------------------------------------------------------------------------------


def _add_not_valid(member: Check | ForeignKey, swapped: bool) -> tuple[str, ...]:
    """ADD ... NOT VALID, which checks new rows, then VALIDATE for the old ones in a transaction of its own
    (``facts.analyze_file``).

    If ``swapped``, one ALTER TABLE drops the constraint of the same name and adds this one, so that no row is written
    without either.
    """
    named = frozenset((member.name or "",))
    added, *comments = render.add_member(member, named)
    if not not_valid(member):
        added = f"{added} NOT VALID"
        comments = [_validate(member.table, member.name or ""), *comments]
    if swapped:
        alter = f"ALTER TABLE {names.of(member.table)} "
        gone = f"DROP CONSTRAINT {names.quote(member.name or '')}"
        (added,) = columns.alter_table(member.table, [gone, added.removeprefix(alter)])
    return (added, *comments)


def _can_replace_in_place(old: Object | None, new: Object | None, schemas: Schemas) -> bool:
    """Whether one ALTER TABLE can replace a check or foreign key by the one of the same name: its columns and the key that
    it refers to stay."""
    if not isinstance(old, Check | ForeignKey) or not isinstance(new, Check | ForeignKey) or old == new:
        return False
    if not _is_kept(old, schemas):
        return False
    return not isinstance(old, ForeignKey) or (
        _untouched(old.ref_table, old.ref_columns, schemas)
        and all(key.same_but_comment(schemas[1].get(key.ref)) for key in _keys(old, schemas[0]))
    )


def _is_kept(member: Member, schemas: Schemas) -> bool:
    """Whether a member need not be dropped for other changes: its table exists before and after, and its columns keep their
    values."""
    table = _surviving_table(member.table, schemas)
    return table is not None and not _partitioned(table) and _untouched(member.table, member.column_names(), schemas)


def _untouched(table: Ref, column_names: tuple[str, ...], schemas: Schemas) -> bool:
    """Whether the table exists in both schemas and these columns keep their values and named types."""
    before, after = schemas
    old, new = before.get(table), after.get(table)
    if not isinstance(old, Table) or not isinstance(new, Table):
        return False
    if any(name in old.columns and old.columns[name].computed is not None for name in column_names):
        column_names = tuple(old.columns)  # generated from any of them
    return all(
        name in old.columns and name in new.columns and _same_values(old.columns[name], new.columns[name])
        for name in column_names
    ) and all(
        before.get(ref) == after.get(ref) for name in column_names if (ref := old.columns[name].type.ref) is not None
    )


def _keys(key: ForeignKey, schema: Schema) -> set[Member]:
    """Keys that the foreign key may depend on: those over exactly its referenced columns."""
    wanted = sorted(key.ref_columns)
    return {
        item
        for item in schema.members(key.ref_table)
        if (isinstance(item, Unique | PrimaryKey) and sorted(item.columns) == wanted)
        or (
            isinstance(item, Index)
            and item.unique
            and sorted(element.column or "" for element in item.elements) == wanted
        )
    }


def _validate(table: Ref, name: str) -> str:
    return f"ALTER TABLE {names.of(table)} VALIDATE CONSTRAINT {names.quote(name)}"


def set_not_null(column: Column, table: Ref, schemas: Schemas) -> tuple[str, ...]:
    """SET NOT NULL that needs no scan under its lock, because a validated CHECK proves it (since version 12)."""
    name = _unused(names.make_object_name(table.name, column.name, "set"), table, schemas)
    alter, proof = f"ALTER TABLE {names.of(table)}", names.quote(name)
    return (
        f"{alter} ADD CONSTRAINT {proof} CHECK ({names.quote(column.name)} IS NOT NULL) NOT VALID",
        _validate(table, name),
        f"{alter} ALTER COLUMN {names.quote(column.name)} SET NOT NULL",
        f"{alter} DROP CONSTRAINT {proof}",
    )


# -- indexes, unique constraints and primary keys -----------------------------------------------------------------


def _build_statements(member: Built, beside: str | None) -> tuple[str, ...]:
    """Build the index and make it the constraint; ``beside`` is the name of an index that is built already."""
    if isinstance(member, Index):
        if beside is None:
            return (render.index(member, CONCURRENTLY),)
        index_name = names.qualified(beside, member.table.schema)
        return (f"ALTER INDEX {index_name} RENAME TO {names.quote(member.name or '')}",)
    name = member.name or ""
    first = () if beside else (render.index(_index(member, name), CONCURRENTLY),)
    return (*first, f"ALTER TABLE {names.of(member.table)} ADD {render.using_index(member, beside or name)}")


def _index(member: Built, name: str) -> Index:
    """Index of a unique constraint or primary key, under another name."""
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


def _counterpart(member: Built, own: Schema, other: Schema) -> Built | None:
    """Index or key of the other schema that ``member`` replaces: the one of the same name, or for a primary key the one
    whose name ``own`` does not use."""
    built = [item for item in other.members(member.table) if isinstance(item, Built)]
    same_name = next((item for item in built if item.name == member.name), None)
    if same_name is not None or not isinstance(member, PrimaryKey):
        return same_name
    named = {item.ref.name for item in own.members(member.table) if isinstance(item, Built)}
    return next((item for item in built if isinstance(item, PrimaryKey) and item.name not in named), None)


def _can_build_beside(old: Built, new: Built, schemas: Schemas) -> bool:
    """Whether ``new`` can be built under another name while ``old`` exists: the columns of one of them keep their values."""
    if old == new or not _concurrently(new, schemas):
        return False
    return _is_kept(old, schemas) or _untouched(new.table, new.column_names(), schemas)


def _same_values(before: Column, after: Column) -> bool:
    return (before.type, before.collation, before.computed) == (after.type, after.collation, after.computed)


def _name_beside(member: Built, schemas: Schemas) -> str:
    return _unused(names.make_object_name(member.name or "", None, "new"), member.table, schemas)


# -- tables and names ---------------------------------------------------------------------------------------------


def _surviving_table(table: Ref, schemas: Schemas) -> Table | None:
    """The table after the change, if it exists before and after."""
    before, after = schemas
    standing = after.get(table)
    return standing if table in before and isinstance(standing, Table) else None


def _partitioned(table: Table) -> bool:
    """Whether a table is partitioned: it then allows neither CREATE INDEX CONCURRENTLY nor, before version 18, a NOT VALID
    foreign key."""
    return table.options.get("partition_by") is not None


def _unused(name: str, table: Ref, schemas: Schemas) -> str:
    """``name``, with a number if either schema uses it already; the same in both directions of the plan."""
    used = {ref.name for schema in schemas for ref in schema if ref.schema == table.schema}
    candidate, number = name, 0
    while candidate in used:
        number += 1
        candidate = f"{names.clip(name, names.MAX_BYTES - len(str(number)))}{number}"
    return candidate
