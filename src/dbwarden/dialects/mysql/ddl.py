"""DDL of one change, by its verb (Add, Drop, Alter, Rename) and the kind of the object.

Every change of a table is a list of clauses; ``statement`` makes one ALTER TABLE of them and says what it may cost
(``online``). ``regroup`` joins the statements of neighbouring changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from dbwarden.core import kinds
from dbwarden.core.change import Add, Alter, Change, Drop, Rename
from dbwarden.core.column_places import ColumnPlace, in_order
from dbwarden.core.dialect import Prefs, Server
from dbwarden.core.model import (
    Check,
    Column,
    Definition,
    ForeignKey,
    Index,
    Member,
    PrimaryKey,
    Schema,
    Table,
    column_ref,
)
from dbwarden.core.model import Sequence as SequenceObject
from dbwarden.core.types import Ref
from dbwarden.dialects.base.renderer import fill_placeholder
from dbwarden.errors import Unsupported

from . import columns, online, privileges, replacement, roles, sequences, tables, trigger_order
from .online import AlterClause, Schemas, Work
from .renderer import MySQLRenderer, for_server


def ddl(change: Change, before: Schema, after: Schema, prefs: Prefs, server: Server) -> tuple[str, ...]:
    """Statements of one change between two whole schemas, without trailing semicolons. Raises as ``SchemaDialect.ddl``."""
    printer = _Printer((before, after), prefs, server)
    match change:
        case Add(object=Column() as column, on=Ref() as table):
            return printer.add_column(column, table, change.parts)
        case Drop(object=Column() as column, on=Ref() as table):
            return printer.alter(table, [printer.dropped(column, table)])
        case Alter(before=Column() as old, after=Column() as new, on=Ref() as table):
            return printer.alter_column(old, new, table)
        case Add(object=Member() as member):
            return printer.alter(member.table, printer.add_members([member]))
        case Drop(object=Member() as member):
            return printer.alter(member.table, printer.drop_members([member]))
        case Alter(before=Member() as gone, after=Member() as made):
            return printer.alter(made.table, printer.replace_member(gone, made))
        case Alter(before=Table() as old_table, after=Table() as new_table) if change.dropped or change.added:
            return printer.together(change, old_table, new_table)
        case Alter(before=Table() as old_table, after=Table() as new_table):
            return printer.alter_table(old_table, new_table)
        case Rename(old=Ref(kind="column") as old_ref, new=new_ref):
            return (*printer.rename_column(old_ref, new_ref), *privileges.move_column(old_ref, new_ref, before))
        case Rename(old=Ref(kind="table") as old_ref, new=new_ref):
            return (*printer.render.statements(change, before, after), *privileges.move(old_ref, new_ref, before))
        case Add(object=Definition() as made) if made.kind in _RIGHTS:
            return _right(None, made, (before, after), server)
        case Drop(object=Definition() as gone) if gone.kind in _RIGHTS:
            return _right(gone, None, (before, after), server)
        case Alter(before=Definition() as old_right, after=Definition() as new_right) if new_right.kind in _RIGHTS:
            return _right(old_right, new_right, (before, after), server)
        case Rename(old=Ref(kind="index") as old_ref):
            (text,) = printer.render.rename(old_ref, change.new)
            return printer.alter(old_ref.owner, [AlterClause(clause_of(text), Work.DEFINITION)])
        case (
            Add(object=SequenceObject())
            | Drop(object=SequenceObject())
            | Alter(after=SequenceObject())
            | Rename(old=Ref(kind="sequence"))
        ):
            return sequences.statements(change, printer.render)
        case Add(object=Definition(kind="trigger") as trigger):
            text = trigger_order.in_place(trigger, before, after)
            placed = replace(trigger, sql=replace(trigger.sql, text=text))
            return printer.render.create_definition(placed)
        case Alter(before=Definition() as old_text, after=Definition() as new_text):
            replaced = replacement.statements(old_text, new_text, (before, after), printer.render)
            forgotten = kinds.of(new_text.kind).is_routine and not printer.render.mariadb
            return (*replaced, *(privileges.restored(new_text.ref, (before, after)) if forgotten else ()))
        case Alter():
            reason = f"there is no ALTER for {kinds.a(change.ref.kind)}"
            raise Unsupported(feature=str(change.ref), dialect=printer.render.product, reason=reason)
    return printer.render.statements(change, before, after)


_RIGHTS = ("role", "membership", "grant")


def _right(before: Definition | None, after: Definition | None, schemas: Schemas, server: Server) -> tuple[str, ...]:
    """Statements from one role, membership or set of privileges to the other."""
    item = after or before
    assert item is not None
    if item.kind == "grant":
        return privileges.change(before, after, schemas)
    if item.kind == "membership":
        return roles.change(before, after, schemas, server)
    return roles.drop(item) if after is None else (item.sql.text,)


def recreated_by(change: Change, before: Schema, after: Schema, server: Server) -> frozenset[Ref]:
    """Untouched foreign keys that the server wants gone while a column of theirs changes."""
    schemas = (before, after)
    match change:
        case Alter(before=Column() as old, after=Column() as new, on=Ref() as table):
            return columns.blocking_keys(old, new, table, schemas, server)
        case Alter(before=Table(), after=Table() as new_table) if columns.table_charset_changes(change.ref, schemas):
            named = before.table(change.ref).columns
            pairs = [(named[name], column) for name, column in new_table.columns.items() if name in named]
            blocking = [columns.blocking_keys(old, new, change.ref, schemas, server) for old, new in pairs]
            return frozenset[Ref]().union(*blocking)
    return frozenset()


KEEP_HISTORY = "SET STATEMENT system_versioning_alter_history = KEEP FOR\n"
"""What MariaDB wants before it changes a system-versioned table (error 4119): rows of its history change with it."""


def keeps_history(table: Table, clauses: Sequence[str], render: MySQLRenderer) -> bool:
    """Whether an ALTER TABLE changes a table with a history that stays."""
    versioned = render.mariadb and table.options.get("system_versioning") == "true"
    return versioned and "DROP SYSTEM VERSIONING" not in clauses


def clause_of(statement: str) -> str:
    """The clause of an ALTER TABLE that has one."""
    return statement.split(" ", 3)[3]


@dataclass(frozen=True, slots=True)
class _Printer:
    """Printer of the changes between two schemas."""

    schemas: Schemas
    prefs: Prefs
    server: Server

    @property
    def render(self) -> MySQLRenderer:
        return for_server(self.server)

    def alter(self, table: Ref, clauses: Sequence[AlterClause]) -> tuple[str, ...]:
        """One ALTER TABLE, with ALGORITHM and LOCK if changes are to be online; nothing without clauses."""
        if not clauses:
            return ()
        guarantee = online.guarantee(clauses, table, self.schemas, self.server) if self.prefs.online else ""
        texts = [clause.text for clause in clauses]
        statements = self.render.alter(table, [*texts, *([guarantee] if guarantee else [])])
        before = self.schemas[0].get(table)
        if isinstance(before, Table) and keeps_history(before, texts, self.render):
            return tuple(f"{KEEP_HISTORY}{sql}" for sql in statements)
        return statements

    # -- columns ------------------------------------------------------------------------------------------------------

    def add_column(self, column: Column, table: Ref, parts: Iterable[object]) -> tuple[str, ...]:
        members = [part for part in parts if isinstance(part, Member)]
        if column_ref(table, column.name) in self.prefs.fills and not column.nullable:
            nullable = self.alter(table, [self._added(replace(column, nullable=True), table)])
            return (*nullable, *self._fill(replace(column, nullable=True), column, table))
        return self.alter(table, [self._added(column, table), *map(self.add_member, members)])

    def _place(self, column: Column, table: Ref) -> ColumnPlace | None:
        """The place of a column that is not the last one."""
        return self.prefs.places.get(column_ref(table, column.name))

    def _added(self, column: Column, table: Ref) -> AlterClause:
        return columns.add(column, self.render, self._place(column, table))

    def dropped(self, column: Column, table: Ref) -> AlterClause:
        return columns.drop(column, self.render, self._place(column, table))

    def alter_column(self, before: Column, after: Column, table: Ref) -> tuple[str, ...]:
        if column_ref(table, after.name) in self.prefs.fills:
            nullable = replace(after, nullable=True)
            typed = before.type != after.type or before.collation != after.collation
            first = self._changed(before, nullable, table) if typed else ()
            return (*first, *self._fill(nullable if typed else before, after, table))
        return self._changed(before, after, table)

    def _changed(self, before: Column, after: Column, table: Ref) -> tuple[str, ...]:
        if columns.replaced(before, after) and columns.copies_values(before, after):
            return self._detach(before, after, table)
        return self.alter(table, self._alterations(before, after, table))

    def _alterations(self, before: Column, after: Column, table: Ref) -> list[AlterClause]:
        done = columns.done_with_table(before, table, self.schemas, self.server)
        if columns.replaced(before, after) and not done:
            indexes = columns.indexes_over(after, table, self.schemas)
            return [*columns.exchange(before, self._added(after, table), indexes, self.render)]
        return columns.alter(before, after, table, self.schemas, self.server)

    def _detach(self, before: Column, after: Column, table: Ref) -> tuple[str, ...]:
        """A virtual column becomes a plain one: a new column takes its values, then its name and its indexes."""
        columns_before = self.schemas[0].table(table)
        new, old = (columns.spare_name(before.name, word, columns_before) for word in ("new", "old"))
        quoted_new, quoted_old, name = map(self.render.quote, (new, old, before.name))
        swap = (f"RENAME COLUMN {name} TO {quoted_old}", f"RENAME COLUMN {quoted_new} TO {name}")
        indexes = columns.indexes_over(after, table, self.schemas)
        plain, place = replace(after, nullable=True), self._place(after, table)
        place = replace(place, after=after.name) if place is not None else None
        required = columns.alter(plain, after, table, self.schemas, self.server) if not after.nullable else []
        return (
            *self.alter(table, [columns.add(replace(plain, name=new), self.render, place)]),
            f"UPDATE {self.render.of(table)} SET {quoted_new} = {name}",
            *self.alter(table, [AlterClause(text, Work.CATALOGUE) for text in swap]),
            *self.alter(table, [clause for index in indexes for clause in self.replace_member(index, index)]),
            *self.alter(table, [columns.drop(replace(before, name=old), self.render, self._place(after, table))]),
            *self.alter(table, required),
        )

    def _fill(self, before: Column, after: Column, table: Ref) -> tuple[str, ...]:
        """UPDATE in a statement of its own, then NOT NULL."""
        update, mark = self._update(after.name, table)
        first, *rest = self._changed(before, after, table)
        return (mark + first, *rest) if mark else (update, first, *rest)

    def _update(self, column: str, table: Ref) -> tuple[str, str]:
        """UPDATE that fills a column, and the comment that asks for it if nobody has given an expression."""
        ref, name = column_ref(table, column), self.render.quote(column)
        expression = self.prefs.fills[ref]
        update = f"UPDATE {self.render.of(table)} SET {name} = {expression or '...'} WHERE {name} IS NULL"
        return update, f"{fill_placeholder(ref)}\n-- {update};\n" if expression is None else ""

    def rename_column(self, old: Ref, new: Ref) -> tuple[str, ...]:
        """RENAME COLUMN. MySQL refuses it while a check, a generated column or a functional index mentions the column, so
        that these change in the same statement."""
        table = old.owner
        (text,) = self.render.rename(old, new)
        clauses = [AlterClause(clause_of(text), Work.CATALOGUE)]
        if not self.render.mariadb:
            clauses += self._mentions(table, old.name)
        return self.alter(table, clauses)

    def _mentions(self, table: Ref, name: str) -> Iterable[AlterClause]:
        before, after = self.schemas
        for column in before.table(table).columns.values():
            renamed = after.table(table).columns.get(column.name)
            if column.computed is not None and renamed is not None and _text_of(column) != _text_of(renamed):
                cost = Work.COPY if column.computed.stored else Work.UNKNOWN
                yield AlterClause(columns.modify(renamed, table, self.schemas, self.render), cost)
        for member in before.members(table):
            now = after.get(member.ref)
            if (
                isinstance(member, Check | Index)
                and isinstance(now, Check | Index)
                and _text_of(member) != _text_of(now)
            ):
                yield from self.replace_member(member, now)

    # -- members ------------------------------------------------------------------------------------------------------

    def add_members(self, members: Iterable[Member]) -> list[AlterClause]:
        """Clauses that add members, none for the check of a column that ``MODIFY COLUMN`` writes anyway."""
        return [self.add_member(member) for member in members if not self._written_with_column(member)]

    def drop_members(self, members: Iterable[Member]) -> list[AlterClause]:
        """Clauses that drop members, none for the check of a column that ``MODIFY COLUMN`` leaves out anyway."""
        return [self.drop_member(member) for member in members if not self._written_with_column(member)]

    def _written_with_column(self, member: Member) -> bool:
        column = member.in_column if isinstance(member, Check) else None
        return column is not None and columns.modified(column, member.table, self.schemas)

    def _modify(self, check: Check) -> str:
        """MODIFY COLUMN with or without the check that belongs to the column."""
        column = self.schemas[1].table(check.table).columns[check.in_column or ""]
        return columns.modify(column, check.table, self.schemas, self.render)

    def add_member(self, member: Member) -> AlterClause:
        if isinstance(member, Check) and member.in_column is not None:
            return AlterClause(self._modify(member), Work.COPY)
        return AlterClause(self.render.add_clause(member), self._cost(member))

    def drop_member(self, member: Member) -> AlterClause:
        if isinstance(member, Check) and member.in_column is not None:
            return AlterClause(self._modify(member), Work.CATALOGUE)
        match member:
            case PrimaryKey():
                cost = Work.COPY
            case Index():  # with an expression it is a virtual column, which INPLACE does not drop with anything else
                cost = Work.FUNCTIONAL if any(element.expression for element in member.elements) else Work.INDEX
            case ForeignKey():
                cost = Work.DEFINITION
            case _:
                cost = Work.CATALOGUE
        return AlterClause(self.render.drop_clause(member), cost)

    def replace_member(self, before: Member, after: Member) -> list[AlterClause]:
        """A member of the same name in the place of another, or another state of the same member."""
        hidden, enforced = _toggled(before, after, "invisible"), _toggled(before, after, "not_enforced")
        name = self.render.quote(after.name or "")
        if isinstance(after, Index) and hidden is not None:
            return [AlterClause(f"ALTER INDEX {name} {self.render.hidden(hidden)}", Work.DEFINITION)]
        if isinstance(after, Check) and enforced is not None and not self.render.mariadb:
            word = "NOT ENFORCED" if enforced else "ENFORCED"
            return [AlterClause(f"ALTER CHECK {name} {word}", Work.CATALOGUE if enforced else Work.COPY)]
        dropped, added = self.drop_member(before), self.add_member(after)
        if isinstance(before, PrimaryKey):
            dropped = replace(dropped, work=Work.REBUILD)  # together with ADD PRIMARY KEY
        return [dropped, added]

    def _cost(self, member: Member) -> Work:
        match member:
            case PrimaryKey():
                return Work.REBUILD
            case Index(method="fulltext" | "spatial"):
                return Work.SPECIAL_INDEX
            case Index():
                functional = any(element.expression is not None for element in member.elements)
                return Work.FUNCTIONAL_INDEX if functional else Work.INDEX
            case Check() if member.options.get("not_enforced") == "true" and not self.render.mariadb:
                return Work.CATALOGUE
        return Work.COPY

    # -- tables -------------------------------------------------------------------------------------------------------

    def alter_table(self, before: Table, after: Table) -> tuple[str, ...]:
        clauses = tables.alter(before, after, self.schemas, self.server)
        left = ["PAGE_CHECKSUM=DEFAULT"] if tables.leaves_page_checksum(before, after) else []
        partitions = tables.partitions(before, after, self.schemas, self.prefs, self.server)
        return (*self.alter(after.ref, clauses), *(self.render.alter(after.ref, left) if left else ()), *partitions)

    def together(self, change: Alter, before: Table, after: Table) -> tuple[str, ...]:
        """Changes of columns and keys that only one statement can make."""
        old, new = before.columns, after.columns
        filled = [name for name in new if name in old and column_ref(after.ref, name) in self.prefs.fills]
        dropped = [item for item in change.dropped if isinstance(item, Member)]
        added = [item for item in change.added if isinstance(item, Member)]
        clauses = self.drop_members(dropped)
        if any(isinstance(item, PrimaryKey) for item in dropped) and any(
            isinstance(item, PrimaryKey) for item in added
        ):
            clauses = [replace(one, work=Work.REBUILD) if one.work is Work.COPY else one for one in clauses]
        clauses += [self.dropped(column, after.ref) for name, column in old.items() if name not in new]
        for name, column in new.items():
            if name in old and old[name] != column:
                clauses += self._alterations(old[name], column, after.ref)
        fresh = [column for name, column in new.items() if name not in old]
        clauses += [self._added(column, after.ref) for column in in_order(fresh, self.schemas[1].table(after.ref))]
        clauses += self.add_members(added)
        updates, marks = [], ""
        for name in filled:
            update, mark = self._update(name, after.ref)
            updates += [update] if not mark else []
            marks += mark
        return (*updates, *(marks + text for text in self.alter(after.ref, clauses)))


def _text_of(item: object) -> tuple[str, ...]:
    """The expressions of a column or member."""
    match item:
        case Column(computed=computed) if computed is not None:
            return (computed.expression.text,)
        case Check():
            return (item.expression.text,)
        case Index():
            return tuple(element.expression.text for element in item.elements if element.expression is not None)
    return ()


def _toggled(before: Member, after: Member, key: str) -> bool | None:
    """The new state of an option that is the only difference; ``None`` if there are others."""
    old, new = getattr(before, "options", None), getattr(after, "options", None)
    if old is None or new is None or old.get(key) == new.get(key):
        return None
    if replace(before, options=old.with_(**{key: new.get(key)})) != after:  # type: ignore[call-arg]
        return None
    return new.get(key) == "true"  # type: ignore[no-any-return]
