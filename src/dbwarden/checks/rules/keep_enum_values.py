"""Keep the values of an enumeration

A value cannot be removed from an enumeration in place. The type has to be created again, every column of it is
rewritten while nobody else can use its table, and a single row with the value makes the migration fail.

```sql
ALTER TYPE mood RENAME TO mood_old;
CREATE TYPE mood AS ENUM ('happy', 'ok');
ALTER TABLE people ALTER COLUMN mood TYPE mood USING mood::text::mood;
DROP TYPE mood_old;
```

On MySQL and MariaDB the values are part of the column's type, `ENUM('happy', 'ok')` or `SET(...)`:

```sql
ALTER TABLE people MODIFY mood ENUM('happy', 'ok');
```

Instead: leave the value in the type and forbid it by a check constraint, or update the rows first, and migrate at a
quiet time. WARN.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.checks.rule import AnalyzedStatement, Context, Finding, Severity
from dbwarden.core.ddl.statements import ChangeType, CreateEnum, Key, RenameType, key
from dbwarden.core.dialect import Dialect

_ADVICE = "leave the value and forbid it with a check constraint, or update the rows that hold it first"


def check(context: Context) -> Iterator[Finding]:
    """Enumerations that are created again with fewer values."""
    away: dict[Key, Key] = {}
    for analyzed in context.upgrade:
        for action in analyzed.actions:
            if isinstance(action, RenameType):
                away[key(action.new)] = key(action.table)
                yield from _check_renamed(context, analyzed.line, action)
            elif isinstance(action, CreateEnum):
                yield from _check_recreated(context, analyzed.line, action, away)
    for analyzed, _, action in context.on_existing():
        if isinstance(action, ChangeType):
            yield from _check_column(context, analyzed, action)


def _check_recreated(context: Context, line: int, action: CreateEnum, away: dict[Key, Key]) -> Iterator[Finding]:
    """Findings for a new type that is created under the name of a renamed one."""
    former = context.before.enums.get(key(action.table))
    if key(action.table) not in away.values():
        return
    yield from _check_values(action.table.name, former, action.values, line)


def _check_renamed(context: Context, line: int, action: RenameType) -> Iterator[Finding]:
    """Findings for a new type that is renamed to the name of an older one."""
    former = context.before.enums.get(key(action.new))
    made = {
        key(created.table): created.values
        for analyzed in context.upgrade
        for created in analyzed.actions
        if isinstance(created, CreateEnum)
    }
    if former is not None and key(action.table) in made:
        yield from _check_values(action.new.name, former, made[key(action.table)], line)


def _check_column(context: Context, analyzed: AnalyzedStatement, action: ChangeType) -> Iterator[Finding]:
    """Findings for a column whose type lists its values."""
    former = context.former_column(action.table, analyzed.former_name(action.column))
    before = listed_values(context.dialect, former.type) if former is not None else ()
    after = listed_values(context.dialect, action.type)
    if before and after:
        yield from _check_values(f"column {action.column}", before, after, analyzed.line, kind="")


def listed_values(dialect: Dialect, type_: str) -> tuple[str, ...]:
    """The values that a type lists, in quotes; empty for any other type."""
    datatype = dialect.parse_type(type_) if type_ else None
    return datatype.args if datatype is not None and datatype.name in ("enum", "set") else ()


def _check_values(
    name: str, former: tuple[str, ...] | None, values: tuple[str, ...], line: int, kind: str = "enum "
) -> Iterator[Finding]:
    if former is None:
        message = f"{kind}{name} is made anew; values that it loses make the migration fail where rows hold them"
        yield Finding(Severity.WARN, message, _ADVICE, line)
        return
    gone = [value for value in former if value not in values]
    if gone:
        listed = ", ".join(value if value.startswith("'") else f"'{value}'" for value in gone)
        message = (
            f"{kind}{name} loses {listed}: rows that hold {'it' if len(gone) == 1 else 'one'} make the migration fail"
        )
        yield Finding(Severity.WARN, message, _ADVICE, line)
