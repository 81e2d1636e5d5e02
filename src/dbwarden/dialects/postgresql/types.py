"""Column types: aliases, printing, and SQLAlchemy's types in both directions."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import Any

from dbwarden.core.model import Domain, Enum, Object
from dbwarden.core.types import DataType, Expression, parse_type
from dbwarden.core.widening import Fate
from dbwarden.core.widening import fate as by_standard_names

from . import names

# Every spelling -> the one we use. format_type() prints the SQL names, pg_type the short ones.
ALIASES = {
    "int": "integer", "int4": "integer", "int8": "bigint", "int2": "smallint",
    "bool": "boolean", "float4": "real", "float8": "double precision",
    "decimal": "numeric", "dec": "numeric",
    "character varying": "varchar", "national character varying": "varchar",
    "character": "char", "nchar": "char", "national character": "char",
    "varbit": "bit varying",
}  # fmt: skip
_ZONES = {
    "timestamp without time zone": ("timestamp", ""), "timestamp with time zone": ("timestamp", "with time zone"),
    "timestamptz": ("timestamp", "with time zone"),
    "time without time zone": ("time", ""), "time with time zone": ("time", "with time zone"),
    "timetz": ("time", "with time zone"),
}  # fmt: skip

# Canonical name -> how SQLAlchemy writes it in a model; "pg." is sqlalchemy.dialects.postgresql.
SQLALCHEMY = {
    "bigint": "BigInteger", "boolean": "Boolean", "bytea": "LargeBinary", "char": "CHAR", "date": "Date",
    "double precision": "Double", "integer": "Integer", "json": "JSON", "numeric": "Numeric", "real": "REAL",
    "smallint": "SmallInteger", "text": "Text", "uuid": "Uuid", "varchar": "String",
    "bit": "pg.BIT", "bit varying": "pg.BIT", "cidr": "pg.CIDR", "citext": "pg.CITEXT", "hstore": "pg.HSTORE",
    "inet": "pg.INET", "jsonb": "pg.JSONB", "jsonpath": "pg.JSONPATH", "macaddr": "pg.MACADDR",
    "macaddr8": "pg.MACADDR8", "money": "pg.MONEY", "oid": "pg.OID", "regclass": "pg.REGCLASS",
    "regconfig": "pg.REGCONFIG", "tsquery": "pg.TSQUERY", "tsvector": "pg.TSVECTOR",
    "int4range": "pg.INT4RANGE", "int8range": "pg.INT8RANGE", "numrange": "pg.NUMRANGE", "daterange": "pg.DATERANGE",
    "tsrange": "pg.TSRANGE", "tstzrange": "pg.TSTZRANGE", "int4multirange": "pg.INT4MULTIRANGE",
    "int8multirange": "pg.INT8MULTIRANGE", "nummultirange": "pg.NUMMULTIRANGE", "datemultirange": "pg.DATEMULTIRANGE",
    "tsmultirange": "pg.TSMULTIRANGE", "tstzmultirange": "pg.TSTZMULTIRANGE",
}  # fmt: skip
_BUILT_IN = (frozenset(SQLALCHEMY) - {"citext", "hstore"}) | frozenset(
    """timestamp time interval xml name point line lseg box path polygon circle date pg_lsn txid_snapshot bpchar
    regproc regprocedure regoper regoperator regtype regrole regnamespace regcollation regdictionary xid xid8 cid tid
    """.split()
)
_PRECISE = ("time", "timestamp", "interval")


@lru_cache(maxsize=8192)
def canonical(datatype: DataType) -> DataType:
    """``datatype`` under the one name that inspection reports too."""
    if datatype.ref is not None:
        return datatype
    name, args, modifiers = datatype.name, datatype.args, datatype.modifiers
    if name.startswith("pg_catalog."):
        name = name[len("pg_catalog.") :].strip('"')
    name = ALIASES.get(name, name)
    whole = f"{name} {modifiers}" if modifiers and name in ("time", "timestamp", "timestamptz", "timetz") else name
    if whole in _ZONES:
        name, modifiers = _ZONES[whole]
    elif name in ("character", "char", "bit") and modifiers == "varying":
        name, modifiers = ("bit varying" if name == "bit" else "varchar"), ""
    name, args = _arguments(name, args)
    if (name, args, modifiers) == (datatype.name, datatype.args, datatype.modifiers):
        return datatype
    return DataType(name, args, datatype.array, modifiers)


def _arguments(name: str, args: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    if name == "float":
        return ("real" if args and args[0].isdigit() and int(args[0]) <= 24 else "double precision"), ()
    if name == "numeric" and len(args) == 1:
        return name, (args[0], "0")
    if name in ("char", "bit") and not args:
        return name, ("1",)
    if name in _PRECISE and args == ("6",):
        return name, args  # timestamp(6) is kept by the server, though it means the same as timestamp
    return name, args


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
    """The type as it stands in DDL: built-in names in capitals."""
    if datatype.ref is not None:
        text = names.of(datatype.ref)
    else:
        words = datatype.name.split(" ")
        text = datatype.name.upper() if words[0] in _BUILT_IN or datatype.name in _BUILT_IN else datatype.name
    if datatype.args:
        text = f"{text}({', '.join(datatype.args)})"
    if datatype.modifiers:
        text = f"{text} {datatype.modifiers.upper()}"
    return text + "[]" * min(datatype.array, 1)


def fate(before: DataType, after: DataType) -> Fate:
    """An enumeration is a text that takes few values: it is refused what it does not know, and changes nothing.

    What is no text becomes a list of one value, and a list the first of its values (see ``casts``).
    """
    same = before.ref is not None and before.ref == after.ref
    if same or (before.ref is None and after.ref is None and not {before.name, after.name} & _WRITTEN):
        if after.array and not before.array:
            found = by_standard_names(before, replace(after, array=0))
            return Fate.KEPT if found in (Fate.SAME, Fate.FREE) else found
        if before.array and not after.array:
            return Fate.LOSSY
    old, new = (replace(one, name="text", args=(), ref=None) if one.ref is not None else one for one in (before, after))
    if after.ref is not None and old.name in _WRITTEN and old.array == new.array:
        return Fate.SAME if before == after else Fate.NARROWED
    return by_standard_names(old, new)


_WRITTEN = frozenset(("varchar", "text", "char", "bpchar", "citext"))


# -- SQLAlchemy ---------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _sqlalchemy() -> Any:
    from sqlalchemy.dialects.postgresql.base import PGDialect

    return PGDialect(paramstyle="named")  # type: ignore[no-untyped-call]


_COLLATE = re.compile(r'\s+COLLATE\s+(?:"(?:[^"]|"")+"|[\w.]+)(?:\."(?:[^"]|"")+")?')


def from_sqlalchemy(type_: Any, sqlalchemy: Any = None) -> tuple[DataType, tuple[Object, ...]]:
    """The type that SQLAlchemy's own compiler prints, and the enums and domains it needs created.

    A collation is not part of the type: it is ``type_.collation``.
    """
    dialect = sqlalchemy or _sqlalchemy()
    found, named, dimensions = _named(type_, dialect)
    if found is not None:
        return replace(found, array=dimensions), named
    text = dialect.type_compiler_instance.process(type_, identifier_preparer=dialect.identifier_preparer)
    return _from_text(text), ()


@lru_cache(maxsize=8192)
def _from_text(text: str) -> DataType:
    datatype = canonical(parse_type(_COLLATE.sub("", text)))
    return replace(datatype, array=1) if datatype.array > 1 else datatype


def _named(type_: Any, dialect: Any) -> tuple[DataType | None, tuple[Object, ...], int]:
    from sqlalchemy import types
    from sqlalchemy.dialects import postgresql

    plain = type(type_).__module__ == "sqlalchemy.sql.sqltypes" and not isinstance(type_, types.Enum | types.ARRAY)
    if plain and not getattr(type_, "_variant_mapping", None):
        return None, (), 0
    impl, dimensions = _unwrapped(type_, dialect), 0
    while isinstance(impl, types.ARRAY):
        dimensions = 1
        impl = _unwrapped(impl.item_type, dialect)
    if isinstance(impl, postgresql.ENUM):
        return *_enum(impl), dimensions
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


def _enum(impl: Any) -> tuple[DataType, tuple[Object, ...]]:
    if not impl.name:
        from sqlalchemy.exc import CompileError

        raise CompileError("PostgreSQL ENUM type requires a name.")
    item = Enum(str(impl.name), tuple(impl.enums), schema=impl.schema or None)
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


def to_sqlalchemy(datatype: DataType) -> str:
    """Python source of the SQLAlchemy type: ``pg`` is ``sqlalchemy.dialects.postgresql``, no prefix ``sqlalchemy``."""
    if datatype.array:
        return f"pg.ARRAY({to_sqlalchemy(replace(datatype, array=0))})"
    name, args = datatype.name, ", ".join(datatype.args)
    if name in ("timestamp", "time"):
        zone, precision = "timezone=True" if datatype.modifiers else "", f"precision={args}" if args else ""
        kind = ("pg." if args else "") + ("TIMESTAMP" if name == "timestamp" else "TIME")
        plain = "DateTime" if name == "timestamp" else "Time"
        return f"{kind if args else plain}({', '.join(part for part in (zone, precision) if part)})"
    if name.startswith("interval"):
        fields = name[len("interval") :].strip().upper()
        parts = ([f"fields={fields!r}"] if fields else []) + ([f"precision={args}"] if args else [])
        return f"pg.INTERVAL({', '.join(parts)})" if parts else "Interval()"
    if name == "bit varying":
        return f"pg.BIT({args + ', ' if args else ''}varying=True)"
    if name in SQLALCHEMY:
        return f"{SQLALCHEMY[name]}({args})"
    return f"pg.{name.upper()}()"
