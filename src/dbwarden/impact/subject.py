"""Subjects that a migration takes away: tables, columns, values and names that are dropped, renamed or narrowed.

Read from the SQL of its upgrade, with the files before it for what its text does not tell (the values that an
enumeration had, the type that a column had, what a rebuilt table looked like). Where there are no such files, the
file's own rollback tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from dbwarden.core.ddl.simulated_schema import KnownTable, SimulatedSchema
from dbwarden.core.ddl.statements import ColumnText, Statement
from dbwarden.core.ddl.statements import Key as Place
from dbwarden.core.ddl.statements import key as key_of
from dbwarden.core.dialect import OWN_PREFIX, Dialect
from dbwarden.core.file import MigrationFile
from dbwarden.core.overview import sort_key
from dbwarden.core.type_change import type_change
from dbwarden.core.type_table import TypeChange, TypeTable
from dbwarden.core.types import DataType, Ref

from .ddl_replay import DdlReplay

Key = tuple[str | None, str]
"""Schema and name of a table; the default schema is ``None``."""


class Removal(Enum):
    """Change that a subject undergoes."""

    DROPPED = "dropped"
    RENAMED = "renamed"
    NARROWED = "narrowed"


@dataclass(frozen=True, slots=True)
class Subject:
    """One object with its name before the migration.

    The kind of ``ref`` is table, column, value (its table or enumeration is ``ref.table``), enum, index, constraint or
    view. ``columns`` of a value are those that hold it.
    """

    ref: Ref
    removal: Removal
    detail: str
    """Detail in words: ``renamed to mobile``, ``no longer NULL``."""
    columns: tuple[tuple[Key, str], ...] = ()

    @property
    def key(self) -> Key:
        """The table, for a column or table."""
        return self.ref.schema, self.ref.table or self.ref.name


@dataclass(frozen=True, slots=True)
class Impact:
    """The subjects, and the columns of all tables known completely before the migration, in small letters."""

    subjects: tuple[Subject, ...]
    columns: Mapping[Key, frozenset[str]]
    default_schema: str | None = None


def read(file: MigrationFile, files: Sequence[MigrationFile], dialect: Dialect, engine: str | None = None) -> Impact:
    """Read the subjects that ``file`` takes away when it runs after the files before it. Raises ``FileFormatError``."""
    before = SimulatedSchema()
    for earlier in sorted(files, key=sort_key):
        if earlier.version is not None and file.version is not None and earlier.version < file.version:
            for statement in earlier.upgrade(engine):
                before.apply(dialect.parse(statement.text))
    upgrade = [dialect.parse(statement.text) for statement in file.upgrade(engine)]
    replay = DdlReplay(before, upgrade, frozenset(dialect.features.caseless_names))
    _complete(replay, [dialect.parse(statement.text) for statement in file.rollback(engine) or ()])
    subjects = tuple(dict.fromkeys(_Differences(replay, dialect).all()))
    known = {
        (key[0] or None, key[1]): frozenset(before.columns[key])
        for key, table in before.tables.items()
        if table.complete
    }
    return Impact(subjects, known, dialect.server.default_schema)


def _complete(replay: DdlReplay, rollback: Sequence[Statement]) -> None:
    """Complete the schema before, where no file describes it, with what the rollback would restore."""
    if not rollback:
        return
    before, restored = replay.before, replay.after.copy()
    for statement in rollback:
        restored.apply(statement)
    for key, table in before.tables.items():
        if key not in restored.tables or table.complete:
            continue
        for name, column in restored.columns[key].items():
            known = before.columns[key].get(name)
            new = known is None and name not in replay.after.columns.get(key, {})
            if new or (known is not None and not known.type):
                before.columns[key] = {**before.columns[key], name: column}
        restored_table = restored.tables[key]
        before.tables[key] = KnownTable(table.ref, restored_table.complete, table.allowed or restored_table.allowed)
    for enum, values in before.enums.items():
        before.enums[enum] = tuple(dict.fromkeys((*values, *restored.enums.get(enum, ()))))


# -- differences ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Differences:
    """Differences between the schemas before and after a migration."""

    replay: DdlReplay
    dialect: Dialect

    def all(self) -> Iterator[Subject]:
        replay = self.replay
        for key, table in replay.before.tables.items():
            if key[1].startswith(OWN_PREFIX):
                continue
            new = replay.table(key)
            if new is None:
                yield Subject(table.ref, Removal.DROPPED, "dropped")
                continue
            if key_of(new.ref) != key_of(table.ref):
                yield Subject(table.ref, Removal.RENAMED, f"renamed to {_new_name(new.ref, table.ref)}")
            yield from self.columns(key, table, new)
        for key, values in replay.before.enums.items():
            yield from self.enum(key, values)
        for name, ref in replay.before.names.items():
            if name not in replay.after.names and (ref.table is None or replay.table(_table_of(ref)) is not None):
                yield Subject(ref, Removal.DROPPED, "dropped or renamed")

    def columns(self, key: Place, table: KnownTable, new: KnownTable) -> Iterator[Subject]:
        for name, column in self.replay.before.columns[key].items():
            ref = Ref("column", column.name, table.ref.schema, table.ref.name)
            successor = self.successor(column.name, new)
            if successor is None:
                if new.complete or not self.replay.is_new(new.ref):
                    yield Subject(ref, Removal.DROPPED, "dropped")
                continue
            if successor.name.casefold() != name:
                yield Subject(ref, Removal.RENAMED, f"renamed to {successor.name}")
            if narrowed := ", ".join(self.narrowed(column, successor)):
                yield Subject(ref, Removal.NARROWED, narrowed)
            yield from self.lists(ref, table, new, successor.name)

    def successor(self, name: str, new: KnownTable) -> ColumnText | None:
        """Successor of a column: the one that originates from it, or a new one of its name."""
        columns = self.replay.after.columns.get(key_of(new.ref), {})
        for column in columns.values():
            if (origin := self.replay.column_origin(new.ref, column.name)) and origin.casefold() == name.casefold():
                return column
        same = columns.get(name.casefold())
        return same if same is not None and self.replay.column_origin(new.ref, same.name) is None else None

    def lists(self, column: Ref, table: KnownTable, new: KnownTable, new_name: str) -> Iterator[Subject]:
        """Values that a check no longer allows."""
        old, allowed = table.values(column.name), new.values(new_name)
        where = f"{table.ref.name}.{column.name}"
        for value in old:
            if allowed and value not in allowed:
                ref = Ref("value", value, table.ref.schema, where)
                holders = (((table.ref.schema, table.ref.name), column.name),)
                yield Subject(ref, Removal.DROPPED, f"no longer allowed in {where}", holders)
        if allowed and not old and table.complete:
            yield Subject(column, Removal.NARROWED, f"only {', '.join(allowed)} allowed")

    def narrowed(self, old: ColumnText, new: ColumnText) -> Iterator[str]:
        if new.type and not self.holds(new.type, old.type):
            now = _shown(new.type)
            yield f"type {_shown(old.type)} becomes {now}" if old.type else f"type becomes {now}"
        if new.not_null and not old.not_null:
            yield "no longer NULL"

    def holds(self, new: str, old: str) -> bool:
        """Whether every value of the old type is one of the new type, and reads as the same."""
        if not old:
            return False
        one, other = self.dialect.parse_type(old), self.dialect.parse_type(new)
        lossless = (TypeChange.SAME, TypeChange.FREE, TypeChange.KEPT)
        return type_change(one, other, self.dialect.types) in lossless and _reads_alike(one, other, self.dialect.types)

    def enum(self, key: Place, values: tuple[str, ...]) -> Iterator[Subject]:
        replay, name = self.replay, Ref("enum", key[1], key[0] or None)
        left = replay.after.enums.get(key)
        if left is None:
            left = replay.after.enums.get(replay.enums.get(key, key))
        holders = tuple(self.holders(key))
        if left is None:
            if values:
                yield Subject(name, Removal.DROPPED, "dropped", holders)
            return
        renamed = replay.values.get(key, {})
        for value in values:
            ref = Ref("value", value, name.schema, name.name)
            if value in renamed and renamed[value] in left:
                yield Subject(ref, Removal.RENAMED, f"renamed to {renamed[value]}", holders)
            elif value not in left:
                yield Subject(ref, Removal.DROPPED, "dropped", holders)

    def holders(self, enum: Place) -> Iterator[tuple[Key, str]]:
        """The columns of an enumeration, before or afterwards."""
        for key, table in self.replay.before.tables.items():
            later = self.replay.after.columns.get(key, {})
            for name, column in self.replay.before.columns[key].items():
                types = (column.type, later[name].type if name in later else "")
                if any(type_.lower().rstrip("[]").rpartition(".")[2].strip('"') == enum[1] for type_ in types):
                    yield (table.ref.schema, table.ref.name), column.name


def _table_of(ref: Ref) -> Place:
    return key_of(ref._replace(name=ref.table or ""))


def _new_name(new: Ref, old: Ref) -> str:
    return new.name if new.schema == old.schema else f"{new.schema or 'the default schema'}.{new.name}"


def _shown(type_: str) -> str:
    return type_.upper().replace('"', "")


_RANKS = {
    name: (family, rank)
    for family, ranks in enumerate(
        (
            (("smallint",), ("integer",), ("bigint",), ("numeric", "decimal")),
            (("real",), ("double precision", "double", "float")),
            (("char", "nchar"), ("varchar", "nvarchar", "text", "clob")),
            (("date",), ("timestamp", "datetime"), ("timestamp with time zone",)),
            (("json",), ("jsonb",)),
        )
    )
    for rank, names in enumerate(ranks)
    for name in names
}
"""Types whose values read alike to a program; one of a higher rank holds what those below it hold."""


def _reads_alike(old: DataType, new: DataType, types: TypeTable) -> bool:
    before, after = types.row(old).key, types.row(new).key
    (family, rank), (new_family, new_rank) = (_RANKS.get(name, (name, 0)) for name in (before, after))
    return family == new_family and rank <= new_rank
