"""Equivalents of MySQL's and MariaDB's functions and operators in SQLite, as replacements of nodes in SQLGlot's trees.

Only what SQLGlot prints unchanged, or with another meaning, has a row here. SQLite itself is asked afterwards whether it
knows a function, so what has no row is reported as a loss and not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from .collations import collation_of

_MOMENTS = frozenset(
    "now sysdate localtime localtimestamp utc_timestamp utctimestamp current_timestamp currenttimestamp".split()
)
_DAYS = frozenset(("currentdate", "current_date", "curdate", "utc_date", "utcdate"))
_PARTS = {
    "year": "%Y", "month": "%m", "day": "%d", "day_of_month": "%d", "hour": "%H", "minute": "%M", "second": "%S",
    "day_of_year": "%j",
}  # fmt: skip
"""Format of ``strftime`` for each part of a date or time."""
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}
_UNITS = frozenset((*_SECONDS, "month", "year"))
_DAYS_IN_WEEK, _MONTHS_IN_QUARTER = 7, 3
_WHOLE = re.compile(r"[+-]?\d+")


def replacement(node: Any, exp: Any) -> Any:
    """Node that replaces ``node``; the same one if SQLite means the same by it."""
    match node:
        case exp.Introducer() | exp.National():
            return node.args.get("expression") or exp.Literal.string(node.name)
        case exp.Collate():
            node.set("expression", exp.var(collation_of(node.expression.name) or "BINARY"))
            return node
        case exp.Add(expression=exp.Interval()) | exp.Sub(expression=exp.Interval()):
            interval = node.expression
            return _shifted(node.this, interval.this, interval.args.get("unit"), isinstance(node, exp.Sub), exp)
        case exp.DateAdd() | exp.DateSub():
            return _shifted(node.this, node.expression, node.args.get("unit"), isinstance(node, exp.DateSub), exp)
        case exp.Xor():
            sides = (exp.paren(exp.Not(this=exp.paren(side))) for side in (node.this, node.expression))
            return exp.NEQ(this=next(sides), expression=next(sides))
        case exp.Cast() if node.to.this == exp.DataType.Type.BINARY:  # BINARY a: compared byte by byte
            return exp.Collate(this=node.this, expression=exp.var("BINARY"))
        case exp.Cast() if node.to.this in (exp.DataType.Type.UBIGINT, exp.DataType.Type.BIGINT):
            return exp.Cast(this=node.this, to=exp.DataType.build("integer", dialect="sqlite"))
        case exp.Func():
            convert = _FUNCTIONS.get(_name(node, exp))
            return node if convert is None else convert(node, exp)
    return node


def _name(node: Any, exp: Any) -> str:
    return str(node.name if isinstance(node, exp.Anonymous) else node.sql_name()).lower()


def _call(exp: Any, name: str, *arguments: Any) -> Any:
    return exp.Anonymous(this=name, expressions=[_node(exp, argument) for argument in arguments])


def _node(exp: Any, value: Any) -> Any:
    if isinstance(value, str):
        return exp.Literal.string(value)
    return exp.Literal.number(value) if isinstance(value, int | float) else value


def _whole(exp: Any, value: Any) -> Any:
    return exp.Cast(this=value, to=exp.DataType.build("integer", dialect="sqlite"))


def _arguments(node: Any, exp: Any) -> list[Any]:
    """The arguments of a function in their order."""
    if isinstance(node, exp.Anonymous):
        return list(node.expressions)
    return [node.args[key] for key in ("this", "expression") if node.args.get(key) is not None]


def _bare(node: Any, exp: Any) -> Any:
    """The argument without the parentheses and the conversion to a date that SQLGlot adds."""
    while isinstance(node, exp.Paren | exp.TsOrDsToDate):
        node = node.this
    return node


# -- dates and times ----------------------------------------------------------------------------------------------


def _shifted(base: Any, number: Any, unit: Any, backwards: bool, exp: Any) -> Any:
    """``base`` moved by an interval; an ``Interval``, which has no translation, if its length is not a whole number."""
    name, text = ("" if unit is None else str(unit.name).lower()), _number(number, exp)
    if name == "quarter" and text is not None:
        name, text = "month", str(int(text) * _MONTHS_IN_QUARTER)
    if name == "week" and text is not None:
        name, text = "day", str(int(text) * _DAYS_IN_WEEK)
    if text is None or name not in _UNITS:
        return exp.Interval(this=number, unit=unit)
    modifier = f"{-int(text) if backwards else int(text):+d} {name}"
    base = _bare(base, exp)
    kind = _name(base, exp) if isinstance(base, exp.Func) else ""
    if kind in _MOMENTS:
        return _call(exp, "datetime", "now", modifier)
    has_time = name in ("second", "minute", "hour")
    if kind in _DAYS:
        return _call(exp, "datetime" if has_time else "date", "now", *(["start of day"] if has_time else []), modifier)
    moment = _call(exp, "datetime", base.copy(), modifier)
    if has_time:
        return moment
    # A date stays a date, a moment stays a moment; both are stored as text.
    is_date = exp.EQ(this=_call(exp, "length", base.copy()), expression=exp.Literal.number(len("2026-01-31")))
    return _call(exp, "iif", is_date, _call(exp, "date", base.copy(), modifier), moment)


def _number(node: Any, exp: Any) -> str | None:
    sign = ""
    while isinstance(node, exp.Paren | exp.Neg):
        sign = "-" if isinstance(node, exp.Neg) else sign
        node = node.this
    text = sign + node.name if isinstance(node, exp.Literal) else ""
    return text if _WHOLE.fullmatch(text) else None


def _part(node: Any, exp: Any) -> Any:
    argument = node.expression if isinstance(node, exp.Extract) else _arguments(node, exp)[0]
    name = node.name.lower() if isinstance(node, exp.Extract) else _name(node, exp)
    if name not in _PARTS:
        return node
    return _whole(exp, _call(exp, "strftime", _PARTS[name], _moment(argument, exp)))


def _moment(node: Any, exp: Any) -> Any:
    node = _bare(node, exp)
    return _node(exp, "now") if isinstance(node, exp.Func) and _name(node, exp) in _MOMENTS | _DAYS else node


def _quarter(node: Any, exp: Any) -> Any:
    month = _whole(exp, _call(exp, "strftime", "%m", _moment(node.this, exp)))
    return exp.paren(exp.Cast(this=exp.Div(this=exp.paren(exp.Add(this=month, expression=_node(exp, 2))),
        expression=_node(exp, _MONTHS_IN_QUARTER)), to=exp.DataType.build("integer", dialect="sqlite")))  # fmt: skip


def _seconds(node: Any, exp: Any) -> Any:
    arguments = _arguments(node, exp)
    return _whole(exp, _call(exp, "strftime", "%s", _moment(arguments[0], exp) if arguments else "now"))


def _from_seconds(node: Any, exp: Any) -> Any:
    return _call(exp, "datetime", node.this, "unixepoch")


def _days_between(node: Any, exp: Any) -> Any:
    later, earlier = (
        _call(exp, "julianday", _call(exp, "date", _moment(side, exp))) for side in (node.this, node.expression)
    )
    return _whole(exp, exp.paren(exp.Sub(this=later, expression=earlier)))


def _time_between(node: Any, exp: Any) -> Any:
    seconds = _SECONDS.get(str(node.args["unit"].name).lower())
    if seconds is None:
        return node
    later, earlier = (
        _whole(exp, _call(exp, "strftime", "%s", _moment(side, exp))) for side in (node.this, node.expression)
    )
    difference = exp.paren(exp.Sub(this=later, expression=earlier))
    return _whole(exp, exp.Div(this=difference, expression=_node(exp, seconds), typed=True))


def _now(node: Any, exp: Any) -> Any:
    return exp.CurrentTimestamp()


# -- texts, numbers, documents ------------------------------------------------------------------------------------


def _left(node: Any, exp: Any) -> Any:
    return _call(exp, "substr", node.this, 1, node.expression)


def _right(node: Any, exp: Any) -> Any:
    return _call(exp, "substr", node.this, exp.Neg(this=node.expression))


def _substring(node: Any, exp: Any) -> Any:
    return _call(exp, "substr", *node.expressions)


def _length(node: Any, exp: Any) -> Any:
    if not node.args.get("binary"):
        return node
    return _call(exp, "length", exp.Cast(this=node.this, to=exp.DataType.build("blob", dialect="sqlite")))


def _joined(node: Any, exp: Any) -> Any:
    """``CONCAT_WS``, which SQLite has from 3.44 on: values that are NULL are left out with their separator."""
    separator, *values = node.expressions
    text: Any = None
    for value in values:
        part = exp.DPipe(this=separator.copy(), expression=exp.paren(value))
        part = exp.Coalesce(this=part, expressions=[exp.Literal.string("")])
        text = part if text is None else exp.DPipe(this=text, expression=part)
    if text is None:
        return exp.Literal.string("")
    start = exp.Add(this=_call(exp, "length", separator.copy()), expression=_node(exp, 1))
    return _call(exp, "substr", exp.paren(text), start)


def _in_set(node: Any, exp: Any) -> Any:
    """``FIND_IN_SET``: whether the text is a member; its place in the list is not counted."""
    item, items = (
        exp.DPipe(this=exp.DPipe(this=exp.Literal.string(","), expression=exp.paren(value)),
                  expression=exp.Literal.string(","))
        for value in node.expressions
    )  # fmt: skip
    return exp.paren(exp.GT(this=_call(exp, "instr", items, item), expression=_node(exp, 0)))


def _random(node: Any, exp: Any) -> Any:
    """A number from 0 up to 1; SQLite's ``random()`` is a whole number of 64 bits."""
    scaled = exp.Div(this=_call(exp, "random"), expression=_node(exp, float(2**64)), typed=True)
    return exp.paren(exp.Add(this=scaled, expression=_node(exp, 0.5)))


def _truncated(node: Any, exp: Any) -> Any:
    digits = _number(node.args.get("decimals") or exp.Literal.number(0), exp)
    if digits is None or digits.startswith("-"):
        return exp.Interval(this=node.this)
    factor = 10 ** int(digits)
    whole = _whole(exp, exp.Mul(this=exp.paren(node.this), expression=_node(exp, factor)))
    return whole if factor == 1 else exp.Div(this=whole, expression=_node(exp, float(factor)), typed=True)


def _uuid_as_bytes(node: Any, exp: Any) -> Any:
    argument = node.expressions[0] if node.expressions else None
    is_new = isinstance(argument, exp.Func) and _name(argument, exp) == "uuid"
    return _call(exp, "randomblob", 16) if is_new else node


def _unquoted(node: Any, exp: Any) -> Any:
    document = node.expressions[0] if node.expressions else None
    if isinstance(document, exp.JSONExtract):
        return exp.JSONExtractScalar(this=document.this, expression=document.expression)
    return _call(exp, "json_extract", document, "$") if document is not None else node


_FUNCTIONS: Mapping[str, Callable[[Any, Any], Any]] = {
    **dict.fromkeys(_MOMENTS, _now),
    **dict.fromkeys((*_PARTS, "extract"), _part),
    "quarter": _quarter,
    "unix_timestamp": _seconds,
    "unix_to_time": _from_seconds,
    "datediff": _days_between, "date_diff": _days_between,
    "timestampdiff": _time_between, "timestamp_diff": _time_between,
    "left": _left,
    "right": _right,
    "mid": _substring,
    "length": _length,
    "concat_ws": _joined,
    "find_in_set": _in_set,
    "rand": _random,
    "trunc": _truncated,
    "uuid_to_bin": _uuid_as_bytes,
    "json_unquote": _unquoted,
}  # fmt: skip
"""Replacements by the name of a function."""
