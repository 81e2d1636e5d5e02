"""Alter one table through a runner

With the header `-- runner: NAME`, a program such as gh-ost or pt-online-schema-change runs the statements of both sections. It
copies the table, and puts the copy in its place. It can do that for an `ALTER TABLE`, and not for all of them.

```sql
-- runner: gh-ost

-- upgrade
CREATE INDEX ix_orders_state ON orders (state);
ALTER TABLE orders ADD UNIQUE (number);
```

Instead: write `ALTER TABLE orders ADD INDEX ix_orders_state (state)`, and put everything else into a migration without that
header. A new unique key does not belong there: these programs copy rows with `INSERT IGNORE`, so that a duplicate would be lost
without an error. Foreign keys, renames and partitions do not survive a copy, or need none.

CRITICAL for a statement that `migrate` or `rollback` would refuse; INFO for the others, so that a reviewer knows.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.checks.rule import Context, Finding, Severity

FILES_ONLY = True

_ADVICE = "put it into a migration without `-- runner`"


def check(context: Context) -> Iterator[Finding]:
    """Statements of a file that names a runner."""
    if context.runner is None:
        return
    runners = context.dialect.table_runners
    for analyzed in (*context.upgrade, *context.rollback):
        change = runners.change(analyzed.sql) if runners else "no such program changes tables of this engine"
        if isinstance(change, str):
            message = f"{analyzed.excerpt}: this cannot run through {context.runner}: {change}"
            yield Finding(Severity.CRITICAL, message, _ADVICE, analyzed.line)
        elif analyzed in context.upgrade:
            table = context.table_with_size(change.table)
            advice = "it has to be installed where `migrate` runs; see the page on MySQL and MariaDB"
            yield Finding(Severity.INFO, f"{context.runner} changes {table} by a copy", advice, analyzed.line)
