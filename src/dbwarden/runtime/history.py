"""History as rows of ``dbwarden_migrations``, or of ``dbwarden_seeds``, for engines with row counts.

Rows are only ever inserted; the state of a migration or seed is its last event.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from dbwarden.core.filename import Kind
from dbwarden.core.own_tables import COLUMNS, FILE_DIGEST, JOURNAL, MIGRATIONS, OWNER, SEEDS, UNCLAIMED, OwnTables
from dbwarden.core.record import Event, Record
from dbwarden.errors import ForeignHistory, LockLost, NewerHistory

from .layout import ensure_tables, optional, run_first_matching
from .rows import Check, check, is_count, is_flag, is_moment, is_optional_text, is_seconds, is_text, moment

if TYPE_CHECKING:
    from dbwarden.core.dialect import Connection, Dialect, Features

_NAMES = tuple(name for name, _ in COLUMNS[MIGRATIONS])
_YES = "(1 = 1)"
"""True on every version of every engine."""
_EXPRESSIONS: Mapping[str, Mapping[str, str]] = {MIGRATIONS: {}, SEEDS: {"migration": "seed", "seed": _YES}}
"""What stands for a column of the history in each table of events, if not a column of that name."""
_KINDS = {kind.value: kind for kind in Kind}
_EVENTS = {event.value: event for event in Event}
_LONGEST_VERSION = 100


def qualified(tables: OwnTables, dialect: Dialect) -> OwnTables:
    """Qualify ``tables`` with their schema or database: a file's statements may have changed the search path, or have left
    the database (USE)."""
    if tables.schema or dialect.server.default_schema is None:
        return tables
    return _placed(tables, dialect.server.default_schema, dialect.lexical_rules.identifier_quotes[0])


@lru_cache(maxsize=16)
def _placed(tables: OwnTables, schema: str, quote: str) -> OwnTables:
    """``tables`` in a schema or database; each of many files asks several times."""
    return replace(tables, schema=schema, quote=quote)


def while_held(tables: OwnTables, features: Features, joined: str = "") -> str:
    """End of a SELECT or INSERT ... SELECT that returns a row only if ``:token`` holds the lock of ``:owner``; ``joined`` is
    joined to the row of the lock, ``held``.

    If the engine has row locks, nobody can release the migration lock before our transaction ends. A locking read also
    sees what was committed after the transaction's first read (InnoDB's REPEATABLE READ shows other reads that moment).
    """
    holding = f" FROM {tables.lock} AS held{joined} WHERE {OWNER} = :owner AND locked AND token = :token"
    return f"{holding} {features.for_share}" if features.for_share else holding


def check_held(conn: Connection, dialect: Dialect, tables: OwnTables, token: str) -> None:
    """Raise ``LockLost`` if ``token`` no longer holds the lock. ``append_if_held`` checks this by itself."""
    query = "SELECT 1" + while_held(qualified(tables, dialect), dialect.features)
    if not conn.query(query, {"token": token, "owner": tables.owner}):
        raise LockLost()


@dataclass(frozen=True, slots=True)
class SqlHistory:
    """A ``core.store.HistoryStore``."""

    conn: Connection
    dialect: Dialect
    tables: OwnTables

    def read(self, *, rollback_sql: bool = True) -> tuple[Record, ...]:
        sql = self._select(rollback_sql)
        if self.tables.events == SEEDS:
            return self._read_seeds(sql)
        without_digest = sql.replace(f", {FILE_DIGEST} FROM", ", NULL FROM")
        without_owner = without_digest.replace(f", {OWNER}, NULL FROM", f", '{UNCLAIMED}', NULL FROM")
        return self._records(
            run_first_matching(self.conn, (sql, without_digest, without_owner), self.tables, MIGRATIONS)
        )

    def _read_seeds(self, sql: str) -> tuple[Record, ...]:
        try:
            return self._records(optional(self.conn, sql, None, self.tables.plain(SEEDS)))
        except ForeignHistory:  # the table of an earlier version, which applied no seeds
            return ()

    def read_held(self, *, rollback_sql: bool = True) -> tuple[Record, ...]:
        try:
            rows = optional(self.conn, self._select(rollback_sql), None, self.tables.plain(self.tables.events))
        except ForeignHistory:
            ensure_tables(self.conn, self.dialect, self.tables, despite_holder=True)
            return self.read(rollback_sql=rollback_sql)
        return self._records(rows)

    def _select(self, rollback_sql: bool) -> str:
        replaced = {**_EXPRESSIONS[self.tables.events], **({} if rollback_sql else {"rollback_sql": "NULL"})}
        expressions = (replaced.get(name, name) for name in _NAMES)
        return f"SELECT {', '.join(expressions)} FROM {self.tables.history_name} ORDER BY id"

    def _records(self, rows: Sequence[Any] | None) -> tuple[Record, ...]:
        table = self.tables.plain(self.tables.events)
        return tuple(_record(table, row) for row in rows or ())

    def append_if_held(self, record: Record, token: str) -> None:
        """Append the event in one statement that also checks the lock."""
        values = {**record_values(record, self.tables), "token": token, "owner": self.tables.owner}
        insert = _insert(qualified(self.tables, self.dialect), self.dialect.features)
        if self.conn.execute(insert, values) == 0:
            raise LockLost()

    def adopt_unclaimed(self, token: str) -> None:
        names = [qualified(self.tables, self.dialect).name(table) for table in (MIGRATIONS, JOURNAL, SEEDS)]
        nameless = f"WHERE {OWNER} = '{UNCLAIMED}'"
        if not self.conn.query(" UNION ALL ".join(f"SELECT 1 FROM {name} {nameless}" for name in names)):
            return
        with self.conn.transaction():
            for name in names:
                self.conn.execute(f"UPDATE {name} SET {OWNER} = :owner {nameless}", {"owner": self.tables.owner})
            check_held(self.conn, self.dialect, self.tables, token)


def record_values(record: Record, tables: OwnTables) -> dict[str, object]:
    """The columns of an event that the caller sets, by their names in the table of events."""
    values: dict[str, object] = {
        "migration": record.key,
        "kind": record.kind.value,
        "file_name": record.file,
        "description": record.description,
        "checksum": record.checksum,
        "event": record.event.value,
        "statements_done": record.statements_done,
        "statements_total": record.statements_total,
        "duration": record.duration,
        "applied_by": record.by,
        "tool_version": record.tool_version,
        "seed": record.seed,
        "error": record.error,
        "rollback_sql": record.rollback_sql,
        "file_digest": record.file_digest,
    }
    replaced = _EXPRESSIONS[tables.events]
    return {replaced.get(name, name): value for name, value in values.items() if replaced.get(name) != _YES}


@lru_cache(maxsize=16)
def _insert(tables: OwnTables, features: Features) -> str:
    computed = {"at": features.now, OWNER: OWNER}
    written = [name for name, _ in COLUMNS[tables.events] if name != "id"]
    values = ", ".join(computed.get(name, f":{name}") for name in written)
    return f"INSERT INTO {tables.history_name} ({', '.join(written)}) SELECT {values}" + while_held(tables, features)


_CHECKS: tuple[Check, ...] = (
    is_count, is_text, is_text, is_text, is_text, is_text, is_text, is_count, is_count, is_moment, is_seconds, is_text, is_text,
    is_flag, is_optional_text, is_optional_text, is_text, is_optional_text,
)  # fmt: skip
"""Type check for each column of ``_NAMES``."""


def _record(table: str, row: Any) -> Record:
    check(table, _NAMES, _CHECKS, row)
    kind, event = _KINDS.get(row[2]), _EVENTS.get(row[6])
    if kind is None or event is None:
        word, label = (row[2], "kind") if kind is None else (row[6], "event")
        raise NewerHistory(table=table, unknown=f"the {label} {word!r}")
    if kind is Kind.VERSIONED and not (row[1].isascii() and row[1].isdecimal() and len(row[1]) < _LONGEST_VERSION):
        check(table, ("migration",), (is_count,), (row[1],))
    return Record(
        row[0], row[1], kind, row[3], row[4], row[5], event, row[7], row[8],
        moment(row[9]), row[10], row[11], row[12], bool(row[13]), *row[14:],
    )  # fmt: skip
