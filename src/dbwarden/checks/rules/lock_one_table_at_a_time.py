"""Lock one table at a time

A lock is held until the transaction ends. Two tables that are locked in one transaction are both blocked until its last
statement is done, and another transaction that locks them in the other order causes a deadlock. Slow work (reading or
writing all rows) after a statement with the strongest lock blocks that table as well.

```sql
ALTER TABLE users ADD COLUMN country text;
ALTER TABLE orders ADD COLUMN country text;
UPDATE orders SET country = 'unknown' WHERE country IS NULL;   -- users is closed all the while
```

Instead: write one file for each table, and another one for the rows; or `-- transaction: off`, which makes each
statement a transaction. WARN, at the first such statement of a transaction. INFO for empty tables, and for a statement
that only changes the catalogue if `lock_timeout` is set.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.checks.rule import AnalyzedStatement, Context, Finding, Severity
from dbwarden.core.ddl.statements import Key, key
from dbwarden.core.statement import Blocks, Effect
from dbwarden.core.types import Ref

FILES_ONLY = True
_SLOW = {Effect.SCANS, Effect.REWRITES, Effect.WRITES_ROWS}
_ADVICE = "put it into a file of its own"


def check(context: Context) -> Iterator[Finding]:
    """Transactions that block several tables, or one for a long time."""
    if not context.dialect.features.table_locks or not context.transaction:
        return
    locked: dict[Key, Ref] = {}
    reported = False
    for analyzed in context.upgrade:
        if not analyzed.facts.transactional:
            locked, reported = {}, False
            continue
        problem = None if reported else _problem(context, analyzed, locked)
        if problem is not None:
            reported = True
            severity, words = problem
            worst = max(
                context.adjust_severity(severity, table, small=False)
                for table in (*locked.values(), *analyzed.existing)
            )
            yield Finding(worst, words, _ADVICE, analyzed.line)
        if analyzed.facts.blocks >= Blocks.EVERYBODY and analyzed.facts.known:
            locked.update((key(table), table) for table in analyzed.existing)


def _problem(context: Context, analyzed: AnalyzedStatement, locked: dict[Key, Ref]) -> tuple[Severity, str] | None:
    if not locked or not analyzed.existing:
        return None
    names = ", ".join(table.name for table in locked.values())
    more = [table for table in analyzed.existing if key(table) not in locked]
    if analyzed.facts.blocks >= Blocks.EVERYBODY and analyzed.facts.known and more:
        brief = context.environment.lock_timeout and not _SLOW & analyzed.facts.effects
        words = f"{context.table_with_size(more[0])} is locked while {names} is still locked by the same transaction"
        return Severity.INFO if brief else Severity.WARN, words
    own = more or analyzed.facts.blocks < Blocks.EVERYBODY  # else it blocks the table by itself
    if own and _SLOW & analyzed.facts.effects and Effect.CREATES not in analyzed.facts.effects:
        operation = analyzed.facts.action or analyzed.excerpt
        return (
            Severity.WARN,
            f"{operation} works on {context.table_with_size(analyzed.existing[0])} while nobody can use {names}",
        )
    return None
