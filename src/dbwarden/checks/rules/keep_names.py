"""Keep names while clients use them

When a table or column is renamed, running programs that use the old name fail from that moment on; before it, those
fail that use the new one.

```sql
ALTER TABLE users RENAME COLUMN phone TO phone_number;
```

Instead: keep the name in the database and rename only the attribute in the model
(`phone_number = mapped_column("phone", ...)`). Or add the new column, let a trigger keep both equal, change the
programs, and drop the old one in a later release. For a table, a view with the old name is enough.

WARN, whatever the table's size.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.checks.rule import Context, Finding, Severity
from dbwarden.core.ddl.statements import RenameColumn, RenameTable, RenameTables

_ADVICE = "keep both names for one release, or rename the model's attribute only"


def check(context: Context) -> Iterator[Finding]:
    """Renames of tables and columns that programs may use."""
    for analyzed, _, action in context.on_existing():
        severity = context.adjust_severity(Severity.WARN, action.table, small=False)
        if isinstance(analyzed.statement, RenameTables) and analyzed.statement.exchanges:
            continue  # both names stay
        if isinstance(action, RenameTable):
            change = f"table {context.table_with_size(action.table)} is renamed to {action.new.name}"
            yield Finding(severity, f"{change}: programs that use the old name fail", _ADVICE, analyzed.line)
        elif isinstance(action, RenameColumn):
            change = f"column {action.old} of {context.table_with_size(action.table)} is renamed to {action.new}"
            yield Finding(severity, f"{change}: programs that use the old name fail", _ADVICE, analyzed.line)
