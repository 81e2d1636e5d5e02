"""Build indexes concurrently

`CREATE INDEX` lets nobody write to the table until the index is built.

```sql
CREATE INDEX ix_orders_customer ON orders (customer_id);
```

Instead:

```sql
CREATE INDEX CONCURRENTLY ix_orders_customer ON orders (customer_id);
```

It cannot run inside a transaction; `migrate` runs it outside of one and keeps a journal, so that a second try goes on
where the first one stopped. WARN; to know only for a table of few rows. Indexes of tables that the same file creates
are built at once.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.checks.rule import Context, Finding, Severity
from dbwarden.core.statement import Blocks, Effect


def judge(context: Context) -> Iterator[Finding]:
    """Indexes that keep writers out."""
    if not context.dialect.features.concurrent_indexes:
        return
    for analyzed in context.upgrade:
        facts = analyzed.facts
        building = facts.targets[:1] and facts.targets[0].kind == "index" and Effect.CREATES in facts.effects
        if building and facts.blocks >= Blocks.WRITERS:
            for table in analyzed.existing:
                yield Finding(
                    context.weighed(Severity.WARN, table),
                    f"index {facts.targets[0].name} keeps writers away from {context.sized(table)} until it is built",
                    "use CREATE INDEX CONCURRENTLY",
                    analyzed.line,
                )
