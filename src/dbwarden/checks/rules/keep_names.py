"""Keep names while clients use them

When a table or column is renamed, running programs that use the old name fail from that moment on; before it, those
fail that use the new one.

```sql
ALTER TABLE users RENAME COLUMN phone TO phone_number;
```

Instead: keep the name in the database and rename only the attribute in the model
(`phone_number = mapped_column("phone", ...)`). Or add the new column, let a trigger keep both equal, change the
programs, and drop the old one in a later release. For a table, a view with the old name is enough.

PostgreSQL and SQLite rename in views too. MySQL, MariaDB and ClickHouse leave the text of views, triggers, routines and
events as it is, so that these fail as well: with a database at hand, the finding lists those that name the old name and that
the file does not create anew.

WARN, whatever the table's size.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.checks.rule import Context, Finding, Severity
from dbwarden.core.change import Rename
from dbwarden.core.ddl.statements import Action, RenameColumn, RenameTable, RenameTables, key
from dbwarden.core.model import column_ref
from dbwarden.core.old_names import texts_with_old_names

_ADVICE = "keep both names for one release, or rename the model's attribute only"


def check(context: Context) -> Iterator[Finding]:
    """Renames of tables and columns that programs may use."""
    for analyzed, _, action in context.on_existing():
        if isinstance(analyzed.statement, RenameTables) and analyzed.statement.exchanges:
            continue  # both names stay
        rename = _rename(action)
        if rename is None:
            continue
        table = rename.old if rename.old.kind == "table" else rename.old.owner
        name = context.table_with_size(table)
        subject = f"table {name}" if rename.old.kind == "table" else f"column {rename.old.name} of {name}"
        yield Finding(
            context.adjust_severity(Severity.WARN, table, small=False),
            f"{subject} is renamed to {rename.new.name}: programs that use the old name fail{_texts(context, rename)}",
            _ADVICE,
            analyzed.line,
        )


def _rename(action: Action) -> Rename | None:
    match action:
        case RenameTable(table, new):
            return Rename(table, new)
        case RenameColumn(table, old, new_name):
            return Rename(column_ref(table, old), column_ref(table, new_name))
        case _:
            return None


def _texts(context: Context, rename: Rename) -> str:
    """The objects of the database whose text keeps the old name, in words."""
    dialect, texts = context.dialect, context.environment.texts
    if not texts:
        return ""
    anew = {ref.name.casefold() for a in context.upgrade for ref in (*a.statement.creates, *a.statement.drops)}
    texts = tuple(item for item in texts if item.name.casefold() not in anew)
    table = rename.old if rename.old.kind == "table" else rename.old.owner
    former = context.names.get(key(table), (table,))[:1]
    earlier = [Rename(name, table) for name in former if name != table and rename.old.kind == "column"]
    keeping = texts_with_old_names(texts, [*earlier, rename], dialect.features.keeps_old_names, dialect.lexical_rules)
    named = keeping.get(rename, ())
    return f", and so do {', '.join(map(str, named))}, whose text keeps it" if named else ""
