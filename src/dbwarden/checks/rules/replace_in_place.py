"""Replace in place

Where DDL commits statement by statement (MySQL, MariaDB), an object that is dropped and created again is missing meanwhile:
rows that are written miss a trigger, statements that call a routine or read a view fail. The privileges on a routine go with
`DROP`.

```sql
DROP TRIGGER stamp;
CREATE TRIGGER stamp BEFORE UPDATE ON orders FOR EACH ROW SET NEW.changed = NOW();
```

Instead: `CREATE OR REPLACE`, which MariaDB has for all of them and MySQL for views, and `ALTER EVENT`. MySQL cannot replace a
trigger or routine: run the file while nobody writes to the table or calls the routine, and grant the privileges again.
`make-migrations` writes all of this so, and puts `DROP` and `CREATE` beside each other.

WARN for a trigger, INFO for a trigger on an empty table and for all others.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.checks.rule import AnalyzedStatement, Context, Finding, Severity
from dbwarden.core.ddl.statements import CreateObject, DropObject, Grant
from dbwarden.core.types import Ref

_MISSED = {
    "trigger": "rows that are written meanwhile miss it",
    "view": "queries fail meanwhile",
    "event": "it does not run meanwhile",
    "function": "statements that call it fail meanwhile",
    "procedure": "calls fail meanwhile",
}


def check(context: Context) -> Iterator[Finding]:
    """Objects that one file drops and creates again, on an engine that commits in between."""
    replaceable = context.dialect.features.replaceable
    if replaceable is None:
        return
    dropped: dict[tuple[str, str], AnalyzedStatement] = {}
    for analyzed in context.upgrade:
        match analyzed.statement:
            case DropObject(kind, refs) if kind in _MISSED:
                dropped.update(((kind, ref.name), analyzed) for ref in refs)
            case CreateObject(kind, Ref() as ref) as created if (
                drop := dropped.pop((kind, ref.name), None)
            ) is not None:
                yield _finding(context, created, drop, replaceable)


def _finding(context: Context, created: CreateObject, drop: AnalyzedStatement, replaceable: frozenset[str]) -> Finding:
    kind, name = created.kind, created.ref.name if created.ref is not None else ""
    words = f"{kind} {name} does not exist between DROP and CREATE: {_MISSED[kind]}"
    severity = Severity.INFO
    if kind == "trigger":
        table = created.table
        severity = context.adjust_severity(Severity.WARN, table, small=False) if table is not None else Severity.WARN
    routine = kind in ("function", "procedure")
    granted = any(
        isinstance(analyzed.statement, Grant)
        and not analyzed.statement.revoke
        and analyzed.statement.on == kind.upper()
        for analyzed in context.upgrade
    )
    if routine and not granted:
        words += ", and the privileges on it are gone"
    return Finding(severity, words, _advice(kind, created.table, kind in replaceable, granted), drop.line)


def _advice(kind: str, table: Ref | None, replaceable: bool, granted: bool) -> str:
    if replaceable:
        return f"replace it with CREATE OR REPLACE {kind.upper()}{' or ALTER EVENT' if kind == 'event' else ''}"
    if table is not None:
        return f"run the file while nobody writes to {table.name}"
    again = "" if granted else ", and grant again what others need of it"
    return f"run the file while nobody calls it{again}"
