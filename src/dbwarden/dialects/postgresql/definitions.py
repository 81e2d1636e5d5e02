"""CREATE and DROP of text-defined objects, such as views and functions."""

from __future__ import annotations

from dbwarden.core import kinds
from dbwarden.core.model import Definition
from dbwarden.core.sqltext import split
from dbwarden.errors import Unsupported

from . import names
from .words import LEXICAL_RULES

_DROP = {
    "view": "DROP VIEW {name}",
    "materialized_view": "DROP MATERIALIZED VIEW {name}",
    "composite_type": "DROP TYPE {name}",
    "function": "DROP FUNCTION {signature}",
    "procedure": "DROP PROCEDURE {signature}",
    "trigger": "DROP TRIGGER {plain} ON {table}",
    "policy": "DROP POLICY {plain} ON {table}",
    "rule": "DROP RULE {plain} ON {table}",
    "statistics": "DROP STATISTICS {name}",
    "publication": "DROP PUBLICATION {plain}",
    "publication_table": "ALTER PUBLICATION {plain} DROP TABLE ONLY {table}",
}
_GONE_WITH_TABLE = frozenset(("grant", "row_security", "security_label"))
"""Kinds that are dropped together with their column or table."""


def create(definition: Definition) -> tuple[str, ...]:
    """Statements of the definition, with those of attached objects, such as the comment and grants of a view."""
    return tuple(statement.text for statement in split(definition.sql.text, LEXICAL_RULES))


def drop(definition: Definition) -> tuple[str, ...]:
    """DROP of the object. Raises ``Unsupported`` if ``create`` could not restore everything that is attached to it."""
    if definition.lost:
        reason = f"dropping and creating it again would lose what hangs on it: {', '.join(definition.lost)}"
        raise Unsupported(feature=str(definition.ref), dialect="PostgreSQL", reason=reason)
    if definition.kind in _GONE_WITH_TABLE:
        return ()
    if definition.kind not in _DROP:
        raise Unsupported(
            feature=str(definition.ref), dialect="PostgreSQL", reason=f"it does not drop {kinds.a(definition.kind)}"
        )
    plain, opening, arguments = definition.name.partition("(")
    signature = names.qualified(plain, definition.schema) + opening + arguments
    return (
        _DROP[definition.kind].format(
            name=names.qualified(definition.name, definition.schema),
            plain=names.quote(definition.name),
            signature=signature,
            table=names.of(definition.on) if definition.on else "",
        ),
    )
