"""Two ClickHouse servers that are one cluster: Debian's old release (18.16) and ZooKeeper, both unpacked or installed.

Current servers cannot be had as packages of Debian; the embedded engine has no clusters. This release has what matters here:
ON CLUSTER with its queue, and replicated tables.
"""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from dbwarden.api.connection import connect
from dbwarden.errors import DatabaseError
from tests.servers import debian, process, zookeeper
from tests.servers.process import report
from tests.servers.server import Source, Unavailable

NAME = "clickhouse_cluster"
CLUSTER = "both"
"""The two servers as replicas of one shard."""
SHARDS = "halves"
"""The same two servers as two shards; the macro ``{half}`` is the number of the shard."""
TREE = debian.Tree(
    "clickhouse_18",
    suite="bookworm",
    packages=("clickhouse-server",),
    programs=("sbin/clickhouse-server",),
    contents=(),
    satisfied=("adduser", "debconf", "passwd", "libpam-modules", "libpam-modules-bin"),  # for scripts
)
WAIT = 45.0
QUEUE_WAIT = 5.0
"""Seconds in which a node has to execute a statement of the queue."""
CONFIGURATION = """
<yandex>
<logger><level>warning</level><log>{folder}/log</log><errorlog>{folder}/errors</errorlog></logger>
<http_port>{http}</http_port><tcp_port>{native}</tcp_port><interserver_http_port>{interserver}</interserver_http_port>
<interserver_http_host>127.0.0.1</interserver_http_host><listen_host>127.0.0.1</listen_host>
<path>{folder}/data/</path><tmp_path>{folder}/tmp/</tmp_path><format_schema_path>{folder}/formats/</format_schema_path>
<mark_cache_size>100000000</mark_cache_size><users_config>{folder}/users.xml</users_config>
<default_profile>default</default_profile><default_database>default</default_database>
<zookeeper><node><host>127.0.0.1</host><port>{keeper}</port></node></zookeeper>
<macros><cluster>{cluster}</cluster><shard>01</shard><replica>r{number}</replica>
<half>{number}</half></macros>
<distributed_ddl><path>/queue/ddl</path></distributed_ddl>
<remote_servers><{cluster}><shard><internal_replication>true</internal_replication>{replicas}</shard></{cluster}>
<{shards}>{halves}</{shards}></remote_servers>
</yandex>
"""
REPLICA = "<replica><host>127.0.0.1</host><port>{}</port></replica>"
USERS = """
<yandex><profiles><default/></profiles><quotas><default/></quotas><users><default><password></password>
<networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></default></users></yandex>
"""


@dataclass
class Node:
    """One of the two servers."""

    program: Path
    folder: Path
    http: int
    native: int
    child: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def url(self, database: str = "default") -> str:
        return f"clickhouse+native://default@127.0.0.1:{self.native}/{database}"

    @property
    def host(self) -> str:
        """Its name in the cluster."""
        return f"127.0.0.1:{self.native}"

    def start(self) -> None:
        """Start it and wait until it answers; again if it ends, because a connection of somebody else may have had its port for
        a moment, and if it hangs. Raises ``Unavailable``."""
        until, again = time.monotonic() + WAIT, time.monotonic() + WAIT / 3
        while time.monotonic() < until:
            if self.child is not None and (self.child.poll() is not None or time.monotonic() > again):
                again = time.monotonic() + WAIT / 3
                self.stop()
                time.sleep(1)
            if self.child is None:
                self._launch()
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.native), 1):
                connect(self.url()).close()
                return
            time.sleep(0.05)
        self.stop()
        files = [file for name in ("output", "errors") if (file := self.folder / name).exists()]
        log = "".join(file.read_text(errors="replace")[-2000:] for file in files)
        raise Unavailable(f"{self.program} did not start:\n{log}")

    def _launch(self) -> None:
        with (self.folder / "output").open("ab") as log:
            self.child = subprocess.Popen(
                [str(self.program), f"--config-file={self.folder}/config.xml"],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        process.guard(os.getpid(), self.folder, ("kill", "-KILL", str(self.child.pid)))

    def has_database(self, name: str, wait: float) -> bool:
        """Whether it has the database within ``wait`` seconds."""
        until = time.monotonic() + wait
        with connect(self.url()) as conn:
            while not conn.query(f"SELECT 1 FROM system.databases WHERE name = '{name}'"):
                if time.monotonic() > until:
                    return False
                time.sleep(0.05)
        return True

    def stop(self) -> None:
        """End it, as a machine that loses its power."""
        if self.child is not None:
            self.child.kill()
            self.child.wait()
            self.child = None


@dataclass
class Servers:
    """The clusters ``CLUSTER`` and ``SHARDS``, of the same two servers."""

    nodes: tuple[Node, Node]
    keeper_port: int

    def create_database(self, name: str) -> None:
        for node in self.nodes:
            with connect(node.url()) as conn:
                conn.execute(f"CREATE DATABASE {name}")

    def ensure_queue(self) -> None:
        """Start those nodes again that execute no statement ON CLUSTER any more: on a busy machine, the thread of this release
        that does so may wait for ever behind a lost session of Keeper. Raises ``Unavailable``."""
        for node in self.nodes:
            if node.child is None:
                node.start()
        name = f"queue_{secrets.token_hex(4)}"
        with connect(f"{self.nodes[0].url()}?distributed_ddl_task_timeout=1") as conn, suppress(DatabaseError):
            conn.execute(f"CREATE DATABASE {name} ON CLUSTER {CLUSTER}")
        for node in self.nodes:
            if not node.has_database(name, QUEUE_WAIT):
                node.stop()
                node.start()
                if not node.has_database(name, WAIT):
                    raise Unavailable(f"{node.host} executes nothing ON CLUSTER")
            with connect(node.url()) as conn:
                conn.execute(f"DROP DATABASE {name}")

    def remove_entry(self, entry: str) -> None:
        """Remove an entry of the DDL queue, as an administrator does it who does not want it to run any more."""
        zookeeper.delete(zookeeper.find(), self.keeper_port, f"/queue/ddl/{entry}")


def find() -> Source:
    zookeeper.find()
    folder = TREE.newest()
    if folder is None:
        raise Unavailable("Debian's ClickHouse 18.16 is not unpacked (Debian: python -m tests.servers --ensure)")
    return Source("unpacked", str(folder))


def install() -> bool:
    """Unpack Debian's; ZooKeeper is a program of its own."""
    try:
        TREE.unpack()
    except Unavailable as reason:
        report(f"{NAME}: {reason}")
        return False
    return True


@contextmanager
def running() -> Iterator[Servers]:
    """Both servers for the length of a ``with`` block. Raises ``Unavailable``."""
    program = Path(find().place) / "clickhouse-server"
    folder = Path(tempfile.mkdtemp(prefix="dbwarden-cluster-", dir=process.base()))
    nodes: tuple[Node, ...] = ()
    keeper: subprocess.Popen[bytes] | None = None
    try:
        (folder / "keeper").mkdir()
        port, keeper = zookeeper.start(zookeeper.find(), folder / "keeper")
        process.guard(os.getpid(), folder, ("kill", "-KILL", str(keeper.pid)))
        nodes = first, second = configure(program, folder, port)
        for node in nodes:
            node.start()
        yield Servers((first, second), port)
    finally:
        for node in nodes:
            node.stop()
        if keeper is not None:
            keeper.kill()
            keeper.wait()
        process.end(folder, ())


def configure(program: Path, folder: Path, keeper: int) -> tuple[Node, Node]:
    """Write the configuration of both servers."""
    ports = [[process.free_port() for _ in range(3)] for _ in range(2)]
    replicas = [REPLICA.format(native) for _, native, _ in ports]
    clusters = {
        "cluster": CLUSTER,
        "replicas": "".join(replicas),
        "shards": SHARDS,
        "halves": "".join(f"<shard>{replica}</shard>" for replica in replicas),
    }
    nodes = []
    for number, (http, native, interserver) in enumerate(ports, 1):
        home = folder / f"node{number}"
        for name in ("data", "tmp", "formats"):
            (home / name).mkdir(parents=True)
        values = {"http": http, "native": native, "interserver": interserver, "keeper": keeper, "number": number}
        text = CONFIGURATION.format(folder=home, **clusters, **values)
        (home / "config.xml").write_text(text)
        (home / "users.xml").write_text(USERS)
        nodes.append(Node(program, home, http, native))
    return nodes[0], nodes[1]
