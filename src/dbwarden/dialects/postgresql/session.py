"""Type conversions whose result depends on session settings, and expressions that do not depend on them.

Sources, version 17: pg_cast, and the input and output functions of types that pg_proc marks as stable.
"""

from __future__ import annotations

import re

from dbwarden.core.ddl.constant import constant
from dbwarden.core.sqltext import TokenKind
from dbwarden.core.tokens import calls, readable, upper_text
from dbwarden.core.type_table import NUMBERS, Family
from dbwarden.core.types import DataType

from .types import TYPES
from .words import LEXICAL_RULES

_TEXT = TYPES.names(Family.TEXT)
_NUMBERS = TYPES.names(*NUMBERS)
_ZONED = "timestamp with time zone"
_ZONED_TIME = "time with time zone"
_DATES = frozenset(("date", "timestamp", "daterange", "datemultirange", "tsrange", "tsmultirange"))
_INSTANTS = frozenset((_ZONED, "tstzrange", "tstzmultirange"))
_FLOATS = frozenset(("real", "double precision", "point", "line", "lseg", "box", "path", "polygon", "circle"))
_NAMED = frozenset(
    "regclass regproc regprocedure regoper regoperator regtype regcollation regnamespace regrole regconfig"
    " regdictionary".split()
)

TIME_ZONE = "TimeZone"
_DEPENDENT: tuple[tuple[frozenset[str], frozenset[str], tuple[str, ...]], ...] = (
    (frozenset(("timestamp", "date")), frozenset((_ZONED,)), (TIME_ZONE,)),
    (frozenset((_ZONED,)), frozenset(("timestamp", "date", "time", _ZONED_TIME)), (TIME_ZONE,)),
    (frozenset(("time",)), frozenset((_ZONED_TIME,)), (TIME_ZONE,)),
    (_TEXT, frozenset((_ZONED_TIME,)), (TIME_ZONE,)),
    (_DATES, _TEXT, ("DateStyle",)),
    (_TEXT, _DATES, ("DateStyle",)),
    (_INSTANTS, _TEXT, ("DateStyle", TIME_ZONE)),
    (_TEXT, _INSTANTS, ("DateStyle", TIME_ZONE)),
    (frozenset(("interval",)), _TEXT, ("IntervalStyle",)),
    (_TEXT, frozenset(("interval",)), ("IntervalStyle",)),
    (frozenset(("money",)), _TEXT | _NUMBERS, ("lc_monetary",)),
    (_TEXT | _NUMBERS, frozenset(("money",)), ("lc_monetary",)),
    (_FLOATS, _TEXT, ("extra_float_digits",)),
    (frozenset(("bytea",)), _TEXT, ("bytea_output",)),
    (_NAMED, _TEXT, ("search_path",)),
    (_TEXT, _NAMED, ("search_path",)),
    (_TEXT, frozenset(("xml",)), ("xmloption",)),
)
"""Source types, target types, and the settings that decide. An array is converted element by element."""

VARIATIONS = (
    (
        "SET TimeZone = 'Asia/Tokyo'", "SET DateStyle = 'ISO, DMY'", "SET IntervalStyle = 'postgres'",
        "SET bytea_output = 'hex'", "SET extra_float_digits = 1", "SET xmloption = 'content'",
    ),
    (
        "SET TimeZone = 'America/New_York'", "SET DateStyle = 'SQL, MDY'", "SET IntervalStyle = 'sql_standard'",
        "SET bytea_output = 'escape'", "SET extra_float_digits = -5", "SET xmloption = 'document'",
    ),
)  # fmt: skip
"""Settings of two sessions that differ in everything but ``search_path``, which finds the tables, and ``lc_monetary``,
whose values depend on the server's operating system."""

_PINS = (
    (frozenset(("timezone",)), "AT TIME ZONE", TIME_ZONE),
    (frozenset("to_char to_date to_timestamp make_date make_timestamp".split()), None, "DateStyle"),
    (frozenset("to_char make_interval extract date_part".split()), None, "IntervalStyle"),
    (frozenset(("to_char", "round")), ":: NUMERIC", "extra_float_digits"),
    (frozenset(("encode", "convert_from")), None, "bytea_output"),
    (frozenset(("xmlparse", "xmlserialize")), None, "xmloption"),
)
"""Functions and words that decide instead of a setting."""

# What stands inside of a string: a date or time, not SQL.
_ISO_DATE = re.compile(
    r"\s*[+-]?\d{4,}-\d\d?-\d\d?\b|\s*(?:now|today|tomorrow|yesterday|epoch|-?infinity)\s*\Z", re.IGNORECASE
)
_OFFSET = re.compile(
    r"(?::\d\d(?:\.\d+)?\s*(?:[+-]\d\d?(?::?\d\d)?|z|utc|gmt)|^\s*(?:now|epoch|-?infinity))\s*\Z", re.IGNORECASE
)


def kind(datatype: DataType) -> str:
    """Name of a type without arguments: ``timestamp with time zone``."""
    return f"{datatype.name} {datatype.modifiers}".strip()


def settings(before: str, after: str) -> tuple[str, ...]:
    """Settings that decide how a value of one type is converted to another (names as by ``kind``)."""
    return tuple(
        dict.fromkeys(
            name for sources, targets, names in _DEPENDENT if before in sources and after in targets for name in names
        )
    )


def pinned(expression: str) -> frozenset[str]:
    """Settings that an expression does not depend on, because it decides by itself."""
    literal = constant(expression, LEXICAL_RULES)
    if literal is not None and literal.value is not None:
        text = literal.value
        names = {TIME_ZONE} if _OFFSET.search(text) else set[str]()
        return frozenset(names | ({"DateStyle"} if _ISO_DATE.match(text) else set()))
    tokens = [token for token in readable(expression, LEXICAL_RULES) if token.kind is not TokenKind.STRING]
    text, called = upper_text(tokens), {name.rpartition(".")[2] for name in calls(tokens, LEXICAL_RULES)}
    return frozenset(
        setting for names, phrase, setting in _PINS if names & called or (phrase is not None and phrase in text)
    )


def in_utc(value: str, before: str, after: str) -> str | None:
    """Expression that converts between times with and without a zone in UTC instead of the session's zone; ``None`` for
    other types."""
    match before, after:
        case ("timestamp", "timestamp with time zone") | ("timestamp with time zone", "timestamp"):
            return f"{value} AT TIME ZONE 'UTC'"
        case ("date", "timestamp with time zone"):
            return f"{value}::TIMESTAMP AT TIME ZONE 'UTC'"
        case ("timestamp with time zone", "date" | "time"):
            return f"({value} AT TIME ZONE 'UTC')::{after.upper()}"
        case ("timestamp with time zone", "time with time zone"):
            return f"(({value} AT TIME ZONE 'UTC')::TIME::text || '+00')::TIME WITH TIME ZONE"
        case ("time", "time with time zone"):
            return f"({value}::text || '+00')::TIME WITH TIME ZONE"
    return None
