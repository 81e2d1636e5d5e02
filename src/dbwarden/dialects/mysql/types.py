"""Types of MySQL and MariaDB: their table, canonical names, printing, and conversion from SQLAlchemy's types.

A canonical type is what ``information_schema.COLUMNS.COLUMN_TYPE`` shows in MySQL 8.0.19 and later: without display widths,
except ``tinyint(1)``, which is a boolean, and columns with ZEROFILL. MariaDB shows all widths, and JSON as LONGTEXT.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any, NamedTuple

from dbwarden.core.dialect import ColumnAttributes, Server
from dbwarden.core.model import Schema
from dbwarden.core.options import NO_OPTIONS, Options
from dbwarden.core.type_table import DevType, Family, TypeRow, TypeTable
from dbwarden.core.types import DataType, parse_type
from dbwarden.dialects.base.types import standard, unsupported_type
from dbwarden.errors import Unsupported

from .charsets import bytes_per_character, charset_name, collation_name, database_charset
from .words import LEXICAL_RULES, string_literal, string_value

_LARGE = DevType("bigint", "numbers above 9223372036854775807 are not stored exactly")
_GEOMETRY = DevType("blob", "values are not checked, and its functions are missing")


def _copy(name: str, of: str, *aliases: str, **differences: Any) -> TypeRow:
    """The shared row of a type that has another name here."""
    row = standard(of, *aliases, **differences)
    values = {
        field: getattr(row, field) for field in ("size", "verbatim", "dev", "examples", "ambiguous", "sqlalchemy")
    }
    return TypeRow(name, row.family, row.aliases, **values)


_TEXTS = tuple(
    TypeRow(name, Family.TEXT, aliases, size=size, dev=DevType("text"), sqlalchemy=sqlalchemy)
    for name, size, sqlalchemy, aliases in (
        ("tinytext", 2**8 - 1, "my.TINYTEXT()", ()),
        ("text", 2**16 - 1, "Text()", ()),
        ("mediumtext", 2**24 - 1, "my.MEDIUMTEXT()", ("long", "long varchar")),
        ("longtext", 2**32 - 1, "my.LONGTEXT()", ()),
    )
)
_BLOBS = tuple(
    TypeRow(name, Family.BYTES, aliases, size=size, dev=DevType("blob"), sqlalchemy=sqlalchemy, examples=("a", "b"))
    for name, size, sqlalchemy, aliases in (
        ("tinyblob", 2**8 - 1, "my.TINYBLOB()", ()),
        ("blob", 2**16 - 1, "LargeBinary()", ()),
        ("mediumblob", 2**24 - 1, "my.MEDIUMBLOB()", ("long varbinary",)),
        ("longblob", 2**32 - 1, "my.LONGBLOB()", ()),
    )
)
GEOMETRIES = ("geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon")
_UNCHECKED = DevType("text", "the list of values is not checked")
SPATIAL = frozenset((*GEOMETRIES, "geometrycollection"))
_TIMES = ("2026-03-04 03:30:00", "2026-11-01 01:30:00")

TYPES = TypeTable((
    TypeRow("boolean", Family.BOOLEAN, ("bool", "tinyint(1)"), sqlalchemy="Boolean()", dev=DevType("boolean"), examples=("1", "0")),
    TypeRow("tinyint", Family.WHOLE, ("int1",), size=1, sqlalchemy="my.TINYINT()", dev=DevType("smallint")),
    _copy("smallint", "smallint", "int2", sqlalchemy="SmallInteger()"),
    TypeRow("mediumint", Family.WHOLE, ("int3", "middleint"), size=3, sqlalchemy="my.MEDIUMINT()", dev=DevType("integer")),
    _copy("int", "integer", "integer", "int4", sqlalchemy="Integer()"),
    _copy("bigint", "bigint", "int8", sqlalchemy="BigInteger()"),
    TypeRow("bigint", Family.WHOLE, modifiers="unsigned", size=8, sqlalchemy="my.BIGINT(unsigned=True)", dev=_LARGE),
    _copy("decimal", "numeric", "numeric", "dec", "fixed", sqlalchemy="Numeric()"),
    _copy("float", "real", "float4", sqlalchemy="Float()"),
    _copy("double", "double precision", "double precision", "float8", "real", sqlalchemy="Double()"),
    TypeRow("bit", Family.BITS, sqlalchemy="my.BIT()", dev=DevType("integer"), examples=("\x01",)),
    _copy("char", "char", "character", "nchar", "national char", "national character", sqlalchemy="CHAR()"),
    _copy(
        "varchar", "varchar", "character varying", "char varying", "varcharacter", "nvarchar", "national varchar",
        "national varcharacter", "national char varying", "national character varying", "nchar varchar", "nchar varying",
        "nchar varcharacter", sqlalchemy="String(255)",
    ),
    *_TEXTS,
    TypeRow("binary", Family.BYTES, ("char byte",), size=1, sqlalchemy="BINARY()", dev=DevType("blob"), examples=("a", "b")),
    TypeRow("varbinary", Family.BYTES, sqlalchemy="VARBINARY(255)", dev=DevType("blob"), examples=("a", "b")),
    *_BLOBS,
    TypeRow("date", Family.DATE, sqlalchemy="Date()", dev=DevType("date"), examples=("2026-03-04", "2026-10-25")),
    TypeRow("time", Family.TIME, sqlalchemy="Time()", dev=DevType("time"), examples=("22:30:00", "01:15:00")),
    TypeRow("datetime", Family.TIMESTAMP, sqlalchemy="DateTime()", dev=DevType("datetime"), examples=_TIMES),
    TypeRow("timestamp", Family.TIMESTAMP, sqlalchemy="TIMESTAMP()", dev=DevType("datetime"), examples=_TIMES),
    TypeRow("year", sqlalchemy="my.YEAR()", dev=DevType("integer"), examples=("2026", "1999")),
    TypeRow("enum", Family.TEXT, sqlalchemy="Enum('a', 'b')", dev=DevType("varchar"), examples=("a", "b")),
    TypeRow("set", Family.TEXT, sqlalchemy="my.SET('a', 'b')", dev=_UNCHECKED, examples=("a", "a,b")),
    _copy("json", "json", sqlalchemy="JSON()"),
    _copy("uuid", "uuid", sqlalchemy="UUID()"),
    TypeRow("inet4", sqlalchemy="my.INET4()", examples=("10.0.0.1", "10.0.0.2")),
    TypeRow("inet6", sqlalchemy="my.INET6()", examples=("2001:db8::1", "2001:db8::2")),
    *(TypeRow(name, dev=_GEOMETRY) for name in GEOMETRIES),
    TypeRow("geometrycollection", aliases=("geomcollection",), dev=_GEOMETRY),
    TypeRow("vector", dev=DevType("blob", "values are not checked, and its functions are missing")),
))  # fmt: skip
"""Types of both servers."""

_FIRST_VERSIONS: dict[str, dict[str, tuple[int, ...]]] = {
    "uuid": {"mariadb": (10, 7)},
    "inet4": {"mariadb": (10, 10)},
    "inet6": {"mariadb": (10, 5)},
    "vector": {"mysql": (9, 0), "mariadb": (11, 7)},
}
"""The version of each flavour that brought a type; without a version the flavour does not have it."""


def has(name: str, server: Server) -> bool:
    """Whether a server has a type of ``TYPES``. The version counts only if a server has said it: what is assumed without one
    has all types of its flavour."""
    first = _FIRST_VERSIONS.get(name)
    return first is None or (server.flavour in first and (is_assumed(server) or _reaches(name, server)))


def is_assumed(server: Server) -> bool:
    """Whether nobody has asked a server: its settings are read together with its version."""
    return not server.settings


def _reaches(name: str, server: Server) -> bool:
    return server.version >= _FIRST_VERSIONS.get(name, {}).get(server.flavour, ())


def version_notes(schema: Schema, server: Server) -> Iterator[str]:
    """The types that only later versions have than the one that is assumed, with a column of each."""
    if not is_assumed(server):
        return
    for table in schema.tables():
        for column in table.columns.values():
            if not _reaches(column.type.name, server):
                first = ".".join(map(str, _FIRST_VERSIONS[column.type.name][server.flavour]))
                product = "MariaDB" if server.flavour == "mariadb" else "MySQL"
                yield (
                    f"{table.name}.{column.name} is {column.type.name.upper()}, which needs {product} {first} or later:"
                    " no server was asked for its version."
                )


@cache
def types_of(server: Server) -> TypeTable:
    """The types that a server has."""
    return TypeTable(row for row in TYPES.rows if has(row.name, server))


# -- reading ----------------------------------------------------------------------------------------------------------

_CONDITIONAL = re.compile(r"/\*M?!\d*|\*/")
_CONTINUED = frozenset("varying precision varchar varbinary varcharacter char character byte".split())
"""Words after the first of a type's name."""
_CHARSETS = {"ascii": "latin1", "unicode": "ucs2", "byte": "binary"}
_MODIFIERS = "unsigned zerofill compressed"
"""Modifiers in the order in which the server reports them."""
_BINARY = {
    "char": "binary",
    "varchar": "varbinary",
    **{text.name: blob.name for text, blob in zip(_TEXTS, _BLOBS, strict=True)},
}


class DeclaredType(NamedTuple):
    """A type as a column definition writes it: what belongs to the column comes after it."""

    datatype: DataType
    charset: str | None = None
    collation: str | None = None
    binary: bool = False
    """Whether the collation is the binary one of the column's character set (attribute BINARY)."""
    srid: str | None = None
    """The spatial reference system of a geometry (MariaDB: REF_SYSTEM_ID)."""
    not_null: bool = False


@lru_cache(maxsize=8192)
def declared_type(text: str) -> DeclaredType:
    """The type, character set and collation in a text such as ``VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_bin``."""
    parsed = parse_type(text, LEXICAL_RULES)
    words = _CONDITIONAL.sub(" ", parsed.name).replace("=", " ").split()
    end = _end_of_name(words)
    name, args = " ".join(words[:end]), parsed.args
    rest = [*words[end:], *_CONDITIONAL.sub(" ", parsed.modifiers).replace("=", " ").split()]
    attributes, modifiers = _attributes(rest)
    row = TYPES.get(name)
    if name.startswith(("national ", "nchar", "nvarchar")):
        attributes["charset"] = "utf8mb3"
    if name == "serial":
        name, modifiers = "bigint", "unsigned"
    elif row is not None and row.family is Family.BOOLEAN:
        name, args = "tinyint", ("1",)
    elif row is not None:
        name = row.name
    if "binary" in (attributes.get("charset"), attributes.get("collation")):
        return DeclaredType(DataType(_BINARY.get(name, name), args, modifiers=modifiers))
    return DeclaredType(DataType(name, args, modifiers=modifiers), **attributes)


def _end_of_name(words: list[str]) -> int:
    end = 1
    while end < len(words) and words[end] in _CONTINUED and words[end + 1 : end + 2] != ["set"]:
        end += 1
    return end


def _attributes(words: list[str]) -> tuple[dict[str, Any], str]:
    """What the words after a type's name say of the column, and the type's modifiers."""
    attributes, modifiers = dict[str, Any](), list[str]()
    rest = iter(words)
    for word in rest:
        if word in ("character", "char"):
            next(rest, None)
            attributes["charset"] = charset_name(next(rest, ""))
        elif word == "charset":
            attributes["charset"] = charset_name(next(rest, ""))
        elif word == "collate":
            attributes["collation"] = collation_name(next(rest, ""))
        elif word in ("srid", "ref_system_id"):
            attributes["srid"] = next(rest, "")
        elif word in _CHARSETS:
            attributes["charset"] = _CHARSETS[word]
        elif word == "binary":
            attributes["binary"] = True
        elif word == "not":
            attributes["not_null"] = next(rest, "") == "null"
        elif word not in ("signed", "null"):
            modifiers.append(word)
    if "zerofill" in modifiers and "unsigned" not in modifiers:
        modifiers.append("unsigned")
    return attributes, " ".join(sorted(modifiers, key=_MODIFIERS.find))


def parse(text: str) -> DataType:
    """The type in the text of a column, without character set and collation."""
    return declared_type(text).datatype


# -- canonical form ---------------------------------------------------------------------------------------------------

_WIDTHS = {"tinyint": "3", "smallint": "5", "mediumint": "8", "int": "10", "bigint": "20"}
"""Display widths of unsigned numbers with ZEROFILL."""
_DEFAULT_ARGS = {"char": "1", "binary": "1", "bit": "1"}
_SINGLE = 24
"""Bits of a FLOAT; with more it is a DOUBLE."""


@lru_cache(maxsize=8192)
def canonical_type(datatype: DataType, server: Server, charset: str | None = None) -> DataType:
    """The type as MySQL reports it; ``charset`` is the column's, by default the database's."""
    row = TYPES.get(datatype.name)
    if row is None or datatype.ref is not None:
        return datatype
    if row.family is Family.BOOLEAN:
        return DataType("tinyint", ("1",))
    name, args, modifiers = row.name, datatype.args, datatype.modifiers
    if row in _TEXTS or row in _BLOBS:
        width = bytes_per_character(charset or database_charset(server)) if row in _TEXTS else 1
        name, args = _sized(row, args, width), ()
    elif name == "float" and len(args) == 1:
        name, args = ("double" if args[0].isdigit() and int(args[0]) > _SINGLE else "float"), ()
    elif name == "vector" and not args and server.flavour == "mysql":
        args = ("2048",)
    else:
        args = _arguments(name, args, modifiers)
    done = DataType(name, args, modifiers=modifiers if name != "year" else "")
    return datatype if done == datatype else done


def _arguments(name: str, args: tuple[str, ...], modifiers: str) -> tuple[str, ...]:
    if name in _WIDTHS:
        if "zerofill" in modifiers:
            return args or (_WIDTHS[name],)
        return args if name == "tinyint" and args == ("1",) and not modifiers else ()
    if name == "decimal":
        return (*(args or ("10",)), "0") if len(args) < 2 else args
    if name in ("enum", "set"):
        return tuple(map(_value, args))
    if name == "year" or (name in ("time", "datetime", "timestamp") and args == ("0",)):
        return ()
    return args or ((_DEFAULT_ARGS[name],) if name in _DEFAULT_ARGS else ())


def _value(text: str) -> str:
    """A value of an ENUM or SET: the server removes the blanks at its end."""
    value = string_value(text)
    return text if value is None else string_literal(value.rstrip(" "))


def _sized(row: TypeRow, args: tuple[str, ...], width: int) -> str:
    """The smallest type of the family for ``TEXT(n)`` characters or ``BLOB(n)`` bytes."""
    rows = _TEXTS if row in _TEXTS else _BLOBS
    if not args or not args[0].isdigit():
        return row.name
    return next((other.name for other in rows if int(args[0]) * width <= other.size), rows[-1].name)


# -- SQLAlchemy -------------------------------------------------------------------------------------------------------


@cache
def _sqlalchemy(flavour: str) -> Any:
    from sqlalchemy.dialects.mysql.base import MySQLDialect
    from sqlalchemy.dialects.mysql.mariadb import MariaDBDialect

    return (MariaDBDialect if flavour == "mariadb" else MySQLDialect)(paramstyle="named")


@cache
def _compile_error() -> type[Exception]:
    from sqlalchemy.exc import UnsupportedCompilationError

    return UnsupportedCompilationError


def compiled(type_: Any, sqlalchemy: Any, server: Server) -> DeclaredType:
    """A type as SQLAlchemy's compiler writes it. Raises ``Unsupported`` for a type that the server does not have."""
    dialect = sqlalchemy or _sqlalchemy(server.flavour)
    try:
        text: str = dialect.type_compiler_instance.process(type_)
    except _compile_error() as error:
        raise _unsupported(type_, error, server) from error
    declared = declared_type(text)
    if not has(declared.datatype.name, server):
        raise _unsupported(type_, f"it has no type {text}", server)
    return declared


def _unsupported(type_: Any, reason: Exception | str, server: Server) -> Unsupported:
    return unsupported_type(type_, reason, "MariaDB" if server.flavour == "mariadb" else "MySQL", server.flavour)


def from_sqlalchemy(type_: Any, sqlalchemy: Any, server: Server) -> DataType:
    """Type that SQLAlchemy's compiler prints. Character set and collation belong to the column: ``compiled``."""
    declared = compiled(type_, sqlalchemy, server)
    return canonical_type(declared.datatype, server, declared.charset) if declared.charset else declared.datatype


def column_attributes(type_: Any, sqlalchemy: Any, server: Server) -> ColumnAttributes:
    """Character set, collation and spatial reference system in the text that SQLAlchemy's compiler prints for a type.

    The collation of a type with BINARY is ``_bin``, which ``charsets.full_collation`` completes.
    """
    declared = compiled(type_, sqlalchemy, server)
    attributes = {"charset": declared.charset, "srid": declared.srid}
    options = Options.of(attributes) if any(attributes.values()) else NO_OPTIONS
    return ColumnAttributes("_bin" if declared.binary else declared.collation, options, declared.not_null)
