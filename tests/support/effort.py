"""How much the tests try: a sample each time, far more with ``make nightly``, which sets ``DBWARDEN_TEST_NIGHTLY``."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

NIGHTLY = bool(os.environ.get("DBWARDEN_TEST_NIGHTLY"))


def examples(usual: int, ci: int = 0) -> int:
    """How many examples Hypothesis tries; ``ci`` with ``CI=true``, where they are the same each time."""
    if NIGHTLY:
        return 20 * usual
    return ci if ci and os.environ.get("CI", "").lower() == "true" else usual


def sample(choices: Sequence[T], number: int) -> Sequence[T]:
    """All of them with ``make nightly``; otherwise one, another for each number."""
    return choices if NIGHTLY else (choices[number % len(choices)],)
