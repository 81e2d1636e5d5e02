"""Kinds of the migration lock on ClickHouse, which has no transactions, no row counts and no unique keys.

Two things can be compared and set atomically there (docs/decisions/0015):

1. *A row of a KeeperMap table.* With ``keeper_map_strict_mode``, ALTER TABLE ... UPDATE reads the row and writes it with the
   version that it read; if the version has changed, Keeper refuses it (error 999, "Bad version"). Every node sees the row.
2. *The columns of a table on a single node.* ALTER TABLE ... DROP COLUMN a, ADD COLUMN b checks that ``a`` exists under the
   lock of the table's definition. So the name of the only column is the state (``free``, or ``held`` and the token), and its
   comment the holder. The definition belongs to one server: elsewhere there is another lock.

A lease in a MergeTree table is not a lock: several of 20 clients at a time believe that they own it.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

from dbwarden.core.dialect import Connection, Holder
from dbwarden.core.own_tables import OWNER
from dbwarden.core.store import LockState
from dbwarden.errors import DatabaseError

from .versions import MICROSECONDS
from .words import quote, string_literal

KEEPER = "999"
"""KEEPER_EXCEPTION"""
GUARD_FAILED = "395"
"""FUNCTION_THROW_IF_VALUE_IS_NON_ZERO"""
_STRICT = "SETTINGS keeper_map_strict_mode = 1"
_MISSING_COLUMN = frozenset(("10", "16", "47"))
"""NOT_FOUND_COLUMN_IN_BLOCK, NO_SUCH_COLUMN_IN_TABLE, UNKNOWN_IDENTIFIER"""
_ATTEMPTS = 20
_PAUSE = 0.02
"""Longest pause in seconds after the first conflict; the later ones are longer."""


class TableName(NamedTuple):
    """A table and its database."""

    database: str
    name: str

    @property
    def sql(self) -> str:
        return f"{quote(self.database)}.{quote(self.name)}"


class Cell(Protocol):
    """A kind of ``core.store.LockCell``, whose tables exist."""

    def kind(self) -> str: ...

    def read(self) -> LockState | None: ...

    def prepare(self) -> None: ...

    def take(self, previous: str, token: str, holder: Holder) -> bool: ...

    def touch(self, token: str, session: str | None = None) -> bool: ...

    def confirm(self, token: str) -> bool: ...

    def is_held(self, token: str) -> bool: ...

    def free(self, token: str) -> bool: ...

    def guard(self, token: str) -> str: ...

    def freshen(self, token: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class KeeperMapCell:
    """A row of a KeeperMap table, which all projects share."""

    conn: Connection
    table: TableName
    owner: str

    def kind(self) -> str:
        return f"a row of the KeeperMap table {self.table.sql}, which all servers share"

    def read(self) -> LockState | None:
        columns = (
            f"locked, acquired_at, heartbeat, host, pid, holder_user, command, session, token FROM {self.table.sql}"
        )
        rows = self.conn.query(f"SELECT {columns} WHERE {self._ours}")
        return _state_of(rows[0]) if rows else None

    def prepare(self) -> None:
        """Insert the project's row. In strict mode the row of another process makes that fail."""
        if self.read() is not None:
            return
        row = f"({OWNER}, locked) {_STRICT} VALUES ({string_literal(self.owner)}, false)"
        try:
            self.conn.execute(f"INSERT INTO {self.table.sql} {row}")
        except DatabaseError as error:
            if error.sqlstate != KEEPER or self.read() is None:
                raise

    def take(self, previous: str, token: str, holder: Holder) -> bool:
        columns = {
            "host": holder.host,
            "holder_user": holder.user,
            "command": holder.command,
            "session": holder.session,
        }
        texts = ", ".join(f"{name} = {string_literal(value)}" for name, value in {**columns, "token": token}.items())
        times = f"acquired_at = {MICROSECONDS}, heartbeat = {MICROSECONDS}, release_at = NULL"
        free = f"locked AND token = {string_literal(previous)}" if previous else "NOT locked"
        self._update(f"locked = true, pid = {holder.pid}, {texts}, {times}", free)
        return self._is_held_by(token)

    def touch(self, token: str, session: str | None = None) -> bool:
        renamed = f", session = {string_literal(session)}" if session is not None else ""
        return self._beat(token, renamed) and self._is_held_by(token)

    def confirm(self, token: str) -> bool:
        """By an update: reads of Keeper may lag behind, a write of an old version is refused."""
        return self.touch(token)

    def is_held(self, token: str) -> bool:
        return self._is_held_by(token)

    def freshen(self, token: str) -> bool:
        """By an update, after which this server reads no older state. The guard notices that the row was deleted."""
        return self._beat(token)

    def free(self, token: str) -> bool:
        state = self.read()
        if state is None or state.holder is None or state.token != token:
            return False
        self._update(f"locked = false, token = '', release_at = {MICROSECONDS}", self._held_by(token))
        return not self._is_held_by(token)

    def guard(self, token: str) -> str:
        return guard(f"{self.table.sql} WHERE {self._ours} AND {self._held_by(token)}")

    def owners(self) -> tuple[str, ...]:
        return tuple(str(row[0]) for row in self.conn.query(f"SELECT {OWNER} FROM {self.table.sql}"))

    @property
    def _ours(self) -> str:
        return f"{OWNER} = {string_literal(self.owner)}"

    def _held_by(self, token: str) -> str:
        return f"locked AND token = {string_literal(token)}"

    def _is_held_by(self, token: str) -> bool:
        """Whether the row has our token, as this server reads it after its own update."""
        return bool(self.conn.query(f"SELECT 1 FROM {self.table.sql} WHERE {self._ours} AND {self._held_by(token)}"))

    def _beat(self, token: str, assignments: str = "") -> bool:
        """Update the heartbeat. False if the row has another token or none, which fails the update; true without a row."""
        another = f"{self._ours} AND NOT ({self._held_by(token)})"
        try:
            self._update(f"heartbeat = {MICROSECONDS}{assignments}", f"throwIf({another}) = 0")
        except DatabaseError as error:
            if error.sqlstate != GUARD_FAILED:
                raise
            return False
        return True

    def _update(self, assignments: str, condition: str) -> None:
        """Update the row if it meets the condition. After a conflict with another update the condition is checked anew."""
        sql = f"ALTER TABLE {self.table.sql} UPDATE {assignments} WHERE {self._ours} AND {condition} {_STRICT}"
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                self.conn.execute(sql)
                return
            except DatabaseError as error:
                if error.sqlstate != KEEPER or attempt == _ATTEMPTS:
                    raise
            time.sleep(random.uniform(0, _PAUSE * attempt))


@dataclass(frozen=True, slots=True)
class TableCell:
    """The only column of a table on a single node; each project has a table of its own."""

    conn: Connection
    table: TableName
    owner: str
    now: str = MICROSECONDS
    """Expression for the present time (``versions.now``)."""

    def kind(self) -> str:
        return f"a column of the table {self.table.sql}, on this server alone"

    def read(self) -> LockState | None:
        columns = self._columns()
        states = [(name, comment) for name, comment in columns if name.startswith("held ")]
        return _parsed(*states[0]) if states else LockState() if columns else None

    def prepare(self) -> None:
        """Create the table with the lock free."""
        self.conn.execute(f"CREATE TABLE IF NOT EXISTS {self.table.sql} (free UInt8) ENGINE = Null")

    def take(self, previous: str, token: str, holder: Holder) -> bool:
        now = server_time(self.conn, self.now)
        added = f"{_held(token)} UInt8 COMMENT {_comment(LockState(token, holder, now, now))}"
        return self._alter(f"DROP COLUMN {_held(previous) if previous else 'free'}, ADD COLUMN {added}")

    def touch(self, token: str, session: str | None = None) -> bool:
        state = self.read()
        if not token or state is None or state.holder is None or state.token != token:
            return False
        holder = state.holder if session is None else replace(state.holder, session=session)
        beaten = replace(state, holder=holder, heartbeat=server_time(self.conn, self.now))
        return self._alter(f"COMMENT COLUMN {_held(token)} {_comment(beaten)}")

    def confirm(self, token: str) -> bool:
        return self.is_held(token)

    def is_held(self, token: str) -> bool:
        return bool(self.conn.query(f"SELECT 1 FROM {self._column_of(token)}"))

    def free(self, token: str) -> bool:
        return self._alter(f"DROP COLUMN {_held(token)}, ADD COLUMN free UInt8")

    def freshen(self, token: str) -> bool:
        """Nothing: the guard reads the definition of the table itself."""
        return True

    def guard(self, token: str) -> str:
        return guard(self._column_of(token))

    def _column_of(self, token: str) -> str:
        """FROM item with a row while ``token`` holds the lock."""
        return f"system.columns WHERE {self._place} AND name = {string_literal(f'held {token}')}"

    @property
    def _place(self) -> str:
        return f"database = {string_literal(self.table.database)} AND table = {string_literal(self.table.name)}"

    def _columns(self) -> Sequence[tuple[str, str]]:
        rows = self.conn.query(f"SELECT name, comment FROM system.columns WHERE {self._place}")
        return [(str(name), str(comment)) for name, comment in rows]

    def _alter(self, clauses: str) -> bool:
        """Whether the column that the clauses change was there."""
        try:
            self.conn.execute(f"ALTER TABLE {self.table.sql} {clauses}")
        except DatabaseError as error:
            if error.sqlstate in _MISSING_COLUMN:
                return False
            raise
        return True


class NoCell:
    """No lock (the setting ``lock = "none"``): whoever asks for it has it."""

    def kind(self) -> str:
        return 'none (lock = "none" in the configuration)'

    def read(self) -> LockState | None:
        return None

    def prepare(self) -> None:
        """Create nothing."""

    def take(self, previous: str, token: str, holder: Holder) -> bool:
        return True

    def touch(self, token: str, session: str | None = None) -> bool:
        return True

    def confirm(self, token: str) -> bool:
        return True

    def is_held(self, token: str) -> bool:
        return True

    def free(self, token: str) -> bool:
        return True

    def guard(self, token: str) -> str:
        return ""

    def freshen(self, token: str) -> bool:
        return True


# -- states -------------------------------------------------------------------------------------------------------


def guard(holding: str) -> str:
    """FROM clause that fails the statement if the query behind it has no row."""
    counted = f"SELECT throwIf(count() = 0) AS lost FROM {holding}"
    return f"FROM ({counted}) WHERE NOT lost"


def _state_of(row: Sequence[Any]) -> LockState:
    """The state from a row of the KeeperMap table, which a person may have written."""
    locked, acquired_at, heartbeat, host, pid, user, command, session, token = row
    if not locked:
        return LockState()
    holder = Holder(host or "", pid or 0, user or "", command or "", session or "")
    return LockState(token, holder, _utc(acquired_at), _utc(heartbeat))


def _utc(value: Any) -> datetime | None:
    if value is None:
        return None
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return moment.astimezone(UTC) if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _held(token: str) -> str:
    return quote(f"held {token}")


def _comment(state: LockState) -> str:
    """The comment of the column, as SQL."""
    times = {"acquired_at": state.acquired_at, "heartbeat": state.heartbeat}
    holder = asdict(state.holder) if state.holder is not None else {}
    shown = {**holder, **{name: moment.isoformat() for name, moment in times.items() if moment is not None}}
    return string_literal(json.dumps(shown, ensure_ascii=False))


def _parsed(name: str, comment: str) -> LockState:
    """The state from a column. A comment that is not ours leaves the holder unknown."""
    try:
        values = json.loads(comment)
        holder = Holder(*(values[field] for field in ("host", "pid", "user", "command", "session")))
        times = _utc(values.get("acquired_at")), _utc(values.get("heartbeat"))
    except (ValueError, KeyError, TypeError, AttributeError):
        return LockState(name.removeprefix("held "), Holder("", 0, "", "", ""))
    return LockState(name.removeprefix("held "), holder, *times)


def server_time(conn: Connection, now: str) -> datetime:
    """The time by the server's clock, of which ``now`` is the expression."""
    ((text,),) = conn.query(f"SELECT toString({now})")
    return datetime.fromisoformat(str(text)).replace(tzinfo=UTC)
