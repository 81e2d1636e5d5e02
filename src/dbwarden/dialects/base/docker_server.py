"""Servers in containers, if Docker and the image are installed: no image is downloaded.

A ``DockerServer`` describes how one engine differs: its image, port, environment and URL.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from dbwarden.core.dialect import SCRATCH_PREFIX, Connection, ScratchRequest
from dbwarden.errors import Unsupported

from .local_server import Version
from .readiness import Opened, connect_when_ready

WAIT = 60.0
"""Seconds that a Docker command may take, and that a server may take to answer."""


@dataclass(frozen=True, slots=True)
class DockerServer:
    """Settings for running servers of one engine in containers."""

    image: str
    """Name of the official image, whose tags begin with the version."""
    version: Version
    """Version of the image if the server's is unknown. Only as many parts of a version are compared as this one has."""
    port: int
    """Port inside the container."""
    environment: Callable[[str], Mapping[str, str]]
    """Environment that sets the administrator's password; with an empty password the server asks for none."""
    url: Callable[[str, str], str]
    """URL for an address (``host:port``) and the administrator's password."""

    def local_image(self, version: Version) -> str:
        """Name and tag of an image of that version on this machine. Raises ``Unsupported``."""
        if shutil.which("docker") is None:
            raise _unsupported("there is no docker")
        wanted = ".".join(map(str, (version or self.version)[: len(self.version)]))
        listed = docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}", self.image).splitlines()
        images = sorted(name for name in listed if self._series(name.partition(":")[2]) == wanted)
        if not images:
            raise _unsupported(f"no image of {self.image}:{wanted} is here (`docker pull {self.image}:{wanted}`)")
        return images[0]

    def _series(self, tag: str) -> str:
        """Version series of a tag: ``17`` of ``17.2-alpine``."""
        return ".".join(tag.partition("-")[0].split(".")[: len(self.version)])


def _unsupported(reason: str) -> Unsupported:
    return Unsupported(feature="a container", dialect="Docker", reason=reason)


def docker(*argv: str) -> str:
    """Run a Docker command and return its output. Raises ``Unsupported``."""
    try:
        done = subprocess.run(["docker", *argv], capture_output=True, text=True, timeout=WAIT, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _unsupported(str(error)) from error
    if done.returncode:
        raise _unsupported((done.stderr.strip().splitlines() or [f"docker {argv[0]} failed"])[-1])
    return done.stdout.strip()


# -- one container ------------------------------------------------------------------------------------------------


def launch(
    server: DockerServer,
    name: str,
    image: str,
    password: str = "",
    options: Sequence[str] = (),
    arguments: Sequence[str] = (),
) -> str:
    """Start a container on a free local port and return the URL of its server, which may not be ready yet.

    ``options`` go to ``docker run``, ``arguments`` to the image's program. Raises ``Unsupported``.
    """
    environment = [f"--env={key}={value}" for key, value in server.environment(password).items()]
    docker(
        "run", "--detach", "--rm", "--name", name, *environment, "--publish", f"127.0.0.1::{server.port}",
        *options, image, *arguments,
    )  # fmt: skip
    address = docker("port", name, f"{server.port}/tcp").splitlines()[0].strip()
    return server.url(address, password)


def first_connection(url: str, open_url: Callable[[str], Opened]) -> Opened:
    """Connection to the server of a container that was just started. Raises ``Unsupported`` after ``WAIT`` seconds."""
    return connect_when_ready(partial(open_url, url), WAIT, lambda error: _unsupported(error.message))


def removal(name: str) -> tuple[str, ...]:
    """Command that stops a container and removes its data."""
    return "docker", "rm", "--force", "--volumes", name


# -- as a scratch database -------------------------------------------------------------------------------------------------


@contextmanager
def running(server: DockerServer, request: ScratchRequest, version: Version) -> Iterator[Connection]:
    """Start a container, connect to its server, and remove it at the end. Raises ``Unsupported``."""
    image = server.local_image(version)
    _remove_abandoned(request)
    try:
        conn = first_connection(launch(server, request.name, image), request.open)
        try:
            yield conn
        finally:
            conn.close()
    finally:
        subprocess.run(removal(request.name), capture_output=True, check=False)


def _remove_abandoned(request: ScratchRequest) -> None:
    """Remove the containers that killed runs left."""
    listed = docker("ps", "--all", "--format", "{{.Names}}", "--filter", f"name={SCRATCH_PREFIX}").splitlines()
    for name in listed:
        if request.is_abandoned(name):
            subprocess.run(removal(name), capture_output=True, check=False)
