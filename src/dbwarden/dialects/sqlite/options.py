"""Options that only SQLite's tables, columns and constraints have, under SQLAlchemy's keywords without ``sqlite_``."""

from __future__ import annotations

from collections.abc import Mapping

from dbwarden.core.model import PrimaryKey, Schema, Table
from dbwarden.core.options import OptionChange, Options, OptionSpec
from dbwarden.dialects.base.options import known

# https://www.sqlite.org/stricttables.html: any other type is an error there.
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
    # The keys of a PRIMARY KEY or UNIQUE as written, where one has a direction or a collation of its own.
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
    """The conflict clause and written keys that SQLite knows; ABORT, the default, is left out."""
    return known(options, specs, lambda spec, value: value if spec.default is None else value.upper())
