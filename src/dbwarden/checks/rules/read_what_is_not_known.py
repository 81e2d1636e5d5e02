"""Read what is not known

Nothing is known of this statement: which lock it takes, whether it touches rows, whether it runs in a transaction. It may
be harmless, and no rule can say so.

```sql
DO $$ BEGIN PERFORM rebuild_everything(); END $$;
CALL maintenance();
```

Read it yourself; a comment keeps what you found out:

```sql
-- dbwarden: ignore read-what-is-not-known: only fills an empty table
CALL maintenance();
```

INFO.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.checks.rule import Context, Finding, Severity


def judge(context: Context) -> Iterator[Finding]:
    """Statements that no row of the dialect's facts matches."""
    for analyzed in context.upgrade:
        if not analyzed.facts.known:
            what = f"nothing is known of what this does: {analyzed.shown}"
            yield Finding(Severity.INFO, what, "read it yourself", analyzed.line)
