"""The routines that the expressions of an object may call."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

from .model import Object
from .types import DataType, Expression, Ref

# Calls also inside of the strings that are the bodies of functions: one too many only adds a function to the subset.
_CALL = re.compile(r'([\w$]+)"?\s*\(')


def called_names(item: Object) -> set[str]:
    """Names in lower case that the expressions of an object may call."""
    return {name.lower() for text in texts_in(item) for name in _CALL.findall(text)}


def texts_in(value: object) -> Iterator[str]:
    """The expressions in an object."""
    match value:
        case Expression():
            yield value.text
        case Mapping():
            for part in value.values():
                yield from texts_in(part)
        case Ref() | DataType():
            return
        case tuple():
            for part in value:
                yield from texts_in(part)
        case _ if is_dataclass(value):
            for row in fields(value):
                yield from texts_in(getattr(value, row.name))
