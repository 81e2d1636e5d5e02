"""Mistakes in a migration file, as errors with line and column."""

from __future__ import annotations

from typing import NoReturn

from dbwarden.errors import FileFormatError, SqlTextError

from .sqltext import position


def located(name: str, error: SqlTextError) -> FileFormatError:
    return FileFormatError(file=name, line=error.line, column=error.column, reason=error.reason)


def raise_error(name: str, text: str, offset: int, reason: str) -> NoReturn:
    line, column = position(text, offset)
    raise FileFormatError(file=name, line=line, column=column, reason=reason)
