"""Give a new NOT NULL column a default

Rows that are there have no value for a new column: without a default the statement fails as soon as the table has a
row, and writers that do not know the column fail afterwards.

```sql
ALTER TABLE users ADD COLUMN country text NOT NULL;
```

Instead: give it a default, or add it without NOT NULL, fill it, and require it then.

```sql
ALTER TABLE users ADD COLUMN country text NOT NULL DEFAULT 'unknown';
```

WARN; CRITICAL where a table is copied into its successor (as SQLite needs it) without a value for such a column: the file
is not finished. To know only where the database at hand has no rows in the table.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.checks.rule import Context, Finding, Severity
from dbwarden.core.ddl.statements import AddColumn, ColumnText, CreateTable
from dbwarden.core.types import Ref


def judge(context: Context) -> Iterator[Finding]:
    """Required columns without a value for the rows that exist."""
    for analyzed, _, action in context.on_existing():
        if isinstance(action, AddColumn) and _required(action.column):
            yield _missing(context, Severity.WARN, action.table, action.column, analyzed.line)
    yield from _rebuilt(context)


def _rebuilt(context: Context) -> Iterator[Finding]:
    for one in context.successions:
        if not one.copy.columns:
            continue
        copied = {name.casefold() for name in one.copy.columns}
        for column in one.table.columns:
            if column.name.casefold() not in copied and _required(column) and not _numbered(column, one.table):
                yield _missing(context, Severity.CRITICAL, one.origin, column, context.upgrade[one.at].line)


def _required(column: ColumnText) -> bool:
    return column.not_null and column.default is None and not column.generated


def _numbered(column: ColumnText, table: CreateTable) -> bool:
    """https://www.sqlite.org/lang_createtable.html#rowid"""
    keys = [one.columns for one in table.constraints if one.kind == "primary key"]
    return column.type.casefold() == "integer" and (column.primary or keys == [(column.name,)])


def _missing(context: Context, severity: Severity, table: Ref, column: ColumnText, line: int) -> Finding:
    return Finding(
        context.weighed(severity, table, small=False),
        f"column {column.name} is added to {context.sized(table)} as NOT NULL without a default:"
        " rows that exist make it fail",
        "give it a default, or add it nullable, fill it, and set NOT NULL later",
        line,
    )
