"""Limits of the time that DBWarden spends on looking at rows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RowLimits:
    """How far rows are looked at: up to which size of a table, and for how long, in seconds."""

    rows: int | None = None
    """Tables with this number of rows and more are left out; ``None``: none are."""
    bytes: int | None = None
    each: float = 300.0
    """Longest time for one demand."""
    total: float = 3600.0


CHEAP = RowLimits(rows=100_000, bytes=64 * 1024 * 1024, each=5.0, total=15.0)
"""What ``migrate`` does without being asked."""
WHOLE = RowLimits()
"""What ``migrate --preflight`` does."""
AFTER_FAILURE = RowLimits(rows=1_000_000, bytes=512 * 1024 * 1024, each=5.0, total=5.0)
"""What a failed statement is worth."""
