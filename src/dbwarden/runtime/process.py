"""Identity of a process: its number and the time of its start, since the system assigns numbers again."""

from __future__ import annotations

import os
import socket
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from dbwarden.core.dialect import Liveness

if TYPE_CHECKING:
    from dbwarden.core.dialect import Holder


class ProcessLock:
    """``NativeLock`` for engines without sessions, whose databases are files: the process stands for the session."""

    def enter(self) -> str:
        """The identity of this process; takes nothing."""
        return f"{os.getpid()}@{started(os.getpid()) or 'unknown'}"

    def leave(self) -> None:
        """Nothing was taken."""

    def liveness(self, holder: Holder) -> Liveness:
        """``ALIVE`` or ``GONE`` for a holder on this host; ``UNKNOWN`` for one on another host or without a start time."""
        if holder.host != socket.gethostname() or not holder.pid:
            return Liveness.UNKNOWN
        now = started(holder.pid)
        if now is None:
            return Liveness.ALIVE if exists(holder.pid) else Liveness.GONE
        then = holder.session.partition("@")[2]
        if then in ("", "unknown"):
            return Liveness.UNKNOWN
        return Liveness.ALIVE if then == now else Liveness.GONE


class RemoteProcessLock(ProcessLock):
    """``ProcessLock`` for databases that many machines reach.

    Two machines or containers may have the same host name, so a process is judged only where it can be seen: on the same
    boot of the same machine and among the same process numbers. Elsewhere, and after a reboot, its liveness is ``UNKNOWN``.
    """

    def enter(self) -> str:
        return f"{super().enter()}#{_numbers()}"

    def liveness(self, holder: Holder) -> Liveness:
        session, _, numbers = holder.session.rpartition("#")
        boot, _, _ = (started(os.getpid()) or "").rpartition("/")
        if not numbers or numbers != _numbers() or not boot or f"@{boot}/" not in session:
            return Liveness.UNKNOWN
        return super().liveness(replace(holder, session=session))


def _numbers() -> str:
    """Identity of the space of process numbers (Linux: of the pid namespace); empty if the system does not tell."""
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return ""


def started(pid: int) -> str | None:
    """Start of a process as the system writes it (Linux: the boot's id and clock ticks since boot); None if it does not
    run, or the system does not tell."""
    stat = Path(f"/proc/{pid}/stat")
    try:
        # Field 22 of proc(5); the second field, the command, may itself contain blanks and parentheses.
        fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return None if Path("/proc/self/stat").exists() else _start_from_ps(pid)
    return None if fields[0] in "ZX" else f"{boot}/{fields[19]}"


def _start_from_ps(pid: int) -> str | None:
    """Start of a process on systems without /proc (macOS)."""
    try:
        shown = subprocess.run(
            ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, timeout=5, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return shown.stdout.strip() or None


def exists(pid: int) -> bool:
    """Whether a process runs for which ``started`` returned None."""
    if Path(f"/proc/{pid}/stat").exists():
        return False  # a zombie: ``started`` reports it as ended
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
