"""Formats schema objects for lists and messages: a few words of SQL on one line."""

from __future__ import annotations

from collections.abc import Iterable

from . import kinds
from .ddl.constant import constant
from .dialect import SchemaDialect
from .model import (
    Check,
    Column,
    CompositeType,
    Computed,
    Definition,
    Domain,
    Enum,
    Exclude,
    ForeignKey,
    Identity,
    Index,
    IndexElement,
    Member,
    Object,
    Partition,
    PrimaryKey,
    Projection,
    Sequence,
    Table,
    Unique,
)
from .options import Options
from .types import DataType, Expression, Ref

_SHOWN_COLUMNS = 8


def name_of(ref: Ref, dialect: SchemaDialect) -> str:
    """The name of an object that is not part of a table, with its schema, quoted if needed."""
    plain, arguments = ref.name, ""
    if kinds.of(ref.kind).is_routine:
        plain, opening, rest = ref.name.partition("(")
        arguments = opening + rest
    return _path((ref.schema, plain), dialect) + arguments


def table_of(ref: Ref, dialect: SchemaDialect) -> str:
    """The name of the table that an object is part of, with its schema."""
    return _path((ref.schema, ref.table), dialect)


def column_path(ref: Ref, dialect: SchemaDialect) -> str:
    """``orders.total``, with the schema."""
    return _path((ref.schema, ref.table, ref.name), dialect)


def _path(parts: Iterable[str | None], dialect: SchemaDialect) -> str:
    return ".".join(dialect.quote(part) for part in parts if part)


def literal(text: str) -> str:
    """A text between quotes."""
    return "'" + text.replace("'", "''") + "'"


def literals(texts: Iterable[str]) -> str:
    """``('new', 'paid')``"""
    return f"({', '.join(map(literal, texts))})"


def column_list(columns: Iterable[str], dialect: SchemaDialect) -> str:
    """``(id, name)``"""
    return f"({', '.join(map(dialect.quote, columns))})"


def type_text(datatype: DataType, dialect: SchemaDialect) -> str:
    """A type as SQL; SQLite has columns without one."""
    return dialect.type_sql(datatype) or "no type"


# -- the text after the name ------------------------------------------------------------------------------------------


def body(item: Object, dialect: SchemaDialect) -> str:
    """Text of an object without its kind and name; may be empty."""
    match item:
        case Table():
            return _columns_of(item, dialect)
        case Column():
            return dialect.column_sql(item).removeprefix(dialect.quote(item.name)).strip()
        case Member():
            return member_body(item, dialect)
        case Enum():
            return literals(item.values)
        case Domain():
            return _domain(item, dialect)
        case Sequence():
            return str(item.options) if item.options else ""
        case CompositeType():
            return f"({', '.join(f'{dialect.quote(part.name)} {type_text(part.type, dialect)}' for part in item.attributes)})"
        case Partition():
            keyed = item.options.get("partition_by")
            return f"of {name_of(item.of, dialect)} {item.bounds}" + (f" PARTITION BY {keyed}" if keyed else "")
        case Definition():
            return "" if item.kind not in ("view", "materialized_view", "trigger") else item.sql.text
    return ""


def _columns_of(table: Table, dialect: SchemaDialect) -> str:
    names = [dialect.quote(name) for name in table.columns]
    omitted = len(names) - _SHOWN_COLUMNS
    return f"({', '.join(names)})" if omitted <= 1 else f"({', '.join(names[:_SHOWN_COLUMNS])} and {omitted} more)"


def member_body(item: Member, dialect: SchemaDialect) -> str:
    """A constraint or index without its kind and name."""
    match item:
        case PrimaryKey() | Unique():
            return f"{column_list(item.columns, dialect)}{_include(item.include, dialect)}{_tail(item)}"
        case Check():
            return f"({item.expression})"
        case ForeignKey():
            return f"{column_list(item.columns, dialect)} → {target(item, dialect)}{_actions(item)}{_tail(item)}"
        case Exclude():
            where = f" WHERE {item.where}" if item.where is not None else ""
            return f"USING {item.method} {exclusion(item, dialect)}{where}{_tail(item)}"
        case Index():
            return _index(item, dialect)
        case Projection():
            return f"({item.query})"
    return ""


def target(key: ForeignKey, dialect: SchemaDialect) -> str:
    """The target of a foreign key: ``customers(id)``."""
    columns = ", ".join(map(dialect.quote, key.ref_columns))
    return name_of(key.ref_table, dialect) + (f"({columns})" if columns else "")


def _actions(key: ForeignKey) -> str:
    match = f" MATCH {key.match.upper()}" if key.match else ""
    delete = f" ON DELETE {key.on_delete.upper()}" if key.on_delete else ""
    update = f" ON UPDATE {key.on_update.upper()}" if key.on_update else ""
    return match + delete + update


def deferral(item: PrimaryKey | Unique | ForeignKey | Exclude) -> str:
    """Text about when a constraint is checked."""
    if not item.deferrable:
        return "NOT DEFERRABLE"
    return f"DEFERRABLE INITIALLY {item.initially.upper()}" if item.initially else "DEFERRABLE"


def _tail(item: PrimaryKey | Unique | ForeignKey | Exclude) -> str:
    distinct = " NULLS NOT DISTINCT" if isinstance(item, Unique) and item.nulls_not_distinct else ""
    return distinct + (f" {deferral(item)}" if item.deferrable else "")


def exclusion(item: Exclude, dialect: SchemaDialect) -> str:
    """``(room WITH =, during WITH &&)``"""
    return f"({', '.join(f'{element(key, dialect)} WITH {operator}' for key, operator in item.elements)})"


def index_keys(index: Index, dialect: SchemaDialect) -> str:
    """``(a, lower(b) DESC)``"""
    return f"({', '.join(element(key, dialect) for key in index.elements)})"


def _index(index: Index, dialect: SchemaDialect) -> str:
    using = f" USING {index.method}" if index.method else ""
    distinct = " NULLS NOT DISTINCT" if index.nulls_not_distinct else ""
    where = f" WHERE {index.where}" if index.where is not None else ""
    return f"{index_keys(index, dialect)}{using}{_include(index.include, dialect)}{distinct}{where}"


def _include(columns: tuple[str, ...], dialect: SchemaDialect) -> str:
    return f" INCLUDE {column_list(columns, dialect)}" if columns else ""


def element(key: IndexElement, dialect: SchemaDialect) -> str:
    """One key of an index."""
    text = key.expression.text if key.expression is not None else dialect.quote(key.column or "?")
    if key.length is not None:
        text += f"({key.length})"
    if key.collation:
        text += f" COLLATE {dialect.quote(key.collation)}"
    if key.opclass:
        text += f" {key.opclass}"
    if key.descending:
        text += " DESC"
    return f"{text} NULLS {key.nulls.upper()}" if key.nulls else text


# -- properties of columns --------------------------------------------------------------------------------------------


def default_text(default: Expression) -> str:
    """A default without the cast to its column's type that PostgreSQL adds to a literal."""
    parsed = constant(default.text) if "::" in default.text else None
    return parsed.text if parsed and parsed.value is not None else default.text


def identity_text(identity: Identity) -> str:
    """``GENERATED ALWAYS AS IDENTITY (increment=2)``, ``serial``."""
    words = f"GENERATED {identity.mode.upper()} AS IDENTITY" if identity.mode in _GENERATED else identity.mode
    return words + (f" ({_listed(identity.options)})" if identity.options else "")


_GENERATED = ("always", "by default")


def _listed(options: Options) -> str:
    return ", ".join(f"{key} {value}" for key, value in options)


def computed_text(computed: Computed) -> str:
    """``(a + b) STORED``"""
    kind = {True: " STORED", False: " VIRTUAL"}.get(computed.stored, "") if computed.stored is not None else ""
    return f"({computed.expression}){kind}"


def _domain(domain: Domain, dialect: SchemaDialect) -> str:
    words = ["AS", type_text(domain.type, dialect)]
    if domain.default is not None:
        words.append(f"DEFAULT {domain.default}")
    if not domain.nullable:
        words.append("NOT NULL")
    words += [f"CHECK ({expression})" for _, expression in domain.checks]
    return " ".join(words)
