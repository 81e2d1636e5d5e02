"""Text-defined kinds: how each is created and dropped."""

from __future__ import annotations

from dbwarden.core import kinds
from dbwarden.core.model import Definition
from dbwarden.core.sqltext import split
from dbwarden.errors import Unsupported

from . import names
from .words import LEXIS

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
"""What no statement has to take away: it goes with its column or table."""


def create(found: Definition) -> tuple[str, ...]:
    """Its text, statement by statement: a view comes with all that hangs on it."""
    return tuple(statement.text for statement in split(found.sql.text, LEXIS))


def drop(found: Definition) -> tuple[str, ...]:
    """DROP of that kind; raises ``Unsupported`` where something hangs on it that ``create`` does not give back."""
    if found.lost:
        reason = f"dropping and creating it again would lose what hangs on it: {', '.join(found.lost)}"
        raise Unsupported(what=str(found.ref), dialect="PostgreSQL", reason=reason)
    if found.kind in _GONE_WITH_TABLE:
        return ()
    if found.kind not in _DROP:
        raise Unsupported(what=str(found.ref), dialect="PostgreSQL", reason=f"it does not drop {kinds.a(found.kind)}")
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
