"""What every engine needs to run a server of its own: an unprivileged account, a free port, a guard."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.servers.server import Unavailable


@dataclass(frozen=True)
class Account:
    """Whom to run a server as: most refuse to run as root."""

    user: int | None = None
    group: int | None = None

    @classmethod
    def unprivileged(cls, *names: str) -> Account:
        """The first of ``names`` (then ``nobody``) that exists if we are root, otherwise whoever we are."""
        if os.geteuid() != 0:
            return cls()
        for name in (*names, "nobody"):
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(entry.pw_uid, entry.pw_gid)
        raise Unavailable(f"running as root, and none of the accounts {', '.join(names)}, nobody exists")

    def own(self, folder: Path) -> None:
        """Gives ``folder`` to the account and lets it be reached."""
        if self.user is not None and self.group is not None:
            os.chown(folder, self.user, self.group)

    def run(self, argv: Sequence[str], folder: Path) -> None:
        """Runs a program to its end in ``folder``; raises ``Unavailable`` with its output if it fails."""
        log = folder / "output.log"
        with log.open("ab") as output:
            done = subprocess.run(
                argv,
                cwd=folder,
                env={**os.environ, "HOME": str(folder), "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                user=self.user,
                group=self.group,
                extra_groups=None if self.user is None else [],
                check=False,
            )
        if done.returncode != 0:
            raise Unavailable(f"{Path(argv[0]).name} failed:\n{log.read_text(errors='replace')[-3000:]}")


MEMORY = Path("/dev/shm")
ROOM = 2 << 30
"""Bytes that have to be free in memory: the servers of one run take less than half of it."""


def base() -> str | None:
    """Where the folders of servers are made: a place that other accounts reach, with a path short enough for a socket
    (which a TMPDIR of one's own often is not), or None for the default. In memory where there is room, since a database
    is some 300 files, and a disk's file system takes five times as long to make them."""
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK | os.X_OK) and shutil.disk_usage(MEMORY).free >= ROOM:
        return str(MEMORY)
    return "/tmp" if Path("/tmp").is_dir() else None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def guard(owner: int, folder: Path, stop: Sequence[str]) -> None:
    """Leaves a small process behind that ends the server and removes ``folder`` once process ``owner`` is gone, however
    it went (SIGKILL included); it goes away by itself with the folder."""
    script = (
        'while kill -0 "$1" 2>/dev/null && [ -d "$2" ]; do sleep 1; done;'
        ' folder="$2"; shift 2; [ -d "$folder" ] || exit 0; "$@"; rm -rf "$folder"'
    )
    subprocess.Popen(
        ["/bin/sh", "-c", script, "dbwarden-test-guard", str(owner), str(folder), *(stop or ("true",))],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd="/",
    ).returncode = 0  # never waited for: Popen's own complaint about that would be an error here


def end(folder: Path, stop: Sequence[str]) -> None:
    """Ends a server and removes its folder; what is gone already is fine."""
    if stop:
        subprocess.run(stop, stdin=subprocess.DEVNULL, capture_output=True, check=False, cwd="/")
    shutil.rmtree(folder, ignore_errors=True)


def container(image: str, port: int, *options: str, arguments: Sequence[str] = ()) -> tuple[str, tuple[str, ...]]:
    """Starts ``image`` with its ``port`` on a free local one; the URL's ``host:port`` and the command that ends it."""
    outside = free_port()
    argv = [
        "docker",
        "run",
        "--detach",
        "--rm",
        "--publish",
        f"127.0.0.1:{outside}:{port}",
        *options,
        image,
        *arguments,
    ]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Unavailable(f"docker run {image} failed: {done.stderr.strip()}")
    return f"127.0.0.1:{outside}", ("docker", "rm", "--force", "--volumes", done.stdout.strip())


def docker_works() -> bool:
    """Whether there is a Docker daemon that we may use (the client alone is not enough)."""
    if shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "info"], capture_output=True, check=False, timeout=20).returncode == 0


def report(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
