"""Rows and values that the clauses of a table or column take, although its columns stay as they are.

1. *TTL.* What is too old goes at once: MODIFY TTL rewrites the parts that exist.
2. *Engines that merge rows.* Among rows with equal values of the sorting key, ``ReplacingMergeTree`` keeps the last, and the
   others join them. Another sorting key, or such an engine in the place of another one, makes other rows equal.
"""

from __future__ import annotations

from dbwarden.core.ddl.statements import CreateTable
from dbwarden.core.dialect import MergedRows
from dbwarden.core.model import Column, Table
from dbwarden.core.options import Options
from dbwarden.core.types import Ref

from .engines import canonical_clauses, canonical_rule, key_identity
from .expressions import key_parts
from .ttl_rules import TTLAction, rules_of
from .words import quote

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


def lost_by_clauses(before: Table | Column, after: Table | Column) -> str | None:
    """Why rows of a table, or values of a column, are lost (``SchemaDialect.lost_by_options``)."""
    reasons = [_expired(before.options.get("ttl"), after.options.get("ttl"))]
    if isinstance(before, Table) and isinstance(after, Table):
        reasons.append(_merged(before.options, after.options))
    return " and ".join(filter(None, reasons)) or None


def _expired(before: str | None, after: str | None) -> str | None:
    """What a TTL takes that the one before has not taken."""
    known = set(_deleting(before))
    added = [rule for rule in _deleting(after) if rule not in known]
    return f"TTL {', '.join(added)}" if added else None


def _deleting(ttl: str | None) -> list[str]:
    """The rules that delete or join rows, or delete values; others only move or compress them."""
    losing = (TTLAction.DELETE, TTLAction.GROUP)
    return [canonical_rule(rule) for rule in rules_of(ttl or "") if rule.action in losing]


def _merged(before: Options | None, after: Options) -> str | None:
    """What an engine makes of rows that it did not merge before."""
    effect = _MERGES.get(_family(after))
    if effect is None:
        return None
    if before is not None:
        same_rows = all(before.get(name) == after.get(name) for name in ("engine", "partition_by"))
        if same_rows and _sorting_key(before) == _sorting_key(after):
            return None
    key = ", ".join(key_identity(after.get("order_by") or ""))
    return f"of rows with equal {key or 'keys'}, {effect}"


def _family(clauses: Options) -> str:
    """``Replacing`` of ``ReplicatedReplacingMergeTree(at)``."""
    name = (clauses.get("engine") or "MergeTree").partition("(")[0].removesuffix("MergeTree")
    return name.removeprefix("Replicated").removeprefix("Shared")


def _sorting_key(clauses: Options) -> tuple[str, ...]:
    return key_identity(clauses.get("order_by") or "")


_SIGNED = frozenset(("Collapsing", "VersionedCollapsing"))
"""Members of the family whose rows go in pairs, so that their keys do not tell how many stay."""


def merged_rows(table: CreateTable, source: Ref, former: CreateTable | None) -> MergedRows | None:
    """What a new table makes of the rows of ``source`` (``StatementDialect.merged_rows``)."""
    after = _clauses(table)
    effect = _merged(_clauses(former) if former is not None else None, after)
    if effect is None:
        return None
    if _family(after) in _SIGNED:
        return MergedRows(effect)
    keys = [text for name in ("partition_by", "order_by") for text in key_parts(after.get(name) or "")]
    place = ".".join(quote(part) for part in (source.schema, source.name) if part)
    left = f"uniqExact({', '.join(keys)})" if keys else "1"
    return MergedRows(effect, f"SELECT count() - {left} FROM {place}")


def _clauses(table: CreateTable) -> Options:
    """The clauses of a statement in the form in which tables are compared."""
    clauses = {words.lower().replace(" ", "_"): text for words, text in table.options().items()}
    return canonical_clauses(Options.of({name: clauses.get(name) for name in _KEYS}), None)


_KEYS = ("engine", "order_by", "partition_by", "primary_key")
