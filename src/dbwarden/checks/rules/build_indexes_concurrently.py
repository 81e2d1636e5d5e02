"""Build indexes concurrently

`CREATE INDEX` blocks all writers of the table until the index is built.

```sql
CREATE INDEX ix_orders_customer ON orders (customer_id);
```

Instead:

```sql
CREATE INDEX CONCURRENTLY ix_orders_customer ON orders (customer_id);
```

It cannot run inside a transaction. `migrate` runs it outside, and keeps a journal, so that a second run continues where
the first one stopped. MySQL and MariaDB build most indexes while others write; `FULLTEXT` and `SPATIAL` ones, and MySQL's
indexes of expressions, keep writers away, and nothing else builds them.

WARN; INFO for a table with few rows. Indexes of tables that the same file creates are not reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.checks.rule import Context, Finding, Severity
from dbwarden.core.ddl.statements import CreateIndex
from dbwarden.core.statement import Blocks, Effect


def check(context: Context) -> Iterator[Finding]:
    """Index builds that block writers."""
    features = context.dialect.features
    if not features.table_locks:
        return
    advice = "use CREATE INDEX CONCURRENTLY" if features.concurrent_indexes else "build it while nobody writes"
    for analyzed in context.upgrade:
        facts = analyzed.facts
        building = facts.targets[:1] and facts.targets[0].kind == "index" and Effect.CREATES in facts.effects
        if isinstance(analyzed.statement, CreateIndex) and analyzed.statement.only:
            continue  # on a partitioned table: of no rows
        if building and facts.blocks >= Blocks.WRITERS:
            for table in analyzed.existing:
                yield Finding(
                    context.adjust_severity(Severity.WARN, table),
                    f"index {facts.targets[0].name} keeps writers away from {context.table_with_size(table)} until it is built",
                    advice,
                    analyzed.line,
                )
