"""Set a lock timeout

A statement that needs a strong lock waits for every transaction that uses the table, and everybody who comes later
waits behind it: one long query blocks the table. With a timeout, the migration gives up instead, and can be tried again.

The setting `lock_timeout` is 5 seconds by default; `0` waits without limit. On MySQL and MariaDB it is their
`lock_wait_timeout`, and a statement that did not get its lock is tried again a few times, with pauses that let others
through. A single file can have its own:

```sql
SET LOCAL lock_timeout = '5s';            -- PostgreSQL
SET SESSION lock_wait_timeout = 5;        -- MySQL, MariaDB
ALTER TABLE users ADD COLUMN country text;
```

WARN, at the first such statement, if neither the configuration nor the file sets a timeout; INFO for empty tables.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.checks.rule import AnalyzedStatement, Context, Finding, Severity
from dbwarden.core.ddl.statements import Select, Set
from dbwarden.core.sqltext import TokenKind, words
from dbwarden.core.statement import Blocks
from dbwarden.core.tokens import calls, literal

FILES_ONLY = True
_NAMES = ("lock_timeout", "lock_wait_timeout")
_NO_LIMIT = ("0", "default", "")


def check(context: Context) -> Iterator[Finding]:
    """Files that may wait for a lock without limit."""
    if context.environment.lock_timeout or not context.dialect.features.table_locks:
        return
    least = Blocks.DDL if context.dialect.features.lock_queues else Blocks.EVERYBODY
    for analyzed in context.upgrade:
        if _sets_timeout(context, analyzed):
            return
        if analyzed.facts.known and analyzed.facts.blocks >= least and analyzed.existing:
            table = analyzed.existing[0]
            yield Finding(
                context.adjust_severity(Severity.WARN, table, small=False),
                f"{analyzed.facts.action or analyzed.excerpt} waits for {context.table_with_size(table)} without a limit,"
                " and everybody else waits behind it",
                "set lock_timeout in the configuration, or a timeout in the file before it",
                analyzed.line,
            )
            return


def _sets_timeout(context: Context, analyzed: AnalyzedStatement) -> bool:
    """Whether a statement sets a timeout: ``SET lock_timeout = '5s'``, ``SELECT set_config('lock_timeout', '5s', true)``."""
    match analyzed.statement:
        case Set(name, value):
            return name.lower() in _NAMES and (value or "").strip("'").lower() not in _NO_LIMIT
        case Select():
            tokens = list(words(analyzed.sql, context.dialect.lexical_rules))
            strings = [literal(token) for token in tokens if token.kind is TokenKind.STRING]
            called = any(name.endswith("set_config") for name in calls(tokens, context.dialect.lexical_rules))
            return called and bool(strings) and strings[0].lower() in _NAMES and strings[1:2] != ["0"]
        case _:
            return False
