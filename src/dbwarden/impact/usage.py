"""Uses of a database object in a code base, and how certain they are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Confidence(Enum):
    """Confidence that a place means the object: its model or table is named, is inferred, or only the names agree."""

    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"

    @property
    def rank(self) -> int:
        """0 is the surest."""
        return list(Confidence).index(self)

    def at_most(self, other: Confidence) -> Confidence:
        """The weaker of both."""
        return self if self.rank >= other.rank else other


@dataclass(frozen=True, slots=True)
class Usage:
    """A place of the code base. ``line`` and ``column`` are 1-based; ``text`` is the line without its indentation."""

    file: str
    line: int
    column: int
    object: str
    """The object by its name before the migration: ``column users.phone``."""
    sure: Confidence
    why: str
    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """A file that could not be read, and why."""

    file: str
    reason: str
