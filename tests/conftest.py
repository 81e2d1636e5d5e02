"""Fixtures of the whole suite: database servers (tests/servers) and a clean environment."""

from __future__ import annotations

import compileall
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from tests.servers.fixtures import (
    browser,
    clickhouse_nodes,
    clickhouse_server,
    clickhouse_url,
    database_url,
    dump_programs,
    embedded_engine,
    mariadb_11_server,
    mariadb_11_url,
    mariadb_server,
    mariadb_url,
    mysql_server,
    mysql_url,
    pooler,
    postgresql_server,
    postgresql_url,
    pytest_unconfigure,
    reference_url,
    sqlite_url,
)
from tests.servers.fixtures import pytest_configure as configure_servers
from tests.servers.fixtures import pytest_terminal_summary as summarize_servers
from tests.support import kill_tests
from tests.support.order import dealt

__all__ = [
    "browser",
    "clean_environment",
    "clickhouse_nodes",
    "clickhouse_server",
    "clickhouse_url",
    "database_url",
    "dump_programs",
    "embedded_engine",
    "forget_imported_projects",
    "mariadb_11_server",
    "mariadb_11_url",
    "mariadb_server",
    "mariadb_url",
    "mysql_server",
    "mysql_url",
    "pooler",
    "postgresql_server",
    "postgresql_url",
    "pytest_configure",
    "pytest_unconfigure",
    "reference_url",
    "sqlite_url",
]

ROOT = Path(__file__).parents[1]

# Python compares a module with its bytecode by size and whole seconds, and the tests change models faster than that.
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"

# What a shell starts in the background ignores Ctrl-C, and so would every command that a test interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A deadline measures this machine's load, not our code. CI looks at the same examples each time, people at new ones.
hypothesis.settings.register_profile(
    "dbwarden", deadline=None, print_blob=True, derandomize=os.environ.get("CI", "").lower() == "true"
)
hypothesis.settings.load_profile("dbwarden")


def pytest_configure(config: pytest.Config) -> None:
    """Where several processes share the tests, they and the hundreds of commands that these start find bytecode."""
    configure_servers(config)
    if getattr(config.option, "numprocesses", None):
        for folder in (ROOT / "src", ROOT / "tests" / "servers", ROOT / "tests" / "support"):
            compileall.compile_dir(folder, quiet=2, workers=0)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where several processes share the tests, the long ones come first."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if workers > 1:
        items[:] = dealt(items, lambda item: item.path, workers)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What the kill tests tried, and what the tests ran on."""
    kill_tests.summary(terminalreporter)
    summarize_servers(terminalreporter)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the developer's own environment reaches a test or the commands that it runs."""
    for name in list(os.environ):
        if name in {"NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES"} or (
            name.startswith("DBWARDEN_") and not name.startswith("DBWARDEN_TEST_")
        ):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def forget_imported_projects(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A test's own ``app.models`` (imported from its temporary folder) is not the next test's."""
    path, base = list(sys.path), str(tmp_path_factory.getbasetemp())
    yield
    sys.path[:] = path
    for name, module in list(sys.modules.items()):
        if _OF_OTHERS.get(name) is module:
            continue
        if _comes_from(base, module):
            sys.modules.pop(name, None)
        else:
            _OF_OTHERS[name] = module


_OF_OTHERS: dict[str, object] = {}
"""Modules that do not come from a test's folder: thousands, which are looked at once."""


def _comes_from(base: str, module: object) -> bool:
    try:
        places = [getattr(module, "__file__", None) or "", *(getattr(module, "__path__", None) or ())]
    except KeyError:  # a namespace package whose parent the test has already taken out
        return True
    return any(str(place).startswith(base) for place in places)
