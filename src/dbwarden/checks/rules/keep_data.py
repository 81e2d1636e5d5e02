"""Keep data until nobody needs it

A table, column or schema that is dropped takes its rows with it, and so does `TRUNCATE`. A rollback brings the columns
back, never what was in them.

```sql
ALTER TABLE users DROP COLUMN phone;   -- every phone number is gone
DROP TABLE invoices;
```

Instead: stop using the column in one release, drop it in a later one, and keep a copy until you are sure.

```sql
CREATE TABLE users_phone_backup AS SELECT id, phone FROM users;
ALTER TABLE users DROP COLUMN phone;
```

`migrate` refuses such a file (exit code 5) unless it is called with `--force`, or the file says why it is right:

```sql
-- dbwarden: ignore keep-data: unused since release 4.2, copied to users_phone_backup
ALTER TABLE users DROP COLUMN phone;
```

CRITICAL; to know only where the database at hand has no rows in the table. Computed columns hold nothing of their own,
and a table that is copied into its successor (as SQLite needs it) loses only the columns that were not copied.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.checks.rule import Context, Finding, Judged, Severity
from dbwarden.core.ddl.statements import DropColumn, key
from dbwarden.core.statement import Effect
from dbwarden.core.types import Ref

_ADVICE = "keep a copy until nobody needs it, or say why with `-- dbwarden: ignore keep-data: ...`"


def judge(context: Context) -> Iterator[Finding]:
    """Statements after which data is gone."""
    for judged in context.upgrade:
        yield from _dropped_columns(context, judged)
        yield from _dropped_tables(context, judged)
        yield from _rebuilt(context, judged)


def _dropped_columns(context: Context, judged: Judged) -> Iterator[Finding]:
    places = {key(table) for table in judged.existing}
    for action in judged.actions:
        if not isinstance(action, DropColumn) or key(action.table) not in places:
            continue
        known = context.former(action.table, action.column)
        if (known and known.generated) or (key(action.table), action.column.casefold()) in context.added:
            continue
        yield _lost(context, judged, action.table, f"column {action.column} of {context.sized(action.table)}")


def _dropped_tables(context: Context, judged: Judged) -> Iterator[Finding]:
    effects = judged.facts.effects
    if Effect.DELETES_DATA not in effects or Effect.WRITES_ROWS in effects:
        return
    if any(isinstance(action, DropColumn) for action in judged.actions):
        return
    targets = judged.facts.targets
    for table in judged.existing:
        if key(table) not in context.rebuilt:
            verb = "is dropped" if Effect.DROPS in effects else "is emptied"
            yield _lost(context, judged, table, f"table {context.sized(table)}", verb)
    if not any(target.kind == "table" for target in targets):
        what = ", ".join(str(target) for target in targets) or judged.shown
        yield Finding(Severity.CRITICAL, f"{what} is dropped with everything in it", _ADVICE, judged.line)


def _rebuilt(context: Context, judged: Judged) -> Iterator[Finding]:
    if Effect.DROPS not in judged.facts.effects:
        return
    for table in judged.existing:
        copy = context.rebuilt.get(key(table))
        if copy is None or not copy.columns:
            continue
        kept = {name.casefold() for name in copy.columns}
        for name, column in context.before.columns.get(key(table), {}).items():
            if name not in kept and not column.generated:
                yield _lost(context, judged, table, f"column {column.name} of {context.sized(table)}", "is not copied")


def _lost(context: Context, judged: Judged, table: Ref, what: str, verb: str = "is dropped") -> Finding:
    return Finding(context.weighed(Severity.CRITICAL, table), f"{what} {verb}, its data is lost", _ADVICE, judged.line)
