"""Many statements in one message, for engines with ``Features.statement_batches``: a fraction of the round trips."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

SIZE = 100
"""Statements in a message: between two messages a signal is noticed."""


def batches(statements: Sequence[str]) -> Iterator[str]:
    """The statements joined, ``SIZE`` at a time."""
    waiting = iter(statements)
    while some := list(islice(waiting, SIZE)):
        yield "\n;\n".join(some)  # a statement may end with a comment, which the first line break ends
