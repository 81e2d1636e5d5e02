"""The order in which several processes run the tests: what takes long first, so that nobody waits for it at the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

LONG = ("acceptance", "cases", "properties", "scripts", "dev", "api", "tests")
"""Folders of tests that take tenths of a second and more; those of the others take milliseconds."""


def dealt(items: Sequence[T], path: Callable[[T], Path], workers: int) -> list[T]:
    """One share after the other, as ``--dist worksteal`` cuts them: whole files of long tests, then short ones up to the
    same number. A process that is done takes from the end of another one's share, where the tests are short."""
    files = [(name, list(tests)) for name, tests in groupby(items, key=path)]
    files.sort(key=lambda file: LONG.index(file[0].parent.name) if file[0].parent.name in LONG else len(LONG))
    shares: list[list[T]] = [[] for _ in range(workers)]
    short: list[T] = []
    for name, tests in files:
        (min(shares, key=len) if name.parent.name in LONG else short).extend(tests)
    for share in shares:
        missing = max(0, len(items) // workers - len(share))
        share += short[:missing]
        del short[:missing]
    return [*(item for share in shares for item in share), *short]
