"""Change rows in a file of their own

On MySQL and MariaDB, a statement that changes a definition commits everything before it. If a later statement of the file
fails, the rows stay changed, and a program meets them beside the old definitions until somebody runs `migrate` again.

```sql
UPDATE users SET country = 'unknown' WHERE country IS NULL;
ALTER TABLE users ADD COLUMN region varchar(40);             -- commits the UPDATE
```

Instead: put the statements on rows into a file of their own. Then they are one transaction with its entry in history: all
of them count, or none. Within a file, the statements on rows between two others are one transaction, and a run that stops
continues at the right statement.

INFO, at the first such statement of a file.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.checks.rule import Context, Finding, Severity
from dbwarden.core.statement import Effect

FILES_ONLY = True
_OF_ROWS = {Effect.WRITES_ROWS, Effect.DELETES_DATA}


def check(context: Context) -> Iterator[Finding]:
    """Changes of rows that a later statement of the file commits."""
    if context.dialect.features.transactional_ddl:
        return
    for at, analyzed in enumerate(context.upgrade):
        facts = analyzed.facts
        if not facts.transactional or _OF_ROWS.isdisjoint(facts.effects) or not analyzed.existing:
            continue
        later = next((other for other in context.upgrade[at + 1 :] if not other.facts.transactional), None)
        if later is not None:
            yield Finding(
                Severity.INFO,
                f"{facts.action} of {context.table_with_size(analyzed.existing[0])} is committed by the statement"
                f" in line {later.line} ({later.facts.action or later.excerpt}): an error after it does not undo it",
                "put the statements on rows into a file of their own",
                analyzed.line,
            )
        return
