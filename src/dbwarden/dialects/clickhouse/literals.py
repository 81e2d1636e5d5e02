"""Values of Python as ClickHouse's literals, for statements with parameters.

A text is parsed as the type of the column or function that it is given to, so that dates, decimals and UUIDs keep all their
digits.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from .versions import BOOL, DATETIME64, Version, has
from .words import string_literal


def literal_for(value: Any, version: Version) -> str:
    """Literal of a value for a server of this version. Raises as ``literal``."""
    match value:
        case bool() if not has(version, BOOL):
            return str(int(value))
        case datetime() if value.tzinfo is not None and not has(version, DATETIME64):
            return f"toDateTime('{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}', 'UTC')"
    return literal(value)


def literal(value: Any) -> str:
    """Literal of a value. Raises ``TypeError`` for a type without one."""
    match value:
        case None:
            return "NULL"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _number(value)
        case str():
            return string_literal(value)
        case bytes() | bytearray() | memoryview():
            return f"unhex('{bytes(value).hex()}')"
        case datetime():
            return _time(value)
        case Decimal() | UUID() | date():
            return f"'{value}'"
        case Mapping():
            pairs = (f"{literal(key)}, {literal(item)}" for key, item in value.items())
            return f"map({', '.join(pairs)})"
        case list() | tuple():
            items = ", ".join(map(literal, value))
            return f"[{items}]" if isinstance(value, list) else f"tuple({items})"
    raise TypeError(f"a value of the type {type(value).__name__} cannot be written into a statement of ClickHouse")


def _number(value: float) -> str:
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return repr(value)


def _time(value: datetime) -> str:
    """A time with a zone is a moment; one without is the time in the zone of whatever it is given to."""
    if value.tzinfo is None:
        return f"'{value.isoformat(' ')}'"
    moment = value.astimezone(UTC).replace(tzinfo=None)
    return f"toDateTime64('{moment.isoformat(' ', 'microseconds')}', 6, 'UTC')"
