"""Give a new NOT NULL column a default

Existing rows have no value for a new column. Without a default, the statement fails as soon as the table has a row, and
so do later inserts of programs that do not know the column. MySQL and MariaDB write 0 or an empty string into the rows that
exist, which nobody asked for.

```sql
ALTER TABLE users ADD COLUMN country text NOT NULL;
```

Instead: give it a default, or add it without NOT NULL, fill it, and set NOT NULL afterwards.

```sql
ALTER TABLE users ADD COLUMN country text NOT NULL DEFAULT 'unknown';
```

WARN; CRITICAL if a table is copied (as in SQLite's rebuild) without a value for such a column: the file is not
finished. INFO if the table is empty in the database.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.checks.rule import Context, Finding, Severity
from dbwarden.core.ddl.statements import AddColumn, ColumnText, CreateTable
from dbwarden.core.types import Ref


def check(context: Context) -> Iterator[Finding]:
    """New NOT NULL columns without a value for existing rows."""
    for analyzed, _, action in context.on_existing():
        if isinstance(action, AddColumn) and _required(action.column):
            yield _missing(context, Severity.WARN, action.table, action.column, analyzed.line)
    yield from _rebuilt(context)


def _rebuilt(context: Context) -> Iterator[Finding]:
    numbers = context.dialect.features.numbers_integer_keys
    for succession in context.successions:
        if not succession.copy.columns:
            continue
        copied = {name.casefold() for name in succession.copy.columns}
        for column in succession.table.columns:
            is_numbered = numbers and _is_integer_key(column, succession.table)
            if column.name.casefold() not in copied and _required(column) and not is_numbered:
                yield _missing(
                    context, Severity.CRITICAL, succession.origin, column, context.upgrade[succession.at].line
                )


def _required(column: ColumnText) -> bool:
    return column.not_null and column.default is None and not column.generated


def _is_integer_key(column: ColumnText, table: CreateTable) -> bool:
    """Whether the column is an ``INTEGER PRIMARY KEY``."""
    keys = [constraint.columns for constraint in table.constraints if constraint.kind == "primary key"]
    return column.type.casefold() == "integer" and (column.primary or keys == [(column.name,)])


def _missing(context: Context, severity: Severity, table: Ref, column: ColumnText, line: int) -> Finding:
    implicit = context.dialect.features.implicit_defaults
    effect = "rows that exist get 0 or an empty string" if implicit else "rows that exist make it fail"
    return Finding(
        context.adjust_severity(severity, table, small=False),
        f"column {column.name} is added to {context.table_with_size(table)} as NOT NULL without a default: {effect}",
        "give it a default, or add it nullable, fill it, and set NOT NULL later",
        line,
    )
