"""What the engines' modules share in starting servers of their own."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from dbwarden.dialects.base import local_server
from dbwarden.dialects.base.local_server import Instance, LocalServer
from dbwarden.dialects.base.readiness import Opened
from dbwarden.errors import Unsupported
from tests.servers import process
from tests.servers.server import Server, Source, Started


def launch(
    server: LocalServer, instance: Instance, open_url: Callable[[str], Opened]
) -> tuple[Instance, subprocess.Popen[bytes], Opened]:
    """Start an initialised instance on a free port, with the first connection to it. Raises ``Unsupported``."""
    for attempt in range(3):
        instance = replace(instance, port=process.free_port())
        child = local_server.start(server, instance)
        try:
            return instance, child, local_server.first_connection(server, instance, child, open_url)
        except Unsupported:  # somebody else took the port meanwhile
            child.kill()
            child.wait()
            if attempt == 2:
                raise
    raise AssertionError


@contextmanager
def running(name: str, find: Callable[[], Source], start: Callable[[Source, Path], Started]) -> Iterator[Server]:
    """A private server for the length of a ``with`` block."""
    source = find()
    folder = Path(tempfile.mkdtemp(prefix=f"dbwarden-{name}-", dir=process.base()))
    stop: tuple[str, ...] = ()
    try:
        started = start(source, folder)
        stop = started.stop
        process.guard(os.getpid(), folder, stop)
        yield started.server
    finally:
        process.end(folder, stop)
