"""Names of scratch databases. A name says which host and process made it and when, so that the next run recognises what a
killed one left."""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
import time
from pathlib import Path

from dbwarden.core.dialect import SCRATCH_PREFIX

FORGOTTEN = 24 * 3600.0
"""Seconds after which the scratch of another host counts as abandoned: nobody can ask for its process."""


def new_name() -> str:
    """A name for a scratch database of this run,
    ``dbwarden_scratch_<host>_<process>_<its start>_<time>_<random>``, at most 63 characters."""
    pid = os.getpid()
    return f"{SCRATCH_PREFIX}{_host()}_{pid}_{_started(pid) or 0}_{int(time.time()):x}_{secrets.token_hex(2)}"


def is_abandoned(name: str) -> bool:
    """Whether the run that made a name has certainly ended; false for a name that ``new_name`` did not make."""
    parts = name.removeprefix(SCRATCH_PREFIX).split("_")
    if not name.startswith(SCRATCH_PREFIX) or len(parts) != 5:
        return False
    host, pid, started, made, _ = parts
    try:
        if host != _host():
            return time.time() - int(made, 16) > FORGOTTEN
        return not _lives(int(pid), int(started))
    except ValueError:
        return False


def _host() -> str:
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]


def _started(pid: int) -> int | None:
    """Clock ticks between the system's start and the process's (proc(5), field 22); None where nothing tells."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def _lives(pid: int, started: int) -> bool:
    """Whether that very process exists: numbers are given again, number and start together are not."""
    if Path("/proc/self/stat").exists():
        now = _started(pid)
        return now is not None and (started == 0 or now == started)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
