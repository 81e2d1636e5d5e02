"""Clauses that add and change columns.

MODIFY COLUMN keeps what it does not mention: the default, the comment, the codec, the TTL. So each property has a statement of
its own, and a type changes without the rest being repeated.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.core.dialect import Prefs
from dbwarden.core.model import Column, Table, column_ref
from dbwarden.core.tokens import mentioned_columns
from dbwarden.core.types import Ref
from dbwarden.dialects.base.renderer import fill_placeholder

from . import tables
from .expressions import settings_of
from .renderer import RENDER, generation_kind
from .type_changes import safe_for_keys
from .types import type_text
from .words import LEXICAL_RULES, string_literal


def add(column: Column, table: Ref, prefs: Prefs) -> tuple[str, ...]:
    """ADD COLUMN. Rows that exist have its default, computed when they are read, or the value that somebody chose."""
    ref = column_ref(table, column.name)
    (statement,) = RENDER.add_column(column, table)
    added = (statement + RENDER.column_place(prefs.places.get(ref)),)
    fill = prefs.fills.get(ref)
    if fill is None:
        return added
    return (*added, f"ALTER TABLE {RENDER.of(table)} UPDATE {RENDER.quote(column.name)} = {fill} WHERE true")


def alter(before: Column, after: Column, table: Table, prefs: Prefs) -> tuple[str, ...]:
    """Statements that turn ``before`` into ``after``."""
    retyped = (before.type, before.nullable) != (after.type, after.nullable)
    if retyped and not safe_for_keys(before, after):
        tables.ensure_not_key(before.name, table, "another type for it")
    head = f"ALTER TABLE {RENDER.of(table.ref)} "
    if generation_kind(before) == "EPHEMERAL" != generation_kind(after):
        # It has no values to keep, and MODIFY COLUMN fails on 26.9 if it was created without an expression.
        return (*RENDER.drop_column(before, table.ref), *add(after, table.ref, Prefs(places=prefs.places)))
    name = RENDER.quote(after.name)
    clauses = [*_generation(before, after, table, prefs), *_properties(before, after, name)]
    mark = ""
    if clauses and clauses[0].startswith("--"):
        mark = clauses.pop(0)
    statements = [head + clause for clause in clauses]
    return (mark + statements[0], *statements[1:]) if mark else tuple(statements)


def _generation(before: Column, after: Column, table: Table, prefs: Prefs) -> Iterator[str]:
    """Clauses for the type and for the default, MATERIALIZED, ALIAS or EPHEMERAL expression."""
    name = RENDER.quote(after.name)
    retyped = (before.type, before.nullable) != (after.type, after.nullable)
    old, new = generation_kind(before), generation_kind(after)
    regenerated = (old, RENDER.generation(before)) != (new, RENDER.generation(after))
    type_ = type_text(after.type, after.nullable)
    if before.nullable and not after.nullable and new == "":
        yield from _filled(before, after, table, prefs)
        return
    value = after.default.text if before.nullable and not after.nullable and new == "DEFAULT" and after.default else ""
    if _mentions_columns(value, table):
        yield from _filled_by_rows(after, table, value)
        yield f"MODIFY COLUMN {name} {RENDER.generation(after)}"
        return
    if old and not new:
        yield f"MODIFY COLUMN {name} REMOVE {old}"
    if retyped or (regenerated and new):
        generation = RENDER.generation(after)
        yield " ".join(
            filter(None, ("MODIFY COLUMN", name, type_, generation if regenerated or not after.nullable else ""))
        )


def _mentions_columns(text: str, table: Table) -> bool:
    return bool(mentioned_columns(text, table.columns, LEXICAL_RULES))


def _filled_by_rows(after: Column, table: Table, value: str) -> Iterator[str]:
    """A column that gets a value of the same row for each NULL. The server computes the DEFAULT of the statement that takes
    the NULLs away without the other columns of the row: the mutation fails, and the table cannot be read (26.9)."""
    name, type_ = RENDER.quote(after.name), type_text(after.type)
    yield f"UPDATE {name} = {value} WHERE {name} IS NULL"
    yield f"MODIFY COLUMN {name} {type_} DEFAULT defaultValueOfTypeName({string_literal(type_)})"


def _filled(before: Column, after: Column, table: Table, prefs: Prefs) -> Iterator[str]:
    """A column that loses its NULLs: the server wants a DEFAULT, which replaces them, and which is removed afterwards."""
    name, type_ = RENDER.quote(after.name), type_text(after.type)
    ref = column_ref(table.ref, after.name)
    fill = prefs.fills.get(ref)
    if before.computed is not None:
        yield f"MODIFY COLUMN {name} REMOVE {generation_kind(before)}"
    if fill is None and ref in prefs.fills:  # nobody has chosen a value, and the server refuses it without one
        modified = f"MODIFY COLUMN {name} {type_}"
        yield f"{fill_placeholder(ref)}\n-- ALTER TABLE {RENDER.of(table.ref)} {modified} DEFAULT ...;\n"
        yield modified
        return
    if fill is not None and _mentions_columns(fill, table):
        yield from _filled_by_rows(after, table, fill)
    else:
        value = fill if fill is not None else f"defaultValueOfTypeName({string_literal(type_)})"
        yield f"MODIFY COLUMN {name} {type_} DEFAULT {value}"
    yield f"MODIFY COLUMN {name} REMOVE DEFAULT"


def _properties(before: Column, after: Column, name: str) -> Iterator[str]:
    """Clauses for the comment, codec, statistics, TTL and settings."""
    if before.comment != after.comment:
        yield f"COMMENT COLUMN {name} {string_literal(after.comment or '')}"
    old, new = before.options, after.options
    for key, template, removed in (
        ("codec", f"MODIFY COLUMN {name} CODEC({{}})", f"MODIFY COLUMN {name} REMOVE CODEC"),
        ("ttl", f"MODIFY COLUMN {name} TTL {{}}", f"MODIFY COLUMN {name} REMOVE TTL"),
        ("statistics", f"MODIFY STATISTICS {name} TYPE {{}}", f"DROP STATISTICS {name}"),
    ):
        value = new.get(key)
        if old.get(key) != value:
            if key == "statistics" and old.get(key) is None:
                template = f"ADD STATISTICS {name} TYPE {{}}"
            yield template.format(value) if value else removed
    yield from _settings(old.get("settings") or "", new.get("settings") or "", name)


def _settings(before: str, after: str, name: str) -> Iterator[str]:
    old, new = settings_of(before), settings_of(after)
    changed = [f"{key} = {value}" for key, value in new.items() if old.get(key) != value]
    if changed:
        yield f"MODIFY COLUMN {name} MODIFY SETTING {', '.join(changed)}"
    gone = [key for key in old if key not in new]
    if gone:
        yield f"MODIFY COLUMN {name} RESET SETTING {', '.join(gone)}"
