"""Index foreign keys

When a row is deleted or its key changes, the database looks for rows that refer to it. Without an index on the referring
columns, it reads the whole table each time, and so does a join.

```sql
ALTER TABLE orders ADD COLUMN customer_id integer REFERENCES customers (id);
```

Instead: build an index that begins with these columns, in the same file or an earlier one.

```sql
CREATE INDEX CONCURRENTLY ix_orders_customer_id ON orders (customer_id);
```

MySQL and MariaDB build the index themselves, and are not reported. WARN; INFO for a table with few rows.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.checks.rule import Context, Finding, Severity
from dbwarden.core.ddl.statements import Action, AddColumn, AddConstraint


def check(context: Context) -> Iterator[Finding]:
    """New foreign keys without an index that begins with their columns."""
    if context.dialect.features.indexes_foreign_keys:
        return
    for analyzed, _, action in context.on_existing():
        columns = _referring_columns(action)
        if columns and not context.after.indexed(action.table, columns):
            yield Finding(
                context.adjust_severity(Severity.WARN, action.table),
                f"no index begins with the foreign key ({', '.join(columns)}) of {context.table_with_size(action.table)}",
                "build one, or every DELETE in the other table reads all of this one",
                analyzed.line,
            )


def _referring_columns(action: Action) -> tuple[str, ...]:
    if isinstance(action, AddConstraint) and action.constraint.kind == "foreign key":
        return action.constraint.columns
    if isinstance(action, AddColumn) and action.column.references is not None:
        return (action.column.name,)
    return ()
