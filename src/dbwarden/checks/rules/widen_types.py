"""Widen types, do not narrow them

A narrower type refuses or changes existing values: `bigint` to `integer` fails at the first large number, `timestamp` to
`date` loses the time of day, `numeric(10,2)` to `numeric(10,1)` rounds, and a cast in `USING` truncates a text without a
warning.

```sql
ALTER TABLE events ALTER COLUMN at TYPE date;                        -- the time of day is gone
ALTER TABLE users ALTER COLUMN name TYPE varchar(20) USING name::varchar(20);
```

Instead: add a column of the new type, fill it, look for values that do not fit, and let the application switch to it.

CRITICAL if values are changed for good, WARN if the statement fails on values that do not fit. The former type comes from
the database, earlier files or the file's own rollback; if it is unknown, an INFO finding says so.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.checks.rule import AnalyzedStatement, Context, Finding, Severity
from dbwarden.core.ddl.statements import ChangeType, CreateTable
from dbwarden.core.tokens import type_name
from dbwarden.core.type_table import TypeChange
from dbwarden.core.types import Ref

from .keep_enum_values import listed_values

_ADVICE = "add a column of the new type beside it, fill it, and look at what does not fit"


def check(context: Context) -> Iterator[Finding]:
    """Changes of type that may change or refuse values."""
    for analyzed, _, action in context.on_existing():
        if isinstance(action, ChangeType):
            yield from _check_type_change(context, analyzed, action.table, action)
    for analyzed in context.upgrade:
        yield from _rebuilt(context, analyzed)


def _check_type_change(
    context: Context, analyzed: AnalyzedStatement, table: Ref, action: ChangeType
) -> Iterator[Finding]:
    known = context.column_before(analyzed, table, action.column)
    before = known.type if known else ""
    if _is_enum(context, action.type) or (before and _is_enum(context, before)):
        return  # left to keep-enum-values
    if before and listed_values(context.dialect, before) and listed_values(context.dialect, action.type):
        return
    subject = f"column {action.column} of {context.table_with_size(table)}"
    if not before:
        if context.type_change("text", action.type) is not TypeChange.SAME:
            text = f"{subject} becomes {_shown(context, action.type)}, and its former type is not known here"
            yield Finding(Severity.INFO, text, "make sure that every value fits", analyzed.line, unsure=True)
        return
    type_change = context.type_change(before, action.type)
    if type_change is TypeChange.UNKNOWN and not action.using:
        type_change = TypeChange.NARROWED
    severity = _severity(type_change, action)
    if severity is not None:
        text = f"{subject} changes from {_shown(context, before)} to {_shown(context, action.type)}: values are {type_change.value}"
        yield Finding(context.adjust_severity(severity, table, small=False), text, _ADVICE, analyzed.line)


def _shown(context: Context, type_: str) -> str:
    """A type in small letters, unless the engine tells types apart by their case."""
    return type_.lower() if context.dialect.lexical_rules.folds_types else type_


def _severity(type_change: TypeChange, action: ChangeType) -> Severity | None:
    cut = action.using is not None and any(word in action.type.lower() for word in ("char", "bit"))  # but no numbers
    if type_change is TypeChange.LOSSY or (type_change is TypeChange.NARROWED and cut):
        return Severity.CRITICAL
    return Severity.WARN if type_change in (TypeChange.NARROWED, TypeChange.RESPELLED, TypeChange.UNKNOWN) else None


def _is_enum(context: Context, type_: str) -> bool:
    """Whether a type is an enumeration."""
    name = type_name(type_, context.dialect.lexical_rules)
    return any(place[1] == name for place in (*context.before.enums, *context.after.enums))


def _rebuilt(context: Context, analyzed: AnalyzedStatement) -> Iterator[Finding]:
    """Findings for a table that is copied into a new one, column by column."""
    for new in analyzed.actions:
        if not isinstance(new, CreateTable):
            continue
        old = next((succession.origin for succession in context.successions if succession.table is new), None)
        for column in new.columns if old is not None else ():
            if column.type and old is not None and context.before.column(old, column.name):
                yield from _check_type_change(context, analyzed, old, ChangeType(old, column.name, column.type))
