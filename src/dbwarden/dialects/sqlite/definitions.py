"""Text-defined kinds of SQLite: how each is created and dropped. SQLite replaces neither in place."""

from __future__ import annotations

from dbwarden.core.model import Definition
from dbwarden.errors import Unsupported

from .words import quote

DROPS = {"view": "DROP VIEW {name}", "trigger": "DROP TRIGGER {name}", "virtual_table": "DROP TABLE {name}"}


def create(definition: Definition) -> str:
    """The CREATE statement as it was written."""
    _known(definition)
    return definition.sql.text.strip().removesuffix(";")


def drop(definition: Definition) -> str:
    """The DROP statement."""
    return _known(definition).format(name=quote(definition.name))


def _known(definition: Definition) -> str:
    template = DROPS.get(definition.kind)
    if template is None:
        raise Unsupported(what=str(definition.ref), dialect="SQLite", reason=f"it has no {definition.kind}")
    return template
