"""The one table of database engines: how their URLs begin, which drivers reach them, which dialect serves them.

A new engine is a row here and a package under ``dialects``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .url import Url


@dataclass(frozen=True, slots=True)
class Driver:
    """A DBAPI driver: its name after ``+`` in a URL, the module to import, the package to install."""

    name: str
    module: str
    package: str
    sync: bool = True
    asynchronous: bool = False
    implied: bool = False
    """SQLAlchemy's own choice for the engine: a URL for it does not name the driver."""


@dataclass(frozen=True, slots=True)
class Engine:
    """A database product. ``mysql`` and ``mariadb`` are two engines of one family: they share URLs and drivers."""

    name: str
    schemes: tuple[str, ...]
    """URL schemes, the usual one first. A scheme of two engines means the first, unless
    ``database_type`` is set."""
    sqlalchemy_dialect: str
    """SQLAlchemy's name of its dialect."""
    drivers: tuple[Driver, ...]
    """The preferred one first."""
    family: str
    """Engines of one family reach the same databases."""
    template_url: str
    """URL that ``init`` writes."""
    dialect: str = ""
    """The package under ``dialects`` that serves it; empty where this version does not support the engine."""
    port: int | None = None
    database: str = ""
    """The database that a URL without one means."""
    file: bool = False
    """Whether a database is a file."""
    socket_folders: tuple[str, ...] = ()
    """Folders of a local server's socket; as the host of a URL each means this machine."""

    def accepts(self, url: Url) -> bool:
        """Whether a URL's scheme can belong to this engine (MariaDB is commonly reached through ``mysql://``)."""
        return url.scheme in self.schemes

    @property
    def sync_drivers(self) -> dict[str, Driver]:
        """The drivers that connect without asyncio, by name."""
        return {driver.name: driver for driver in self.drivers if driver.sync}

    @property
    def extra(self) -> str:
        """The requirement that installs a driver with this package."""
        return f"dbwarden[{self.name}]"


_MYSQL_DRIVERS = (
    Driver("pymysql", "pymysql", "pymysql"),
    Driver("mysqldb", "MySQLdb", "mysqlclient"),
    Driver("mariadbconnector", "mariadb", "mariadb"),
    Driver("mysqlconnector", "mysql.connector", "mysql-connector-python"),
    Driver("asyncmy", "asyncmy", "asyncmy", sync=False, asynchronous=True),
    Driver("aiomysql", "aiomysql", "aiomysql", sync=False, asynchronous=True),
)

_ROWS = (
    Engine(
        "sqlite",
        schemes=("sqlite",),
        sqlalchemy_dialect="sqlite",
        drivers=(
            Driver("pysqlite", "sqlite3", "sqlite3", implied=True),
            Driver("aiosqlite", "aiosqlite", "aiosqlite", sync=False, asynchronous=True),
        ),
        family="sqlite",
        template_url="sqlite:///./app.db",
        dialect="sqlite",
        file=True,
    ),
    Engine(
        "postgresql",
        schemes=("postgresql", "postgres"),
        sqlalchemy_dialect="postgresql",
        drivers=(
            Driver("psycopg", "psycopg", "psycopg", asynchronous=True),
            Driver("psycopg_async", "psycopg", "psycopg", sync=False, asynchronous=True),
            Driver("psycopg2", "psycopg2", "psycopg2-binary"),
            Driver("asyncpg", "asyncpg", "asyncpg", sync=False, asynchronous=True),
        ),
        family="postgresql",
        template_url="postgresql://app:${DATABASE_PASSWORD}@localhost:5432/app",
        dialect="postgresql",
        port=5432,
        socket_folders=("/tmp", "/run/postgresql", "/var/run/postgresql"),
    ),
    Engine(
        "mysql",
        schemes=("mysql",),
        sqlalchemy_dialect="mysql",
        drivers=_MYSQL_DRIVERS,
        family="mysql",
        template_url="mysql://app:${DATABASE_PASSWORD}@localhost:3306/app",
        port=3306,
    ),
    Engine(
        "mariadb",
        schemes=("mariadb", "mysql"),
        sqlalchemy_dialect="mariadb",
        drivers=_MYSQL_DRIVERS,
        family="mysql",
        template_url="mariadb://app:${DATABASE_PASSWORD}@localhost:3306/app",
        port=3306,
    ),
    Engine(
        "clickhouse",
        schemes=("clickhouse", "clickhousedb"),
        sqlalchemy_dialect="clickhousedb",
        drivers=(
            Driver("connect", "clickhouse_connect", "clickhouse-connect", implied=True),
            Driver("http", "clickhouse_connect", "clickhouse-connect", implied=True),
        ),
        family="clickhouse",
        template_url="clickhouse://app:${DATABASE_PASSWORD}@localhost:8123/app",
        port=8123,
        database="default",
    ),
)

ENGINES: Mapping[str, Engine] = {engine.name: engine for engine in _ROWS}
"""Engines by the name that ``database_type`` uses."""
SUPPORTED: Mapping[str, Engine] = {engine.name: engine for engine in _ROWS if engine.dialect}
"""Engines that this version migrates."""
SCHEMES: Mapping[str, Engine] = {scheme: engine for engine in reversed(_ROWS) for scheme in engine.schemes}
"""Each scheme with the engine that it means."""
DEFAULT = ENGINES["sqlite"]
"""Engine that ``init`` writes where none is named: it needs no installation and no server."""
DEVELOPMENT_URL = "sqlite:///./development.db"
"""The example of a database for development: no server, and other engines' statements are translated for it."""
