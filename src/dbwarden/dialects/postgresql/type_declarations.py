"""Types, extensions and extended statistics that models declare (``dbwarden.objects``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dbwarden.core.ddl.cursor import cursor
from dbwarden.core.model import Attribute, CompositeType, Definition, Domain, Extension, Namespace, Object
from dbwarden.core.types import DataType, Expression, Ref
from dbwarden.dialects.base.declarations import declarations, plain_text
from dbwarden.dialects.base.names import literal
from dbwarden.errors import ModelReadError

from . import collations, foreign, names, text_search, types
from .words import LEXICAL_RULES

_KINDS = frozenset(
    (
        "extension",
        "namespace",
        "collation",
        *text_search.KINDS,
        "foreign_server",
        "domain",
        "composite_type",
        "range_type",
        "statistics",
    )
)
_STATISTICS = ("ndistinct", "dependencies", "mcv")
"""Kinds of extended statistics, in the order in which the server prints them."""


def declared_objects(metadata: Any, sqlalchemy: Any) -> Iterator[Object]:
    """Objects that a metadata describes beside its tables and definitions. Raises ``ModelReadError``."""
    for item in declarations(metadata, _KINDS):
        match item.kind:
            case "extension":
                yield Extension(item.name, item.schema, item.version, item.comment)
            case "namespace":
                yield Namespace(item.name, item.comment)
            case "foreign_server":
                yield foreign.declared(item)
            case "collation":
                yield collations.definition(item)
            case "text_search_dictionary" | "text_search_configuration":
                yield text_search.definition(item)
            case "domain":
                yield from _domain(item, sqlalchemy)
            case "composite_type":
                yield from _composite(item, sqlalchemy)
            case "range_type":
                yield _range(item, sqlalchemy)
            case "statistics":
                yield _statistics(item)


def _type(item: Any, type_: Any, sqlalchemy: Any) -> tuple[DataType, tuple[Object, ...]]:
    """A type of SQLAlchemy's or a text, with the named types that it brings along."""
    if isinstance(type_, str):
        return types.from_text(type_), ()
    instance = type_() if isinstance(type_, type) else getattr(type_, "type", type_)
    datatype, named = types.from_sqlalchemy(instance, sqlalchemy)
    if not datatype.name:
        raise ModelReadError(where=f"{item.kind.replace('_', ' ')} {item.name}", reason=f"{type_!r} is not a type")
    return datatype, named


def _domain(item: Any, sqlalchemy: Any) -> Iterator[Object]:
    base, named = _type(item, item.base, sqlalchemy)
    yield from named
    yield Domain(
        item.name,
        base,
        item.schema,
        not item.not_null,
        Expression(item.default) if item.default is not None else None,
        item.collation,
        tuple((name, Expression(plain_text(check))) for name, check in (item.checks or {}).items()),
        item.comment,
    )


def _composite(item: Any, sqlalchemy: Any) -> Iterator[Object]:
    attributes: list[Attribute] = []
    for name, type_ in item.attributes.items():
        text, collation = _collated(type_) if isinstance(type_, str) else (type_, getattr(type_, "collation", None))
        datatype, named = _type(item, text, sqlalchemy)
        yield from named
        attributes.append(Attribute(name, datatype, collation))
    yield CompositeType(item.name, tuple(attributes), item.schema, item.comment)


def _collated(text: str) -> tuple[str, str | None]:
    """The type and the collation of ``text COLLATE "C"``."""
    at = cursor(text, LEXICAL_RULES)
    type_ = at.source(at.until("COLLATE"))
    if not at.skip("COLLATE"):
        return text, None
    path = [at.name()]
    while at.skip("."):
        path.append(at.name())
    return type_, ".".join(path)


def _range(item: Any, sqlalchemy: Any) -> Definition:
    subtype, _ = _type(item, item.subtype, sqlalchemy)
    settings = {
        "subtype": types.sql(subtype),
        "subtype_opclass": item.subtype_opclass,
        "collation": item.collation,
        "canonical": item.canonical,
        "subtype_diff": item.subtype_diff,
    }
    made_of = ", ".join(f"{key} = {value}" for key, value in settings.items() if value is not None)
    text = f"CREATE TYPE {names.qualified(item.name, item.schema)} AS RANGE ({made_of.lower()})"
    needs = frozenset((subtype.ref,)) if subtype.ref is not None else frozenset[Ref]()
    return Definition("range_type", item.name, Expression(text), item.schema, comment=item.comment, needs=needs)


def _statistics(item: Any) -> Definition:
    schema, name = names.table_of(item.on)
    unknown = sorted(set(item.kinds) - set(_STATISTICS))
    if unknown:
        reason = f"there are no statistics {', '.join(unknown)}"
        raise ModelReadError(where=f"statistics {item.name}", reason=reason, hint=f"Kinds: {', '.join(_STATISTICS)}.")
    listed = [kind for kind in _STATISTICS if kind in item.kinds]
    kinds = f" ({', '.join(listed)})" if 0 < len(listed) < len(_STATISTICS) else ""
    on = ", ".join(
        column if column.startswith("(") or "(" in column else names.quote(column) for column in item.columns
    )
    text = f"CREATE STATISTICS {names.qualified(item.name, item.schema)}{kinds} ON {on} FROM {names.qualified(name, schema)}"
    comments: tuple[str, ...] = ()
    if item.comment is not None:
        comments = (f"COMMENT ON STATISTICS {names.qualified(item.name, item.schema)} IS {literal(item.comment)}",)
    table_ref = Ref("table", name, schema or None)
    return Definition("statistics", item.name, Expression(text), item.schema, table_ref, None, comments, attached=True)
