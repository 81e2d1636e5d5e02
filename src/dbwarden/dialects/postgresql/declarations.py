"""Views, routines, triggers, rules and policies that models declare, as definitions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from dbwarden.core import kinds
from dbwarden.core.dialect import Server
from dbwarden.core.model import Definition
from dbwarden.dialects.base.declarations import INFO, create_statement, declarations, definition, index_statements
from dbwarden.dialects.base.names import literal

from . import default_privileges, names, owners, policies, privilege_declarations, publications, roles
from .statements import statement

KINDS = frozenset("view materialized_view function procedure aggregate trigger rule event_trigger policy".split())

_WITH_PRIVILEGES = ("view", "materialized_view", "function", "procedure", "aggregate")
_CLAUSES = ("row_level_security", "force_row_level_security", "server", "foreign_options")


def declared_objects(metadata: Any, sqlalchemy: Any, server: Server) -> Iterator[Definition]:
    """Definitions that a metadata describes beside its tables. Raises ``ModelReadError``."""
    parse = partial(statement, default_schema=server.default_schema)
    objects = declarations(metadata, _WITH_PRIVILEGES)
    yield from privilege_declarations.declared(declarations(metadata, ("grant",)), objects, server)
    yield from owners.declared(metadata, server)
    yield from default_privileges.declared(declarations(metadata, ("default_privileges",)), server)
    yield from roles.declared(declarations(metadata, ("role", "membership")), server)
    yield from publications.declared(declarations(metadata, publications.KINDS), sqlalchemy, server)
    for item in declarations(metadata, KINDS):
        if item.kind == "policy":
            sql = policies.create_statement(item, sqlalchemy)
        else:
            sql = create_statement(item, _name(item), sqlalchemy)
        yield definition(item, sql, parse, tuple(_dependents(item, sqlalchemy)))


def keywords(item: Any, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The keywords of an item with the clauses of ``dbwarden.objects``."""
    declared = vars(item).get("info", {}).get(INFO, {})
    return {**given, **{key: declared[key] for key in _CLAUSES if key in declared}} if declared else given


def _dependents(item: Any, sqlalchemy: Any) -> Iterator[str]:
    """The indexes of a materialized view, and the comments of a view's columns in their order."""
    yield from index_statements(item, sqlalchemy)
    for column, text in getattr(item, "column_comments", {}).items():
        yield f"COMMENT ON COLUMN {_name(item)}.{names.quote(column)} IS {literal(text)}"


def _name(item: Any) -> str:
    """The name as CREATE has it: that of a routine with its arguments, that of a trigger or rule without a schema."""
    if item.kind in ("trigger", "rule", "event_trigger"):
        return names.quote(item.name)
    name, opening, arguments = item.name.partition("(") if kinds.of(item.kind).is_routine else (item.name, "", "")
    return names.qualified(name, item.schema) + opening + arguments
