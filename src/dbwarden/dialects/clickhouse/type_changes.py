"""Effect of a change of type on the values of a column: MODIFY COLUMN casts them, and says nothing of what is lost."""

from __future__ import annotations

from collections.abc import Mapping

from dbwarden.core.model import Column
from dbwarden.core.type_change import type_change as base_change
from dbwarden.core.type_table import Family, TypeChange
from dbwarden.core.types import DataType

from .types import TYPES, parse

_KEPT, _FREE, _LOSSY, _NARROWED, _UNKNOWN = (
    TypeChange.KEPT,
    TypeChange.FREE,
    TypeChange.LOSSY,
    TypeChange.NARROWED,
    TypeChange.UNKNOWN,
)
_CONTAINERS = frozenset("Array Map Tuple Nested Variant AggregateFunction QBit Dynamic".split())
_WRAPPERS = frozenset(("LowCardinality", "Nullable"))


def change(before: DataType, after: DataType) -> TypeChange:
    """Effect on values; containers that become text cannot be read back."""
    old, new = _plain(before), _plain(after)
    if old == new:
        return TypeChange.SAME if before == after else _KEPT
    if old.name in ("Enum8", "Enum16") or new.name in ("Enum8", "Enum16"):
        return _enum(old, new)
    if old.name in _CONTAINERS or new.name in _CONTAINERS:
        return _container(old, new)
    if old.name == "JSON" or new.name == "JSON":
        return _LOSSY
    families = TYPES.row(old).family, TYPES.row(new).family
    if all(family is Family.WHOLE for family in families):
        return _whole(old, new)
    if all(family in (Family.DATE, Family.TIMESTAMP) for family in families):
        return _moment(old, new)
    if new.name == "FixedString":
        longer = old.name == "FixedString" and int(new.args[0]) >= int(old.args[0])
        return _KEPT if longer else _NARROWED
    if old.name == "FixedString" and new.name == "String":
        return _KEPT  # without the zero bytes at the end, which converting back would add again
    return base_change(old, new, TYPES)


def _plain(datatype: DataType) -> DataType:
    """The type inside LowCardinality and Nullable, which are ways to store it."""
    return _plain(parse(datatype.args[0])) if datatype.name in _WRAPPERS and datatype.args else datatype


def labels(datatype: DataType) -> Mapping[str, str]:
    """Values of an Enum with their numbers."""
    pairs = (arg.rpartition(" = ") for arg in datatype.args)
    return {label: number for label, _, number in pairs}


def _enum(old: DataType, new: DataType) -> TypeChange:
    if not old.name.startswith("Enum"):
        return TypeChange.RESPELLED if TYPES.row(old).family is Family.TEXT else _NARROWED
    if not new.name.startswith("Enum"):
        return _KEPT if new.name == "String" else _LOSSY
    before, after = labels(old), labels(new)
    if all(after.get(label) == number for label, number in before.items()):
        return _FREE if old.name == new.name else _KEPT
    return _NARROWED if all(label in after for label in before) else _LOSSY


def _container(old: DataType, new: DataType) -> TypeChange:
    if old.name != new.name or len(old.args) != len(new.args):
        return _LOSSY
    if old.name in ("Array", "Map"):
        effects = {change(parse(first), parse(second)) for first, second in zip(old.args, new.args, strict=True)}
        return next((effect for effect in (_LOSSY, _UNKNOWN, _NARROWED) if effect in effects), _KEPT)
    return _UNKNOWN


def _whole(old: DataType, new: DataType) -> TypeChange:
    """Numbers that do not fit wrap around silently."""
    sizes = TYPES.row(old).size, TYPES.row(new).size
    unsigned = old.name.startswith("U"), new.name.startswith("U")
    if unsigned[0] == unsigned[1]:
        return _KEPT if sizes[1] >= sizes[0] else _LOSSY
    return _KEPT if unsigned[0] and sizes[1] > sizes[0] else _LOSSY


def _moment(old: DataType, new: DataType) -> TypeChange:
    if old.name == new.name == "DateTime":
        return _FREE  # only the time zone in which it is shown
    if old.name == new.name == "DateTime64":
        return _KEPT if int(new.args[0]) >= int(old.args[0]) else _LOSSY
    if old.name.startswith("DateTime") and new.name.startswith("Date") and not new.name.startswith("DateTime"):
        return _LOSSY
    wider = {"Date": 0, "DateTime": 1, "Date32": 2, "DateTime64": 3}
    return _KEPT if wider[new.name] >= wider[old.name] else _LOSSY


def safe_for_keys(before: Column, after: Column) -> bool:
    """Whether the server lets a column of a key change: an Enum may get values."""
    return before.nullable == after.nullable and change(before.type, after.type) is _FREE
