"""Fill a column before it becomes NOT NULL

Rows that hold NULL make the statement fail, and whether there are any is nothing that models or files know.

```sql
ALTER TABLE users ALTER COLUMN email SET NOT NULL;
```

Instead: look (`SELECT count(*) FROM users WHERE email IS NULL`), and give these rows a value first, in the same file or in one
before it.

```sql
UPDATE users SET email = '' WHERE email IS NULL;
ALTER TABLE users ALTER COLUMN email SET NOT NULL;
```

WARN; CRITICAL where the column is added in the same file without a default, so that every row is refused:
`make-migrations` marks the place for the `UPDATE`. To know only where the database at hand has no rows in the table. An
`UPDATE` of the column above it in the file is enough. SQLite's rebuild fills in the column's default where it has one.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from dbwarden.checks.rule import AnalyzedStatement, Context, Finding, Severity
from dbwarden.core.ddl.statements import AddColumn, SetNotNull, Update, key
from dbwarden.core.types import Ref


def judge(context: Context) -> Iterator[Finding]:
    """Columns that lose their NULLs without a value in their place."""
    for analyzed, table, column in (*_altered(context), *_rebuilt(context)):
        known = context.before.column(table, column)
        if known is None and _stays_null(context, analyzed, table, column):
            yield Finding(
                context.weighed(Severity.CRITICAL, table, small=False),
                f"column {column} of {context.sized(table)} is new, has no value and becomes NOT NULL:"
                " the file is not finished",
                "write the UPDATE that fills it between the two statements",
                analyzed.line,
            )
        elif not (known is not None and known.not_null) and not _filled(context, analyzed, table, column):
            yield Finding(
                context.weighed(Severity.WARN, table, small=False),
                f"column {column} of {context.sized(table)} becomes NOT NULL: rows that hold NULL make it fail",
                "look for such rows, and fill them first",
                analyzed.line,
            )


def _altered(context: Context) -> Iterator[tuple[AnalyzedStatement, Ref, str]]:
    for analyzed, _, action in context.on_existing():
        if isinstance(action, SetNotNull):
            yield analyzed, action.table, action.column


def _rebuilt(context: Context) -> Iterator[tuple[AnalyzedStatement, Ref, str]]:
    """Columns that are required in a table's successor, and were not before; a default is filled in."""
    for one in context.successions:
        for column in one.table.columns:
            known = context.before.column(one.origin, column.name)
            if known is not None and not known.primary and column.not_null and not column.default:
                yield context.upgrade[one.at], one.origin, column.name


def _stays_null(context: Context, analyzed: AnalyzedStatement, table: Ref, column: str) -> bool:
    """Whether the file itself adds the column, without anything that gives it a value."""
    if _filled(context, analyzed, table, column):
        return False
    return any(
        isinstance(action, AddColumn)
        and key(action.table) == key(table)
        and action.column.name.casefold() == column.casefold()
        and not (action.column.default or action.column.generated or action.column.stored)
        for one in takewhile(lambda one: one is not analyzed, context.upgrade)
        for action in one.actions
    )


def _filled(context: Context, analyzed: AnalyzedStatement, table: Ref, column: str) -> bool:
    """Whether a statement above writes the column."""
    above = takewhile(lambda one: one is not analyzed, context.upgrade)
    updates = (part for one in above for part in one.statement.parts if isinstance(part, Update))
    return any(
        key(update.table) == key(table) and column.casefold() in (name.casefold() for name in update.columns)
        for update in updates
    )
