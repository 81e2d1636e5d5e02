"""What a migration takes away, read from the SQL of its upgrade.

The files before it tell what its text does not: the values that an enumeration had, the type that a column had, what a
rebuilt table looked like. Where there are no such files, the file's own rollback tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

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
from .subject import Impact, Key, Removal, Subject


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
    complete = (place for place, table in before.tables.items() if table.complete)
    columns = {(schema or None, name): frozenset(before.columns[schema, name]) for schema, name in complete}
    return Impact(subjects, columns, dialect.server.default_schema)


def _complete(replay: DdlReplay, rollback: Sequence[Statement]) -> None:
    """Complete the schema before, where no file describes it, with what the rollback would restore."""
    before, restored = replay.before, replay.after.copy()
    for statement in rollback:
        restored.apply(statement)
    for place, table in before.tables.items() if rollback else ():
        if place not in restored.tables or table.complete:
            continue
        columns_before, columns_after = before.columns[place], replay.after.columns.get(place, {})
        unknown_before = {
            name: column
            for name, column in restored.columns[place].items()
            if not _is_known(name, columns_before, columns_after)
        }
        before.columns[place] = {**columns_before, **unknown_before}
        other = restored.tables[place]
        before.tables[place] = KnownTable(table.ref, other.complete, table.allowed or other.allowed)
    for enum, values in before.enums.items() if rollback else ():
        before.enums[enum] = tuple(dict.fromkeys((*values, *restored.enums.get(enum, ()))))


def _is_known(name: str, columns_before: Mapping[str, ColumnText], columns_after: Mapping[str, ColumnText]) -> bool:
    """Whether a column needs no description: its type is known, or the migration left it and so never took it away."""
    return bool(columns_before[name].type) if name in columns_before else name in columns_after


@dataclass(frozen=True)
class _Differences:
    """Differences between the schemas before and after a migration."""

    replay: DdlReplay
    dialect: Dialect

    def all(self) -> Iterator[Subject]:
        before, after = self.replay.before, self.replay.after
        for place, table in before.tables.items():
            if not place[1].startswith(OWN_PREFIX):
                yield from self.table(place, table)
        for place, values in before.enums.items():
            yield from self.enum(place, values)
        for name, ref in before.names.items():
            owner = key_of(ref._replace(name=ref.table)) if ref.table is not None else None
            if name not in after.names and (owner is None or self.replay.table(owner) is not None):
                yield Subject(ref, Removal.DROPPED, "dropped or renamed")

    def table(self, place: Place, table: KnownTable) -> Iterator[Subject]:
        old, new = table.ref, self.replay.table(place)
        if new is None:
            yield Subject(old, Removal.DROPPED, "dropped")
            return
        if key_of(new.ref) != key_of(old):
            moved = "" if new.ref.schema == old.schema else f"{new.ref.schema or 'the default schema'}."
            yield Subject(old, Removal.RENAMED, f"renamed to {moved}{new.ref.name}")
        for column in self.replay.before.columns[place].values():
            ref = Ref("column", column.name, old.schema, old.name)
            successor = self.replay.column(new.ref, column.name)
            if successor is not None:
                yield from self.column(ref, column, successor)
                yield from self.lists(ref, table, new.values(successor.name))
            elif new.complete or not self.replay.is_new(new.ref):
                yield Subject(ref, Removal.DROPPED, "dropped")

    def column(self, ref: Ref, old: ColumnText, new: ColumnText) -> Iterator[Subject]:
        if new.name.casefold() != old.name.casefold():
            yield Subject(ref, Removal.RENAMED, f"renamed to {new.name}")
        narrowed = []
        if new.type and not (old.type and self.holds(new.type, old.type)):
            narrowed.append(f"type {f'{_shown(old.type)} ' if old.type else ''}becomes {_shown(new.type)}")
        if new.not_null and not old.not_null:
            narrowed.append("no longer NULL")
        if narrowed:
            yield Subject(ref, Removal.NARROWED, ", ".join(narrowed))

    def holds(self, new: str, old: str) -> bool:
        """Whether every value of the old type is one of the new type, and reads as the same."""
        before, after = self.dialect.parse_type(old), self.dialect.parse_type(new)
        lossless = (TypeChange.SAME, TypeChange.FREE, TypeChange.KEPT)
        types = self.dialect.types
        return type_change(before, after, types) in lossless and _reads_alike(before, after, types)

    def lists(self, column: Ref, table: KnownTable, allowed: tuple[str, ...]) -> Iterator[Subject]:
        """Values that a check no longer allows."""
        old, where = table.values(column.name), f"{column.table}.{column.name}"
        for value in old:
            if allowed and value not in allowed:
                ref = Ref("value", value, column.schema, where)
                holder = (column.schema, table.ref.name), column.name
                yield Subject(ref, Removal.DROPPED, f"no longer allowed in {where}", (holder,))
        if allowed and not old and table.complete:
            yield Subject(column, Removal.NARROWED, f"only {', '.join(allowed)} allowed")

    def enum(self, place: Place, values: tuple[str, ...]) -> Iterator[Subject]:
        enums, holders = self.replay.after.enums, tuple(self.holders(place))
        values_after = enums.get(place, enums.get(self.replay.renamed_enums.get(place, place)))
        schema, name = place[0] or None, place[1]
        if values_after is None:
            if values:
                yield Subject(Ref("enum", name, schema), Removal.DROPPED, "dropped", holders)
            return
        renamed = self.replay.renamed_values.get(place, {})
        for value in values:
            ref = Ref("value", value, schema, name)
            if renamed.get(value) in values_after:
                yield Subject(ref, Removal.RENAMED, f"renamed to {renamed[value]}", holders)
            elif value not in values_after:
                yield Subject(ref, Removal.DROPPED, "dropped", holders)

    def holders(self, enum: Place) -> Iterator[tuple[Key, str]]:
        """The columns of an enumeration, before or afterwards."""
        for place, table in self.replay.before.tables.items():
            later = self.replay.after.columns.get(place, {})
            for name, column in self.replay.before.columns[place].items():
                types = (column.type, later[name].type if name in later else "")
                if any(type_.lower().rstrip("[]").rpartition(".")[2].strip('"') == enum[1] for type_ in types):
                    yield (table.ref.schema, table.ref.name), column.name


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
