"""Enums and domains. New enum values, and a domain's default, NOT NULL and checks, are changed in place.

Every other change swaps the type: rename the old one, create the new one, convert the columns that use it, drop the old
one. Constraints, indexes and generated columns that stand in the way are dropped first and restored at the end.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.core.model import Column, CompositeType, Domain, Enum, Schema, Table
from dbwarden.core.types import DataType, Ref
from dbwarden.dialects.base.names import literal
from dbwarden.errors import Unsupported

from . import casts, columns, details, names, types
from .renderer import render

Named = Enum | Domain


def create(type_: Named) -> tuple[str, ...]:
    """CREATE TYPE ... AS ENUM or CREATE DOMAIN, with the comment."""
    if isinstance(type_, Enum):
        values = ", ".join(literal(value) for value in type_.values)
        text = f"CREATE TYPE {names.of(type_.ref)} AS ENUM ({values})"
        comments = () if type_.comment is None else (render.comment(f"TYPE {names.of(type_.ref)}", type_.comment),)
        return (text, *comments, *details.restored(type_))
    parts = [f"CREATE DOMAIN {names.of(type_.ref)} AS {types.sql(type_.type)}"]
    if type_.collation:
        parts.append(f"COLLATE {render.collation(type_.collation)}")
    if type_.default is not None:
        parts.append(f"DEFAULT {type_.default}")
    if not type_.nullable:
        parts.append("NOT NULL")
    for name, check in type_.checks:
        parts.append(f"CONSTRAINT {names.quote(name)} CHECK ({check})")
    comments = () if type_.comment is None else (render.comment(f"DOMAIN {names.of(type_.ref)}", type_.comment),)
    return (" ".join(parts), *comments, *details.restored(type_))


def drop(type_: Named) -> tuple[str, ...]:
    """DROP TYPE or DROP DOMAIN."""
    return (f"DROP {'TYPE' if isinstance(type_, Enum) else 'DOMAIN'} {names.of(type_.ref)}",)


def grows(before: Enum, after: Enum) -> bool:
    """Whether values are only added, and the existing ones keep their order."""
    values = iter(after.values)
    return all(value in values for value in before.values)


def swaps(before: object, after: object) -> bool:
    """Whether the change replaces the type by a new one."""
    if isinstance(before, Enum) and isinstance(after, Enum):
        return not grows(before, after)
    if isinstance(before, Domain) and isinstance(after, Domain):
        return before.type != after.type or before.collation != after.collation
    return False


def alter(before: Named, after: Named, schemas: tuple[Schema, Schema], online: bool = False) -> tuple[str, ...]:
    """Statements that turn ``before`` into ``after``; with ``online``, checks are added NOT VALID and then validated."""
    if swaps(before, after):
        return casts.zone_fixed(tuple(_swap(after, schemas)), _list_conversions(before, after, schemas))
    if isinstance(before, Enum) and isinstance(after, Enum):
        return tuple(_grow(before, after))
    assert isinstance(before, Domain) and isinstance(after, Domain)
    return tuple(_alter_domain(before, after, online))


def _grow(before: Enum, after: Enum) -> Iterator[str]:
    name, values = names.of(after.ref), list(before.values)
    for at, value in enumerate(after.values):
        if value in values:
            continue
        place = ""
        if at < len(values):
            place = f" BEFORE {literal(values[at])}"
        values.insert(at, value)
        yield f"ALTER TYPE {name} ADD VALUE {literal(value)}{place}"
    if before.comment != after.comment:
        yield render.comment(f"TYPE {name}", after.comment)


def _alter_domain(before: Domain, after: Domain, online: bool) -> Iterator[str]:
    name = f"ALTER DOMAIN {names.of(after.ref)}"
    if before.default != after.default:
        yield f"{name} DROP DEFAULT" if after.default is None else f"{name} SET DEFAULT {after.default}"
    if before.nullable != after.nullable:
        yield f"{name} {'DROP' if after.nullable else 'SET'} NOT NULL"
    gone = {check: expression for check, expression in before.checks if (check, expression) not in after.checks}
    fresh = {check: expression for check, expression in after.checks if (check, expression) not in before.checks}
    for check, expression in list(fresh.items()):
        former = next((old for old, other in gone.items() if other == expression and check not in gone), None)
        if former is not None:
            del gone[former], fresh[check]
            yield f"{name} RENAME CONSTRAINT {names.quote(former)} TO {names.quote(check)}"
    yield from (f"{name} DROP CONSTRAINT {names.quote(check)}" for check in gone)
    for check, expression in fresh.items():
        added = f"{name} ADD CONSTRAINT {names.quote(check)} CHECK ({expression})"
        yield f"{added} NOT VALID" if online else added
        if online:
            yield f"{name} VALIDATE CONSTRAINT {names.quote(check)}"
    if before.comment != after.comment:
        yield render.comment(f"DOMAIN {names.of(after.ref)}", after.comment)


def _swap(after: Named, schemas: tuple[Schema, Schema]) -> Iterator[str]:
    old = after.ref._replace(name=names.clip(after.name, 59) + "_old")
    word = "TYPE" if isinstance(after, Enum) else "DOMAIN"
    for other in schemas[1].objects():
        if isinstance(other, CompositeType | Domain) and after.ref in other.uses():
            reason = f"{other.ref} is made of it, and PostgreSQL changes neither in place"
            raise Unsupported(feature=f"this change of {after.ref}", dialect="PostgreSQL", reason=reason)
    used = list(_users(after.ref, schemas))
    in_the_way = [
        member
        for table, pairs in used
        for member in columns.bound_members(table, {column.name for column, _ in pairs}, schemas)
    ]
    restored: list[str] = []
    for member in in_the_way:
        yield from render.drop_member(member)
    yield f"ALTER {word} {names.of(after.ref)} RENAME TO {names.quote(old.name)}"
    yield from create(after)
    for table, pairs in used:
        generated = columns.generated_from(table, {column.name for column, _ in pairs}, schemas)
        actions = [f"DROP COLUMN {names.quote(column.name)}" for column in generated]
        actions += [action for column, wanted in pairs for action in _converted(column, wanted, after, schemas[0])]
        actions += [f"ADD COLUMN {render.column(column)}" for column in generated]
        yield from columns.alter_table(table, actions)
        restored += columns.restore_members(table, generated, schemas)
    yield f"DROP {word} {names.of(old)}"
    for member in in_the_way:
        restored += render.add_member(member)
    yield from dict.fromkeys(restored)


def _users(ref: Ref, schemas: tuple[Schema, Schema]) -> Iterator[tuple[Ref, list[tuple[Column, Column]]]]:
    """Columns of that type that exist before and after, by table."""
    before, after = schemas
    for table in before.tables():
        there = after.get(table.ref)
        if not isinstance(there, Table):
            continue
        pairs = [
            (column, there.columns[column.name])
            for column in table.columns.values()
            if column.type.ref == ref and column.name in there.columns
        ]
        if pairs:
            yield table.ref, pairs


def _list_conversions(
    before: Named, after: Named, schemas: tuple[Schema, Schema]
) -> Iterator[tuple[DataType, DataType]]:
    """Conversions of the columns of a domain whose base type changes."""
    if isinstance(before, Domain) and isinstance(after, Domain):
        for _, pairs in _users(after.ref, schemas):
            for old, new in pairs:
                yield schemas[0].base_type(old.type), schemas[1].base_type(new.type)


def _converted(before: Column, after: Column, named: Named, former: Schema) -> list[str]:
    column = f"ALTER COLUMN {names.quote(before.name)}"
    type_ = DataType(named.name, ref=named.ref, array=before.type.array)
    default = after.default if after.type.ref == named.ref else None
    using = f"{names.quote(before.name)}::text{'[]' if type_.array else ''}::{types.sql(type_)}"
    if isinstance(named, Domain):
        using = f"{names.quote(before.name)}::{types.sql(named.type)}{'[]' if type_.array else ''}::{types.sql(type_)}"
        zoned = (
            None if type_.array else casts.in_utc(names.quote(before.name), former.base_type(before.type), named.type)
        )
        using = zoned or using
    former_type = former.get(named.ref)
    assigned = (
        isinstance(former_type, Domain)
        and isinstance(named, Domain)
        and not casts.needs_using(former_type.type, named.type)
    )
    actions = [f"{column} TYPE {types.sql(type_)}" + ("" if assigned and not type_.array else f" USING {using}")]
    if before.default is not None or default is not None:
        actions.insert(0, f"{column} DROP DEFAULT")
    if default is not None:
        actions.append(f"{column} SET DEFAULT {default}")
    return actions
