"""What differs between two schemas, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any

from .change import Add, Alter, Change, Drop, Rename
from .diff import diff
from .model import Column, Object, Schema, Table
from .types import Ref


def differences(found: Schema, expected: Schema) -> tuple[str, ...]:
    """``column users.email is not there``, ``column users.age: type integer instead of bigint``: how ``found`` is wrong."""
    return tuple(_gathered(diff(found, expected)))


def _gathered(changes: Iterable[Change]) -> Iterator[str]:
    changes = tuple(changes)
    added = {change.ref: change.object for change in changes if isinstance(change, Add)}
    dropped = {change.ref for change in changes if isinstance(change, Drop)}
    for change in changes:
        match change:
            case Drop(object=item) if change.ref in added:
                yield f"{change.ref}: {_changed(item, added[change.ref])}"
            case Add() if change.ref not in dropped:
                yield f"{change.ref} is not there"
            case Drop():
                yield f"{change.ref} is there, and should not be"
            case Alter():
                yield f"{change.ref}: {_changed(change.before, change.after)}"


def _changed(found: Object, expected: Object) -> str:
    parts = []
    known: Any = found
    for row in fields(known):
        ours, wanted = getattr(found, row.name), getattr(expected, row.name, None)
        if row.compare and not isinstance(ours, Mapping) and ours != wanted:
            parts.append(f"{row.name.replace('_', ' ')} {_shown(ours)} instead of {_shown(wanted)}")
    return ", ".join(parts) or "not the same"


def _shown(value: object) -> str:
    return "nothing" if value is None else str(value)


def lost(before: Schema, after: Schema, renames: Iterable[Rename] = ()) -> tuple[str, ...]:
    """Where rows or values are gone when ``before`` becomes ``after``: ``users.phone``, ``invoices``."""
    return tuple(_lost(diff(before, after, renames)))


def _lost(changes: Iterable[Change]) -> Iterator[str]:
    for change in changes:
        match change:
            case Drop(object=Table() as table):
                yield _path(table.ref)
            case Drop(object=Column(computed=None) as column, on=Ref() as table_ref):
                yield f"{_path(table_ref)}.{column.name}"


def _path(ref: Ref) -> str:
    return f"{ref.schema}.{ref.name}" if ref.schema else ref.name
