"""SQLAlchemy types for values that its SQLite dialect cannot store, used as ``colspecs``.

Values have the form that translated server defaults have: JSON for arrays, PostgreSQL's text for other types. Equal values
have equal texts, so that unique constraints and comparisons work.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import reduce
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.dialects.postgresql import Range, ranges
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.types import TypeEngine

Convert = Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


def _of_null(convert: Convert) -> Convert:
    return lambda value: None if value is None else convert(value)


def _bound(type_: TypeEngine[Any], dialect: Dialect) -> Convert:
    return type_.dialect_impl(dialect).bind_processor(dialect) or _same


def _read(type_: TypeEngine[Any], dialect: Dialect) -> Convert:
    return type_.dialect_impl(dialect).result_processor(dialect, None) or _same


class _DelegatingType(TypeEngine[Any]):
    """Type that stores the values of another one, text by default."""

    @property
    def delegate(self) -> TypeEngine[Any]:
        return sa.Text()

    def bind_processor(self, dialect: Dialect) -> Convert:
        return _bound(self.delegate, dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Convert:
        return _read(self.delegate, dialect)


# -- arrays -------------------------------------------------------------------------------------------------------


class _Array(sa.ARRAY[Any]):
    """Array stored as JSON; items are converted by their type, bytes to ``\\x00ff``."""

    def bind_processor(self, dialect: Dialect) -> Convert:
        convert = _of_null(_item_bound(self.item_type, dialect))
        return _of_null(lambda value: json.dumps(self._each(list(value), convert, list), ensure_ascii=False))

    def result_processor(self, dialect: Dialect, coltype: object) -> Convert:
        convert = _of_null(_item_read(self.item_type, dialect))
        make = tuple if self.as_tuple else list
        return _of_null(lambda text: self._each(json.loads(text), convert, make))

    def _each(
        self, values: Sequence[Any], convert: Convert, make: Callable[[Iterable[Any]], Any], depth: int = 1
    ) -> Any:
        nested = depth < self.dimensions if self.dimensions else bool(values) and isinstance(values[0], list | tuple)
        if nested:
            return make(self._each(value, convert, make, depth + 1) for value in values)
        return make(map(convert, values))


def _item_bound(type_: TypeEngine[Any], dialect: Dialect) -> Convert:
    bind = _bound(type_, dialect)
    if isinstance(type_.dialect_impl(dialect), sa.Boolean):
        return lambda value: bool(bind(value))
    if _holds_bytes(type_, dialect):
        return lambda value: "\\x" + bytes(bind(value)).hex()
    return bind


def _item_read(type_: TypeEngine[Any], dialect: Dialect) -> Convert:
    read = _read(type_, dialect)
    if _holds_bytes(type_, dialect):
        return lambda text: read(bytes.fromhex(text.removeprefix("\\x")))
    return read


def _holds_bytes(type_: TypeEngine[Any], dialect: Dialect) -> bool:
    return isinstance(type_.dialect_impl(dialect), sa.LargeBinary | sa.BINARY | sa.VARBINARY)


# -- ranges -------------------------------------------------------------------------------------------------------

# Text of a value as PostgreSQL writes it, not SQL.
_BOUND = r'(?:"((?:[^"\\]|\\.|"")*)"|([^",\[\]()]*))'
_RANGE = re.compile(rf"\s*([\[(]){_BOUND},{_BOUND}([\])])\s*")
_WHOLE = (pg.INT4RANGE, pg.INT8RANGE, pg.INT4MULTIRANGE, pg.INT8MULTIRANGE)
_DAYS = (pg.DATERANGE, pg.DATEMULTIRANGE)
_MOMENTS = (pg.TSRANGE, pg.TSMULTIRANGE)
_INSTANTS = (pg.TSTZRANGE, pg.TSTZMULTIRANGE)


class _Range(ranges.AbstractSingleRangeImpl[Any]):
    """Range stored as ``[1,5)``."""

    def bind_processor(self, dialect: Dialect) -> Convert:
        return _of_null(lambda value: value if isinstance(value, str) else _range_text(_canonical(self, value)))

    def result_processor(self, dialect: Dialect, coltype: object) -> Convert:
        return _of_null(lambda text: _range(self, text))


class _MultiRange(ranges.AbstractMultiRangeImpl[Any]):
    """Multirange stored as ``{[1,5),[7,9)}``."""

    def bind_processor(self, dialect: Dialect) -> Convert:
        return _of_null(lambda value: value if isinstance(value, str) else self._text(value))

    def _text(self, value: Iterable[Range[Any]]) -> str:
        return "{" + ",".join(map(_range_text, _merge_ranges(_canonical(self, range_) for range_ in value))) + "}"

    def result_processor(self, dialect: Dialect, coltype: object) -> Convert:
        def read(text: str) -> Any:
            return ranges.MultiRange(_range(self, match[0]) for match in _RANGE.finditer(text.strip("{} ")))

        return _of_null(read)


def _canonical(type_: object, value: Range[Any]) -> Range[Any]:
    """Canonical form as in PostgreSQL (manual, section 8.17.7): a range of integers or dates includes only its lower bound."""
    if value.isempty:
        return Range(empty=True)
    lower, upper, bounds = value.lower, value.upper, value.bounds
    if isinstance(type_, _INSTANTS):
        lower, upper = (_instant(bound) if bound is not None else None for bound in (lower, upper))
    step = 1 if isinstance(type_, _WHOLE) else dt.timedelta(days=1) if isinstance(type_, _DAYS) else None
    first, last = bounds[0] if lower is not None else "(", bounds[1] if upper is not None else ")"
    if step is not None and lower is not None and first == "(":
        lower, first = lower + step, "["
    if step is not None and upper is not None and last == "]":
        upper, last = upper + step, ")"
    normalized: Range[Any] = Range(lower, upper, bounds=first + last)  # type: ignore[arg-type]  # one of the four
    return Range(empty=True) if normalized.isempty else normalized


def _instant(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC) if moment.tzinfo is not None else moment.replace(tzinfo=dt.UTC)


def _merge_ranges(unmerged: Iterable[Range[Any]]) -> list[Range[Any]]:
    """Sort ranges, and merge those that overlap or touch."""
    nonempty = [range_ for range_ in unmerged if not range_.isempty]
    starts = sorted({range_.lower for range_ in nonempty if range_.lower is not None})
    nonempty.sort(
        key=lambda range_: (0 if range_.lower is None else 1 + starts.index(range_.lower), range_.bounds[0] == "(")
    )

    def joined(before: list[Range[Any]], range_: Range[Any]) -> list[Range[Any]]:
        last = before[-1] if before else None
        if last is not None and (last.overlaps(range_) or last.adjacent_to(range_)):
            return [*before[:-1], last.union(range_)]
        return [*before, range_]

    return reduce(joined, nonempty, [])


def _range_text(value: Range[Any]) -> str:
    if value.isempty:
        return "empty"
    return f"{value.bounds[0]}{_bound_text(value.lower)},{_bound_text(value.upper)}{value.bounds[1]}"


def _bound_text(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return f'"{value.isoformat(" ").replace("+00:00", "+00")}"'
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"  # 2.50 equals 2.5
    return "" if value is None else str(value)


def _range(type_: object, text: str) -> Range[Any]:
    if text.strip().lower() == "empty":
        return Range(empty=True)
    match = _RANGE.fullmatch(text)
    if match is None:
        raise ValueError(f"not a range: {text}")
    first, *bounds, last = match[1], match[2] or match[3], match[4] or match[5], match[6]
    lower, upper = (_bound_of(type_, bound) if bound else None for bound in bounds)
    return _canonical(type_, Range(lower, upper, bounds=first + last))  # type: ignore[arg-type]


def _bound_of(type_: object, text: str) -> Any:
    text = text.strip()
    if isinstance(type_, _WHOLE):
        return int(text)
    if isinstance(type_, _DAYS):
        return dt.date.fromisoformat(text)
    return dt.datetime.fromisoformat(text) if isinstance(type_, _MOMENTS + _INSTANTS) else Decimal(text)


# -- moments, addresses, domains ----------------------------------------------------------------------------------


class _DateTime(sqlite.DATETIME):
    """Timestamp with time zone, stored and returned in UTC. A value without an offset counts as UTC."""

    def bind_processor(self, dialect: Dialect) -> Convert:
        bind = super().bind_processor(dialect) or _same
        return _of_null(lambda value: bind(_instant(value))) if self.timezone else bind

    def result_processor(self, dialect: Dialect, coltype: object) -> Convert:
        read: Convert = super().result_processor(dialect, coltype) or _same
        return _of_null(lambda text: read(text).replace(tzinfo=dt.UTC)) if self.timezone else read


class _Interval(_DelegatingType):
    """Interval stored as a time after 1970-01-01, as by SQLAlchemy's ``Interval``."""

    @property
    def delegate(self) -> TypeEngine[Any]:
        return sa.Interval()


class _Domain(pg.DOMAIN, _DelegatingType):
    @property
    def delegate(self) -> TypeEngine[Any]:
        return self.data_type

    bind_processor = _DelegatingType.bind_processor
    result_processor = _DelegatingType.result_processor


class _Network(TypeEngine[Any]):
    """Network stored as text; in Python an ``ipaddress`` object, as with psycopg 3 and asyncpg."""

    def bind_processor(self, dialect: Dialect) -> Convert:
        return _of_null(lambda value: str(self.read(str(value))))

    def result_processor(self, dialect: Dialect, coltype: object) -> Convert:
        return _of_null(self.read)

    def read(self, text: str) -> Any:
        return ipaddress.ip_network(text)


class _Address(_Network):
    def read(self, text: str) -> Any:
        interface = ipaddress.ip_interface(text)
        return interface.ip if interface.network.prefixlen == interface.max_prefixlen else interface


class _Bit(mysql.BIT):
    """Bits stored as a whole number, which is what they are in Python; MySQL's drivers return bytes."""

    def result_processor(self, dialect: Dialect, coltype: object) -> Convert:
        return _same


COLSPECS: Mapping[type[TypeEngine[Any]], type[TypeEngine[Any]]] = {
    sa.ARRAY: _Array,
    sa.DateTime: _DateTime,
    sa.TIMESTAMP: _DateTime,
    ranges.AbstractSingleRange: _Range,
    ranges.AbstractMultiRange: _MultiRange,
    pg.INTERVAL: _Interval,
    pg.DOMAIN: _Domain,
    pg.JSONPATH: _DelegatingType,
    pg.INET: _Address,
    pg.CIDR: _Network,
    mysql.BIT: _Bit,
}
"""Replacements of types on SQLite, for ``Dialect.colspecs`` (SQLAlchemy, "Third Party Dialects")."""
