"""SQLAlchemy's keywords for one dialect: ``postgresql_with=``, ``sqlite_strict=``."""

from __future__ import annotations

from typing import Any


def with_prefix(item: Any, prefix: str) -> dict[str, Any]:
    """The keywords of a table, column, index or constraint with this prefix, without it."""
    if "dialect_options" not in vars(item):
        return {}
    start = f"{prefix}_"
    return {
        key[len(start) :]: value
        for key, value in item.dialect_kwargs.items()
        if key.startswith(start) and value is not None
    }
