"""Build the index of a unique constraint first

`ADD UNIQUE` and `ADD PRIMARY KEY` build an index while nobody else can use the table.

```sql
ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE (email);
```

Instead: build the index without blocking anybody, and turn it into the constraint.

```sql
CREATE UNIQUE INDEX CONCURRENTLY users_email_key ON users (email);
ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE USING INDEX users_email_key;
```

WARN; INFO for a table with few rows.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.checks.rule import Context, Finding, Severity
from dbwarden.core.ddl.statements import Action, AddColumn, AddConstraint


def check(context: Context) -> Iterator[Finding]:
    """Unique constraints that build their index under the strongest lock."""
    if not context.dialect.features.concurrent_indexes:
        return
    for analyzed, _, action in context.on_existing():
        constraint = _building(action)
        if constraint:
            yield Finding(
                context.adjust_severity(Severity.WARN, action.table),
                f"{constraint} builds its index while nobody can use {context.table_with_size(action.table)}",
                "CREATE UNIQUE INDEX CONCURRENTLY first, then ADD CONSTRAINT ... USING INDEX",
                analyzed.line,
            )


def _building(action: Action) -> str:
    if isinstance(action, AddConstraint) and action.constraint.kind in ("unique", "primary key"):
        return (
            "" if action.constraint.using_index else f"{action.constraint.kind} {action.constraint.name or ''}".strip()
        )
    if isinstance(action, AddColumn) and (action.column.unique or action.column.primary):
        return f"unique column {action.column.name}"
    return ""
