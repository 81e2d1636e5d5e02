"""History, lock and journal in memory: the rules of ``core.store`` without a database, and what the tests hold them to."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from itertools import count

from dbwarden.core.attempt import Attempt
from dbwarden.core.dialect import Holder, Liveness
from dbwarden.core.record import Record
from dbwarden.core.store import JournalEntry, JournalKey, LockStatus
from dbwarden.errors import LockLost


@dataclass
class Place:
    """What the stores of all sessions and projects share."""

    records: list[Record] = field(default_factory=list)
    holders: dict[str, tuple[Holder, str]] = field(default_factory=dict)
    """The holder and its token, by project."""
    owners: set[str] = field(default_factory=set)
    sessions: set[str] = field(default_factory=set)
    """Those that live."""
    entries: dict[tuple[str, JournalKey], dict[int, JournalEntry]] = field(default_factory=dict)
    numbers: count[int] = field(default_factory=lambda: count(1))

    def owner_of(self, token: str) -> str:
        """The project whose lock ``token`` holds. Raises ``LockLost``."""
        for owner, (_, current) in self.holders.items():
            if current == token:
                return owner
        raise LockLost()


class MemoryLock:
    """A ``core.store.LockStore``."""

    def __init__(self, place: Place, owner: str = "primary") -> None:
        self.place, self.owner = place, owner
        self.beats = 0
        self._session = ""

    def status(self) -> LockStatus:
        if self.owner not in self.place.holders:
            return LockStatus(False)
        holder, token = self.place.holders[self.owner]
        lives = holder.session in self.place.sessions
        return LockStatus(True, holder, liveness=Liveness.ALIVE if lives else Liveness.GONE, token=token)

    def kind(self) -> str:
        return "memory"

    def prepare(self) -> LockStatus:
        self.place.owners.add(self.owner)
        return self.status()

    def upgrade(self, *, despite_holder: bool) -> None:
        raise AssertionError("there is no earlier layout")

    def enter(self) -> str:
        self._session = f"session {next(self.place.numbers)}"
        self.place.sessions.add(self._session)
        return self._session

    def leave(self) -> None:
        self.place.sessions.discard(self._session)

    def take(self, holder: Holder, token: str) -> bool:
        return self.place.holders.setdefault(self.owner, (holder, token))[1] == token

    def take_over(self, holder: Holder, token: str, previous: str) -> bool:
        if not self._holds(previous):
            return False
        self.place.holders[self.owner] = (holder, token)
        return True

    def rename_session(self, token: str, session: str) -> bool:
        if not self._holds(token):
            return False
        holder, _ = self.place.holders[self.owner]
        self.place.holders[self.owner] = (replace(holder, session=session), token)
        return True

    def beat(self, token: str) -> bool:
        self.beats += self._holds(token)
        return self._holds(token)

    def release(self, token: str, *, earlier: bool = False) -> bool:
        return self._holds(token) and bool(self.place.holders.pop(self.owner))

    def _holds(self, token: str) -> bool:
        return self.owner in self.place.holders and self.place.holders[self.owner][1] == token

    def check_held(self, token: str) -> None:
        self.place.owner_of(token)

    def other_owners(self) -> tuple[str, ...]:
        return tuple(sorted(self.place.owners - {self.owner}))

    @property
    def pooled(self) -> bool:
        return False

    def sever(self) -> bool:
        return False

    def close(self) -> None:
        self.leave()

    def __exit__(self, kind: object, exc: object, traceback: object, /) -> None:
        self.close()


@dataclass(frozen=True)
class MemoryHistory:
    """A ``core.store.HistoryStore``."""

    place: Place
    owner: str = "primary"

    def read(self, *, rollback_sql: bool = True) -> tuple[Record, ...]:
        return tuple(self.place.records)

    def read_held(self, *, rollback_sql: bool = True) -> tuple[Record, ...]:
        return self.read(rollback_sql=rollback_sql)

    def append_if_held(self, record: Record, token: str) -> None:
        owner = self.place.owner_of(token)
        self.place.records.append(replace(record, id=len(self.place.records) + 1, database_name=owner))

    def adopt_unclaimed(self, token: str) -> None:
        nameless = [i for i, record in enumerate(self.place.records) if not record.database_name]
        if nameless:
            self.place.owner_of(token)
        for i in nameless:
            self.place.records[i] = replace(self.place.records[i], database_name=self.owner)


@dataclass(frozen=True)
class MemoryJournal:
    """A ``core.store.Journal``."""

    place: Place
    owner: str = "primary"

    def attempts(self, *, unclaimed: bool = False) -> tuple[Attempt, ...]:
        raise AssertionError("no test asks for them in memory: a time would have to be invented")

    def read(self, key: JournalKey) -> Mapping[int, JournalEntry]:
        return dict(self.place.entries.get((self.owner, key), {}))

    def append_if_held(self, key: JournalKey, entries: Mapping[int, JournalEntry], token: str) -> None:
        owner = self.place.owner_of(token)
        self.place.entries.setdefault((owner, key), {}).update(entries)

    def append_all_if_held(self, files: Mapping[JournalKey, Mapping[int, JournalEntry]], token: str) -> None:
        self.place.owner_of(token)
        for key, entries in files.items():
            self.append_if_held(key, entries, token)

    def check_held(self, token: str) -> None:
        self.place.owner_of(token)

    @property
    def closed_by_event(self) -> bool:
        return False

    def clear(self, key: JournalKey) -> None:
        self.place.entries.pop((self.owner, key), None)

    def clear_if_held(self, keys: Collection[JournalKey], token: str) -> None:
        self.place.owner_of(token)
        for key in keys:
            self.clear(key)
