"""PgBouncer in transaction mode, in front of a PostgreSQL server that is running already."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from tests.servers import debian, process
from tests.servers.server import Source, Unavailable

if TYPE_CHECKING:
    import psycopg

NAME = "pgbouncer"
PACKAGES: tuple[str, ...] = ("pgbouncer",)

CONFIGURATION = """
[databases]
* = host={host} port={port} user={user}{password}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own}
unix_socket_dir =
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 200
auth_type = any
admin_users = {user}
logfile = {folder}/pgbouncer.log
server_login_retry = 1
"""


@dataclass(frozen=True)
class Pooler:
    """A pooler in front of one database."""

    url: str
    """Of the database, through the pooler."""
    direct: str
    """Of the database itself."""


def find() -> Source:
    program = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        raise Unavailable(f"pgbouncer was not found; install it (Debian: apt-get install {PACKAGES[0]})")
    return Source("program", program)


def install() -> bool:
    return debian.install(PACKAGES)


@contextmanager
def running(direct: str, size: int = 1) -> Iterator[Pooler]:
    """A pooler with at most ``size`` connections to the server: with one, whatever a client leaves behind meets the next."""
    source = find()
    folder = Path(tempfile.mkdtemp(prefix="dbwarden-pgbouncer-", dir=process.base()))
    account = process.account("postgres")
    own, server = process.free_port(), urlsplit(direct)
    file = folder / "pgbouncer.ini"
    file.write_text(
        CONFIGURATION.format(
            host=server.hostname, port=server.port or 5432, user=server.username,
            password=f" password={server.password}" if server.password else "",
            own=own, size=size, folder=folder,
        )
    )  # fmt: skip
    for path in (folder, file):
        account.own(path)
    pooled = urlunsplit(server._replace(netloc=f"{server.username}@127.0.0.1:{own}"))
    with (
        (folder / "output.log").open("wb") as log,
        account.spawn([source.place, "--quiet", str(file)], folder, log) as child,
    ):
        process.guard(os.getpid(), folder, ("kill", str(child.pid)))
        try:
            wait_until_ready(pooled, child, folder)
            yield Pooler(pooled, direct)
        finally:
            child.kill()
            child.wait()
            shutil.rmtree(folder, ignore_errors=True)


def wait_until_ready(url: str, child: subprocess.Popen[bytes], folder: Path) -> None:
    import psycopg  # only where a test of the pooler runs

    for _ in range(200):
        try:
            connect(url).close()
            return
        except psycopg.OperationalError:
            if child.poll() is not None:
                break
            time.sleep(0.05)
    log = folder / "pgbouncer.log"
    raise Unavailable(f"pgbouncer did not answer:\n{log.read_text()[-2000:] if log.exists() else ''}")


def connect(url: str) -> psycopg.Connection[Any]:
    """A client of the pooler."""
    import psycopg

    return psycopg.connect(url, autocommit=True, connect_timeout=10, prepare_threshold=None)
