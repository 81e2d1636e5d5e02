"""Statements that create the objects of a schema, in dependency order: for an empty database, or beside what exists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from dbwarden.errors import Irreversible, Unsupported

from . import kinds
from .called_names import called_names
from .cascade import with_replacements
from .change import Add, Drop
from .dialect import Dialect, Prefs
from .diff import diff
from .mentions import with_mentioned
from .model import Definition, Object, Schema, Sequence, Table
from .order import order
from .types import Ref


@dataclass(frozen=True, slots=True)
class Creation:
    """One object with what CREATE TABLE includes, and the statements that create it."""

    ref: Ref
    object: Object | None
    """``None`` if an existing object is altered."""
    statements: tuple[str, ...]
    refused: str = ""
    """Why the dialect cannot create it; there are no statements then."""


def creations(schema: Schema, dialect: Dialect, existing: Schema | None = None) -> tuple[Creation, ...]:
    """The steps that create what ``schema`` has and ``existing`` lacks, or alter it; nothing is dropped."""
    existing = existing if existing is not None else Schema()
    replaced = with_replacements(diff(existing, schema), dialect.replaces)
    changes = [change for change in replaced if not isinstance(change, Drop)]
    steps = []
    for change in dialect.regroup(order(changes), existing, schema):
        created = change.object if isinstance(change, Add) else None
        try:
            statements = dialect.ddl(change, existing, schema, Prefs(online=False))
        except Unsupported as error:
            steps.append(Creation(change.ref, created, (), error.message))
        except Irreversible as error:  # a partition whose printed definition is not complete
            steps.append(Creation(change.ref, created, (), error.reason))
        else:
            steps.append(Creation(change.ref, created, tuple(statements)))
    return tuple(steps)


def with_mentioned_needs(schema: Schema, dialect: Dialect) -> Schema:
    """``schema`` in which definitions also need what their texts name, if that closes no cycle with what they really need.

    No server reports what the body of a routine uses, but some read the body when they create it.
    """
    mentioned = with_mentioned(schema, dialect.lexical_rules)
    needs = {ref: {need.owner for need in needs_of(item)} | _container(ref) for ref, item in schema.items()}
    changed: dict[Ref, Object] = {}
    for ref, item in schema.items():
        named = mentioned.get(ref)
        if not isinstance(item, Definition) or not isinstance(named, Definition):
            continue
        # Of two definitions that name each other, the one that the schema has first is created first.
        added = {need for need in named.needs - item.needs if ref not in _reachable(need.owner, needs)}
        needs[ref] |= {need.owner for need in added}
        changed[ref] = replace(item, needs=item.needs | added)
    return Schema(changed.get(ref, item) for ref, item in schema.items())


def _container(ref: Ref) -> set[Ref]:
    return {ref.owner} - {ref}


def needs_of(item: Object) -> set[Ref]:
    """What must exist before an object with all its columns."""
    columns = item.columns.values() if isinstance(item, Table) else ()
    return {*item.uses()}.union(*(column.uses() for column in columns))


def _reachable(start: Ref, needs: Mapping[Ref, Iterable[Ref]]) -> set[Ref]:
    """``start`` and all that it needs, directly or through others."""
    reached, waiting = {start}, [start]
    while waiting:
        for ref in needs.get(waiting.pop(), ()):
            if ref not in reached:
                reached.add(ref)
                waiting.append(ref)
    return reached


def related(table: Ref, schema: Schema) -> set[Ref]:
    """The object with all that belongs to it: members, partitions with theirs, owned sequences, statistics of its columns."""
    refs = {table}
    item = schema.get(table)
    partitions = [part.ref for part in item.partitions] if isinstance(item, Table) else []
    for owner in (table, *partitions):
        refs |= {owner} | {member.ref for member in schema.members(owner)}
    for ref, other in schema.items():
        owned = isinstance(other, Sequence) and other.owned_by is not None and other.owned_by.owner == table
        attached = isinstance(other, Definition) and ref.table is None and other.attached
        if owned or (attached and isinstance(other, Definition) and table in {need.owner for need in other.needs}):
            refs.add(ref)
    return {ref for ref in refs if ref in schema}


def required(refs: Iterable[Ref], schema: Schema, dialect: Dialect) -> set[Ref]:
    """What the objects need, directly or through others, without themselves.

    A table among them comes with its keys, to which foreign keys may refer, and without anything else that belongs to it.
    """
    own = set(refs)
    mentioned, routines = with_mentioned_needs(schema, dialect), _routines(schema)
    needed, waiting = set[Ref](), list(own)
    while waiting:
        item = schema.get(ref := waiting.pop())
        if item is None:
            continue
        reads_late = kinds.of(ref.kind).is_routine or ref.kind == "trigger"  # no server tells what its body uses
        uses = {need.owner for need in needs_of((mentioned if reads_late else schema).get(ref) or item)}
        called = {routine for name in called_names(item) for routine in routines.get(name, ())}
        for need in uses | called | _referenced_keys(item, schema):
            if need in schema and need not in own and need not in needed:
                needed.add(need)
                waiting.append(need)
    return needed | {ref for ref in schema if ref.kind == "extension"} - own


def _routines(schema: Schema) -> dict[str, list[Ref]]:
    """Routines by their names in lower case, without arguments."""
    routines: dict[str, list[Ref]] = {}
    for ref in schema:
        if kinds.of(ref.kind).is_routine:
            routines.setdefault(ref.name.partition("(")[0].lower(), []).append(ref)
    return routines


def _referenced_keys(item: Object, schema: Schema) -> set[Ref]:
    """The keys of a table that another one needs."""
    if not isinstance(item, Table):
        return set()
    return {member.ref for member in schema.members(item.ref) if is_key(member)}


def is_key(member: Object) -> bool:
    """Whether a foreign key may refer to the columns of a member."""
    return member.kind in ("primary_key", "unique") or bool(getattr(member, "unique", False))
