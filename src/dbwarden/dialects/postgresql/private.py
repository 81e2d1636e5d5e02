"""A server of one's own from the programs on this machine: no network, no durability, gone afterwards."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from dbwarden.core.dialect import SCRATCH_PREFIX, Connection, ScratchRequest, Server
from dbwarden.errors import DatabaseError, Unsupported

_WAIT = 30.0
_PLACES = (
    "/usr/lib/postgresql/*/bin",  # Debian
    "/usr/pgsql-*/bin",  # Red Hat
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/usr/local/pgsql/bin",
)
_OPTIONS = (
    "listen_addresses=", "fsync=off", "full_page_writes=off", "synchronous_commit=off", "autovacuum=off",
    "max_connections=10", "shared_buffers=32MB",
)  # fmt: skip
_INITDB = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")


@contextmanager
def running(request: ScratchRequest, server: Server) -> Iterator[Connection]:
    """A connection to an empty database on a new server of the same version or the next newer one there is.

    Raises ``Unsupported`` where there are no such programs, or they do not run.
    """
    programs = _programs(server)
    _remove_abandoned(request, programs)
    folder = Path(tempfile.gettempdir()) / request.name
    user = _unprivileged()
    try:
        folder.mkdir(mode=0o700)
        if user is not None:
            shutil.chown(folder, user)
        _initialise(programs, folder, user)
        process = _start(programs, folder, user)
        try:
            conn = _connected(request, folder, process)
            try:
                yield conn
            finally:
                conn.close()
        finally:
            _stop(process)
    except OSError as error:
        raise _unsupported(str(error)) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unsupported(reason: str) -> Unsupported:
    return Unsupported(what="a private server", dialect="PostgreSQL on this machine", reason=reason)


def _programs(server: Server) -> Path:
    """The folder of initdb and postgres whose version is the server's, or the next one above it."""
    wanted = server.version[0] if server.version else 0
    found: dict[int, Path] = {}
    for folder in _folders():
        version = _version(folder)
        if version is not None and version >= wanted:
            found.setdefault(version, folder)
    if not found:
        raise _unsupported(f"no programs of version {wanted or 12} or later are installed")
    return found[min(found)]


def _folders() -> Iterator[Path]:
    on_path = shutil.which("initdb")
    if on_path:
        yield Path(on_path).resolve().parent
    for pattern in _PLACES:
        yield from sorted(Path("/").glob(pattern.lstrip("/")))


def _version(folder: Path) -> int | None:
    if not (folder / "initdb").exists() or not (folder / "postgres").exists():
        return None
    try:
        shown = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r"(\d+)", shown.stdout)
    return int(match[1]) if match else None


def _unprivileged() -> str | None:
    """PostgreSQL refuses to run as root."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return None
    import pwd

    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise _unsupported("it does not run as root, and there is no other user")


def _initialise(programs: Path, folder: Path, user: str | None) -> None:
    argv: list[str | Path] = [programs / "initdb", "-D", folder / "data", *_INITDB]
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=_WAIT, check=False, user=user, cwd=folder)
    except subprocess.TimeoutExpired:
        raise _unsupported(f"initdb did not finish within {_WAIT:.0f} s") from None
    if done.returncode:
        raise _unsupported(f"initdb: {(done.stderr.strip().splitlines() or ['failed'])[-1]}")


def _start(programs: Path, folder: Path, user: str | None) -> subprocess.Popen[bytes]:
    argv: list[str | Path] = [programs / "postgres", "-D", folder / "data", "-k", folder]
    for option in _OPTIONS:
        argv += ["-c", option]
    with (folder / "log").open("wb") as log:
        # A session of its own: Ctrl-C on the terminal is for us, who then stop the server.
        return subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, user=user, cwd=folder, start_new_session=True
        )


def _connected(request: ScratchRequest, folder: Path, process: subprocess.Popen[bytes]) -> Connection:
    url = f"postgresql://postgres@/postgres?host={quote(str(folder))}"
    deadline = time.monotonic() + _WAIT
    while True:
        try:
            return request.open(url)
        except DatabaseError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                log = (folder / "log").read_text(errors="replace").strip().splitlines()
                raise _unsupported(log[-1] if log else str(error)) from None
            time.sleep(0.05)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """At once: nothing in it is worth keeping."""
    process.send_signal(signal.SIGQUIT)  # an immediate shutdown
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _remove_abandoned(request: ScratchRequest, programs: Path) -> None:
    """Servers that killed runs left: stopped, and their folders removed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{SCRATCH_PREFIX}*"):
        if not request.is_abandoned(folder.name):
            continue
        try:
            subprocess.run(
                [programs / "pg_ctl", "stop", "-D", folder / "data", "-m", "immediate", "-t", "10"],
                capture_output=True, timeout=15, check=False, user=_unprivileged(), cwd="/",
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired):
            continue
        shutil.rmtree(folder, ignore_errors=True)
