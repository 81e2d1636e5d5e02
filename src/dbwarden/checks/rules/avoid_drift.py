"""Avoid drift between models and database

The database differs from the models, and no pending file changes that: somebody changed the database by hand, or the
models without `make-migrations`.

```console
$ dbwarden diff
$ dbwarden make-migrations "what changed"
```

One INFO finding for each difference. All other rules check the statements that would remove it, so a column that the
models no longer have is already CRITICAL here. Pending files are run in a scratch database first; if that fails, drift
is not checked, and the output says so.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.checks.rule import Context, Finding, Severity


def check(context: Context) -> Iterator[Finding]:
    """Differences between models and database."""
    for difference in context.differences:
        yield Finding(Severity.INFO, difference, "write it down with `dbwarden make-migrations`")
