"""Text-defined kinds: how each is created and dropped."""

from __future__ import annotations

from dbwarden.core.model import Definition
from dbwarden.core.sqltext import split

from . import names
from .words import LEXIS

_DROP = {
    "view": "DROP VIEW {name}",
    "materialized_view": "DROP MATERIALIZED VIEW {name}",
    "function": "DROP FUNCTION {signature}",
    "procedure": "DROP PROCEDURE {signature}",
    "trigger": "DROP TRIGGER {plain} ON {table}",
    "policy": "DROP POLICY {plain} ON {table}",
    "rule": "DROP RULE {plain} ON {table}",
}


def create(found: Definition) -> tuple[str, ...]:
    """Its text, statement by statement: a materialized view comes with its indexes, a view with its comment."""
    return tuple(statement.text for statement in split(found.sql.text, LEXIS))


def drop(found: Definition) -> tuple[str, ...]:
    """DROP of that kind."""
    plain, opening, arguments = found.name.partition("(")
    signature = names.qualified(plain, found.schema) + opening + arguments
    return (
        _DROP[found.kind].format(
            name=names.qualified(found.name, found.schema),
            plain=names.quote(found.name),
            signature=signature,
            table=names.of(found.on) if found.on else "",
        ),
    )
