"""The database of a run that is disturbed: put back to how it was, looked at as a whole, and left alone by all sessions."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol
from urllib.parse import urlsplit

import psycopg

from tests.servers import mysql_family, mysql_objects
from tests.support.accounts import accounts, described, drop_accounts, restore_accounts
from tests.support.disturbed_clickhouse import ClickHouseDatabase
from tests.support.dump import dump, pg_dump_binary

JOURNAL = "SELECT migration, statement, state FROM dbwarden_journal ORDER BY id"
EVENTS = (
    """SELECT migration, event, statements_done, statements_total, rollback_sql FROM dbwarden_migrations ORDER BY id"""
)
LOCKED = "SELECT 1 FROM dbwarden_lock WHERE locked"
SECONDS = 30
"""Within which a server notices that its client is gone."""


class Database(Protocol):
    """The database of the scenario. ``snapshot`` is one that goes back to how it is now."""

    url: str

    def restore(self) -> None: ...

    def snapshot(self) -> Database: ...

    def drop(self) -> None:
        """Drop the copy, and what is not in the database."""

    def reconnect(self) -> None:
        """Forget the connections to a server that was killed."""

    def settle(self) -> None:
        """Wait until no session works on."""

    def state(self) -> str:
        """Schema and rows."""

    def run(self, statements: Sequence[str]) -> Iterator[str]:
        """Run statements in one session; the state behind each."""

    def query(self, sql: str) -> Sequence[tuple[Any, ...]]: ...

    def contents(self) -> dict[str, Any]:
        """All that has to be as in the undisturbed run."""


def open_database(url: str, accounts: str = "") -> Database:
    """The database of a URL, as it is now; with the accounts whose names begin with ``accounts``."""
    if url.startswith("clickhouse"):
        return ClickHouseDatabase(url)
    return PostgreSQLDatabase(url) if url.startswith("postgresql") else MySQLDatabase(url, accounts)


def _recorded(database: Database) -> dict[str, Any]:
    """History, journal and lock."""
    events = database.query(EVENTS)
    return {
        "events": [event for event in events if event[0].isdecimal()],
        "repeatables": sorted({event for event in events if not event[0].isdecimal()}),
        "journal": database.query(JOURNAL),
        "locked": database.query(LOCKED),
    }


def _wait(others: Callable[[], object]) -> None:
    end = time.monotonic() + SECONDS
    while others():
        assert time.monotonic() < end, "a session of a client that is gone goes on"
        time.sleep(0.01)


# -- PostgreSQL ---------------------------------------------------------------------------------------------------

SCHEMA = """SELECT 'column', table_name || '.' || column_name, data_type FROM information_schema.columns
WHERE table_schema = 'public' AND table_name NOT LIKE 'dbwarden%'
UNION ALL SELECT 'view', viewname, definition FROM pg_views WHERE schemaname = 'public'
UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes JOIN pg_index ON indexrelid = indexname::regclass
WHERE schemaname = 'public' AND tablename NOT LIKE 'dbwarden%' AND indisvalid
ORDER BY 1, 2"""
INVALID = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"
OTHERS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


class PostgreSQLDatabase:
    """Indexes that are not valid are not part of its state."""

    def __init__(self, url: str) -> None:
        self.url = re.sub(r"\+\w+", "", url, count=1)
        dumped = subprocess.run(
            [pg_dump_binary(), "--inserts", "--no-owner", "--schema=public", self.url],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        self._before = "\n".join(line for line in dumped.splitlines() if not line.startswith("\\"))

    def restore(self) -> None:
        with self._connected() as conn:
            conn.execute(f"SELECT pg_terminate_backend(pid, 5000) FROM ({OTHERS}) AS o")  # type: ignore[call-overload]
            conn.execute("DROP SCHEMA public CASCADE")
            conn.execute(self._before)  # type: ignore[call-overload]

    def snapshot(self) -> Database:
        return PostgreSQLDatabase(self.url)

    def drop(self) -> None:
        pass

    def reconnect(self) -> None:
        pass

    def settle(self) -> None:
        with self._connected() as conn:
            _wait(lambda: conn.execute(OTHERS).fetchall())

    def state(self) -> str:
        with self._connected() as conn:
            return self._state(conn)

    def run(self, statements: Sequence[str]) -> Iterator[str]:
        with self._connected() as conn:
            for sql in statements:
                conn.execute(sql)  # type: ignore[call-overload]
                yield self._state(conn)

    def query(self, sql: str) -> Sequence[tuple[Any, ...]]:
        with self._connected() as conn:
            return conn.execute(sql).fetchall()  # type: ignore[call-overload, no-any-return]

    def contents(self) -> dict[str, Any]:
        return {"state": self.state(), "invalid": self.query(INVALID), **_recorded(self)}

    @contextmanager
    def _connected(self) -> Iterator[psycopg.Connection[Any]]:
        with psycopg.connect(self.url, autocommit=True) as conn:
            yield conn

    @staticmethod
    def _state(conn: psycopg.Connection[Any]) -> str:
        schema = conn.execute(SCHEMA).fetchall()
        tables = sorted({name.partition(".")[0] for kind, name, _ in schema if kind == "column"})
        rows = {name: sorted(map(str, conn.execute(f'SELECT * FROM "{name}"'))) for name in tables}  # type: ignore[call-overload]
        return json.dumps([schema, rows])


# -- MySQL and MariaDB --------------------------------------------------------------------------------------------

TABLES = """SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()
AND TABLE_TYPE NOT IN ('VIEW', 'SEQUENCE') AND TABLE_NAME NOT LIKE 'dbwarden%' ORDER BY 1"""
MANY = 1000
"""Rows above which a table's rows are a checksum."""


class MySQLDatabase:
    """Its copy is another database of the same server."""

    def __init__(self, url: str, accounts: str = "") -> None:
        self.url, self._prefix = url, accounts
        self._name = urlsplit(url).path.strip("/")
        self._root = url.replace(f"/{self._name}", "/mysql")
        self._server, self._before = mysql_family.attach(self._root), f"{self._name}_before"
        self._server.drop_database(self._before)
        self._server.create_database(self._before, self._name)
        self._accounts = self._read_accounts()

    def restore(self) -> None:
        self._server.drop_database(self._name)
        self._server.create_database(self._name, self._before)
        if self._prefix:
            with mysql_family.connect(self.url) as conn:
                restore_accounts(conn, self._prefix, self._accounts)

    def _read_accounts(self) -> list[list[str]]:
        if not self._prefix:
            return []
        with mysql_family.connect(self.url) as conn:
            return accounts(conn, self._prefix)

    def snapshot(self) -> Database:
        return MySQLDatabase(self.url, self._prefix)

    def drop(self) -> None:
        self._server.drop_database(self._before)
        if self._prefix:
            with mysql_family.connect(self.url) as conn:
                drop_accounts(conn, self._prefix)

    def reconnect(self) -> None:
        mysql_family.administrator(self._root).close()

    def settle(self) -> None:
        administrator = mysql_family.administrator(self._root)
        others = f"SELECT id FROM information_schema.processlist WHERE db = '{self._name}' AND id <> CONNECTION_ID()"
        _wait(lambda: mysql_objects.query(administrator, others))

    def state(self) -> str:
        with mysql_family.connect(self.url) as conn:
            names = [name for (name,) in mysql_objects.query(conn, TABLES)]
            rows = {name: _rows(conn, name) for name in names}
        return json.dumps([dump(self.url), rows, described(self._read_accounts())])

    def run(self, statements: Sequence[str]) -> Iterator[str]:
        with mysql_family.connect(self.url) as conn:
            for sql in statements:
                mysql_objects.query(conn, sql)
                yield self.state()

    def query(self, sql: str) -> Sequence[tuple[Any, ...]]:
        with mysql_family.connect(self.url) as conn:
            return list(mysql_objects.query(conn, sql))

    def contents(self) -> dict[str, Any]:
        return {"state": self.state(), **_recorded(self)}


def _rows(conn: mysql_family.Connection, table: str) -> list[str]:
    """The rows of a table; of a large one, their number and checksums."""
    rows = mysql_objects.query(conn, f"SELECT * FROM `{table}` LIMIT {MANY + 1}")
    if len(rows) <= MANY:
        return sorted(map(str, rows))
    names = mysql_objects.query(
        conn,
        "SELECT COLUMN_NAME FROM information_schema.COLUMNS"
        f" WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{table}' ORDER BY ORDINAL_POSITION",
    )
    sums = ", ".join(f"SUM(CRC32(`{name}`))" for (name,) in names)
    return list(map(str, mysql_objects.query(conn, f"SELECT COUNT(*), {sums} FROM `{table}`")))
