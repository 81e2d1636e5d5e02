"""Rows in the format ``TabSeparatedWithNamesAndTypes``, as values of Python.

The format is text for every type, and nothing in it depends on a setting of the user but the form of times, which requests
fix. A type without a counterpart in Python stays the text that the server prints.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

FORMAT = "TabSeparatedWithNamesAndTypes"

_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
_MEANINGS = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"0": b"\0", b"a": b"\a", b"v": b"\v"}
_NULL = rb"\N"


class Result(NamedTuple):
    """Columns and rows of a result."""

    names: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()


def read(body: bytes) -> Result:
    """Read a result; a statement without one has an empty body."""
    if not body:
        return Result()
    names, types, *lines = body.removesuffix(b"\n").split(b"\n")
    kinds = tuple(map(_decoded, types.split(b"\t")))
    converters = tuple(map(converter, kinds))
    rows = tuple(
        tuple(
            None if field == _NULL else convert(_text(field) if convert is nested else _decoded(field))
            for convert, field in zip(converters, line.split(b"\t"), strict=True)
        )
        for line in lines
    )
    return Result(tuple(map(_decoded, names.split(b"\t"))), kinds, rows)


def _decoded(field: bytes) -> str:
    """A text, which is escaped; what is nested has literals in it, and no other escapes."""
    if b"\\" in field:
        field = _ESCAPE.sub(lambda match: _MEANINGS.get(match[1], match[1]), field)
    return _text(field)


def _text(field: bytes) -> str:
    return field.decode(errors="surrogateescape")


# -- types ------------------------------------------------------------------------------------------------------------

Converter = Callable[[str], Any]
_WRAPPER = re.compile(r"(?:Nullable|LowCardinality)\((.*)\)", re.DOTALL)
_INTEGER = re.compile(r"U?Int\d+")
_NESTED = re.compile(r"(Array|Tuple|Map|SimpleAggregateFunction)\(", re.DOTALL)


def converter(datatype: str) -> Converter:
    """Conversion of the text of a type's value."""
    if (inner := _WRAPPER.fullmatch(datatype)) is not None:
        return converter(inner[1])
    name = datatype.partition("(")[0]
    if _INTEGER.fullmatch(name):
        return int
    if _NESTED.match(datatype):
        return nested
    return _CONVERTERS.get(name, str)


def _time(value: str) -> datetime | str:
    """A time without its zone; beyond the digits that Python has, the text."""
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return value


def _day(value: str) -> date | str:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return value


_CONVERTERS: dict[str, Converter] = {
    "Float32": float,
    "Float64": float,
    "BFloat16": float,
    "Decimal": Decimal,
    "Bool": lambda value: value == "true",
    "Date": _day,
    "Date32": _day,
    "DateTime": _time,
    "DateTime64": _time,
    "UUID": UUID,
}


# -- arrays, tuples, maps -----------------------------------------------------------------------------------------------

_TOKEN = re.compile(r"\s*(?:'((?:[^'\\]|\\.)*)'|([\[\](){},:])|([^\s\[\](){},:']+(?::[^\s\[\](){},']+)*))", re.DOTALL)
_WORDS = {"NULL": None, "true": True, "false": False}
_TEXT_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_TEXT_MEANINGS = {key.decode(): value.decode() for key, value in _MEANINGS.items()}
_CLOSING = {"[": "]", "(": ")", "{": "}"}


def nested(value: str) -> Any:
    """Value of an array (list), a tuple or a map (dict) in ClickHouse's literals."""
    tokens = list(_TOKEN.finditer(value))
    item, end = _item(tokens, 0)
    return item if end == len(tokens) else value


def _item(tokens: list[re.Match[str]], at: int) -> tuple[Any, int]:
    token = tokens[at]
    if token[1] is not None:
        return _TEXT_ESCAPE.sub(lambda match: _TEXT_MEANINGS.get(match[1], match[1]), token[1]), at + 1
    if token[3] is not None:
        return _word(token[3]), at + 1
    opening, closing = token[2], _CLOSING[token[2]]
    items, keys = list[Any](), list[Any]()
    at += 1
    while tokens[at][2] != closing:
        item, at = _item(tokens, at)
        if opening == "{":
            keys.append(item)
            item, at = _item(tokens, at + 1)
        items.append(item)
        if tokens[at][2] == ",":
            at += 1
    if opening == "{":
        return dict(zip(keys, items, strict=True)), at + 1
    return (items if opening == "[" else tuple(items)), at + 1


def _word(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    for convert in (int, float):
        try:
            return convert(text)
        except ValueError:
            continue
    return text
