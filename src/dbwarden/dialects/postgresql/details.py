"""Owner, privileges and the like of types and sequences, which no model says."""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.core.model import CompositeType, Domain, Enum, Sequence

from . import names


def restored(item: Enum | Domain | CompositeType | Sequence) -> Iterator[str]:
    """Statements that give them back to an object that is created again."""
    return (text.replace("{}", names.of(item.ref), 1) for text in item.details)
