"""Checks of values read from our own tables, which a person or another program may have written."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from dbwarden.errors import DamagedRow

Check = Callable[[Any], bool]


def is_text(value: Any) -> bool:
    return isinstance(value, str)


def is_optional_text(value: Any) -> bool:
    return value is None or isinstance(value, str)


def is_count(value: Any) -> bool:
    """Whether a value is a count or an id: an integer from 0 that fits into 64 bits."""
    return isinstance(value, int) and 0 <= value < 2**63


def is_process(value: Any) -> bool:
    return value is None or (isinstance(value, int) and 0 <= value < 2**31)


def is_seconds(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def is_flag(value: Any) -> bool:
    return value in (True, False)


def is_optional_flag(value: Any) -> bool:
    return value is None or is_flag(value)


def is_moment(value: Any) -> bool:
    try:
        return bool(moment(value))
    except (TypeError, ValueError, OverflowError):  # OverflowError: in UTC the year is below 1 or above 9999
        return False


def is_optional_moment(value: Any) -> bool:
    return value is None or is_moment(value)


_EXPECTED: dict[Check, str] = {
    is_text: "a text",
    is_optional_text: "a text",
    is_count: "a number",
    is_process: "the number of a process",
    is_seconds: "a number of seconds",
    is_flag: "true or false",
    is_optional_flag: "true or false",
    is_moment: "a date and time",
    is_optional_moment: "a date and time",
}


def check(table: str, names: Sequence[str], checks: Sequence[Check], row: Sequence[Any]) -> None:
    """Check the values of a row; ``names`` and ``checks`` are those of its columns. Raises ``DamagedRow``."""
    for name, accepts, value in zip(names, checks, row, strict=False):
        if not accepts(value):
            shown = "NULL" if value is None else repr(value)
            shown = shown if len(shown) <= 40 else f"{shown[:39]}…"
            raise DamagedRow(table=table, column=name, value=shown, expected=_EXPECTED.get(accepts, "one of its words"))


def moment(value: Any) -> datetime:
    """Convert a driver's time, a datetime or ISO 8601 text, to UTC; a time without a zone is UTC already."""
    when = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return when.astimezone(UTC) if when.tzinfo is not None else when.replace(tzinfo=UTC)
