"""A private PostgreSQL: binaries on PATH or where Debian puts each version, else a container."""

from __future__ import annotations

import importlib.util
import os
import re
import secrets
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

from tests.servers import process
from tests.servers.server import Server, Source, Started, Unavailable

if TYPE_CHECKING:
    import psycopg

NAME = "postgresql"
DRIVER = "psycopg"
PACKAGES: tuple[str, ...] = ("postgresql",)
VARIABLE = "DBWARDEN_TEST_POSTGRESQL_URL"
IMAGE = os.environ.get("DBWARDEN_TEST_POSTGRESQL_IMAGE", "postgres:17-alpine")
USER = "warden"

# Nothing here has to survive a power cut; the rest is room for two test processes and their subprocesses.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "256MB",
    "autovacuum": "off",
    "timezone": "'UTC'",
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
        with connect(self.root) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"{strategy}')

    def drop_database(self, name: str) -> None:
        with connect(self.root) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def connect(url: str) -> psycopg.Connection[Any]:
    import psycopg  # only where a PostgreSQL test runs

    return psycopg.connect(re.sub(r"^postgresql\+\w+://", "postgresql://", url), autocommit=True, connect_timeout=10)


def find() -> Source:
    if importlib.util.find_spec("psycopg") is None:
        raise Unavailable("the driver psycopg is not installed: pip install 'dbwarden[postgresql]'")
    if os.environ.get(VARIABLE):
        return Source(VARIABLE, os.environ[VARIABLE])
    folder = binaries()
    if folder is not None:
        return Source("private server", str(folder))
    if process.docker_works():
        return Source("container", IMAGE)
    raise Unavailable(
        "no PostgreSQL server programs found (initdb and postgres on PATH or in /usr/lib/postgresql/*/bin), and no"
        f" Docker; install them (Debian: apt-get install {PACKAGES[0]}) or set {VARIABLE}"
    )


def binaries() -> Path | None:
    """The folder with ``initdb`` and ``postgres``: of PATH, of ``pg_config``, or Debian's newest version."""
    candidates = []
    if on_path := shutil.which("initdb"):
        candidates.append(Path(on_path).resolve().parent)
    if config := shutil.which("pg_config"):
        told = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False).stdout.strip()
        candidates.append(Path(told))
    packaged = Path("/usr/lib/postgresql").glob("*/bin")
    candidates += sorted(packaged, key=lambda path: [int(part) for part in re.findall(r"\d+", str(path))], reverse=True)
    return next((path for path in candidates if (path / "initdb").exists() and (path / "postgres").exists()), None)


def start(source: Source, folder: Path) -> Started:
    if source.kind == VARIABLE:
        return Started(attach(source.place))
    if source.kind == "container":
        return start_container(source.place)
    account = process.Account.unprivileged("postgres")
    data, password = initialise(Path(source.place), folder, account)
    for attempt in range(3):
        port = process.free_port()
        try:
            account.run(start_command(source, data, port), folder)
            break
        except Unavailable:  # somebody else took the port meanwhile
            if attempt == 2:
                raise
    root = f"postgresql://{USER}:{password}@127.0.0.1:{port}/postgres"
    return Started(attach(root), stop_command(source, data, account))


def initialise(programs: Path, folder: Path, account: process.Account) -> tuple[Path, str]:
    account.own(folder)
    folder.chmod(0o755)
    data, password, word_file = folder / "data", secrets.token_hex(8), folder / "password"
    word_file.write_text(password)
    account.own(word_file)
    # A real password, so that a password that is lost or printed somewhere is noticed.
    account.run(
        [
            *(str(programs / "initdb"), f"--pgdata={data}", f"--username={USER}", f"--pwfile={word_file}"),
            *("--auth-host=scram-sha-256", "--auth-local=trust", "--encoding=UTF8", "--locale=C", "--no-sync"),
        ],
        folder,
    )
    with (data / "postgresql.conf").open("a") as settings:
        settings.writelines(f"{name} = {value}\n" for name, value in SETTINGS.items())
    return data, password


def start_command(source: Source, data: Path, port: int) -> list[str]:
    options = f"-c port={port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='{data.parent}'"
    log = data.parent / "server.log"
    argv = [str(Path(source.place) / "pg_ctl"), "start", "--silent", "--wait", "--timeout=60"]
    return [*argv, f"--pgdata={data}", f"--log={log}", "--options", options]


def stop_command(source: Source, data: Path, account: process.Account) -> tuple[str, ...]:
    stop = (str(Path(source.place) / "pg_ctl"), "stop", "--silent", "--mode=immediate", f"--pgdata={data}")
    if account.user is None:
        return stop
    # setpriv is part of util-linux; the command must stay one that any shell can run, so no Python here.
    return ("setpriv", f"--reuid={account.user}", f"--regid={account.group}", "--clear-groups", *stop)


def start_container(image: str) -> Started:
    password = secrets.token_hex(8)
    settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value.strip(chr(39))}")]
    environment = [
        "--env",
        f"POSTGRES_USER={USER}",
        "--env",
        f"POSTGRES_PASSWORD={password}",
        "--env",
        "POSTGRES_DB=postgres",
    ]
    place, stop = process.container(
        image, 5432, *environment, "--tmpfs", "/var/lib/postgresql/data", arguments=["postgres", *settings]
    )
    root = f"postgresql://{USER}:{password}@{place}/postgres"
    wait_until_ready(root)
    return Started(attach(root), stop)


def wait_until_ready(root: str, seconds: float = 60) -> None:
    import psycopg  # only where a PostgreSQL test runs

    deadline = time.monotonic() + seconds
    while True:
        try:
            connect(root).close()
            return
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                raise Unavailable(f"the container did not answer within {seconds:.0f} s: {error}") from error
            time.sleep(0.3)


def attach(root: str) -> Server:
    with connect(root) as connection:
        row = connection.execute("SHOW server_version").fetchone()
    return PostgreSQL(root, str(row[0]).split()[0] if row else "?")


@contextmanager
def running() -> Iterator[Server]:
    """A private server for the length of a ``with`` block."""
    source = find()
    folder = Path(tempfile.mkdtemp(prefix="dbwarden-postgresql-", dir=process.base()))
    stop: tuple[str, ...] = ()
    try:
        started = start(source, folder)
        stop = started.stop
        process.guard(os.getpid(), folder, stop)
        yield started.server
    finally:
        process.end(folder, stop)
