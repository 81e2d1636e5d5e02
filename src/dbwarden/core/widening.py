"""What becomes of values when a column gets another type, by the standard names of types. Knows no vendor."""

from __future__ import annotations

from enum import Enum

from .types import DataType


class Fate(Enum):
    """What happens to the values of a column."""

    SAME = "nothing"
    FREE = "kept, the rows need not be written again"
    KEPT = "kept"
    NARROWED = "refused or cut where they do not fit"
    RESPELLED = "refused where they do not fit, and the spelling of the others is forgotten"
    LOSSY = "changed for good"
    UNKNOWN = "not known"

    @property
    def loses(self) -> bool:
        """Whether a statement that succeeds can leave a value that the former type does not get back."""
        return self in (Fate.RESPELLED, Fate.LOSSY, Fate.UNKNOWN)


_ALIASES = {
    "int": "integer",
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "serial": "integer",
    "bigserial": "bigint",
    "smallserial": "smallint",
    "varchar": "varchar",
    "character varying": "varchar",
    "nvarchar": "varchar",
    "character": "char",
    "bpchar": "char",
    "decimal": "numeric",
    "float4": "real",
    "float8": "double precision",
    "float": "double precision",
    "double": "double precision",
    "bool": "boolean",
    "timestamptz": "timestamp with time zone",
    "timestamp without time zone": "timestamp",
    "datetime": "timestamp",
    "timetz": "time with time zone",
    "time without time zone": "time",
    "clob": "text",
    "tinytext": "text",
    "mediumtext": "text",
    "longtext": "text",
}
_WHOLE = {"tinyint": 1, "smallint": 2, "mediumint": 3, "integer": 4, "bigint": 8}
_FLOATS = {"real": 6, "double precision": 15}
_DIGITS = {"tinyint": 3, "smallint": 5, "mediumint": 7, "integer": 10, "bigint": 19}
_EXACT_IN = {"real": 3, "double precision": 4}
"""The largest whole number type, in bytes, that a floating-point type holds exactly."""
_TEXTS = {"text", "varchar", "char", "citext"}
_LOST = {
    ("timestamp", "date"),
    ("timestamp", "time"),
    ("timestamp with time zone", "date"),
    ("timestamp with time zone", "time"),
    ("time with time zone", "time"),
    ("interval", "time"),
    ("jsonb", "hstore"),
    ("inet", "cidr"),
}
_KEPT = {
    ("date", "timestamp"),
    ("date", "timestamp with time zone"),
    ("json", "jsonb"),  # but for white space and the order of keys, which a document does not mean
    ("jsonb", "json"),
    ("timestamp", "timestamp with time zone"),
    ("timestamp with time zone", "timestamp"),  # as times of one zone without summer time: see ``Dialect.assumed_zone``
    ("time", "interval"),
    ("time", "time with time zone"),
    ("money", "numeric"),
    ("bit", "bit varying"),
    ("macaddr", "macaddr8"),
    ("hstore", "jsonb"),
}
_FITTING = {("bit varying", "bit"), ("macaddr8", "macaddr")}
_CENTS = 2
_VERBATIM = {"json", "xml"}
"""Types that keep the text they were given."""
_FREE = {("cidr", "inet"), ("xml", "text")}


def fate(before: DataType, after: DataType) -> Fate:
    """What changing the type ``before`` to ``after`` does to values, where a column holds values of its type only."""
    old, new = standard_name(before), standard_name(after)
    if old == new:
        return Fate.SAME
    if old.array != new.array:
        written = not new.array and new.name in _TEXTS and _length(new) is None
        return Fate.KEPT if written else Fate.UNKNOWN
    if old.name in _TEXTS or new.name in _TEXTS:
        return _text(old, new)
    if _numeric(old) and _numeric(new):
        return _number(old, new)
    if old.name == "boolean" and _numeric(new):
        return _number(DataType("tinyint"), new)
    if _numeric(old) and new.name == "boolean":
        return Fate.LOSSY
    if old.name == new.name:
        return _precision(old, new)
    pair = (old.name, new.name)
    if new.name == "money" and old.name in _WHOLE:
        return Fate.KEPT if _WHOLE[old.name] < _WHOLE["bigint"] else Fate.NARROWED
    if old.name == "money" and new.name in _WHOLE:
        return Fate.LOSSY
    if pair == ("numeric", "money"):
        return Fate.NARROWED if old.args and (_scale(old) or 0) <= _CENTS else Fate.LOSSY
    if pair in _FREE:
        return Fate.FREE
    if pair in _FITTING:
        return Fate.NARROWED
    if pair in _KEPT:
        return _precision(old, new) if new.args and new.name.startswith("time") and old.name != "date" else Fate.KEPT
    return Fate.LOSSY if pair in _LOST else Fate.UNKNOWN


def standard_name(found: DataType) -> DataType:
    """The type by its standard name, modifiers in the name: ``timestamptz(3)`` is ``timestamp with time zone(3)``."""
    name = f"{found.name} {found.modifiers}".strip()
    name = _ALIASES.get(name, name)
    return DataType(name, found.args, found.array)


def _numeric(type_: DataType) -> bool:
    return type_.name in _WHOLE or type_.name in _FLOATS or type_.name == "numeric"


def _text(old: DataType, new: DataType) -> Fate:
    if new.name not in _TEXTS:
        return Fate.NARROWED if new.name in _VERBATIM else Fate.RESPELLED
    if old.name not in _TEXTS:
        return Fate.KEPT if _length(new) is None else Fate.NARROWED
    if _length(new) is None:
        return Fate.KEPT if "char" in (old.name, new.name) else Fate.FREE
    shorter = _length(old) is None or (_length(old) or 0) > (_length(new) or 0)
    if shorter:
        return Fate.NARROWED
    return Fate.FREE if old.name == new.name == "varchar" else Fate.KEPT


def _length(type_: DataType) -> int | None:
    if type_.name in ("text", "citext"):
        return None
    if type_.args and type_.args[0].isdigit():
        return int(type_.args[0])
    return 1 if type_.name == "char" else None


def _number(old: DataType, new: DataType) -> Fate:
    if new.name == "numeric":
        return _to_numeric(old, new)
    if old.name == "numeric":
        if new.name in _FLOATS:
            return Fate.KEPT if old.args and int(old.args[0]) <= _FLOATS[new.name] else Fate.LOSSY
        return Fate.LOSSY if _scale(old) != 0 else Fate.NARROWED
    if new.name in _FLOATS:
        if old.name in _FLOATS:
            return Fate.KEPT if _FLOATS[new.name] > _FLOATS[old.name] else Fate.LOSSY
        return Fate.KEPT if _WHOLE[old.name] <= _EXACT_IN[new.name] else Fate.LOSSY
    if old.name in _FLOATS:
        return Fate.LOSSY
    return Fate.KEPT if _WHOLE[new.name] > _WHOLE[old.name] else Fate.NARROWED


def _to_numeric(old: DataType, new: DataType) -> Fate:
    if old.name in _FLOATS:
        return Fate.LOSSY  # converted with 6 or 15 digits
    if not new.args:
        return Fate.FREE if old.name == "numeric" else Fate.KEPT
    whole = int(new.args[0]) - (_scale(new) or 0)
    if old.name in _WHOLE:
        return Fate.KEPT if whole >= _DIGITS[old.name] else Fate.NARROWED
    if not old.args:
        return Fate.LOSSY
    if (_scale(old) or 0) > (_scale(new) or 0):
        return Fate.LOSSY
    if int(old.args[0]) - (_scale(old) or 0) > whole:
        return Fate.NARROWED
    return Fate.FREE if _scale(old) == _scale(new) else Fate.KEPT


def _scale(type_: DataType) -> int | None:
    """Digits behind the point; ``None`` where any number of them is kept."""
    if not type_.args:
        return None
    return int(type_.args[1]) if len(type_.args) > 1 else 0


def _precision(old: DataType, new: DataType) -> Fate:
    """The same name with other arguments: ``timestamp(3)`` -> ``timestamp(6)``, ``bit(8)`` -> ``bit(4)``."""
    if not new.args:
        return Fate.FREE
    if not old.args or not all(arg.isdigit() for arg in (*old.args, *new.args)):
        return Fate.UNKNOWN if old.args else Fate.LOSSY
    if int(new.args[0]) >= int(old.args[0]):
        return Fate.KEPT
    return Fate.NARROWED if old.name.startswith("bit") else Fate.LOSSY
