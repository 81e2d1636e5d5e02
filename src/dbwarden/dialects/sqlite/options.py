"""What only SQLite's tables, columns and constraints have, under SQLAlchemy's keywords without ``sqlite_``."""

from __future__ import annotations

from dbwarden.core.options import NO_OPTIONS, Change, Options, OptionSpec

TABLE = (
    OptionSpec("autoincrement", default="false", change=Change.RECREATE),
    OptionSpec("strict", default="false", change=Change.RECREATE),
    OptionSpec("with_rowid", default="true", change=Change.RECREATE),
)
COLUMN = (OptionSpec("on_conflict_not_null", default="ABORT", change=Change.RECREATE),)
CONSTRAINT = (
    OptionSpec("on_conflict", default="ABORT", change=Change.RECREATE),
    # The keys of a PRIMARY KEY or UNIQUE as written, where one has a direction or a collation of its own.
    OptionSpec("keys", change=Change.RECREATE),
)

_FLAGS = {"1": "true", "yes": "true", "on": "true", "0": "false", "no": "false", "off": "false", "none": "false"}


def flags(options: Options, specs: tuple[OptionSpec, ...] = TABLE) -> Options:
    """The options that SQLite knows, as ``true`` or ``false``, without those that have their default."""
    if not options:
        return NO_OPTIONS
    found: dict[str, str | None] = {}
    for spec in specs:
        value = (options.get(spec.key) or spec.default or "").lower()
        value = _FLAGS.get(value, value)
        found[spec.key] = None if value == spec.default else value
    return Options.of(found)


def conflict(options: Options, specs: tuple[OptionSpec, ...] = CONSTRAINT) -> Options:
    """The conflict clause and written keys that SQLite knows; ABORT, the default, is left out."""
    if not options:
        return NO_OPTIONS
    found: dict[str, str | None] = {}
    for spec in specs:
        value = options.get(spec.key)
        if value is not None and spec.default is not None:
            value = None if value.upper() == spec.default else value.upper()
        found[spec.key] = value
    return Options.of(found)
