"""The engine's own lock beside the row of the migration lock, and whether its holder is alive."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class Liveness(Enum):
    """Whether the holder of the migration lock still exists."""

    ALIVE = "alive"
    GONE = "gone"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Holder:
    """Holder of the migration lock."""

    host: str
    pid: int
    user: str
    command: str
    session: str
    """Identity of the holder's session, in the dialect's own form (backend pid and start, process start time, ...)."""


class NativeLock(Protocol):
    """The session-scoped native lock beside the row, which only shows whether the holder is alive."""

    def enter(self) -> str:
        """Take the native lock on this connection (never waiting) and return the session identity for the row."""

    def leave(self) -> None:
        """Release the native lock."""

    def liveness(self, holder: Holder) -> Liveness:
        """Whether the session of ``holder`` still exists, asked through this connection."""
