"""Private database servers for the tests, benchmarks and people: one file per engine.

    with tests.servers.postgresql.running() as server:      # in Python
        server.create_database("scratch")
        server.url("scratch")

    python -m tests.servers postgresql                      # in a terminal, until Ctrl-C

An engine is a module with the members of ``server.Vendor``, a line in ``VENDORS`` and a fixture ``<name>_url``; the
summary line and the parametrisation of ``database_url`` follow from that.
"""

from __future__ import annotations

from dbwarden.core.engine import ENGINES
from tests.servers import (
    chromium,
    clickhouse,
    clickhouse_cluster,
    mariadb,
    mariadb_11,
    mysql,
    percona_toolkit,
    pgbouncer,
    postgresql,
    sqlite,
    zookeeper,
)
from tests.servers.crashable import Crashable, CrashableServer
from tests.servers.server import Program, Server, Source, Unavailable, Vendor

VENDORS: dict[str, Vendor] = {
    "sqlite": sqlite,
    "postgresql": postgresql,
    "mariadb": mariadb,
    "mysql": mysql,
    "clickhouse": clickhouse,
}
"""The engines that the tests know, in the order in which they run."""
TRANSACTIONAL = tuple(name for name in VENDORS if name != "clickhouse")
"""Engines with transactions, unique keys and row counts."""

VERSIONS: dict[str, Vendor] = {"mariadb_11": mariadb_11}
"""Further versions of these engines. The conformance suite and the golden cases run on them too."""

PROGRAMS: dict[str, Program] = {
    "pgbouncer": pgbouncer,
    "zookeeper": zookeeper,
    percona_toolkit.NAME: percona_toolkit,
    clickhouse_cluster.NAME: clickhouse_cluster,
    chromium.NAME: chromium,
}
"""What stands between the tests and an engine, or behind it, and what reads their pages."""

CRASHABLE: dict[str, Crashable] = {"postgresql": postgresql, "mariadb": mariadb, "mysql": mysql}
"""The engines whose private servers can be killed and started again."""

__all__ = [
    "CRASHABLE",
    "PROGRAMS",
    "TRANSACTIONAL",
    "VENDORS",
    "VERSIONS",
    "CrashableServer",
    "Program",
    "Server",
    "Source",
    "Unavailable",
    "Vendor",
    "chromium",
    "clickhouse",
    "clickhouse_cluster",
    "engine_url",
    "mariadb",
    "mariadb_11",
    "mysql",
    "percona_toolkit",
    "postgresql",
    "sqlite",
    "zookeeper",
]


def driver_url(url: str) -> str:
    """``url`` with the driver named, since SQLAlchemy 2.0 would take psycopg 2 for ``postgresql://``, which is not installed
    here."""
    scheme, rest = url.split("://", 1)
    driver = VENDORS[scheme].DRIVER if scheme in VENDORS else ""
    return f"{ENGINES[scheme].sqlalchemy_dialect}+{driver}://{rest}" if driver else url


def engine_url(url: str) -> str:
    """``url`` for tests that call ``sqlalchemy.create_engine`` themselves."""
    named = driver_url(url)
    if not named.startswith(("mysql+pymysql:", "mariadb+pymysql:")):
        return named
    # PyMySQL would load certificates for every connection, which takes ten times as long as the rest of it.
    return f"{named}{'&' if '?' in named else '?'}ssl_disabled=true"
