"""Coders between the objects of a schema and JSON values, one for each type annotation of ``core/model``.

An object is written field by field, without the fields that have their default.
"""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache, lru_cache
from typing import Any

from .model import Column
from .options import NO_OPTIONS, Options
from .suggestions import did_you_mean
from .types import DataType, Expression, Ref, parse_type

compact_json = json.JSONEncoder(ensure_ascii=False).encode
"""JSON text on one line."""


class Mistake(ValueError):
    """A wrong value. The caller that knows its offset turns it into ``DamagedState``."""


def shown(value: Any) -> str:
    """A value as messages show it, cut where it is long."""
    text = compact_json(value)
    return text if len(text) <= 40 else text[:37] + "..."


@dataclass(frozen=True, slots=True)
class _Coder:
    """Conversion of values of one type to JSON and back."""

    encode: Callable[[Any], Any]
    decode: Callable[[Any], Any]


class FieldCoders:
    """Coders of a class's fields, resolved once because a schema has thousands of objects."""

    def __init__(self, cls: type) -> None:
        hints = typing.get_type_hints(cls)
        self._cls = cls
        self._fields: list[tuple[str, Any, Callable[[Any], Any] | None]] = []
        self._decoders: dict[str, Callable[[Any], Any]] = {}
        self._required: list[str] = []
        for spec in fields(cls):
            coder = _coder(hints[spec.name])
            default = spec.default if spec.default is not MISSING else None
            self._fields.append((spec.name, default, None if coder.encode is _same else coder.encode))
            self._decoders[spec.name] = coder.decode
            if spec.default is MISSING and not _optional(hints[spec.name]):
                self._required.append(spec.name)
        self._absent = {
            spec.name: None for spec in fields(cls) if spec.default is MISSING and spec.name not in self._required
        }

    def encode(self, item: Any) -> dict[str, Any]:
        """JSON values by field, without the fields that have their default."""
        encoded = {}
        for name, default, encode in self._fields:
            value = getattr(item, name)
            if value is not default and value != default:
                encoded[name] = value if encode is None else encode(value)
        return encoded

    def decode(self, raw: dict[str, Any]) -> Any:
        """Build the object. Raises ``Mistake``, which names the field."""
        decoders = self._decoders
        values: dict[str, Any] = {}
        for name, value in raw.items():
            decode = decoders.get(name)
            if decode is None:
                raise Mistake(f"unknown field `{name}`{did_you_mean(name, decoders, quote='`')}")
            try:
                values[name] = decode(value)
            except Mistake as mistake:
                raise Mistake(f"{name}: {mistake}") from mistake
        for name in self._required:
            if name not in values:
                raise Mistake(f"no `{name}`")
        return self._cls(**(self._absent | values if self._absent else values))


@cache
def shape_of(cls: type) -> FieldCoders:
    """The coders of a class of the model."""
    return FieldCoders(cls)


def _optional(hint: Any) -> bool:
    return isinstance(hint, types.UnionType) and type(None) in typing.get_args(hint)


def _same(value: Any) -> Any:
    return value


def _coder(hint: Any) -> _Coder:
    """The coder of a type annotation of ``core/model``."""
    if hint in _SCALARS:
        return _SCALARS[hint]
    if _optional(hint):
        (inner,) = (part for part in typing.get_args(hint) if part is not type(None))
        return _maybe(_coder(inner))
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple and args[-1] is Ellipsis:
        return _sequence(_coder(args[0]))
    if origin is tuple:
        return _fixed(tuple(map(_coder, args)))
    if origin is frozenset:
        each = _sequence(_coder(args[0]))
        return _Coder(
            lambda refs: each.encode(sorted(refs, key=lambda ref: ref.key)), lambda raw: frozenset(each.decode(raw))
        )
    if origin is Mapping:
        return _by_name(_coder(args[1]))
    if is_dataclass(hint):
        return _nested(typing.cast(type, hint))
    raise TypeError(f"no state form for {hint}")


def _maybe(inner: _Coder) -> _Coder:
    if inner.encode is _same:
        return _Coder(_same, lambda raw: None if raw is None else inner.decode(raw))
    return _Coder(
        lambda value: None if value is None else inner.encode(value),
        lambda raw: None if raw is None else inner.decode(raw),
    )


def _listed(raw: Any) -> list[Any]:
    if not isinstance(raw, list):
        raise Mistake(f"a list expected, not {shown(raw)}")
    return raw


def _sequence(each: _Coder) -> _Coder:
    encode, decode = each.encode, each.decode
    return _Coder(
        lambda values: [encode(value) for value in values], lambda raw: tuple([decode(item) for item in _listed(raw)])
    )


def _fixed(coders: tuple[_Coder, ...]) -> _Coder:
    def decode(raw: Any) -> tuple[Any, ...]:
        if len(_listed(raw)) != len(coders):
            raise Mistake(f"{len(coders)} values expected, not {shown(raw)}")
        return tuple(coder.decode(item) for coder, item in zip(coders, raw, strict=True))

    return _Coder(lambda values: [coder.encode(value) for coder, value in zip(coders, values, strict=True)], decode)


def _by_name(each: _Coder) -> _Coder:
    """Coder of an ordered mapping by name, stored as a list because the name is a field."""

    def decode(raw: Any) -> dict[str, Any]:
        by_name = {}
        for entry in _listed(raw):
            try:
                item = each.decode(entry)
            except Mistake as mistake:
                name = entry.get("name") if isinstance(entry, dict) else entry
                raise Mistake(f"{shown(name)}: {mistake}") from mistake
            if item.name in by_name:
                raise Mistake(f"{shown(item.name)} is listed twice")
            by_name[item.name] = item
        return by_name

    return _Coder(lambda items: [each.encode(item) for item in items.values()], decode)


def _nested(cls: type) -> _Coder:
    """Coder of a value inside an object: its first field alone if that is a text and all others have their default."""
    shape, first = shape_of(cls), fields(cls)[0].name
    bare = cls is not Column

    def encode(item: Any) -> Any:
        encoded = shape.encode(item)
        return encoded[first] if bare and len(encoded) == 1 and isinstance(encoded.get(first), str) else encoded

    def decode(raw: Any) -> Any:
        if bare and isinstance(raw, str):
            return shape.decode({first: raw})
        if not isinstance(raw, dict):
            raise Mistake(f"an object expected, not {shown(raw)}")
        return shape.decode(raw)

    return _Coder(encode, decode)


# -- values with a form of their own ------------------------------------------------------------------------------


def _expects(kind: type, words: str) -> _Coder:
    def decode(raw: Any) -> Any:
        if type(raw) is not kind:
            raise Mistake(f"{words} expected, not {shown(raw)}")
        return raw

    return _Coder(_same, decode)


def _encode_ref(ref: Ref) -> Any:
    """Write a table of the default schema as its name, any other reference as an object."""
    if ref.kind == "table" and ref.schema is None and ref.table is None:
        return ref.name
    return {key: value for key, value in ref._asdict().items() if value is not None}


def _decode_ref(raw: Any) -> Ref:
    if isinstance(raw, str):
        return Ref("table", raw)
    if not isinstance(raw, dict) or not {"kind", "name"} <= set(raw) <= set(Ref._fields):
        raise Mistake(f"a name, or an object with kind and name, expected, not {shown(raw)}")
    if not all(isinstance(value, str) for value in raw.values()):
        raise Mistake(f"texts expected, not {shown(raw)}")
    return Ref(**raw)


@lru_cache(maxsize=4096)
def _type_text(datatype: DataType) -> str | None:
    """The type as one text; ``None`` if parsing that text would not return the same type."""
    text = str(datatype)
    return text if datatype.ref is None and parse_type(text) == datatype else None


def _encode_type(datatype: DataType) -> Any:
    text = _type_text(datatype)
    return shape_of(DataType).encode(datatype) if text is None else text


def _decode_type(raw: Any) -> DataType:
    if isinstance(raw, str):
        return parse_type(raw)
    if not isinstance(raw, dict):
        raise Mistake(f"a type expected, not {shown(raw)}")
    return shape_of(DataType).decode(raw)  # type: ignore[no-any-return]


def _encode_expression(expression: Expression) -> Any:
    return expression.text if expression.text == expression.key else {"text": expression.text, "key": expression.key}


def _decode_expression(raw: Any) -> Expression:
    if isinstance(raw, str):
        return Expression(raw)
    if (
        not isinstance(raw, dict)
        or set(raw) != {"text", "key"}
        or not all(isinstance(value, str) for value in raw.values())
    ):
        raise Mistake(f"an expression expected, not {shown(raw)}")
    return Expression(raw["text"], raw["key"])


def _decode_options(raw: Any) -> Options:
    if not isinstance(raw, dict) or not all(isinstance(value, str) for value in raw.values()):
        raise Mistake(f"options with texts expected, not {shown(raw)}")
    return Options.of(raw) if raw else NO_OPTIONS


def _decode_number(raw: Any) -> int:
    """Read a count of array dimensions or the length of an index key: the only numbers that a schema has."""
    if not isinstance(raw, int) or isinstance(raw, bool) or not 0 <= raw <= _LARGEST:
        raise Mistake(f"a number from 0 to {_LARGEST} expected, not {shown(raw)}")
    return raw


_LARGEST = 65535


_SCALARS: dict[Any, _Coder] = {
    str: _expects(str, "a text"),
    int: _Coder(_same, _decode_number),
    bool: _expects(bool, "true or false"),
    Ref: _Coder(_encode_ref, _decode_ref),
    DataType: _Coder(_encode_type, _decode_type),
    Expression: _Coder(_encode_expression, _decode_expression),
    Options: _Coder(lambda options: dict(options.pairs), _decode_options),
}
