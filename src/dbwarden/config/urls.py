"""Database URLs: read, masked, mapped to an installed driver, and compared by what they point at.

SQLAlchemy is not imported here: a command that only shows settings pays for none of it.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlencode

from dbwarden.core.redaction import MASK as MASK
from dbwarden.core.redaction import SECRET_KEY
from dbwarden.core.redaction import redacted as redacted
from dbwarden.core.redaction import redacted_text as redacted_text
from dbwarden.core.url import GRAMMAR
from dbwarden.errors import InvalidUrl, MissingDriver

from .nearest import nearest


@dataclass(frozen=True, slots=True)
class Driver:
    """A driver: its name after ``+`` in a URL (empty: SQLAlchemy's own choice), the module that must be importable."""

    name: str
    module: str
    package: str
    sync: bool = True
    asynchronous: bool = False


@dataclass(frozen=True, slots=True)
class Engine:
    """One row per database product: the URL schemes people write, and what they become for SQLAlchemy."""

    name: str
    schemes: tuple[str, ...]
    dialect: str
    drivers: tuple[Driver, ...]
    family: str
    port: int | None = None
    database: str = ""
    file: bool = False

    def speaks(self, address: Address) -> bool:
        """Whether a URL's scheme can belong to this product (MariaDB is commonly reached through ``mysql://``)."""
        return address.scheme in self.schemes


_MYSQL_DRIVERS = (
    Driver("pymysql", "pymysql", "pymysql"),
    Driver("mysqldb", "MySQLdb", "mysqlclient"),
    Driver("mariadbconnector", "mariadb", "mariadb"),
    Driver("mysqlconnector", "mysql.connector", "mysql-connector-python"),
    Driver("asyncmy", "asyncmy", "asyncmy", sync=False, asynchronous=True),
    Driver("aiomysql", "aiomysql", "aiomysql", sync=False, asynchronous=True),
)

ENGINES: dict[str, Engine] = {
    engine.name: engine
    for engine in (
        Engine(
            "sqlite",
            ("sqlite",),
            "sqlite",
            (
                Driver("", "sqlite3", "sqlite3"),
                Driver("pysqlite", "sqlite3", "sqlite3"),
                Driver("aiosqlite", "aiosqlite", "aiosqlite", sync=False, asynchronous=True),
            ),
            family="sqlite",
            file=True,
        ),
        Engine(
            "postgresql",
            ("postgresql", "postgres"),
            "postgresql",
            (
                Driver("psycopg", "psycopg", "psycopg", asynchronous=True),
                Driver("psycopg_async", "psycopg", "psycopg", sync=False, asynchronous=True),
                Driver("psycopg2", "psycopg2", "psycopg2-binary"),
                Driver("asyncpg", "asyncpg", "asyncpg", sync=False, asynchronous=True),
            ),
            family="postgresql",
            port=5432,
        ),
        Engine("mysql", ("mysql",), "mysql", _MYSQL_DRIVERS, family="mysql", port=3306),
        Engine("mariadb", ("mariadb", "mysql"), "mariadb", _MYSQL_DRIVERS, family="mysql", port=3306),
        Engine(
            "clickhouse",
            ("clickhouse", "clickhousedb"),
            "clickhousedb",
            (
                Driver("", "clickhouse_connect", "clickhouse-connect"),
                Driver("connect", "clickhouse_connect", "clickhouse-connect"),
                Driver("http", "clickhouse_connect", "clickhouse-connect"),
            ),
            family="clickhouse",
            port=8123,
            database="default",
        ),
    )
}

# A scheme that two products share means the first of them, until database_type says otherwise.
_SCHEMES = {scheme: engine.name for engine in reversed(ENGINES.values()) for scheme in engine.schemes}


@dataclass(frozen=True, slots=True)
class Address:
    """A URL in its parts; ``rest`` is what follows ``://``, as typed. Its repr shows no password."""

    scheme: str
    driver: str
    engine: str
    username: str = ""
    password: str = field(default="", repr=False)
    host: str = ""
    port: int | None = None
    database: str = ""
    query: str = field(default="", repr=False)
    rest: str = field(default="", repr=False)

    @property
    def parameters(self) -> dict[str, str]:
        """The query string; of a repeated key the first value."""
        return dict(reversed(parse_qsl(self.query, keep_blank_values=True)))


def parse(url: str, where: str) -> Address:
    """Read a URL. ``where`` (file, line and setting) begins the message of the ``InvalidUrl`` that a mistake raises."""

    def refuse(reason: str) -> InvalidUrl:
        return InvalidUrl(where=where, url=redacted(url), reason=reason)

    match = GRAMMAR.match(url.strip())
    if match is None:
        raise refuse("a URL looks like postgresql://user@host:5432/name or sqlite:///file.db")
    part = {key: value or "" for key, value in match.groupdict().items()}
    scheme = part["scheme"].lower()
    if scheme not in _SCHEMES:
        known = ", ".join(f"{name}://" for name in ENGINES)
        raise refuse(f"the scheme '{scheme}' is not known (known: {known}){nearest(scheme, _SCHEMES)}")
    if "@" in part["host"]:
        raise refuse("in a user name or password @ is written %40, / is %2F and : is %3A")
    if "@" in part["database"] and "@" in part["rest"].partition("/")[0]:
        raise refuse("in a user name or password @ is written %40, / is %2F and : is %3A")
    if part["port"] and not part["port"].isdecimal():
        raise refuse("the port is not a number")
    if ENGINES[_SCHEMES[scheme]].file and part["host"]:
        raise refuse(f"a file takes three slashes: {scheme}:///{part['host']}")
    return Address(
        scheme=scheme,
        driver=part["driver"].lower(),
        engine=_SCHEMES[scheme],
        username=unquote(part["username"]),
        password=unquote(part["password"]),
        host=part["ipv6"] or part["host"],
        port=int(part["port"]) if part["port"] else None,
        database=part["database"],
        query=part["query"],
        rest=part["rest"],
    )


# -- masking ------------------------------------------------------------------------------------------------------


def secrets(address: Address) -> frozenset[str]:
    """Every password in the URL, as typed and decoded: what must not appear in any text that is shown."""
    hidden = {value for key, value in parse_qsl(address.query) if re.fullmatch(SECRET_KEY, key, re.IGNORECASE)}
    if typed := re.match(r"[^:/]*:([^@]*)@", address.rest):
        hidden |= {typed[1], address.password}
    return frozenset(hidden - {""})


# -- for SQLAlchemy -----------------------------------------------------------------------------------------------


def connectable(address: Address, engine: Engine, root: Path, *, asynchronous: bool = False) -> str:
    """The URL for ``create_engine`` (``create_async_engine``): SQLAlchemy's dialect name, an installed driver of the
    kind that is needed, a file's path absolute. Raises ``MissingDriver``."""
    driver = _choose(address, engine, asynchronous)
    rest = _absolute(address, root) if engine.file else _translated_query(address, driver)
    suffix = "" if driver.name in ("", "http") else f"+{driver.name}"
    return f"{engine.dialect}{suffix}://{rest}"


def check_driver(address: Address, engine: Engine, where: str) -> None:
    """Raise ``InvalidUrl`` for a driver that is not known for this product."""
    known = [driver.name for driver in engine.drivers if driver.name]
    if address.driver and address.driver not in known:
        raise InvalidUrl(
            where=where,
            url=redacted(f"{address.scheme}+{address.driver}://{address.rest}"),
            reason=f"the driver '{address.driver}' is not supported for {engine.name} (supported: {', '.join(known)};"
            f" with {engine.schemes[0]}:// the one that is installed is taken)",
        )


def _choose(address: Address, engine: Engine, asynchronous: bool) -> Driver:
    suitable = [driver for driver in engine.drivers if (driver.asynchronous if asynchronous else driver.sync)]
    explicit = [driver for driver in suitable if driver.name == address.driver and driver.name]
    installed = [driver for driver in explicit or suitable if _importable(driver.module)]
    if installed:
        return installed[0]
    wanted = " or ".join(dict.fromkeys(driver.package for driver in explicit or suitable)) or "a driver"
    kind = "asynchronous " if asynchronous else ""
    install = f'pip install "dbwarden[{engine.name}]"' if not asynchronous else f"pip install {wanted.split()[0]}"
    if explicit and not asynchronous:
        install = f"pip install {explicit[0].package}, or write {engine.schemes[0]}:// and {install}"
    raise MissingDriver(engine=engine.name, kind=kind, wanted=wanted, install=install)


def _importable(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # the parent of a dotted name is absent
        return False


_ASYNCPG_ONLY = """prepared_statement_cache_size prepared_statement_name_func async_fallback statement_cache_size
    max_cached_statement_lifetime max_cacheable_statement_size command_timeout timeout server_settings direct_tls""".split()


def _translated_query(address: Address, driver: Driver) -> str:
    """asyncpg spells TLS ``ssl=``, libpq ``sslmode=``; the rest of the URL stays as typed."""
    if address.driver != "asyncpg" or driver.name == "asyncpg" or not address.query:
        return address.rest
    pairs = [
        ("sslmode", {"true": "require", "false": "disable"}.get(value.lower(), value)) if key == "ssl" else (key, value)
        for key, value in parse_qsl(address.query, keep_blank_values=True)
        if key not in _ASYNCPG_ONLY
    ]
    stem = address.rest[: -len(address.query) - 1]
    return f"{stem}?{urlencode(pairs)}" if pairs else stem


def _absolute(address: Address, root: Path) -> str:
    if in_memory(address):
        return address.rest
    prefix = "file:" if address.database.startswith("file:") else ""
    path = _file(address, root).as_posix()
    return f"/{prefix}{path}" + (f"?{address.query}" if address.query else "")


def in_memory(address: Address) -> bool:
    """Whether the database is gone when it is closed."""
    return address.database in ("", ":memory:", "file::memory:") or address.parameters.get("mode") == "memory"


def _file(address: Address, root: Path) -> Path:
    return Path(os.path.normpath(root / address.database.removeprefix("file:")))


# -- what a URL points at -----------------------------------------------------------------------------------------

_LOCAL = ("", "localhost", "127.0.0.1", "::1", "0.0.0.0", "/tmp", "/run/postgresql", "/var/run/postgresql")


def target(address: Address, engine: Engine, root: Path) -> tuple[str, ...] | None:
    """What the URL points at, the same for two spellings of one database (host names, default ports, drivers, users,
    relative paths); ``None`` for a database in memory, which nobody else can reach.

    A PostgreSQL ``search_path`` in ``options`` is part of the target: two schemas of one database are two targets.
    """
    if engine.file:
        return None if in_memory(address) else (engine.family, str(_file(address, root).resolve()))
    parameters = address.parameters
    host = (address.host or parameters.get("host", "")).lower().rstrip(".")
    host, _, inline_port = host.rpartition(":") if re.fullmatch(r"[^:]+:\d+", host) else (host, "", "")
    port = address.port or parameters.get("port") or inline_port or engine.port
    database = address.database or parameters.get("dbname", "") or engine.database or address.username
    path = re.search(r"search_path(?:=|%3D)(\S+)", unquote(parameters.get("options", "")), re.IGNORECASE)
    return (
        engine.family,
        "localhost" if host.rstrip("/") in _LOCAL or host.startswith("127.") else host,
        str(port),
        unquote(database),
        path[1] if path else "",
    )
