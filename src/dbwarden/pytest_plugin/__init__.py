"""pytest plug-in: databases with the project's schema for its tests, and with ``--dbwarden`` tests of its migrations.

pytest loads the module in every project that has DBWarden installed, so it imports what it needs when it is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from dbwarden.api.migrated_database import MigratedDatabase
    from dbwarden.config import DatabaseHandle


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register the options."""
    group = parser.getgroup("dbwarden", "tests of migrations")
    group.addoption(
        "--dbwarden",
        action="store_true",
        help="Test the migrations: one order, each file up, down and up, the models match, no critical finding.",
    )
    group.addoption(
        "--dbwarden-config", metavar="FILE", help="Configuration of DBWarden (default: found like by its commands)."
    )
    group.addoption(
        "--dbwarden-database", metavar="NAME", help="Database of the fixtures (default: the default database)."
    )


def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add the tests of the migrations behind the others."""
    if config.getoption("--dbwarden"):
        from .items import collect

        items += collect(session, config)


@pytest.fixture(scope="session")
def migrated_template(pytestconfig: pytest.Config) -> Iterator[MigratedDatabase]:
    """A temporary database on which all migrations ran once for this process; ``migrated_database`` are copies of it."""
    from dbwarden.api.migrated_database import migrated_database

    with migrated_database(_database(pytestconfig), config=_config(pytestconfig)) as made:
        yield made


@pytest.fixture
def migrated_database(migrated_template: MigratedDatabase, pytestconfig: pytest.Config) -> Iterator[DatabaseHandle]:
    """A database of its own for one test, with the schema that all migrations lead to: a handle with ``engine``, ``session`` and
    ``async_session``."""
    yield from _copy(migrated_template, pytestconfig)


@pytest.fixture(scope="session")
def _shared_database(migrated_template: MigratedDatabase, pytestconfig: pytest.Config) -> Iterator[DatabaseHandle]:
    """The database of all ``migrated_session`` of this process."""
    yield from _copy(migrated_template, pytestconfig)


@pytest.fixture
def migrated_session(request: pytest.FixtureRequest, migrated_template: MigratedDatabase) -> Iterator[Session]:
    """A session whose work is gone after the test, also what the test commits.

    On a server it is in a transaction that is rolled back, which is quicker than a database of its own; statements that commit
    by themselves (DDL on MySQL) stay. A file is copied instead.
    """
    from sqlalchemy.orm import Session

    handle = request.getfixturevalue("migrated_database" if migrated_template.is_file else "_shared_database")
    with ExitStack() as stack:
        conn = stack.enter_context(handle.engine.connect())
        stack.callback(conn.begin().rollback)
        yield stack.enter_context(Session(conn, join_transaction_mode="create_savepoint"))


def _copy(template: MigratedDatabase, config: pytest.Config) -> Iterator[DatabaseHandle]:
    from dbwarden.api.migrated_database import migrated_database

    with migrated_database(_database(config), config=_config(config), copy_of=template) as made:
        yield made.handle


def _config(config: pytest.Config) -> str | None:
    value: str | None = config.getoption("--dbwarden-config")
    return value


def _database(config: pytest.Config) -> str | None:
    value: str | None = config.getoption("--dbwarden-database")
    return value
