"""Leave transactions to migrate

A migration runs in a transaction together with the note that it ran. A `COMMIT` in the file would part the two: what
fails after it leaves a half-done migration that looks as if it had never been started. `migrate` refuses such a file.

```sql
BEGIN;
CREATE TABLE invoices (id integer PRIMARY KEY);
COMMIT;
```

Instead: leave `BEGIN`, `COMMIT`, `ROLLBACK` and savepoints out, or write `-- transaction: off` before `-- upgrade` where
each statement shall be a transaction of its own. CRITICAL.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.checks.rule import Context, Finding, Severity


def judge(context: Context) -> Iterator[Finding]:
    """Statements that begin or end a transaction."""
    for analyzed in context.upgrade:
        if analyzed.facts.action == "transaction control":
            what = f"{analyzed.shown}: a migration does not control transactions itself"
            yield Finding(Severity.CRITICAL, what, "take the statement out; see `-- transaction: off`", analyzed.line)
