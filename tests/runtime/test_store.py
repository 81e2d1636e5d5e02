"""The rules of ``core.store``, held by every implementation: in memory, and as rows on each engine through each driver."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from dbwarden.core.dialect import Holder, Liveness
from dbwarden.core.filename import Kind
from dbwarden.core.own_tables import OwnTables
from dbwarden.core.record import Event, Record
from dbwarden.core.store import HistoryStore, Journal, JournalEntry, JournalKey, LockStore, StatementState
from dbwarden.errors import LockHeld, LockLost, Refused
from dbwarden.runtime.lock import LockRequest, acquire, unlock
from dbwarden.runtime.stores import history_store, journal_store, lock_opener
from tests.support import memory_store

from . import conftest

NOW, AUTO = LockRequest("migrate", wait=0), LockRequest("migrate", wait=0, recovery="auto")
ME, YOU = Holder("here", 1, "me", "migrate", ""), Holder("there", 2, "you", "migrate", "")
KEY = JournalKey("0001", "upgrade")
BEGUN, DONE = JournalEntry("x", StatementState.INTENT), JournalEntry("x", StatementState.DONE)
AT = datetime(2026, 1, 1, tzinfo=UTC)
EVENT = Record(0, "0001", Kind.VERSIONED, "0001_a.sql", "a", "x", Event.APPLIED, 1, 1, AT, 0.0, "me", "0")


@dataclass
class Stores:
    """The three stores of one place."""

    open_lock: Callable[[str], Callable[[], LockStore]]
    history: HistoryStore
    journal: Journal

    def lock(self, owner: str = "primary") -> LockStore:
        """The lock over a session of its own, with all that it needs."""
        store = self.open_lock(owner)()
        store.prepare()
        return store


@pytest.fixture(params=["memory", *conftest.PARAMETERS.values()])
def stores(request: pytest.FixtureRequest) -> Iterator[Stores]:
    if request.param == "memory":
        place = memory_store.Place()
        yield Stores(
            lambda owner: lambda: memory_store.MemoryLock(place, owner),
            memory_store.MemoryHistory(place),
            memory_store.MemoryJournal(place),
        )
        return
    yield from map(_rows, conftest._place(conftest._url(request)))


def _rows(place: conftest.Place) -> Stores:
    conn, tables = place.connect(), OwnTables()
    return Stores(
        lambda owner: lock_opener(place.connect, place.dialect, OwnTables(owner)),
        history_store(conn, place.dialect, tables),
        journal_store(conn, place.dialect, tables),
    )


# -- one holder ---------------------------------------------------------------------------------------------------


def test_a_free_lock_is_taken_once(stores: Stores) -> None:
    first, second = stores.lock(), stores.lock()
    assert not first.status().active
    assert first.take(ME, "mine")
    assert not second.take(YOU, "yours")
    current = second.status()
    assert (current.active, current.holder, current.token) == (True, ME, "mine")
    assert first.release("mine")
    assert second.take(YOU, "yours")


def test_a_take_over_replaces_whom_it_names(stores: Stores) -> None:
    """The newer token is the holder's; who had the older one is a stranger from then on."""
    first, second = stores.lock(), stores.lock()
    assert first.take(ME, "mine")
    assert not second.take_over(YOU, "yours", "somebody else's")
    assert second.take_over(YOU, "yours", "mine")
    assert not first.take_over(ME, "mine again", "mine")
    assert first.status().holder == YOU
    assert not first.release("mine")
    assert first.status().token == "yours"


def test_a_free_lock_is_not_taken_over(stores: Stores) -> None:
    lock = stores.lock()
    assert not lock.take_over(ME, "mine", "")
    assert not lock.status().active


def test_each_project_has_its_lock(stores: Stores) -> None:
    mine, theirs = stores.lock(), stores.lock("billing")
    assert mine.take(ME, "mine")
    assert theirs.take(YOU, "yours")
    assert not mine.release("yours")
    assert mine.other_owners() == ("billing",)


# -- a stranger changes nothing -----------------------------------------------------------------------------------


def test_release_by_a_stranger(stores: Stores) -> None:
    holder, stranger = stores.lock(), stores.lock()
    assert holder.take(ME, "mine")
    assert not stranger.release("yours")
    assert not stranger.release("")
    holder.check_held("mine")


def test_heartbeat_and_session_after_loss(stores: Stores) -> None:
    first, second = stores.lock(), stores.lock()
    assert first.take(ME, "mine")
    assert first.beat("mine")
    assert first.rename_session("mine", "another")
    assert first.status().holder == Holder("here", 1, "me", "migrate", "another")
    assert second.take_over(YOU, "yours", "mine")
    assert not first.beat("mine")
    assert not first.rename_session("mine", "another")
    assert first.status().holder == YOU
    assert second.release("yours")
    assert not second.beat("yours")


# -- fencing ------------------------------------------------------------------------------------------------------


def test_nothing_is_appended_after_loss(stores: Stores) -> None:
    lock = stores.lock()
    assert lock.take(ME, "mine")
    stores.history.append_if_held(EVENT, "mine")
    stores.journal.append_if_held(KEY, {1: BEGUN}, "mine")
    assert lock.take_over(YOU, "yours", "mine")
    with pytest.raises(LockLost):
        lock.check_held("mine")
    with pytest.raises(LockLost):
        stores.history.append_if_held(EVENT, "mine")
    with pytest.raises(LockLost):
        stores.journal.append_if_held(KEY, {1: DONE}, "mine")
    assert [(record.key, record.database_name) for record in stores.history.read()] == [("0001", "primary")]
    assert stores.journal.read(KEY) == {1: BEGUN}


def test_nothing_is_appended_under_a_free_lock(stores: Stores) -> None:
    lock = stores.lock()
    with pytest.raises(LockLost):
        stores.history.append_if_held(EVENT, "")
    assert lock.take(ME, "mine")
    assert lock.release("mine")
    with pytest.raises(LockLost):
        stores.journal.append_if_held(KEY, {1: BEGUN}, "mine")
    assert (stores.history.read(), stores.journal.read(KEY)) == ((), {})


def test_the_last_entry_of_a_statement_counts(stores: Stores) -> None:
    lock, back = stores.lock(), JournalKey("0001", "rollback")
    assert lock.take(ME, "mine")
    for number, entry in ((1, BEGUN), (1, DONE), (2, BEGUN)):
        stores.journal.append_if_held(KEY, {number: entry}, "mine")
    stores.journal.append_if_held(back, {1: BEGUN}, "mine")
    assert stores.journal.read(KEY) == {1: DONE, 2: BEGUN}
    stores.journal.clear(KEY)
    assert (stores.journal.read(KEY), stores.journal.read(back)) == ({}, {1: BEGUN})


def test_entries_are_appended_together_or_not_at_all(stores: Stores) -> None:
    lock = stores.lock()
    assert lock.take(ME, "mine")
    stores.journal.append_if_held(KEY, {1: BEGUN}, "mine")
    stores.journal.append_if_held(KEY, {1: DONE, 2: BEGUN}, "mine")
    assert stores.journal.read(KEY) == {1: DONE, 2: BEGUN}
    assert lock.take_over(YOU, "yours", "mine")
    with pytest.raises(LockLost):
        stores.journal.append_if_held(KEY, {2: DONE, 3: BEGUN}, "mine")
    assert stores.journal.read(KEY) == {1: DONE, 2: BEGUN}
    stores.journal.append_if_held(KEY, {2: DONE, 3: JournalEntry("it's", StatementState.INTENT)}, "yours")
    assert stores.journal.read(KEY)[3].checksum == "it's"


def test_files_are_announced_together_and_cleared_by_the_holder_only(stores: Stores) -> None:
    lock, other, back = stores.lock(), JournalKey("0002", "upgrade"), JournalKey("0003", "rollback")
    assert lock.take(ME, "mine")
    stores.journal.append_all_if_held({KEY: {1: BEGUN, 2: BEGUN}, other: {1: DONE}, back: {1: BEGUN}}, "mine")
    expected = {KEY: {1: BEGUN, 2: BEGUN}, other: {1: DONE}, back: {1: BEGUN}}
    assert {key: stores.journal.read(key) for key in expected} == expected
    assert lock.take_over(YOU, "yours", "mine")
    with pytest.raises(LockLost):
        stores.journal.append_all_if_held({KEY: {3: BEGUN}, other: {3: BEGUN}}, "mine")
    with pytest.raises(LockLost):
        stores.journal.clear_if_held((KEY, other), "mine")
    assert {key: stores.journal.read(key) for key in expected} == expected
    stores.journal.clear_if_held((KEY, back), "yours")
    assert {key: stores.journal.read(key) for key in expected} == {KEY: {}, other: {1: DONE}, back: {}}


# -- the protocol over them ---------------------------------------------------------------------------------------


def test_acquire_and_release(stores: Stores) -> None:
    opener, looking = stores.open_lock("primary"), stores.lock()
    with acquire(opener, NOW) as held:
        assert looking.status().liveness is Liveness.ALIVE
        stores.history.append_if_held(EVENT, held.token)
        with pytest.raises(LockHeld, match="who is alive"), acquire(opener, AUTO):
            pass
        with pytest.raises(Refused):
            unlock(looking)
    assert not looking.status().active
    with pytest.raises(LockLost):
        looking.check_held(held.token)


def test_who_is_taken_over_from_does_not_release(stores: Stores) -> None:
    opener, looking = stores.open_lock("primary"), stores.lock()
    with acquire(opener, NOW) as loser:
        assert unlock(looking, force=True)
        with acquire(opener, NOW) as owner:
            with pytest.raises(LockLost):
                stores.history.append_if_held(EVENT, loser.token)
            stores.history.append_if_held(EVENT, owner.token)
        assert looking.take(YOU, "yours")
    looking.check_held("yours")


def test_auto_takes_over_from_the_dead_only(stores: Stores) -> None:
    """In memory a session that is not there is gone; on a server nothing is known of one without a name."""
    opener, dead = stores.open_lock("primary"), stores.lock()
    assert dead.take(YOU, "yours")
    if dead.status().liveness is Liveness.GONE:
        with acquire(opener, AUTO) as held:
            assert held.taken_over == YOU
    else:
        with pytest.raises(LockHeld, match="of whom nothing is known"), acquire(opener, AUTO):
            pass
