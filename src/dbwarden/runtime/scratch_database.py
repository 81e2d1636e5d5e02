"""A scratch database in use: given a schema, inspected, and migrated forth and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from uuid import uuid4

from dbwarden.core.change import Change, Drop
from dbwarden.core.dialect import Dialect, Prefs, Scope
from dbwarden.core.diff import diff
from dbwarden.core.file import MigrationFile
from dbwarden.core.model import Schema
from dbwarden.core.order import order
from dbwarden.core.overview import Record
from dbwarden.core.resolve import Return
from dbwarden.core.store import JournalEntry, JournalKey
from dbwarden.core.tables import OwnTables
from dbwarden.core.types import Ref
from dbwarden.errors import DatabaseError, Irreversible, MigrationFailed, Unsupported

from . import execute
from .connection import DatabaseConnection
from .interrupt import Interruption
from .lock import this_holder
from .stores import journal_store, lock_store

_TABLES = OwnTables("sandbox")


@dataclass
class ScratchDatabase:
    """An empty database in which a schema is built and files run as on the real one."""

    conn: DatabaseConnection
    dialect: Dialect
    provider: str
    """For people: ``a temporary database on the same server``."""
    stop: Interruption | None = None
    schemas: tuple[str, ...] = ()
    """Namespaces that ``inspect`` reads beside the default one."""
    _preinstalled: tuple[Ref, ...] = ()
    """Extensions that came with the database and that the schema does not ask for."""
    _token: str = field(default_factory=lambda: str(uuid4()))
    _prepared: bool = False

    def inspect(self) -> Schema:
        """The schema of the scratch, without the extensions that came with it."""
        return self.dialect.inspect(self.conn, Scope((None, *self.schemas))).without(*self._preinstalled)

    def build(self, schema: Schema) -> dict[str, str]:
        """Create the objects of ``schema`` with the dialect's own DDL. Returns those that could not be created, with the reason."""
        ground = self.dialect.inspect(self.conn, Scope((None, *self.schemas)))
        self._preinstalled = tuple(ref for ref in ground if ref.kind == "extension" and ref not in schema)
        changes = [change for change in diff(ground, schema) if not isinstance(change, Drop)]
        grouped = self.dialect.regroup(order(changes), ground, schema)
        waiting: list[tuple[Change, Sequence[str]]] = []
        refused: dict[str, str] = {}
        for change in grouped:
            try:
                waiting.append((change, self.dialect.ddl(change, ground, schema, Prefs(online=False))))
            except Unsupported as error:
                refused[str(change.ref)] = error.message
            except Irreversible as error:  # partitions that their printed text does not describe as a whole
                refused[str(change.ref)] = error.reason
        try:
            with self.conn.transaction():
                for _, statements in waiting:
                    self._send(statements)
        except DatabaseError:
            refused |= self._one_by_one(waiting)
        return refused

    def _send(self, statements: Iterable[str]) -> None:
        for sql in statements:
            if self.stop is not None:
                self.stop.check()
            self.conn.execute(sql)

    def _one_by_one(self, waiting: list[tuple[Change, Sequence[str]]]) -> dict[str, str]:
        """Create each change by itself, again and again while one succeeds: dependencies that the order does not know of are
        then met. Returns those that could not be created, with the engine's reason."""
        refused: dict[str, str] = {}
        while waiting:
            left = []
            for change, statements in waiting:
                try:
                    with self.conn.transaction():
                        self._send(statements)
                except DatabaseError as error:
                    refused[str(change.ref)] = error.message.splitlines()[0]
                    left.append((change, statements))
                else:
                    refused.pop(str(change.ref), None)
            if len(left) == len(waiting):
                break
            waiting = left
        return refused

    @contextmanager
    def session(self, statements: Sequence[str]) -> Iterator[None]:
        """Run ``statements``, which change the session, and restore it at the end."""
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
        back = Return(record, file.rollback(self.dialect.name), file)
        return execute.rollback(self.conn, self.dialect, back, self._options())

    def resume_from(self, file: MigrationFile, entries: Mapping[int, JournalEntry]) -> None:
        """Record how far an interrupted run of a file came, so that ``upgrade`` resumes there."""
        token, journal = self._options().token, journal_store(self.conn, self.dialect, _TABLES)
        for number, entry in entries.items():
            journal.append_if_held(JournalKey(file.key, "upgrade"), number, entry, token)

    def missing_dependency(self, error: MigrationFailed) -> str | None:
        """The name of what a failed statement asked for and the scratch does not have; ``None`` where it failed for another
        reason."""
        with suppress(DatabaseError):
            return self.dialect.missing_dependency(self.conn, error.sqlstate, error.reason)
        return None

    def _options(self) -> execute.Run:
        """Those of a run that holds the lock. Nobody else uses the scratch, so the lock is free."""
        if not self._prepared:
            lock = lock_store(self.conn, self.dialect, _TABLES)
            lock.prepare()
            lock.take(this_holder("sandbox"), self._token)
            self._prepared = True
        return execute.Run(self._token, "sandbox", "0", stop=self.stop, tables=_TABLES)

    def normalize(self, current: Schema, desired: Schema, refs: Iterable[Ref]) -> Schema:
        """``desired`` with its expressions as the scratch prints them (``Dialect.settle``); unchanged where it refuses."""
        with suppress(DatabaseError):
            return self.dialect.settle(self.conn, current, desired, refs)
        return desired
