"""The only list of dialects: name -> lazy import."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from dbwarden.errors import ConfigurationError

if TYPE_CHECKING:
    from dbwarden.core.dialect import Dialect

DIALECTS = {
    "postgresql": "PostgreSQL",
    "sqlite": "SQLite",
}


def get(name: str) -> Dialect:
    """The dialect called ``name``; raises ``ConfigurationError`` for an unknown one."""
    if name not in DIALECTS:
        raise ConfigurationError(
            f"database_type {name!r} is not supported by this version.", hint=f"Supported: {', '.join(DIALECTS)}."
        )
    dialect: Dialect = getattr(import_module(f"dbwarden.dialects.{name}.dialect"), DIALECTS[name])()
    return dialect
