"""Printers: (verb, kind of object) -> statements, as a careful DBA writes them."""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.core import serials
from dbwarden.core.change import Add, Alter, Change, Drop, Rename
from dbwarden.core.dialect import Prefs, Server
from dbwarden.core.model import (
    Column,
    Definition,
    Domain,
    Enum,
    Extension,
    Index,
    Member,
    Namespace,
    Object,
    Schema,
    Sequence,
    Table,
)
from dbwarden.core.options import Options
from dbwarden.core.types import Ref
from dbwarden.dialects.ansi import block, literal
from dbwarden.errors import Irreversible, Unsupported

from . import clauses, columns, definitions, enums, fills, names, online, types


def ddl(change: Change, before: Schema, after: Schema, prefs: Prefs, server: Server) -> tuple[str, ...]:
    """The statements of one change between two whole schemas, without trailing semicolons."""
    match change:
        case Add(object=Table() as table):
            return (*create_table(table, change.parts, before), *_partitions(table), *_owning(table.ref, after))
        case Drop(object=Table() as table):
            return (*_disowning(table.ref, before, after), *_drop(table))
        case Add(object=Column() as column, on=Ref() as table_ref):
            filled = change.ref in prefs.fills and not column.nullable
            added = fills.add(column, table_ref, (before, after), prefs) if filled else columns.add(column, table_ref)
            return (*added, *_owning(table_ref, after, column.name))
        case Drop(object=Column() as column, on=Ref() as table_ref):
            return (*_disowning(table_ref, before, after, column.name), *columns.drop(column, table_ref))
        case Add(object=Sequence() as sequence) if serials.has_owner(sequence, before):
            return (*_create(sequence), _owned(sequence))
        case Drop(object=Sequence() as sequence) if sequence.owned_by and not serials.has_owner(sequence, after):
            return ()  # goes with its column
        case Alter(before=Column() as old, after=Column() as new, on=Ref() as table_ref):
            if change.ref in prefs.fills:
                return fills.alter(old, new, table_ref, (before, after), (prefs, server))
            way = online.alter_column if prefs.online else columns.alter
            return way(old, new, table_ref, (before, after), server)
        case Add(object=Member() as member):
            if prefs.online:
                return online.add_member(member, (before, after), taken_names(before))
            return columns.add_member(member, taken_names(before))
        case Drop(object=Member() as member):
            return online.drop_member(member, (before, after)) if prefs.online else columns.drop_member(member)
        case Add(object=found):
            return _create(found)
        case Drop(object=found):
            return _drop(found)
        case Alter(before=old_object, after=new_object):
            return _alter(old_object, new_object, before, after, server)
        case Rename(old=old_ref, new=new_ref) if change.moves:
            what = f"{_RENAMED[old_ref.kind]} {names.of(old_ref)}"
            return (f"ALTER {what} SET SCHEMA {names.quote(new_ref.schema or server.default_schema or 'public')}",)
        case Rename(old=old_ref, new=new_ref):
            return _rename(old_ref, new_ref)
    raise TypeError(type(change).__name__)


def _partitions(table: Table) -> Iterator[str]:
    """The partitions that a dropped table had; without their rows, as the table itself."""
    lost = [what for partition in table.partitions for what in partition.lost]
    if lost:
        reason = f"its partitions would not come back as they are ({', '.join(lost)})"
        raise Irreversible(what=f"the drop of {table.ref}", reason=reason)
    for partition in table.partitions:
        yield from partition.sql


def _owning(table: Ref, after: Schema, column: str | None = None) -> Iterator[str]:
    """What ties sequences to a new column that owns them."""
    return map(_owned, after.owned_sequences(table, column))


def _owned(sequence: Sequence) -> str:
    owner = sequence.owned_by
    assert owner is not None
    table = Ref("table", owner.table or "", owner.schema)
    return f"ALTER SEQUENCE {names.of(sequence.ref)} OWNED BY {clauses.column_name(table, owner.name)}"


def _disowning(table: Ref, before: Schema, after: Schema, column: str | None = None) -> Iterator[str]:
    """What keeps sequences that stay from going with the column that owns them."""
    for found in before.owned_sequences(table, column):
        if found.ref in after:
            yield f"ALTER SEQUENCE {names.of(found.ref)} OWNED BY NONE"


def _create(found: Object) -> tuple[str, ...]:
    match found:
        case Enum() | Domain():
            return enums.create(found)
        case Sequence():
            kind = f" AS {types.sql(found.type)}" if found.type else ""
            return (f"CREATE SEQUENCE {names.of(found.ref)}{kind} {clauses.numbers(found.options)}".rstrip(),)
        case Namespace():
            text = f"CREATE SCHEMA {names.quote(found.name)}"
            if found.comment is None:
                return (text,)
            return (text, clauses.comment(f"SCHEMA {names.quote(found.name)}", found.comment))
        case Extension():
            schema = f" SCHEMA {names.quote(found.schema)}" if found.schema else ""
            return (f"CREATE EXTENSION IF NOT EXISTS {names.quote(found.name)}{schema}",)
        case Definition():
            return definitions.create(found)
    raise Unsupported(what=str(found.ref), dialect="PostgreSQL", reason=f"there is no CREATE for a {found.kind}")


def _drop(found: Object) -> tuple[str, ...]:
    match found:
        case Table():
            return (f"DROP TABLE {names.of(found.ref)}",)
        case Enum() | Domain():
            return enums.drop(found)
        case Sequence():
            return (f"DROP SEQUENCE {names.of(found.ref)}",)
        case Namespace():
            return (f"DROP SCHEMA {names.quote(found.name)}",)
        case Extension():
            return (f"DROP EXTENSION {names.quote(found.name)}",)
        case Definition():
            return definitions.drop(found)
    raise Unsupported(what=str(found.ref), dialect="PostgreSQL", reason=f"there is no DROP for a {found.kind}")


def _alter(old: Object, new: Object, before: Schema, after: Schema, server: Server) -> tuple[str, ...]:
    match old, new:
        case Table(), Table():
            return alter_table(old, new, server)
        case ((Enum() | Domain()), (Enum() | Domain())):
            return enums.alter(old, new, (before, after))
        case Sequence(), Sequence():
            kind = f" AS {types.sql(new.type) if new.type else 'BIGINT'}" if old.type != new.type else ""
            changed = f"ALTER SEQUENCE {names.of(new.ref)}{kind} {clauses.numbers(new.options, old.options)}".rstrip()
            return (*clauses.moved_inside(new.ref, new.options, old.options), changed)
        case Member(), Member():
            return (clauses.comment(clauses.member_title(new), getattr(new, "comment", None)),)
        case Namespace(), Namespace():
            return (clauses.comment(f"SCHEMA {names.quote(new.name)}", new.comment),)
        case Extension(), Extension():
            return (f"ALTER EXTENSION {names.quote(new.name)} SET SCHEMA {names.quote(new.schema or 'public')}",)
    raise Unsupported(what=str(new.ref), dialect="PostgreSQL", reason=f"there is no ALTER for a {new.kind}")


# -- tables -------------------------------------------------------------------------------------------------------


def create_table(table: Table, parts: tuple[Object, ...], before: Schema) -> tuple[str, ...]:
    """CREATE TABLE with its constraints, then its indexes and comments."""
    members = [part for part in parts if isinstance(part, Member)]
    # The server ignores NOT VALID inside CREATE TABLE: there are no rows that would have to be read.
    later = [part for part in members if columns.not_valid(part)]
    constraints = [part for part in members if not isinstance(part, Index) and part not in later]
    taken = taken_names(before)
    items = [clauses.column(column) for column in table.columns.values()]
    items += [clauses.constraint(part, taken) for part in constraints]
    word = "UNLOGGED TABLE" if table.options.get("unlogged") == "true" else "TABLE"
    found = [block(f"CREATE {word} {names.of(table.ref)} (", items) + _table_tail(table.options)]
    found += [clauses.index(part) for part in members if isinstance(part, Index)]
    found += [columns.add_constraint(part, taken) for part in later]
    if table.comment is not None:
        found.append(clauses.comment(f"TABLE {names.of(table.ref)}", table.comment))
    for column in table.columns.values():
        found += columns.extras(column, table.ref)
    for part in members:
        found += clauses.member_comment(part)
    return tuple(found)


def _table_tail(options: Options) -> str:
    if not options:
        return ""
    found = dict(options)
    parts = []
    if "inherits" in found:
        parts.append(f"INHERITS ({found['inherits']})")
    if "partition_by" in found:
        parts.append(f"PARTITION BY {found['partition_by']}")
    if "using" in found:
        parts.append(f"USING {names.quote(found['using'])}")
    if "with" in found:
        parts.append(f"WITH ({found['with']})")
    if "tablespace" in found:
        parts.append(f"TABLESPACE {names.quote(found['tablespace'])}")
    return "".join(f" {part}" for part in parts)


_last_taken: tuple[Schema | None, frozenset[str]] = (None, frozenset())


def taken_names(schema: Schema) -> frozenset[str]:
    """Names that the server would not choose again for a constraint; kept for the schema asked last."""
    global _last_taken
    held, found = _last_taken
    if held is not schema:
        found = frozenset(ref.name for ref, item in schema.items() if isinstance(item, Member | Table | Sequence))
        _last_taken = (schema, found)
    return found


def alter_table(before: Table, after: Table, server: Server) -> tuple[str, ...]:
    """What belongs to the table itself: storage, tablespace, logging, inheritance, comment."""
    actions: list[str] = []
    old, new = dict(before.options), dict(after.options)
    for key in ("partition_by", *(("using",) if server.version < (15,) else ())):
        if old.get(key) != new.get(key):
            reason = f"{key} of a table that exists cannot be changed: create a new table and copy the rows"
            raise Unsupported(what=str(after.ref), dialect="PostgreSQL", reason=reason)
    if old.get("using") != new.get("using"):
        actions.append(f"SET ACCESS METHOD {names.quote(new.get('using', 'heap'))}")
    actions += _storage(_pairs(old.get("with")), _pairs(new.get("with")))
    if old.get("tablespace") != new.get("tablespace"):
        actions.append(f"SET TABLESPACE {names.quote(new.get('tablespace', 'pg_default'))}")
    if old.get("unlogged") != new.get("unlogged"):
        actions.append("SET UNLOGGED" if new.get("unlogged") else "SET LOGGED")
    parents, wanted = _list(old.get("inherits")), _list(new.get("inherits"))
    actions += [f"NO INHERIT {parent}" for parent in parents if parent not in wanted]
    actions += [f"INHERIT {parent}" for parent in wanted if parent not in parents]
    found = [statement for action in actions for statement in columns.alter_table(after.ref, [action])]
    if before.comment != after.comment:
        found.append(clauses.comment(f"TABLE {names.of(after.ref)}", after.comment))
    return tuple(found)


def _list(text: str | None) -> list[str]:
    return [part.strip() for part in text.split(",")] if text else []


def _pairs(text: str | None) -> dict[str, str]:
    return dict(part.split("=", 1) for part in _list(text) if "=" in part)


def _storage(old: dict[str, str], new: dict[str, str]) -> list[str]:
    gone = [name for name in old if name not in new]
    changed = [f"{name}={value}" for name, value in new.items() if old.get(name) != value]
    found = [f"RESET ({', '.join(gone)})"] if gone else []
    return found + ([f"SET ({', '.join(changed)})"] if changed else [])


# -- names --------------------------------------------------------------------------------------------------------

_RENAMED = {
    "table": "TABLE", "index": "INDEX", "enum": "TYPE", "domain": "DOMAIN", "sequence": "SEQUENCE",
    "namespace": "SCHEMA", "view": "VIEW", "materialized_view": "MATERIALIZED VIEW",
}  # fmt: skip
CONSTRAINTS = ("primary_key", "unique", "check", "foreign_key", "exclude")
"""The kinds that ALTER TABLE ... RENAME CONSTRAINT is for."""


def _rename(old: Ref, new: Ref) -> tuple[str, ...]:
    table = names.qualified(old.table, old.schema) if old.table else ""
    if old.kind == "column":
        return (f"ALTER TABLE {table} RENAME COLUMN {names.quote(old.name)} TO {names.quote(new.name)}",)
    if old.kind == "enum_value":
        return (f"ALTER TYPE {table} RENAME VALUE {literal(old.name)} TO {literal(new.name)}",)
    if old.kind in _RENAMED:
        what = f"{_RENAMED[old.kind]} {names.of(old)}"
        return (f"ALTER {what} RENAME TO {names.quote(new.name)}",)
    if old.kind == "trigger":
        return (f"ALTER TRIGGER {names.quote(old.name)} ON {table} RENAME TO {names.quote(new.name)}",)
    if old.kind in CONSTRAINTS:
        return (f"ALTER TABLE {table} RENAME CONSTRAINT {names.quote(old.name)} TO {names.quote(new.name)}",)
    raise Unsupported(what=str(old), dialect="PostgreSQL", reason=f"a {old.kind} cannot be renamed")
