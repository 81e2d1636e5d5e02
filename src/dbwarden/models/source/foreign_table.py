"""Source of the marks of a foreign table and of its columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dbwarden.core.declared_object import Value
from dbwarden.core.model import Column, Table
from dbwarden.core.options import Options, OptionSpec

from .code import Code, call, quoted
from .declarations import code_of

OPTIONS = ("server", "foreign_options")
"""Options of a table or column that a declaration says, and no keyword."""
_PAIRS = OptionSpec("foreign_options", pairs=True)


def foreign_arguments(table: Table, constructor: str) -> Iterator[Code]:
    """``ForeignTable("billing", options={"table_name": "invoices"})`` for a table of another server."""
    server = table.options.get("server")
    if server is not None:
        options = _values(table.options)
        yield call(constructor, quoted(server), options=code_of(options) if options else None)


def column_options(column: Column) -> Mapping[str, Value]:
    """The arguments of ``foreign_options`` for a column; empty if it has none."""
    return _values(column.options)


def _values(options: Options) -> dict[str, Value]:
    split = _PAIRS.split(options.get(_PAIRS.key))
    return {name: value[1:-1].replace("''", "'") for name, value in split.items()}
