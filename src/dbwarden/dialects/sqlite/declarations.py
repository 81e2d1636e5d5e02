"""Views and triggers that models declare, as definitions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from dbwarden.core.ddl.statements import Statement
from dbwarden.core.model import Definition
from dbwarden.dialects.base.declarations import create_statement, declarations, definition
from dbwarden.errors import Unsupported

from .words import quote

KINDS = frozenset(("view", "trigger"))


def declared_objects(metadata: Any, sqlalchemy: Any, parse: Callable[[str], Statement]) -> Iterator[Definition]:
    """Definitions that a metadata describes beside its tables. Raises ``ModelReadError`` and ``Unsupported``."""
    for item in declarations(metadata, KINDS):
        if item.schema not in (None, "main"):
            raise Unsupported(
                feature=f"schema {item.schema!r} of {item.kind} {item.name!r}",
                dialect="SQLite",
                reason="a database file has no schemas",
                hint="Remove schema= from the declaration for this database.",
            )
        yield definition(item, create_statement(item, quote(item.name), sqlalchemy), parse)
