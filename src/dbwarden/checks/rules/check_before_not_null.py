"""Check for NULLs before SET NOT NULL

`SET NOT NULL` reads the whole table while nobody else can read or write it.

```sql
ALTER TABLE users ALTER COLUMN email SET NOT NULL;
```

Instead: let a constraint check the rows without blocking anybody; `SET NOT NULL` then relies on it and reads nothing.

```sql
ALTER TABLE users ADD CONSTRAINT users_email_set CHECK (email IS NOT NULL) NOT VALID;
ALTER TABLE users VALIDATE CONSTRAINT users_email_set;
ALTER TABLE users ALTER COLUMN email SET NOT NULL;
ALTER TABLE users DROP CONSTRAINT users_email_set;
```

WARN; INFO for a table with few rows. The constraint must be in the same file, validated above the statement and not yet
dropped.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.checks.rule import AnalyzedStatement, Context, Finding, Severity
from dbwarden.core.ddl.statements import (
    Action,
    AddConstraint,
    Constraint,
    DropConstraint,
    Key,
    SetNotNull,
    ValidateConstraint,
    key,
)
from dbwarden.core.lexical_rules import LexicalRules
from dbwarden.core.tokens import NAMES, readable, unquoted


def check(context: Context) -> Iterator[Finding]:
    """SET NOT NULL that reads the table under the strongest lock."""
    for analyzed, action in unproven_not_null(context):
        yield _finding(context, action, analyzed.line)


def unproven_not_null(context: Context) -> Iterator[tuple[AnalyzedStatement, SetNotNull]]:
    """SET NOT NULL on existing tables that no valid check of the file allows the server to take without reading."""
    if not context.dialect.features.not_valid:
        return
    checks: dict[tuple[Key, str], Constraint] = {}
    valid: set[tuple[Key, str]] = set()
    for analyzed, clause in context.clauses():
        for action in clause.actions:
            _note(action, checks, valid)
            if not isinstance(action, SetNotNull) or key(action.table) not in map(key, analyzed.existing):
                continue
            known = [checks[place] for place in valid if place[0] == key(action.table)]
            if not any(_forbids_null(check, action.column, context.dialect.lexical_rules) for check in known):
                yield analyzed, action


def _note(action: Action, checks: dict[tuple[Key, str], Constraint], valid: set[tuple[Key, str]]) -> None:
    """Update the checks that the file adds, and the set of those that are valid for all rows."""
    match action:
        case AddConstraint(table, Constraint("check", name) as constraint):
            place = key(table), name or constraint.text
            checks[place] = constraint
            if not constraint.not_valid:
                valid.add(place)
        case ValidateConstraint(table, name) if (key(table), name) in checks:
            valid.add((key(table), name))
        case DropConstraint(table, name):
            valid.discard((key(table), name))


def _forbids_null(check: Constraint, column: str, lexical_rules: LexicalRules) -> bool:
    words = (
        unquoted(token, lexical_rules) if token.kind in NAMES else token.text
        for token in readable(check.text, lexical_rules)
    )
    return f"( {column} is not null )".casefold() in " ".join(words).casefold()


def _finding(context: Context, action: SetNotNull, line: int) -> Finding:
    return Finding(
        context.adjust_severity(Severity.WARN, action.table),
        f"SET NOT NULL on {action.column} reads all of {context.table_with_size(action.table)} while nobody can use it",
        "validate a CHECK (... IS NOT NULL) NOT VALID first",
        line,
    )
