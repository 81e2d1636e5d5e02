"""Rows and values that the clauses of a table or column take, although its columns stay as they are.

1. *TTL.* What is too old goes at once: MODIFY TTL rewrites the parts that exist.
2. *Engines that merge rows.* Among rows with equal values of the sorting key, ``ReplacingMergeTree`` keeps the last, and the
   others join them. Another sorting key, or such an engine in the place of another one, makes other rows equal.
"""

from __future__ import annotations

from dbwarden.core.model import Column, Table
from dbwarden.core.tokens import readable

from .engines import key_identity
from .expressions import split
from .words import LEXICAL_RULES

_MERGES = {
    "Replacing": "the last row stays",
    "Summing": "numbers are added",
    "Aggregating": "states are joined",
    "Collapsing": "pairs of rows go",
    "VersionedCollapsing": "pairs of rows go",
    "Coalescing": "values are joined",
    "Graphite": "metrics are rolled up",
}
"""What the members of the family of MergeTree make of rows with equal keys."""
_KEEPING = frozenset(("TO", "RECOMPRESS"))
"""Words of rules of a TTL that only move or compress rows."""


def lost_by_clauses(before: Table | Column, after: Table | Column) -> str | None:
    """Why rows of a table, or values of a column, are lost (``SchemaDialect.lost_by_options``)."""
    reasons = [_expired(before.options.get("ttl"), after.options.get("ttl"))]
    if isinstance(before, Table) and isinstance(after, Table):
        reasons.append(_merged(before, after))
    return " and ".join(filter(None, reasons)) or None


def _expired(before: str | None, after: str | None) -> str | None:
    """What a TTL takes that the one before has not taken."""
    known = set(_deleting(before))
    added = [rule for rule in _deleting(after) if rule not in known]
    return f"TTL {', '.join(added)}" if added else None


def _deleting(ttl: str | None) -> list[str]:
    """The rules that delete or join rows, or delete values."""
    return [
        rule
        for rule in split(ttl or "")
        if not _KEEPING & {token.text.upper() for token in readable(rule, LEXICAL_RULES)}
    ]


def _merged(before: Table, after: Table) -> str | None:
    """What an engine makes of rows that it did not merge before."""
    effect = _MERGES.get(_family(after))
    if effect is None:
        return None
    same_rows = all(before.options.get(name) == after.options.get(name) for name in ("engine", "partition_by"))
    if same_rows and _sorting_key(before) == _sorting_key(after):
        return None
    key = ", ".join(key_identity(after.options.get("order_by") or ""))
    return f"of rows with equal {key or 'keys'}, {effect}"


def _family(table: Table) -> str:
    """``Replacing`` of ``ReplicatedReplacingMergeTree(at)``."""
    name = (table.options.get("engine") or "MergeTree").partition("(")[0].removesuffix("MergeTree")
    return name.removeprefix("Replicated").removeprefix("Shared")


def _sorting_key(table: Table) -> tuple[str, ...]:
    return key_identity(table.options.get("order_by") or "")
