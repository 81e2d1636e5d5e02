"""Conversions between types: by an assignment, a cast, or two casts through a third type (catalogue ``pg_cast``)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from dbwarden.core.model import Enum, Schema
from dbwarden.core.type_table import NUMBERS, Family
from dbwarden.core.types import DataType

from . import session, types

# Types that the server converts to one another on assignment (pg_cast, castcontext a and i), without USING.
_FAMILIES = (
    types.TYPES.names(*NUMBERS),
    types.TYPES.names(Family.TEXT),
    frozenset(("date", "timestamp")),
    frozenset(("json", "jsonb")),
    frozenset(("inet", "cidr")),
    frozenset(("bit", "bit varying")),
    frozenset(("macaddr", "macaddr8")),
    frozenset(("time", "interval")),
    frozenset(("numeric", "money")),
)
_TEXTS = types.TYPES.names(Family.TEXT)
_STRINGS = _TEXTS - {"citext"}
_NUMBERS = types.TYPES.names(*NUMBERS)
_ZONED = "timestamp with time zone"
_CASTS = {
    "smallint": _NUMBERS,
    "integer": _NUMBERS | {"money", "boolean", "bit"},
    "bigint": _NUMBERS | {"money", "bit"},
    "numeric": _NUMBERS | {"money"},
    "real": _NUMBERS,
    "double precision": _NUMBERS,
    "money": frozenset(("numeric",)),
    "boolean": frozenset(("integer",)),
    "bit": frozenset(("bit varying", "integer", "bigint")),
    "bit varying": frozenset(("bit",)),
    "date": frozenset(("timestamp", _ZONED)),
    "time": frozenset(("interval", "time with time zone")),
    "time with time zone": frozenset(("time",)),
    "timestamp": frozenset(("date", "time", _ZONED)),
    _ZONED: frozenset(("date", "time", "timestamp", "time with time zone")),
    "interval": frozenset(("time",)),
    "json": frozenset(("jsonb",)),
    "jsonb": _NUMBERS | {"json", "boolean"},
    "inet": frozenset(("cidr",)),
    "cidr": frozenset(("inet",)),
    "macaddr": frozenset(("macaddr8",)),
    "macaddr8": frozenset(("macaddr",)),
    "uuid": frozenset[str](),
    "bytea": frozenset[str](),
    "enum": frozenset[str](),
}
"""All types that a type can be cast to, apart from text, which casts to and from all. ``enum`` stands for every enum."""


def needs_using(before: DataType, after: DataType) -> bool:
    """Whether ALTER COLUMN TYPE needs USING: the server has no assignment cast, or one that depends on session settings."""
    if not before.array and in_utc("", before, after) is not None:
        return True
    if before.ref == after.ref and before.name == after.name and before.array == after.array:
        return False
    if before.array != after.array:
        return not (after.name in _STRINGS and not after.array)
    if after.ref is not None:
        return True
    if before.ref is not None:
        return after.name not in _STRINGS  # an assignment refuses a text that is too long, a cast truncates it
    if before.name == after.name or after.name in _STRINGS:
        return False
    return not any(before.name in family and after.name in family for family in _FAMILIES)


def convert_expression(expression: str, before: DataType, after: DataType, schemas: tuple[Schema, Schema]) -> str:
    """SQL that converts the value of an expression from one type to another; ``schemas`` resolve the named types.

    A value becomes an array of one element, and an array its first element; a text is parsed and printed as an array.
    """
    old, new = _underlying_type(before, schemas[0]), _underlying_type(after, schemas[1])
    listed = bool(before.array and after.array)
    zoned = None if listed else in_utc(expression if not before.array else f"{expression}[1]", old, new)
    if zoned is not None:  # assigned to a domain, it is checked
        return f"CASE WHEN {expression} IS NOT NULL THEN ARRAY[{zoned}] END" if after.array else zoned
    same = _of(before, 0) == _of(after, 0) and before.name not in _TEXTS
    if after.array and not before.array and (same or old.name not in _TEXTS):
        element = expression if same else _cast(expression, old, new, _of(after, 0))
        return f"CASE WHEN {expression} IS NOT NULL THEN ARRAY[{element}] END"
    if before.array and not after.array and (same or new.name not in _TEXTS):
        return f"{expression}[1]" if same else _cast(f"{expression}[1]", old, new, after)
    if before.ref is not None and after.ref is not None:  # nothing casts between named types
        return f"{expression}::text{'[]' if after.array else ''}::{types.sql(after)}"
    return _cast(expression, old, new, after)


def in_utc(value: str, before: DataType, after: DataType) -> str | None:
    """Conversion in UTC (``session.in_utc``), for arrays that of an element."""
    return session.in_utc(value, session.kind(before), session.kind(after))


def session_settings(before: DataType, after: DataType, using: str | None = None) -> tuple[str, ...]:
    """Session settings that decide how values are converted, directly or through a third type.

    ``using`` is the USING expression, if there is one. The caller resolves domains.
    """
    before, after = types.canonical(before), types.canonical(after)
    old, new = session.kind(before), session.kind(after)
    if before.array != after.array and new in _TEXTS and not after.array:
        settings = session.settings(old, "text")
    else:
        way = _intermediate_type(old, new)
        settings = session.settings(old, way) + session.settings(way, new) if way else session.settings(old, new)
    pinned = session.pinned(using) if using else frozenset[str]()
    return tuple(name for name in dict.fromkeys(settings) if name not in pinned)


def assumed_zone(before: DataType, after: DataType) -> str | None:
    """Time zone that a generated conversion assumes for times without one."""
    return "UTC" if in_utc("", types.canonical(before), types.canonical(after)) is not None else None


def zone_fixed(statements: Sequence[str], pairs: Iterable[tuple[DataType, DataType]]) -> tuple[str, ...]:
    """Run ``statements`` under UTC, if one converts arrays of times between with and without a zone: USING allows no
    subquery, so no expression can convert them element by element."""
    if not any(before.array and after.array and assumed_zone(before, after) for before, after in pairs):
        return tuple(statements)
    return ("SET TIME ZONE 'UTC'", *statements, "RESET TIME ZONE")


def _of(datatype: DataType, array: int) -> DataType:
    return replace(datatype, array=array)


def _underlying_type(datatype: DataType, schema: Schema) -> DataType:
    """Built-in type whose values a named type stores; every enum is ``enum``."""
    underlying = schema.base_type(datatype)
    named = schema.get(underlying.ref) if underlying.ref is not None else None
    return DataType("enum", array=underlying.array) if isinstance(named, Enum) else underlying


def _cast(expression: str, old: DataType, new: DataType, target: DataType) -> str:
    array = "[]" if target.array else ""
    way = _intermediate_type(f"{old.name} {old.modifiers}".strip(), f"{new.name} {new.modifiers}".strip())
    return f"{expression}{f'::{way}{array}' if way else ''}::{types.sql(target)}"


def _intermediate_type(old: str, new: str) -> str | None:
    """Intermediate type between two types without a cast; ``None`` if none is needed or known."""
    if old == new != "enum" or old in _TEXTS or new in _TEXTS or new in _CASTS.get(old, ()):
        return None
    if old not in _CASTS or new not in _CASTS:
        return None  # a type of an extension, which may have casts of its own
    if "money" in (old, new) and {old, new} <= _NUMBERS | {"money"}:
        return "numeric"
    if {old, new} <= _NUMBERS | {"boolean", "bit"}:
        return "integer"
    return "text"
