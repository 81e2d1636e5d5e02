"""Say which rows

`UPDATE` and `DELETE` without `WHERE` change every row.

```sql
DELETE FROM sessions;
UPDATE users SET active = true;
```

Instead: say which rows are meant, and process a large table in batches, so that no lock is held for long. If all rows
are meant, say so in a comment:

```sql
-- dbwarden: ignore say-which-rows: sessions of the old format, everybody logs in again
DELETE FROM sessions;
```

`DELETE` is CRITICAL, `UPDATE` WARN; INFO for an empty table. A statement inside `WITH`, after `EXPLAIN ANALYZE` or in a
branch of `MERGE` counts if it runs. A condition that is always true (`WHERE true`, `WHERE 1 = 1`) does not count.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.checks.rule import Context, Finding, Severity
from dbwarden.core.ddl.statements import Delete, Merge, Statement, Update, key
from dbwarden.core.types import Ref


def check(context: Context) -> Iterator[Finding]:
    """UPDATE and DELETE without a condition."""
    for analyzed in context.upgrade:
        existing = {key(table) for table in analyzed.existing}
        for part in analyzed.statement.parts:
            verb, table = _unrestricted(part)
            if table is None or key(table) not in existing:
                continue
            effect = "overwrites" if verb == "UPDATE" else "deletes"
            severity = Severity.WARN if verb == "UPDATE" else Severity.CRITICAL
            yield Finding(
                context.adjust_severity(severity, table, small=False),
                f"{verb} without WHERE {effect} every row of {context.table_with_size(table)}",
                "say which rows are meant",
                analyzed.line,
            )


def _unrestricted(statement: Statement) -> tuple[str, Ref | None]:
    """Verb and table of a statement that changes all rows of the table; an empty text and ``None`` for any other."""
    match statement:
        case Delete(table, where=False):
            return "DELETE", table
        case Update(table, where=False):
            return "UPDATE", table
        case Merge(table, deletes, where=False):
            return ("DELETE" if deletes else "UPDATE"), table
        case _:
            return "", None
