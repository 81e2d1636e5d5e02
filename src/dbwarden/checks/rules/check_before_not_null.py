"""Check for NULLs before SET NOT NULL

`SET NOT NULL` reads the whole table while nobody else can read or write it.

```sql
ALTER TABLE users ALTER COLUMN email SET NOT NULL;
```

Instead: let a constraint look at the rows while everybody goes on; `SET NOT NULL` then believes it and reads nothing.

```sql
ALTER TABLE users ADD CONSTRAINT users_email_set CHECK (email IS NOT NULL) NOT VALID;
ALTER TABLE users VALIDATE CONSTRAINT users_email_set;
ALTER TABLE users ALTER COLUMN email SET NOT NULL;
ALTER TABLE users DROP CONSTRAINT users_email_set;
```

WARN; to know only for a table of few rows. The constraint is looked for in the same file.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.checks.actions import AddConstraint, SetNotNull, key
from dbwarden.checks.rule import Context, Finding, Severity


def judge(context: Context) -> Iterator[Finding]:
    """NOT NULL that reads the table under the strongest lock."""
    if not context.dialect.features.not_valid:
        return
    checked = {
        (key(action.table), action.constraint.text.replace('"', "").casefold())
        for judged in context.upgrade
        for action in judged.actions
        if isinstance(action, AddConstraint) and action.constraint.kind == "check"
    }
    for judged, _, action in context.on_existing():
        if not isinstance(action, SetNotNull):
            continue
        wanted = f"( {action.column.casefold()} is not null )"
        if not any(place == key(action.table) and wanted in text for place, text in checked):
            yield Finding(
                context.weighed(Severity.WARN, action.table),
                f"SET NOT NULL on {action.column} reads all of {context.sized(action.table)} while nobody can use it",
                "validate a CHECK (... IS NOT NULL) NOT VALID first",
                judged.line,
            )
