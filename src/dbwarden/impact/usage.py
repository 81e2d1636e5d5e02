"""Uses of a database object in a code base, and how certain they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
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
    confidence: Confidence
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class SkippedFile:
    """A file that could not be read, and why."""

    file: str
    reason: str


@dataclass(slots=True)
class FileUses:
    """Uses in one file. Of several of an object at one place, the first of the most certain ones counts."""

    file: str
    lines: Sequence[str]
    _uses: dict[tuple[int, int, str], Usage] = field(default_factory=dict)

    def add(self, line: int, column: int, name: str, confidence: Confidence, reason: str) -> None:
        """Add a use of the object ``name``."""
        former = self._uses.get((line, column, name))
        if former is None or former.confidence.rank > confidence.rank:
            source = self.lines[line - 1] if line <= len(self.lines) else ""
            self._uses[line, column, name] = Usage(self.file, line, column, name, confidence, reason, source.strip())

    def all(self) -> list[Usage]:
        """The uses by line and column."""
        return [self._uses[place] for place in sorted(self._uses)]
