"""Add constraints NOT VALID

Adding a foreign key or check reads every row of the table while writers wait; a foreign key also blocks writers of the
table that it refers to.

```sql
ALTER TABLE orders ADD CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customers (id);
```

Instead: add it for new rows first, then check the old ones without blocking anybody.

```sql
ALTER TABLE orders ADD CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customers (id) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT orders_customer;
```

The two statements must run in separate transactions: `migrate` commits before the second, unless the file says
`-- transaction: on`. WARN; INFO for a table with few rows.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.checks.rule import Context, Finding, Severity
from dbwarden.core.ddl.statements import AddConstraint


def check(context: Context) -> Iterator[Finding]:
    """Constraints that read the table under a lock."""
    if not context.dialect.features.not_valid:
        return
    for analyzed, _, action in context.on_existing():
        if not isinstance(action, AddConstraint):
            continue
        constraint = action.constraint
        if constraint.kind in ("foreign key", "check") and not constraint.not_valid:
            name = f" {constraint.name}" if constraint.name else ""
            yield Finding(
                context.adjust_severity(Severity.WARN, action.table),
                f"{constraint.kind}{name} reads all of {context.table_with_size(action.table)} while writers wait",
                "add it NOT VALID, then VALIDATE CONSTRAINT in a transaction of its own",
                analyzed.line,
            )
