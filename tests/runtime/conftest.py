"""A database with our tables and the lock held, on every engine and through every driver in turn."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from dbwarden import dialects
from dbwarden.api.connection import connect
from dbwarden.core.dialect import Dialect
from dbwarden.core.engine import SUPPORTED
from dbwarden.core.file import MigrationFile, parse
from dbwarden.core.own_tables import OwnTables
from dbwarden.errors import DatabaseError
from dbwarden.runtime.connection import DatabaseConnection
from dbwarden.runtime.execute import ExecutionOptions
from dbwarden.runtime.lock import LockRequest, acquire
from dbwarden.runtime.stores import history_store, lock_opener
from tests.servers.fixtures import missing, need_driver


@dataclass
class Place:
    """A fresh database."""

    url: str
    dialect: Dialect
    opened: list[DatabaseConnection] = field(default_factory=list)

    def connect(self, **options: object) -> DatabaseConnection:
        conn = connect(self.url, **options)  # type: ignore[arg-type]
        self.opened.append(conn)
        return conn

    def file(self, name: str, text: str) -> MigrationFile:
        return parse(name, text, self.dialect.lexical_rules)

    def tables(self) -> set[str]:
        """Those that are not ours."""
        with connect(self.url) as conn:
            rows = conn.query(_TABLES[self.dialect.name])
        return {row[0] for row in rows if not row[0].startswith("dbwarden_")}

    def events(self) -> list[tuple[str, str, int, int]]:
        with connect(self.url) as conn:
            return [
                (r.key, r.event.value, r.statements_done, r.statements_total)
                for r in history_store(conn, self.dialect, OwnTables()).read()
            ]


_OF_DATABASE = "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"
_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
    "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
    "mariadb": _OF_DATABASE,
    "mysql": _OF_DATABASE,
    "clickhouse": "SELECT name FROM system.tables WHERE database = currentDatabase()",
}

FAMILY = ("mysql", "mariadb")
"""Engines that share their drivers."""


LOCK_KINDS = ("keeper_map", "table")
"""What ClickHouse keeps the lock in."""


def _is_installed(module: str) -> bool:
    return find_spec(module.partition(".")[0]) is not None and find_spec(module) is not None


def _parameters() -> Iterator[tuple[tuple[str, str], Any]]:
    for engine, row in SUPPORTED.items():
        for kind in LOCK_KINDS if engine == "clickhouse" else ():
            yield (engine, kind), pytest.param((engine, kind), id=f"clickhouse-{kind}")
        for driver, module in row.sync_drivers.items() if engine != "clickhouse" else ():
            # Drivers that are built from C sources are tried where they are installed, and the one that we install anyhow.
            if engine not in FAMILY or module.package == "pymysql" or _is_installed(module.module):
                name = f"{engine}-{driver}" if engine in FAMILY else driver
                yield (engine, driver), pytest.param((engine, driver), id=name)


PARAMETERS = dict(_parameters())
"""Test parameters by engine and driver."""


def _of(*engines: str) -> list[Any]:
    return [parameter for (engine, _), parameter in PARAMETERS.items() if engine in engines]


def dead_session(place: Place, conn: DatabaseConnection) -> str:
    """Identity of a session that has ended, in the words of the engine."""
    if place.dialect.name in FAMILY:
        locker = place.dialect.locker(conn, "any")
        session = locker.enter()
        locker.leave()
        return f"0/{session.partition('/')[2]}"
    return {"sqlite": "4194305@x/1", "postgresql": "1/0.000000"}[place.dialect.name]


def _url(request: pytest.FixtureRequest) -> str:
    engine, driver = request.param
    if engine == "clickhouse":
        return _with_lock_of(driver, request.getfixturevalue("clickhouse_url"))
    need_driver(SUPPORTED[engine].sync_drivers[driver].module)
    url: str = request.getfixturevalue(f"{engine}_url")
    return url.replace("://", f"+{driver}://", 1)


def _with_lock_of(kind: str, url: str) -> str:
    """An empty database of ClickHouse in which the lock is kept in ``kind``: the kind that exists is used."""
    with connect(url) as conn:
        if kind == "table":
            for owner in ("primary", "billing"):
                conn.execute(f"CREATE TABLE dbwarden_lock_{owner} (free UInt8) ENGINE = Null")
        else:
            try:
                conn.execute("CREATE TABLE keeper_map (id String) ENGINE = KeeperMap('/dbwarden_tests') PRIMARY KEY id")
                conn.execute("DROP TABLE keeper_map SYNC")
            except DatabaseError as error:
                missing(f"KeeperMap: {error.message}")
    return url


def _place(url: str) -> Iterator[Place]:
    place = Place(url, dialects.get(re.split(r"[+:]", url)[0]))
    yield place
    for conn in place.opened:
        conn.close()


@pytest.fixture(
    params=[parameter for (engine, _), parameter in PARAMETERS.items() if dialects.get(engine).features.row_counts]
)
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    yield from _place(_url(request))


@pytest.fixture(params=PARAMETERS.values())
def everywhere(request: pytest.FixtureRequest) -> Iterator[Place]:
    """On all engines, whatever they keep the lock in."""
    yield from _place(_url(request))


@pytest.fixture(params=_of("postgresql"))
def pg(request: pytest.FixtureRequest) -> Iterator[Place]:
    yield from _place(_url(request))


@pytest.fixture(params=_of("sqlite"))
def lite(request: pytest.FixtureRequest) -> Iterator[Place]:
    yield from _place(_url(request))


@pytest.fixture(params=_of("sqlite", "postgresql"))
def atomic(request: pytest.FixtureRequest) -> Iterator[Place]:
    """On the engines that undo the DDL of a transaction."""
    yield from _place(_url(request))


@pytest.fixture(
    params=[
        parameter
        for (engine, _), parameter in PARAMETERS.items()
        if dialects.connector(engine).networked and dialects.get(engine).features.row_counts
    ]
)
def networked(request: pytest.FixtureRequest) -> Iterator[Place]:
    """On the engines that are servers."""
    yield from _place(_url(request))


@pytest.fixture(params=_of(*FAMILY))
def my(request: pytest.FixtureRequest) -> Iterator[Place]:
    yield from _place(_url(request))


@pytest.fixture(params=_of("clickhouse"))
def clicks(request: pytest.FixtureRequest) -> Iterator[Place]:
    """ClickHouse, with each kind of lock."""
    yield from _place(_url(request))


@pytest.fixture(params=[PARAMETERS["clickhouse", "table"]])
def click(request: pytest.FixtureRequest) -> Iterator[Place]:
    """ClickHouse with the lock that every server has."""
    yield from _place(_url(request))


@pytest.fixture
def run_of() -> Iterator[Callable[..., ExecutionOptions]]:
    """``run_of(place)``: the lock of ``place``, held until the test ends."""
    locks = []

    def take(place: Place, **options: object) -> ExecutionOptions:
        lock = acquire(lock_opener(place.connect, place.dialect, OwnTables()), LockRequest("migrate", wait=0))
        locks.append(lock)
        return ExecutionOptions(lock.__enter__().token, "me@here", "0.1", **options)  # type: ignore[arg-type]

    yield take
    for lock in locks:
        lock.__exit__(None, None, None)


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that every account reaches."""
    folder = Path(tempfile.mkdtemp(prefix="dbwarden-public-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@contextmanager
def powerless(folder: Path) -> Iterator[None]:
    """``folder`` cannot be written, not even if the tests run as root."""
    folder.chmod(0o555)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
        folder.chmod(0o755)
