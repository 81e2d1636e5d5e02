"""Add constraints NOT VALID

A foreign key or check reads every row of the table while writers wait; a foreign key makes writers of the other table
wait as well.

```sql
ALTER TABLE orders ADD CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customers (id);
```

Instead: add it for new rows first, and look at the old ones without blocking anybody.

```sql
ALTER TABLE orders ADD CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customers (id) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT orders_customer;
```

The two belong into separate transactions: `migrate` commits what stands before the second, unless the file says
`-- transaction: on`. WARN; to know only for a table of few rows.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.checks.rule import Context, Finding, Severity
from dbwarden.core.ddl.statements import AddConstraint


def judge(context: Context) -> Iterator[Finding]:
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
                context.weighed(Severity.WARN, action.table),
                f"{constraint.kind}{name} reads all of {context.sized(action.table)} while writers wait",
                "add it NOT VALID, then VALIDATE CONSTRAINT in a transaction of its own",
                analyzed.line,
            )
