"""Source of the row-level security of a table."""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.core.model import Table

from .code import Code, call

OPTIONS = ("row_level_security", "force_row_level_security")
"""Options of a table that a declaration says, and no keyword."""


def security_arguments(table: Table, constructor: str) -> Iterator[Code]:
    """``RowLevelSecurity()`` for a table that has it."""
    enabled, forced = (table.options.get(option) == "true" for option in OPTIONS)
    if enabled or forced:
        yield call(constructor, *([] if enabled else ["False"]), forced="True" if forced else None)
