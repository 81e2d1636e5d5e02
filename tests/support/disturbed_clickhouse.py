"""A ClickHouse database whose run is disturbed (``disturbed_database``)."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from dbwarden import dialects
from dbwarden.api.connection import connect
from dbwarden.core.own_tables import OwnTables
from dbwarden.errors import DatabaseError
from dbwarden.runtime.connection import DatabaseConnection
from dbwarden.runtime.stores import history_store, journal_store, lock_store
from tests.servers.clickhouse import backups
from tests.support.dump import dump

OWN = OwnTables()
ABORTED = "236"
"""What OPTIMIZE answers where merges are stopped."""
SECONDS = 60
"""Within which the server ends the statements of a client that is gone."""


class ClickHouseDatabase:
    """Its copy is a backup on the server."""

    def __init__(self, url: str) -> None:
        self.url, self._name = url, urlsplit(url).path.strip("/")
        self._root = url.replace(f"/{self._name}", "/default")
        self._dialect = dialects.get("clickhouse")
        self.settle()
        with connect(self._root) as conn:
            self._before = f"File('{backups(conn)}{self._name}_{secrets.token_hex(4)}')"
            conn.execute(f"BACKUP DATABASE {self._name} TO {self._before}")

    def restore(self) -> None:
        self.settle()
        with connect(self._root) as conn:
            conn.execute(f"DROP DATABASE IF EXISTS {self._name} SYNC")
            conn.execute(f"RESTORE DATABASE {self._name} FROM {self._before}")

    def snapshot(self) -> ClickHouseDatabase:
        return ClickHouseDatabase(self.url)

    def drop(self) -> None:
        pass

    def reconnect(self) -> None:
        pass

    def settle(self) -> None:
        """Wait until no statement is executed, and no mutation works on."""
        others = f"SELECT query FROM system.processes WHERE current_database = '{self._name}'"
        mutations = f"SELECT command FROM system.mutations WHERE database = '{self._name}' AND NOT is_done"
        end = time.monotonic() + SECONDS
        with connect(self._root) as conn:
            while left := [*conn.query(others), *conn.query(mutations)]:
                assert time.monotonic() < end, f"the server goes on: {left}"
                time.sleep(0.01)

    def state(self) -> str:
        with connect(self.url) as conn:
            return self._state(conn)

    def run(self, statements: Sequence[str]) -> Iterator[str]:
        with connect(self.url) as conn:
            for sql in statements:
                self._dialect.execute(conn, sql, lambda words: None)
                yield self._state(conn)

    def query(self, sql: str) -> Sequence[tuple[Any, ...]]:
        with connect(self.url) as conn:
            return conn.query(sql)

    def contents(self) -> dict[str, Any]:
        with connect(self.url) as conn:
            events = history_store(conn, self._dialect, OWN).read()
            recorded = [(one.key, one.event.value, one.statements_done, one.statements_total) for one in events]
            return {
                "state": self._state(conn),
                "tables": sorted(_tables(conn)),
                "events": recorded,
                "journal": journal_store(conn, self._dialect, OWN).attempts(),
                "locked": lock_store(conn, self._dialect, OWN).status().active,
                "suspended": self._dialect.suspended_work(conn),
                "stopped": [name for name, engine in sorted(_tables(conn).items()) if _is_stopped(conn, name, engine)],
            }

    def _state(self, conn: DatabaseConnection) -> str:
        rows = {
            name: _rows(conn, name, engine)
            for name, engine in sorted(_tables(conn).items())
            if "MergeTree" in engine and name not in (OWN.history_name, OWN.journal)
        }
        return json.dumps([dump(self.url), rows])


def _tables(conn: DatabaseConnection) -> dict[str, str]:
    return dict(conn.query("SELECT name, engine FROM system.tables WHERE database = currentDatabase()"))  # type: ignore[arg-type]


def _rows(conn: DatabaseConnection, name: str, engine: str) -> list[str]:
    final = "" if engine == "MergeTree" else " FINAL"
    return sorted(map(str, conn.query(f"SELECT * FROM `{name}`{final}")))


def _is_stopped(conn: DatabaseConnection, name: str, engine: str) -> bool:
    """Whether the server refuses to merge: nothing else shows it."""
    if "MergeTree" not in engine:
        return False
    try:
        conn.execute(f"OPTIMIZE TABLE `{name}` FINAL SETTINGS optimize_throw_if_noop = 1")
    except DatabaseError as error:
        return error.sqlstate == ABORTED
    return False
