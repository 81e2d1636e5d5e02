"""Statements sent many to a message, to save round trips; for engines with ``Features.statement_batches``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

SIZE = 100
"""Statements in a message. Signals are noticed between two messages."""


def batches(statements: Sequence[str]) -> Iterator[str]:
    """The statements joined, ``SIZE`` at a time."""
    waiting = iter(statements)
    while some := list(islice(waiting, SIZE)):
        yield "\n;\n".join(some)  # a statement may end with a -- comment, which the line break ends
