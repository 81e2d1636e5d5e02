"""History and journal as append-only tables, for engines without transactions, row counts and generated keys.

1. Rows are appended by one INSERT that the server fails unless our token holds the lock (``LockCell.guard``), so a pause of
   our process before it does no harm. Where that server may lag behind, it is brought up to date first
   (``LockCell.freshen``).
2. The server computes the ``id`` in the same statement. Both tables share one sequence of ids, so that it is known which
   entries of the journal came before an event.
3. The event of a finished file closes its journal: entries with a lower id no longer count. So there is no moment at which
   the event is recorded and the file still looks unfinished, or the other way round.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dbwarden.core.attempt import Attempt
from dbwarden.core.dialect import Connection, Dialect
from dbwarden.core.own_tables import JOURNAL, MIGRATIONS, OWNER, SEEDS, OwnTables
from dbwarden.core.record import Event, Record
from dbwarden.core.store import JournalEntry, JournalKey, LockCell
from dbwarden.errors import DatabaseError, LockLost

from .history import SqlHistory, qualified, record_values
from .journal import attempts_of, entries_of, journal_values
from .layout import optional

_CLEARED = "cleared"
"""State of the row that ends an attempt whose entries no longer count."""
_CLOSING = ", ".join(f"'{event.value}'" for event in (Event.APPLIED, Event.BASELINED, Event.ROLLED_BACK))
_OF_FILE = f"migration = :migration AND {OWNER} = :owner"
_KEYS = {MIGRATIONS: "migration", SEEDS: "seed"}
"""The column with the key of a file in each table of events."""


@dataclass(frozen=True, slots=True)
class AppendOnlyTables:
    """The tables of one project, and the lock under which rows are appended to them."""

    conn: Connection
    dialect: Dialect
    tables: OwnTables
    cell: LockCell

    @property
    def names(self) -> OwnTables:
        """The tables qualified with their database."""
        return qualified(self.tables, self.dialect)

    def append(self, table: str, rows: Sequence[Mapping[str, object]], token: str | None) -> None:
        """Insert rows with the next ids and the present time, if ``token`` holds the lock: all of them or none, because they
        are one block. Raises ``LockLost``."""
        columns = ", ".join(("id", "at", OWNER, *rows[0]))
        values = {f"{name}{at}": value for at, row in enumerate(rows) for name, value in row.items()}
        insert = f"INSERT INTO {table} ({columns}) SELECT {self._expressions(rows)}"
        if token is not None:
            if not self.cell.freshen(token):
                raise LockLost()
            insert += f" {self.cell.guard(token)}"
        try:
            self.conn.execute(insert, {**values, "owner": self.tables.owner})
        except DatabaseError as error:
            if self.cell.refused(error):
                raise LockLost() from error
            raise

    def _expressions(self, rows: Sequence[Mapping[str, object]]) -> str:
        """Expressions of the columns; of several rows, elements of an array of tuples."""
        first, now = self._next_id, f"{self.dialect.features.now}, :owner"
        if len(rows) == 1:
            return ", ".join((first, now, *(f":{name}0" for name in rows[0])))
        tuples = (f"({', '.join((str(at), *(f':{name}{at}' for name in row)))})" for at, row in enumerate(rows))
        offset = f"tupleElement(arrayJoin([{', '.join(tuples)}]) AS entry, 1)"
        elements = (f"tupleElement(entry, {at})" for at, _ in enumerate(rows[0], 2))
        return ", ".join((f"{first} + {offset}", now, *elements))

    @property
    def _next_id(self) -> str:
        last = [f"(SELECT max(id) FROM {table})" for table in (self.names.history_name, self.names.journal)]
        return f"greatest({', '.join(last)}) + 1"


@dataclass(frozen=True, slots=True)
class AppendOnlyHistory:
    """A ``core.store.HistoryStore``."""

    rows: AppendOnlyTables

    @property
    def _sql(self) -> SqlHistory:
        return SqlHistory(self.rows.conn, self.rows.dialect, self.rows.tables)

    def read(self, *, rollback_sql: bool = True) -> tuple[Record, ...]:
        return self._sql.read(rollback_sql=rollback_sql)

    def read_held(self, *, rollback_sql: bool = True) -> tuple[Record, ...]:
        return self._sql.read_held(rollback_sql=rollback_sql)

    def append_if_held(self, record: Record, token: str) -> None:
        self.rows.append(self.rows.names.history_name, (record_values(record, self.rows.tables),), token)

    def adopt_unclaimed(self, token: str) -> None:
        """Do nothing: no earlier version wrote rows without a project on such an engine."""


@dataclass(frozen=True, slots=True)
class AppendOnlyJournal:
    """A ``core.store.Journal``."""

    rows: AppendOnlyTables

    def attempts(self, *, unclaimed: bool = False) -> tuple[Attempt, ...]:
        tables, state = self.rows.names, self.rows.cell.read()
        token = state.token if state is not None else ""
        closed = (
            f"SELECT {_KEYS[tables.events]} AS migration, '' AS direction, {OWNER}, max(id) AS last"
            f" FROM {tables.history_name} WHERE event IN ({_CLOSING}) GROUP BY migration, {OWNER}"
            f" UNION ALL SELECT migration, direction, {OWNER}, max(id) AS last FROM {tables.journal}"
            f" WHERE state = '{_CLEARED}' GROUP BY migration, direction, {OWNER}"
        )
        sql = (
            f"SELECT id, migration, direction, statement, state, at, token, token = :token, {OWNER} FROM {tables.journal}"
            f" WHERE state <> '{_CLEARED}' AND {OWNER} = :owner ORDER BY id"
        )
        entries = optional(self.rows.conn, sql, {"token": token, "owner": self.rows.tables.owner}, JOURNAL)
        if not entries:
            return ()
        ends = [row for row in self.rows.conn.query(closed) if row[2] == self.rows.tables.owner]
        last = {(migration, direction): number for migration, direction, _, number in ends}
        left = [row[1:] for row in entries if row[0] > max(last.get((row[1], ""), 0), last.get((row[1], row[2]), 0))]
        return attempts_of(self.rows.tables, left, (self.rows.tables.owner,))

    def read(self, key: JournalKey) -> Mapping[int, JournalEntry]:
        tables = self.rows.names
        of_key = _OF_FILE.replace("migration =", f"{_KEYS[tables.events]} =")
        closed = f"SELECT max(id) FROM {tables.history_name} WHERE {of_key} AND event IN ({_CLOSING})"
        of_direction = f"{_OF_FILE} AND direction = :direction"
        cleared = f"SELECT max(id) FROM {tables.journal} WHERE {of_direction} AND state = '{_CLEARED}'"
        sql = (
            f"SELECT statement, checksum, state, at FROM {tables.journal}"
            f" WHERE {of_direction} AND id > greatest(({closed}), ({cleared})) ORDER BY id"
        )
        return entries_of(self.rows.tables, self.rows.conn.query(sql, self._of_file(key)))

    def append_if_held(self, key: JournalKey, entries: Mapping[int, JournalEntry], token: str) -> None:
        self.append_all_if_held({key: entries}, token)

    def append_all_if_held(self, files: Mapping[JournalKey, Mapping[int, JournalEntry]], token: str) -> None:
        rows = [
            self._values(key, statement, entry.checksum, entry.state.value, token)
            for key, entries in files.items()
            for statement, entry in entries.items()
        ]
        self.rows.append(self.rows.names.journal, rows, token)

    def check_held(self, token: str) -> None:
        if not token or not self.rows.cell.is_held(token):
            raise LockLost()

    @property
    def closed_by_event(self) -> bool:
        return True

    def clear(self, key: JournalKey) -> None:
        """Append a row that ends the attempt; whoever holds the lock may do it."""
        self.rows.append(self.rows.names.journal, (self._values(key, 0, "", _CLEARED, ""),), None)

    def clear_if_held(self, keys: Collection[JournalKey], token: str) -> None:
        rows = [self._values(key, 0, "", _CLEARED, "") for key in keys]
        self.rows.append(self.rows.names.journal, rows, token)

    def _values(self, key: JournalKey, statement: int, digest: str, state: str, token: str) -> dict[str, Any]:
        row = journal_values(key, self.rows.tables)
        del row["owner"]
        return {**row, "statement": statement, "checksum": digest, "state": state, "token": token}

    def _of_file(self, key: JournalKey) -> dict[str, object]:
        return journal_values(key, self.rows.tables)
