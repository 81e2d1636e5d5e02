"""Temporary ClickHouse servers: the embedded engine behind HTTP, or a container."""

from __future__ import annotations

import secrets
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from dbwarden.core.archive import Command
from dbwarden.dialects.base.account import Account
from dbwarden.dialects.base.docker_server import DockerServer
from dbwarden.dialects.base.local_server import Instance, LocalServer, Version, kill_by_pid_file

from .embedded_server import ACCOUNT

PACKAGE = "chdb-core"
_PORT, _PASSWORD = "port", "password"


class EmbeddedServer(LocalServer):
    """The engine as a package of Python, in a process of its own."""

    def installed(self) -> dict[Version, Path]:
        """Folder of this interpreter, if the package is installed."""
        if find_spec("chdb") is None:
            return {}
        try:
            numbers = version(PACKAGE).split(".")
        except PackageNotFoundError:
            return {}
        return {tuple(int(number) for number in numbers[: len(self.oldest)]): Path(sys.executable).parent}

    def account(self, programs: Path) -> Account:
        """The account of this process: the engine may run as root."""
        return Account()


def _initialize(instance: Instance) -> Iterator[Command]:
    """Choose a port and a password; the engine creates its data itself."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        (instance.folder / _PORT).write_text(str(probe.getsockname()[1]))
    path = instance.folder / _PASSWORD
    path.touch(mode=0o600)
    path.write_text(instance.password or secrets.token_hex(16))
    return iter(())


def _start(instance: Instance) -> tuple[str, ...]:
    return sys.executable, "-m", f"{__package__}.embedded_server", *options(instance)


def options(instance: Instance) -> Iterator[str]:
    """Command-line options of the server."""
    values = {
        "pid-file": _pid_file(instance),  # not the last one: ``kill_by_pid_file``
        "password-file": instance.folder / _PASSWORD,
        "port": (instance.folder / _PORT).read_text(),
        "data": instance.data,
        **instance.settings,
    }
    yield from (f"--{name}={value}" for name, value in values.items())


def _pid_file(instance: Instance) -> Path:
    return instance.folder / "pid"


def _url(instance: Instance) -> str:
    password, port = ((instance.folder / name).read_text() for name in (_PASSWORD, _PORT))
    return f"clickhouse://{ACCOUNT}:{password}@127.0.0.1:{port}/default"


def _stop(instance: Instance) -> Sequence[str]:
    return kill_by_pid_file(_pid_file(instance))


LOCAL_SERVER = EmbeddedServer(
    product="ClickHouse",
    programs=(),
    places=(),
    oldest=(23, 8),
    accounts=(),
    initialize=_initialize,
    start=_start,
    url=_url,
    stop=_stop,
)
"""The embedded engine; ``pip install "dbwarden[clickhouse-embedded]"``."""


# -- containers ---------------------------------------------------------------------------------------------------


def _environment(password: str) -> Mapping[str, str]:
    access = {"CLICKHOUSE_PASSWORD": password} if password else {"CLICKHOUSE_SKIP_USER_SETUP": "1"}
    return {"CLICKHOUSE_DB": "scratch", **access}


def _container_url(address: str, password: str) -> str:
    return f"clickhouse://{ACCOUNT}{f':{password}' if password else ''}@{address}/scratch"


DOCKER_SERVER = DockerServer(
    image="clickhouse/clickhouse-server",
    version=(25, 8),
    port=8123,
    environment=_environment,
    url=_container_url,
)
