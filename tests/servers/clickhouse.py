"""A private ClickHouse: the embedded engine behind HTTP, with ZooKeeper for KeeperMap tables where that is installed.

The engine is a package of half a gigabyte. It goes into the tests' cache, so that environments stay small and a new one
costs no download; ``DBWARDEN_TEST_WITHOUT=clickhouse`` leaves it out.
"""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import subprocess
import sys
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from dbwarden.api.connection import connect
from dbwarden.core.dialect import Connection
from dbwarden.dialects.base import local_server
from dbwarden.dialects.base.local_server import Instance
from dbwarden.dialects.base.readiness import connect_when_ready
from dbwarden.dialects.clickhouse.servers import LOCAL_SERVER, PACKAGE, options
from dbwarden.errors import DatabaseError
from tests.servers import debian, local, zookeeper
from tests.servers.process import report
from tests.servers.server import Server, Source, Started, Unavailable

NAME = "clickhouse"
DRIVER = "connect"
VARIABLE = "DBWARDEN_TEST_CLICKHOUSE_URL"
WITHOUT = "DBWARDEN_TEST_WITHOUT"
REQUIREMENT = f"{PACKAGE}>=26.9"
WAIT = 60.0
CONFIGURATION = """
<clickhouse>
{keeper}
<backups><allowed_path>{folder}/backups/</allowed_path></backups>
<tcp_port>9000</tcp_port>
<remote_servers><twice><shard>
<replica><host>127.0.0.1</host><port>9000</port></replica><replica><host>localhost</host><port>9000</port></replica>
</shard></twice>
<alone><shard><replica><host>127.0.0.1</host><port>9000</port></replica></shard></alone></remote_servers>
<macros><shard>01</shard><replica>r1</replica></macros>
<graphite_rollup><default><function>avg</function><retention><age>0</age><precision>60</precision></retention></default>
</graphite_rollup>
</clickhouse>
"""
KEEPER = """
<zookeeper><node><host>127.0.0.1</host><port>{port}</port></node></zookeeper>
<keeper_map_path_prefix>/keeper_map</keeper_map_path_prefix>
"""


@dataclass(frozen=True)
class ClickHouse:
    root: str
    version: str

    def url(self, database: str) -> str:
        return urlunsplit(urlsplit(self.root)._replace(path=f"/{database}"))

    def create_database(self, name: str, template: str = "") -> None:
        with connect(self.root) as connection:
            if not template:
                connection.execute(f"CREATE DATABASE {name}")
                return
            place = f"File('{backups(connection)}{name}')"
            connection.execute(f"BACKUP DATABASE {template} TO {place}")
            connection.execute(f"RESTORE DATABASE {template} AS {name} FROM {place}")

    def drop_database(self, name: str) -> None:
        with connect(self.root) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} SYNC")


def backups(connection: Connection) -> str:
    """The folder below the server's own into which it may write backups."""
    ((path,),) = connection.query("SELECT path FROM system.disks WHERE name = 'default'")
    return str(Path(path).parent / "backups") + "/"


def find() -> Source:
    if NAME in os.environ.get(WITHOUT, "").split(","):
        raise Unavailable(f"left out by {WITHOUT}")
    if os.environ.get(VARIABLE):
        return Source(VARIABLE, os.environ[VARIABLE])
    if importlib.util.find_spec("clickhouse_connect") is None:
        raise Unavailable("the driver clickhouse-connect is not installed: pip install 'dbwarden[clickhouse]'")
    if importlib.util.find_spec("chdb") is not None:
        return Source("embedded engine", "")
    if (cached() / "chdb").exists():
        return Source("embedded engine", str(cached()))
    raise Unavailable(
        f"{PACKAGE} is not installed (600 MB: python -m tests.servers --ensure), and {VARIABLE} is not set"
    )


def cached() -> Path:
    return debian.cache() / PACKAGE


def install() -> bool:
    """Put the package into the cache, without what only its data frames need."""
    if NAME in os.environ.get(WITHOUT, "").split(","):
        return False
    debian.cache().mkdir(parents=True, exist_ok=True)
    work = debian.cache() / f".{secrets.token_hex(4)}"
    report(f"installing {REQUIREMENT} into {cached()}")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    try:
        done = subprocess.run([*command, "--target", str(work), REQUIREMENT], stdout=sys.stderr, check=False)
        if done.returncode == 0 and not cached().exists():
            work.rename(cached())
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return done.returncode == 0


def start(source: Source, folder: Path) -> Started:
    if source.kind == VARIABLE:
        return Started(attach(source.place))
    # A real password, so that a password that is lost or printed somewhere is noticed.
    instance = Instance(Path(source.place), folder, password=secrets.token_hex(8))
    keeper = start_keeper(folder)
    configuration = folder / "config.xml"
    configuration.write_text(
        CONFIGURATION.format(folder=folder, keeper=KEEPER.format(port=keeper[0]) if keeper else "")
    )
    local_server.initialize(LOCAL_SERVER, instance)
    child = launch(instance, configuration)
    stop = ["kill", "-KILL", str(child.pid), *([str(keeper[1].pid)] if keeper else ())]
    url = LOCAL_SERVER.url(instance)

    def failure(error: DatabaseError) -> Unavailable:
        subprocess.run(stop, check=False)
        return Unavailable(f"it did not start: {error}\n{(folder / 'log').read_text(errors='replace')[-2000:]}")

    connect_when_ready(lambda: connect(url), WAIT, failure, lambda: child.poll() is not None).close()
    for process_ in (child, *([keeper[1]] if keeper else ())):
        process_.returncode = 0  # it outlives this process: Popen's own complaint about that would be an error here
    return Started(attach(url), tuple(stop))


def start_keeper(folder: Path) -> tuple[int, subprocess.Popen[bytes]] | None:
    """ZooKeeper on a free port, where it is installed; tests that need it say so."""
    try:
        return zookeeper.start(zookeeper.find(), folder / "zookeeper")
    except Unavailable:
        return None


def launch(instance: Instance, configuration: Path) -> subprocess.Popen[bytes]:
    path = os.pathsep.join(filter(None, [str(Path.cwd()), str(instance.programs), os.environ.get("PYTHONPATH", "")]))
    command = [sys.executable, "-m", "tests.servers.chdb_front", f"--config-file={configuration}", *options(instance)]
    with (instance.folder / "log").open("wb") as log:
        return subprocess.Popen(
            command,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def attach(root: str) -> Server:
    with connect(root) as connection:
        ((version,),) = connection.query("SELECT version()")
    return ClickHouse(root, version)


def running() -> AbstractContextManager[Server]:
    return local.running(NAME, find, start)
