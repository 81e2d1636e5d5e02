"""seed export: writes rows of a table as a seed that may run more than once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dbwarden import dialects
from dbwarden.core import topology
from dbwarden.core.dialect import Dialect, Scope
from dbwarden.core.file_writer import format
from dbwarden.core.model import ForeignKey, Schema, Table
from dbwarden.core.suggestions import did_you_mean
from dbwarden.errors import UnknownTable, UsageError
from dbwarden.runtime.connection import DatabaseConnection

from .seed_create import write_seed
from .workspace import Workspace, open_workspace

CONFLICTS = ("nothing", "update")
"""What happens to a row whose key is there already, as values of ``--on-conflict``."""
_ROWS, _CHARACTERS = 200, 200_000
"""Limits of one INSERT."""
_NO_WAY_BACK = "rows that were there before cannot be told from those that the seed inserted"


@dataclass(frozen=True, slots=True)
class SeedExportOptions:
    """Options of ``seed export``.

    ``where`` is an SQL condition, ``limit`` the largest number of rows. ``on_conflict`` says what happens to a row whose key is
    there already: ``nothing`` or ``update``; by default ``update`` for a seed that runs on change, else ``nothing``.
    ``with_rollback`` adds the deletion of the rows by their keys. ``write`` is false if only the text is wanted.
    """

    name: str | None = None
    where: str | None = None
    limit: int | None = None
    on_conflict: str | None = None
    on_change: bool = False
    with_rollback: bool = False
    write: bool = True


@dataclass(frozen=True, slots=True)
class SeedExportReport:
    """The seed that was written; ``path`` is ``None`` if only the text was wanted."""

    database: str
    table: str
    rows: int
    key: tuple[str, ...]
    """The columns by which rows are recognised, and in whose order they are written."""
    path: Path | None
    text: str
    notes: tuple[str, ...] = ()


_DEFAULT = SeedExportOptions()


def seed_export(
    table: str,
    database: str | None = None,
    *,
    config: str | None = None,
    options: SeedExportOptions = _DEFAULT,
) -> SeedExportReport:
    """Write the rows of ``table`` (``users``, ``crm.users``) as a seed, in the order of the key, with every value exact.

    Raises ``UnknownTable``, ``UnkeyedTable`` for a table without a key, ``Unsupported`` if the engine cannot update rows that
    are there, ``UsageError``.
    """
    conflict = _conflict(options)
    workspace = open_workspace(config, database).of_seeds
    with workspace.connect(read_only=True) as conn:
        dialect = workspace.dialect_for(conn)
        schema, source = _table(workspace, dialect, conn, table)
        key = dialect.row_key(source, schema.members(source.ref))
        rows = _rows(dialect, conn, source, key, options)
    inward = _inward_keys(schema, source)
    rows = _parents_first(rows, dialect.transfer(source).columns, inward)
    if not rows:
        raise UsageError(f"The table {table} has no row to export{' under this condition' if options.where else ''}")
    upgrade = [dialect.upsert(source, key, group, update=conflict == "update") for group in _groups(rows)]
    upgrade += dialect.transfer(source).finish
    deleted = [(row,) for row in rows] if inward else list(_groups(rows))  # a parent can only go after its children
    rollback = [dialect.delete_rows(source, key, group) for group in reversed(deleted)]
    text = _text(workspace, upgrade, rollback if options.with_rollback else ())
    if not options.write:
        return SeedExportReport(workspace.label, table, len(rows), key, None, text)
    created = write_seed(workspace, options.name or source.name, ".sql", text, on_change=options.on_change)
    return SeedExportReport(workspace.label, table, len(rows), key, created.path, text, created.notes)


def _conflict(options: SeedExportOptions) -> str:
    conflict = options.on_conflict or ("update" if options.on_change else "nothing")
    if conflict not in CONFLICTS:
        raise UsageError(f"--on-conflict must be one of {', '.join(CONFLICTS)}, not {conflict!r}")
    return conflict


def _text(workspace: Workspace, upgrade: Sequence[str], rollback: Sequence[str]) -> str:
    headers = {"seed": True, "irreversible": None if rollback else _NO_WAY_BACK}
    rules = dialects.lexical_rules(workspace.database.database_type)
    return format(upgrade, rollback, headers, lexical_rules=rules)


def _table(workspace: Workspace, dialect: Dialect, conn: DatabaseConnection, name: str) -> tuple[Schema, Table]:
    """The schema and its table of that name. Raises ``UnknownTable``."""
    namespace, _, bare = name.rpartition(".")
    schema = dialect.inspect(conn, Scope((namespace or None,), definitions=False))
    tables = {item.name: item for item in schema.tables()}
    if bare not in tables:
        raise UnknownTable(table=name, database=workspace.label, nearest=did_you_mean(bare, tables))
    return schema, tables[bare]


def _rows(
    dialect: Dialect, conn: DatabaseConnection, table: Table, key: Sequence[str], options: SeedExportOptions
) -> list[tuple[str, ...]]:
    """The rows as expressions."""
    with conn.transaction():
        for sql in dialect.transfer(table).settings:
            conn.execute(sql)
        rows = conn.query(dialect.row_query(table, key, options.where, options.limit))
    return [dialect.row_values(table, row) for row in rows]


def _inward_keys(schema: Schema, table: Table) -> list[ForeignKey]:
    """The foreign keys of a table that refer to the table itself."""
    members = schema.members(table.ref)
    return [member for member in members if isinstance(member, ForeignKey) and member.ref_table == table.ref]


def _parents_first(
    rows: list[tuple[str, ...]], columns: Sequence[str], keys: Sequence[ForeignKey]
) -> list[tuple[str, ...]]:
    """The rows, each after those of the same table that it refers to, as far as there is no circle."""
    needs: list[list[int]] = [[] for _ in rows]
    for key in keys:
        own, referenced = ([columns.index(name) for name in names] for names in (key.columns, key.ref_columns))
        numbers = {tuple(row[at] for at in referenced): number for number, row in enumerate(rows)}
        for number, row in enumerate(rows):
            parent = numbers.get(tuple(row[at] for at in own), number)
            needs[number] += [parent] if parent != number else []
    return [rows[number] for number in topology.depth_first(needs)] if keys else rows


def _groups(rows: Sequence[tuple[str, ...]]) -> Iterator[Sequence[tuple[str, ...]]]:
    """The rows of each statement."""
    group: list[tuple[str, ...]] = []
    size = 0
    for row in rows:
        length = sum(map(len, row))
        if group and (len(group) == _ROWS or size + length > _CHARACTERS):
            yield group
            group, size = [], 0
        group.append(row)
        size += length
    if group:
        yield group
