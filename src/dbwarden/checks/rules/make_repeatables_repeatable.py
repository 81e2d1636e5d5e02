"""Make repeatables repeatable

A file that runs again (`RA__...`, `ROC__...`) meets what it made the last time: a plain `CREATE` fails then.

```sql
CREATE VIEW active_users AS SELECT * FROM users WHERE active;
```

Instead:

```sql
CREATE OR REPLACE VIEW active_users AS SELECT * FROM users WHERE active;
```

`IF NOT EXISTS`, or a `DROP ... IF EXISTS` before it in the same file, do as well. WARN.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dbwarden.checks.rule import Context, Finding, Judged, Severity
from dbwarden.core.file import Kind
from dbwarden.core.sqltext import strip_comments
from dbwarden.core.statement import Effect

FILES_ONLY = True
_REPEATABLE = re.compile(
    r"CREATE\s+OR\s+REPLACE\b"
    r"|CREATE\s[^(']*?\bIF\s+NOT\s+EXISTS\b"
    r"|DROP\s[^(']*?\bIF\s+EXISTS\b"
    r"|ALTER\s+TABLE\s[^(']*?\b(?:ADD|DROP)\s[^(']*?\bIF\s+(?:NOT\s+)?EXISTS\b",
    re.IGNORECASE,
)
_ONCE = re.compile(r"CREATE\b|DROP\b|ALTER\s+TABLE\b[^']*?\b(?:ADD|DROP\s+(?!NOT\b|DEFAULT\b)|RENAME)\b", re.IGNORECASE)


def judge(context: Context) -> Iterator[Finding]:
    """Statements of repeatable files that fail the second time."""
    if context.kind is Kind.VERSIONED:
        return
    gone: set[str] = set()
    for judged in context.upgrade:
        text = strip_comments(judged.sql, context.dialect.lexis)
        if Effect.DROPS in judged.facts.effects:
            gone |= _names(judged)
        if not _ONCE.match(text) or _REPEATABLE.match(text):
            continue
        if Effect.CREATES in judged.facts.effects and _names(judged) & gone:
            continue
        yield Finding(
            Severity.WARN,
            f"{judged.facts.action or judged.shown} fails when the file runs again",
            "use CREATE OR REPLACE, IF NOT EXISTS, or DROP ... IF EXISTS before it",
            judged.line,
        )


def _names(judged: Judged) -> set[str]:
    return {
        f"{target.kind.removeprefix('materialized_')} {target.name}".casefold() for target in judged.facts.targets[:1]
    }
