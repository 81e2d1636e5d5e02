"""What models write for objects of PostgreSQL: policies, privileges, types, extensions and extended statistics."""

from __future__ import annotations

from dbwarden.core.ddl.cursor import cursor
from dbwarden.core.declared_object import DeclaredObject, Value
from dbwarden.core.model import Attribute, CompositeType, Definition, Domain, Extension, Namespace, Object
from dbwarden.core.sqltext import TokenKind
from dbwarden.core.tokens import literal, unquoted

from . import (
    collations,
    default_privileges,
    foreign,
    names,
    policies,
    privileges,
    publications,
    roles,
    text_search,
    types,
)
from .words import LEXICAL_RULES


def declaration(item: Object) -> DeclaredObject | None:
    """The declaration of an object; ``None`` for those that are declared by their CREATE statement."""
    match item:
        case Extension():
            return DeclaredObject("Extension", item.name, named={"schema": item.schema, "comment": item.comment})
        case Namespace(comment=str()):
            return DeclaredObject("Schema", item.name, named={"comment": item.comment})
        case Domain():
            return _domain(item)
        case CompositeType():
            attributes = {attribute.name: _attribute(attribute) for attribute in item.attributes}
            return DeclaredObject("CompositeType", item.name, attributes, _common(item))
        case Definition(kind="policy"):
            return _policy(item)
        case Definition(kind="grant"):
            return _grant(item)
        case Definition(kind=default_privileges.KIND):
            return default_privileges.declaration(item)
        case Definition(kind="role" | "membership"):
            return roles.declaration(item)
        case Definition(kind="foreign_server"):
            return server(item)
        case Definition(kind="publication"):
            return _publication(item)
        case Definition(kind="publication_table"):
            columns, where = publications.table_clauses(item.sql.text)
            of_table: dict[str, Value] = {"on": _table(item), "columns": columns or None, "where": where}
            return DeclaredObject("PublishedTable", item.name, named=of_table)
        case Definition(kind="publication_schema"):
            return DeclaredObject("PublishedSchema", item.name, named={"of": item.schema or "public"})
        case Definition(kind=collations.KIND):
            return collations.declaration(item)
        case Definition(kind=text_search.DICTIONARY | text_search.CONFIGURATION):
            return text_search.declaration(item)
        case Definition(kind="range_type"):
            return range_type(item)
        case Definition(kind="statistics"):
            return statistics(item)
    return None


def _attribute(attribute: Attribute) -> str:
    """The type of an attribute, with its collation."""
    collation = f" COLLATE {names.quote(attribute.collation)}" if attribute.collation else ""
    return types.sql(attribute.type) + collation


def _common(item: Domain | CompositeType | Definition) -> dict[str, Value]:
    return {"schema": item.schema, "comment": item.comment}


def _domain(item: Domain) -> DeclaredObject:
    named: dict[str, Value] = {
        "checks": {name: check.text for name, check in item.checks} or None,
        "not_null": None if item.nullable else True,
        "default": item.default.text if item.default is not None else None,
        "collation": item.collation,
    }
    return DeclaredObject("Domain", item.name, types.sql(item.type), {**named, **_common(item)})


def _policy(item: Definition) -> DeclaredObject:
    clauses = policies.clauses(item.sql.text)
    permissive, command = clauses.head.removeprefix("AS ").split(" FOR ")
    at = cursor(clauses.roles.removeprefix("TO "), LEXICAL_RULES)
    roles = tuple(token.text if token.kind is TokenKind.WORD else unquoted(token, LEXICAL_RULES)
                  for role in at.items(at.rest()) if (token := role.token()) is not None)  # fmt: skip
    named: dict[str, Value] = {
        "on": _table(item),
        "command": command if command != "ALL" else None,
        "to": None if roles == ("PUBLIC",) else roles[0] if len(roles) == 1 else roles,
        "using": _inside(clauses.using),
        "with_check": _inside(clauses.check),
        "permissive": False if permissive == "RESTRICTIVE" else None,
        "comment": item.comment,
    }
    return DeclaredObject("Policy", item.name, named=named)


def _grant(item: Definition) -> DeclaredObject | None:
    """Privileges; ``None`` for those that need no GRANT."""
    granted = privileges.privilege_set(item)
    if item.absent:
        return None
    named: dict[str, Value] = {
        "on": granted.object(),
        "to": granted.grantee,
        "columns": (granted.column,) if granted.column is not None else None,
        "grantable": privileges.grantable(granted.privileges),
    }
    return DeclaredObject("Grant", ", ".join(name.rstrip("*") for name in granted.privileges), named=named)


def _inside(clause: str) -> str | None:
    """The condition of USING (...) or WITH CHECK (...)."""
    at = cursor(clause, LEXICAL_RULES)
    at.until("(")
    return at.source(at.group()) or None


def _table(item: Definition) -> str:
    return ".".join(part for part in (item.on.schema, item.on.name) if part) if item.on is not None else ""


def server(item: Definition) -> DeclaredObject:
    clauses = foreign.server_clauses(item.sql.text)
    wrapper = clauses.pop("wrapper")
    named: dict[str, Value] = {**clauses, "options": clauses["options"] or None, "comment": item.comment}
    return DeclaredObject("ForeignServer", item.name, wrapper, named)


def _publication(item: Definition) -> DeclaredObject:
    named = {**publications.arguments(publications.options(item.sql.text)), "comment": item.comment}
    return DeclaredObject("Publication", item.name, named=named)


def range_type(item: Definition) -> DeclaredObject:
    at = cursor(item.sql.text, LEXICAL_RULES)
    at.until("RANGE")
    at.take()
    settings: dict[str, Value] = {}
    for setting in at.items(at.group()):
        name = setting.name()
        setting.skip("=")
        settings[name] = at.source(setting.rest())
    return DeclaredObject("RangeType", item.name, settings.pop("subtype", ""), {**settings, **_common(item)})


def statistics(item: Definition) -> DeclaredObject:
    at = cursor(item.sql.text, LEXICAL_RULES)
    at.skip("CREATE", "STATISTICS")
    at.ref("statistics")
    kinds = tuple(kind.name() for kind in at.items(at.group()))
    at.skip("ON")
    columns = []
    for key in at.items(at.until("FROM")):
        tokens = key.rest()
        columns.append(unquoted(tokens[0], LEXICAL_RULES) if len(tokens) == 1 else at.source(tokens))
    named: dict[str, Value] = {"on": _table(item), "kinds": kinds or None, "schema": item.schema}
    return DeclaredObject("Statistics", item.name, tuple(columns), {**named, "comment": _comment(item)})


def _comment(item: Definition) -> str | None:
    """The comment, which stands among the statements behind the object."""
    for statement in item.dependents:
        at = cursor(statement, LEXICAL_RULES)
        if at.skip("COMMENT", "ON") and at.find("IS") and (token := at.token()) is not None:
            return literal(token) if token.kind in (TokenKind.STRING, TokenKind.DOLLAR) else None
    return item.comment
