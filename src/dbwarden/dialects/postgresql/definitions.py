"""CREATE and DROP of text-defined objects, such as views and functions."""

from __future__ import annotations

import re

from dbwarden.core import kinds
from dbwarden.core.ddl.statements import CreateIndex
from dbwarden.core.dialect import Server
from dbwarden.core.model import Definition, dependent_kind
from dbwarden.core.repeatables import if_exists
from dbwarden.core.sqltext import split
from dbwarden.dialects.base.names import literal
from dbwarden.errors import Unsupported

from . import foreign, names, owners, policies, privileges, publications, roles, routines, text_search
from .statements import statement as parse
from .words import LEXICAL_RULES

_DROP = {
    "view": "DROP VIEW {name}",
    "materialized_view": "DROP MATERIALIZED VIEW {name}",
    "collation": "DROP COLLATION {name}",
    "text_search_dictionary": "DROP TEXT SEARCH DICTIONARY {name}",
    "text_search_configuration": "DROP TEXT SEARCH CONFIGURATION {name}",
    "range_type": "DROP TYPE {name}",
    "function": "DROP FUNCTION {name}",
    "procedure": "DROP PROCEDURE {name}",
    "aggregate": "DROP AGGREGATE {name}",
    "foreign_server": "DROP SERVER {plain}",
    "event_trigger": "DROP EVENT TRIGGER {plain}",
    "trigger": "DROP TRIGGER {plain} ON {table}",
    "policy": "DROP POLICY {plain} ON {table}",
    "rule": "DROP RULE {plain} ON {table}",
    "statistics": "DROP STATISTICS {name}",
    "publication": "DROP PUBLICATION {plain}",
    "publication_schema": "ALTER PUBLICATION {plain} DROP TABLES IN SCHEMA {schema}",
    "publication_table": "ALTER PUBLICATION {plain} DROP TABLE ONLY {table}",
}
_WORDS = {"range_type": "TYPE", "foreign_server": "SERVER"}
"""Words for kinds in COMMENT ON, where they differ from their names."""
_GONE_WITH_TABLE = frozenset(("security_label",))
"""Kinds that are dropped together with their column or table."""


_REPLACEABLE = frozenset(("view", "function", "procedure", "rule"))
"""Kinds with CREATE OR REPLACE."""


def create(definition: Definition) -> tuple[str, ...]:
    """Statements of the definition, with those of its comment and of its dependents, such as the grants of a view."""
    created = (statement.text for statement in split(definition.sql.text, LEXICAL_RULES))
    commented = (comment(definition),) if definition.comment is not None else ()
    return (*created, *commented, *definition.dependents)


def replaces(before: Definition, after: Definition) -> bool:
    """Whether ``alter`` prints the change. CREATE OR REPLACE keeps the columns of a view, and the result and the defaults of a
    routine (https://www.postgresql.org/docs/current/sql-createfunction.html)."""
    if not all(map(dependent_kind, set(before.dependents) ^ set(after.dependents))):
        return False
    if kinds.of(before.kind).is_right or before.kind == "role":
        return True
    if before.sql == after.sql:
        return before.kind in _DROP
    if before.kind == "policy":
        return policies.alters(before, after)
    if before.kind == "foreign_server":
        return foreign.alters_server(before, after)
    if before.kind == "publication":
        return publications.alters(before, after)
    if before.kind in text_search.KINDS:
        return text_search.alters(before, after)
    if before.kind == "view":
        return bool(before.columns) and before.columns == after.columns
    if before.kind in ("function", "procedure"):
        return routines.result(before.sql.text) == routines.result(after.sql.text)
    return before.kind in _REPLACEABLE


def alter(before: Definition, after: Definition) -> tuple[str, ...]:
    """CREATE OR REPLACE or ALTER POLICY, COMMENT ON, and CREATE and DROP of the indexes of a materialized view."""
    if before.kind == "role":
        renewed = (comment(after),) if before.comment != after.comment else ()
        return (*roles.alter(before, after), *renewed)
    statements = [_undoing(text, after.schema) for text in before.dependents if text not in after.dependents]
    if before.sql != after.sql and before.kind == "policy":
        statements.append(policies.alter(before, after, names.of(after.on) if after.on is not None else ""))
    elif before.sql != after.sql and before.kind == "foreign_server":
        statements += foreign.alter_server(before, after)
    elif before.sql != after.sql and before.kind == "publication":
        statements += publications.alter(before, after)
    elif before.sql != after.sql and before.kind in text_search.KINDS:
        statements += text_search.alter(before, after)
    elif before.sql != after.sql:
        first, *others = (statement.text for statement in split(after.sql.text, LEXICAL_RULES))
        statements += (_HEAD.sub("CREATE OR REPLACE ", first, count=1), *others)
    if before.comment != after.comment:
        statements.append(comment(after))
    return (*statements, *(text for text in after.dependents if text not in before.dependents))


def repeatable(definition: Definition, server: Server) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """CREATE OR REPLACE with the comments, and DROP IF EXISTS. Version 14 and later replaces triggers, but no constraint
    triggers (https://www.postgresql.org/docs/current/sql-createtrigger.html)."""
    if definition.kind == owners.KIND:
        return owners.change(None, definition), ()
    if definition.kind == "grant":
        given = privileges.privilege_set(definition)
        return (given.revoke_all(), *given.grants()), ()
    dropped = if_exists(drop(definition))
    first, *others = create(definition)
    words = first.split(None, 3)[:3]
    if definition.kind == "trigger" and (server.version < (14,) or "CONSTRAINT" in map(str.upper, words)):
        return (*dropped, first, *others), dropped
    return (_HEAD.sub("CREATE OR REPLACE ", first, count=1), *others), dropped


_HEAD = re.compile(r"\s*CREATE\s+(?:OR\s+REPLACE\s+)?", re.IGNORECASE)


def _undoing(statement: str, schema: str | None) -> str:
    """The statement that removes an index or the comment of a column."""
    parsed = parse(statement, None)
    if isinstance(parsed, CreateIndex):
        return f"DROP INDEX {names.qualified(parsed.name or '', schema)}"
    return f"{statement[: statement.index(' IS ')]} IS NULL"


def comment(definition: Definition) -> str:
    """COMMENT ON the object; without a comment the statement removes one."""
    words = _WORDS.get(definition.kind) or kinds.title(definition.kind).upper()
    on = f" ON {names.of(definition.on)}" if definition.on is not None else ""
    name = names.quote(definition.name) if on else _qualified(definition)
    return f"COMMENT ON {words} {name}{on} IS {literal(definition.comment) if definition.comment else 'NULL'}"


def drop(definition: Definition) -> tuple[str, ...]:
    """DROP of the object. Raises ``Unsupported`` if ``create`` could not restore everything that is attached to it."""
    if definition.kind == "role":
        return roles.drop(definition)
    if definition.lost:
        reason = f"dropping and creating it again would lose what hangs on it: {', '.join(definition.lost)}"
        raise Unsupported(feature=str(definition.ref), dialect="PostgreSQL", reason=reason)
    if definition.kind in _GONE_WITH_TABLE:
        return ()
    if definition.kind not in _DROP:
        raise Unsupported(
            feature=str(definition.ref), dialect="PostgreSQL", reason=f"it does not drop {kinds.a(definition.kind)}"
        )
    return (
        _DROP[definition.kind].format(
            name=_qualified(definition),
            plain=names.quote(definition.name),
            schema=names.quote(definition.schema or "public"),
            table=names.of(definition.on) if definition.on else "",
        ),
    )


def _qualified(definition: Definition) -> str:
    """Name with schema; that of a routine with its arguments."""
    name, opening, arguments = (
        definition.name.partition("(") if kinds.of(definition.kind).is_routine else (definition.name, "", "")
    )
    return names.qualified(name, definition.schema) + opening + arguments
