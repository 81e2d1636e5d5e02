"""Keep the values of an enumeration

A value cannot be removed from an enumeration in place. The type has to be created again, every column of it is
rewritten while nobody else can use its table, and a single row with the value makes the migration fail.

```sql
ALTER TYPE mood RENAME TO mood_old;
CREATE TYPE mood AS ENUM ('happy', 'ok');
ALTER TABLE people ALTER COLUMN mood TYPE mood USING mood::text::mood;
DROP TYPE mood_old;
```

Instead: leave the value in the type and forbid it by a check constraint, or update the rows first, and migrate at a
quiet time. WARN.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.checks.rule import Context, Finding, Severity
from dbwarden.core.ddl.statements import CreateEnum, Key, RenameType, key

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


def _check_values(name: str, former: tuple[str, ...] | None, values: tuple[str, ...], line: int) -> Iterator[Finding]:
    if former is None:
        message = f"enum {name} is made anew; values that it loses make the migration fail where rows hold them"
        yield Finding(Severity.WARN, message, _ADVICE, line)
        return
    gone = [value for value in former if value not in values]
    if gone:
        listed = ", ".join(f"'{value}'" for value in gone)
        message = (
            f"enum {name} loses {listed}: rows that hold {'it' if len(gone) == 1 else 'one'} make the migration fail"
        )
        yield Finding(Severity.WARN, message, _ADVICE, line)
