"""Private servers that are killed and started again: with a data folder of their own, and without settings that would lose
what is committed."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Protocol

from dbwarden.dialects.base import local_server
from dbwarden.dialects.base.local_server import Instance, LocalServer
from dbwarden.dialects.base.readiness import Opened
from dbwarden.errors import Unsupported
from tests.servers import local, process

END = 10.0
"""Seconds that the processes of a killed server may take to be gone."""
ATTEMPTS, PAUSE = 3, 1.0
"""Attempts to start a server again, and seconds between them."""


class Crashable(Protocol):
    """The members of the module of an engine whose private servers can be killed."""

    def programs(self) -> Path:
        """Folder of the server's programs on this machine; raises ``Unavailable``."""

    def crashable(self) -> AbstractContextManager[CrashableServer]:
        """A server for the length of a ``with`` block that keeps what it has committed."""


class CrashableServer:
    """A running server. ``url`` leads to the database that administers the others, before and after a restart."""

    def __init__(self, server: LocalServer, instance: Instance, open_url: Callable[[str], Opened]) -> None:
        self._server, self._open = server, open_url
        self.instance, self._process, connection = local.launch(server, instance, open_url)
        connection.close()
        self.url = server.url(self.instance)
        self.crashes = 0
        """How often it was killed."""

    def kill(self) -> None:
        """SIGKILL to all processes of the server."""
        self.crashes += 1
        processes = [self._process.pid, *_children(self._process.pid)]
        for number in processes:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        self._process.wait()
        end = time.monotonic() + END
        while any(map(_runs, processes[1:])):
            assert time.monotonic() < end, "a killed server goes on"
            time.sleep(0.005)

    def start(self) -> None:
        """Start it again, on the same port and with its data; returns when it answers. Raises ``Unsupported``."""
        for attempt in range(ATTEMPTS):
            self._process = local_server.start(self._server, self.instance)
            try:
                local_server.first_connection(self._server, self.instance, self._process, self._open).close()
                return
            except Unsupported:  # a connection of somebody else may have got the port meanwhile
                self.stop()
                if attempt == ATTEMPTS - 1:
                    raise
                time.sleep(PAUSE)

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def stop(self) -> None:
        """End it for good."""
        if self.is_running:
            self.kill()


def _runs(number: int) -> bool:
    """Whether a process runs; one that has ended and waits for its parent has no command line."""
    try:
        return bool(Path(f"/proc/{number}/cmdline").read_bytes())
    except OSError:
        return False


def _children(parent: int) -> list[int]:
    """The processes that a process has started."""
    shown = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True, text=True, check=False
    ).stdout
    return [int(number) for number in shown.split()]


@contextmanager
def running(
    server: LocalServer, instance_in: Callable[[Path], Instance], open_url: Callable[[str], Opened]
) -> Iterator[CrashableServer]:
    """A server for the length of a ``with`` block, in a folder of its own. Raises ``Unsupported``."""
    folder = Path(tempfile.mkdtemp(prefix="dbwarden-crash-", dir=process.base()))
    instance = instance_in(folder)
    try:
        local_server.initialize(server, instance)
        folder.chmod(0o755)
        process.guard(os.getpid(), folder, process.as_account(instance.account, server.stop(instance)))
        crashable = CrashableServer(server, instance, open_url)
        try:
            yield crashable
        finally:
            crashable.stop()
    finally:
        process.end(folder, ())
