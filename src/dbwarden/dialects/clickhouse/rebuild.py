"""Rebuild of a table, for changes that no ALTER can make: its engine, its keys, its partitions.

``rebuild_changes`` joins all changes of such a table into one ``Alter``. ``statements`` prints it:

1. Drop the table that an earlier rebuild has left.
2. CREATE TABLE of the new form under an interim name.
3. INSERT ... SELECT of the columns that both have. DBWarden runs it partition by partition (``table_copy``).
4. EXCHANGE TABLES, which is atomic. Views and inserts find the new table under the old name.
5. Give the new table its comment, in place of the one by which it is told from the old table.
6. RENAME of the old table, which stays with its rows until the next rebuild or until somebody drops it.

The rollback is the same in the other direction, so that it keeps the rows that have come since.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dbwarden.core.change import Alter, Change
from dbwarden.core.dialect import INTERIM_PREFIX, REPLACED_PREFIX, Prefs, Server
from dbwarden.core.model import Column, Member, Table
from dbwarden.dialects.base.renderer import fill_placeholder
from dbwarden.errors import NeedsNewTable, Unsupported

from . import cluster, tables
from .engine_arguments import ELSEWHERE
from .engines import family
from .rebuild_state import MARK
from .renderer import RENDER, generation_kind
from .types import type_text
from .words import quote, string_literal

_SETTINGS = "SETTINGS optimize_on_insert = 0, max_partitions_per_insert_block = 0"
"""Rows are copied as they are, whatever the new engine would make of them, and into any number of partitions."""


def is_rebuild(change: Alter) -> bool:
    """Whether a change of a table is a rebuild: no ALTER can make it, in one direction at least."""
    before, after = change.before, change.after
    assert isinstance(before, Table) and isinstance(after, Table)
    retyped = any(before.columns.get(name, new) != new for name, new in after.columns.items())
    same_key = before.options.get("order_by") == after.options.get("order_by")
    if change.dropped or change.added or retyped or (change.rebuild and same_key):
        return True
    for old, new in ((before, after), (after, before)):
        try:
            tables.alter(old, new)
        except NeedsNewTable:
            return True
    return False


def ensure_copied_everywhere(change: Change, server: Server) -> None:
    """Raise ``Unsupported`` for a rebuild on a cluster whose servers have different rows: INSERT ... SELECT copies those of
    one server, but EXCHANGE TABLES takes place on all."""
    if not (isinstance(change, Alter) and isinstance(change.before, Table) and is_rebuild(change)):
        return
    reason = cluster.different_rows(server, change.before.options.get("engine") or "MergeTree")
    if reason:
        raise Unsupported(
            feature=f"a new table in the place of {change.before.ref} on the cluster '{server.settings.get(cluster.NAME) or ''}'",
            dialect=RENDER.product,
            reason=f"{reason}, and its rows would be copied on one of them only",
            hint="Write the file for one host (`make-migrations -d NAME@HOST:PORT`), and run it on each (`migrate --per-node`).",
        )


def statements(before: Table, after: Table, members: Sequence[Member], prefs: Prefs) -> tuple[str, ...]:
    """Statements that put ``after`` with its members in the place of ``before``, with the rows. Raises ``Unsupported``."""
    for table in (before, after):
        _ensure_copyable(table)
    for name in before.columns:
        if name not in after.columns:
            tables.ensure_not_key(name, after, "dropping it")
    place = f"{quote(after.schema)}." if after.schema else ""
    new, old, name = (
        f"{place}{quote(INTERIM_PREFIX + after.name)}",
        f"{place}{quote(REPLACED_PREFIX + after.name)}",
        RENDER.of(after.ref),
    )
    marked = replace(after, name=INTERIM_PREFIX + after.name, comment=f"{MARK}{after.name}")
    moved = [replace(member, table=marked.ref) for member in members]
    return (
        f"DROP TABLE IF EXISTS {old}",
        RENDER.create_table(marked, moved),
        _insert(before, after, new, name, prefs),
        f"-- DBWarden also copies the rows that are inserted meanwhile. Whoever runs this file by another program must stop\n"
        f"-- inserts into {name} first: those between INSERT and EXCHANGE would be only in {old}.\n"
        f"EXCHANGE TABLES {name} AND {new}",
        f"ALTER TABLE {name} MODIFY COMMENT {string_literal(after.comment or '')}",
        f"RENAME TABLE {new} TO {old}",
    )


def _ensure_copyable(table: Table) -> None:
    text = table.options.get("engine") or "MergeTree"
    engine = family(text)
    if engine.startswith("Replicated") and "'" in text and "{uuid}" not in text:
        raise Unsupported(
            feature=f"a new table in the place of {table.ref}",
            dialect=RENDER.product,
            reason="its replicas share a path in Keeper, which the new one would need as well",
            hint="Create the new table under another path on every node, copy the rows, and EXCHANGE TABLES there, in a file"
            " written by hand.",
        )
    if not (engine.endswith("MergeTree") or engine in _COPYABLE):
        raise Unsupported(
            feature=f"a new table in the place of {table.ref}",
            dialect=RENDER.product,
            reason=f"its engine {engine} takes no ALTER for this, and DBWarden does not copy its rows",
            hint="Drop the table and create it again, in a migration written by hand: its rows are elsewhere."
            if engine in ELSEWHERE
            else "Create a table of the new form and copy the rows, in a migration written by hand.",
        )


_COPYABLE = frozenset(("Log", "TinyLog", "StripeLog", "Memory", "Null", "EmbeddedRocksDB"))
"""Engines beside the family of MergeTree whose tables have their rows in themselves, and keep every row that is copied."""


def _insert(before: Table, after: Table, new: str, name: str, prefs: Prefs) -> str:
    """INSERT ... SELECT of the columns that both tables store."""
    fills = {
        ref.name: text for ref, text in prefs.fills.items() if (ref.table, ref.schema) == (after.name, after.schema)
    }
    columns, values, marks = [], [], []
    for column in after.columns.values():
        old = before.columns.get(column.name)
        if generation_kind(column) in ("MATERIALIZED", "ALIAS", "EPHEMERAL"):
            continue
        fill = fills.get(column.name)
        if column.name in fills and fill is None:
            marks.append(f"{fill_placeholder(after.ref)}\n")
        if old is not None and generation_kind(old) != "EPHEMERAL":
            columns.append(quote(column.name))
            values.append(_value(old, column, fill))
        elif fill is not None:
            columns.append(quote(column.name))
            values.append(f"({fill})")
    if not columns:
        raise Unsupported(
            feature=f"replacing every column of {after.ref}",
            dialect=RENDER.product,
            reason="no row could be carried over",
        )
    copied = f"INSERT INTO {new} ({', '.join(columns)})\nSELECT {', '.join(values)}\nFROM {name}\n{_SETTINGS}"
    return "".join(marks) + copied


def _value(old: Column, new: Column, fill: str | None) -> str:
    """The old value, with the fill or default in place of NULL if the new column is not nullable."""
    name = quote(old.name)
    if not old.nullable or new.nullable:
        return name
    if fill is None:
        fill = (
            new.default.text
            if new.default is not None
            else f"defaultValueOfTypeName({string_literal(type_text(new.type))})"
        )
    return f"ifNull({name}, {fill})"
