"""Avoid rewriting tables

Some changes rewrite every row under a lock that blocks others until the end. PostgreSQL blocks readers and writers: a change
of type, `SET UNLOGGED`, `VACUUM FULL`, `CLUSTER`. MySQL and MariaDB block writers where InnoDB has to copy the table: most
changes of type, `CONVERT TO CHARACTER SET`, a new foreign key, the first `FULLTEXT` index, `DROP PRIMARY KEY`.

```sql
ALTER TABLE events ALTER COLUMN id TYPE bigint;
ALTER TABLE events MODIFY id bigint NOT NULL, ALGORITHM=COPY;
```

Instead: add a column of the new type, keep it filled with a trigger, copy old rows in batches, and swap the names. On MySQL
and MariaDB, gh-ost and pt-online-schema-change do that with the whole table; the header `-- runner: gh-ost` makes `migrate` run
the statement through one, and then it is not reported. Neither is an `ALGORITHM=INSTANT`, or an `ALGORITHM=INPLACE` with
`LOCK=NONE`: the server refuses it if it would have to copy. MariaDB copies a table with a unique index
on more than 3072 bytes, or `USING HASH`, for every change.

ClickHouse blocks nobody, but rewrites the column in every part of the table in the background (a mutation): a change of type,
`DROP COLUMN`, `RENAME COLUMN`, `MATERIALIZE`, `MODIFY TTL`, `UPDATE`, `DELETE`. What no `ALTER` can do (another `ORDER BY`,
`PARTITION BY` or engine) copies the table. The finding says how much there is to rewrite or copy.

A change that does not touch the stored rows (`varchar(50)` to `varchar(80)` or `text`) is not reported if the former
type is known from the database, earlier files or the rollback.

WARN; INFO for a table with few rows.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.checks.rule import AnalyzedStatement, Clause, Context, Finding, Severity, waiting
from dbwarden.core.ddl.statements import AddColumn, ChangeType, CopyRows, key
from dbwarden.core.dialect import INTERIM_PREFIX, REPLACED_PREFIX
from dbwarden.core.statement import Blocks, Effect
from dbwarden.core.types import Ref

_ADVICE = "add a column beside it and fill it in batches, or do it while nobody needs the table"
_WITH_TOOLS = "hand it to {} (header `-- runner: {}`), or do it while nobody needs the table"


def check(context: Context) -> Iterator[Finding]:
    """Statements that rewrite a whole table."""
    if not context.dialect.features.table_locks:
        return
    for analyzed, clause in context.clauses():
        if context.dialect.features.background_rewrites:
            yield from _check_copy(context, analyzed, clause)
        if Effect.REWRITES not in clause.facts.effects:
            continue
        if clause.facts.blocks >= Blocks.WRITERS:
            yield from _check_rewrite(context, analyzed, clause)
        elif context.dialect.features.background_rewrites:
            yield from _check_mutation(context, analyzed, clause)


def _check_mutation(context: Context, analyzed: AnalyzedStatement, clause: Clause) -> Iterator[Finding]:
    """A rewrite of parts in the background."""
    table = _target(analyzed)
    if table is None:
        return
    cause = clause.facts.action
    if isinstance(action := next(iter(clause.actions), None), ChangeType):
        cause = f"the new type of {action.column}"
        if context.is_free(analyzed, action, table):
            return
    yield Finding(
        context.adjust_severity(Severity.WARN, table),
        f"{cause} is a mutation: it rewrites parts of {context.table_with_size(table)} in the background",
        "run it when the disks have time, and with room for the rewritten parts; migrate waits until it is done",
        analyzed.line,
    )


def _check_copy(context: Context, analyzed: AnalyzedStatement, clause: Clause) -> Iterator[Finding]:
    """The copying of a table into its new form."""
    for action in clause.actions:
        if isinstance(action, CopyRows) and action.table.name == INTERIM_PREFIX + action.source.name:
            yield Finding(
                context.adjust_severity(Severity.WARN, action.source),
                f"the new form of {context.table_with_size(action.source)} is a copy of it, and the old one stays",
                f"have room for both, and drop {REPLACED_PREFIX}{action.source.name} when nobody needs it any more",
                analyzed.line,
            )


def _check_rewrite(context: Context, analyzed: AnalyzedStatement, clause: Clause) -> Iterator[Finding]:
    action, copied_for = next(iter(clause.actions), None), clause.facts.copied_for
    if isinstance(action, AddColumn) and not copied_for:
        return  # avoid-volatile-defaults
    if isinstance(action, ChangeType):
        table, cause = action.table, f"the new type of {action.column}"
        free = context.is_free(analyzed, action, table) and not copied_for
        if free or all(key(table) != key(existing_table) for existing_table in analyzed.existing):
            return
    else:
        target = _target(analyzed)
        if target is None and analyzed.facts.targets:
            return
        table, cause = target or Ref("table", "every table"), clause.facts.action or analyzed.excerpt
    yield Finding(
        context.adjust_severity(Severity.WARN, table) if table.name != "every table" else Severity.WARN,
        f"{cause} rewrites {context.table_with_size(table)} {waiting(clause.facts.blocks)}"
        + (f", for {copied_for}" if copied_for else ""),
        _advice(context),
        analyzed.line,
    )


def _advice(context: Context) -> str:
    runners = context.dialect.table_runners
    names = tuple(runners.commands) if runners is not None else ()
    return _WITH_TOOLS.format(" or ".join(names), names[0]) if names else _ADVICE


def _target(analyzed: AnalyzedStatement) -> Ref | None:
    return next(iter(analyzed.existing), None)
