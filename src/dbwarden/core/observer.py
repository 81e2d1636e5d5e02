"""Interface of what observes a run, such as tracing."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from .record import Record
from .sqltext import SqlStatement


class RunObserver(Protocol):
    """Observer of one run. Each method returns a context that spans the work; an error that leaves it is the work's own."""

    def lock_wait(self) -> AbstractContextManager[None]:
        """Span the taking of the migration lock."""

    def file(self, event: Record, direction: str) -> AbstractContextManager[None]:
        """Span the run of one file; ``event`` is the one to be recorded, ``direction`` is ``upgrade`` or ``rollback``."""

    def statement(self, number: int, statement: SqlStatement) -> AbstractContextManager[None]:
        """Span one statement of the present file."""
