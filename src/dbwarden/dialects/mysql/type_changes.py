"""Effect of a type change on a column's values in the strict ``sql_mode`` of both servers, measured on MySQL 9.7 and
MariaDB 10.11: a value that does not fit is refused, digits that do not fit are rounded away without an error.
"""

from __future__ import annotations

from typing import NamedTuple

from dbwarden.core.dialect import Server
from dbwarden.core.type_table import Family, TypeChange, TypeRow
from dbwarden.core.types import DataType

from .types import GEOMETRIES, TYPES
from .words import string_value

_FREE, _KEPT, _NARROWED, _RESPELLED, _LOSSY, _UNKNOWN = (
    TypeChange.FREE, TypeChange.KEPT, TypeChange.NARROWED, TypeChange.RESPELLED, TypeChange.LOSSY, TypeChange.UNKNOWN,
)  # fmt: skip
_DIGITS = {24: 6, 53: 15}
"""Decimal digits that a mantissa of so many bits preserves (FLT_DIG, DBL_DIG)."""
_WIDTHS = (1, 3, 4)
"""Bytes of a character in the usual character sets: latin1, utf8mb3, utf8mb4."""
_ONE_BYTE_LENGTH = 255
"""Bytes of a VARCHAR whose length takes one byte: up to there, and beyond it, a longer one is a change of metadata."""
_LENGTHS = {"date": 10, "time": 10, "datetime": 19, "timestamp": 19, "year": 4, "uuid": 36, "inet4": 15, "inet6": 39}
"""Characters of the values of a type as text, without fractional seconds."""
_YEAR = DataType("decimal", ("4", "0"), modifiers="unsigned")
_MOMENTS = (Family.DATE, Family.TIME, Family.TIMESTAMP)


def change(before: DataType, after: DataType, server: Server) -> TypeChange:
    """Effect on values of changing the type ``before`` to ``after``, both canonical."""
    if before == after:
        return TypeChange.SAME
    old, new = TYPES.row(before), TYPES.row(after)
    if Range.of(before) is not None and Range.of(after) is not None:
        return _number(before, after)
    if old.name in ("enum", "set") and new.name == old.name:
        return _values(before, after)
    if old.name == "year" and Range.of(after) is not None:
        return change(_YEAR, after, server)
    if new.family is Family.TEXT:
        return _to_text(before, after, old)
    if old.family is Family.TEXT:
        return _from_text(before, after, new, server)
    if Family.BYTES in (old.family, new.family):
        return _bytes(before, after, old, new)
    if old.family in _MOMENTS and new.family in _MOMENTS:
        return _moment(before, after, old, new)
    if new.name in ("geometry", "geometrycollection") and old.name in GEOMETRIES:
        return _KEPT if new.name == "geometry" else _UNKNOWN
    if old.name == "geometry" and new.name in (*GEOMETRIES, "geometrycollection"):
        return _NARROWED
    return _UNKNOWN


def session_settings(before: DataType, after: DataType) -> tuple[str, ...]:
    """A TIMESTAMP is a moment in UTC, which becomes a date or a text in the zone of the session, and the other way round."""
    names = {before.name, after.name}
    families = {TYPES.row(before).family, TYPES.row(after).family}
    other = families - {Family.TIMESTAMP} or names - {"timestamp"}
    return ("time_zone",) if "timestamp" in names and other else ()


SESSION_VARIATIONS = (("SET time_zone = '+13:00'",), ("SET time_zone = '-11:00'",))


# -- numbers ----------------------------------------------------------------------------------------------------------


class Range(NamedTuple):
    """The numbers that a type holds, times ten to the power of ``scale``."""

    low: int
    high: int
    scale: int | None = 0
    """Digits after the decimal point; ``None`` for a floating-point number, whose bounds are those of exact whole numbers."""
    bits: int = 0
    """Bits of the mantissa of a floating-point number."""

    @classmethod
    def of(cls, datatype: DataType) -> Range | None:
        """The range of a number, boolean or BIT; ``None`` for other types."""
        row, unsigned = TYPES.row(datatype), "unsigned" in datatype.modifiers
        args = [int(arg) for arg in datatype.args if arg.isdigit()]
        if row.family in (Family.WHOLE, Family.BOOLEAN):
            bits = 8 * (row.size or 1)
            return cls(0, 2**bits - 1) if unsigned else cls(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
        if row.family is Family.BITS:
            return cls(0, 2 ** (args[0] if args else 1) - 1)
        if row.family is Family.DECIMAL:
            digits, scale = (*args, 10, 0)[:2] if len(args) != 1 else (args[0], 0)
            return cls(0 if unsigned else 1 - 10**digits, 10**digits - 1, scale)
        if row.family is Family.FLOAT:
            return cls(0 if unsigned else -(2**row.size), 2**row.size, None, row.size)
        return None

    def times(self, scale: int) -> tuple[int, int]:
        """The bounds with more digits after the decimal point."""
        power = 10 ** (scale - (self.scale or 0))
        return self.low * power, self.high * power


_ALL_BITS = Range(0, 2**64 - 1)


def _number(before: DataType, after: DataType) -> TypeChange:
    old, new = Range.of(before), Range.of(after)
    assert old is not None and new is not None
    if new.scale is None:
        return _to_float(before, after, old, new)
    if old.scale is None or old.scale > new.scale:
        return _LOSSY
    low, high = old.times(new.scale)
    if low < new.low or high > new.high:
        return _LOSSY if new == _ALL_BITS and low < 0 else _NARROWED  # -1 becomes 64 bits
    return _FREE if (old, before.name) == (new, after.name) else _KEPT  # only a display width changes


def _to_float(before: DataType, after: DataType, old: Range, new: Range) -> TypeChange:
    effect = _KEPT
    if old.scale is None:
        lost = old.bits > new.bits
    elif old.scale:
        lost = len(str(old.high)) > _DIGITS[new.bits]
    else:
        lost = max(-old.low, old.high) > 2**new.bits
    if after.args and after.args != before.args:  # FLOAT(7,4) is rounded
        digits, scale = (int(arg) for arg in after.args)
        more = before.args if old.scale is None else (str(len(str(old.high))), str(old.scale))
        if not more or int(more[1]) > scale:
            lost = True
        elif int(more[0]) - int(more[1]) > digits - scale:
            effect = _NARROWED
    if lost:
        return _LOSSY
    return _NARROWED if old.low < 0 <= new.low else effect


# -- texts, bytes -----------------------------------------------------------------------------------------------------


def _values(before: DataType, after: DataType) -> TypeChange:
    """ENUM and SET with other values: new ones at the end are a change of metadata unless a value takes more bytes."""
    if not set(before.args) <= set(after.args):
        return _NARROWED
    if after.args[: len(before.args)] != before.args:
        return _KEPT
    return _FREE if _value_bytes(before) == _value_bytes(after) else _KEPT


def _value_bytes(datatype: DataType) -> int:
    count = len(datatype.args)
    if datatype.name == "enum":
        return 1 if count < 2**8 else 2
    size = (count + 7) // 8
    return size if size <= 4 else 8


def _length(datatype: DataType, width: int = max(_WIDTHS)) -> int:
    """Characters that a text of characters of this width holds, or bytes."""
    if datatype.args and datatype.name in ("char", "varchar", "binary", "varbinary"):
        return int(datatype.args[0])
    size = TYPES.row(datatype).size
    return size // width if TYPES.row(datatype).family is Family.TEXT else size


def _to_text(before: DataType, after: DataType, old: TypeRow) -> TypeChange:
    if after.name in ("enum", "set"):
        return _RESPELLED if old.family is Family.TEXT else _UNKNOWN
    if old.family is Family.BYTES or old.family is Family.BITS:
        return _NARROWED if old.name not in ("binary", "bit") else _LOSSY
    if old.name == "float":
        return _LOSSY  # six digits are written
    if old.family is Family.TEXT and before.name not in ("enum", "set"):
        return _text(before, after)
    if old.family is Family.JSON:
        return _KEPT if after.name == "longtext" else _NARROWED
    length = _text_length(before)
    return _NARROWED if length is None or length > _length(after) else _KEPT


def _text(before: DataType, after: DataType) -> TypeChange:
    old, new = TYPES.row(before), TYPES.row(after)
    if after.name == "char" != before.name:
        return _LOSSY  # the blanks at the end of a value are gone
    if old.size > 1 and new.size > 1:
        return _KEPT if new.size > old.size else _NARROWED
    if _length(after) < _length(before, min(_WIDTHS)):
        return _NARROWED
    if (
        before.name == after.name == "varchar"
        and before.modifiers == after.modifiers
        and _same_length_bytes(before, after)
    ):
        return _FREE
    return _KEPT


def _same_length_bytes(before: DataType, after: DataType) -> bool:
    return all(
        (_length(before) * width > _ONE_BYTE_LENGTH) == (_length(after) * width > _ONE_BYTE_LENGTH) for width in _WIDTHS
    )


def _text_length(datatype: DataType) -> int | None:
    """The most characters of a value as text; ``None`` if that is not known."""
    row = TYPES.row(datatype)
    if row.name in ("enum", "set"):
        lengths = [len(string_value(arg) or arg) for arg in datatype.args]
        return max(lengths, default=0) if row.name == "enum" else sum(lengths) + max(len(lengths) - 1, 0)
    exact = Range.of(datatype)
    if exact is not None and exact.scale is not None:
        longest = max(len(str(exact.low)), len(str(exact.high)), int(datatype.args[0]) if datatype.args else 0)
        return (
            longest + (1 if exact.scale else 0) + (exact.scale >= len(str(exact.high)))
        )  # the point, and a zero before it
    if row.family is Family.FLOAT:
        return 24
    length = _LENGTHS.get(row.name)
    if length is not None and datatype.args and row.family in _MOMENTS:
        length += 1 + int(datatype.args[0])
    return length


def _from_text(before: DataType, after: DataType, new: TypeRow, server: Server) -> TypeChange:
    if new.family is Family.BYTES:
        if new.name == "binary":
            return _LOSSY  # filled up with zero bytes
        if before.name in ("enum", "set"):
            return _KEPT if (_text_length(before) or 0) * max(_WIDTHS) <= _length(after) else _NARROWED
        width = 1 if TYPES.row(before).size > 1 else max(_WIDTHS)
        size = TYPES.row(before).size if width == 1 else _length(before) * width
        return _KEPT if size <= _length(after) else _NARROWED
    if new.family is Family.JSON:
        return _NARROWED if server.flavour == "mariadb" else _RESPELLED
    if new.name in GEOMETRIES or new.name in ("geometrycollection", "vector"):
        return _UNKNOWN
    return _LOSSY if before.name in ("enum", "set") else _RESPELLED


def _bytes(before: DataType, after: DataType, old: TypeRow, new: TypeRow) -> TypeChange:
    if old.family is not new.family:
        return _UNKNOWN
    if new.name == "binary":
        return _LOSSY  # filled up with zero bytes
    if _length(after) < _length(before):
        return _NARROWED
    one_byte = (_length(before) > _ONE_BYTE_LENGTH) == (_length(after) > _ONE_BYTE_LENGTH)
    return _FREE if old.name == new.name == "varbinary" and one_byte else _KEPT


# -- dates and times --------------------------------------------------------------------------------------------------


def _moment(before: DataType, after: DataType, old: TypeRow, new: TypeRow) -> TypeChange:
    digits = [int(one.args[0]) if one.args else 0 for one in (before, after)]
    if old.family is Family.DATE and new.family is Family.TIMESTAMP:
        return _KEPT if new.name == "datetime" else _NARROWED
    if new.family is Family.DATE or old.family is not new.family or digits[1] < digits[0]:
        return _LOSSY
    return _NARROWED if new.name == "timestamp" != old.name else _KEPT
