"""Make repeatables repeatable

A repeatable file (`RA__...`, `ROC__...`) finds the objects that it created the last time: a plain `CREATE` then fails.

```sql
CREATE VIEW active_users AS SELECT * FROM users WHERE active;
```

Instead:

```sql
CREATE OR REPLACE VIEW active_users AS SELECT * FROM users WHERE active;
```

`IF NOT EXISTS`, or `DROP ... IF EXISTS` before it in the same file, work as well. WARN.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.checks.rule import AnalyzedStatement, Context, Finding, Severity
from dbwarden.core.ddl.statements import (
    Action,
    AddColumn,
    AddConstraint,
    AddEnumValue,
    AlterObject,
    AlterTable,
    CreateEnum,
    CreateIndex,
    CreateObject,
    CreateTable,
    DetachPartition,
    DropColumn,
    DropConstraint,
    DropObject,
    DropTable,
    OtherClause,
    RenameColumn,
    RenameConstraint,
    RenameEnumValue,
    RenameTable,
    RenameTables,
    RenameType,
    Statement,
)
from dbwarden.core.filename import Kind
from dbwarden.core.statement import Effect

FILES_ONLY = True


def check(context: Context) -> Iterator[Finding]:
    """Statements of repeatable files that fail the second time."""
    if context.kind is Kind.VERSIONED:
        return
    gone: set[str] = set()
    for analyzed in context.upgrade:
        if Effect.DROPS in analyzed.facts.effects:
            gone |= _names(analyzed)
        if not _fails_again(analyzed.statement):
            continue
        if Effect.CREATES in analyzed.facts.effects and _names(analyzed) & gone:
            continue
        yield Finding(
            Severity.WARN,
            f"{analyzed.facts.action or analyzed.excerpt} fails when the file runs again",
            "use CREATE OR REPLACE, IF NOT EXISTS, or DROP ... IF EXISTS before it",
            analyzed.line,
        )


def _fails_again(statement: Statement) -> bool:
    """Whether a statement fails when it runs a second time."""
    match statement:
        case CreateTable():
            return not (statement.if_not_exists or statement.replaces)
        case CreateIndex() | AddEnumValue():
            return not statement.if_not_exists
        case CreateObject():
            return not statement.repeatable
        case DropTable() | DropObject():
            return not statement.if_exists
        case CreateEnum() | RenameType() | RenameEnumValue() | RenameTables():
            return True
        case AlterObject():
            return statement.new is not None
        case AlterTable():
            return any(_clause_fails_again(clause, statement.if_exists) for clause in statement.clauses)
        case _:
            return False


def _clause_fails_again(clause: Action, if_exists: bool) -> bool:
    match clause:
        case AddColumn():
            return not clause.if_not_exists
        case DropColumn() | DropConstraint():
            return not clause.if_exists
        case RenameTable():
            return not if_exists
        case AddConstraint() | RenameColumn() | RenameConstraint() | DetachPartition():
            return True
        case OtherClause(_, words):
            return words[:1] in (("ADD",), ("RENAME",), ("ATTACH",))
        case _:
            return False


def _names(analyzed: AnalyzedStatement) -> set[str]:
    return {
        f"{target.kind.removeprefix('materialized_')} {target.name}".casefold() for target in analyzed.facts.targets[:1]
    }
