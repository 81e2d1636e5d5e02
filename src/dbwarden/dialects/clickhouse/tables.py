"""Statements that change a table's clauses, and the changes that no statement can make."""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.core.model import Table
from dbwarden.core.tokens import mentioned_columns
from dbwarden.core.types import Ref
from dbwarden.errors import NeedsNewTable

from .engines import key_identity
from .expressions import key_parts, settings_of
from .renderer import RENDER
from .words import LEXICAL_RULES, string_literal

_FIXED = {"engine": "engine", "partition_by": "PARTITION BY"}
_KEYS = ("order_by", "primary_key", "partition_by", "sample_by")
READONLY_SETTINGS = frozenset(
    "index_granularity index_granularity_bytes enable_mixed_granularity_parts storage_policy disk"
    " allow_nullable_key add_minmax_index_for_numeric_columns add_minmax_index_for_string_columns".split()
)
"""Settings of MergeTree that only CREATE TABLE sets."""


def alter(before: Table, after: Table) -> tuple[str, ...]:
    """Statements that turn the clauses of ``before`` into those of ``after``, with the columns of both in one ALTER if the
    change has any."""
    _ensure_possible(before, after)
    head = f"ALTER TABLE {RENDER.of(after.ref)} "
    if before.columns != after.columns:
        return _with_columns(before, after, head)
    return tuple(head + clause for clause in _clauses(before, after))


def _clauses(before: Table, after: Table) -> Iterator[str]:
    old, new = before.options, after.options
    if old.get("order_by") != new.get("order_by"):
        yield f"MODIFY ORDER BY {new.get('order_by')}"
    if old.get("sample_by") != new.get("sample_by"):
        yield f"MODIFY SAMPLE BY {new.get('sample_by')}" if new.get("sample_by") else "REMOVE SAMPLE BY"
    if old.get("ttl") != new.get("ttl"):
        yield f"MODIFY TTL {new.get('ttl')}" if new.get("ttl") else "REMOVE TTL"
    yield from _settings(before, after)
    if before.comment != after.comment:
        yield f"MODIFY COMMENT {string_literal(after.comment or '')}"


def _settings(before: Table, after: Table) -> Iterator[str]:
    old, new = (settings_of(table.options.get("settings") or "") for table in (before, after))
    changed = {key: value for key, value in new.items() if old.get(key) != value}
    gone = [key for key in old if key not in new]
    for key in (*changed, *gone):
        if key in READONLY_SETTINGS:
            raise impossible(f"setting {key} of {before.ref}", "it is fixed when the table is created", after.ref)
    if changed:
        yield f"MODIFY SETTING {', '.join(f'{key} = {value}' for key, value in changed.items())}"
    if gone:
        yield f"RESET SETTING {', '.join(gone)}"


def _with_columns(before: Table, after: Table, head: str) -> tuple[str, ...]:
    """ADD COLUMN and MODIFY ORDER BY in one statement; backwards the key is shortened before its columns are dropped."""
    added = [
        f"ADD COLUMN {RENDER.column(column)}" for name, column in after.columns.items() if name not in before.columns
    ]
    dropped = [f"DROP COLUMN {RENDER.quote(name)}" for name in before.columns if name not in after.columns]
    order = f"MODIFY ORDER BY {after.options.get('order_by')}"
    if dropped:
        return (head + order, head + ", ".join(dropped))
    return (head.rstrip() + "\n" + ",\n".join(f"    {clause}" for clause in (*added, order)),)


# -- what no ALTER can do ---------------------------------------------------------------------------------------------


def _ensure_possible(before: Table, after: Table) -> None:
    for key, words in _FIXED.items():
        if before.options.get(key) != after.options.get(key):
            raise impossible(f"another {words} for {after.ref}", "it is fixed when the table is created", after.ref)
    old, new = (_identity(table.options.get("order_by")) for table in (before, after))
    extended, shortened = new[: len(old)] == old, old[: len(new)] == new
    if extended and not all(
        _is_new(part, before, after) for part in key_parts(after.options.get("order_by") or "")[len(old) :]
    ):
        reason = "it can only get columns that the same statement adds"
        raise impossible(f"another ORDER BY for {after.ref}", reason, after.ref)
    primary = [
        _identity(table.options.get("primary_key") or table.options.get("order_by")) for table in (before, after)
    ]
    given = after.options.get("primary_key") is not None or not extended
    if not (extended or shortened) or (given and primary[0] != primary[1]):
        what = "PRIMARY KEY" if extended or shortened else "ORDER BY"
        raise impossible(
            f"another {what} for {after.ref}", "the parts on disk are sorted by the present one", after.ref
        )


def _identity(key: str | None) -> tuple[str, ...]:
    return key_identity(key or "")


def _is_new(part: str, before: Table, after: Table) -> bool:
    """Whether an expression of a key uses new columns only."""
    names = mentioned_columns(part, after.columns, LEXICAL_RULES)
    return bool(names) and not any(name in before.columns for name in names)


def ensure_not_key(name: str, table: Table, change: str) -> None:
    """Raise ``Unsupported`` if a column is part of a key of the table."""
    for key in _KEYS:
        text = table.options.get(key)
        if text and mentioned_columns(text, (name,), LEXICAL_RULES):
            words = key.upper().replace("_", " ")
            what = f"{change}, column {name} of {table.ref}"
            raise impossible(what, f"the column is part of {words} {text}", table.ref)


def impossible(what: str, reason: str, table: Ref) -> NeedsNewTable:
    """Error for a change that needs a new table."""
    name = RENDER.of(table)
    return NeedsNewTable(
        feature=what,
        dialect=RENDER.product,
        reason=reason,
        hint=f"Write a migration by hand: create a table of the new form, INSERT INTO it SELECT from {name}, and EXCHANGE TABLES.",
    )
