"""Options of SQLite's tables, columns and constraints, by SQLAlchemy's keywords without ``sqlite_``."""

from __future__ import annotations

from collections.abc import Mapping

from dbwarden.core.model import PrimaryKey, Schema, Table
from dbwarden.core.options import OptionChange, Options, OptionSpec
from dbwarden.dialects.base.options import known_options

# The types that a STRICT table allows (https://www.sqlite.org/stricttables.html).
_STRICT_TYPES = frozenset(("int", "integer", "real", "text", "blob", "any"))


def _can_be_strict(table: Table, _: Schema) -> bool:
    return all(str(column.type).lower() in _STRICT_TYPES for column in table.columns.values())


def _has_key(table: Table, schema: Schema) -> bool:
    return any(isinstance(member, PrimaryKey) for member in schema.members(table.ref))


TABLE = (
    OptionSpec("autoincrement", default="false", change=OptionChange.RECREATE, words=("AUTOINCREMENT",), inside=True),
    OptionSpec("strict", default="false", change=OptionChange.RECREATE, words=("STRICT",), suits=_can_be_strict),
    OptionSpec("with_rowid", default="true", change=OptionChange.RECREATE, words=("ROWID",), suits=_has_key),
)
COLUMN = (OptionSpec("on_conflict_not_null", default="ABORT", change=OptionChange.RECREATE, words=("CONFLICT",)),)
CONSTRAINT = (
    OptionSpec("on_conflict", default="ABORT", change=OptionChange.RECREATE, words=("CONFLICT",)),
    # The columns of a PRIMARY KEY or UNIQUE as written, if one of them has DESC or COLLATE.
    OptionSpec("keys", change=OptionChange.RECREATE, words=("DESC", "COLLATE")),
)
BY_KIND: Mapping[str, tuple[OptionSpec, ...]] = {
    "table": TABLE,
    "column": COLUMN,
    "primary_key": CONSTRAINT,
    "unique": CONSTRAINT,
    "check": CONSTRAINT,
}


def conflict(options: Options, specs: tuple[OptionSpec, ...] = CONSTRAINT) -> Options:
    """Options of ``specs`` in upper case, without the default conflict clause ABORT; ``keys`` stays as written."""
    return known_options(options, specs, lambda spec, value: value if spec.default is None else value.upper())
