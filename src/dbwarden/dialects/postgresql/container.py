"""A server in a container, where Docker is there and its image too: nothing is downloaded unasked."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from dbwarden.core.dialect import SCRATCH_PREFIX, Connection, ScratchRequest, Server
from dbwarden.errors import DatabaseError, Unsupported

_WAIT = 60.0


@contextmanager
def running(request: ScratchRequest, server: Server) -> Iterator[Connection]:
    """A connection to an empty database in a new container of the official image. Raises ``Unsupported``."""
    image = _image(server)
    _remove_abandoned(request)
    try:
        _docker(
            "run", "--detach", "--rm", "--name", request.name, "--env", "POSTGRES_HOST_AUTH_METHOD=trust",
            "--publish", "127.0.0.1::5432", image,
        )  # fmt: skip
        address = _docker("port", request.name, "5432/tcp").splitlines()[0].strip()
        conn = _connected(request, f"postgresql://postgres@{address}/postgres")
        try:
            yield conn
        finally:
            conn.close()
    finally:
        subprocess.run(["docker", "rm", "--force", request.name], capture_output=True, check=False)


def _unsupported(reason: str) -> Unsupported:
    return Unsupported(what="a container", dialect="Docker", reason=reason)


def _docker(*argv: str) -> str:
    try:
        done = subprocess.run(["docker", *argv], capture_output=True, text=True, timeout=_WAIT, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _unsupported(str(error)) from error
    if done.returncode:
        raise _unsupported((done.stderr.strip().splitlines() or [f"docker {argv[0]} failed"])[-1])
    return done.stdout.strip()


def _image(server: Server) -> str:
    """An image of that version that is on this machine already."""
    if shutil.which("docker") is None:
        raise _unsupported("there is no docker")
    version = server.version[0] if server.version else 15
    listed = _docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}", "postgres").splitlines()
    found = sorted(name for name in listed if name.partition(":")[2].split("-")[0].split(".")[0] == str(version))
    if not found:
        raise _unsupported(f"no image of postgres:{version} is here (`docker pull postgres:{version}`)")
    return found[0]


def _connected(request: ScratchRequest, url: str) -> Connection:
    deadline = time.monotonic() + _WAIT
    while True:
        try:
            return request.open(url)
        except DatabaseError as error:
            if time.monotonic() > deadline:
                raise _unsupported(error.message) from error
            time.sleep(0.2)


def _remove_abandoned(request: ScratchRequest) -> None:
    listed = _docker("ps", "--all", "--format", "{{.Names}}", "--filter", f"name={SCRATCH_PREFIX}").splitlines()
    for name in listed:
        if request.is_abandoned(name):
            subprocess.run(["docker", "rm", "--force", name], capture_output=True, check=False)
