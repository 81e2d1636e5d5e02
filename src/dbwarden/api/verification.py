"""Verification of a file on a scratch database: upgrade, rollback and second upgrade must lead to the expected schemas.

Used by the proof of a generated file, ``migrate --sandbox``, ``check --prove``, and for the schema after pending files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import Enum

from dbwarden.core.change_text import differences
from dbwarden.core.dialect import Dialect
from dbwarden.core.file import MigrationFile
from dbwarden.core.model import Definition, Schema, Table
from dbwarden.core.record import Record
from dbwarden.core.serials import reconcile_serials
from dbwarden.core.statement import Reach
from dbwarden.runtime.connection import DatabaseConnection
from dbwarden.runtime.interrupt import Interruption
from dbwarden.runtime.scratch import open_scratch, scratch_request
from dbwarden.runtime.scratch_database import ScratchDatabase

from .connection import connect
from .workspace import Workspace


def scratch_for(
    workspace: Workspace,
    dialect: Dialect,
    conn: DatabaseConnection | None,
    stop: Interruption | None,
    files: Iterable[MigrationFile] = (),
) -> AbstractContextManager[ScratchDatabase]:
    """Open a scratch database of ``dialect`` that stands in for the workspace's database, for running ``files``.

    ``conn`` is that database; ``None`` if it cannot be reached. Raises ``NoScratch``, ``SandboxNotEmpty``.
    """

    def open_url(url: str) -> DatabaseConnection:
        return connect(url, connect_timeout=workspace.database.connect_timeout)

    ours = dialect.name == workspace.database.database_type and workspace.variant is None
    url = workspace.database.sandbox() if ours else None
    request = scratch_request(open_url, conn, url, next(statements_beyond_database(files, dialect), None))
    return open_scratch(dialect, request, stop)


def statements_beyond_database(files: Iterable[MigrationFile], dialect: Dialect) -> Iterator[str]:
    """Descriptions of statements that reach beyond their database, or may, and so never run on a shared server."""
    for file in files:
        sections = (file.upgrade(dialect.name), file.rollback(dialect.name) if file.irreversible is None else ())
        for statement in (sql_statement for section in sections for sql_statement in section):
            facts = dialect.facts(statement.text)
            if facts.reach > Reach.DATABASE:
                does = "reaches" if facts.reach is Reach.SERVER else "may reach"
                action = f" ({facts.action})" if facts.action else ""
                yield f"{file.name}:{statement.line}{action} {does} beyond its database"


def namespaces(*schemas: Schema) -> tuple[str, ...]:
    """Names of all namespaces except the default one."""
    names = {ref.schema for schema in schemas for ref in schema if ref.schema is not None}
    return tuple(sorted(names | {ref.name for schema in schemas for ref in schema if ref.kind == "namespace"}))


@dataclass(frozen=True, slots=True)
class Preparation:
    """Result of building a schema in a scratch database."""

    refused: Mapping[str, str]
    """Reasons why objects could not be created, by object."""
    unlike: tuple[str, ...]
    """Differences between the scratch database and the schema, if everything could be created."""
    elsewhere: Schema = Schema()
    """If nothing else was refused: the objects on other servers that could not be created, with what depends on them."""

    @property
    def problems(self) -> tuple[str, ...]:
        """All of these as text; empty if the scratch database equals the schema."""
        return (*(f"{object_name}: {why}" for object_name, why in self.refused.items()), *self.unlike)


def prepare(scratch: ScratchDatabase, schema: Schema, schemas: Iterable[str]) -> Preparation:
    """Build ``schema`` in an empty scratch database, and compare the result; ``schemas`` are the namespaces to inspect."""
    scratch.schemas = tuple(sorted(schemas))
    refused = scratch.build(schema)
    if not refused:
        return Preparation(refused, _unlike(scratch, schema))
    elsewhere = _on_other_servers(schema, scratch.dialect)
    if not refused.keys() <= set(map(str, elsewhere)):
        return Preparation(refused, ())
    here = schema.without(*elsewhere)
    return Preparation(refused, (), Schema() if _unlike(scratch, here) else elsewhere)


def _on_other_servers(schema: Schema, dialect: Dialect) -> Schema:
    """Foreign tables and servers with all that depends on them, directly or through others."""
    without_rows = {ref for ref, item in schema.items() if isinstance(item, Table) and not dialect.holds_rows(item)}
    without_rows |= {ref for ref in schema if ref.kind == "foreign_server"}
    while True:
        users = {
            ref
            for ref, item in schema.items()
            if ref not in without_rows
            and (ref.owner in without_rows or not without_rows.isdisjoint(need.owner for need in item.uses()))
        }
        if not users:
            return Schema(item for ref, item in schema.items() if ref in without_rows)
        without_rows |= users


def _unlike(scratch: ScratchDatabase, schema: Schema) -> tuple[str, ...]:
    """Differences between the scratch database and ``schema``, whose definitions may be in the words of the models."""
    scratch.expect_owners(schema)
    current = scratch.inspect()
    texts = [
        ref for ref, item in schema.items() if isinstance(item, Definition) and current.get(ref) not in (None, item)
    ]
    wanted = scratch.normalize(current, schema, texts) if texts else schema
    return differences(*reconcile_serials(current, wanted), scratch.dialect)


class VerificationStep(Enum):
    """Steps of a verification; the values are fields of reports."""

    UPGRADE = "upgrade"
    ROLLBACK = "rollback"
    AGAIN = "again"


@dataclass
class Verification:
    """Run of a file through a scratch database: upgrade, rollback, upgrade.

    A repeatable file is run twice; without ``rollback``, a versioned file is run once.
    """

    scratch: ScratchDatabase
    file: MigrationFile
    rollback: bool = True
    step: VerificationStep = VerificationStep.UPGRADE
    """The running step, or the one that failed."""
    before: Schema = field(default_factory=Schema)
    """Schema before the first upgrade; after the rollback, the schema that it restored."""
    after: Schema = field(default_factory=Schema)
    """Schema after the first upgrade."""
    record: Record | None = None
    """Event of the last upgrade."""

    def run(self) -> Iterator[tuple[VerificationStep, tuple[str, ...]]]:
        """Yield each step after it has run, with the differences of its schema from the expected one (none for the first
        upgrade, which the caller checks).

        Raises as ``ScratchDatabase.upgrade`` and ``rollback``.
        """
        self.before = self.scratch.inspect()
        self.record = self.scratch.upgrade(self.file)
        self.after = self.scratch.inspect()
        yield VerificationStep.UPGRADE, ()
        if self.file.version is not None:
            if not self.rollback:
                return
            self.step = VerificationStep.ROLLBACK
            self.scratch.rollback(self.file, self.record)
            yield VerificationStep.ROLLBACK, self._rollback_differences()
        self.step = VerificationStep.AGAIN
        self.record = self.scratch.upgrade(self.file)
        yield VerificationStep.AGAIN, differences(self.scratch.inspect(), self.after, self.scratch.dialect)

    def _rollback_differences(self) -> tuple[str, ...]:
        """Differences between the schema after the rollback and the one before the upgrade."""
        restored = self.scratch.inspect()
        expected = rewritten_by(self.before, restored, renamed=bool(self.file.renames))
        self.before = restored
        return differences(restored, expected, self.scratch.dialect)


def rewritten_by(expected: Schema, current: Schema, *, renamed: bool) -> Schema:
    """``expected`` with the current texts of definitions if names have changed or columns have moved: engines rewrite both
    in these texts."""
    return with_current_texts(expected, current) if renamed or _moved(expected, current) else expected


def with_current_texts(expected: Schema, current: Schema) -> Schema:
    """``expected`` with the current texts of views and triggers."""
    texts = {ref: item for ref, item in current.items() if isinstance(item, Definition)}
    return Schema(texts.get(ref, item) for ref, item in expected.items())


def _moved(expected: Schema, current: Schema) -> bool:
    return any(
        isinstance(table, Table)
        and isinstance(now := current.get(ref), Table)
        and tuple(table.columns) != tuple(now.columns)
        for ref, table in expected.items()
    )
