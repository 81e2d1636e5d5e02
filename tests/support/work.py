"""Work, counted: what a test asserts about speed must hold on a busy machine too."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


def calls(function: Callable[[], Any]) -> int:
    """How many functions, those in C included, ``function`` calls while it runs."""
    count = 0

    def profile(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        function()
    finally:
        sys.setprofile(before)
    return count


@contextmanager
def processor_time(limit: float) -> Iterator[None]:
    """Stop what takes more than ``limit`` seconds of the processor: for what would take hours if it were wrong.

    Time that other processes take does not count.
    """

    def stop(*_: object) -> None:
        raise AssertionError(f"more than {limit:g} s of processor time")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, limit)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
