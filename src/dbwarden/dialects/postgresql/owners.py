"""Owners of tables, views, routines, sequences, types, schemas and the like, where models declare them.

An owner is a definition on its object, whose key is the name of the role. Owners that no model declares are not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from dbwarden.core import kinds
from dbwarden.core.dialect import Server
from dbwarden.core.model import Definition, Enum, Object, Schema
from dbwarden.core.types import Expression, Ref
from dbwarden.dialects.base.declarations import declarations
from dbwarden.errors import ModelReadError

from . import names, routines

KIND = "owner"
_WORDS = {
    "table": "TABLE", "foreign_table": "TABLE", "view": "VIEW", "materialized_view": "MATERIALIZED VIEW",
    "sequence": "SEQUENCE", "function": "FUNCTION", "procedure": "PROCEDURE", "aggregate": "AGGREGATE",
    "domain": "DOMAIN", "composite_type": "TYPE", "range_type": "TYPE", "enum": "TYPE", "namespace": "SCHEMA",
    "collation": "COLLATION", "text_search_dictionary": "TEXT SEARCH DICTIONARY",
    "text_search_configuration": "TEXT SEARCH CONFIGURATION", "statistics": "STATISTICS", "event_trigger": "EVENT TRIGGER",
    "foreign_server": "SERVER", "publication": "PUBLICATION",
}  # fmt: skip
"""What stands before the name of an object in ALTER ... OWNER TO."""


def definition(on: Ref, role: str) -> Definition:
    """The owner of an object."""
    name, opening, arguments = on.name.partition("(") if kinds.of(on.kind).is_routine else (on.name, "", "")
    place = names.qualified(name, on.schema) + opening + arguments
    text = f"ALTER {_WORDS[on.kind]} {place} OWNER TO {names.quote(role)}"
    kind = kinds.of(on.kind)
    alone = kind.is_relation or kind.is_type or kind.is_routine  # others may have the name of one of these
    name = "role" if alone else f"role of {kind.title}"
    return Definition(KIND, name, Expression(text, role), on.schema, on, needs=frozenset((on,)), attached=True)


def change(
    before: Definition | None, after: Definition | None, schemas: tuple[Schema, Schema] | None = None
) -> tuple[str, ...]:
    """ALTER ... OWNER TO. An owner that is no longer declared stays, and one of an object that is dropped goes with it."""
    if after is None or after.on is None:
        return ()
    return (definition(after.on, after.sql.key).sql.text,)


def declared(metadata: Any, server: Server) -> Iterator[Definition]:
    """The owners that models declare. Raises ``ModelReadError`` for one of a sequence that belongs to a column."""
    for table in metadata.tables.values():
        if (role := table.info.get(KIND)) is not None:
            yield definition(Ref("table", str(table.name), _place(table.schema, server)), str(role))
    for sequence in metadata._sequences.values():
        if (role := getattr(sequence, KIND, None)) is None:
            continue
        if getattr(sequence, "owned_by", None) is not None:
            raise ModelReadError(
                where=f"sequence {sequence.name}",
                reason="a sequence that a column owns belongs to the owner of its table",
                hint='Leave `owner` out, and declare that of the table: info={"owner": "role"}.',
            )
        yield definition(Ref("sequence", str(sequence.name), _place(sequence.schema, server)), role)
    for item in declarations(metadata, _WORDS):
        if (role := getattr(item, KIND, None)) is not None:
            name = str(item.name)
            if kinds.of(item.kind).is_routine:
                name = routines.identity(name, server.default_schema, item.kind)
            yield definition(_ref(item, name, server), str(role))


def of_type(type_: Any, named: Iterable[Object]) -> Iterator[Definition]:
    """The declared owner of an enum (``dbwarden.objects.Enum``), also of one in an array."""
    role = getattr(getattr(type_, "item_type", type_), KIND, None)
    if role is not None:
        yield from (definition(item.ref, str(role)) for item in named if isinstance(item, Enum))


def _ref(item: Any, name: str, server: Server) -> Ref:
    """The object that a declaration makes; extended statistics belong to a table."""
    if kinds.of(item.kind).of_database:
        return Ref(item.kind, name)
    ref = Ref(item.kind, name, _place(item.schema, server))
    if item.kind != "statistics":
        return ref
    return ref._replace(table=names.table_of(item.on)[1])


def _place(schema: Any, server: Server) -> str | None:
    return str(schema) if schema is not None and schema != server.default_schema else None
