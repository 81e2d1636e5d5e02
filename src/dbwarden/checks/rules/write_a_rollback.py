"""Write a rollback that takes everything back

`dbwarden rollback` runs the statements under `-- rollback`. What they do not undo stays in the database, and makes the
next `migrate` fail.

```sql
-- upgrade
CREATE TABLE invoices (id integer PRIMARY KEY);
ALTER TABLE users ADD COLUMN invoice_id integer;

-- rollback
DROP TABLE invoices;                       -- users.invoice_id stays
```

Instead: write one statement for each statement of the upgrade, in reverse order. If there is no way back, say so:
`-- irreversible: <reason>` before `-- upgrade`.

WARN, for versioned migrations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from dbwarden.checks.rule import AnalyzedStatement, Context, Finding, Severity
from dbwarden.core.ddl.cursor import cursor
from dbwarden.core.ddl.statements import (
    Action,
    AddColumn,
    AddConstraint,
    AlterObject,
    ChangeType,
    CreateTable,
    DropColumn,
    DropConstraint,
    DropNotNull,
    DropTable,
    Key,
    RenameColumn,
    RenameTable,
    RenameTables,
    RenameType,
    SetNotNull,
    Statement,
    key,
)
from dbwarden.core.filename import Kind
from dbwarden.core.lexical_rules import LexicalRules
from dbwarden.core.statement import Effect
from dbwarden.core.tokens import type_name
from dbwarden.core.types import Ref

FILES_ONLY = True
_ADVICE = "add the missing statements under -- rollback, or say `-- irreversible: <reason>` before -- upgrade"
_SHOWN = 3
_REPLACED = ("view", "function", "procedure", "trigger", "rule")
_OF_A_COLUMN = ("not null", "type of", "name")


@dataclass(frozen=True, slots=True)
class Mark:
    """An effect of a statement; ``sign`` is 1 for an added object, -1 for a dropped one, 0 for a changed one."""

    sign: int
    kind: str
    table: Key
    """Schema and table that qualify its name."""
    name: str
    owner: Key = field(default=("", ""), compare=False)
    """Table with which it is created and dropped."""
    column: str = field(default="", compare=False)
    """Column with which it is created and dropped."""

    @property
    def opposite(self) -> Mark:
        return replace(self, sign=-self.sign)

    def __str__(self) -> str:
        place = ".".join(part for part in (*self.table, self.name) if part)
        return f"{ {1: 'new', -1: 'dropped', 0: 'changed'}[self.sign] } {self.kind} {place}"


def check(context: Context) -> Iterator[Finding]:
    """Upgrades that the rollback does not undo."""
    if context.kind is not Kind.VERSIONED or context.irreversible or not context.upgrade:
        return
    line = context.upgrade[0].line
    if not context.rollback:
        if any(analyzed.facts.effects for analyzed in context.upgrade):
            yield Finding(Severity.WARN, "there is no rollback", _ADVICE, line)
        return
    done, undone = (
        _marks(statements, context.dialect.lexical_rules) for statements in (context.upgrade, context.rollback)
    )
    missing = [mark for mark in done if mark.opposite not in done or not mark.sign]
    missing = [mark for mark in missing if mark.opposite not in undone and not _is_covered(mark, undone)]
    if missing:
        listed = ", ".join(str(mark) for mark in missing[:_SHOWN])
        more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
        yield Finding(Severity.WARN, f"the rollback does not take back: {listed}{more}", _ADVICE, line)


def _is_covered(mark: Mark, undone: dict[Mark, None]) -> bool:
    """Whether another effect of the rollback includes it: a drop or rebuild of the table, or a drop of the index's column."""
    for other in undone:
        if mark.sign > 0 and other == Mark(-1, "table", mark.owner, ""):  # a partition goes with its table
            return True
        same = other.table in (mark.table, mark.owner)
        if same and other.kind == "table" and mark.kind != "table":
            return True
        if (
            same
            and mark.kind in ("index", "constraint")
            and mark.sign > 0
            and (other.sign, other.kind) == (-1, "column")
        ):
            return True
        if same and mark.kind in _OF_A_COLUMN and other == Mark(-1, "column", mark.table, mark.column):
            return True
        if same and mark.kind == "table" and mark.sign == 0:
            return True
        if (other.sign, other.kind) == (-1, "namespace") and mark.sign > 0 and other.name == mark.table[0]:
            return True
        if mark.kind == "index" and mark.sign > 0 and other == Mark(-1, "view", (mark.owner[0], ""), mark.owner[1]):
            return True
        if other == mark and mark.kind in _REPLACED:  # CREATE OR REPLACE in both directions
            return True
    return False


def _marks(statements: Iterable[AnalyzedStatement], lexical_rules: LexicalRules) -> dict[Mark, None]:
    marks: dict[Mark, None] = {}
    renamed: dict[tuple[str, str], str] = {}
    roots: dict[Key, Key] = {}
    for analyzed in statements:
        if isinstance(analyzed.statement, RenameTables) and analyzed.statement.exchanges:
            continue
        for action in analyzed.actions:
            if isinstance(action, RenameTable) and Mark(1, "table", key(action.table), "") in marks:
                _rebuilt(marks, action)
                continue
            if (
                isinstance(action, RenameColumn)
                and Mark(1, "column", key(action.table), action.old.casefold()) in marks
            ):
                marks = _column_renamed(marks, action)
                continue
            if isinstance(action, AddConstraint) and (index := action.constraint.using_index):
                marks.pop(Mark(1, "index", (key(action.table)[0], ""), index.casefold()), None)
            if isinstance(action, CreateTable) and action.partition_of is not None:
                parent = key(action.partition_of)
                roots[key(action.table)] = root = roots.get(parent, parent)
                marks[Mark(1, "table", key(action.table), "", root)] = None
            elif (mark := _mark(action)) is not None and not _is_swapped(action, renamed, lexical_rules):
                marks[mark] = None
        match analyzed.statement:
            case AlterObject("index", Ref() as index_ref, ("ATTACH", "PARTITION", part, *_)):  # it goes with that index
                marks.pop(Mark(1, "index", ((index_ref.schema or "").casefold(), ""), part.casefold()), None)
            case AlterObject("sequence", Ref() as sequence, ("OWNED", "BY", *_)):
                _owned(marks, sequence, analyzed.sql, lexical_rules)
        target = analyzed.facts.targets[0] if analyzed.facts.targets else None
        if target is None or target.kind == "table":
            continue
        if Effect.CREATES in analyzed.facts.effects:
            marks[_object(1, target, {})] = None
        elif Effect.DROPS in analyzed.facts.effects:
            marks[_object(-1, target, renamed)] = None
        elif new := _new_name(analyzed.statement):
            if (made := _object(1, target, {})) in marks:
                del marks[made]
                marks[_object(1, new, {})] = None
            else:
                renamed[_kind(target), new.name.casefold()] = target.name.casefold()
    return _without_tables_of(marks)


def _owned(marks: dict[Mark, None], sequence: Ref, sql: str, lexical_rules: LexicalRules) -> None:
    """Note the table of the column that a new sequence belongs to and is dropped with."""
    mark, at = _object(1, sequence, {}), cursor(sql, lexical_rules)
    at.find("BY")
    path = [at.name()]
    while at.skip("."):
        path.append(at.name())
    if mark in marks and len(path) > 1:
        del marks[mark]
        schema = path[-3] if len(path) > 2 else ""
        marks[replace(mark, owner=(schema.casefold(), path[-2].casefold()))] = None


def _new_name(statement: Statement) -> Ref | None:
    return statement.new if isinstance(statement, (AlterObject, RenameType)) else None


def _is_swapped(action: Action, renamed: dict[tuple[str, str], str], lexical_rules: LexicalRules) -> bool:
    """Whether a change of type only follows an enumeration that was created again under its name."""
    if not isinstance(action, ChangeType):
        return False
    name = type_name(action.type, lexical_rules)
    return any(kind == "enum" and old == name for (kind, _), old in renamed.items())


def _rebuilt(marks: dict[Mark, None], rename: RenameTable) -> None:
    """Replace the marks of a new table that is renamed to an old one by a mark of the changed table."""
    del marks[Mark(1, "table", key(rename.table), "")]
    new = key(rename.new)
    was_dropped = Mark(-1, "table", new, "") in marks
    marks.pop(Mark(-1, "table", new, ""), None)
    marks[Mark(0 if was_dropped else 1, "table", new, "")] = None


def _column_renamed(marks: dict[Mark, None], rename: RenameColumn) -> dict[Mark, None]:
    """``marks`` after the rename of a column that the same statements added."""
    place, old, new = key(rename.table), rename.old.casefold(), rename.new.casefold()
    return {
        replace(mark, name=new, column=new) if mark.table == place and old in (mark.column, mark.name) else mark: None
        for mark in marks
    }


def _without_tables_of(marks: dict[Mark, None]) -> dict[Mark, None]:
    """``marks`` without the parts of tables that are created or dropped as a whole."""
    tables = {mark.table for mark in marks if mark.kind == "table" and mark.sign}
    return {mark: None for mark in marks if mark.kind == "table" or not {mark.table, mark.owner} & tables}


def _kind(target: Ref) -> str:
    return (
        "enum" if target.kind in ("type", "composite_type", "range_type") else target.kind.removeprefix("materialized_")
    )


def _object(sign: int, target: Ref, renamed: dict[tuple[str, str], str]) -> Mark:
    """Mark of an object; ``renamed`` has the former name of one that was renamed before its drop."""
    kind, schema, owner = _kind(target), (target.schema or "").casefold(), (target.table or "").casefold()
    name = renamed.get((kind, target.name.casefold()), target.name.casefold())
    place = (schema, owner) if kind in ("trigger", "policy") else (schema, "")
    return Mark(sign, kind, place, name, (schema, owner) if owner else ("", ""))


def _mark(action: Action) -> Mark | None:
    place = key(action.table)
    match action:
        case CreateTable():
            return Mark(1, "table", place, "")
        case DropTable():
            return Mark(-1, "table", place, "")
        case AddColumn(_, column):
            return Mark(1, "column", place, column.name.casefold())
        case DropColumn(_, name):
            return Mark(-1, "column", place, name.casefold())
        case AddConstraint(_, constraint) if constraint.name:
            return Mark(1, "constraint", place, constraint.name.casefold())
        case DropConstraint(_, name):
            return Mark(-1, "constraint", place, name.casefold())
        case SetNotNull(_, name):
            return Mark(1, "not null", place, name.casefold(), column=name.casefold())
        case DropNotNull(_, name):
            return Mark(-1, "not null", place, name.casefold())
        case ChangeType(_, name):
            return Mark(0, "type of", place, name.casefold(), column=name.casefold())
        case RenameTable(_, new):
            return Mark(0, "name", ("", ""), "/".join(sorted((action.table.name, new.name))))
        case RenameColumn(_, old, new):
            return Mark(0, "name", place, "/".join(sorted((old, new))), column=new.casefold())
        case _:
            return None
