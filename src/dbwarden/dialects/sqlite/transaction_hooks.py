"""Transaction hooks for a file that rebuilds tables.

1. Before BEGIN: remember the settings, the existing violations of foreign keys and the broken views and triggers; switch
   foreign keys off.
2. Before COMMIT: refuse new violations, and views and triggers that the file broke. SQLite checks neither by itself, since
   a rebuild drops the table for a moment.
3. After COMMIT or ROLLBACK: restore the settings.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dbwarden.core.ddl.statements import Set
from dbwarden.core.dialect import Connection
from dbwarden.core.types import Ref
from dbwarden.errors import DatabaseError

from .statements import statement
from .words import quote, tokens, unquote

_SHOWN = 5


class ForeignKeysOff:
    """Transaction hooks of one file; they do nothing unless the file has ``PRAGMA foreign_keys = OFF``."""

    def __init__(self, conn: Connection, statements: Sequence[str]) -> None:
        self._conn = conn
        self._off = any(_disables_foreign_keys(sql) for sql in statements)
        self._enforced: int | None = None
        self._legacy = 0
        self._violations: frozenset[tuple[Any, ...]] = frozenset()
        self._broken: frozenset[Ref] = frozenset()

    def open(self) -> None:
        """Remember the state before BEGIN, and switch foreign keys off."""
        if not self._off:
            return
        conn = self._conn
        self._enforced = conn.query("PRAGMA foreign_keys")[0][0]
        self._legacy = conn.query("PRAGMA legacy_alter_table")[0][0]
        self._violations = frozenset(_violations(conn))
        self._broken = frozenset(broken_objects(conn))
        conn.execute("PRAGMA foreign_keys = OFF")

    def check(self) -> None:
        """Raise ``DatabaseError`` for new violations (with table, rowid and parent), or broken views and triggers."""
        if not self._off:
            return
        new_violations = [row for row in _violations(self._conn) if row not in self._violations]
        if new_violations:
            raise DatabaseError(_describe(new_violations))
        broken = {ref: why for ref, why in broken_objects(self._conn).items() if ref not in self._broken}
        if broken:
            reasons = "; ".join(f"{ref.kind} {ref.name}: {why}" for ref, why in broken.items())
            raise DatabaseError(f"The changed tables break what stands on them: {reasons}")

    def close(self) -> None:
        """Restore the settings."""
        if self._enforced is None:
            return
        self._conn.execute(f"PRAGMA foreign_keys = {'ON' if self._enforced else 'OFF'}")
        self._conn.execute(f"PRAGMA legacy_alter_table = {'ON' if self._legacy else 'OFF'}")
        self._enforced = None


def _disables_foreign_keys(sql: str) -> bool:
    """Whether a statement is ``PRAGMA foreign_keys = OFF``, in any spelling."""
    match statement(sql):
        case Set("foreign_keys", str() as value):
            return value.upper() in ("OFF", "0", "NO", "FALSE")
        case _:
            return False


def _violations(conn: Connection) -> list[tuple[Any, ...]]:
    """Table, rowid (NULL in a table WITHOUT ROWID) and parent of each violation; not the key's number, which may change."""
    try:
        return [(row[0], row[1], row[2]) for row in conn.query("PRAGMA foreign_key_check")]
    except DatabaseError:
        return _violations_by_table(conn)


def _violations_by_table(conn: Connection) -> list[tuple[Any, ...]]:
    """Violations table by table; a foreign key that refers to no key ("foreign key mismatch") counts as one."""
    violations: list[tuple[Any, ...]] = []
    for (name,) in conn.query("SELECT name FROM sqlite_master WHERE type = 'table'"):
        try:
            violations += [(row[0], row[1], row[2]) for row in conn.query(f"PRAGMA foreign_key_check({quote(name)})")]
        except DatabaseError as reason:
            violations.append((name, None, str(reason)))
    return violations


def _describe(violations: Sequence[tuple[Any, ...]]) -> str:
    places = "; ".join(
        f"table {table}: {parent}"
        if " " in parent
        else f"table {table}, row {rowid or '(no rowid)'} refers to {parent}"
        for table, rowid, parent in violations[:_SHOWN]
    )
    more = f"; and {len(violations) - _SHOWN} more" if len(violations) > _SHOWN else ""
    return f"The changes leave {len(violations)} foreign keys without the row they refer to: {places}{more}."


def broken_objects(conn: Connection) -> dict[Ref, str]:
    """Views that cannot be queried and triggers that cannot fire, with SQLite's reason."""
    return _broken_views(conn) | _broken_triggers(conn)


def _broken_views(conn: Connection) -> dict[Ref, str]:
    broken = {}
    for (name,) in conn.query("SELECT name FROM sqlite_master WHERE type = 'view'"):
        try:
            conn.query(f"EXPLAIN SELECT * FROM {quote(name)}")
        except DatabaseError as reason:
            broken[Ref("view", name)] = str(reason)
    return broken


def _broken_triggers(conn: Connection) -> dict[Ref, str]:
    """Triggers that cannot fire: SQLite checks a trigger only when a statement fires it, so EXPLAIN such a statement."""
    broken = {}
    for name, on, sql in conn.query("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"):
        try:
            conn.query(f"EXPLAIN {_firing(conn, on, sql)}")
        except DatabaseError as reason:
            broken[Ref("trigger", name, None, on)] = str(reason)
    return broken


def _firing(conn: Connection, on: str, sql: str) -> str:
    """A statement that fires the trigger (https://www.sqlite.org/lang_createtrigger.html)."""
    lexemes = tokens(sql)
    words = [token.upper() for token in lexemes]
    event = min((words.index(event), event) for event in ("DELETE", "INSERT", "UPDATE") if event in words)
    table = quote(on)
    if event[1] == "DELETE":
        return f"DELETE FROM {table}"
    if event[1] == "INSERT":
        return f"INSERT INTO {table} DEFAULT VALUES"
    listed = words[event[0] + 1] == "OF"
    column = unquote(lexemes[event[0] + 2]) if listed else conn.query(f"PRAGMA table_info({table})")[0][1]
    return f"UPDATE {table} SET {quote(column)} = NULL"
