"""Ignore rules with a reason

A comment on the line before a statement ignores a rule for that statement. The next reader has to know why:

```sql
-- dbwarden: ignore keep-data
ALTER TABLE users DROP COLUMN phone;
```

Instead:

```sql
-- dbwarden: ignore keep-data: unused since release 4.2, copied to users_phone_backup
ALTER TABLE users DROP COLUMN phone;
```

Without a reason, or for a rule that does not exist, the comment has no effect. Several rules are separated by commas.
WARN.
"""

from __future__ import annotations

from collections.abc import Iterator
from pkgutil import iter_modules

from dbwarden.checks import rules
from dbwarden.checks.rule import Context, Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """Ignoring comments without effect."""
    if not context.ignores:
        return
    known = {module.name.replace("_", "-") for module in iter_modules(rules.__path__)}
    for ignore in context.ignores:
        if ignore.rule not in known:
            message = f"there is no rule '{ignore.rule}' to be ignored"
            yield Finding(Severity.WARN, message, "`dbwarden check --explain NAME` shows a rule", ignore.line)
        elif not ignore.reason:
            message = f"{ignore.rule} is ignored without a reason, so it still counts"
            advice = f"write `-- dbwarden: ignore {ignore.rule}: <reason>`"
            yield Finding(Severity.WARN, message, advice, ignore.line)
