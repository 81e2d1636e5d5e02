"""Give a new NOT NULL column a default

Rows that are there have no value for a new column: without a default the statement fails as soon as the table has a
row, and writers that do not know the column fail afterwards.

```sql
ALTER TABLE users ADD COLUMN country text NOT NULL;
```

Instead: give it a default, or add it without NOT NULL, fill it, and require it then.

```sql
ALTER TABLE users ADD COLUMN country text NOT NULL DEFAULT 'unknown';
```

WARN; to know only where the database at hand has no rows in the table.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.checks.actions import AddColumn
from dbwarden.checks.rule import Context, Finding, Severity


def judge(context: Context) -> Iterator[Finding]:
    """Required columns without a value for the rows that exist."""
    for judged, _, action in context.on_existing():
        if not isinstance(action, AddColumn):
            continue
        column = action.column
        if column.not_null and column.default is None and not column.generated:
            yield Finding(
                context.weighed(Severity.WARN, action.table, small=False),
                f"column {column.name} is added to {context.sized(action.table)} as NOT NULL without a default:"
                " rows that exist make it fail",
                "give it a default, or add it nullable, fill it, and set NOT NULL later",
                judged.line,
            )
