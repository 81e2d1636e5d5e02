"""Journal as rows of ``dbwarden_journal``, for engines with row counts.

A statement in a transaction has one row, *done*, written in that transaction. A statement outside a transaction has
*intent*, committed before it is sent, then *done* or *failed*; *done* and the *intent* of the next one may be one INSERT.
The last row of a statement is its state.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dbwarden.core.attempt import Attempt
from dbwarden.core.own_tables import JOURNAL, OWNER, UNCLAIMED, OwnTables
from dbwarden.core.store import JournalEntry, JournalKey, StatementState
from dbwarden.errors import LockLost

from .history import check_held, qualified, while_held
from .layout import run_first_matching
from .rows import check, is_count, is_moment, is_text, moment

if TYPE_CHECKING:
    from dbwarden.core.dialect import Connection, Dialect

_COLUMNS = ("migration", "direction", "statement", "state", "at", "token")
_COLUMNS_OF_FILE = ("statement", "checksum", "state")
_OF_FILE = f"migration = :migration AND direction = :direction AND {OWNER} = :owner"
_OF_FILES = f"migration IN ({{}}) AND direction = :direction AND {OWNER} = :owner"


def _is_state(value: object) -> bool:
    return value in {state.value for state in StatementState}


@dataclass(frozen=True, slots=True)
class SqlJournal:
    """A ``core.store.Journal``."""

    conn: Connection
    dialect: Dialect
    tables: OwnTables
    _inserts: dict[int, str] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Texts of ``append_if_held`` by the number of entries: a file may have thousands of statements."""

    def attempts(self, *, unclaimed: bool = False) -> tuple[Attempt, ...]:
        tables = self.tables
        lock_held = f"(SELECT COUNT(*) FROM {tables.lock} WHERE locked AND token = {tables.journal}.token)"
        sql = (
            f"SELECT migration, direction, statement, state, at, token, {lock_held}, {OWNER} FROM {tables.journal}"
            " ORDER BY id"
        )
        without_owner = sql.replace(f", {OWNER} FROM", f", '{UNCLAIMED}' FROM")
        rows = run_first_matching(self.conn, (sql, without_owner), tables, JOURNAL) or ()
        return attempts_of(tables, rows, (tables.owner, UNCLAIMED) if unclaimed else (tables.owner,))

    def read(self, key: JournalKey) -> Mapping[int, JournalEntry]:
        sql = f"SELECT statement, checksum, state FROM {self._placed.journal} WHERE {_OF_FILE} ORDER BY id"
        return entries_of(self.tables, self.conn.query(sql, self._of_file(key)))

    def append_if_held(self, key: JournalKey, entries: Mapping[int, JournalEntry], token: str) -> None:
        self.append_all_if_held({key: entries}, token)

    def append_all_if_held(self, files: Mapping[JournalKey, Mapping[int, JournalEntry]], token: str) -> None:
        """Append the entries in one statement that also checks the lock."""
        values: dict[str, object] = {"token": token, "owner": self.tables.owner}
        rows = [(key, number, entry) for key, entries in files.items() for number, entry in entries.items()]
        for at, (key, number, entry) in enumerate(rows):
            values |= {
                f"migration{at}": key.migration,
                f"direction{at}": self.tables.directions[key.direction],
                f"statement{at}": number,
                f"checksum{at}": entry.checksum,
                f"state{at}": entry.state.value,
            }
        if (insert := self._inserts.get(len(rows))) is None:
            insert = self._inserts[len(rows)] = self._insert(len(rows))
        if self.conn.execute(insert, values) == 0:
            raise LockLost()

    def check_held(self, token: str) -> None:
        check_held(self.conn, self.dialect, self.tables, token)

    def _insert(self, count: int) -> str:
        """INSERT of ``count`` entries: PostgreSQL locks no rows for a UNION, so the row of the lock is joined to them."""
        tables = self._placed
        names = ("migration", "direction", "statement", "checksum", "state")
        first = f"SELECT {', '.join(f':{name}0 AS {name}' for name in names)}"
        others = (f" UNION ALL SELECT {', '.join(f':{name}{at}' for name in names)}" for at in range(1, count))
        joined = f" CROSS JOIN ({first}{''.join(others)}) AS entries"
        return (
            f"INSERT INTO {tables.journal} (migration, direction, statement, checksum, state, at, token, {OWNER})"
            f" SELECT migration, direction, statement, checksum, state, {self.dialect.features.now}, token, {OWNER}"
            f"{while_held(tables, self.dialect.features, joined)}"
        )

    @property
    def closed_by_event(self) -> bool:
        return False

    def clear(self, key: JournalKey) -> None:
        self.conn.execute(f"DELETE FROM {self._placed.journal} WHERE {_OF_FILE}", self._of_file(key))

    def clear_if_held(self, keys: Collection[JournalKey], token: str) -> None:
        with self.conn.transaction():
            self.check_held(token)
            for direction in sorted({key.direction for key in keys}):
                migrations = [key.migration for key in keys if key.direction == direction]
                names = ", ".join(f":migration{at}" for at, _ in enumerate(migrations))
                sql = f"DELETE FROM {self._placed.journal} WHERE {_OF_FILES.format(names)}"
                values = {f"migration{at}": migration for at, migration in enumerate(migrations)}
                owned = {"direction": self.tables.directions[direction], "owner": self.tables.owner}
                self.conn.execute(sql, {**values, **owned})

    @property
    def _placed(self) -> OwnTables:
        return qualified(self.tables, self.dialect)

    def _of_file(self, key: JournalKey) -> dict[str, object]:
        return journal_values(key, self.tables)


def journal_values(key: JournalKey, tables: OwnTables) -> dict[str, object]:
    """The columns of the journal that identify a file, and the owner."""
    direction = tables.directions[key.direction]
    return {"migration": key.migration, "direction": direction, "owner": tables.owner}


def entries_of(tables: OwnTables, rows: Sequence[Any]) -> Mapping[int, JournalEntry]:
    """The last entry of each statement, from rows of statement, checksum, state and perhaps time. A failure has the time of
    its intent."""
    entries: dict[int, JournalEntry] = {}
    for row in rows:
        check(tables.plain(JOURNAL), _COLUMNS_OF_FILE, (is_count, is_text, _is_state), row)
        number, digest, state, *at = row
        before = entries.get(number)
        begun = before.at if before is not None and before.state is StatementState.INTENT else None
        entries[number] = JournalEntry(digest, StatementState(state), begun or (moment(at[0]) if at else None))
    return entries


def attempts_of(tables: OwnTables, rows: Sequence[Any], owners: Collection[str]) -> tuple[Attempt, ...]:
    """The unfinished files of ``owners`` in the table of events, from rows of ``_COLUMNS``, whether the lock is still held, and
    the owner."""
    files: dict[JournalKey, dict[int, Any]] = {}
    announcements: dict[JournalKey, str] = {}
    directions = {word: direction for direction, word in tables.directions.items()}
    for *row, lock_held, owner in rows:
        if owner in owners:
            check(tables.plain(JOURNAL), _COLUMNS, (is_text, is_text, is_count, _is_state, is_moment, is_text), row)
            migration, word, statement, state, at, token = row
            if word in directions:
                key = JournalKey(migration, directions[word])
                announcements.setdefault(key, f"{token} {at}")
                files.setdefault(key, {})[statement] = (StatementState(state), at, bool(lock_held))
    return tuple(_attempt(key, entries, announcements[key]) for key, entries in files.items())


def _attempt(key: JournalKey, entries: Mapping[int, tuple[StatementState, Any, bool]], announcement: str) -> Attempt:
    _, at, lock_held = max(entries.values(), key=lambda entry: moment(entry[1]))
    done = sum(1 for state, _, _ in entries.values() if state is StatementState.DONE)
    doubt = sorted(number for number, entry in entries.items() if entry[0] is StatementState.INTENT)
    first, final = (doubt[0], doubt[-1]) if doubt else (None, None)
    return Attempt(*key, done, first, moment(at), lock_held, final, announcement)
