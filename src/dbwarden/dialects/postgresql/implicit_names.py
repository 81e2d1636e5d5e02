"""Names that the server chooses for unnamed constraints and indexes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from dbwarden.core.model import (
    Check,
    Exclude,
    ForeignKey,
    Index,
    IndexElement,
    Member,
    Object,
    PrimaryKey,
    Sequence,
    Table,
)
from dbwarden.core.types import Expression

from . import names

_LABELS = {"primary_key": "pkey", "unique": "key", "exclude": "excl", "foreign_key": "fkey", "index": "idx"}
_ORDER = {"check": 0, "primary_key": 1, "unique": 2, "exclude": 2, "foreign_key": 3, "index": 4}


def assign_implicit_names(items: Iterable[Object]) -> list[Object]:
    """Name the unnamed members of tables as CREATE TABLE would, in the order in which it chooses their names."""
    objects = list(items)
    taken: dict[tuple[str | None, str], set[str]] = {}
    for item in objects:
        if isinstance(item, Table | Sequence) or (isinstance(item, Member) and item.name is not None):
            for space in _spaces(item):
                taken.setdefault(space, set()).add(item.name or "")
    waiting = sorted(
        (at for at, item in enumerate(objects) if isinstance(item, Member) and item.name is None),
        key=lambda at: _ORDER.get(objects[at].kind, 9),
    )
    for at in waiting:
        unnamed: Any = objects[at]
        used = [taken.setdefault(space, set()) for space in _spaces(unnamed)]
        name = free_name(unnamed, frozenset().union(*used))
        for names_there in used:
            names_there.add(name)
        objects[at] = replace(unnamed, name=name, implicit=True)
    return objects


def _spaces(item: Table | Sequence | Member) -> tuple[tuple[str | None, str], ...]:
    """Sets of names in which the item's name must be unique, each a schema with ``relation`` or ``constraint``.

    ``ChooseConstraintName`` compares with constraints only, ``ChooseRelationName`` with relations, and for the index of a
    constraint with both.
    """
    if not isinstance(item, Member):
        return ((item.schema, "relation"),)
    space = item.table.schema
    if isinstance(item, Check | ForeignKey):
        return ((space, "constraint"),)
    return ((space, "relation"),) if isinstance(item, Index) else ((space, "relation"), (space, "constraint"))


def implicit_name(item: Member) -> str:
    """Name that the server chooses for an unnamed constraint if no other object has it."""
    return names.make_object_name(item.table.name, _second(item), _LABELS.get(item.kind, item.kind))


def free_name(item: Any, used: frozenset[str]) -> str:
    """Name that the server chooses for an unnamed constraint or index where these names are used."""
    label, number = _LABELS.get(item.kind, item.kind), 0
    second = _second(item)
    name = names.make_object_name(item.table.name, second, label)
    while name in used:
        number += 1
        name = names.make_object_name(item.table.name, second, f"{label}{number}")
    return name


def _second(item: Any) -> str | None:
    if isinstance(item, PrimaryKey):
        return None
    if isinstance(item, Check):
        return item.columns[0] if len(item.columns) == 1 else None
    if isinstance(item, Index | Exclude):
        elements = item.elements if isinstance(item, Index) else tuple(element for element, _ in item.elements)
        return names.joined_columns(_element_names(elements))
    return names.joined_columns(item.columns)


def _element_names(elements: Iterable[IndexElement]) -> tuple[str, ...]:
    """Names of index keys as in ``ChooseIndexColumnNames``: an expression has that of its function, or ``expr``; repeated
    names get a number."""
    element_names: list[str] = []
    for element in elements:
        base = element.column or _function_name(element.expression) or "expr"
        name, number = base, 0
        while name in element_names:
            number += 1
            name = f"{base}{number}"
        element_names.append(name)
    return tuple(element_names)


def _function_name(expression: Expression | None) -> str | None:
    if expression is None:
        return None
    head, _, rest = expression.key.partition("(")
    return head.rpartition(".")[2] if rest.endswith(")") and head.replace("_", "").replace(".", "").isalnum() else None
