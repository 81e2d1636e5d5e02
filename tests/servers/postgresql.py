"""A private PostgreSQL: binaries on PATH or where Debian puts each version, else a container."""

from __future__ import annotations

import atexit
import importlib.util
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from dbwarden.api.connection import connect as open_connection
from dbwarden.dialects.base import docker_server, local_server
from dbwarden.dialects.base.local_server import Instance
from dbwarden.dialects.postgresql.servers import DOCKER_SERVER, LOCAL_SERVER, NOT_DURABLE
from dbwarden.errors import Unsupported
from tests.servers import crashable as crashables
from tests.servers import debian, local, process
from tests.servers.crashable import CrashableServer
from tests.servers.server import Server, Source, Started, Unavailable

if TYPE_CHECKING:
    import psycopg

NAME = "postgresql"
DRIVER = "psycopg"
PACKAGES: tuple[str, ...] = ("postgresql",)
VARIABLE = "DBWARDEN_TEST_POSTGRESQL_URL"
IMAGE = os.environ.get("DBWARDEN_TEST_POSTGRESQL_IMAGE", "postgres:17-alpine")

# Room for a few test processes and their subprocesses.
SETTINGS = {
    "max_connections": "200",
    "shared_buffers": "128MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "256MB",
    "timezone": "UTC",
}


@dataclass(frozen=True)
class PostgreSQL:
    root: str
    version: str

    def url(self, database: str) -> str:
        return urlunsplit(urlsplit(self.root)._replace(path=f"/{database}"))

    def create_database(self, name: str, template: str = "template0") -> None:
        # template1 may be in use by somebody. Whole files are copied several times faster than pages; it costs a
        # checkpoint, which costs nothing without fsync. Before version 15 that was the only way, without a name.
        strategy = " STRATEGY file_copy" if int(self.version.partition(".")[0]) >= 15 else ""
        administrator(self.root).execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"{strategy}')

    def drop_database(self, name: str) -> None:
        administrator(self.root).execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def connect(url: str) -> psycopg.Connection[Any]:
    import psycopg  # only where a PostgreSQL test runs

    return psycopg.connect(re.sub(r"^postgresql\+\w+://", "postgresql://", url), autocommit=True, connect_timeout=10)


def administrator(root: str) -> psycopg.Connection[Any]:
    """This process's connection that makes and drops databases: a new one would cost a third of what a database costs."""
    connection = _administrators.get((os.getpid(), root))
    if connection is None or connection.closed:
        connection = _administrators[os.getpid(), root] = connect(root)
        atexit.register(connection.close)
    return connection


_administrators: dict[tuple[int, str], psycopg.Connection[Any]] = {}
"""By process, because a fork must not speak on its parent's connection, and root."""


def find() -> Source:
    if importlib.util.find_spec("psycopg") is None:
        raise Unavailable("the driver psycopg is not installed: pip install 'dbwarden[postgresql]'")
    if os.environ.get(VARIABLE):
        return Source(VARIABLE, os.environ[VARIABLE])
    installed = LOCAL_SERVER.installed()
    if installed:
        return Source("private server", str(installed[max(installed)]))
    if process.docker_works():
        return Source("container", IMAGE)
    raise Unavailable(
        f"no PostgreSQL server programs found ({', '.join(LOCAL_SERVER.programs)} on PATH or in /usr/lib/postgresql/*/bin),"
        f" and no Docker; install them (Debian: apt-get install {PACKAGES[0]}) or set {VARIABLE}"
    )


def install() -> bool:
    return debian.install(PACKAGES)


def start(source: Source, folder: Path) -> Started:
    if source.kind == VARIABLE:
        return Started(attach(source.place))
    # A real password, so that a password that is lost or printed somewhere is noticed.
    password = secrets.token_hex(8)
    try:
        if source.kind == "container":
            return start_container(source.place, password)
        return start_local(Path(source.place), folder, password)
    except Unsupported as error:
        raise Unavailable(error.reason) from error


def start_local(programs: Path, folder: Path, password: str) -> Started:
    instance = Instance(programs, folder, LOCAL_SERVER.account(programs), 0, password, SETTINGS)
    local_server.initialize(LOCAL_SERVER, instance)
    access = instance.data / "pg_hba.conf"
    access.write_text(access.read_text().replace("scram-sha-256", "md5"))  # which takes the other as well
    folder.chmod(0o755)
    instance, child, connection = local.launch(LOCAL_SERVER, instance, open_connection)
    connection.close()
    prepare(LOCAL_SERVER.url(instance), password)
    child.returncode = 0  # it outlives this process: Popen's own complaint about that would be an error here
    stop = process.as_account(instance.account, LOCAL_SERVER.stop(instance))
    return Started(attach(LOCAL_SERVER.url(instance)), stop)


def prepare(root: str, password: str) -> None:
    """Make connections cheap, of which a run of the tests opens tens of thousands."""
    with connect(root) as connection:
        # A password's proof takes 4096 rounds of hashing on both sides, which is more than the rest of a connection.
        quick = "scram_iterations = 1" if connection.info.server_version >= 16_00_00 else "password_encryption = 'md5'"
        connection.execute(f"SET {quick}")
        connection.execute(f"ALTER ROLE CURRENT_USER PASSWORD '{password}'")
        # The first session in a database writes down its descriptions of the catalogs, and copies inherit that.
        connection.execute("ALTER DATABASE template0 ALLOW_CONNECTIONS true")
        connect(urlunsplit(urlsplit(root)._replace(path="/template0"))).close()
        connection.execute("ALTER DATABASE template0 ALLOW_CONNECTIONS false")


def start_container(image: str, password: str) -> Started:
    name = f"dbwarden-test-{secrets.token_hex(4)}"
    settings = [part for key, value in {**NOT_DURABLE, **SETTINGS}.items() for part in ("-c", f"{key}={value}")]
    root = docker_server.launch(
        DOCKER_SERVER, name, image, password, ["--tmpfs", "/var/lib/postgresql/data"], ["postgres", *settings]
    )
    docker_server.first_connection(root, open_connection).close()
    return Started(attach(root), docker_server.removal(name))


def attach(root: str) -> Server:
    with connect(root) as connection:
        row = connection.execute("SHOW server_version").fetchone()
    return PostgreSQL(root, str(row[0]).split()[0] if row else "?")


def running() -> AbstractContextManager[Server]:
    return local.running(NAME, find, start)


DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
"""Settings of a server that is killed: PostgreSQL's own where ``NOT_DURABLE`` has others."""


def programs() -> Path:
    """Folder of the server's programs on this machine. Raises ``Unavailable``."""
    installed = LOCAL_SERVER.installed()
    if not installed:
        raise Unavailable(f"no PostgreSQL server program on this machine; install it (Debian: {PACKAGES[0]})")
    return installed[max(installed)]


@contextmanager
def crashable() -> Iterator[CrashableServer]:
    """A server that can be killed and started again, and that keeps what it has committed."""
    folder, password = programs(), secrets.token_hex(8)
    account = LOCAL_SERVER.account(folder)
    settings = {**SETTINGS, **DURABLE}
    with crashables.running(
        LOCAL_SERVER, lambda place: Instance(folder, place, account, 0, password, settings), open_connection
    ) as running:
        yield running
