"""Fill a column before it becomes NOT NULL

Rows with NULL make the statement fail, and neither models nor files know whether there are any.

```sql
ALTER TABLE users ALTER COLUMN email SET NOT NULL;
ALTER TABLE users MODIFY email varchar(255) NOT NULL;   -- MySQL, MariaDB
```

Instead: look for such rows (`SELECT count(*) FROM users WHERE email IS NULL`), and give them a value first, in the same
file or an earlier one.

```sql
UPDATE users SET email = '' WHERE email IS NULL;
ALTER TABLE users ALTER COLUMN email SET NOT NULL;
```

WARN; CRITICAL if the same file adds the column without a default, so that every row is refused (`make-migrations` marks
the place for the `UPDATE`); INFO if the table is empty in the database. An `UPDATE` of the column above the statement is
enough. SQLite's rebuild fills in the column's default if it has one.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from dbwarden.checks.rule import AnalyzedStatement, Context, Finding, Severity
from dbwarden.core.ddl.statements import AddColumn, ChangeType, ColumnText, SetNotNull, Update, key
from dbwarden.core.types import Ref


def check(context: Context) -> Iterator[Finding]:
    """Columns that become NOT NULL without an UPDATE before."""
    for analyzed, table, column in (*_altered(context), *_rebuilt(context)):
        known = context.before.column(table, column)
        if known is None and _stays_null(context, analyzed, table, column):
            yield Finding(
                context.adjust_severity(Severity.CRITICAL, table, small=False),
                f"column {column} of {context.table_with_size(table)} is new, has no value and becomes NOT NULL:"
                " the file is not finished",
                "write the UPDATE that fills it between the two statements",
                analyzed.line,
            )
        elif not (known is not None and known.not_null) and not _is_filled(context, analyzed, table, column):
            yield Finding(
                context.adjust_severity(Severity.WARN, table, small=False),
                f"column {column} of {context.table_with_size(table)} becomes NOT NULL: rows that hold NULL make it fail",
                "look for such rows, and fill them first",
                analyzed.line,
            )


def _altered(context: Context) -> Iterator[tuple[AnalyzedStatement, Ref, str]]:
    for analyzed, _, action in context.on_existing():
        match action:
            case SetNotNull(table, column):
                yield analyzed, table, column
            case ChangeType(table, column, definition=ColumnText(not_null=True)):
                former = context.column_before(analyzed, table, column)
                if former is not None and not former.not_null:
                    yield analyzed, table, column


def _rebuilt(context: Context) -> Iterator[tuple[AnalyzedStatement, Ref, str]]:
    """Columns without a default that are NOT NULL in the copy of a table but were not before."""
    for succession in context.successions:
        for column in succession.table.columns:
            known = context.before.column(succession.origin, column.name)
            if known is not None and not known.primary and column.not_null and not column.default:
                yield context.upgrade[succession.at], succession.origin, column.name


def _stays_null(context: Context, analyzed: AnalyzedStatement, table: Ref, column: str) -> bool:
    """Whether the file itself adds the column, and nothing gives it a value."""
    if _is_filled(context, analyzed, table, column):
        return False
    return any(
        isinstance(action, AddColumn)
        and key(action.table) == key(table)
        and action.column.name.casefold() == column.casefold()
        and not (action.column.default or action.column.generated or action.column.stored)
        for earlier in takewhile(lambda statement: statement is not analyzed, context.upgrade)
        for action in earlier.actions
    )


def _is_filled(context: Context, analyzed: AnalyzedStatement, table: Ref, column: str) -> bool:
    """Whether a statement above updates the column."""
    above = takewhile(lambda statement: statement is not analyzed, context.upgrade)
    updates = (part for earlier in above for part in earlier.statement.parts if isinstance(part, Update))
    return any(
        key(update.table) == key(table) and column.casefold() in (name.casefold() for name in update.columns)
        for update in updates
    )
