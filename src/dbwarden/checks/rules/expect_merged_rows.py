"""Expect merged rows

A table of ClickHouse whose engine is `ReplacingMergeTree`, `SummingMergeTree`, `AggregatingMergeTree`, `CollapsingMergeTree` or a
relative of theirs makes one row of all rows of a partition with an equal sorting key, some time after they were inserted. What is
copied into such a table from one that did not merge them, or merged them by another key, has fewer rows afterwards, and `count()`
is no longer that of the source.

```sql
CREATE TABLE events_new (id UInt64, at DateTime) ENGINE = ReplacingMergeTree(at) ORDER BY id;
INSERT INTO events_new SELECT id, at FROM events;   -- of rows with equal id, the last one stays
```

The change that DBWarden generates copies all rows and stops the merges of both tables meanwhile, so that the numbers of rows and
the checksums that it compares are those of unmerged rows. The old table stays as `dbwarden_old_<table>` with all of them. In a file
of your own, write `SETTINGS optimize_on_insert = 0`, stop the merges of the new table (`SYSTEM STOP MERGES`) until you have
compared it, and compare later counts with `FINAL`.

WARN; INFO for a table that is empty or small. Not reported if the file's rollback creates the table with the same key and engine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dbwarden.checks.rule import AnalyzedStatement, Context, Finding, Severity
from dbwarden.core.ddl.statements import CopyRows, CreateTable, Key, RenameTable, key
from dbwarden.core.types import Ref


def check(context: Context) -> Iterator[Finding]:
    """Rows that are copied into a table whose engine merges them."""
    created: dict[Key, CreateTable] = {}
    for analyzed in context.upgrade:
        for action in analyzed.actions:
            if isinstance(action, CreateTable):
                created[key(action.table)] = action
                if copy := action.source():
                    yield from _copied(context, analyzed, action, copy)
            elif isinstance(action, CopyRows) and key(action.table) in created:
                yield from _copied(context, analyzed, created[key(action.table)], action)


def _copied(context: Context, analyzed: AnalyzedStatement, table: CreateTable, copy: CopyRows) -> Iterator[Finding]:
    former = _former(context.rollback, copy.source)
    merged = context.dialect.merged_rows(table, copy.source, former)
    if merged is None:
        return
    counting = f"; `{merged.counting}` says how many rows fewer there are afterwards" if merged.counting else ""
    yield Finding(
        context.adjust_severity(Severity.WARN, copy.source),
        f"what is copied from {context.table_with_size(copy.source)} is merged: {merged.effect}",
        f"compare counts before merges, or with FINAL{counting}",
        analyzed.line,
    )


def _former(rollback: Sequence[AnalyzedStatement], table: Ref) -> CreateTable | None:
    """The form of a table that the rollback creates again, as far as it does."""
    created: dict[Key, CreateTable] = {}
    for action in (action for analyzed in rollback for action in analyzed.actions):
        match action:
            case CreateTable():
                created[key(action.table)] = action
            case RenameTable(old, new) if key(old) in created:
                created[key(new)] = created.pop(key(old))
    return created.get(key(table))
