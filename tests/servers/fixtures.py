"""pytest's side of the servers; ``tests/conftest.py`` hands these on."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from tests.servers import (
    CRASHABLE,
    PROGRAMS,
    TRANSACTIONAL,
    VENDORS,
    VERSIONS,
    Server,
    Unavailable,
    chromium,
    clickhouse,
    clickhouse_cluster,
    mariadb_11,
    mysql,
    pgbouncer,
    session,
)
from tests.support.effort import NIGHTLY

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def pytest_configure(config: pytest.Config) -> None:
    if is_worker(config):
        return
    if os.environ.get("CI", "").lower() == "true":
        missing = list(unavailable())
        if missing:
            raise pytest.UsageError("CI=true needs every engine: " + "; ".join(missing))
    config.stash[FOLDER] = session.open_session()


FOLDER = pytest.StashKey[Path]()


def unavailable() -> Iterator[str]:
    for name, program in {**VENDORS, **VERSIONS, **PROGRAMS}.items():
        try:
            program.find()
        except Unavailable as reason:
            yield f"{name}: {reason}"


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    if FOLDER in config.stash:
        session.close_session(config.stash[FOLDER])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    folder = terminalreporter.config.stash.get(FOLDER, None)
    if folder is not None:
        terminalreporter.write_line(session.summary(folder))


def need(name: str) -> Server:
    """The session's server, or the test is skipped by name (under ``CI=true`` it fails)."""
    try:
        return session.server(name)
    except Unavailable as reason:
        missing(f"{name}: {reason}")


def need_crashable(name: str) -> None:
    """The test is skipped by name where no server can be started that may be killed (under ``CI=true`` it fails)."""
    try:
        CRASHABLE[name].programs()
    except Unavailable as reason:
        missing(f"{name}: {reason}")


def need_driver(name: str) -> None:
    """The test is skipped by name where the driver is not installed (under ``CI=true`` it fails)."""
    if find_spec(name) is None:
        missing(f"the driver {name} is not installed: pip install 'dbwarden[dev]'")


def missing(reason: str) -> NoReturn:
    """Skips the test for want of something that can be installed; under ``CI=true`` it fails."""
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def postgresql_server() -> Server:
    """The session's PostgreSQL."""
    return need("postgresql")


@pytest.fixture(scope="session")
def mariadb_server() -> Server:
    """The session's MariaDB."""
    return need("mariadb")


@pytest.fixture(scope="session")
def mariadb_11_server() -> Server:
    """The session's MariaDB of the present long-term series."""
    return need("mariadb_11")


@pytest.fixture(scope="session")
def mysql_server() -> Server:
    """The session's MySQL."""
    return need("mysql")


@pytest.fixture(scope="session")
def clickhouse_server() -> Server:
    """The session's ClickHouse."""
    return need("clickhouse")


def fresh(server: Server, purpose: str = "test") -> Iterator[str]:
    """A fresh database, dropped afterwards."""
    name = f"{purpose}_{secrets.token_hex(6)}"
    server.create_database(name)
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture
def postgresql_url(postgresql_server: Server) -> Iterator[str]:
    """A fresh PostgreSQL database, dropped afterwards."""
    yield from fresh(postgresql_server)


@pytest.fixture
def mariadb_url(mariadb_server: Server) -> Iterator[str]:
    """A fresh MariaDB database, dropped afterwards."""
    yield from fresh(mariadb_server)


@pytest.fixture
def mariadb_11_url(mariadb_11_server: Server) -> Iterator[str]:
    """A fresh database of MariaDB's present long-term series, dropped afterwards."""
    yield from fresh(mariadb_11_server)


@pytest.fixture
def mysql_url(mysql_server: Server) -> Iterator[str]:
    """A fresh MySQL database, dropped afterwards."""
    yield from fresh(mysql_server)


@pytest.fixture
def clickhouse_url(clickhouse_server: Server) -> Iterator[str]:
    """A fresh ClickHouse database, dropped afterwards."""
    yield from fresh(clickhouse_server)


@pytest.fixture(scope="module")
def clickhouse_nodes() -> Iterator[clickhouse_cluster.Servers]:
    """Two ClickHouse servers that are one cluster."""
    need_driver("clickhouse_driver")
    try:
        with clickhouse_cluster.running() as servers:
            yield servers
    except Unavailable as reason:
        missing(f"{clickhouse_cluster.NAME}: {reason}")


@pytest.fixture
def pooler(postgresql_url: str) -> Iterator[pgbouncer.Pooler]:
    """PgBouncer in transaction mode in front of a fresh PostgreSQL database."""
    try:
        with pgbouncer.running(postgresql_url) as pooler:
            yield pooler
    except Unavailable as reason:
        missing(f"pgbouncer: {reason}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium; ``tests/support/browser.py`` opens pages in it.

    It ends with the module: Playwright's synchronous interface has an event loop that runs all the time, in which a later
    ``asyncio.run`` of the same process would fail.
    """
    try:
        source = chromium.find()
    except Unavailable as reason:
        missing(f"chromium: {reason}")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=source.place)
        yield running
        running.close()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite database that does not exist yet."""
    need("sqlite")  # for the summary
    return f"sqlite:///{tmp_path / 'test.db'}"


@pytest.fixture(params=[*TRANSACTIONAL, *(VERSIONS if NIGHTLY else ())])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database on every engine with transactions in turn; with ``make nightly`` on their further versions too. A test for
    all engines names them: ``@pytest.mark.parametrize("database_url", VENDORS, indirect=True)``."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def reference_url(database_url: str, tmp_path: Path) -> Iterator[str]:
    """A second fresh database of the same engine, to compare with."""
    if database_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'reference.db'}"
        return
    yield from fresh(need(session.name_of(database_url)), "reference")


DUMPS = {"mysql": "mysqldump", "mariadb": "mariadb-dump"}
"""Programs that write a backup, which a machine may lack or have of the other vendor."""


@pytest.fixture
def dump_programs(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program that backs up ``database_url`` on PATH; the test is skipped by name where there is none."""
    put_dump_programs_on_path(database_url, monkeypatch)


def put_dump_programs_on_path(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let PATH begin with the programs of the server behind ``url``, if these are unpacked."""
    engine, trees = url.partition(":")[0], {module.NAME: module.TREE for module in (mysql, mariadb_11)}
    tree = trees.get(session.name_of(url))
    if tree is not None and (folder := tree.newest()) is not None:
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    if engine in DUMPS and shutil.which(DUMPS[engine]) is None:
        missing(f"{DUMPS[engine]} is not installed (Debian: {engine}-client)")


@pytest.fixture
def embedded_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package of the embedded engine, which the tests have in their cache, where this process and a server find it."""
    if find_spec("chdb") is None and not (clickhouse.cached() / "chdb").exists():
        missing("chdb-core is not installed: python -m tests.servers --ensure")
    if find_spec("chdb") is None:
        monkeypatch.syspath_prepend(str(clickhouse.cached()))
        monkeypatch.setenv("PYTHONPATH", str(clickhouse.cached()))
