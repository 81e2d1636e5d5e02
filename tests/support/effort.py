"""How much the tests try: a sample each time, far more with ``make nightly``, which sets ``DBWARDEN_TEST_NIGHTLY``."""

from __future__ import annotations

import os

NIGHTLY = bool(os.environ.get("DBWARDEN_TEST_NIGHTLY"))


def examples(usual: int) -> int:
    """How many examples Hypothesis tries."""
    return 20 * usual if NIGHTLY else usual
