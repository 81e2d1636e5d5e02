"""Declarations from which models make types, extensions and statistics again (``generate-models``)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dbwarden.core.declared_object import DeclaredObject
from dbwarden.core.model import CompositeType, Definition, Domain, Extension, Object

from . import types


def declaration(item: Object) -> DeclaredObject | None:
    """The declaration of an object; ``None`` for kinds that are written otherwise."""
    match item:
        case Extension():
            return DeclaredObject("Extension", item.name, None, {"schema": item.schema})
        case CompositeType():
            attributes = {part.name: types.sql(part.type) for part in item.attributes}
            return DeclaredObject("CompositeType", item.name, attributes, _common(item)) if _plain(item) else None
        case Domain():
            return _domain(item)
        case Definition(kind="range_type"):
            return _range(item)
        case Definition(kind="statistics"):
            return _statistics(item)
    return None


def _common(item: CompositeType | Domain | Definition) -> dict[str, str | None]:
    return {"schema": item.schema, "comment": item.comment}


def _plain(item: CompositeType) -> bool:
    """Whether no attribute has a collation, which a text does not say."""
    return not any(part.collation for part in item.attributes)


def _domain(item: Domain) -> DeclaredObject | None:
    """A domain that SQLAlchemy's own construct does not describe: with several checks, a comment, or of another type."""
    if len(item.checks) < 2 and item.comment is None and not item.needs and item.type.ref is None:
        return None
    named = {
        "checks": {name: check.text for name, check in item.checks} or None,
        "not_null": True if not item.nullable else None,
        "default": item.default.text if item.default is not None else None,
        "collation": item.collation,
        **_common(item),
    }
    return DeclaredObject("Domain", item.name, types.sql(item.type), named)


_RANGE = re.compile(r" AS RANGE \((.*)\)$")


def _range(item: Definition) -> DeclaredObject | None:
    match = _RANGE.search(item.sql.text)
    if match is None:
        return None
    settings = dict(part.split(" = ", 1) for part in re.split(r", (?=\w+ = )", match[1]))
    subtype = settings.pop("subtype")
    return DeclaredObject("RangeType", item.name, subtype, {**settings, **_common(item)})


_STATISTICS = re.compile(r"CREATE STATISTICS [^(]+?(?: \((?P<kinds>[a-z, ]+)\))? ON (?P<columns>.*) FROM ", re.DOTALL)


def _statistics(item: Definition) -> DeclaredObject | None:
    match = _STATISTICS.match(item.sql.text)
    if match is None or item.on is None:
        return None
    table = f"{item.on.schema}.{item.on.name}" if item.on.schema else item.on.name
    kinds = tuple(match["kinds"].split(", ")) if match["kinds"] else None
    comment = next((text for text in item.dependents if text.startswith("COMMENT ON STATISTICS ")), None)
    named = {"on": table, "kinds": kinds, "schema": item.schema, "comment": _literal(comment)}
    return DeclaredObject("Statistics", item.name, tuple(map(_unquoted, _parts(match["columns"]))), named)


def _literal(statement: str | None) -> str | None:
    """The text that COMMENT ON sets."""
    match = re.search(r" IS '((?:[^']|'')*)'$", statement, re.DOTALL) if statement is not None else None
    return match[1].replace("''", "'") if match is not None else None


def _unquoted(column: str) -> str:
    return column[1:-1].replace('""', '"') if column.startswith('"') and "(" not in column else column


def _parts(text: str) -> Iterator[str]:
    """The parts of a list between commas outside of parentheses and quotes."""
    part, depth, quote = "", 0, ""
    for character in text:
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        else:
            depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and not depth and not quote:
            yield part.strip()
            part = ""
        else:
            part += character
    yield part.strip()
