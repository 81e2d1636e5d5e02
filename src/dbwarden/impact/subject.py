"""What a migration takes away: tables, columns, values and names that are dropped, renamed or narrowed.

Read from the SQL of its upgrade, with the files before it for what its text does not tell (the values that an
enumeration had, the type that a column had, what a rebuilt table looked like). Where there are no such files, the
file's own rollback tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from dbwarden.core.dialect import OWN_PREFIX, Dialect
from dbwarden.core.file import MigrationFile
from dbwarden.core.overview import place
from dbwarden.core.types import Ref

from . import definition
from .ledger import Column, Key, Ledger, Table


class Removal(Enum):
    """What happens to it."""

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
    fate: Removal
    detail: str
    """In words: ``renamed to mobile``, ``no longer NULL``."""
    columns: tuple[tuple[Key, str], ...] = ()

    @property
    def key(self) -> Key:
        """The table, for a column or table."""
        return self.ref.schema, self.ref.table or self.ref.name


@dataclass(frozen=True, slots=True)
class Impact:
    """The subjects, and the columns of all known tables before the migration (tables known completely only)."""

    subjects: tuple[Subject, ...]
    columns: Mapping[Key, frozenset[str]]
    default_schema: str | None = None


def read(file: MigrationFile, files: Sequence[MigrationFile], dialect: Dialect, engine: str | None = None) -> Impact:
    """What ``file`` takes away when it runs after the files before it. Raises ``FileFormatError``."""
    ledger = Ledger(dialect.lexis, dialect.server.default_schema)
    for earlier in sorted(files, key=place):
        if earlier.version is not None and file.version is not None and earlier.version < file.version:
            _replay(ledger, (statement.text for statement in earlier.upgrade(engine)))
    before = ledger.mark()
    _replay(ledger, (statement.text for statement in file.upgrade(engine)))
    _complete(before, ledger, file, engine)
    subjects = tuple(dict.fromkeys(_differences(before, ledger)))
    known = {key: frozenset(table.columns) for key, table in before.tables.items() if table.complete}
    return Impact(subjects, known, before.default_schema)


def _replay(ledger: Ledger, statements: Iterable[str]) -> None:
    for sql in statements:
        definition.apply(ledger, sql)


def _complete(before: Ledger, after: Ledger, file: MigrationFile, engine: str | None) -> None:
    """Fill in what no file told about the state before, from what the rollback would restore."""
    rollback = file.rollback(engine)
    if not rollback:
        return
    restored = Ledger(
        after.lexis, after.default_schema, dict(after.tables), {k: dict(v) for k, v in after.enums.items()}
    )
    _replay(restored, (statement.text for statement in rollback))
    for key, table in before.tables.items():
        told = restored.tables.get(key)
        if told is None or table.complete:
            continue
        for name, column in told.columns.items():
            known = table.columns.get(name)
            new = known is None and name not in after.tables.get(key, Table()).columns
            if new or (known is not None and not known.type):
                table = table.with_column(Column(name, column.type, column.nullable, name))
        before.tables[key] = Table(table.columns, table.lists or told.lists, told.complete, key)
    for enum, values in before.enums.items():
        for value in restored.enums.get(enum, {}):
            values.setdefault(value, value)


# -- differences ---------------------------------------------------------------------------------------------------


def _differences(before: Ledger, after: Ledger) -> Iterator[Subject]:
    for key, table in before.tables.items():
        if key[1].startswith(OWN_PREFIX):
            continue
        new = _successor(key, before, after)
        if new is None:
            yield Subject(Ref("table", key[1], key[0]), Removal.DROPPED, "dropped")
            continue
        if new != key:
            yield Subject(Ref("table", key[1], key[0]), Removal.RENAMED, f"renamed to {_shown(new, key)}")
        yield from _columns(key, table, after.tables[new])
    yield from _enums(before, after)
    for name, (kind, of) in before.names.items():
        if name and name not in after.names and (of is None or _successor(of, before, after) is not None):
            schema, table_name = of or (None, None)
            yield Subject(Ref(kind, name, schema, table_name), Removal.DROPPED, "dropped or renamed")


def _successor(key: Key, before: Ledger, after: Ledger) -> Key | None:
    """What became of a table: itself under a new name, or what took its place, filled from it or under its name."""
    moved = next((new for new, table in after.tables.items() if table.origin == key), None)
    if moved is not None or (key in after.tables and after.tables[key].origin is None):
        return moved or key
    copies = [new for new, table in after.tables.items() if table.filled_from == key and table.origin is None]
    return copies[0] if len(copies) == 1 else None


def _shown(new: Key, old: Key) -> str:
    return new[1] if new[0] == old[0] else f"{new[0] or 'the default schema'}.{new[1]}"


def _columns(key: Key, old: Table, new: Table) -> Iterator[Subject]:
    for name, column in old.columns.items():
        ref = Ref("column", name, key[0], key[1])
        found = next((one for one in new.columns.values() if one.origin == name), None) or new.columns.get(name)
        if found is None or (found.origin not in (None, name)):
            if new.complete or new.origin == key:
                yield Subject(ref, Removal.DROPPED, "dropped")
            continue
        if found.name != name:
            yield Subject(ref, Removal.RENAMED, f"renamed to {found.name}")
        narrowed = ", ".join(_narrowed(column, found))
        if narrowed:
            yield Subject(ref, Removal.NARROWED, narrowed)
        kept = new.allowed(found.name)
        for value in old.allowed(name):
            if kept and value not in kept:
                value_ref = Ref("value", value, key[0], f"{key[1]}.{name}")
                yield Subject(value_ref, Removal.DROPPED, f"no longer allowed in {key[1]}.{name}", ((key, name),))
        if kept and not old.allowed(name) and old.complete:
            yield Subject(ref, Removal.NARROWED, f"only {', '.join(kept)} allowed")


def _enums(before: Ledger, after: Ledger) -> Iterator[Subject]:
    for key, values in before.enums.items():
        left = after.enums.get(key)
        if left is None:
            left = next((new for new in after.enums.values() if set(new.values()) & set(values)), None)
        holders = tuple(
            (table, name)
            for table, item in before.tables.items()
            for name, column in item.columns.items()
            if _is_type(column.type, key) or _is_type(_after_type(after, table, name), key)
        )
        if left is None:
            if values:
                yield Subject(Ref("enum", key[1], key[0]), Removal.DROPPED, "dropped", holders)
            continue
        renamed = {was: value for value, was in left.items() if was is not None}
        for value in values:
            ref = Ref("value", value, key[0], key[1])
            if renamed.get(value, value) != value:
                yield Subject(ref, Removal.RENAMED, f"renamed to {renamed[value]}", holders)
            elif value not in left:
                yield Subject(ref, Removal.DROPPED, "dropped", holders)


def _after_type(after: Ledger, table: Key, name: str) -> str:
    column = after.tables.get(table, Table()).columns.get(name)
    return column.type if column else ""


def _is_type(type: str, key: Key) -> bool:
    return type.lower().rstrip("[]").rpartition(".")[2] == key[1].lower()


# -- narrower? -----------------------------------------------------------------------------------------------------

_RANKS = (
    ("SMALLINT", "INTEGER", "BIGINT", "NUMERIC"),
    ("REAL", "DOUBLE PRECISION"),
    ("CHAR", "VARCHAR", "TEXT"),
    ("DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"),
    ("JSON", "JSONB"),
)
"""A type holds what those before it hold."""
_ALIASES = {
    "INT": "INTEGER", "INT4": "INTEGER", "INT2": "SMALLINT", "INT8": "BIGINT", "DECIMAL": "NUMERIC", "TINYTEXT": "TEXT",
    "CHARACTER VARYING": "VARCHAR", "NVARCHAR": "VARCHAR", "CHARACTER": "CHAR", "BPCHAR": "CHAR", "FLOAT4": "REAL",
    "FLOAT8": "DOUBLE PRECISION", "DOUBLE": "DOUBLE PRECISION", "FLOAT": "DOUBLE PRECISION", "BOOL": "BOOLEAN",
    "TIMESTAMP WITHOUT TIME ZONE": "TIMESTAMP", "TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE", "DATETIME": "TIMESTAMP",
}  # fmt: skip
_SHAPE = re.compile(r"(?P<name>[^(\[]+)(?:\((?P<args>[^)]*)\))?(?P<more>[^\[]*)(?P<array>(?:\[\d*\])*)")


def _narrowed(old: Column, new: Column) -> Iterator[str]:
    if new.type and old.type != new.type and not _holds(new.type, old.type):
        yield f"type {old.type} becomes {new.type}" if old.type else f"type becomes {new.type}"
    if new.nullable is False and old.nullable is not False:
        yield "no longer NULL"


def _holds(new: str, old: str) -> bool:
    """Whether every value of the old type is one of the new type, and reads as the same."""
    (new_name, new_args), (old_name, old_args) = _shape(new), _shape(old)
    if new_name == old_name:
        return not new_args or (len(new_args) == len(old_args) and _at_least(new_args, old_args))
    if {new_name, old_name} <= {"VARCHAR", "TEXT"}:
        return new_name == "TEXT" or not new_args
    for rank in _RANKS:
        if new_name in rank and old_name in rank:
            return rank.index(new_name) > rank.index(old_name) and (not new_args or new_args >= old_args > ())
    return False


def _at_least(new: tuple[int, ...], old: tuple[int, ...]) -> bool:
    if len(new) == 2:  # digits before the point, digits behind it
        return new[0] - new[1] >= old[0] - old[1] and new[1] >= old[1]
    return new >= old


def _shape(type: str) -> tuple[str, tuple[int, ...]]:
    found = _SHAPE.fullmatch(type.upper().strip())
    if found is None:
        return type.upper(), ()
    name = " ".join(f"{found['name'].strip()} {found['more']}".split())
    args = tuple(int(part) for part in (found["args"] or "").split(",") if part.strip().isdecimal())
    return _ALIASES.get(name, name) + found["array"], args
