"""Diagrams as DBML, the language of dbdiagram.io and dbdocs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dbwarden.core.diagram import (
    ChangeMark,
    Diagram,
    DiagramColumn,
    DiagramMember,
    DiagramObject,
    DiagramRelation,
    DiagramTable,
    Fate,
)
from dbwarden.core.types import Ref

_PLAIN_TYPE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\(\d+(, ?\d+)*\))?(\[\])*")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_ACTIONS = {"cascade", "restrict", "set null", "set default"}
_COLORS = {ChangeMark.ADDED: "#13703f", ChangeMark.DROPPED: "#b42b21", ChangeMark.CHANGED: "#875600"}


def dbml(diagram: Diagram) -> str:
    """The diagram as DBML: tables with columns, keys, indexes and checks, enumerations, and relations.

    DBML has no views, triggers or tables without columns: they stand in comments. What changes is named in notes.
    """
    enums = (_enum(item) for item in diagram.objects if item.values)
    tables = ("\n".join(_table(table)) for table in diagram.tables if _is_sayable(table))
    of_tables = {table.ref for table in diagram.tables if _is_sayable(table)}
    refs = (_ref(item) for item in diagram.relations if item.columns and {item.table, item.target} <= of_tables)
    others = [f"{table.kind} {table.name}" for table in diagram.tables if not _is_sayable(table)]
    others += [f"{item.kind} {item.name}" for item in diagram.objects if not item.values]
    comments = ("// Not in DBML: " + _CONTROL.sub(" ", " ".join(other.split())) for other in others)
    blocks = [*enums, *tables, "\n".join(refs), "\n".join(comments)]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _is_sayable(table: DiagramTable) -> bool:
    return table.is_table and bool(table.columns)


def _name(name: str) -> str:
    text = _CONTROL.sub("_", name).replace("\n", "_").replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def _of(ref: Ref) -> str:
    return f"{_name(ref.schema)}.{_name(ref.name)}" if ref.schema else _name(ref.name)


def _text(text: str) -> str:
    clean = _CONTROL.sub(" ", text).replace("\\", "\\\\").replace("'", "\\'")
    return f"'{' '.join(clean.split())}'"


def _expression(text: str) -> str:
    return "`" + " ".join(_CONTROL.sub(" ", text).replace("`", '"').split()) + "`"


def _change(fate: Fate) -> str:
    return f"{fate.mark}: {fate.detail}" if fate.detail else str(fate.mark)


def _table(table: DiagramTable) -> Iterator[str]:
    color = f" [headercolor: {_COLORS[table.fate.mark]}]" if table.fate.mark is not ChangeMark.NONE else ""
    yield f"Table {_of(table.ref)}{color} {{"
    keys = [member for member in table.members if member.kind == "primary key"]
    alone = {member.columns[0] for member in keys if len(member.columns) == 1}
    for column in table.columns:
        yield f"  {_column(column, column.name in alone)}"
    yield from _block("indexes", _indexes(table))
    yield from _block("checks", _checks(table))
    notes = [_change(table.fate), table.comment or ""]
    notes += [f"{member.kind} {member.name or ''}".strip() for member in table.members if member.kind not in _SHOWN]
    note = "; ".join(filter(None, notes))
    if note:
        yield f"  Note: {_text(note)}"
    yield "}"


_SHOWN = {"primary key", "unique", "index", "foreign key", "check", "privileges", "owner"}
"""Kinds of members that DBML has, or that nobody looks for in a diagram."""


def _block(name: str, lines: Iterator[str]) -> Iterator[str]:
    listed = list(lines)
    if listed:
        yield f"\n  {name} {{"
        yield from (f"    {line}" for line in listed)
        yield "  }"


def _column(column: DiagramColumn, key: bool) -> str:
    settings = [word for word, present in _settings(column, key) if present]
    if column.default is not None:
        settings.append(f"default: {_expression(column.default)}")
    note = "; ".join(filter(None, (_change(column.fate), column.comment, column.extra)))
    if note:
        settings.append(f"note: {_text(note)}")
    listed = f" [{', '.join(settings)}]" if settings else ""
    return f"{_name(column.name)} {_type(column.type)}{listed}"


def _settings(column: DiagramColumn, key: bool) -> Iterator[tuple[str, bool]]:
    yield "pk", key
    yield "not null", not column.nullable and not key
    yield "unique", column.unique and not key
    yield "increment", column.numbered


def _type(text: str) -> str:
    return text.replace(", ", ",") if _PLAIN_TYPE.fullmatch(text) else _name(text or "no type")


def _indexes(table: DiagramTable) -> Iterator[str]:
    for member in table.members:
        composite = member.kind == "primary key" and len(member.columns) > 1
        if not composite and member.kind not in ("unique", "index"):
            continue
        if not member.columns:
            continue
        columns = ", ".join(map(_name, member.columns))
        settings = ["pk"] if composite else ["unique"] if member.unique else []
        settings += [f"name: {_text(member.name)}"] if member.name else []
        note = _change(member.fate) or (member.definition if _is_more_than_columns(member) else "")
        settings += [f"note: {_text(note)}"] if note else []
        yield f"({columns})" + (f" [{', '.join(settings)}]" if settings else "")


def _is_more_than_columns(member: DiagramMember) -> bool:
    """Whether the definition has expressions, a predicate, an order or the like, which DBML cannot say."""
    return "(" in member.definition.strip("()") or " " in member.definition.replace(", ", ",").strip()


def _checks(table: DiagramTable) -> Iterator[str]:
    for member in table.members:
        if member.kind == "check":
            name = f" [name: {_text(member.name)}]" if member.name else ""
            yield f"{_expression(member.definition)}{name}"


def _enum(item: DiagramObject) -> str:
    schema, _, name = item.name.rpartition(".")
    title = f"{_name(schema)}.{_name(name)}" if schema else _name(name)
    return "\n".join([f"Enum {title} {{", *(f"  {_name(value)}" for value in item.values), "}"])


def _ref(relation: DiagramRelation) -> str:
    """``Ref: "orders"."customer_id" > "customers"."id"``: many to one."""
    sides = (
        f"{_of(ref)}.{_name(columns[0]) if len(columns) == 1 else '(' + ', '.join(map(_name, columns)) + ')'}"
        for ref, columns in ((relation.table, relation.columns), (relation.target, relation.target_columns))
    )
    settings = [
        f"{word}: {action}"
        for word, action in zip(("delete", "update"), relation.actions, strict=True)
        if action in _ACTIONS
    ]
    if relation.fate.mark is not ChangeMark.NONE:
        settings.append(f"color: {_COLORS[relation.fate.mark]}")
    name = f" {_name(relation.name)}" if relation.name else ""
    return f"Ref{name}: {(' - ' if relation.one else ' > ').join(sides)}" + (
        f" [{', '.join(settings)}]" if settings else ""
    )
