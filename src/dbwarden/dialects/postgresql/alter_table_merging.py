"""Merging of ALTER TABLE statements, so that a table is locked and rewritten once instead of for every column.

The server runs the clauses of one ALTER TABLE in passes, not in the order of the text (``AT_PASS_*`` in
src/backend/commands/tablecmds.c): drops (columns, NOT NULL, defaults), types, new columns, SET NOT NULL, SET DEFAULT. So
only clauses of different columns are merged, and none that reads another column: no constraints, generated or identity
columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from dbwarden.core.ddl.statements import (
    Action,
    AddColumn,
    AlterColumn,
    AlterTable,
    ChangeType,
    DropColumn,
    DropNotNull,
    SetNotNull,
)
from dbwarden.core.types import Ref

from . import names
from .statements import statement

_DEFAULTS = (("SET", "DEFAULT"), ("DROP", "DEFAULT"))


def merge_statements(statements: Sequence[str]) -> tuple[str, ...]:
    """Merge each ALTER TABLE of columns into the last one of its table, unless it could depend on a statement between them."""
    lines: list[str | _Alteration] = []
    waiting: dict[Ref, _Alteration] = {}
    for sql in statements:
        alteration = _alteration(sql)
        if alteration is None or alteration.comment:
            waiting = waiting if sql.startswith("COMMENT ON ") else {}
        if alteration is None:
            lines.append(sql)
            continue
        last = waiting.get(alteration.table)
        if last is not None and last.can_merge(alteration, lines[-1] is last):
            last.bodies += alteration.bodies
            last.columns |= alteration.columns
            last.types = last.types or alteration.types
        else:
            waiting[alteration.table] = alteration
            lines.append(alteration)
    return tuple(line if isinstance(line, str) else line.text() for line in lines)


@dataclass(slots=True)
class _Alteration:
    """ALTER TABLE of columns that may be merged with others."""

    table: Ref
    comment: str
    """Comment lines above the statement."""
    bodies: list[str]
    columns: set[str] = field(default_factory=set)
    types: bool = False
    """Whether a type changes. Such a statement is not moved past changes of another table: a foreign key may connect the two."""

    def can_merge(self, other: _Alteration, adjacent: bool) -> bool:
        return self.columns.isdisjoint(other.columns) and (adjacent or not (self.types or other.types))

    def text(self) -> str:
        """SQL of the statement; several clauses stand on a line each."""
        head = f"{self.comment}ALTER TABLE {names.of(self.table)}"
        body = ",\n".join(self.bodies)
        return f"{head} {body.strip()}" if len(self.bodies) == 1 and "\n" not in body else f"{head}\n{body}"


def _alteration(sql: str) -> _Alteration | None:
    if "ALTER TABLE" not in sql:  # as our printers write it: most statements of a new schema need not be parsed
        return None
    parsed = statement(sql, None)
    if not isinstance(parsed, AlterTable) or not all(map(_joinable, parsed.clauses)):
        return None
    comment, head, body = sql.partition(f"ALTER TABLE {names.of(parsed.table)}")
    if not head or any(not line.startswith("--") for line in comment.splitlines()):
        return None
    columns = set(map(_column, parsed.clauses))
    types = any(isinstance(action, ChangeType) for action in parsed.clauses)
    return _Alteration(parsed.table, comment, [f"    {body.strip()}"], columns, types)


def _joinable(action: Action) -> bool:
    match action:
        case AddColumn(column=column):
            return not (column.generated or column.stored)
        case AlterColumn(words=words):
            return words[:2] in _DEFAULTS
    return isinstance(action, DropColumn | ChangeType | SetNotNull | DropNotNull)


def _column(action: Action) -> str:
    match action:
        case AddColumn(column=column):
            return column.name
        case DropColumn(column=name) | ChangeType(column=name) | SetNotNull(column=name) | DropNotNull(column=name):
            return name
        case AlterColumn(column=name):
            return name
    raise TypeError(type(action).__name__)
