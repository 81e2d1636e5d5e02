"""Tracks which rows of the database pending statements change, so that the rows as they are show nothing about a later demand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from .ddl.statements import (
    ChangeType,
    Copy,
    Delete,
    Do,
    Insert,
    Key,
    Merge,
    Prepare,
    RenameTable,
    Select,
    Set,
    Statement,
    Truncate,
    Unknown,
    Update,
    Utility,
    key,
)
from .dialect import StatementDialect
from .model import ForeignKey, Schema
from .row_demands import DemandKind, RowDemand
from .sqltext import words
from .tokens import calls
from .types import Ref

DatabaseName = Callable[[Ref, str | None], tuple[Ref, str | None] | None]
"""Name in the database of a table and a column that a statement names; ``None`` for a new table."""

_PROGRAMS = frozenset(("CALL", "EXECUTE", "LOAD", "SOURCE", "HANDLER", "IMPORT"))
"""First words of statements whose effects on rows their text does not show."""
_COUNTING = frozenset(("setval", "nextval", "count"))
"""Functions whose calls change no rows."""
_RESOLVING = ("CONFLICT", "DUPLICATE", "REPLACE")
"""Words of an INSERT that changes rows as well."""
_ENDS = 2000
"""Characters of an INSERT, from both ends, in which these words are looked for."""
_HARMLESS = frozenset(("foreign_keys", "legacy_alter_table", "defer_foreign_keys", "application_name"))
"""Settings that do not decide whether rows meet a demand: foreign keys are checked at the end of the transaction."""


@dataclass(frozen=True, slots=True)
class _Change:
    place: str
    columns: frozenset[str] | None = None
    """Changed columns in lower case; ``None`` for all, and for rows that are deleted."""
    inserts: bool = False
    """Whether rows are only added: those that are there stay as they are."""
    converts: bool = False
    """Whether a column gets another type, so that NULL stays NULL."""


@dataclass
class RowChanges:
    """Changes of rows by the statements so far, by the names that tables have in the database."""

    dialect: StatementDialect
    schema: Schema | None = None
    obstacle: str = ""
    """Why nothing can be judged any more; empty if it can."""
    _changes: dict[Key, list[_Change]] = field(default_factory=dict)
    _created: set[Key] = field(default_factory=set)
    _setting: str = ""
    """Why nothing can be judged up to the end of the file: a setting of the session."""

    def end_file(self) -> None:
        """Forget the settings of the session, which are restored after each file."""
        if self.obstacle == self._setting:
            self.obstacle = ""
        self._setting = ""

    def of_demand(self, demand: RowDemand) -> str:
        """Why the rows as they are do not show whether a demand will be met; empty if they do."""
        for change in self._changes.get(key(demand.table), ()):
            if not change.inserts and _concerns(change, demand):
                return f"{change.place} changes these rows first"
        for change in self._changes.get(key(demand.references), ()) if demand.references is not None else ():
            return f"{change.place} changes rows of {demand.references.name} first" if demand.references else ""
        return ""

    def follow(self, statement: Statement, text: str, place: str, name: DatabaseName) -> None:
        """Note what a statement does to rows; ``name`` gives the names before it."""
        self._created.update(key(ref) for ref in statement.creates if ref.kind == "table")
        for part in statement.parts:
            self._follow(part, text, place, name)
        for action in statement.actions:
            match action:
                case ChangeType(table, column, using=using):
                    origin = name(table, column)
                    changed = frozenset((column.casefold(), *((origin and origin[1] and [origin[1].casefold()]) or [])))
                    self._note(origin, _Change(place, changed, converts=not using))
                case RenameTable(table, new) if key(table) in self._created:
                    self._created.add(key(new))

    def _follow(self, part: Statement, text: str, place: str, name: DatabaseName) -> None:
        match part:
            case Update(table, columns=columns):
                self._note_named(table, place, name, columns)
            case Delete(table) | Merge(table):
                self._note_named(table, place, name)
            case Truncate(tables):
                for table in tables:
                    self._note_named(table, place, name)
            case Insert(table):
                self._note(name(table, None), _Change(place, inserts=not resolves_conflicts(text)))
            case Copy(Ref() as table, into=True):
                self._note(name(table, None), _Change(place, inserts=True))
            case Do() | Unknown() | Prepare():
                self._block(f"{place} may change any rows first")
            case Utility(said) if said and said[0] in _PROGRAMS:
                self._block(f"{place} may change any rows first")
            case Select() if self._calls(text):
                self._block(f"{place} calls a function, which may change any rows first")
            case Set(setting, value) if value is not None and not _is_harmless(setting):
                self._setting = f"{place} changes the setting {setting} first"
                self._block(self._setting)

    def _block(self, reason: str) -> None:
        self.obstacle = self.obstacle or reason

    def _calls(self, text: str) -> bool:
        rules = self.dialect.lexical_rules
        return any(name.rpartition(".")[2].casefold() not in _COUNTING for name in calls(words(text, rules), rules))

    def _note_named(self, table: Ref, place: str, name: DatabaseName, columns: tuple[str, ...] = ()) -> None:
        """Note changed rows, also those of other tables that foreign keys change along."""
        origin = name(table, None)
        if origin is None:
            if key(table) not in self._created and self.schema is not None:
                self._block(f"{place} changes rows through {table.name}, which is not a table")
            return
        names = [(name(table, column) or (table, None))[1] or column for column in columns]
        self._note(origin, _Change(place, frozenset(map(str.casefold, names)) if columns else None))
        for other in self._referring(origin[0], updates=bool(columns)):
            self._changes.setdefault(key(other), []).append(_Change(place))

    def _note(self, origin: tuple[Ref, str | None] | None, change: _Change) -> None:
        if origin is not None:
            self._changes.setdefault(key(origin[0]), []).append(change)

    def _referring(self, table: Ref, *, updates: bool) -> Iterator[Ref]:
        """Tables whose rows change with those of ``table``, by foreign keys with an action."""
        reached, left = {key(table)}, [table]
        while left and self.schema is not None:
            parent = left.pop()
            for item in self.schema.objects():
                if not isinstance(item, ForeignKey) or key(item.ref_table) != key(parent):
                    continue
                acts = item.on_update if updates else item.on_delete
                if acts not in (None, "restrict", "no action") and key(item.table) not in reached:
                    reached.add(key(item.table))
                    left.append(item.table)
                    yield item.table


def resolves_conflicts(insert: str) -> bool:
    """Whether an INSERT may change rows that are there; its rows in between are not read."""
    ends = (insert if len(insert) <= 2 * _ENDS else insert[:_ENDS] + insert[-_ENDS:]).upper()
    return any(word in ends for word in _RESOLVING)


def _concerns(change: _Change, demand: RowDemand) -> bool:
    if change.columns is None:
        return True
    if change.converts and demand.kind is DemandKind.NOT_NULL:
        return False
    names = {column.casefold() for column in demand.columns}
    return not names or bool(demand.where) or not names.isdisjoint(change.columns)


def _is_harmless(setting: str) -> bool:
    name = setting.rpartition(".")[2].casefold()
    return name in _HARMLESS or name.endswith("timeout")
