"""Journal in memory, for databases that do not outlive the run: nobody resumes a file there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from dbwarden.core.attempt import Attempt
from dbwarden.core.store import JournalEntry, JournalKey


@dataclass(frozen=True, slots=True)
class TransientJournal:
    """A ``core.store.Journal`` whose entries end with the object. The lock is not checked: nobody else uses the database."""

    entries: dict[JournalKey, dict[int, JournalEntry]] = field(default_factory=dict)

    def attempts(self, *, unclaimed: bool = False) -> tuple[Attempt, ...]:
        """Return none: no other run sees them."""
        return ()

    def read(self, key: JournalKey) -> Mapping[int, JournalEntry]:
        return dict(self.entries.get(key, {}))

    def append_if_held(self, key: JournalKey, entries: Mapping[int, JournalEntry], token: str) -> None:
        self.entries.setdefault(key, {}).update(entries)

    def append_all_if_held(self, files: Mapping[JournalKey, Mapping[int, JournalEntry]], token: str) -> None:
        for key, entries in files.items():
            self.append_if_held(key, entries, token)

    def check_held(self, token: str) -> None:
        """Do nothing: there is no lock."""

    @property
    def closed_by_event(self) -> bool:
        return False

    def clear(self, key: JournalKey) -> None:
        self.entries.pop(key, None)

    def clear_if_held(self, keys: Collection[JournalKey], token: str) -> None:
        for key in keys:
            self.clear(key)
