"""ZooKeeper, which a ClickHouse server asks for the rows of KeeperMap tables."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path
from socket import create_connection

from tests.servers import debian, process
from tests.servers.server import Source, Unavailable

NAME = "zookeeper"
PACKAGES: tuple[str, ...] = ("zookeeper",)
JARS = Path("/usr/share/java")
"""Where Debian's packages put libraries."""
NEEDED = "zookeeper zookeeper-jute slf4j-api slf4j-nop commons-cli metrics-core snappy-java netty-all log4j-1.2".split()
NEEDED += "jackson-annotations jackson-core jackson-databind".split()
NEEDED += [
    f"netty-{part}" for part in "buffer codec common handler resolver transport transport-native-unix-common".split()
]
CONFIGURATION = """
tickTime=500
dataDir={folder}/data
clientPort={port}
clientPortAddress=127.0.0.1
admin.enableServer=false
maxClientCnxns=0
"""
CLIENT = "org.apache.zookeeper.ZooKeeperMain"
MAIN = "org.apache.zookeeper.server.quorum.QuorumPeerMain"


def find() -> Source:
    if shutil.which("java") is None or not (JARS / "zookeeper.jar").exists():
        raise Unavailable(f"not installed (Debian: apt-get install {PACKAGES[0]})")
    return Source("program", str(JARS))


def install() -> bool:
    return debian.install(PACKAGES)


def start(source: Source, folder: Path) -> tuple[int, subprocess.Popen[bytes]]:
    """Start one that keeps everything it writes in ``folder``; its port. Raises ``Unavailable``."""
    port = process.free_port()
    (folder / "data").mkdir(parents=True)
    configuration = folder / "zoo.cfg"
    configuration.write_text(CONFIGURATION.format(folder=folder, port=port))
    with (folder / "log").open("wb") as log:
        child = subprocess.Popen(
            ["java", "-Xmx128m", "-cp", _class_path(source), MAIN, str(configuration)],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    for _ in range(300):
        if answers(port):
            return port, child
        if child.poll() is not None:
            break
        time.sleep(0.05)
    child.kill()
    child.wait()
    raise Unavailable(f"zookeeper did not start:\n{(folder / 'log').read_text(errors='replace')[-2000:]}")


def delete(source: Source, port: int, path: str) -> None:
    """Delete a node with all below it."""
    argv = ["java", "-Xmx64m", "-cp", _class_path(source), CLIENT, "-server", f"127.0.0.1:{port}", "deleteall", path]
    subprocess.run(argv, check=True, capture_output=True, timeout=30)


def _class_path(source: Source) -> str:
    return ":".join(str(path) for name in NEEDED if (path := Path(source.place) / f"{name}.jar").exists())


def answers(port: int) -> bool:
    """Whether a server answers ``srvr``, the only command that is allowed by default."""
    try:
        with create_connection(("127.0.0.1", port), 1) as probe:
            probe.sendall(b"srvr")
            return b"Mode:" in probe.recv(4096)
    except OSError:
        return False
