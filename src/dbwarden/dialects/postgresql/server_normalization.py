"""Normalising expressions on the server, for those that ``expression.key`` cannot compare.

1. For each table in question, make statements that create a temporary copy with the columns' types, and add its defaults,
   generated columns, checks and indexes one by one (``_temporary_copies``).
2. Run all of them as one DO block in a transaction. Each has its own exception block, so that one that the server refuses
   does not hide the others (``attempts``).
3. Inspect the temporary schema: the server prints the expressions in its own form.
4. Roll back.
5. Give the desired expressions the keys of the printed ones (``_normalized``); their texts stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from dbwarden.core import kinds
from dbwarden.core.dialect import Connection, Scope, Server
from dbwarden.core.model import (
    Check,
    Column,
    Computed,
    Definition,
    Domain,
    Exclude,
    Index,
    Member,
    Object,
    Partition,
    Schema,
    Table,
)
from dbwarden.core.options import NO_OPTIONS
from dbwarden.core.types import Expression, Ref

from . import canonical, enums, inspect, names, types
from .attempts import attempts
from .definition_normalization import normalize_definitions
from .renderer import render


@dataclass(slots=True)
class _TemporaryCopy:
    """Temporary copy of a table or domain; ``members`` and ``partitions`` are the originals by the name of their copy."""

    name: str
    item: Table | Domain
    statements: list[str] = field(default_factory=list)
    members: dict[str, Member] = field(default_factory=dict)
    partitions: dict[str, Ref] = field(default_factory=dict)


def normalize_on_server(
    conn: Connection, current: Schema, desired: Schema, refs: Iterable[Ref], server: Server
) -> Schema:
    """``desired`` with the keys of the expressions in ``refs`` as this server prints them. Raises ``DatabaseError``."""
    refs = tuple(refs)
    items = (desired.get(ref) for ref in refs)
    declared = [item for item in items if isinstance(item, Definition) and not kinds.of(item.kind).is_right]
    if declared:
        desired = normalize_definitions(conn, declared, desired, server)
    copies = list(_temporary_copies(current, desired, refs))
    if not copies:
        return desired
    normalized: dict[Ref, Object] = {}
    conn.begin()
    try:
        conn.execute(attempts(text for copy in copies for text in copy.statements))
        rows = conn.query("SELECT nspname::text FROM pg_catalog.pg_namespace WHERE oid = pg_my_temp_schema()")
        if rows:
            scope = Scope((str(rows[0][0]),), definitions=False)
            printed = canonical.canonical(Schema(inspect.read(conn, scope, server)), server)
            normalized = {item.ref: item for copy in copies for item in _normalized(copy, printed, str(rows[0][0]))}
    finally:
        conn.rollback()
    return Schema(normalized.get(ref, item) for ref, item in desired.items()) if normalized else desired


# -- building -----------------------------------------------------------------------------------------------------


def _temporary_copies(current: Schema, desired: Schema, refs: Iterable[Ref]) -> Iterator[_TemporaryCopy]:
    used: set[str] = set()
    for ref in refs:
        item = desired.get(ref)
        if not isinstance(item, Table | Domain):
            continue
        name = item.name if item.name not in used and not item.name.startswith("dbwarden_") else f"settle_{len(used)}"
        used.add(name)
        copy = _TemporaryCopy(name, item)
        if isinstance(item, Domain):
            temporary = replace(item, schema="pg_temp", name=name)
            copy.statements += enums.create(temporary)
        else:
            _build(copy, item, current, desired)
        yield copy


def _build(copy: _TemporaryCopy, table: Table, current: Schema, desired: Schema) -> None:
    where = names.qualified(copy.name, "pg_temp")
    usable = [column for column in table.columns.values() if _exists(column, current)]
    plain = [_bare_column(column) for column in usable if column.computed is None]
    copy.statements.append(f"CREATE TEMPORARY TABLE {names.quote(copy.name)} ({', '.join(plain)})")
    for column in usable:
        name = names.quote(column.name)
        if column.computed is not None:
            copy.statements.append(f"ALTER TABLE {where} ADD COLUMN {render.column(replace(column, nullable=True))}")
        elif column.default is not None:
            copy.statements.append(f"ALTER TABLE {where} ALTER COLUMN {name} SET DEFAULT {column.default}")
    if any(item.declared for item in table.partitions):
        _build_partitions(copy, table, plain)
    for member in desired.members(table.ref):
        if isinstance(member, Check | Index | Exclude):
            _add(copy, member)


def _build_partitions(copy: _TemporaryCopy, table: Table, plain: list[str]) -> None:
    """Add a partitioned copy without rows whose partitions have the declared bounds."""
    parent = f"settle_{copy.name[:40]}_parts"
    copies = {table.ref: parent}
    copy.statements.append(
        f"CREATE TEMPORARY TABLE {names.quote(parent)} ({', '.join(plain)}) PARTITION BY {table.options.get('partition_by')}"
    )
    for number, item in enumerate(table.partitions):
        name = copies[item.ref] = f"{parent}{number}"
        copy.partitions[name] = item.ref
        above, key = copies.get(item.of), item.options.get("partition_by")
        if above is not None:
            divided = f" PARTITION BY {key}" if key else ""
            copy.statements.append(
                f"CREATE TEMPORARY TABLE {names.quote(name)} PARTITION OF {names.qualified(above, 'pg_temp')}"
                f" {item.bounds}{divided}"
            )


def _exists(column: Column, current: Schema) -> bool:
    return column.type.ref is None or column.type.ref in current


def _bare_column(column: Column) -> str:
    text = f"{names.quote(column.name)} {types.sql(column.type)}"
    return f"{text} COLLATE {render.collation(column.collation)}" if column.collation else text


def _add(copy: _TemporaryCopy, member: Any) -> None:
    if (
        isinstance(member, Index)
        and member.where is None
        and all(element.expression is None for element in member.elements)
    ):
        return
    name = f"settle_{copy.name[:40]}_{len(copy.members)}"
    copy.members[name] = member
    table = Ref("table", copy.name, "pg_temp")
    temporary = replace(member, table=table, name=name, comment=None, implicit=False)
    if isinstance(temporary, Index):
        copy.statements.append(render.index(replace(temporary, options=NO_OPTIONS)))
    else:
        copy.statements.append(f"ALTER TABLE {names.of(table)} ADD {render.constraint(temporary)}")


# -- reading back -------------------------------------------------------------------------------------------------


def _normalized(copy: _TemporaryCopy, printed: Schema, schema: str) -> Iterator[Object]:
    if isinstance(copy.item, Domain):
        printed_domain = printed.get(Ref("domain", copy.name, schema))
        if isinstance(printed_domain, Domain):
            yield _domain(copy.item, printed_domain)
        return
    table = Ref("table", copy.name, schema)
    printed_table = printed.get(table)
    if not isinstance(printed_table, Table):
        return
    columns = {
        name: _column(column, printed_table.columns[name]) if name in printed_table.columns else column
        for name, column in copy.item.columns.items()
    }
    yield replace(copy.item, columns=columns, partitions=_partitions(copy, copy.item, printed))
    for name, member in copy.members.items():
        read = printed.get(Ref(member.kind, name, schema, copy.name))
        if read is not None:
            yield _member(member, read)


def _partitions(copy: _TemporaryCopy, table: Table, printed: Schema) -> tuple[Partition, ...]:
    if not copy.partitions:
        return table.partitions
    read = {copy.partitions[item.name]: item for other in printed.tables() for item in other.partitions
            if item.name in copy.partitions}  # fmt: skip
    return tuple(
        replace(item, bounds=replace(item.bounds, key=read[item.ref].bounds.key)) if item.ref in read else item
        for item in table.partitions
    )


def _with_printed_key(mine: Expression | None, printed: Expression | None) -> Expression | None:
    return replace(mine, key=printed.key) if mine is not None and printed is not None else mine


def _domain(mine: Domain, printed: Domain) -> Domain:
    read = dict(printed.checks)
    checks = tuple((name, _with_printed_key(check, read.get(name)) or check) for name, check in mine.checks)
    return replace(mine, default=_with_printed_key(mine.default, printed.default), checks=checks)


def _column(mine: Column, printed: Column) -> Column:
    if mine.computed is not None and printed.computed is not None:
        expression = replace(mine.computed.expression, key=printed.computed.expression.key)
        return replace(mine, computed=Computed(expression, mine.computed.stored))
    return replace(mine, default=_with_printed_key(mine.default, printed.default)) if mine.default is not None else mine


def _member(mine: Any, printed: Any) -> Member:
    if isinstance(mine, Check):
        expression = replace(mine.expression, key=printed.expression.key)
        return replace(mine, expression=expression, columns=printed.columns)
    where = _with_printed_key(mine.where, printed.where)
    if isinstance(mine, Index):
        pairs = zip(mine.elements, printed.elements, strict=True)
        elements = tuple(
            replace(element, expression=_with_printed_key(element.expression, printed_element.expression))
            for element, printed_element in pairs
        )
        return replace(mine, elements=elements, where=where, columns=printed.columns)
    excluded: Exclude = mine
    both = zip(excluded.elements, printed.elements, strict=True)
    keyed = (
        (replace(element, expression=_with_printed_key(element.expression, printed_element.expression)), word)
        for (element, word), (printed_element, _) in both
    )
    return replace(excluded, elements=tuple(keyed), where=where)
