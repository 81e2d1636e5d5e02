"""Names of scratch databases. A name encodes host, process and time, so that the next run recognises an abandoned one."""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
import time

from dbwarden.core.dialect import SCRATCH_PREFIX

from .process import exists, started

FORGOTTEN = 24 * 3600.0
"""Seconds after which a scratch database of another host, whose processes we cannot see, counts as abandoned."""


def new_name() -> str:
    """New name: ``dbwarden_scratch_<host>_<process>_<its start>_<time>_<random>``, at most 63 characters, the least that
    an engine allows."""
    pid = os.getpid()
    return f"{SCRATCH_PREFIX}{_host()}_{pid}_{_start(pid)}_{int(time.time()):x}_{secrets.token_hex(2)}"


def is_abandoned(name: str) -> bool:
    """Whether the run that made a name has certainly ended; false for a name that is not from ``new_name``."""
    parts = name.removeprefix(SCRATCH_PREFIX).split("_")
    if not name.startswith(SCRATCH_PREFIX) or len(parts) != 5:
        return False
    host, pid, start, made, _ = parts
    try:
        if host != _host():
            return time.time() - int(made, 16) > FORGOTTEN
        return not _lives(int(pid), start)
    except ValueError:
        return False


def _host() -> str:
    return _digest(socket.gethostname())


def _start(pid: int) -> str:
    """Eight hexadecimal digits for the start of a process; ``0`` if the system does not tell."""
    start = started(pid)
    return _digest(start) if start else "0"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _lives(pid: int, start: str) -> bool:
    """Whether the process with this number and start is running. Earlier versions wrote the start as its clock ticks,
    the last part of what ``started`` returns."""
    now = started(pid)
    if now is None:
        return exists(pid)
    return start in ("0", _digest(now), now.rpartition("/")[2])
