"""Keep data until nobody needs it

Dropping a table, column or schema destroys its data, and so does `TRUNCATE`. A rollback restores the columns, but not
their contents.

```sql
ALTER TABLE users DROP COLUMN phone;   -- every phone number is gone
DROP TABLE invoices;
```

Instead: stop using the column in one release, drop it in a later one, and keep a copy until you are sure.

```sql
CREATE TABLE users_phone_backup AS SELECT id, phone FROM users;
ALTER TABLE users DROP COLUMN phone;
```

`migrate` refuses such a file (exit code 5) without `--force`, unless the file says why it is right:

```sql
-- dbwarden: ignore keep-data: unused since release 4.2, copied to users_phone_backup
ALTER TABLE users DROP COLUMN phone;
```

A column or table that the file drops and creates again is empty afterwards, and counts as dropped; so does one that was
renamed before, in this file or a pending one. `DROP TYPE`, `DROP DOMAIN` and `DROP EXTENSION` with `CASCADE` drop the
columns of the type, `DROP SCHEMA ... CASCADE` the tables.

On ClickHouse, `MODIFY TTL` and `MODIFY COLUMN ... TTL` (also behind a type or a codec) delete at once what is too old, and count. A
rule of a TTL that moves rows (`TO DISK`, `TO VOLUME`) or compresses them (`RECOMPRESS`) takes nothing. One that joins them
(`GROUP BY ... SET`) is WARN: each key keeps one row, and the details of the others are lost.

On MySQL and MariaDB, `DROP PARTITION`, `TRUNCATE PARTITION`, `DISCARD TABLESPACE` and `CREATE OR REPLACE TABLE` count too.

`rollback` refuses in the same way to destroy rows, for example by `DROP TABLE` in a rollback section if the table has
been filled since. It does not refuse to drop a column that the upgrade added with a constant default if all rows have
that default: another `migrate` gives them the same values.

CRITICAL; INFO if the table is empty in the database. Generated columns have no data of their own. A table that is
copied (as in SQLite's rebuild) loses only the columns that are not copied.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.checks.rule import COUNTED, AnalyzedStatement, Clause, Context, Finding, Severity
from dbwarden.core.ddl.origins import Origins, Succession
from dbwarden.core.ddl.statements import (
    AddColumn,
    AlterColumn,
    AlterObject,
    AlterTable,
    ChangeType,
    CreateTable,
    DropColumn,
    DropObject,
    DropTable,
    OtherClause,
    Truncate,
    key,
)
from dbwarden.core.dialect import REPLACED_PREFIX
from dbwarden.core.statement import Effect
from dbwarden.core.types import Ref

_ADVICE = "keep a copy until nobody needs it, or say why with `-- dbwarden: ignore keep-data: ...`"
_OF_COLUMNS = ("type", "domain", "extension")
"""Kinds whose DROP ... CASCADE drops columns."""


def check(context: Context) -> Iterator[Finding]:
    """Statements that destroy data."""
    origins = context.origins()
    for analyzed in context.upgrade:
        yield from _dropped_columns(context, analyzed, origins)
        yield from _dropped_tables(context, analyzed, origins)
        yield from _dropped_containers(context, analyzed, origins)
        yield from _dropped_parts(context, analyzed, origins)
        origins.follow(analyzed.statement)


def _dropped_columns(context: Context, analyzed: AnalyzedStatement, origins: Origins) -> Iterator[Finding]:
    if isinstance(analyzed.statement, AlterTable) and analyzed.statement.foreign:
        return  # the column stays on the other server, with its values
    for action in analyzed.actions:
        if not isinstance(action, DropColumn):
            continue
        table, column = origins.table(action.table), origins.column(action.table, action.column)
        if table is None or column is None:
            continue
        known, loses = context.former_column(table, column), _in_database(context, table, column)
        subject = f"column {action.column} of {_ref_with_size(context, action.table, loses)}"
        if known is None and _recreates_computed(context, action):
            text = f"{subject} is computed from now on; whether it was before is not known here"
            yield Finding(Severity.INFO, text, "make sure that it holds nothing of its own", analyzed.line, unsure=True)
        elif not (known and known.generated):
            yield _loss_finding(context, analyzed, action.table, subject, loses=loses)


def _recreates_computed(context: Context, dropped: DropColumn) -> bool:
    """Whether the file adds a generated column of the same name, as it does to change the expression."""
    place, name = key(dropped.table), dropped.column.casefold()
    actions = (action for analyzed in context.upgrade for action in analyzed.actions)
    added = (
        addition.column for addition in actions if isinstance(addition, AddColumn) and key(addition.table) == place
    )
    return any(column.generated and column.name.casefold() == name for column in added)


def _dropped_tables(context: Context, analyzed: AnalyzedStatement, origins: Origins) -> Iterator[Finding]:
    copied = {succession.origin: succession for succession in context.successions}
    for part in analyzed.statement.parts:
        match part:
            case DropTable(foreign=False):
                verb = "is dropped"
            case Truncate():
                verb = "is emptied"
            case _:
                continue
        for table in part.tables:
            origin = origins.table(table)
            if table.name.startswith(REPLACED_PREFIX):
                continue
            if origin in copied and verb == "is dropped":
                yield from _check_copied_columns(context, analyzed, table, copied[origin], origins)
            elif origin is not None:
                loses = _in_database(context, origin)
                yield _loss_finding(
                    context, analyzed, table, f"table {_ref_with_size(context, table, loses)}", verb, loses
                )


def _check_copied_columns(
    context: Context, analyzed: AnalyzedStatement, table: Ref, succession: Succession, origins: Origins
) -> Iterator[Finding]:
    if not succession.copy.columns:
        return
    copied = (origins.column(table, name) for name in succession.copy.columns)  # a rename may have come before
    copied_names = {name.casefold() for name in copied if name is not None}
    former = context.former_columns(succession.origin)
    if former is None:
        subject = f"what {context.table_with_size(table)} has beside {', '.join(succession.copy.columns)}"
        yield _loss_finding(context, analyzed, table, subject, "is not copied")
        return
    for name, column in former.items():
        if name not in copied_names and not column.generated:
            loses = _in_database(context, succession.origin, column.name)
            subject = f"column {column.name} of {_ref_with_size(context, table, loses)}"
            yield _loss_finding(context, analyzed, table, subject, "is not copied", loses)


def _dropped_containers(context: Context, analyzed: AnalyzedStatement, origins: Origins) -> Iterator[Finding]:
    match analyzed.statement:
        case DropObject("namespace", schemas, cascade=True):
            for schema in schemas:
                moved = list(origins.tables_moved_into(schema.name))
                former = origins.schema(schema.name)
                if former is not None or moved:
                    yield _schema_dropped(context, analyzed, schema.name, former, moved)
        case DropObject("database" | "owned" as kind, names):
            text = ", ".join(f"{kind} {name.name}" for name in names) or analyzed.excerpt
            yield Finding(Severity.CRITICAL, f"{text} is dropped with everything in it", _ADVICE, analyzed.line)
        case AlterObject("type", Ref() as name, ("DROP", "ATTRIBUTE", *_)):
            severity = Severity.CRITICAL if context.holds_rows() else Severity.INFO
            text = f"an attribute of type {name.name} is dropped, and with it the values in the columns of this type"
            yield Finding(severity, text, _ADVICE, analyzed.line)
        case DropObject(kind, names, cascade=True) if kind in _OF_COLUMNS:
            severity = Severity.CRITICAL if context.holds_rows() else Severity.INFO
            for name in names:
                text = f"{kind} {name.name} is dropped with every column that needs it, their data is lost"
                yield Finding(severity, text, _ADVICE, analyzed.line)


def _dropped_parts(context: Context, analyzed: AnalyzedStatement, origins: Origins) -> Iterator[Finding]:
    """Findings for partitions and tablespaces, and for a table that is replaced by an empty one."""
    for clause in analyzed.clauses:
        action = next(iter(clause.actions), None)
        origin = origins.table(action.table) if action is not None else None
        if origin is None:
            continue
        loses = _in_database(context, origin)
        match action:
            case OtherClause(table) | AlterColumn(table) | ChangeType(table) if clause.facts.loss:
                yield _partial_loss(context, analyzed, clause, table)
            case OtherClause(table) if Effect.DELETES_DATA in clause.facts.effects:
                severity = context.adjust_severity(Severity.CRITICAL, table)
                text = f"{clause.facts.action} of {_ref_with_size(context, table, loses)}: the rows in it are lost"
                yield Finding(severity, text, _ADVICE, analyzed.line)
            case CreateTable(table, replaces=True):
                subject = f"table {_ref_with_size(context, table, loses)}"
                yield _loss_finding(context, analyzed, table, subject, "is replaced", loses)


def _partial_loss(context: Context, analyzed: AnalyzedStatement, clause: Clause, table: Ref) -> Finding:
    """A clause that takes some of the rows, some of the values of a column, or details of rows that it joins."""
    severity = Severity.CRITICAL if Effect.DELETES_DATA in clause.facts.effects else Severity.WARN
    action = next(iter(clause.actions))
    column = f"{action.column} in " if isinstance(action, AlterColumn | ChangeType) else ""
    subject = f"{clause.facts.action} of {column}{context.table_with_size(table)}"
    return Finding(
        context.adjust_severity(severity, table, small=False), f"{subject}: {clause.facts.loss}", _ADVICE, analyzed.line
    )


def _schema_dropped(
    context: Context, analyzed: AnalyzedStatement, name: str, former: str | None, moved: list[Ref]
) -> Finding:
    tables = context.tables_in(former) if former is not None else ()
    lost = None if tables is None else {*tables, *moved}
    severity = Severity.CRITICAL
    if lost is not None:
        severity = max((context.adjust_severity(Severity.CRITICAL, table) for table in lost), default=Severity.INFO)
    message = f"schema {name} is dropped with everything in it"
    listed = ", ".join(context.table_with_size(table) for table in sorted(lost or ()))
    return Finding(severity, f"{message}: {listed}" if listed else message, _ADVICE, analyzed.line)


def _loss_finding(
    context: Context,
    analyzed: AnalyzedStatement,
    table: Ref,
    subject: str,
    verb: str = "is dropped",
    loses: Ref | None = None,
) -> Finding:
    nothing = loses is not None and context.environment.losses.get(loses) == 0
    severity = Severity.INFO if nothing else context.adjust_severity(Severity.CRITICAL, table)
    return Finding(severity, f"{subject} {verb}, its data is lost", _ADVICE, analyzed.line, loses=loses)


def _in_database(context: Context, table: Ref, column: str | None = None) -> Ref | None:
    """Present name in the database of a table or column of the file; ``None`` if it does not exist there."""
    names = context.database_names
    origin = names.table(table)
    if origin is None or column is None:
        return origin
    name = names.column(table, column)
    return None if name is None else Ref("column", name, origin.schema, origin.name)


def _ref_with_size(context: Context, table: Ref, loses: Ref | None) -> str:
    """Name of a table with the counted loss, ``users (3 rows)`` or ``users (3 values)``, else with its size."""
    number = context.environment.losses.get(loses) if loses is not None else None
    if loses is None or number is None:
        return context.table_with_size(table)
    noun = "row" if loses.table is None else "value"
    counted = f"1 {noun}" if number == 1 else f"{number:,} {noun}s"
    if number > COUNTED:
        counted = f"more than {COUNTED:,} {noun}s"
    return f"{table.schema}.{table.name} ({counted})" if table.schema else f"{table.name} ({counted})"
