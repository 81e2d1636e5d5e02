"""Words for the forecast of a statement: who waits, what it does to rows, and for how long."""

from __future__ import annotations

from typing import Protocol

WAITERS = {
    "nothing": "nobody waits",
    "ddl": "only other changes of the table wait",
    "writers": "writers wait",
    "everybody": "everybody waits",
    "unknown": "who waits is not known",
}
WORK = {
    "session": "sets something of the session only",
    "none": "changes the catalogue only",
    "reads": "reads all rows",
    "builds_index": "reads all rows and builds an index",
    "changes_rows": "changes rows",
    "copies": "copies rows",
    "rewrites": "rewrites all rows",
    "unknown": "not known: read the statement",
}
_UNITS = ((3600, "hour"), (60, "minute"), (1, "second"))


class SecondsRange(Protocol):
    """An estimated range in seconds."""

    @property
    def low(self) -> float: ...

    @property
    def high(self) -> float: ...


def after_comma(duration: SecondsRange | None) -> str:
    """``, less than a second``, ``, about 2 to 20 seconds``, ``, up to 7 seconds``; empty if it is not known."""
    words = duration_words(duration)
    return f", {words}" if words else ""


def duration_words(duration: SecondsRange | None) -> str:
    """``less than a second``, ``about 2 to 20 seconds``, ``up to 7 seconds``; empty if it is not known."""
    if duration is None:
        return ""
    if duration.high < 1:
        return "less than a second"
    length, unit = next(pair for pair in _UNITS if duration.high >= 2 * pair[0] or pair[0] == 1)
    low, high = round(duration.low / length), max(round(duration.high / length), 1)
    words = f"{high} {unit}" + ("" if high == 1 else "s")
    if low < 1:
        return f"up to {words}"
    return f"about {words}" if low == high else f"about {low} to {words}"


def held_words(lock: str, blocks: str, first: int, last: int, duration: SecondsRange | None) -> str:
    """How long others wait: ``EXCLUSIVE, writers wait from statement 1 to 3, about 2 to 20 seconds``."""
    statements = f"in statement {first}" if first == last else f"from statement {first} to {last}"
    named = f"{lock}, " if lock else ""  # an engine that locks the whole file has no name for it
    return f"{named}{WAITERS[blocks]} {statements}{after_comma(duration)}"
