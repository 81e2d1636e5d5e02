"""Changes that the upgrade of a file makes, as its text says: one line for each column, constraint and object, from what to what.

The schemas before and after the file are compared, so that a column which several statements change has one line for each property,
and what a statement only needs for a while has none. A table that is replaced by a copy (a rebuild) counts as altered.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.core import kinds
from dbwarden.core.change_line import ChangeLine, Verb
from dbwarden.core.ddl.statements import (
    AddColumn,
    AddConstraint,
    AddEnumValue,
    AlterColumn,
    AlterObject,
    ChangeType,
    ColumnText,
    CreateEnum,
    CreateIndex,
    CreateObject,
    CreateTable,
    DropColumn,
    DropConstraint,
    DropNotNull,
    DropObject,
    DropTable,
    Key,
    RenameColumn,
    RenameEnumValue,
    RenameTable,
    RenameType,
    SetNotNull,
    Statement,
    key,
)
from dbwarden.core.types import Ref

from .rule import Context


def file_changes(context: Context) -> tuple[ChangeLine, ...]:
    """Lines of the changes, in the order in which the file first touches each table."""
    return tuple(_FileChanges(context).lines())


class _FileChanges:
    def __init__(self, context: Context) -> None:
        self.context = context
        self.origins = context.origins()
        for analyzed in context.upgrade:
            self.origins.follow(analyzed.statement)
        self.statements = [analyzed.statement for analyzed in context.upgrade]
        self.actions = [action for statement in self.statements for action in statement.actions]
        self.rebuilt = {key(succession.origin): succession for succession in context.successions}
        self.interim = {key(succession.table.table) for succession in context.successions}
        self.added = {ref for statement in self.statements for ref in _created_parts(statement)}
        self.dropped = {ref for statement in self.statements for ref in _dropped_parts(statement)}

    def lines(self) -> Iterator[ChangeLine]:
        for table in self._tables():
            yield from self._of_table(table)
        for statement in self.statements:
            yield from self._of_object(statement)

    # -- tables

    def _tables(self) -> list[Ref]:
        """Each table once, under the name that it has after the file, or had before the file drops it."""
        tables: dict[Key, Ref] = {}
        for action in self.actions:
            if isinstance(action, RenameTable):
                tables.pop(key(action.table), None)
                tables.setdefault(key(action.new), action.new)
            elif action.table.kind == "table" and key(action.table) not in self.interim:
                tables.setdefault(key(action.table), action.table)
        return list(tables.values())

    def _of_table(self, table: Ref) -> Iterator[ChangeLine]:
        place, after = key(table), self.context.after
        origin = table if place in self.rebuilt else self.origins.table(table)
        if place not in after.tables and self._is_dropped(place):
            if place in self.context.before.tables or origin is not None or not self._is_created(place):
                yield ChangeLine(Verb.DROP, "", f"table {_name(table)}", named=True)
            return
        if origin is None:
            columns = ", ".join(column.name for column in after.columns.get(place, {}).values())
            yield ChangeLine(Verb.ADD, "", f"table {_name(table)}", None, f"({columns})" if columns else None)
            return
        if key(origin) != place:
            yield ChangeLine(Verb.RENAME, "", "table", _name(origin), _name(table))
        for name in self._columns(table, origin):
            yield from self._of_column(table, origin, name)
        yield from self._members(table)

    def _is_dropped(self, place: Key) -> bool:
        return any(isinstance(action, DropTable) and key(action.table) == place for action in self.actions)

    def _is_created(self, place: Key) -> bool:
        return any(isinstance(action, CreateTable) and key(action.table) == place for action in self.actions)

    def _columns(self, table: Ref, origin: Ref) -> list[str]:
        """Columns that the file touches, under their names after it; those that it drops under their former names."""
        if key(table) in self.rebuilt:
            before = self.context.former_columns(origin) or {}
            now = self.context.after.columns.get(key(table), {})
            return [*(now[name].name for name in now), *(before[name].name for name in before if name not in now)]
        names: dict[str, str] = {}
        for action in self.actions:
            if key(action.table) not in (key(table), key(origin)):
                continue
            if isinstance(action, RenameColumn):
                names.pop(action.old.casefold(), None)
                names[action.new.casefold()] = action.new
            elif isinstance(action, AddColumn):
                names.setdefault(action.column.name.casefold(), action.column.name)
            elif isinstance(action, DropColumn | ChangeType | SetNotNull | DropNotNull | AlterColumn):
                names.setdefault(action.column.casefold(), action.column)
        return list(names.values())

    def _of_column(self, table: Ref, origin: Ref, name: str) -> Iterator[ChangeLine]:
        after = self.context.after.column(table, name)
        if key(table) in self.rebuilt:
            former_name: str | None = self._copied_from(table, name)
        else:
            former_name = self.origins.column(table, name)
        before = self.context.former_column(origin, former_name) if former_name is not None else None
        if after is None:
            gone = self.context.former_column(origin, name)
            yield ChangeLine(Verb.DROP, _name(table), f"column {name}", gone.type or None if gone else None, named=True)
        elif former_name is None:
            yield ChangeLine(Verb.ADD, _name(table), f"column {after.name}", None, _definition(after))
        else:
            if former_name.casefold() != name.casefold():
                yield ChangeLine(Verb.RENAME, _name(table), "column", former_name, after.name)
            yield from self._differences(f"{_name(table)}.{after.name}", before, after)

    def _differences(self, subject: str, before: ColumnText | None, after: ColumnText) -> Iterator[ChangeLine]:
        """Lines for type, NOT NULL and default of a column. A type and a default that a server spells in its own way are the
        same."""
        if before is None:
            yield ChangeLine(Verb.CHANGE, subject, "", "(not known)", _definition(after))
            return
        parse = self.context.dialect.parse_type
        if before.type and after.type and parse(before.type) != parse(after.type):
            yield ChangeLine(Verb.CHANGE, subject, "", before.type, after.type)
        if before.not_null != after.not_null:
            words = {True: "NOT NULL", False: "NULL"}
            yield ChangeLine(Verb.CHANGE, subject, "", words[before.not_null], words[after.not_null])
        if _bare(before.default) != _bare(after.default):
            yield ChangeLine(Verb.CHANGE, subject, "default", before.default, after.default)

    def _copied_from(self, table: Ref, name: str) -> str | None:
        """The column from which a rebuild takes the values of ``name``; ``None`` for a new one."""
        copied = {target.casefold() for target in self.rebuilt[key(table)].copy.columns}
        former = self.context.former_columns(table) or {}
        return name if name.casefold() in copied and name.casefold() in former else None

    # -- constraints and indexes

    def _members(self, table: Ref) -> Iterator[ChangeLine]:
        for action in self.actions:
            if key(action.table) != key(table):
                continue
            match action:
                case AddConstraint(_, constraint):
                    name = f"{constraint.kind} {constraint.name or ''}".strip()
                    if constraint.name is None or (key(table), constraint.name.casefold()) not in self.dropped:
                        yield ChangeLine(Verb.ADD, _name(table), name, None, _constraint_text(action))
                case DropConstraint(_, name, kind=kind):
                    if (key(table), name.casefold()) not in self.added:
                        yield ChangeLine(Verb.DROP, _name(table), f"{kind} {name}", named=True)
                case CreateIndex(name=name) if key(table) not in self.rebuilt:
                    unique = "unique index" if action.unique else "index"
                    text = f"({', '.join(action.keys or action.columns)})" + (
                        f" WHERE {action.where}" * bool(action.where)
                    )
                    if not name or not self._becomes_constraint(table, name):
                        yield ChangeLine(Verb.ADD, _name(table), f"{unique} {name or ''}".strip(), None, text)

    def _becomes_constraint(self, table: Ref, name: str) -> bool:
        return any(
            isinstance(action, AddConstraint)
            and action.constraint.using_index == name
            and key(action.table) == key(table)
            for action in self.actions
        )

    # -- other objects

    def _of_object(self, statement: Statement) -> Iterator[ChangeLine]:
        match statement:
            case CreateObject(kind, Ref() as ref):
                noun = f"{_title(kind)} {_name(ref)}"
                yield ChangeLine(Verb.ADD, "", noun, note="or replace it" if statement.repeatable else "")
            case DropObject(kind, refs):
                for ref in refs:
                    yield ChangeLine(Verb.DROP, "", f"{_title(kind)} {_name(ref)}", named=True)
            case AlterObject(kind, Ref() as ref, new=Ref() as new):
                yield ChangeLine(Verb.RENAME, "", _title(kind), _name(ref), _name(new))
            case CreateEnum(ref, values):
                yield ChangeLine(Verb.ADD, "", f"enum {_name(ref)}", None, f"({', '.join(values)})")
            case AddEnumValue(ref, value):
                yield ChangeLine(Verb.ADD, f"enum {_name(ref)}", f"value {value}")
            case RenameEnumValue(ref, value, new_value):
                yield ChangeLine(Verb.RENAME, f"enum {_name(ref)}", "value", value, new_value)
            case RenameType(ref, new):
                yield ChangeLine(Verb.RENAME, "", "type", _name(ref), _name(new))


_Part = tuple[Key, str]
"""A constraint or index: its table, and its name in lower case."""


def _created_parts(statement: Statement) -> Iterator[_Part]:
    for action in statement.actions:
        if isinstance(action, AddConstraint) and action.constraint.name:
            yield key(action.table), action.constraint.name.casefold()


def _dropped_parts(statement: Statement) -> Iterator[_Part]:
    for action in statement.actions:
        if isinstance(action, DropConstraint):
            yield key(action.table), action.name.casefold()


def _constraint_text(action: AddConstraint) -> str:
    constraint = action.constraint
    if constraint.expression:
        return f"({constraint.expression})"
    columns = f"({', '.join(constraint.keys or constraint.columns)})"
    if constraint.using_index:
        return f"by index {constraint.using_index}"
    if constraint.references is None:
        return columns
    target = f"({', '.join(constraint.ref_columns)})" if constraint.ref_columns else ""
    return f"{columns} → {_name(constraint.references)}{target}"


def _bare(default: str | None) -> str | None:
    """A default without what servers add to it: parentheses and quotes."""
    return None if default is None else default.strip("()'\" ").casefold()


def _definition(column: ColumnText) -> str:
    parts = (column.type, "NOT NULL" * column.not_null, f"DEFAULT {column.default}" if column.default else "")
    return " ".join(part for part in parts if part)


def _title(kind: str) -> str:
    return kinds.title(kind) if kind in kinds.KINDS else kind


def _name(ref: Ref) -> str:
    return ".".join(part for part in (ref.schema, ref.table if ref.kind != "table" else None, ref.name) if part)
