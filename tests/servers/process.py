"""What only the servers of tests need: a place in memory, a free port, a guard that outlives the process that started them."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from dbwarden.dialects.base.account import Account
from tests.servers.server import Unavailable

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
        # Where the owner is gone, another server's guard may have removed the folder already.
        'while kill -0 "$1" 2>/dev/null; do [ -d "$2" ] || exit 0; sleep 1; done;'
        ' folder="$2"; shift 2; "$@"; rm -rf "$folder"'
    )
    subprocess.Popen(
        ["/bin/sh", "-c", script, "dbwarden-test-guard", str(owner), str(folder), *(stop or ("true",))],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd="/",
    ).returncode = 0  # never waited for: Popen's own complaint about that would be an error here


def account(*names: str) -> Account:
    """Whom to run a program as that refuses to run as root."""
    unprivileged = Account.unprivileged(*names)
    if unprivileged is None:
        raise Unavailable(f"running as root, and none of the accounts {', '.join(names)}, nobody exists")
    return unprivileged


def as_account(account: Account, argv: Sequence[str]) -> tuple[str, ...]:
    """A command that runs ``argv`` as the account from any shell: setpriv is part of util-linux."""
    if account.user is None:
        return tuple(argv)
    return ("setpriv", f"--reuid={account.user}", f"--regid={account.group}", "--clear-groups", *argv)


def end(folder: Path, stop: Sequence[str]) -> None:
    """Ends a server and removes its folder; what is gone already is fine."""
    if stop:
        subprocess.run(stop, stdin=subprocess.DEVNULL, capture_output=True, check=False, cwd="/")
    shutil.rmtree(folder, ignore_errors=True)


def docker_works() -> bool:
    """Whether there is a Docker daemon that we may use (the client alone is not enough)."""
    if shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "info"], capture_output=True, check=False, timeout=20).returncode == 0


def report(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
