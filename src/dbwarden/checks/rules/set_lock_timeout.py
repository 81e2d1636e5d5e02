"""Set a lock timeout

A statement that needs a strong lock waits for every transaction that uses the table, and everybody who comes later waits
behind it: one long query, and the table is closed. With a timeout the migration gives up instead, and can be tried again.

`lock_timeout` in the configuration is 5 seconds unless it says otherwise; `0` waits without limit. A single file can have
its own:

```sql
SET LOCAL lock_timeout = '5s';
ALTER TABLE users ADD COLUMN country text;
```

WARN, at the first statement that waits so, where neither the configuration nor the file sets one; to know only for
empty tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dbwarden.checks.rule import Context, Finding, Severity
from dbwarden.core.statement import Lock

FILES_ONLY = True
_SET = re.compile(r"\b(SET|SET_CONFIG)\b.*\bLOCK_(WAIT_)?TIMEOUT\b", re.IGNORECASE | re.DOTALL)


def judge(context: Context) -> Iterator[Finding]:
    """Files that may wait for a lock without end."""
    if context.surroundings.lock_timeout or not context.dialect.features.table_locks:
        return
    for judged in context.upgrade:
        if _SET.search(judged.sql):
            return
        if judged.facts.known and judged.facts.lock >= Lock.ACCESS_EXCLUSIVE and judged.existing:
            table = judged.existing[0]
            yield Finding(
                context.weighed(Severity.WARN, table, small=False),
                f"{judged.facts.action or judged.shown} waits for {context.sized(table)} without a limit,"
                " and everybody else waits behind it",
                "set lock_timeout in the configuration, or SET LOCAL lock_timeout before it",
                judged.line,
            )
            return
