"""How much the tests try: a sample each time, far more with ``make nightly``, which sets ``DBWARDEN_TEST_NIGHTLY``."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

NIGHTLY = bool(os.environ.get("DBWARDEN_TEST_NIGHTLY"))


def examples(usual: int) -> int:
    """How many examples Hypothesis tries."""
    return 20 * usual if NIGHTLY else usual


def sample(choices: Sequence[T], number: int) -> Sequence[T]:
    """All of them with ``make nightly``; otherwise one, another for each number."""
    return choices if NIGHTLY else (choices[number % len(choices)],)
