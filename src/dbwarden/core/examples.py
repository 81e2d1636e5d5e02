"""Generates example values of types, as text, to try out conversions and to fill rows. Knows no vendor."""

from __future__ import annotations

from .model import Column, Enum, Schema
from .type_table import NUMBERS, Family, TypeTable, TypeUse


def column_examples(before: tuple[Column, Schema], after: tuple[Column, Schema], types: TypeTable) -> tuple[str, ...]:
    """Example values for a column whose type changes. Each column comes with its schema for the named types."""
    labels = _labels(*before) or _labels(*after)
    return _examples(_use(*before, types), _use(*after, types), labels)


def _use(column: Column, schema: Schema, types: TypeTable) -> TypeUse:
    return types.use(schema.base_type(column.type))


def _labels(column: Column, schema: Schema) -> tuple[str, ...]:
    datatype = schema.base_type(column.type)
    enum = schema.get(datatype.ref) if datatype.ref is not None else None
    return enum.values if isinstance(enum, Enum) else ()


def _examples(before: TypeUse, after: TypeUse, labels: tuple[str, ...]) -> tuple[str, ...]:
    if before.array:
        return tuple(map(_listed, _single(before, after, labels)))
    if after.array and before.family is Family.TEXT:
        return tuple(map(_listed, _single(after, after, labels)))
    return _single(before, after, labels)


def _listed(value: str) -> str:
    return '{"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"}'


def _single(type_: TypeUse, after: TypeUse, labels: tuple[str, ...]) -> tuple[str, ...]:
    if labels and type_.family is not Family.WHOLE:
        return labels
    if type_.family is not Family.TEXT:
        return _values(type_)
    spelled = () if after.family is Family.TEXT else (*_values(after), *after.row.ambiguous)
    return tuple(value[: _size(type_) or None] for value in spelled or ("a", "b"))


def _values(type_: TypeUse) -> tuple[str, ...]:
    if type_.family is Family.WHOLE:
        return ("1", "2")
    if type_.family is Family.BITS:
        size = _size(type_) or 1
        return tuple(format(number, f"0{size}b")[-size:] for number in (0, 1))
    return type_.row.examples


def _size(type_: TypeUse) -> int:
    return int(type_.args[0]) if type_.args and type_.args[0].isdigit() else type_.row.size


def row_values(
    columns: dict[str, Column], schema: Schema, values: dict[str, str], number: int, types: TypeTable
) -> dict[str, str | None]:
    """A row with the values ``values``; other columns get NULL if allowed, else the ``number``-th example."""
    return {name: values.get(name) or _filler((column, schema), number, types) for name, column in columns.items()}


def _filler(place: tuple[Column, Schema], number: int, types: TypeTable) -> str | None:
    if place[0].nullable:
        return None
    type_ = _use(*place, types)
    if not type_.array and type_.family in _NUMBERED:  # common types of keys, which need distinct values
        return f"0000000a-0000-4000-8000-{number:012}" if type_.family is Family.UUID else str(number)
    examples = column_examples(place, place, types)
    return examples[number % len(examples)] if examples else None


_NUMBERED = (*NUMBERS, Family.TEXT, Family.UUID)
