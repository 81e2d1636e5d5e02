"""snapshot: prints the DDL of one table with everything that belongs to it, and of what it needs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from dbwarden.core import kinds
from dbwarden.core.creation import Creation, creations, related, required, with_mentioned_needs
from dbwarden.core.dialect import Dialect, Scope
from dbwarden.core.model import Schema
from dbwarden.core.sql_script import script
from dbwarden.core.sqltext import fold_case
from dbwarden.core.suggestions import did_you_mean
from dbwarden.core.types import Ref
from dbwarden.errors import AmbiguousTable, FileExists, UnknownTable
from dbwarden.runtime import directory

from .check_db import all_namespaces, section, without_own_tables
from .progress import Events, report_work, silent
from .workspace import open_workspace


@dataclass(frozen=True, slots=True)
class SnapshotReport:
    """DDL of a table, as statements that run on an empty database."""

    database: str
    table: str
    required: tuple[str, ...]
    """Objects that the table needs: types, sequences, functions, tables that it refers to (with their keys only)."""
    objects: tuple[str, ...]
    """The table and what belongs to it: keys, indexes, triggers, policies, privileges, partitions, sequences, statistics."""
    ddl: tuple[str, ...]
    script: str
    """``ddl`` as a script for the engine's client, each object with a comment."""
    refused: tuple[str, ...] = ()
    """Objects that cannot be written as SQL, with the reason; ``ddl`` lacks them."""
    path: Path | None = None
    """The written file; ``None`` without ``out``."""


def snapshot(
    table: str,
    database: str | None = None,
    *,
    out: Path | None = None,
    alone: bool = False,
    force: bool = False,
    config: str | None = None,
    dev: bool = False,
    events: Events = silent,
) -> SnapshotReport:
    """Read a table, view or sequence with everything that belongs to it, as SQL; the database is only read.

    ``table`` may have a schema (``audit.log``). With ``alone``, what it needs is left out. ``out`` is a file to write, which
    is only replaced with ``force``. Raises ``UnknownTable``, ``AmbiguousTable``, ``FileExists``, ``FolderError``.
    """
    workspace = open_workspace(config, database, dev=dev)
    if out is not None and out.exists() and not force:
        raise FileExists(path=str(out))
    with report_work(events, f"reading database {workspace.label}"), workspace.connect(read_only=True) as conn:
        dialect = workspace.dialect_for(conn)
        schema = without_own_tables(dialect.inspect(conn, Scope(all_namespaces(conn, dialect))))
    ref = _named(table, schema, dialect, workspace.label)
    own = related(ref, schema)
    needed = set() if alone else required(own, schema, dialect)
    subset = with_mentioned_needs(Schema({key: item for key, item in schema.items() if key in own | needed}), dialect)
    steps = creations(subset, dialect)
    text = script(map(section, steps), dialect.lexical_rules)
    if out is not None:
        directory.replace(out, text)
    return SnapshotReport(
        database=workspace.label,
        table=str(ref).partition(" ")[2],
        required=_names(needed),
        objects=_names(own),
        ddl=tuple(statement for step in steps for statement in step.statements),
        script=text,
        refused=_refused(steps),
        path=out,
    )


def _named(name: str, schema: Schema, dialect: Dialect, database: str) -> Ref:
    """The table, view or sequence with a name. Raises ``UnknownTable``, ``AmbiguousTable``."""
    candidates = [ref for ref in schema if ref.table is None and kinds.of(ref.kind).is_relation]
    default = dialect.server.default_schema
    same = [ref for ref in candidates if name in _spellings(ref, default)]
    if not same:
        folded = fold_case(name)
        same = [ref for ref in candidates if folded in map(fold_case, _spellings(ref, default))]
    same = [ref for ref in same if ref.schema is None] or same
    if not same:
        names = sorted(_spellings(ref, default)[0] for ref in candidates)
        raise UnknownTable(table=name, database=database, nearest=did_you_mean(name, names))
    if len(same) > 1:
        raise AmbiguousTable(table=name, database=database, candidates=", ".join(sorted(map(str, same))))
    return same[0]


def _spellings(ref: Ref, default: str | None) -> Sequence[str]:
    """The names of an object, the one to suggest first."""
    return (f"{ref.schema}.{ref.name}", ref.name) if ref.schema else (ref.name, f"{default}.{ref.name}")


def _names(refs: Collection[Ref]) -> tuple[str, ...]:
    return tuple(map(str, sorted(refs, key=lambda ref: (kinds.rank(ref.kind), *ref.key))))


def _refused(steps: Sequence[Creation]) -> tuple[str, ...]:
    return tuple(section(step)[0] for step in steps if step.refused)
