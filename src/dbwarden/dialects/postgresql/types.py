"""Types of PostgreSQL: their table, canonical names, printing, and conversion from SQLAlchemy's types."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, lru_cache
from typing import Any

from dbwarden.core.model import Domain, Enum, Object
from dbwarden.core.tokens import without_collation
from dbwarden.core.type_change import type_change
from dbwarden.core.type_table import DevType, Family, TypeChange, TypeRow, TypeTable
from dbwarden.core.types import DataType, Expression, parse_type
from dbwarden.dialects.base.types import standard, unsupported_type

from . import names
from .words import LEXICAL_RULES

_KEPT, _LOSSY, _NARROWED = TypeChange.KEPT, TypeChange.LOSSY, TypeChange.NARROWED

# Names as format_type() prints them, except the shorter varchar, char, time and timestamp; other names are aliases.
TYPES = TypeTable((
    standard("smallint", "int2", "smallserial", "serial2", sqlalchemy="SmallInteger()"),
    standard("integer", "int", "int4", "serial", "serial4", sqlalchemy="Integer()"),
    standard("bigint", "int8", "bigserial", "serial8", sqlalchemy="BigInteger()"),
    standard("numeric", "decimal", "dec", sqlalchemy="Numeric()"),
    standard("real", "float4", sqlalchemy="REAL()"),
    standard("double precision", "float8", "float", sqlalchemy="Double()"),
    standard("boolean", "bool", sqlalchemy="Boolean()"),
    standard(
        "varchar", "character varying", "char varying", "national character varying", "nchar varying", sqlalchemy="String()"
    ),
    standard("char", "character", "nchar", "national character", sqlalchemy="CHAR()"),
    TypeRow("bpchar", Family.TEXT, dev=DevType("char", with_arguments=True)),  # of any length, unlike character
    standard("text", sqlalchemy="Text()"),
    standard("name"),
    standard("citext", sqlalchemy="pg.CITEXT()"),
    standard("bytea", sqlalchemy="LargeBinary()"),
    standard("date", sqlalchemy="Date()"),
    standard("time", "time without time zone", sqlalchemy="Time()"),
    standard("time with time zone", "timetz", sqlalchemy="Time(timezone=True)"),
    standard("timestamp", "timestamp without time zone", sqlalchemy="DateTime()"),
    standard("timestamp with time zone", "timestamptz", sqlalchemy="DateTime(timezone=True)"),
    standard("interval", sqlalchemy="Interval()"),
    standard("uuid", sqlalchemy="Uuid()"),
    standard("json", sqlalchemy="JSON()"),
    standard("jsonb", sqlalchemy="pg.JSONB()"),
    standard("oid", sqlalchemy="pg.OID()"),
    TypeRow(
        "money", Family.MONEY, conversions={"numeric": _KEPT}, sqlalchemy="pg.MONEY()", examples=("1.25", "2.5")
    ),
    TypeRow("bit", Family.BITS, conversions={"bit varying": _KEPT}, sqlalchemy="pg.BIT()"),
    TypeRow(
        "bit varying", Family.BITS, ("varbit",), conversions={"bit": _NARROWED}, sqlalchemy="pg.BIT(varying=True)"
    ),
    TypeRow("hstore", conversions={"jsonb": _KEPT}, sqlalchemy="pg.HSTORE()", extension=True),
    TypeRow("xml", verbatim=True, examples=("<a/>", "<b/>")),
    TypeRow("inet", conversions={"cidr": _LOSSY}, sqlalchemy="pg.INET()", examples=("10.0.0.1", "10.0.0.2")),
    TypeRow(
        "cidr", conversions={"inet": TypeChange.FREE}, sqlalchemy="pg.CIDR()", examples=("10.0.1.0/24", "10.0.2.0/24")
    ),
    TypeRow(
        "macaddr", conversions={"macaddr8": _KEPT}, sqlalchemy="pg.MACADDR()",
        examples=("08:00:2b:01:02:03", "08:00:2b:01:02:04"),
    ),
    TypeRow(
        "macaddr8", conversions={"macaddr": _NARROWED}, sqlalchemy="pg.MACADDR8()",
        examples=("08:00:2b:ff:fe:01:02:03", "08:00:2b:ff:fe:01:02:04"),
    ),
    TypeRow("regclass", sqlalchemy="pg.REGCLASS()", examples=("pg_class", "pg_type")),
    TypeRow("regtype", examples=("integer", "text")),
    TypeRow("daterange", sqlalchemy="pg.DATERANGE()", examples=("[2026-03-04,2026-10-25)",)),
    TypeRow("tsrange", sqlalchemy="pg.TSRANGE()", examples=('["2026-03-04 03:30:00","2026-11-01 01:30:00")',)),
    TypeRow("tstzrange", sqlalchemy="pg.TSTZRANGE()", examples=('["2026-03-04 03:30:00+00","2026-11-01 05:30:00+00")',)),
    *(
        TypeRow(name, sqlalchemy=f"pg.{name.upper()}()")
        for name in """int4range int8range numrange int4multirange int8multirange nummultirange datemultirange tsmultirange
        tstzmultirange jsonpath regconfig tsquery tsvector""".split()
    ),
    *(
        TypeRow(name)
        for name in """point line lseg box path polygon circle pg_lsn txid_snapshot regproc regprocedure regoper regoperator
        regrole regnamespace regcollation regdictionary xid xid8 cid tid""".split()
    ),
))  # fmt: skip


@lru_cache(maxsize=8192)
def canonical(datatype: DataType) -> DataType:
    """``datatype`` with the name and arguments that inspection reports."""
    if datatype.ref is not None:
        return datatype
    name, args, modifiers = datatype.name, datatype.args, datatype.modifiers
    if name.startswith("pg_catalog."):
        name = name[len("pg_catalog.") :].strip('"')
    if name == "float" and args and args[0].isdigit() and int(args[0]) <= TYPES.row(DataType("real")).size:
        name = "real"
    whole = TYPES.get(f"{name} {modifiers}") if modifiers else None
    row = whole or TYPES.get(name)
    if row is not None:
        name = row.name
        modifiers = row.modifiers if whole or row.modifiers else modifiers
        args = _arguments(row, args)
    if (name, args, modifiers) == (datatype.name, datatype.args, datatype.modifiers):
        return datatype
    return DataType(name, args, datatype.array, modifiers)


def _arguments(row: TypeRow, args: tuple[str, ...]) -> tuple[str, ...]:
    if row.family is Family.FLOAT:
        return ()
    if row.family is Family.DECIMAL and len(args) == 1:
        return (args[0], "0")
    if row.name in ("char", "bit") and not args:
        return ("1",)
    return args  # timestamp(6) is kept by the server, though it means the same as timestamp


@lru_cache(maxsize=8192)
def from_catalogue(text: str, default_schema: str | None) -> DataType:
    """A type as ``format_type()`` prints it."""
    datatype = parse_type(text)
    prefix = f"{default_schema}."
    if default_schema and datatype.name.startswith(prefix):
        datatype = replace(datatype, name=datatype.name[len(prefix) :])
    return canonical(datatype)


@lru_cache(maxsize=8192)
def sql(datatype: DataType) -> str:
    """The type as written in DDL, built-in names in capitals."""
    if datatype.ref is not None:
        text = names.of(datatype.ref)
    else:
        row = TYPES.get(datatype.name) or TYPES.get(datatype.name.split(" ")[0])  # interval day to second
        text = datatype.name.upper() if row is not None and not row.extension else datatype.name
    if datatype.args:
        text = f"{text}({', '.join(datatype.args)})"
    if datatype.modifiers:
        text = f"{text} {datatype.modifiers.upper()}"
    return text + "[]" * min(datatype.array, 1)


def change(before: DataType, after: DataType) -> TypeChange:
    """Effect of a type change on values. An enum counts as text that accepts only some values.

    A value becomes an array of one element, and an array its first element (see ``casts``).
    """
    same = before.ref is not None and before.ref == after.ref
    if same or (before.ref is None and after.ref is None and not _is_text(before) and not _is_text(after)):
        if after.array and not before.array:
            single = type_change(before, replace(after, array=0), TYPES)
            return TypeChange.KEPT if single in (TypeChange.SAME, TypeChange.FREE) else single
        if before.array and not after.array:
            return TypeChange.LOSSY
    old, new = (
        replace(type_, name="text", args=(), ref=None) if type_.ref is not None else type_ for type_ in (before, after)
    )
    if after.ref is not None and _is_text(old) and old.array == new.array:
        return TypeChange.SAME if before == after else TypeChange.NARROWED
    return type_change(old, new, TYPES)


def _is_text(datatype: DataType) -> bool:
    return TYPES.row(datatype).family is Family.TEXT


# -- SQLAlchemy ---------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _sqlalchemy() -> Any:
    from sqlalchemy.dialects.postgresql.base import PGDialect

    return PGDialect(paramstyle="named")  # type: ignore[no-untyped-call]


def from_sqlalchemy(type_: Any, sqlalchemy: Any = None) -> tuple[DataType, tuple[Object, ...]]:
    """Type that SQLAlchemy's compiler prints, and the enums and domains that it needs.

    The collation is not part of the type: it is ``type_.collation``. Raises ``Unsupported`` for a type without SQL.
    """
    dialect = sqlalchemy or _sqlalchemy()
    try:
        datatype, named, dimensions = _named(type_, dialect)
        if datatype is not None:
            return replace(datatype, array=dimensions), named
        text = dialect.type_compiler_instance.process(type_, identifier_preparer=dialect.identifier_preparer)
    except _compile_error() as error:
        raise unsupported_type(type_, error, "PostgreSQL", "postgresql") from error
    return from_text(text), ()


@cache
def _compile_error() -> type[Exception]:
    from sqlalchemy.exc import UnsupportedCompilationError

    return UnsupportedCompilationError


@lru_cache(maxsize=8192)
def from_text(text: str) -> DataType:
    datatype = canonical(parse_type(without_collation(text, LEXICAL_RULES)))
    return replace(datatype, array=1) if datatype.array > 1 else datatype


def _named(type_: Any, dialect: Any) -> tuple[DataType | None, tuple[Object, ...], int]:
    from sqlalchemy import types
    from sqlalchemy.dialects import postgresql

    plain = type(type_).__module__ == "sqlalchemy.sql.sqltypes" and not isinstance(type_, types.Enum | types.ARRAY)
    if plain and not getattr(type_, "_variant_mapping", None):
        return None, (), 0
    impl, dimensions = _unwrapped(type_, dialect), 0
    while isinstance(impl, types.ARRAY):
        dimensions, type_ = 1, impl.item_type
        impl = _unwrapped(type_, dialect)
    if isinstance(impl, postgresql.ENUM):
        return *_enum(impl, type_), dimensions
    if isinstance(impl, postgresql.DOMAIN):
        return *_domain(impl, dialect), dimensions
    return None, (), 0


def _unwrapped(type_: Any, dialect: Any) -> Any:
    from sqlalchemy.types import TypeDecorator

    impl = type_.dialect_impl(dialect)
    for _ in range(8):
        if not isinstance(impl, TypeDecorator):
            break
        impl = impl.type_engine(dialect).dialect_impl(dialect)
    return impl


def _enum(impl: Any, declared: Any) -> tuple[DataType, tuple[Object, ...]]:
    if not impl.name:
        from sqlalchemy.exc import CompileError

        raise CompileError("PostgreSQL ENUM type requires a name.")
    comment = getattr(declared, "comment", None)  # of dbwarden.objects.Enum
    item = Enum(str(impl.name), tuple(impl.enums), schema=impl.schema or None, comment=comment)
    return DataType(item.name, ref=item.ref), (item,) if getattr(impl, "create_type", True) else ()


def _domain(impl: Any, dialect: Any) -> tuple[DataType, tuple[Object, ...]]:
    base, needed = from_sqlalchemy(impl.data_type, dialect)
    check = _clause(impl.check, dialect)
    name = str(impl.name)
    item = Domain(
        name,
        base,
        schema=impl.schema or None,
        nullable=not impl.not_null,
        default=_clause(impl.default, dialect),
        collation=impl.collation,
        checks=((impl.constraint_name or f"{name}_check", check),) if check else (),
    )
    return DataType(name, ref=item.ref), (*needed, item) if getattr(impl, "create_type", True) else ()


def _clause(value: Any, dialect: Any) -> Expression | None:
    if value is None:
        return None
    if isinstance(value, str):
        return Expression("'" + value.replace("'", "''") + "'")
    if hasattr(value, "compile"):
        compiled = value.compile(dialect=dialect, compile_kwargs={"literal_binds": True, "include_table": False})
        return Expression(str(compiled))
    return Expression(str(value))
