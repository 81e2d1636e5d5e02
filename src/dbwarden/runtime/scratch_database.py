"""Scratch database: builds a schema, inspects it, and runs files in both directions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from uuid import uuid4

from dbwarden.core.change import Drop
from dbwarden.core.creation import creations
from dbwarden.core.declared_owners import owner_refs, with_declared_owners
from dbwarden.core.dialect import Dialect, Prefs, Scope
from dbwarden.core.file import MigrationFile
from dbwarden.core.model import Definition, Object, Schema
from dbwarden.core.own_tables import OwnTables
from dbwarden.core.record import Record
from dbwarden.core.resolve import RollbackStep
from dbwarden.core.store import JournalEntry, JournalKey
from dbwarden.core.types import Ref
from dbwarden.errors import DatabaseError, MigrationFailed

from . import execute
from .batch import batches
from .connection import DatabaseConnection
from .inspection_memory import InspectionMemory
from .interrupt import Interruption
from .lock import this_holder
from .stores import lock_store
from .transient_journal import TransientJournal

_TABLES = OwnTables("sandbox", lock_required=False)
_PREINSTALLED = frozenset(("extension", "function", "named_collection"))
"""Kinds that an empty database may have already, beside ``Features.of_server``."""
_BREAKABLE = frozenset(("view", "trigger"))
"""Kinds of ``ServerDialect.broken_objects``."""


@dataclass(frozen=True, slots=True)
class _Inspected:
    """Result of an inspection."""

    sent: int
    """Number of statements that the connection had sent before it."""
    schemas: tuple[str, ...]
    schema: Schema


@dataclass
class _Creation:
    """Object to create."""

    ref: Ref
    statements: list[str]
    """Statements that have not succeeded yet."""


@dataclass
class ScratchDatabase:
    """Empty database in which a schema is built and files run as on the real one."""

    conn: DatabaseConnection
    dialect: Dialect
    provider: str
    """Description of the provider: ``a temporary database on the same server``."""
    stop: Interruption | None = None
    own_server: bool = False
    """Whether the server has no other databases, so that objects which name another one do no harm."""
    schemas: tuple[str, ...] = ()
    """Namespaces that ``inspect`` reads in addition to the default one."""
    owners: frozenset[Ref] = frozenset()
    """The declared owners of objects: ``inspect`` leaves out all others."""
    _preinstalled: tuple[Ref, ...] = ()
    """Extensions and objects of the server that came with the database and that the schema does not ask for."""
    _token: str = field(default_factory=lambda: str(uuid4()))
    _prepared: bool = False
    _journal: TransientJournal = field(default_factory=TransientJournal)
    _inspected: _Inspected | None = None
    _memory: InspectionMemory = field(default_factory=InspectionMemory)

    def inspect(self) -> Schema:
        """The schema, without what came with the database.

        Read again only if a statement was sent since the last inspection: nobody else uses the database.
        """
        last = self._inspected
        if last is None or (last.sent, last.schemas) != (self.conn.sent, self.schemas):
            schema = self._memory.inspect(
                self.conn,
                self.dialect,
                Scope((None, *self.schemas), accounts=self.own_server, owners=bool(self.owners)),
            )
            last = self._inspected = _Inspected(self.conn.sent, self.schemas, schema)
        return with_declared_owners(last.schema.without(*self._preinstalled), lambda item: item.ref in self.owners)

    def expect_owners(self, *schemas: Schema) -> None:
        """Let ``inspect`` read the owners that these schemas name."""
        owners = self.owners.union(*map(owner_refs, schemas))
        if owners != self.owners:
            self.owners, self._inspected = owners, None

    def broken_objects(self) -> Mapping[Ref, str]:
        """Views and triggers that use something that does not exist, with the reason. The server is only asked where there are
        any, which takes as long as an inspection on MariaDB. It only reads: the last inspection still holds."""
        self.inspect()
        last = self._inspected
        if last is None or not any(ref.kind in _BREAKABLE for ref in last.schema):
            return {}
        broken = self.dialect.broken_objects(self.conn)
        self._inspected = replace(last, sent=self.conn.sent)
        return broken

    # -- building

    def build(self, schema: Schema) -> dict[str, str]:
        """Create the objects of ``schema`` by the dialect's own DDL. Returns the reason for each object that could not be
        created."""
        if any(ref.kind == "default_privileges" for ref in schema):
            self._options()  # before them, as in the database: they would give others privileges on our tables
        self.expect_owners(schema)
        existing = self.inspect()
        shared = self.dialect.features.of_server | _PREINSTALLED
        self._preinstalled = tuple(ref for ref in existing if ref.kind in shared and ref not in schema)
        waiting: list[_Creation] = []
        refused: dict[str, str] = {}
        for creation in creations(schema, self.dialect, existing):
            if (other := self._other_database(creation.object)) is not None:
                refused[str(creation.ref)] = f"its text names the database {other}, which is on the same server"
            elif creation.refused:
                refused[str(creation.ref)] = creation.refused
            else:
                waiting.append(_Creation(creation.ref, list(creation.statements)))
        if waiting and not self._create_together(waiting):
            refused |= self._create_each(waiting)
        return refused

    def drop_preinstalled(self, schema: Schema) -> None:
        """Drop the extensions of ``schema`` that came with the database, for a file that creates them."""
        inspected = self._inspected
        present = inspected.schema if inspected is not None else Schema()
        for ref in [ref for ref in self._preinstalled if ref.kind == "extension" and ref in schema]:
            item = present.get(ref)
            if item is not None:
                for sql in self.dialect.ddl(Drop(item), present, present.without(ref), Prefs()):
                    self._send(sql)
            self._preinstalled = tuple(other for other in self._preinstalled if other != ref)

    def _other_database(self, created: Object | None) -> str | None:
        """A database on the same server that the text of a new definition names, and might change."""
        if self.own_server or not isinstance(created, Definition):
            return None
        return min((ref.name for ref in created.needs if ref.kind == "database"), default=None)

    def _create_together(self, creations: Sequence[_Creation]) -> bool:
        """Create everything in one transaction. False if that fails, or DDL is not transactional: then nothing was created."""
        if not self.dialect.features.transactional_ddl:
            return False
        statements = [sql for creation in creations for sql in creation.statements]
        try:
            with self.conn.transaction():
                for sql in batches(statements) if self.dialect.features.statement_batches else statements:
                    self._send(sql)
        except DatabaseError:
            return False
        return True

    def _create_each(self, creations: Sequence[_Creation]) -> dict[str, str]:
        """Create objects one by one, and repeat the failed ones while at least one more statement succeeds.

        A later round meets dependencies that ``core.order`` does not know. Returns the engine's reason for each object
        left.
        """
        refused: dict[Ref, str] = {}
        waiting, left = list(creations), sum(len(creation.statements) for creation in creations)
        while waiting:
            for creation in waiting:
                refused.pop(creation.ref, None)
                try:
                    self._create(creation)
                except DatabaseError as error:
                    refused[creation.ref] = error.message.splitlines()[0]
            waiting = [creation for creation in waiting if creation.statements]
            before, left = left, sum(len(creation.statements) for creation in waiting)
            if left == before:
                break
        return {str(ref): reason for ref, reason in refused.items()}

    def _create(self, creation: _Creation) -> None:
        """Create one object. Without transactional DDL, statements that have succeeded are not repeated."""
        if self.dialect.features.transactional_ddl:
            with self.conn.transaction():
                for sql in creation.statements:
                    self._send(sql)
            creation.statements.clear()
        while creation.statements:
            self._send(creation.statements[0])
            creation.statements.pop(0)

    def _send(self, sql: str) -> None:
        if self.stop is not None:
            self.stop.check()
        self.conn.execute(sql)

    @contextmanager
    def session(self, statements: Sequence[str]) -> Iterator[None]:
        """Run ``statements``, which change the session's settings, and restore these at the end."""
        for sql in statements:
            self.conn.execute(sql)
        try:
            yield
        finally:
            if statements:
                self.conn.restore()

    # -- files

    def upgrade(self, file: MigrationFile) -> Record:
        """Run a file as ``migrate`` does. Raises as ``execute.upgrade``."""
        return execute.upgrade(self.conn, self.dialect, file, self._options())

    def rollback(self, file: MigrationFile, record: Record) -> Record:
        """Run the rollback of a file as ``rollback`` does. Raises as ``execute.rollback``."""
        step = RollbackStep(record, file.rollback(self.dialect.name), file)
        return execute.rollback(self.conn, self.dialect, step, self._options())

    def resume_from(self, file: MigrationFile, entries: Mapping[int, JournalEntry]) -> None:
        """Enter journal entries of an interrupted run, so that ``upgrade`` resumes behind them."""
        self._journal.append_if_held(JournalKey(file.key, "upgrade"), entries, self._token)

    def missing_dependency(self, error: MigrationFailed) -> str | None:
        """Name of the object that a failed statement needs and this database lacks; ``None`` if it failed for another reason."""
        with suppress(DatabaseError):
            return self.dialect.missing_dependency(self.conn, error.sqlstate, error.reason)
        return None

    def _options(self) -> execute.ExecutionOptions:
        """Options of a run that holds the lock; takes it, which cannot fail because nobody else uses the database."""
        if not self._prepared:
            lock = lock_store(self.conn, self.dialect, _TABLES)
            lock.prepare()
            lock.take(this_holder("sandbox"), self._token)
            self._prepared = True
        batched = self.dialect.features.statement_batches
        return execute.ExecutionOptions(
            self._token, "sandbox", "0", stop=self.stop, tables=_TABLES, journal=self._journal, batched=batched
        )

    def normalize(self, current: Schema, desired: Schema, refs: Iterable[Ref]) -> Schema:
        """``desired`` with its expressions as this server prints them; unchanged if the server refuses."""
        with suppress(DatabaseError):
            return self.dialect.normalize_on_server(self.conn, current, desired, refs)
        return desired
