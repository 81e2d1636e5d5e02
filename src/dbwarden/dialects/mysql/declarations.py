"""Views, routines, triggers and events that models declare, as definitions."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import Any

from dbwarden.core import kinds
from dbwarden.core.ddl.statements import Statement
from dbwarden.core.declared_object import DeclaredObject
from dbwarden.core.dialect import Server
from dbwarden.core.model import Definition, Object
from dbwarden.core.sqltext import texts
from dbwarden.dialects.base.declarations import create_statement, declarations, definition, plain_text
from dbwarden.errors import Unsupported

from . import privileges, roles
from .definer import account_of, clause, definer, with_definer
from .words import LEXICAL_RULES, quote

_CLOCKS = frozenset(("CURRENT_TIMESTAMP", "NOW", "LOCALTIME", "LOCALTIMESTAMP", "SYSDATE", "CURDATE", "CURRENT_DATE"))
_CREATE_VIEW = re.compile(r"CREATE VIEW ")


def declared_objects(
    metadata: Any,
    sqlalchemy: Any,
    parse: Callable[[str], Statement],
    kinds_declared: Collection[str],
    server: Server,
) -> Iterator[Definition]:
    """Definitions that a metadata describes beside its tables. Raises ``ModelReadError`` and ``Unsupported``."""
    yield from privileges.declared(declarations(metadata, ("grant",)), server)
    yield from roles.declared(declarations(metadata, ("role", "membership")))
    for item in declarations(metadata, set(kinds_declared) - {"grant", "role", "membership"}):
        if item.schema is not None:
            raise Unsupported(
                feature=f"database {item.schema!r} of {item.kind} {item.name!r}",
                dialect="MySQL and MariaDB",
                reason="migrations change the database of the URL only",
                hint="Remove schema= from the declaration, or configure that database as one of its own.",
            )
        if item.kind == "event":
            _check_schedule(item)
        sql = _create(item, sqlalchemy)
        if item.kind == "aggregate":  # to the server it is a function, in its catalogue and in DROP
            sql = sql.replace("AGGREGATE ", "AGGREGATE FUNCTION ", 1)
        made = definition(item, sql, parse, kind="function" if item.kind == "aggregate" else None)
        yield replace(made, comment=None)  # that of a routine or event is a clause of its text


def _check_schedule(event: Any) -> None:
    """Raise ``Unsupported`` for a schedule that begins when the statement runs: no two databases would have the same."""
    words = list(map(str.upper, texts(event.definition, LEXICAL_RULES)))
    schedule = words[: words.index("DO")] if "DO" in words else words
    if ("EVERY" in schedule and "STARTS" not in schedule) or not _CLOCKS.isdisjoint(schedule):
        raise Unsupported(
            feature=f"the schedule of event {event.name!r}",
            dialect="MySQL and MariaDB",
            reason="it depends on the moment at which it is created, which differs in each database",
            hint="Name the moment: EVERY 1 DAY STARTS '2030-01-01 03:00:00'.",
        )


def _create(item: Any, sqlalchemy: Any) -> str:
    """The CREATE statement. Attributes of a view stand before its name (``ALGORITHM``, ``SQL SECURITY``), its columns behind."""
    name, opening, arguments = item.name.partition("(") if kinds.of(item.kind).is_routine else (item.name, "", "")
    name = quote(name.strip()) + opening + arguments
    account = getattr(item, "definer", None)
    return with_definer(_without_definer(item, name, sqlalchemy), clause(account) if account else None)


def _without_definer(item: Any, name: str, sqlalchemy: Any) -> str:
    options = plain_text(getattr(item, "options", None) or "")
    if not options or options.startswith("("):
        return create_statement(item, name, sqlalchemy)
    sql = create_statement(item, name, sqlalchemy).replace(f" {options}", "", 1)
    return _CREATE_VIEW.sub(lambda _: f"CREATE {options} VIEW ", sql, count=1)


# -- source of models -------------------------------------------------------------------------------------------------

_ATTRIBUTES = re.compile(
    r"CREATE\s+(?:OR\s+REPLACE\s+)?((?:ALGORITHM\s*=\s*\w+\s+)?)(?:DEFINER\s*=\s*\S+\s+)?((?:SQL\s+SECURITY\s+\w+\s+)?)"
)

_DOCUMENTS = re.compile(r"CREATE\s[^(]*?\bJSON\s+RELATIONAL\s+DUALITY\s+VIEW\b")
_AGGREGATE = re.compile(r"^CREATE\s+[^(]*?\bAGGREGATE\s+FUNCTION\b", re.IGNORECASE)


def with_attributes(declared: DeclaredObject | None, item: Object) -> DeclaredObject | None:
    """The declaration with the account on whose behalf the object works, and that of a view with the attributes before its name;
    where it also has a list of columns, they win."""
    if declared is None or not isinstance(item, Definition):
        return declared
    if _DOCUMENTS.match(item.sql.text):
        return None  # View cannot say it
    named = dict(declared.named)
    match = _ATTRIBUTES.match(item.sql.text) if item.kind == "view" else None
    options = "".join(match.groups()).strip() if match is not None else ""
    if options:
        named["options"] = options
    if (written := definer(item.sql.text)) is not None:
        named["definer"] = account_of(written)
    constructor = "Aggregate" if _AGGREGATE.search(item.sql.text) and item.kind == "function" else declared.constructor
    return replace(declared, constructor=constructor, named=named)


def declaration(item: Object) -> DeclaredObject | None:
    """The declaration of a role, a membership or privileges; ``None`` for other kinds."""
    match item:
        case Definition(kind="grant"):
            return privileges.declaration(item)
        case Definition(kind="role" | "membership"):
            return roles.declaration(item)
    return None
