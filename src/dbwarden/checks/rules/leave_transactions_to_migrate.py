"""Leave transactions to migrate

A migration runs in one transaction with its entry in history. A `COMMIT` in the file would separate the two: if a later
statement failed, half of the migration would be in effect without a record. `migrate` refuses such a file.

```sql
BEGIN;
CREATE TABLE invoices (id integer PRIMARY KEY);
COMMIT;
```

On MySQL and MariaDB, `XA`, `SET autocommit` and `LOCK TABLES` count as well: each of them ends a transaction. A statement that
changes a definition commits by itself there; the journal records each, and a run that stops continues at the right one.

Instead: leave out `BEGIN`, `COMMIT`, `ROLLBACK` and savepoints, or write `-- transaction: off` before `-- upgrade` to
run each statement in its own transaction. CRITICAL.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.checks.rule import Context, Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """Statements that begin or end a transaction."""
    for analyzed in context.upgrade:
        if analyzed.facts.action == "transaction control":
            message = f"{analyzed.excerpt}: a migration does not control transactions itself"
            yield Finding(
                Severity.CRITICAL, message, "take the statement out; see `-- transaction: off`", analyzed.line
            )
