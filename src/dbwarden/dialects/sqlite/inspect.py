"""Inspection of a database: parses the CREATE texts in ``sqlite_schema``, which one query reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from dbwarden.core.dialect import OWN_PREFIX, Connection, Scope
from dbwarden.core.model import Check, Definition, ForeignKey, Index, Member, Object, PrimaryKey, Schema, Table
from dbwarden.core.own_tables import without_own
from dbwarden.core.sqltext import fold_case
from dbwarden.core.types import Ref
from dbwarden.dialects.base.catalog import catalog_query
from dbwarden.errors import Unsupported

from . import virtual_tables
from .canonical import canonical
from .grammar import read_index, read_table, words_of
from .words import expression, mentioned_words

Row = tuple[str, str, str, str]


def inspect(conn: Connection, scope: Scope) -> Schema:
    """Canonical schema of the main database; attached databases are not read, virtual tables are definitions.

    Raises ``Unsupported`` for any namespace but ``main``.
    """
    for namespace in scope.schemas:
        refuse_namespace(namespace)
    rows = [row for row in conn.query(catalog_query(__package__, "schema")) if not row[2].startswith(OWN_PREFIX)]
    return canonical(without_own(Schema(_objects(rows, scope.definitions))))


def refuse_namespace(namespace: str | None) -> None:
    """Raise ``Unsupported`` for any namespace but ``main``: SQLite has attached databases instead of schemas."""
    if namespace not in (None, "main"):
        raise Unsupported(
            feature=f"schema {namespace!r}",
            dialect="SQLite",
            reason="a database file has no schemas",
            hint="Remove schema= from the model, or configure the attached file as a database of its own.",
        )


def _objects(rows: Sequence[Any], definitions: bool) -> Iterator[Object]:
    modules = virtual_tables.modules(rows)
    skipped = modules.keys() | virtual_tables.shadows(modules)
    tables: dict[str, Table] = {}
    members: list[Member] = []
    for kind, name, _, sql in rows:
        if kind == "table" and name not in skipped:
            table, table_members = _table(name, sql)
            tables[name] = table
            members += table_members
    yield from tables.values()
    yield from _resolved(tables, members)
    for kind, name, on, sql in rows:
        on = _spelled(tables, on)
        if kind == "index" and on in tables:
            yield _index(tables[on], name, sql)
    if definitions:
        others = virtual_tables.definitions(rows, modules)
        yield from _definitions(rows, tables, others)
        yield from others


def _table(name: str, sql: str) -> tuple[Table, list[Member]]:
    text = read_table(sql)
    table = Table.of(name, text.columns, options=text.options)
    return table, [_assign_table(member, table) for member in text.members]


def _assign_table(member: Any, table: Table) -> Member:
    """Assign a member to its table; its columns get the case of the table's columns."""
    if isinstance(member, Check):
        return replace(member, table=table.ref, columns=_mentions(table, mentioned_words(member.expression.text)))
    columns = tuple(_spelled(table.columns, column) for column in member.columns)
    return replace(member, table=table.ref, columns=columns)  # type: ignore[no-any-return]


def _mentions(table: Table, words: frozenset[str]) -> tuple[str, ...]:
    return tuple(column for column in table.columns if fold_case(column) in words) if words else ()


def _spelled(known: Mapping[str, object], name: str) -> str:
    """``name`` in the case of the equal name in ``known``; SQLite ignores case."""
    if name in known:
        return name
    return next((other for other in known if fold_case(other) == fold_case(name)), name)


def _resolved(tables: Mapping[str, Table], members: Sequence[Member]) -> Iterator[Member]:
    """Complete foreign keys: table and columns get the case of their declaration; missing columns mean the primary key."""
    keys = {member.table.name: member.columns for member in members if isinstance(member, PrimaryKey)}
    for member in members:
        if not isinstance(member, ForeignKey):
            yield member
            continue
        there = _spelled(tables, member.ref_table.name)
        columns = member.ref_columns or keys.get(there, ())
        if there in tables:
            columns = tuple(_spelled(tables[there].columns, column) for column in columns)
        if there == member.ref_table.name and columns == member.ref_columns:
            yield member
        else:
            yield replace(member, ref_table=Ref("table", there), ref_columns=columns)


def _index(table: Table, name: str, sql: str) -> Index:
    index = read_index(sql, name)
    elements = tuple(
        replace(element, column=_spelled(table.columns, element.column)) if element.column else element
        for element in index.elements
    )
    return replace(index, table=table.ref, elements=elements, columns=_mentions(table, words_of(index)))


def _definitions(
    rows: Sequence[Row], tables: Mapping[str, Table], others: Iterable[Definition]
) -> Iterator[Definition]:
    """Views and triggers, with the tables, views and ``others`` that their texts mention as dependencies."""
    views = {name: Ref("view", name) for kind, name, _, _ in rows if kind == "view"}
    known = {fold_case(item.name): item.ref for item in others}
    known.update((fold_case(name), ref) for name, ref in views.items())
    known.update((fold_case(name), table.ref) for name, table in tables.items())
    for kind, name, on, sql in rows:
        if kind not in ("view", "trigger"):
            continue
        needs = frozenset(known[word] for word in mentioned_words(sql) if word in known and word != fold_case(name))
        # tbl_name has the case in which the trigger was written.
        target = known.get(fold_case(on), Ref("table", on)) if kind == "trigger" else None
        yield Definition(kind, name, expression(sql), on=target, needs=needs)
