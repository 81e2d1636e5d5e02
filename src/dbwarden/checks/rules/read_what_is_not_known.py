"""Read what is not known

Nothing is known about this statement: which lock it takes, whether it changes rows, whether it can run in a
transaction. It may be harmless, but no rule can tell.

```sql
DO $$ BEGIN PERFORM rebuild_everything(); END $$;
CALL maintenance();
```

Read it yourself, and write what you found out into a comment:

```sql
-- dbwarden: ignore read-what-is-not-known: only fills an empty table
CALL maintenance();
```

INFO.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.checks.rule import Context, Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """Statements about which the dialect has no facts."""
    for analyzed in context.upgrade:
        if not analyzed.facts.known:
            message = f"nothing is known of what this does: {analyzed.excerpt}"
            yield Finding(Severity.INFO, message, "read it yourself", analyzed.line)
