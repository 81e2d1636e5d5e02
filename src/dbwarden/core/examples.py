"""Example values of types, as texts that an engine reads: what a conversion is tried out with. Knows no vendor."""

from __future__ import annotations

from collections.abc import Callable

from .model import Column, Enum, Schema
from .types import DataType
from .widening import standard_name

_WORDS: dict[str, tuple[str, ...]] = {
    "boolean": ("true", "false"),
    "date": ("2026-03-04", "2026-10-25"),
    "time": ("22:30:00", "01:15:00"),
    "time with time zone": ("22:30:00+05", "01:15:00+05"),
    # the clocks of the two variations of a session differ by more than half a day, and one of them has summer time
    "timestamp": ("2026-03-04 03:30:00", "2026-11-01 01:30:00"),
    "timestamp with time zone": ("2026-03-04 03:30:00+00", "2026-11-01 05:30:00+00", "2026-11-01 06:30:00+00"),
    "interval": ("1 day -02:03:04", "2 mons"),
    "uuid": ("0000000a-0000-4000-8000-000000000001", "0000000a-0000-4000-8000-000000000002"),
    "bytea": (r"\x0041", r"\x42ff"),
    "blob": ("a", "b"),
    "json": ('{"a": 1}', "[2]"),
    "jsonb": ('{"a": 1}', "[2]"),
    "xml": ("<a/>", "<b/>"),
    "inet": ("10.0.0.1", "10.0.0.2"),
    "cidr": ("10.0.1.0/24", "10.0.2.0/24"),
    "macaddr": ("08:00:2b:01:02:03", "08:00:2b:01:02:04"),
    "macaddr8": ("08:00:2b:ff:fe:01:02:03", "08:00:2b:ff:fe:01:02:04"),
    "money": ("1.25", "2.5"),
    "real": ("0.1", "1234567"),
    "double precision": ("0.30000000000000004", "1234567.125"),
    "numeric": ("1.25", "2.5"),
    "tsrange": ('["2026-03-04 03:30:00","2026-11-01 01:30:00")',),
    "tstzrange": ('["2026-03-04 03:30:00+00","2026-11-01 05:30:00+00")',),
    "daterange": ("[2026-03-04,2026-10-25)",),
    "regclass": ("pg_class", "pg_type"),
    "regtype": ("integer", "text"),
}
_AMBIGUOUS = {
    "date": ("04/03/2026",),
    "timestamp": ("04/03/2026 03:30",),
    "timestamp with time zone": ("04/03/2026 03:30",),
}
"""Texts that sessions read in different ways."""
_TEXTS = frozenset(("text", "varchar", "char", "citext", "name"))
_WHOLE = frozenset(("tinyint", "smallint", "mediumint", "integer", "bigint"))


def column_examples(before: tuple[Column, Schema], after: tuple[Column, Schema]) -> tuple[str, ...]:
    """Values for a column that becomes another one; each column with its schema, which knows the named types."""
    return _examples(_type(*before), _type(*after), _labels(*before) or _labels(*after))


def _type(column: Column, schema: Schema) -> DataType:
    return standard_name(schema.built_in(column.type))


def _labels(column: Column, schema: Schema) -> tuple[str, ...]:
    found = schema.built_in(column.type)
    named = schema.get(found.ref) if found.ref is not None else None
    return named.values if isinstance(named, Enum) else ()


def _examples(before: DataType, after: DataType, labels: tuple[str, ...]) -> tuple[str, ...]:
    if before.array:
        return tuple(_listed(value) for value in _single(before.name, before, after, labels))
    if after.array and before.name in _TEXTS:
        return tuple(_listed(value) for value in _single(after.name, after, after, labels))
    return _single(before.name, before, after, labels)


def _listed(value: str) -> str:
    return '{"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"}'


def _single(name: str, before: DataType, after: DataType, labels: tuple[str, ...]) -> tuple[str, ...]:
    if labels and name not in _WHOLE:
        return labels
    if name in _TEXTS:
        spelled = () if after.name in _TEXTS else (*_values(after.name, after), *_AMBIGUOUS.get(after.name, ()))
        return tuple(value[: _length(before)] for value in spelled or ("a", "b"))
    return _values(name, before)


def _values(name: str, of: DataType) -> tuple[str, ...]:
    if name in _WHOLE:
        return ("1", "2")
    if name.startswith("bit"):
        size = int(of.args[0]) if of.args and of.args[0].isdigit() else 1
        return tuple(format(number, f"0{size}b")[-size:] for number in (0, 1))
    return _WORDS.get(name, ())


def _length(of: DataType) -> int | None:
    return int(of.args[0]) if of.args and of.args[0].isdigit() else (1 if of.name == "char" else None)


def row_values(columns: dict[str, Column], schema: Schema, given: dict[str, str], number: int) -> dict[str, str | None]:
    """A row: what is ``given``, and in all other columns the ``number``-th example, or NULL where that is allowed."""
    return {name: given.get(name) or _filler(column, schema, number) for name, column in columns.items()}


def _filler(column: Column, schema: Schema, number: int) -> str | None:
    if column.nullable:
        return None
    type_ = _type(column, schema)
    if not type_.array and (maker := _NUMBERED.get(type_.name)):
        return maker(number)
    found = column_examples((column, schema), (column, schema))
    return found[number % len(found)] if found else None


_NUMBERED: dict[str, Callable[[int], str]] = {
    **dict.fromkeys((*_WHOLE, "numeric", "real", "double precision"), str),
    **dict.fromkeys(_TEXTS, str),
    "uuid": lambda number: f"0000000a-0000-4000-8000-{number:012}",
}
"""Types of keys: every row needs a value of its own."""
