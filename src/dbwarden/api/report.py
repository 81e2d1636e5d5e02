"""Conversion of reports to JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import PurePath
from typing import Any

INTERNAL = {"json": False}
"""Metadata of a field that is for other parts of the program, and not in the document."""


def to_json(value: Any) -> Any:
    """Convert a report to dictionaries, lists, strings, numbers, booleans and ``None``.

    Keys are the names of fields, without the underscore after a Python keyword (``from_``); ``INTERNAL`` fields are left
    out. Times are ISO 8601 in UTC, durations seconds, paths and enums text. ``TypeError`` means a mistake in the report's class.
    """
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, Enum):
        return to_json(value.value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, PurePath):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {
            row.name.rstrip("_"): to_json(getattr(value, row.name))
            for row in fields(value)
            if row.metadata.get("json", True)
        }
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [to_json(item) for item in value]
    raise TypeError(f"a report holds a {type(value).__name__}, which has no form in JSON")
