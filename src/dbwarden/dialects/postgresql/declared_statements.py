"""What a statement of a schema file declares, where models would write attributes and not its text."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from dbwarden.core.ddl.cursor import Cursor, cursor
from dbwarden.core.declared_object import DeclaredObject, Value
from dbwarden.core.model import Definition
from dbwarden.core.tokens import literal
from dbwarden.core.types import Expression, Ref
from dbwarden.errors import Unsupported

from . import (
    collations,
    declared_source,
    default_privileges,
    foreign_statements,
    privilege_statements,
    publications,
    roles,
    text_search,
)
from .privileges import OUTSIDE_SCHEMAS
from .words import LEXICAL_RULES


def declared(sql: str, default_schema: str | None) -> tuple[DeclaredObject, ...]:
    """The declarations of a statement; none for one that models declare by its text. Raises ``Unsupported`` for clauses that they
    cannot declare."""
    at = cursor(sql, LEXICAL_RULES, default_schema)
    first = at.word()
    at.take()
    if first in ("GRANT", "REVOKE"):
        return tuple(_grants(privilege_statements.read_text(at), sql))
    if first == "ALTER":
        return tuple(_altered(at, sql))
    if first != "CREATE":
        return ()
    for words, read in _CREATED.items():
        if at.skip(*words):
            at.skip("IF", "NOT", "EXISTS")
            return tuple(read(at, sql))
    return ()


def _refused(sql: str, reason: str) -> Unsupported:
    return Unsupported(feature=" ".join(sql.split())[:60], dialect="a schema file", reason=reason)


# -- privileges -------------------------------------------------------------------------------------------------------


def _grants(text: privilege_statements.GrantText, sql: str) -> Iterator[DeclaredObject]:
    if text.on is None:
        yield from _memberships(text, sql)
        return
    for names, columns in _given(text, sql):
        if text.on == "DATABASE" or not text.objects:
            reason = "privileges on a database, a tablespace, and on all objects of a schema are not declared in a file"
            raise _refused(sql, f'{reason}: write Grant(..., on="DATABASE") or one Grant for each object in the models')
        for on in text.objects:
            named: dict[str, Value] = {"on": _object(text.on, on), "to": text.grantees, "schema": on.schema}
            yield DeclaredObject("Grant", names, named={**named, "columns": columns, "grantable": _grantable(text)})


def _given(text: privilege_statements.GrantText, sql: str) -> Iterator[tuple[str, tuple[str, ...] | None]]:
    """The privileges of GRANT by their columns; an empty text for REVOKE of all."""
    if text.revoke:
        if text.option_only or [name for name, _ in text.privileges] != ["ALL"]:
            raise _refused(sql, "a file declares what a grantee has: write REVOKE ALL where he has nothing")
        yield "", None
        return
    by_columns: dict[tuple[str, ...], list[str]] = {}
    for name, columns in text.privileges:
        by_columns.setdefault(columns, []).append(name)
    for columns, names in by_columns.items():
        yield ", ".join(names), columns or None


def _grantable(text: privilege_statements.GrantText) -> bool | None:
    return True if text.options[:3] == ("WITH", "GRANT", "OPTION") else None


def _object(word: str, on: Ref) -> str:
    """The object as ``Grant.on`` names it."""
    title = OUTSIDE_SCHEMAS.get(on.kind, word.lower()).upper()
    return on.name if title == "TABLE" else f"{title} {on.name}"


def _memberships(text: privilege_statements.GrantText, sql: str) -> Iterator[DeclaredObject]:
    if text.revoke:
        raise _refused(sql, "a file declares who is a member: leave the GRANT out instead")
    named: dict[str, Value] = {"to": text.grantees}
    for option in ("ADMIN", "INHERIT", "SET"):
        if option in text.options:
            value = text.options[text.options.index(option) + 1 :][:1]
            named[option.lower()] = value in (("OPTION",), ("TRUE",))
    for role, _ in text.privileges:
        yield DeclaredObject("Membership", role, named=named)


def _altered(at: Cursor, sql: str) -> Iterator[DeclaredObject]:
    if at.skip("DEFAULT", "PRIVILEGES"):
        for given, text in default_privileges.sets(at):
            for names, _ in _given(text, sql):
                yield DeclaredObject("DefaultPrivileges", names, named={
                    "on": given.objects, "to": given.grantee, "in_schema": given.schema, "for_role": given.role,
                    "grantable": _grantable(text),
                })  # fmt: skip
    elif at.skip("TABLE"):
        at.skip("IF", "EXISTS")
        ref = at.table_name()
        for action in at.items(at.rest()):
            forced = action.skip("FORCE")
            if not (forced or action.skip("ENABLE")) or not action.skip("ROW", "LEVEL", "SECURITY"):
                return
            key = "force_row_level_security" if forced else "row_level_security"
            yield DeclaredObject("TableOptions", ref.name, named={"schema": ref.schema, "options": {key: "true"}})


# -- roles ------------------------------------------------------------------------------------------------------------


def _role(at: Cursor, sql: str) -> Iterator[DeclaredObject]:
    named: dict[str, Any] = {"login": True} if at.word(-1) == "USER" else {}
    name = at.name()
    words = {word: (flag, value) for flag, value, word in roles.flag_words()}
    while not at.at_end:
        if at.skip("WITH"):
            continue
        if at.word() in words:
            flag, value = words[at.word()]
            named[flag] = value
            at.take()
        elif at.skip("CONNECTION", "LIMIT"):
            named["connection_limit"] = int(at.source([token for token in (at.take(),) if token is not None]))
        elif at.skip("VALID", "UNTIL"):
            token = at.take()
            named["valid_until"] = literal(token) if token is not None else None
        elif at.skip("IN", "ROLE") or at.skip("IN", "GROUP"):
            named["member_of"] = _names(at)
        elif (word := at.word()) in ("ROLE", "USER", "ADMIN"):
            at.take()
            admin = True if word == "ADMIN" else None
            yield DeclaredObject("Membership", name, named={"to": _names(at), "admin": admin})
        elif at.word() in ("PASSWORD", "ENCRYPTED"):
            raise _refused(sql.partition("PASSWORD")[0], "a password does not belong into a file: set it on the server")
        else:
            raise _refused(sql, f"{at.word()} cannot be declared")
    yield DeclaredObject("Role", name, named=named)


def _names(at: Cursor) -> tuple[str, ...]:
    names = [at.name()]
    while at.skip(","):
        names.append(at.name())
    return tuple(names)


# -- types, extensions, statistics ------------------------------------------------------------------------------------

_OF_DOMAIN = ("COLLATE", "DEFAULT", "NOT", "NULL", "CONSTRAINT", "CHECK")


def _domain(at: Cursor, sql: str) -> Iterator[DeclaredObject]:
    ref = at.ref("domain")
    at.skip("AS")
    base = at.source(at.until(*_OF_DOMAIN))
    named: dict[str, Any] = {"schema": ref.schema}
    checks: dict[str, str] = {}
    while not at.at_end:
        constraint = at.name() if at.skip("CONSTRAINT") else ""
        if at.skip("COLLATE"):
            named["collation"] = at.name()
        elif at.skip("DEFAULT"):
            named["default"] = at.source(at.until(*_OF_DOMAIN))
        elif at.skip("NOT", "NULL"):
            named["not_null"] = True
        elif at.skip("CHECK"):
            checks[constraint or _free_name(f"{ref.name}_check", checks)] = at.source(at.group())
        elif not at.skip("NULL"):
            raise _refused(sql, f"{at.word()} cannot be declared")
    yield DeclaredObject("Domain", ref.name, base, {**named, "checks": checks or None})


def _free_name(name: str, taken: Collection[str]) -> str:
    """The name that the server gives a check without one."""
    numbered = (f"{name}{number or ''}" for number in range(len(taken) + 1))
    return next(candidate for candidate in numbered if candidate not in taken)


def _type(at: Cursor, sql: str) -> Iterator[DeclaredObject]:
    ref = at.ref("type")
    if at.skip("AS", "ENUM"):
        values = tuple(literal(token) for token in at.group() if token.text != ",")
        yield DeclaredObject("Enum", ref.name, values, {"schema": ref.schema})
    elif at.skip("AS", "RANGE"):
        yield declared_source.range_type(Definition("range_type", ref.name, Expression(sql), ref.schema))
    elif at.skip("AS"):
        attributes: dict[str, Value] = {}
        for item in at.items(at.group()):
            name = item.name()
            attributes[name] = item.source(item.rest())
        yield DeclaredObject("CompositeType", ref.name, attributes, {"schema": ref.schema})


def _extension(at: Cursor, sql: str) -> Iterator[DeclaredObject]:
    name = at.name()
    named: dict[str, Value] = {}
    while not at.at_end:
        if at.skip("SCHEMA"):
            named["schema"] = at.name()
        elif at.skip("VERSION"):
            token = at.take()
            named["version"] = literal(token) if token is not None and token.text.startswith("'") else None
        elif not at.skip_any("WITH", "CASCADE"):
            raise _refused(sql, f"{at.word()} cannot be declared")
    yield DeclaredObject("Extension", name, named=named)


def _statistics(at: Cursor, sql: str) -> Iterator[DeclaredObject]:
    ref = at.ref("statistics")
    at.find("FROM")
    table = at.table_name()
    text = " ".join(("CREATE STATISTICS", sql[sql.upper().index(" STATISTICS ") + len(" STATISTICS ") :].lstrip()))
    item = Definition("statistics", ref.name, Expression(text.replace("IF NOT EXISTS ", "", 1)), ref.schema, table)
    yield declared_source.statistics(item)


# -- servers, publications, sequences ---------------------------------------------------------------------------------

_NUMBERS = {"INCREMENT": "BY", "START": "WITH", "MINVALUE": "", "MAXVALUE": "", "CACHE": ""}
"""Clauses of a sequence with a number, and the word that may stand before it."""


def _schema(at: Cursor, sql: str) -> Iterator[DeclaredObject]:
    name = at.name()
    if not at.at_end:
        raise _refused(sql, f"{at.word()} of a schema cannot be declared in a file")
    yield DeclaredObject("Schema", name)


def _collation(at: Cursor, sql: str) -> Iterator[DeclaredObject]:
    ref = at.ref("collation")
    if at.word() == "FROM":
        raise _refused(sql, "what another collation is depends on the server: write its provider and locale")
    yield DeclaredObject("Collation", ref.name, named={"schema": ref.schema, **collations.clauses_at(at)})


def _server(at: Cursor, sql: str) -> Iterator[DeclaredObject]:
    yield declared_source.server(Definition("foreign_server", at.name(), Expression(sql)))


def _sequence(at: Cursor, sql: str) -> Iterator[DeclaredObject]:
    ref = at.ref("sequence")
    named: dict[str, Any] = {"schema": ref.schema}
    while not at.at_end:
        word = at.word()
        if word in _NUMBERS:
            at.take()
            at.skip(_NUMBERS[word] or word)
            sign = "-" if at.skip("-") else ""
            named[word.lower()] = int(sign + at.source([token for token in (at.take(),) if token is not None]))
        elif at.skip("AS"):
            named["data_type"] = at.name().lower()
        elif at.skip("OWNED", "BY"):
            owner = at.source(at.until("INCREMENT", "START", "MINVALUE", "MAXVALUE", "CACHE", "CYCLE", "NO"))
            named["owned_by"] = owner if owner.upper() != "NONE" else None
        elif at.skip("NO"):
            at.take()  # MINVALUE, MAXVALUE or CYCLE: the defaults
        elif at.skip("CYCLE"):
            named["cycle"] = True
        else:
            raise _refused(sql, f"{word} cannot be declared")
    yield DeclaredObject("Sequence", ref.name, named=named)


_CREATED: dict[tuple[str, ...], Callable[[Cursor, str], Iterator[DeclaredObject]]] = {
    ("ROLE",): _role,
    ("USER",): _role,
    ("DOMAIN",): _domain,
    ("TYPE",): _type,
    ("EXTENSION",): _extension,
    ("STATISTICS",): _statistics,
    ("TEXT", "SEARCH", "DICTIONARY"): text_search.declared_dictionary,
    ("SERVER",): _server,
    ("COLLATION",): _collation,
    ("SEQUENCE",): _sequence,
    ("FOREIGN", "TABLE"): foreign_statements.declaration,
    ("SCHEMA",): _schema,
    ("PUBLICATION",): publications.declarations_of,
}
