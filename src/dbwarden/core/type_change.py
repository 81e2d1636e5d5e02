"""Derives the effect of a type change on a column's values from the families and sizes of both types.

Numbers, texts and money follow rules. All other changes between families are rows of the type table (``TypeRow.conversions``).
"""

from __future__ import annotations

from .type_table import NUMBERS, Family, TypeChange, TypeRow, TypeTable, TypeUse
from .types import DataType

_CENTS = 2
"""Decimal places of an amount of money."""
_LARGEST_WHOLE = 8
"""Bytes of the largest integer, whose range exceeds that of money."""
_BIT = TypeUse(TypeRow("bit", Family.WHOLE, size=1))
"""A boolean as a number."""


def type_change(before: DataType, after: DataType, types: TypeTable) -> TypeChange:
    """Effect on values of changing the type ``before`` to ``after``, for engines whose columns hold only values of their type."""
    old, new = types.use(before), types.use(after)
    if old == new:
        return TypeChange.SAME
    if old.array != new.array:  # an array can become text; nothing is known of other cases
        written = not new.array and new.family is Family.TEXT and _length(new) is None
        return TypeChange.KEPT if written else TypeChange.UNKNOWN
    if Family.TEXT in (old.family, new.family):
        return _text(old, new)
    if new.family in NUMBERS and (old.family in NUMBERS or old.family is Family.BOOLEAN):
        return _number(old if old.family in NUMBERS else _BIT, new)
    if old.family in NUMBERS and new.family is Family.BOOLEAN:
        return TypeChange.LOSSY
    if old.row.key == new.row.key:
        return _precision(old, new)
    if Family.MONEY in (old.family, new.family) and (old.family in NUMBERS or new.family is Family.WHOLE):
        return _money(old, new)
    conversion = old.row.conversions.get(new.row.key, TypeChange.UNKNOWN)
    timed = new.family in (Family.TIME, Family.TIMESTAMP) and old.family is not Family.DATE
    return _precision(old, new) if conversion is TypeChange.KEPT and new.args and timed else conversion


def _money(old: TypeUse, new: TypeUse) -> TypeChange:
    if old.family is Family.WHOLE:
        return TypeChange.KEPT if old.row.size < _LARGEST_WHOLE else TypeChange.NARROWED
    if old.family is Family.DECIMAL:
        return TypeChange.NARROWED if old.args and (_scale(old) or 0) <= _CENTS else TypeChange.LOSSY
    return TypeChange.LOSSY if new.family is Family.WHOLE else TypeChange.UNKNOWN


def _text(old: TypeUse, new: TypeUse) -> TypeChange:
    if new.family is not Family.TEXT:
        return TypeChange.NARROWED if new.row.verbatim else TypeChange.RESPELLED
    if old.family is not Family.TEXT:
        return TypeChange.KEPT if _length(new) is None else TypeChange.NARROWED
    if _length(new) is None:
        return TypeChange.KEPT if old.row.size or new.row.size else TypeChange.FREE
    shorter = _length(old) is None or (_length(old) or 0) > (_length(new) or 0)
    if shorter:
        return TypeChange.NARROWED
    return TypeChange.FREE if old.row == new.row and not new.row.size else TypeChange.KEPT


def _length(type_: TypeUse) -> int | None:
    """Maximum number of characters of a text; ``None`` for any number."""
    if type_.args and type_.args[0].isdigit():
        return int(type_.args[0])
    return type_.row.size or None


def _number(old: TypeUse, new: TypeUse) -> TypeChange:
    if new.family is Family.DECIMAL:
        return _to_decimal(old, new)
    if old.family is Family.DECIMAL:
        if new.family is Family.FLOAT:
            fits = old.args and int(old.args[0]) <= _digits_of_float(new)
            return TypeChange.KEPT if fits else TypeChange.LOSSY
        return TypeChange.LOSSY if _scale(old) != 0 else TypeChange.NARROWED
    if old.family is Family.FLOAT:
        wider = new.family is Family.FLOAT and new.row.size > old.row.size
        return TypeChange.KEPT if wider else TypeChange.LOSSY
    if new.family is Family.FLOAT:
        return TypeChange.KEPT if 8 * old.row.size - 1 <= new.row.size else TypeChange.LOSSY
    return TypeChange.KEPT if new.row.size > old.row.size else TypeChange.NARROWED


def _to_decimal(old: TypeUse, new: TypeUse) -> TypeChange:
    if old.family is Family.FLOAT:
        return TypeChange.LOSSY  # converted with only the digits that the float certainly has
    if not new.args:
        return TypeChange.FREE if old.family is Family.DECIMAL else TypeChange.KEPT
    whole = int(new.args[0]) - (_scale(new) or 0)
    if old.family is Family.WHOLE:
        return TypeChange.KEPT if whole >= len(str(2 ** (8 * old.row.size - 1))) else TypeChange.NARROWED
    if not old.args:
        return TypeChange.LOSSY
    if (_scale(old) or 0) > (_scale(new) or 0):
        return TypeChange.LOSSY
    if int(old.args[0]) - (_scale(old) or 0) > whole:
        return TypeChange.NARROWED
    return TypeChange.FREE if _scale(old) == _scale(new) else TypeChange.KEPT


def _digits_of_float(type_: TypeUse) -> int:
    """The decimal digits that survive in a mantissa of ``size`` bits (FLT_DIG, DBL_DIG)."""
    return len(str(2 ** (type_.row.size - 1))) - 1


def _scale(type_: TypeUse) -> int | None:
    """Digits after the decimal point; ``None`` for any number."""
    if not type_.args:
        return None
    return int(type_.args[1]) if len(type_.args) > 1 else 0


def _precision(old: TypeUse, new: TypeUse) -> TypeChange:
    """Effect of changing only the arguments: ``timestamp(3)`` to ``timestamp(6)``, ``bit(8)`` to ``bit(4)``."""
    if not new.args:
        return TypeChange.FREE
    if not old.args or not all(arg.isdigit() for arg in (*old.args, *new.args)):
        return TypeChange.UNKNOWN if old.args else TypeChange.LOSSY
    if int(new.args[0]) >= int(old.args[0]):
        return TypeChange.KEPT
    return TypeChange.NARROWED if old.family is Family.BITS else TypeChange.LOSSY
