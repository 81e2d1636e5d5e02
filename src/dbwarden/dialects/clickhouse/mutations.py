"""Commands of mutations, compared here for servers that cannot format them (before 23.11)."""

from __future__ import annotations

from dbwarden.core.ddl.parse import cursor_at

from .formatting import formatted
from .statements import grammar


def mutation_key(command: str) -> tuple[str, ...]:
    """What is equal for two spellings of an UPDATE or DELETE of a mutation: its verb, its assignments and its condition."""
    at = cursor_at(command, grammar())
    verb = at.word()
    at.take()
    assigned = at.until("WHERE")
    values = []
    for item in at.items(assigned):
        column = item.name()
        item.skip("=")
        values.append(f"{column} = {formatted(item.source(item.rest()))}")
    at.skip("WHERE")
    return verb, *values, formatted(at.source(at.rest()))
