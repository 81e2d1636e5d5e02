"""What the kill tests tried, for the end of the run: worker processes show no output of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

_PROPERTY = "kill test"

Record = Callable[[str, object], None]
"""pytest's fixture ``record_property``."""


def record(record_property: Record, words: str, tried: int, losses: int) -> None:
    """Leave word of a test's points: how many were tried, and behind how many something was lost."""
    record_property(_PROPERTY, [f"{words}, {losses} losses", tried, losses])


def summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A line for each test, and one with the sums."""
    recorded = sorted(_recorded(terminalreporter))
    for words, _, _ in recorded:
        terminalreporter.write_line(words)
    if recorded:
        tried, losses = sum(each[1] for each in recorded), sum(each[2] for each in recorded)
        terminalreporter.write_line(f"kill tests: {tried} points, {losses} losses")


def _recorded(terminalreporter: pytest.TerminalReporter) -> Iterator[tuple[str, int, int]]:
    for outcome in ("passed", "failed"):
        for test in terminalreporter.stats.get(outcome, ()):
            for name, value in test.user_properties if test.when == "call" else ():
                if name == _PROPERTY:
                    yield tuple(value)
