"""What the modules of MySQL and of MariaDB share: private servers from a cached data folder, databases, containers."""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import importlib.util
import os
import re
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit, urlunsplit

from dbwarden.core.archive import Command
from dbwarden.dialects.base import docker_server, local_server
from dbwarden.dialects.base.account import Account
from dbwarden.dialects.base.local_server import Instance, LocalServer
from dbwarden.dialects.mysql.servers import DOCKER_SERVERS, LOCAL_SERVERS, NOT_DURABLE
from dbwarden.errors import DatabaseError, Unsupported
from tests.servers import crashable, debian, local, mysql_objects, process
from tests.servers.crashable import CrashableServer
from tests.servers.mysql_objects import query, quote
from tests.servers.server import Server, Source, Started, Unavailable

if TYPE_CHECKING:
    import pymysql

    Connection = pymysql.Connection[Any]

# Room for a few test processes and their subprocesses.
SETTINGS = {
    "max-connections": "200",
    "innodb-buffer-pool-size": "64M",
    "performance-schema": "ON",
    "character-set-server": "utf8mb4",
    "default-time-zone": "+00:00",
}


@dataclass(frozen=True)
class MySQLServer:
    root: str
    version: str

    def url(self, database: str) -> str:
        return urlunsplit(urlsplit(self.root)._replace(path=f"/{database}"))

    def create_database(self, name: str, template: str = "") -> None:
        connection = administrator(self.root)
        query(connection, f"CREATE DATABASE {quote(name)}")
        if template:
            mysql_objects.copy(connection, template, name)

    def drop_database(self, name: str) -> None:
        connection = administrator(self.root)
        # A transaction that somebody left open would make DROP wait for its locks.
        for session, *_rest in query(
            connection,
            f"SELECT id FROM information_schema.processlist WHERE db = '{name}' AND id <> CONNECTION_ID()",
        ):
            try:
                query(connection, f"KILL {session}")
            except connection.OperationalError as error:
                if error.args[0] != UNKNOWN_SESSION:
                    raise
        query(connection, f"DROP DATABASE IF EXISTS {quote(name)}")


UNKNOWN_SESSION = 1094


def connect(url: str) -> Connection:
    """A connection of PyMySQL's own, which commits by itself."""
    import pymysql  # only where a test of these engines runs

    parts = urlsplit(url)
    return pymysql.connect(
        host=parts.hostname or "localhost",
        port=parts.port or 3306,
        unix_socket=parse_qs(parts.query).get("unix_socket", [None])[0],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        database=unquote(parts.path.strip("/")) or None,
        autocommit=True,
        connect_timeout=10,
        ssl_disabled=True,  # the driver would load certificates for every connection, which takes ten times as long
    )


def administrator(root: str) -> Connection:
    """This process's connection that makes and drops databases."""
    connection = _administrators.get((os.getpid(), root))
    if connection is None or not connection.open:
        connection = _administrators[os.getpid(), root] = connect(root)
        atexit.register(_close, connection, os.getpid())
    return connection


_administrators: dict[tuple[int, str], Connection] = {}
"""By process, because a fork must not speak on its parent's connection, and root."""


def _close(connection: Connection, process: int) -> None:
    if connection.open and process == os.getpid():
        connection.close()


# -- where from ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Flavour:
    """One of the two products."""

    name: str
    variable: str
    """Environment variable with the URL of a server of one's own."""
    image: str
    advice: str
    """How to get the programs."""
    tree: debian.Tree | None = None
    """Programs that are unpacked where nothing is installed."""
    oldest: local_server.Version = ()
    """The installed programs must be of this version or a later one."""

    @property
    def local_server(self) -> LocalServer:
        return LOCAL_SERVERS[self.name]

    def find(self) -> Source:
        if importlib.util.find_spec("pymysql") is None:
            raise Unavailable(f"the driver pymysql is not installed: pip install 'dbwarden[{self.name}]'")
        if os.environ.get(self.variable):
            return Source(self.variable, os.environ[self.variable])
        if programs := self._newest():
            return Source("private server", str(programs))
        if process.docker_works():
            return Source("container", self.image)
        raise Unavailable(
            f"no {self.local_server.product} server program found ({', '.join(self.local_server.programs)}), and no Docker;"
            f" {self.advice} or set {self.variable}"
        )

    def start(self, source: Source, folder: Path) -> Started:
        if source.kind == self.variable:
            return Started(attach(source.place))
        # A real password, so that a password that is lost or printed somewhere is noticed.
        password = secrets.token_hex(8)
        try:
            if source.kind == "container":
                return self._start_container(source.place, password)
            return self._start_local(Path(source.place), folder, password)
        except Unsupported as error:
            raise Unavailable(error.reason) from error

    def running(self) -> AbstractContextManager[Server]:
        return local.running(self.name, self.find, self.start)

    def _start_container(self, image: str, password: str) -> Started:
        name = f"dbwarden-test-{secrets.token_hex(4)}"
        settings = [f"--{key}={value}".removesuffix("=") for key, value in {**NOT_DURABLE, **SETTINGS}.items()]
        server = DOCKER_SERVERS[self.name]
        root = docker_server.launch(server, name, image, password, ["--tmpfs", "/var/lib/mysql"], settings)
        docker_server.first_connection(root, open_connection).close()
        return Started(attach(root), docker_server.removal(name))

    def _start_local(self, programs: Path, folder: Path, password: str) -> Started:
        instance = Instance(programs, folder, Account(), 0, password, settings())
        server = replace(self.local_server, initialize=partial(self._copy_template, template(self, programs)))
        local_server.initialize(server, instance)
        instance, child, connection = local.launch(server, instance, open_connection)
        connection.close()
        child.returncode = 0  # it outlives this process: Popen's own complaint about that would be an error here
        stop = ("/bin/sh", "-c", STOP, "sh", str(child.pid), str(folder))
        return Started(attach(server.url(instance)), stop)

    def _newest(self) -> Path | None:
        """Folder of the server's programs on this machine: installed, else unpacked."""
        installed = {
            version: folder for version, folder in self.local_server.installed().items() if version >= self.oldest
        }
        return installed[max(installed)] if installed else self.tree and self.tree.newest()

    def programs(self) -> Path:
        """Folder of the server's programs on this machine. Raises ``Unavailable``."""
        programs = self._newest()
        if programs is None:
            raise Unavailable(f"no {self.local_server.product} server program on this machine; {self.advice}")
        return programs

    @contextmanager
    def crashable(self) -> Iterator[CrashableServer]:
        """A server that can be killed and started again, and that keeps what it has committed."""
        programs = self.programs()
        server = replace(self.local_server, initialize=partial(self._copy_template, template(self, programs)))
        options, password = {**settings(), **DURABLE}, secrets.token_hex(8)
        with crashable.running(
            server, lambda folder: Instance(programs, folder, Account(), 0, password, options), open_connection
        ) as running:
            yield running

    @staticmethod
    def _copy_template(folder: Path, instance: Instance) -> Iterator[Command]:
        shutil.copytree(folder, instance.data)
        return iter(())


DURABLE = {
    "innodb-flush-log-at-trx-commit": "1",
    "innodb-flush-method": "fsync",
    "innodb-doublewrite": "ON",
    "performance-schema": "OFF",
    "secure-file-priv": "/",
}
"""Settings of a server that is killed: the engine's own where ``NOT_DURABLE`` has others, and what makes it start quickly."""

STOP = """
if [ -r "/proc/$1/cmdline" ]; then args=$(tr '\\0' ' ' <"/proc/$1/cmdline"); else args=$(ps -o args= -p "$1"); fi
case $args in *"--datadir=$2/"*) kill -KILL "$1" ;; esac
"""
"""Unlike the product's, it needs no PID file: the folder may be gone before the server."""


def settings() -> dict[str, str]:
    """Settings of every local server; root has to say that it means to run one."""
    return {**SETTINGS, **({"user": "root"} if os.geteuid() == 0 else {})}


def open_connection(url: str) -> Connection:
    """The same for a server that may not be there yet. Raises ``DatabaseError``."""
    import pymysql

    path = parse_qs(urlsplit(url).query).get("unix_socket", [""])[0]
    if path and not Path(path).exists():
        raise DatabaseError(f"there is no socket {path}")  # the driver would leave its own one open
    try:
        return connect(url)
    except pymysql.OperationalError as error:
        raise DatabaseError(str(error)) from error


def attach(root: str) -> Server:
    with connect(root) as connection:
        ((version,),) = query(connection, "SELECT VERSION()")
    return MySQLServer(root, re.split("[^0-9.]", version)[0])


# -- the data folder that servers start with ----------------------------------------------------------------------


def template(flavour: Flavour, programs: Path) -> Path:
    """Initialised data folder for these programs, from the cache: to make one takes seconds, to copy it a tenth."""
    server = flavour.local_server
    shown = subprocess.run([programs / server.programs[0], "--version"], capture_output=True, text=True, check=True)
    command = server.start(Instance(programs, Path("/data"), settings=settings()))
    key = hashlib.sha256("\0".join([shown.stdout, *command]).encode()).hexdigest()[:12]
    folder = debian.cache() / f"{flavour.name}-data-{key}"
    debian.cache().mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _make_template(server, programs, folder)
    return folder


def _make_template(server: LocalServer, programs: Path, folder: Path) -> None:
    """Initialise a data folder, and start and end a server on it once, which writes its keys and caches."""
    with tempfile.TemporaryDirectory(prefix="dbwarden-template-", dir=process.base()) as name:
        instance = Instance(programs, Path(name), settings=settings())
        local_server.initialize(server, instance)
        child = local_server.start(server, instance)
        query(local_server.first_connection(server, instance, child, open_connection), "SHUTDOWN")
        child.wait(local_server.WAIT)
        complete = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        shutil.copytree(instance.data, complete, dirs_exist_ok=True)
        complete.rename(folder)
