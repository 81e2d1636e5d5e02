"""The table of database engines: their URL schemes, their drivers, their dialects.

A new engine is a row here and a package under ``dialects``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

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
    """Whether it is SQLAlchemy's default, so that a URL does not name it."""
    sqlalchemy_dialect: str = ""
    """SQLAlchemy's name for the dialect that calls this driver, if it is not that of the engine."""
    own_parameters: frozenset[str] = frozenset()
    """Parameters of a URL that no other driver of the engine has."""
    doubles_percent: bool = True
    """Whether a percent sign is doubled in a statement with parameters whose placeholders begin with it."""
    spellings: Mapping[str, tuple[str, Mapping[str, str]]] = field(default_factory=dict)
    """Parameters that it spells in its own way, with the name and the values that the engine's other drivers read."""


@dataclass(frozen=True, slots=True)
class Engine:
    """A database product. ``mysql`` and ``mariadb`` are two engines of one family: they share URLs and drivers."""

    name: str
    schemes: tuple[str, ...]
    """URL schemes, the usual one first. A scheme of two engines means the first unless ``database_type`` is set."""
    sqlalchemy_dialect: str
    """SQLAlchemy's name for the dialect."""
    drivers: tuple[Driver, ...]
    """Drivers, the preferred one first."""
    family: str
    """Name shared by engines whose URLs may lead to the same database."""
    template_url: str
    """URL that ``init`` writes."""
    dialect: str = ""
    """Package under ``dialects``; empty if this version does not support the engine."""
    port: int | None = None
    database: str = ""
    """Database of a URL that names none."""
    needs_database: bool = False
    """Whether a URL must name a database: the engine has no default."""
    socket_option: str = ""
    """Parameter of a URL with the path of a local server's socket."""
    file: bool = False
    """Whether a database is a file."""
    socket_folders: tuple[str, ...] = ()
    """Folders of a local server's socket; as host of a URL they mean this machine."""
    clusters: bool = False
    """Whether its servers form clusters with names, on all servers of which a statement can run."""
    server_backups: bool = False
    """Whether the server saves backups itself, in a place that a statement names."""
    also_called: tuple[str, ...] = ()
    """Names that other tools have for the engine or for an extension of it."""
    namespace_option: str = ""
    """Setting in ``options`` of a URL that chooses a schema: two schemas of one database are two targets."""

    def accepts(self, url: Url) -> bool:
        """Whether the URL's scheme can belong to this engine (``mysql://`` is common for MariaDB)."""
        return url.scheme in self.schemes

    @property
    def sync_drivers(self) -> dict[str, Driver]:
        """The drivers that connect without asyncio, by name."""
        return {driver.name: driver for driver in self.drivers if driver.sync}

    @property
    def extra(self) -> str:
        """The pip requirement that installs DBWarden with a driver for this engine."""
        return f"dbwarden[{self.name}]"


_ASYNCHRONOUS = frozenset("echo loop cursor_cls cursorclass auth_plugin".split())
_MYSQL_DRIVERS = (
    Driver("pymysql", "pymysql", "pymysql"),
    Driver("mysqldb", "MySQLdb", "mysqlclient"),
    Driver("mariadbconnector", "mariadb", "mariadb"),
    Driver("mysqlconnector", "mysql.connector", "mysql-connector-python", doubles_percent=False),
    Driver("asyncmy", "asyncmy", "asyncmy", sync=False, asynchronous=True, own_parameters=_ASYNCHRONOUS),
    Driver("aiomysql", "aiomysql", "aiomysql", sync=False, asynchronous=True, own_parameters=_ASYNCHRONOUS),
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
        also_called=("sqlite3", "spatialite"),
    ),
    Engine(
        "postgresql",
        schemes=("postgresql", "postgres"),
        sqlalchemy_dialect="postgresql",
        drivers=(
            Driver("psycopg", "psycopg", "psycopg", asynchronous=True),
            Driver("psycopg_async", "psycopg", "psycopg", sync=False, asynchronous=True),
            Driver("psycopg2", "psycopg2", "psycopg2-binary"),
            Driver(
                "asyncpg",
                "asyncpg",
                "asyncpg",
                sync=False,
                asynchronous=True,
                own_parameters=frozenset(
                    "prepared_statement_cache_size prepared_statement_name_func async_fallback statement_cache_size"
                    " max_cached_statement_lifetime max_cacheable_statement_size command_timeout timeout server_settings"
                    " direct_tls".split()
                ),
                spellings={"ssl": ("sslmode", {"true": "require", "false": "disable"})},
            ),
        ),
        family="postgresql",
        template_url="postgresql://app:${DATABASE_PASSWORD}@localhost:5432/app",
        dialect="postgresql",
        port=5432,
        socket_folders=("/tmp", "/run/postgresql", "/var/run/postgresql"),
        also_called=("postgresql_psycopg2", "postgis"),
        namespace_option="search_path",
    ),
    Engine(
        "mysql",
        schemes=("mysql",),
        sqlalchemy_dialect="mysql",
        drivers=_MYSQL_DRIVERS,
        family="mysql",
        template_url="mysql://app:${DATABASE_PASSWORD}@localhost:3306/app",
        dialect="mysql",
        port=3306,
        needs_database=True,
        socket_option="unix_socket",
        socket_folders=("/tmp", "/run/mysqld", "/var/run/mysqld", "/var/lib/mysql"),
    ),
    Engine(
        "mariadb",
        schemes=("mariadb", "mysql"),
        sqlalchemy_dialect="mariadb",
        drivers=_MYSQL_DRIVERS,
        family="mysql",
        template_url="mariadb://app:${DATABASE_PASSWORD}@localhost:3306/app",
        dialect="mysql",
        port=3306,
        needs_database=True,
        socket_option="unix_socket",
        socket_folders=("/tmp", "/run/mysqld", "/var/run/mysqld", "/var/lib/mysql"),
    ),
    Engine(
        "clickhouse",
        schemes=("clickhouse", "clickhousedb"),
        sqlalchemy_dialect="clickhousedb",
        drivers=(
            Driver("connect", "clickhouse_connect", "clickhouse-connect", implied=True),
            Driver("async", "clickhouse_connect", "clickhouse-connect", sync=False, asynchronous=True),
            Driver("http", "clickhouse_sqlalchemy", "clickhouse-sqlalchemy", sqlalchemy_dialect="clickhouse"),
            Driver("native", "clickhouse_sqlalchemy", "clickhouse-sqlalchemy", sqlalchemy_dialect="clickhouse"),
            Driver(
                "asynch",
                "clickhouse_sqlalchemy",
                "clickhouse-sqlalchemy",
                sync=False,
                asynchronous=True,
                sqlalchemy_dialect="clickhouse",
            ),
        ),
        family="clickhouse",
        template_url="clickhouse://app:${DATABASE_PASSWORD}@localhost:8123/app",
        dialect="clickhouse",
        port=8123,
        database="default",
        clusters=True,
        server_backups=True,
    ),
)

ENGINES: Mapping[str, Engine] = {engine.name: engine for engine in _ROWS}
"""Engines by the name that ``database_type`` uses."""
SUPPORTED: Mapping[str, Engine] = {engine.name: engine for engine in _ROWS if engine.dialect}
"""Engines that this version migrates."""
SCHEMES: Mapping[str, Engine] = {scheme: engine for engine in reversed(_ROWS) for scheme in engine.schemes}
"""Engines by URL scheme."""
DEFAULT = ENGINES["sqlite"]
"""Engine that ``init`` writes by default: it needs no installation and no server."""
DEVELOPMENT_URL = "sqlite:///./development.db"
"""Example URL of a development database: SQLite needs no server, and statements of other engines are translated for it."""
