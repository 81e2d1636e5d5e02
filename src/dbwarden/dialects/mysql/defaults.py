"""Defaults of columns: what a person wrote, and what either server reports, as one text with one comparison key.

A constant becomes the literal that the column stores: ``'0'`` of an integer is ``0``, ``true`` is ``1``, a date gets its time.
Anything else is an expression in parentheses, except CURRENT_TIMESTAMP.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

from dbwarden.core.types import DataType, Expression

from . import expressions
from .names import NAMES
from .words import string_literal, string_value

WHOLE = frozenset(("tinyint", "smallint", "mediumint", "int", "bigint", "year"))
FLOATS = frozenset(("float", "double"))
MOMENTS = frozenset(("datetime", "timestamp"))
BINARY = frozenset(("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"))
_TIMES = MOMENTS | {"date", "time"}
_LARGE = frozenset(
    "tinytext text mediumtext longtext tinyblob blob mediumblob longblob json geometry point linestring polygon multipoint"
    " multilinestring multipolygon geometrycollection vector".split()
)
"""Types whose default is an expression even if it is a constant (MySQL)."""
_NOW = re.compile(
    r"(?:(?:current_timestamp|now|localtimestamp|localtime)\s*\(\s*(\d*)\s*\)|(?:current_timestamp|localtimestamp|localtime))",
    re.IGNORECASE,
)
_ON_UPDATE = re.compile(r"\s+ON\s+UPDATE\s+", re.IGNORECASE)
_TYPED = re.compile(r"\A(?:DATE|TIME|TIMESTAMP)\s*(?=')", re.IGNORECASE)
_NUMBER = re.compile(r"([+-]?)\s*((?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)", re.IGNORECASE)
_BITS = re.compile(r"(?:b'([01]*)'|0b([01]+))", re.IGNORECASE)
_HEX = re.compile(r"(?:x'((?:[0-9a-f]{2})*)'|0x([0-9a-f]*))", re.IGNORECASE)
_MOMENT = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,6}))?)?)?")
_TIME = re.compile(r"(-?)(\d{1,3}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,6}))?)?")


def split_on_update(text: str) -> tuple[str, str | None]:
    """The default before ``ON UPDATE``, and the value after it, as in ``server_default=text("... ON UPDATE ...")``."""
    before, *behind = _ON_UPDATE.split(text.strip(), maxsplit=1)
    return (before, moment(behind[0])) if behind else (text, None)


def moment(text: str) -> str | None:
    """``CURRENT_TIMESTAMP`` with its precision for any spelling of it; ``None`` for another expression."""
    match = _NOW.fullmatch(expressions.bare(text))
    if match is None:
        return None
    digits = (match.group(1) or "0").lstrip("0")
    return f"CURRENT_TIMESTAMP({digits})" if digits else "CURRENT_TIMESTAMP"


def canonical_default(default: Expression, type_: DataType, flavour: str) -> Expression | None:
    """The default of a column of this type; ``None`` for NULL."""
    read = _read(default.text, type_, flavour)
    if read is None:
        return None
    text, key = read
    unchanged = default.names is NAMES and (text, key) == (default.text, default.key)
    return default if unchanged else Expression(text, key, NAMES)


@lru_cache(maxsize=1 << 14)
def _read(text: str, type_: DataType, flavour: str) -> tuple[str, str] | None:
    """Text and key of a default."""
    inner = expressions.bare(text)
    if inner.lower() == "null":
        return None
    stored = constant(inner, type_)
    if stored is not None:
        large = flavour == "mysql" and type_.name in _LARGE
        return (f"({stored})" if large else stored), stored
    now = moment(inner)
    if now is not None:
        return (now if type_.name in MOMENTS else f"({now})"), now.lower()
    return f"({expressions.readable(inner)})", expressions.key(inner)


def constant(text: str, type_: DataType) -> str | None:
    """The literal that a column of this type stores for a constant; ``None`` for an expression."""
    text = expressions.bare(text)
    if text.lower() in ("true", "false"):
        text = "1" if text.lower() == "true" else "0"
    if (bits := _BITS.fullmatch(text)) is not None:
        return _number_as(int(bits.group(1) or bits.group(2) or "0", 2), type_)
    if (digits := _HEX.fullmatch(text)) is not None:
        return _bytes_as(bytes.fromhex(_even(digits.group(1) or digits.group(2) or "")), type_)
    if (number := _NUMBER.fullmatch(text)) is not None:
        return _text_as(("-" if number.group(1) == "-" else "") + number.group(2), type_)
    value = string_value(_TYPED.sub("", text, count=1))
    return None if value is None else _text_as(value, type_)


def _even(digits: str) -> str:
    return "0" + digits if len(digits) % 2 else digits


def _number_as(number: int, type_: DataType) -> str:
    if type_.name in WHOLE or type_.name in FLOATS or type_.name == "decimal":
        return _text_as(str(number), type_)
    if type_.name == "bit":
        return f"b'{number:b}'"
    return _bytes_as(number.to_bytes((number.bit_length() + 7) // 8 or 1, "big"), type_)


def _bytes_as(value: bytes, type_: DataType) -> str:
    if type_.name == "bit" or type_.name in WHOLE:
        return _number_as(int.from_bytes(value, "big"), type_)
    if type_.name in BINARY:
        value = value.rstrip(b"\0") if type_.name == "binary" else value
        if value.isascii() and value.decode().isprintable():
            return string_literal(value.decode())
        return f"0x{value.hex()}"
    try:
        return _text_as(value.decode(), type_)
    except UnicodeDecodeError:
        return f"0x{value.hex()}"


def _text_as(value: str, type_: DataType) -> str:
    """A constant, given as text, as the literal of a column of this type."""
    name = type_.name
    if name in WHOLE or name in FLOATS or name == "decimal":
        return _numeric(value, type_)
    if name == "bit":
        return f"b'{int(value):b}'" if value.isdigit() else string_literal(value)
    if name in BINARY:
        return _bytes_as(value.encode(), type_)
    return string_literal(_moment_text(value, type_) if name in _TIMES else value)


def _numeric(value: str, type_: DataType) -> str:
    try:
        number = Decimal(value.strip())
    except InvalidOperation:
        return string_literal(value)
    if not number.is_finite():
        return string_literal(value)
    if type_.name in WHOLE:
        return str(int(number.quantize(Decimal(1), ROUND_HALF_UP)))
    if type_.name == "decimal" or type_.args[1:]:
        scale = int(type_.args[1]) if len(type_.args) > 1 and type_.args[1].isdigit() else 0
        return f"{number.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP):f}"
    return f"{number.normalize():f}" if number else "0"


def _moment_text(value: str, type_: DataType) -> str:
    """A date, time or moment with all of its parts, and as many digits of a second as the type has."""
    places = int(type_.args[0]) if type_.args and type_.args[0].isdigit() else 0
    if type_.name == "time":
        match = _TIME.fullmatch(value.strip())
        if match is None:
            return value
        sign, hours, minutes, seconds, fraction = match.groups()
        return f"{sign}{int(hours):02}:{int(minutes):02}:{int(seconds or 0):02}" + _fraction(fraction, places)
    match = _MOMENT.fullmatch(value.strip())
    if match is None:
        return value
    year, month, day, hours, minutes, seconds, fraction = match.groups()
    date = f"{year}-{int(month):02}-{int(day):02}"
    if type_.name == "date":
        return date
    return f"{date} {int(hours or 0):02}:{int(minutes or 0):02}:{int(seconds or 0):02}" + _fraction(fraction, places)


def _fraction(digits: str | None, places: int) -> str:
    return f".{(digits or '').ljust(6, '0')[:places]}" if places else ""
