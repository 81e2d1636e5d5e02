"""Avoid volatile defaults for new columns

A default that differs for each row (`random()`, `gen_random_uuid()`, `clock_timestamp()`, a sequence) makes the server
rewrite the whole table while nobody else can use it (MySQL and MariaDB: can write to it). A constant, or `now()`, is only
stored in the catalogue.

```sql
ALTER TABLE users ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid();
```

Instead: add the column without the default, set the default for new rows, and fill the old ones in batches.

```sql
ALTER TABLE users ADD COLUMN token uuid;
ALTER TABLE users ALTER COLUMN token SET DEFAULT gen_random_uuid();
```

The same applies to new columns that are generated and stored, or numbered, and on MySQL to those with a check of their own.
WARN; INFO for a table with few rows.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.checks.rule import Context, Finding, Severity, waiting
from dbwarden.core.ddl.statements import AddColumn
from dbwarden.core.statement import Blocks, Effect


def check(context: Context) -> Iterator[Finding]:
    """New columns that rewrite their table."""
    for analyzed, clause, action in context.on_existing():
        if not isinstance(action, AddColumn) or clause.facts.blocks < Blocks.WRITERS:
            continue
        if Effect.REWRITES in clause.facts.effects and not clause.facts.copied_for:  # avoid-table-rewrites
            why = f"default {action.column.default}" if action.column.default else "a value computed for each row"
            yield Finding(
                context.adjust_severity(Severity.WARN, action.table),
                f"column {action.column.name} with {why} rewrites {context.table_with_size(action.table)}"
                f" {waiting(clause.facts.blocks)}",
                "add the column without it, set the default afterwards, and fill old rows in batches",
                analyzed.line,
            )
