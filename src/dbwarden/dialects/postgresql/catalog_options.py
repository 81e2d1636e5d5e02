"""Options of tables, indexes and sequences, from the rows of the catalogue queries."""

from __future__ import annotations

from typing import Any

from dbwarden.core.options import NO_OPTIONS, Options

from . import foreign, options

Row = tuple[Any, ...]


def table_options(row: Row) -> Options:
    if not (row[3] or row[4] or row[5] or row[6] or row[8] or row[9]):
        return NO_OPTIONS
    return Options.of(
        {
            "unlogged": "true" if row[3] else None,
            "with": options.parameters(", ".join(row[4])) if row[4] else None,
            "tablespace": row[5],
            "using": row[6],
            "partition_by": row[8],
            "inherits": ", ".join(row[9]) if row[9] else None,
        }
    )


def with_row_security(row: Row) -> Options:
    """The options of a table that is not a partition."""
    if not (row[10] or row[11] or row[12]):
        return table_options(row)
    return table_options(row).with_(
        row_level_security="true" if row[10] else None,
        force_row_level_security="true" if row[11] else None,
        server=row[12],
        foreign_options=foreign.from_catalogue(row[13]),
    )


def storage(row: Row) -> Options:
    if row[4] and not row[11] and not row[12]:
        return NO_OPTIONS
    return Options.of(
        {
            "with": options.parameters(", ".join(row[11])) if row[11] else None,
            "tablespace": row[12],
            "invalid": None if row[4] else "true",
        }
    )


def number_options(row: Row, type_name: str) -> Options:
    """Options of a sequence that differ from the defaults of its type."""
    values = {
        "start": str(row[3]),
        "increment": str(row[4]),
        "minvalue": str(row[5]),
        "maxvalue": str(row[6]),
        "cache": str(row[7]),
        "cycle": "true" if row[8] else "false",
    }
    return options.numbers(Options.of(values), type_name)
