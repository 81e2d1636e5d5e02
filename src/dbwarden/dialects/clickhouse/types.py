"""Types of ClickHouse: their table, canonical names, and conversion from SQLAlchemy's types.

A canonical type is what ``system.columns.type`` shows, without ``Nullable``: that a column may be NULL is a property of the
column. Inside other types (``Array(Nullable(String))``) it stays. ``LowCardinality(Nullable(T))`` is a nullable column of the
type ``LowCardinality(T)``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache
from importlib import import_module
from typing import Any, NamedTuple

from dbwarden.core.tokens import NAMES, readable
from dbwarden.core.type_table import DevType, Family, TypeRow, TypeTable
from dbwarden.core.types import DataType, parse_type
from dbwarden.errors import Unsupported

from .words import LEXICAL_RULES, escaped, name_of, string_literal, string_value

_LARGE = DevType("text", "numbers are stored as text, because they do not fit")
_UNSIGNED = DevType("bigint", "numbers above 9223372036854775807 are not stored exactly")
_DOCUMENT = DevType("text", "stored as JSON; its functions are missing")
_TIMES = ("2026-03-04 03:30:00", "2026-11-01 01:30:00")
_FLOATS = ("0.5", "-2")
_TEXTS = (
    "TEXT", "TINYTEXT", "MEDIUMTEXT", "LONGTEXT", "CHAR", "CHARACTER", "NCHAR", "VARCHAR", "VARCHAR2", "NVARCHAR", "CLOB",
    "BLOB", "TINYBLOB", "MEDIUMBLOB", "LONGBLOB", "BYTEA", "VARBINARY", "BINARY LARGE OBJECT", "BINARY VARYING",
    "CHAR LARGE OBJECT", "CHAR VARYING", "CHARACTER LARGE OBJECT", "CHARACTER VARYING", "NATIONAL CHAR",
    "NATIONAL CHAR VARYING", "NATIONAL CHARACTER", "NATIONAL CHARACTER VARYING", "NATIONAL CHARACTER LARGE OBJECT",
    "NCHAR LARGE OBJECT", "NCHAR VARYING",
)  # fmt: skip


def _whole(name: str, size: int, dev: DevType, *aliases: str) -> TypeRow:
    source = {"Int16": "SmallInteger()", "Int32": "Integer()", "Int64": "BigInteger()"}.get(name, f"ch.{name}()")
    return TypeRow(name, Family.WHOLE, aliases, size=size, dev=dev, sqlalchemy=source)


def _containers(*names: str) -> Iterable[TypeRow]:
    return (TypeRow(name, dev=_DOCUMENT, examples=("[]",)) for name in names)


TYPES = TypeTable((
    _whole("Int8", 1, DevType("smallint"), "TINYINT", "TINYINT SIGNED", "INT1", "INT1 SIGNED", "BYTE"),
    _whole("Int16", 2, DevType("smallint"), "SMALLINT", "SMALLINT SIGNED"),
    _whole("Int32", 4, DevType("integer"), "INT", "INTEGER", "MEDIUMINT", "INT SIGNED", "INTEGER SIGNED", "MEDIUMINT SIGNED"),
    _whole("Int64", 8, DevType("bigint"), "BIGINT", "SIGNED", "BIGINT SIGNED"),
    _whole("Int128", 16, _LARGE),
    _whole("Int256", 32, _LARGE),
    _whole("UInt8", 1, DevType("smallint"), "TINYINT UNSIGNED", "INT1 UNSIGNED"),
    _whole("UInt16", 2, DevType("integer"), "SMALLINT UNSIGNED", "YEAR"),
    _whole("UInt32", 4, DevType("bigint"), "INT UNSIGNED", "INTEGER UNSIGNED", "MEDIUMINT UNSIGNED"),
    _whole("UInt64", 8, _UNSIGNED, "BIGINT UNSIGNED", "UNSIGNED", "BIT", "SET"),
    _whole("UInt128", 16, _LARGE),
    _whole("UInt256", 32, _LARGE),
    TypeRow("BFloat16", Family.FLOAT, size=8, dev=DevType("real"), examples=_FLOATS),
    TypeRow(
        "Float32", Family.FLOAT, ("FLOAT", "REAL", "SINGLE"),
        size=24, dev=DevType("real"), sqlalchemy="ch.Float32()", examples=_FLOATS,
    ),
    TypeRow(
        "Float64", Family.FLOAT, ("DOUBLE", "DOUBLE PRECISION"),
        size=53, dev=DevType("double precision"), sqlalchemy="ch.Float64()", examples=_FLOATS,
    ),
    TypeRow(
        "Decimal", Family.DECIMAL, ("DEC", "FIXED", "NUMERIC"),
        dev=DevType("numeric", with_arguments=True), sqlalchemy="Numeric()", examples=("1.25", "2.5"),
    ),
    TypeRow("Bool", Family.BOOLEAN, ("BOOLEAN",), dev=DevType("boolean"), sqlalchemy="Boolean()", examples=("true", "false")),
    TypeRow("String", Family.TEXT, _TEXTS, dev=DevType("text"), sqlalchemy="String()"),
    TypeRow(
        "FixedString", Family.BYTES, ("BINARY",),
        dev=DevType("blob"), sqlalchemy="ch.FixedString(16)", examples=("a", "b"),
    ),
    TypeRow("Enum8", dev=DevType("text", "the list of values is not checked"), examples=("a", "b")),
    TypeRow("Enum16", dev=DevType("text", "the list of values is not checked"), examples=("a", "b")),
    TypeRow("Date", Family.DATE, size=2, dev=DevType("date"), sqlalchemy="Date()", examples=("2026-03-04", "2026-10-25")),
    TypeRow("Date32", Family.DATE, size=4, dev=DevType("date"), sqlalchemy="ch.Date32()", examples=("2026-03-04", "1926-10-25")),
    TypeRow(
        "DateTime", Family.TIMESTAMP, ("DATETIME32", "TIMESTAMP"),
        dev=DevType("datetime"), sqlalchemy="DateTime()", examples=_TIMES,
    ),
    TypeRow("DateTime64", Family.TIMESTAMP, dev=DevType("datetime"), sqlalchemy="ch.DateTime64(3)", examples=_TIMES),
    TypeRow("Time", Family.TIME, dev=DevType("time"), sqlalchemy="ch.Time()", examples=("22:30:00",)),
    TypeRow("Time64", Family.TIME, dev=DevType("time"), sqlalchemy="ch.Time64(3)", examples=("22:30:00",)),
    TypeRow("UUID", Family.UUID, dev=DevType("text"), sqlalchemy="ch.UUID()", examples=("0000000a-0000-4000-8000-000000000001",)),
    TypeRow("IPv4", aliases=("INET4",), sqlalchemy="ch.IPv4()", examples=("10.0.0.1",)),
    TypeRow("IPv6", aliases=("INET6",), sqlalchemy="ch.IPv6()", examples=("2001:db8::1",)),
    TypeRow("JSON", Family.JSON, dev=DevType("text"), sqlalchemy="ch.JSON()", examples=('{"a": 1}',)),
    TypeRow("Dynamic", dev=_DOCUMENT, examples=("1",)),
    *_containers("Array", "Map", "Tuple", "Variant", "Nested", "QBit"),
    *_containers("Point", "Ring", "LineString", "MultiPoint", "MultiLineString", "Polygon", "MultiPolygon"),
    TypeRow("Geometry", dev=_DOCUMENT, aliases=("GEOMETRY",)),
    TypeRow("AggregateFunction", dev=DevType("blob", "states of aggregate functions exist on ClickHouse only")),
    TypeRow("SimpleAggregateFunction", dev=DevType("text", "rows are not aggregated")),
    TypeRow("LowCardinality", dev=DevType("text")),
    TypeRow("Nullable", dev=DevType("text")),
    TypeRow("Nothing", dev=DevType("text")),
    *(TypeRow(f"Interval{unit}", Family.INTERVAL, dev=DevType("bigint")) for unit in (
        "Nanosecond", "Microsecond", "Millisecond", "Second", "Minute", "Hour", "Day", "Week", "Month", "Quarter", "Year"
    )),
))  # fmt: skip
"""All types. Upper-case aliases are those of other products, whose case does not matter."""

_CASELESS = {
    name.upper(): name
    for name in (
        "Bool Date Date32 DateTime DateTime32 DateTime64 Decimal Decimal32 Decimal64 Decimal128 Decimal256 Enum JSON Time"
        " Time64"
    ).split()
}
"""Names of its own that the server accepts in any case."""


class TypeOfColumn(NamedTuple):
    """A type as a column definition writes it."""

    datatype: DataType
    nullable: bool = False


@lru_cache(maxsize=8192)
def declared_type(text: str) -> TypeOfColumn:
    """The canonical type in a text such as ``Nullable(Decimal(10))``, and whether it is nullable.

    A name that is not a type stays as it is: the server says what is wrong.
    """
    parsed = parse_type(text, LEXICAL_RULES)
    if parsed.name == "Nullable" and len(parsed.args) == 1:
        return TypeOfColumn(declared_type(parsed.args[0]).datatype, True)
    if parsed.name == "LowCardinality" and len(parsed.args) == 1:
        inner, nullable = declared_type(parsed.args[0])
        return TypeOfColumn(DataType("LowCardinality", (type_text(inner),)), nullable)
    name = canonical_name(f"{parsed.name} {parsed.modifiers}".strip(), bool(parsed.args))
    arguments = _ARGUMENTS.get(name)
    if arguments is None:
        return TypeOfColumn(DataType(name, parsed.args if name not in _WITHOUT_ARGUMENTS else ()))
    return TypeOfColumn(arguments(name, parsed.args))


def parse(text: str) -> DataType:
    """The type in the text of a column, without ``Nullable``."""
    return declared_type(text).datatype


def parse_stated(text: str) -> DataType:
    """The type that a statement names: with ``Nullable``, because to take it away or to add it rewrites the column."""
    datatype, nullable = declared_type(text)
    return DataType("Nullable", (type_text(datatype),)) if nullable else datatype


def type_text(datatype: DataType, nullable: bool = False) -> str:
    """A type as the server prints it."""
    if nullable and datatype.name == "LowCardinality":
        return f"LowCardinality(Nullable({', '.join(datatype.args)}))"
    text = f"{datatype.name}({', '.join(datatype.args)})" if datatype.args else datatype.name
    return f"Nullable({text})" if nullable else text


def canonical_name(name: str, with_arguments: bool = False) -> str:
    """The server's name of a type for one of its aliases."""
    if name in _EXACT:
        return name
    upper = name.upper()
    row = TYPES.get(upper)
    if row is not None:
        return row.name
    return _CASELESS.get(upper, name)


def _canonical(text: str) -> str:
    """The canonical text of a type inside another one, where ``Nullable`` stays."""
    return type_text(*declared_type(text))


# -- arguments --------------------------------------------------------------------------------------------------------

_EXACT = frozenset((*(row.name for row in TYPES.rows), "Enum", "Decimal32", "Decimal64", "Decimal128", "Decimal256"))
_WITHOUT_ARGUMENTS = TYPES.names(Family.WHOLE, Family.FLOAT, Family.BOOLEAN) | {"String"}
"""Types whose arguments (``INT(11)``, ``VARCHAR(20)``) the server accepts and ignores."""
_DIGITS = {"Decimal32": "9", "Decimal64": "18", "Decimal128": "38", "Decimal256": "76"}
_SMALL = 128
"""Numbers of an Enum8 are below it."""

_Args = tuple[str, ...]


def _decimal(name: str, args: _Args) -> DataType:
    if name in _DIGITS:
        return DataType("Decimal", (_DIGITS[name], *(args or ("0",))))
    return DataType("Decimal", (*(args or ("10",)), "0") if len(args) < 2 else args)


def _date_time(name: str, args: _Args) -> DataType:
    """``DateTime32`` is ``DateTime``; ``DateTime64`` and ``Time64`` count milliseconds by default."""
    args = tuple(_literal(arg) for arg in args)
    if name in ("DateTime64", "Time64"):
        return DataType(name, args or ("3",))
    if args and args[0].isdigit():  # DateTime(3)
        return DataType("DateTime" if args[0] == "0" else "DateTime64", args[1:] if args[0] == "0" else args)
    return DataType("DateTime", args)


def _enum(name: str, args: _Args) -> DataType:
    """Values with their numbers, in the order of the numbers."""
    numbers: dict[str, int] = {}
    previous = 0
    for arg in args:
        value, _, number = _split_assignment(arg)
        previous = int(number) if number else previous + 1
        numbers[_literal(value)] = previous
    if name == "Enum":
        small = all(-_SMALL <= number < _SMALL for number in numbers.values())
        name = "Enum8" if small else "Enum16"
    pairs = sorted(numbers.items(), key=lambda pair: pair[1])
    return DataType(name, tuple(f"{value} = {number}" for value, number in pairs))


def _split_assignment(arg: str) -> tuple[str, str, str]:
    """The text before and after ``=``, outside of quotes."""
    equals = next((token for token in readable(arg, LEXICAL_RULES) if token.text == "="), None)
    if equals is None:
        return arg, "", ""
    return arg[: equals.start].strip(), "=", "".join(arg[equals.end :].split())


def _literal(text: str) -> str:
    value = string_value(text)
    return text if value is None else string_literal(value)


def _of_types(name: str, args: _Args) -> DataType:
    return DataType(name, tuple(map(_canonical, args)))


def _of_elements(name: str, args: _Args) -> DataType:
    """Types, each perhaps behind a name (Tuple, Nested)."""
    return DataType(name, tuple(map(_element, args)))


def _element(arg: str) -> str:
    tokens = readable(arg, LEXICAL_RULES)
    named = len(tokens) > 1 and tokens[0].kind in NAMES and tokens[1].kind in NAMES and not _is_type(arg)
    if not named:
        return _canonical(arg)
    return f"{back_quoted(name_of(tokens[0].text))} {_canonical(arg[tokens[0].end :].strip())}"


def _is_type(arg: str) -> bool:
    """Whether several words are one type: ``DOUBLE PRECISION``."""
    parsed = parse_type(arg, LEXICAL_RULES)
    return TYPES.get(f"{parsed.name} {parsed.modifiers}".strip().upper()) is not None


def _variant(name: str, args: _Args) -> DataType:
    return DataType(name, tuple(sorted(set(map(_canonical, args)))))


def _aggregate(name: str, args: _Args) -> DataType:
    """A function, behind whose parameters come types."""
    return DataType(name, (*(_spaced(arg) for arg in args[:1]), *map(_canonical, args[1:])))


def _spaced(text: str) -> str:
    """``quantiles(0.5, 0.9)`` as the server prints it."""
    return "".join(f"{token.text} " if token.text == "," else token.text for token in readable(text, LEXICAL_RULES))


def _json(name: str, args: _Args) -> DataType:
    """Limits first, then paths with their types, then the paths to skip."""
    limits, paths, skipped = list[str](), list[str](), list[str]()
    for arg in args:
        before, equals, number = _split_assignment(arg)
        words = readable(arg, LEXICAL_RULES)
        if equals:
            limits.append(f"{before}={number}")
        elif words and words[0].text.upper() == "SKIP":
            rest = words[1:]
            regexp = "REGEXP " if rest and rest[0].text.upper() == "REGEXP" else ""
            skipped.append(f"SKIP {regexp}{''.join(token.text for token in (rest[1:] if regexp else rest))}")
        else:
            paths.append(_path(arg))
    return DataType(name, (*sorted(limits), *sorted(paths), *sorted(skipped)))


def _path(arg: str) -> str:
    """``a.b UInt32``: a path and its type."""
    tokens = readable(arg, LEXICAL_RULES)
    end = 1
    while end + 1 < len(tokens) and tokens[end].text == ".":
        end += 2
    path = ".".join(back_quoted(name_of(token.text)) for token in tokens[:end:2])
    return f"{path} {_canonical(arg[tokens[end - 1].end :].strip())}"


def _dynamic(name: str, args: _Args) -> DataType:
    return DataType(name, tuple("=".join(part.strip() for part in arg.split("=")) for arg in args))


_ARGUMENTS: Mapping[str, Callable[[str, _Args], DataType]] = {
    **dict.fromkeys(("Decimal", *_DIGITS), _decimal),
    **dict.fromkeys(("DateTime", "DateTime32", "DateTime64", "Time64"), _date_time),
    **dict.fromkeys(("Enum", "Enum8", "Enum16"), _enum),
    **dict.fromkeys(("Array", "Map", "QBit"), _of_types),
    **dict.fromkeys(("Tuple", "Nested"), _of_elements),
    "Variant": _variant,
    **dict.fromkeys(("AggregateFunction", "SimpleAggregateFunction"), _aggregate),
    "JSON": _json,
    "Dynamic": _dynamic,
}

_QUOTED_NAMES = frozenset("distinct all table select from".split())


def back_quoted(name: str) -> str:
    """A name inside a type as the server prints it: in quotes only where it needs them."""
    plain = name.isascii() and name.isidentifier() and name.lower() not in _QUOTED_NAMES
    return name if plain else escaped(name, "`")


# -- SQLAlchemy -------------------------------------------------------------------------------------------------------


@cache
def _sqlalchemy() -> Any:
    from sqlalchemy.engine import URL

    dialect: Any = URL.create("clickhousedb").get_dialect()
    return dialect(paramstyle="named")


@cache
def other_sqlalchemy() -> Any:
    """The dialect of clickhouse-sqlalchemy, for its types and engines in models that another dialect reads."""
    return import_module("clickhouse_sqlalchemy.drivers.base").clickhouse_dialect


@cache
def _compile_errors() -> tuple[type[Exception], ...]:
    from sqlalchemy.exc import CompileError

    return (CompileError, NotImplementedError)  # CompileError: UnsupportedCompilationError too


def compiled(type_: Any, sqlalchemy: Any) -> TypeOfColumn:
    """A type as SQLAlchemy's compiler writes it. Raises ``Unsupported`` for a type that ClickHouse does not have."""
    dialect = sqlalchemy or _sqlalchemy()
    if type(type_).__module__.startswith("clickhouse_sqlalchemy.") and dialect.name != "clickhouse":
        dialect = other_sqlalchemy()
    try:
        text: str = dialect.type_compiler_instance.process(type_)
    except _compile_errors() as error:
        raise _unsupported(type_, str(error).split(" (Background on this error")[0]) from error
    return declared_type(text)


def _unsupported(type_: Any, reason: str) -> Unsupported:
    return Unsupported(
        feature=f"column type {type(type_).__name__}",
        dialect="ClickHouse",
        reason=reason,
        hint="Give the column a type for ClickHouse: .with_variant(..., 'clickhousedb').",
    )


def from_sqlalchemy(type_: Any, sqlalchemy: Any = None) -> DataType:
    """Type that SQLAlchemy's compiler prints, without ``Nullable``."""
    return compiled(type_, sqlalchemy).datatype
