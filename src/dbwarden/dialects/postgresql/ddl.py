"""DDL of one change, by its verb (Add, Drop, Alter, Rename) and the kind of the object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from dbwarden.core import kinds, serials
from dbwarden.core.change import Add, Alter, Change, Drop, Rename
from dbwarden.core.dialect import Prefs, Server
from dbwarden.core.model import (
    Column,
    CompositeType,
    Definition,
    Domain,
    Enum,
    Extension,
    Member,
    Namespace,
    Object,
    Partition,
    Schema,
    Sequence,
    Table,
)
from dbwarden.core.partitions import as_table, partition_named
from dbwarden.core.types import Ref
from dbwarden.dialects.base.names import literal
from dbwarden.errors import Unsupported

from . import (
    columns,
    composites,
    default_privileges,
    definitions,
    details,
    enums,
    fills,
    foreign,
    names,
    online,
    owners,
    partitions,
    privileges,
    publications,
    roles,
    sequence_options,
    types,
)
from .renderer import render, taken_names


def ddl(change: Change, before: Schema, after: Schema, prefs: Prefs, server: Server) -> tuple[str, ...]:
    """Statements of one change between two whole schemas, without trailing semicolons. Raises as ``SchemaDialect.ddl``."""
    if foreign.concerns(change, before, after):
        return foreign.statements(change, _ddl(change, before, after, replace(prefs, online=False), server))
    return _ddl(change, before, after, prefs, server)


def _ddl(change: Change, before: Schema, after: Schema, prefs: Prefs, server: Server) -> tuple[str, ...]:
    match change:
        case Add(object=Table() as table) if partition_named(before, table.ref):
            return ()  # it was detached
        case Drop(object=Table() as table) if partition_named(after, table.ref):
            return ()  # it is attached
        case Add(object=Partition() as partition) if as_table(partition.ref) in before:
            return partitions.attach(partition)
        case Drop(object=Partition() as partition, on=Ref() as table_ref) if as_table(partition.ref) in after:
            return partitions.detach(partition, table_ref, (before, after))
        case Add(object=Table() as table):
            created = render.statements(change, before, after)
            created = (*created, *(sql for item in table.partitions for sql in partitions.create(item)))
            secured = (columns.alter_table(table.ref, [action]) for action in _row_security({}, dict(table.options)))
            return (*created, *(sql for sqls in secured for sql in sqls), *_owning(table.ref, after))
        case Add(object=Partition() as partition, on=Ref() as table_ref):
            beside = prefs.online and _stays(partition.of, table_ref, before)
            return tuple(partitions.create_beside(partition, server) if beside else partitions.create(partition))
        case Drop(object=Partition() as partition, on=Ref() as table_ref):
            return partitions.drop(partition, table_ref, (before, after), prefs.online and server.version >= (14,))
        case Alter(before=Partition() as former, after=Partition() as partition, on=Ref() as table_ref):
            partitions.ensure_same_key(former, partition)
            altered = alter_table(partitions.as_table(former), partitions.as_table(partition), server)
            return (*partitions.move(partition, table_ref, (before, after)), *altered)
        case Drop(object=Table() as table):
            return (*_detach_sequences(table.ref, before, after), *render.statements(change, before, after))
        case Add(object=Column() as column, on=Ref() as table_ref):
            filled = change.ref in prefs.fills and not column.nullable
            added = (
                fills.add(column, table_ref, (before, after), prefs) if filled else render.add_column(column, table_ref)
            )
            return (*added, *_owning(table_ref, after, column.name))
        case Drop(object=Column() as column, on=Ref() as table_ref):
            return (*_detach_sequences(table_ref, before, after, column.name), *render.drop_column(column, table_ref))
        case Add(object=Sequence() as sequence) if serials.has_owner(sequence, before):
            return (*_create(sequence), _owned_by_clause(sequence))
        case Drop(object=Sequence() as sequence) if sequence.owned_by and not serials.has_owner(sequence, after):
            return ()  # goes with its column
        case Alter(before=Column() as old, after=Column() as new, on=Ref() as table_ref):
            if change.ref in prefs.fills:
                return fills.alter(old, new, table_ref, (before, after), (prefs, server))
            way = online.alter_column if prefs.online else columns.alter
            altered = way(old, new, table_ref, (before, after), server)
            return altered if old.type == new.type else (*altered, *_statistics_again(new.name, table_ref, after))
        case Add(object=Member() as member) if prefs.online:
            return online.add_member(member, (before, after), taken_names(before))
        case Drop(object=Member() as member) if prefs.online:
            return online.drop_member(member, (before, after))
        case Alter(before=Domain() as old_domain, after=Domain() as new_domain) if prefs.online:
            return enums.alter(old_domain, new_domain, (before, after), online=True)
        case Add(object=Enum() | Domain() | CompositeType() | Sequence() | Namespace() | Extension() as created):
            return _create(created)
        case Drop(object=Enum() | Domain() | CompositeType() | Sequence() | Namespace() | Extension() as dropped):
            return _drop(dropped)
        case Drop(object=Definition() as member) if publications.goes_with_publication(member, after):
            return ()
        case Add(object=Definition(kind="grant") as granted):
            given = default_privileges.given_to_new(privileges.privilege_set(granted), (before, after), server)
            return privileges.change(None, granted, (before, after), server, given)
        case Drop(object=Definition(kind="grant") as granted):
            return privileges.change(granted, None, (before, after), server)
        case Alter(before=Definition(kind="grant") as old_grant, after=Definition() as new_grant):
            return privileges.change(old_grant, new_grant, (before, after), server)
        case Add(object=Definition() as begun) if begun.kind in _RIGHTS:
            return _RIGHTS[begun.kind](None, begun, (before, after))
        case Drop(object=Definition() as ended) if ended.kind in _RIGHTS:
            return _RIGHTS[ended.kind](ended, None, (before, after))
        case Alter(before=Definition() as old_right, after=Definition() as new_right) if new_right.kind in _RIGHTS:
            return _RIGHTS[new_right.kind](old_right, new_right, (before, after))
        case Alter(before=Definition() as old_definition, after=Definition() as new_definition):
            return definitions.alter(old_definition, new_definition)
        case Alter(before=old_object, after=new_object):
            return _alter(old_object, new_object, before, after, server)
        case Rename(old=old_ref, new=new_ref) if change.moves:
            return (render.move(old_ref, new_ref, server.default_schema),)
    return render.statements(change, before, after)


def _statistics_again(column: str, table: Ref, after: Schema) -> Iterator[str]:
    """Owner and target of the extended statistics of a column whose type changes: PostgreSQL creates them again for whoever changes
    it (``ATPostAlterTypeCleanup`` in src/backend/commands/tablecmds.c), and keeps their comments."""
    for item in after.members(table):
        if isinstance(item, Definition) and item.kind == "statistics" and names.quote(column) in item.sql.text:
            yield from (text for text in item.dependents if text.startswith("ALTER STATISTICS"))
            owned = owners.definition(item.ref, "")
            if isinstance(owner := after.get(owned.ref), Definition):
                yield owner.sql.text


_RIGHTS = {
    default_privileges.KIND: default_privileges.change,
    "membership": roles.change_membership,
    owners.KIND: owners.change,
}
"""Statements from one set to another, by kind."""


def _stays(parent: Ref, table: Ref, before: Schema) -> bool:
    """Whether the parent of a new partition exists before the change."""
    former = before.get(table)
    return isinstance(former, Table) and (parent == table or any(item.ref == parent for item in former.partitions))


def _owning(table: Ref, after: Schema, column: str | None = None) -> Iterator[str]:
    """Attach sequences to the new columns that own them."""
    return map(_owned_by_clause, after.owned_sequences(table, column))


def _owned_by_clause(sequence: Sequence) -> str:
    owner = sequence.owned_by
    assert owner is not None
    table = Ref("table", owner.table or "", owner.schema)
    return f"ALTER SEQUENCE {names.of(sequence.ref)} OWNED BY {render.column_path(table, owner.name)}"


def _detach_sequences(table: Ref, before: Schema, after: Schema, column: str | None = None) -> Iterator[str]:
    """Detach sequences that stay from their column, which is dropped; those that another column has already are detached."""
    for sequence in before.owned_sequences(table, column):
        remaining = after.get(sequence.ref)
        if isinstance(remaining, Sequence) and all(serials.has_owner(remaining, schema) for schema in (after, before)):
            yield _owned_by_clause(remaining)
        elif remaining is not None:
            yield f"ALTER SEQUENCE {names.of(sequence.ref)} OWNED BY NONE"


def _create(item: Object) -> tuple[str, ...]:
    match item:
        case Enum() | Domain():
            return enums.create(item)
        case Sequence():
            kind = f" AS {types.sql(item.type)}" if item.type else ""
            created = f"CREATE SEQUENCE {names.of(item.ref)}{kind} {sequence_options.sql(item.options)}".rstrip()
            comments = (_sequence_comment(item),) if item.comment is not None else ()
            return (created, *comments, *details.restored(item))
        case CompositeType():
            return composites.create(item)
        case Namespace():
            text = f"CREATE SCHEMA {names.quote(item.name)}"
            if item.comment is None:
                return (text,)
            return (text, render.comment(f"SCHEMA {names.quote(item.name)}", item.comment))
        case Extension():
            schema = f" SCHEMA {names.quote(item.schema)}" if item.schema else ""
            version = f" VERSION {literal(item.version)}" if item.version else ""
            created = f"CREATE EXTENSION IF NOT EXISTS {names.quote(item.name)}{schema}{version}"
            return (created, _extension_comment(item, item.comment)) if item.comment is not None else (created,)
    raise Unsupported(
        feature=str(item.ref), dialect="PostgreSQL", reason=f"there is no CREATE for {kinds.a(item.kind)}"
    )


def _drop(item: Object) -> tuple[str, ...]:
    match item:
        case Enum() | Domain():
            return enums.drop(item)
        case CompositeType():
            return composites.drop(item)
        case Sequence():
            return (f"DROP SEQUENCE {names.of(item.ref)}",)
        case Namespace():
            return (f"DROP SCHEMA {names.quote(item.name)}",)
        case Extension():
            return (f"DROP EXTENSION {names.quote(item.name)}",)
    raise Unsupported(feature=str(item.ref), dialect="PostgreSQL", reason=f"there is no DROP for {kinds.a(item.kind)}")


def _alter(old: Object, new: Object, before: Schema, after: Schema, server: Server) -> tuple[str, ...]:
    match old, new:
        case Table(), Table():
            return alter_table(old, new, server)
        case ((Enum() | Domain()), (Enum() | Domain())):
            return enums.alter(old, new, (before, after))
        case CompositeType(), CompositeType():
            return composites.alter(old, new, (before, after))
        case Sequence(), Sequence():
            return tuple(_alter_sequence(old, new, before, after))
        case Member(), Member():
            return (render.comment(render.member_title(new), getattr(new, "comment", None)),)
        case Namespace(), Namespace():
            return (render.comment(f"SCHEMA {names.quote(new.name)}", new.comment),)
        case Extension(), Extension() if old.comment != new.comment:
            usual = old.default_comment or new.default_comment
            return (_extension_comment(new, new.comment if new.comment is not None else usual),)
        case Extension(), Extension():
            return (f"ALTER EXTENSION {names.quote(new.name)} SET SCHEMA {names.quote(new.schema or 'public')}",)
    raise Unsupported(feature=str(new.ref), dialect="PostgreSQL", reason=f"there is no ALTER for {kinds.a(new.kind)}")


def _extension_comment(item: Extension, comment: str | None) -> str:
    return render.comment(f"EXTENSION {names.quote(item.name)}", comment)


def _alter_sequence(old: Sequence, new: Sequence, before: Schema, after: Schema) -> Iterator[str]:
    """Its numbers, its owner, unless that column is created or dropped, which attaches and detaches it, and its comment."""
    kind = f" AS {types.sql(new.type) if new.type else 'BIGINT'}" if old.type != new.type else ""
    changed = f"{kind} {sequence_options.sql(new.options, old.options)}".rstrip()
    if changed:
        yield from sequence_options.move_into_bounds(new.ref, new.options, old.options)
        yield f"ALTER SEQUENCE {names.of(new.ref)}{changed}"
    if old.owned_by != new.owned_by and new.owned_by is None and serials.has_owner(old, after):
        yield f"ALTER SEQUENCE {names.of(new.ref)} OWNED BY NONE"
    elif old.owned_by != new.owned_by and serials.has_owner(new, before):
        yield _owned_by_clause(new)
    if old.comment != new.comment:
        yield _sequence_comment(new)


def _sequence_comment(item: Sequence) -> str:
    return render.comment(f"SEQUENCE {names.of(item.ref)}", item.comment)


# -- tables -------------------------------------------------------------------------------------------------------


def alter_table(before: Table, after: Table, server: Server) -> tuple[str, ...]:
    """Changes of the table itself: storage, tablespace, logging, inheritance, comment. Raises ``Unsupported``."""
    actions: list[str] = []
    old, new = dict(before.options), dict(after.options)
    if old.get("server") != new.get("server"):
        raise Unsupported(feature=str(after.ref), dialect="PostgreSQL", reason=foreign.OTHER_SERVER)
    for key in ("partition_by", *(("using",) if server.version < (15,) else ())):
        if old.get(key) != new.get(key):
            reason = f"{key} of a table that exists cannot be changed: create a new table and copy the rows"
            raise Unsupported(feature=str(after.ref), dialect="PostgreSQL", reason=reason)
    if old.get("using") != new.get("using"):
        actions.append(f"SET ACCESS METHOD {names.quote(new.get('using', 'heap'))}")
    actions += _storage(_pairs(old.get("with")), _pairs(new.get("with")))
    if old.get("tablespace") != new.get("tablespace"):
        actions.append(f"SET TABLESPACE {names.quote(new.get('tablespace', 'pg_default'))}")
    if old.get("unlogged") != new.get("unlogged"):
        actions.append("SET UNLOGGED" if new.get("unlogged") else "SET LOGGED")
    actions += _row_security(old, new)
    parents, wanted = _list(old.get("inherits")), _list(new.get("inherits"))
    actions += [f"NO INHERIT {parent}" for parent in parents if parent not in wanted]
    actions += [f"INHERIT {parent}" for parent in wanted if parent not in parents]
    actions += filter(None, (foreign.table_changes(old, new),))
    statements = [statement for action in actions for statement in columns.alter_table(after.ref, [action])]
    if before.comment != after.comment:
        statements.append(render.comment(f"TABLE {names.of(after.ref)}", after.comment))
    return tuple(statements)


def _row_security(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    """ENABLE and FORCE ROW LEVEL SECURITY, and their opposites."""
    for key, on, off in (
        ("row_level_security", "ENABLE", "DISABLE"),
        ("force_row_level_security", "FORCE", "NO FORCE"),
    ):
        if old.get(key) != new.get(key):
            yield f"{on if new.get(key) == 'true' else off} ROW LEVEL SECURITY"


def _list(text: str | None) -> list[str]:
    return [part.strip() for part in text.split(",")] if text else []


def _pairs(text: str | None) -> dict[str, str]:
    return dict(part.split("=", 1) for part in _list(text) if "=" in part)


def _storage(old: dict[str, str], new: dict[str, str]) -> list[str]:
    gone = [name for name in old if name not in new]
    changed = [f"{name}={value}" for name, value in new.items() if old.get(name) != value]
    actions = [f"RESET ({', '.join(gone)})"] if gone else []
    return actions + ([f"SET ({', '.join(changed)})"] if changed else [])
