"""Say which rows

`UPDATE` and `DELETE` without `WHERE` mean every row.

```sql
DELETE FROM sessions;
UPDATE users SET active = true;
```

Instead: say which rows are meant, and go through a large table in batches, so that no lock is held for long. Where all
rows are meant, a comment says so:

```sql
-- dbwarden: ignore say-which-rows: sessions of the old format, everybody logs in again
DELETE FROM sessions;
```

`DELETE` is CRITICAL, `UPDATE` WARN; to know only for tables that have no rows.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.checks.rule import Context, Finding, Severity
from dbwarden.core.sqltext import TokenKind, words


def judge(context: Context) -> Iterator[Finding]:
    """Statements that mean every row."""
    for judged in context.upgrade:
        action = judged.facts.action
        if action not in ("update", "delete") or not judged.existing:
            continue
        said = (token for token in words(judged.sql, context.dialect.lexis) if token.kind is TokenKind.WORD)
        if any(token.text.upper() == "WHERE" for token in said):
            continue
        table = judged.existing[0]
        severity = Severity.CRITICAL if action == "delete" else Severity.WARN
        what = "deletes" if action == "delete" else "overwrites"
        yield Finding(
            context.weighed(severity, table, small=False),
            f"{action.upper()} without WHERE {what} every row of {context.sized(table)}",
            "say which rows are meant",
            judged.line,
        )
