"""Whether the process that holds the lock, or made a scratch database, still lives."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

from dbwarden.core.dialect import Holder, Liveness
from dbwarden.runtime.process import ProcessLock


def holder(pid: int, session: str, host: str | None = None) -> Holder:
    return Holder(host or socket.gethostname(), pid, "me", "migrate", session)


def test_this_process_is_alive() -> None:
    locker = ProcessLock()
    assert locker.liveness(holder(os.getpid(), locker.enter())) is Liveness.ALIVE


def test_a_process_that_ended_is_gone() -> None:
    code = "from dbwarden.runtime.process import ProcessLock; print(ProcessLock().enter())"
    ended = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    session = ended.communicate()[0].strip()
    assert ProcessLock().liveness(holder(ended.pid, session)) is Liveness.GONE


def test_the_same_number_given_again_is_gone() -> None:
    assert ProcessLock().liveness(holder(os.getpid(), f"{os.getpid()}@another/1")) is Liveness.GONE


def test_of_another_host_nothing_is_known() -> None:
    locker = ProcessLock()
    assert locker.liveness(holder(os.getpid(), locker.enter(), "elsewhere")) is Liveness.UNKNOWN
