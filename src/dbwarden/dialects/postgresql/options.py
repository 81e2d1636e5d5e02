"""Options of PostgreSQL's objects, by SQLAlchemy's keywords without ``postgresql_``.

The value of ``with`` is the storage parameters as ``key=value, key=value``, sorted.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from dbwarden.core.options import OptionChange, Options, OptionSpec
from dbwarden.core.types import DataType
from dbwarden.dialects.base import options as base

from . import foreign
from .types import TYPES

_WITH = OptionSpec("with", pairs=True)
_TABLESPACE = OptionSpec("tablespace", words=("TABLESPACE",), undone_by=("PG_DEFAULT",))
TABLE = (
    _WITH,
    _TABLESPACE,
    OptionSpec("unlogged", default="false", words=("UNLOGGED",)),
    OptionSpec("inherits", change=OptionChange.IN_PLACE, words=("INHERITS", "INHERIT")),
    OptionSpec("partition_by", change=OptionChange.NEVER, words=("PARTITION",)),
    OptionSpec("row_level_security", default="false", words=("ROW",), undone_by=("DISABLE",)),
    OptionSpec("force_row_level_security", default="false", words=("FORCE",), undone_by=("NO",)),
    OptionSpec("server", change=OptionChange.NEVER, words=("SERVER",)),
    foreign.OPTIONS,
    OptionSpec("using", default="heap", change=OptionChange.NEVER, words=("USING", "ACCESS"), undone_by=("HEAP",)),
)
INDEX = (_WITH, _TABLESPACE, OptionSpec("invalid", default="false", preserved=False))
CONSTRAINT = (OptionSpec("not_valid", default="false", preserved=False), _WITH, _TABLESPACE)
NUMBERS = (
    OptionSpec("start", default="1", words=("START",)),
    OptionSpec("increment", default="1", words=("INCREMENT",)),
    OptionSpec("minvalue", words=("MINVALUE",)),
    OptionSpec("maxvalue", words=("MAXVALUE",)),
    OptionSpec("cache", default="1", words=("CACHE",)),
    OptionSpec("cycle", default="false", words=("CYCLE",)),
)
BY_KIND: Mapping[str, tuple[OptionSpec, ...]] = {
    "table": TABLE,
    "column": (foreign.OPTIONS,),
    "index": INDEX,
    "primary_key": CONSTRAINT,
    "unique": CONSTRAINT,
    "check": CONSTRAINT,
    "foreign_key": CONSTRAINT,
    "exclude": CONSTRAINT,
    "sequence": NUMBERS,
    "identity": NUMBERS,
}


@lru_cache(maxsize=4096)
def known_options(options: Options, kind: str) -> Options:
    """Options that PostgreSQL knows for this kind of object, without those that have their default."""
    known_options = base.known_options(options, BY_KIND.get(kind, ()), _spelled)
    if kind == "table" and "UNLOGGED" in (options.get("prefixes") or "").upper():
        return known_options.with_(unlogged="true")
    return known_options


def _spelled(spec: OptionSpec, value: str) -> str:
    if spec is foreign.OPTIONS:
        return foreign.canonical_text(value)
    return parameters(value) if spec.pairs else base.flag(spec, value)


def parameters(text: str) -> str:
    """Canonical spelling of storage parameters: ``key=value``, sorted, with lower-case keys."""
    pairs = {}
    for part in text.strip("(){} ").split(","):
        name, _, value = part.partition("=")
        if name.strip():
            value = value.strip().strip("'")
            pairs[name.strip().lower()] = {"True": "true", "False": "false", "": "true"}.get(value, value)
    return ", ".join(f"{name}={value}" for name, value in sorted(pairs.items()))


@lru_cache(maxsize=4096)
def numbers(options: Options, type_name: str = "bigint") -> Options:
    """Options of a sequence or identity column, without those that have the default of the type."""
    settings: dict[str, str | None] = {}
    for key, value in options:
        value = str(value).lower()
        settings[key] = base.FLAGS.get(value, value) if key in ("cycle", "no_minvalue", "no_maxvalue") else value
    descending = (settings.get("increment") or "1").startswith("-")
    highest = 2 ** (8 * (TYPES.row(DataType(type_name)).size or 8) - 1) - 1
    low, high = (-highest - 1, -1) if descending else (1, highest)
    minimum, maximum = settings.get("minvalue") or str(low), settings.get("maxvalue") or str(high)
    defaults = {
        "start": maximum if descending else minimum,
        "increment": "1",
        "minvalue": str(low),
        "maxvalue": str(high),
        "cache": "1",
        "cycle": "false",
    }
    return Options.of({key: value for key, value in settings.items() if key in defaults and value != defaults[key]})
