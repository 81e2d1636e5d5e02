"""Avoid drift between models and database

The database is not what the models say, and no file waits that would change that: somebody changed the one by hand, or
the other without `make-migrations`.

```console
$ dbwarden diff
$ dbwarden make-migrations "what changed"
```

One finding at INFO for each difference, with what the database has and what the models say; what it would take to close it
is judged by all other rules, so that a column that the models no longer have shows up as CRITICAL here already. While files
wait to be applied, differences cannot be told from what they are going to do, and the output says so.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.checks.rule import Context, Finding, Severity


def judge(context: Context) -> Iterator[Finding]:
    """The differences between models and database."""
    for difference in context.differences:
        yield Finding(Severity.INFO, difference, "write it down with `dbwarden make-migrations`")
