"""Journal of one file while it runs: what is announced, and what is done and not yet recorded."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dbwarden.core.store import Journal, JournalEntry, JournalKey, StatementState

FRESH = 0.1
"""Seconds for which a check of the lock counts as one before the next statement, if nothing comes between them."""
PERIOD = 1.0
"""Seconds after which a group of statements records what it has done so far, for those who look at the status meanwhile."""


@dataclass(slots=True)
class FileJournal:
    """The entries of one file under one token of the migration lock."""

    journal: Journal
    key: JournalKey
    token: str
    announced: frozenset[int] = frozenset()
    """Numbers of the statements whose *intent* was part of the last append."""
    unrecorded: dict[int, JournalEntry] = field(default_factory=dict)
    """Statements of a group that are *done*, which the next append records."""
    checked: float = 0.0
    """Time before the last statement that checked the lock was sent."""
    _appended: float = 0.0
    """Time of the last append."""

    def read(self) -> Mapping[int, JournalEntry]:
        """The entries of an earlier run."""
        return self.journal.read(self.key)

    def append(
        self,
        entries: Mapping[int, JournalEntry] | None = None,
        announced: Sequence[int] = (),
        others: Mapping[JournalKey, Mapping[int, JournalEntry]] | None = None,
    ) -> None:
        """Append ``entries`` behind those that are ``unrecorded``, and those of ``others`` behind them, in one write that checks
        the lock. Afterwards, the *intent* of ``announced`` stands and their statements are not yet sent. Raises ``LockLost``."""
        self.checked = time.monotonic()
        files = {self.key: {**self.unrecorded, **(entries or {})}, **(others or {})}
        self.journal.append_all_if_held(files, self.token)
        self.unrecorded.clear()
        self.announced, self._appended = frozenset(announced), time.monotonic()

    def check_recently_held(self) -> None:
        """Check the lock before a statement whose *intent* stands, unless that was just done. Raises ``LockLost``."""
        if time.monotonic() - self.checked > FRESH:
            self.journal.check_held(self.token)

    def check_held(self, left: Sequence[int]) -> None:
        """Check the lock before a further statement of a group, of which ``left`` are not yet sent; once in a ``PERIOD`` by
        an append. Raises ``LockLost``."""
        if self.unrecorded and time.monotonic() - self._appended >= PERIOD:
            self.append(announced=left)
        else:
            self.journal.check_held(self.token)

    def clear(self) -> None:
        """Remove the entries of the finished file, unless its event does that."""
        if not self.journal.closed_by_event:
            self.journal.clear(self.key)


def entries(state: StatementState, numbers: Sequence[int], sums: Mapping[int, str]) -> dict[int, JournalEntry]:
    """Entries of this state for statements, whose checksums are ``sums``."""
    return {number: JournalEntry(sums[number], state) for number in numbers}
