"""Who has lost the lock changes nothing any more, neither in the database nor for the next holder.

Interleavings of two holders, made by hand: what the other one does happens at a chosen point of what the first one does.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from dbwarden.core.dialect import Holder, Liveness
from dbwarden.core.filename import Kind
from dbwarden.core.own_tables import OwnTables
from dbwarden.core.record import Event, Record
from dbwarden.core.store import JournalEntry, JournalKey, LockStatus, StatementState
from dbwarden.errors import ConnectionLost, DatabaseBusy, LockHeld, LockLost
from dbwarden.runtime import lock, lock_row
from dbwarden.runtime.connection import DatabaseConnection
from dbwarden.runtime.layout import ensure_tables
from dbwarden.runtime.lock import LockRequest, acquire, unlock
from dbwarden.runtime.stores import history_store, journal_store, lock_opener, lock_store

from .conftest import Place, dead_session

TABLES, OTHERS = OwnTables(), OwnTables("billing")
UPGRADE, BEGUN = JournalKey("0001", "upgrade"), JournalEntry("x", StatementState.INTENT)
NOW = LockRequest("migrate", wait=0)
AUTO = LockRequest("migrate", wait=0, recovery="auto")
EVENT = Record(
    0,
    "0001",
    Kind.VERSIONED,
    "0001_a.sql",
    "a",
    "x",
    Event.APPLIED,
    1,
    1,
    datetime(2026, 1, 1, tzinfo=UTC),
    0.0,
    "me",
    "0",
)


class Watched:
    """A connection that lets something happen just before or behind a statement."""

    def __init__(self, conn: DatabaseConnection, words: str, event: Callable[[], None], *, after: bool = False) -> None:
        self._conn, self._words, self._event, self._after = conn, words, event, after
        self._pending = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._conn, name)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._conn.transaction():
            yield
        if self._pending:
            self._pending = False
            self._event()

    def execute(self, sql: str, params: Any = None) -> int:
        if self._words not in sql:
            return self._conn.execute(sql, params)
        if not self._after:
            self._event()
            return self._conn.execute(sql, params)
        self._pending = True
        return self._conn.execute(sql, params)


@pytest.fixture
def taken_away(place: Place) -> Iterator[tuple[lock.HeldLock, lock.HeldLock]]:
    """The lock of one holder, taken away and taken by another one, who has it now."""
    first = acquire(lock_opener(place.connect, place.dialect, TABLES), NOW)
    loser = first.__enter__()
    assert unlock(lock_store(place.connect(), place.dialect, TABLES), force=True)
    with acquire(lock_opener(place.connect, place.dialect, TABLES), NOW) as owner:
        yield loser, owner
        with pytest.raises(LockLost):
            lock_store(place.connect(), place.dialect, TABLES).check_held(loser.token)
        first.__exit__(None, None, None)
        lock_store(place.connect(), place.dialect, TABLES).check_held(owner.token)


def test_the_loser_does_not_release_what_another_one_holds(
    place: Place, taken_away: tuple[lock.HeldLock, lock.HeldLock]
) -> None:
    """What the fixture says at its end."""
    assert lock_store(place.connect(), place.dialect, TABLES).status().token == taken_away[1].token


def test_the_loser_records_nothing(place: Place, taken_away: tuple[lock.HeldLock, lock.HeldLock]) -> None:
    conn, token = place.connect(), taken_away[0].token
    journal = journal_store(conn, place.dialect, TABLES)
    with pytest.raises(LockLost):
        history_store(conn, place.dialect, TABLES).append_if_held(EVENT, token)
    with pytest.raises(LockLost):
        journal.append_if_held(UPGRADE, {1: BEGUN}, token)
    with pytest.raises(LockLost):
        lock_store(conn, place.dialect, TABLES).check_held(token)
    assert (history_store(conn, place.dialect, TABLES).read(), journal.read(UPGRADE)) == ((), {})


def test_the_loser_claims_nothing(place: Place, taken_away: tuple[lock.HeldLock, lock.HeldLock]) -> None:
    conn, (loser, owner) = place.connect(), taken_away
    history_store(conn, place.dialect, TABLES).append_if_held(EVENT, owner.token)
    conn.execute("UPDATE dbwarden_migrations SET database_name = ''")
    with pytest.raises(LockLost):
        history_store(conn, place.dialect, TABLES).adopt_unclaimed(loser.token)
    assert [record.database_name for record in history_store(conn, place.dialect, TABLES).read()] == [""]


def test_the_loser_does_not_keep_the_next_holder_alive(
    place: Place, taken_away: tuple[lock.HeldLock, lock.HeldLock]
) -> None:
    """Its heartbeat, and a connection that takes the place of one that was cut, are for its own token."""
    conn, loser = place.connect(), taken_away[0]
    conn.execute("UPDATE dbwarden_lock SET heartbeat = '2001-01-01 00:00:00', session = 'theirs'")
    opener = lock_opener(place.connect, place.dialect, TABLES)
    session = lock._Session(opener, loser.token, opener())
    session.beat()
    session._replace()
    [(heartbeat, name)] = conn.query("SELECT heartbeat, session FROM dbwarden_lock")
    assert (str(heartbeat)[:4], name) == ("2001", "theirs")
    session.store.close()


def test_a_released_lock_takes_no_heartbeat(place: Place) -> None:
    with acquire(lock_opener(place.connect, place.dialect, TABLES), NOW) as held:
        pass
    conn = place.connect()
    conn.execute("UPDATE dbwarden_lock SET heartbeat = NULL, token = :token", {"token": held.token})
    opener = lock_opener(place.connect, place.dialect, TABLES)
    lock._Session(opener, held.token, opener()).beat()
    assert conn.query("SELECT heartbeat FROM dbwarden_lock") == [(None,)]


# -- nobody takes the lock away between a record and its COMMIT -----------------------------------------------------


@pytest.mark.parametrize("what", ["append", "fence", "journal"])
def test_the_lock_cannot_change_hands_before_the_commit(place: Place, what: str) -> None:
    """Else the next holder would read a history that does not have the event yet, and run the file again."""
    with acquire(lock_opener(place.connect, place.dialect, TABLES), NOW) as held:
        conn, other = place.connect(), place.connect(lock_timeout=0.2)
        release = "UPDATE dbwarden_lock SET locked = FALSE"
        with conn.transaction():
            if what == "append":
                history_store(conn, place.dialect, TABLES).append_if_held(EVENT, held.token)
            elif what == "fence":
                lock_store(conn, place.dialect, TABLES).check_held(held.token)
            else:
                journal_store(conn, place.dialect, TABLES).append_if_held(UPGRADE, {1: BEGUN}, held.token)
            with pytest.raises(DatabaseBusy):
                other.execute(release)
        assert other.execute(release) == 1


# -- taking -------------------------------------------------------------------------------------------------------


@pytest.fixture
def faster(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[lock.HeldLock]]:
    """Between the look of the next one who wants the lock and its taking it, another one takes it: who that is."""
    take, winners = lock._take, list[lock.HeldLock]()
    with acquire(lock_opener(place.connect, place.dialect, TABLES), NOW):
        pass
    with ExitStack() as stack:

        def second(conn: Any, *args: Any) -> bool:
            monkeypatch.setattr(lock, "_take", take)
            winners.append(stack.enter_context(acquire(lock_opener(place.connect, place.dialect, TABLES), AUTO)))
            return take(conn, *args)

        monkeypatch.setattr(lock, "_take", second)
        yield winners


def test_a_lock_whose_answer_is_lost_is_released(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection breaks at the COMMIT that takes it: nobody who is gone stays its holder."""
    take = lock_row.SqlLock.take

    def unanswered(store: lock_row.SqlLock, holder: Holder, token: str) -> bool:
        assert take(store, holder, token)
        raise ConnectionLost("it broke")

    monkeypatch.setattr(lock_row.SqlLock, "take", unanswered)
    with pytest.raises(ConnectionLost), acquire(lock_opener(place.connect, place.dialect, TABLES), NOW):
        pass
    assert not lock_store(place.connect(), place.dialect, TABLES).status().active


def test_two_look_and_one_takes(place: Place, faster: list[lock.HeldLock]) -> None:
    with pytest.raises(LockHeld), acquire(lock_opener(place.connect, place.dialect, TABLES), NOW):
        pass
    assert lock_store(place.connect(), place.dialect, TABLES).status().token == faster[0].token


def _dead(place: Place) -> DatabaseConnection:
    """The lock is held by somebody who is gone."""
    conn = place.connect()
    ensure_tables(conn, place.dialect, TABLES)
    session = dead_session(place, conn)
    conn.execute(
        "UPDATE dbwarden_lock SET locked = TRUE, token = 'dead', session = :session, host = :host, pid = 4194305",
        {"session": session, "host": socket.gethostname()},
    )
    assert lock_store(conn, place.dialect, TABLES).status().liveness is Liveness.GONE
    return conn


def test_two_take_over_from_the_dead_and_one_does(place: Place, faster: list[lock.HeldLock]) -> None:
    _dead(place)
    with pytest.raises(LockHeld), acquire(lock_opener(place.connect, place.dialect, TABLES), AUTO):
        pass
    assert lock_store(place.connect(), place.dialect, TABLES).status().token == faster[0].token


def test_only_who_is_certainly_gone_is_taken_over_from(place: Place) -> None:
    conn = _dead(place)
    with pytest.raises(LockHeld, match="who is gone"), acquire(lock_opener(place.connect, place.dialect, TABLES), NOW):
        pass
    conn.execute("UPDATE dbwarden_lock SET session = '', heartbeat = '2001-01-01 00:00:00'")
    with (
        pytest.raises(LockHeld, match="of whom nothing is known"),
        acquire(lock_opener(place.connect, place.dialect, TABLES), AUTO),
    ):
        pass


def test_unlock_releases_whom_it_judged(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not who took the lock behind that."""
    conn, judge = _dead(place), lock_row.SqlLock.status

    def then_another(store: lock_row.SqlLock) -> LockStatus:
        judged = judge(store)
        conn.execute("UPDATE dbwarden_lock SET token = 'another'")
        return judged

    monkeypatch.setattr(lock_row.SqlLock, "status", then_another)
    assert unlock(lock_store(place.connect(), place.dialect, TABLES)) is False
    assert conn.query("SELECT locked, token FROM dbwarden_lock") in ([(True, "another")], [(1, "another")])


# -- the native lock beside the row -------------------------------------------------------------------------------


def test_who_takes_the_free_row_finds_the_native_lock_free(pg: Place) -> None:
    """Else it could not say that it lives."""
    seen, conn = list[int](), pg.connect()

    def look() -> None:
        [[count]] = conn.query(
            "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database"
            " WHERE locktype = 'advisory' AND datname = current_database()"  # other tests have locks of their own
        )
        seen.append(count)

    def connecting() -> Any:
        return Watched(pg.connect(), "SET locked = FALSE", look, after=True)

    with acquire(lock_opener(connecting, pg.dialect, TABLES), NOW):
        look()
    assert seen == [1, 0]


def test_a_native_lock_that_somebody_had_for_a_moment(pg: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who tries to take the lock at the same time gives it back at once; whoever has the row then takes it again."""
    rival = pg.dialect.locker(pg.connect(), TABLES.key)
    assert rival.enter()
    monkeypatch.setattr(lock.time, "sleep", lambda seconds: rival.leave())
    with acquire(lock_opener(pg.connect, pg.dialect, TABLES), NOW):
        assert lock_store(pg.connect(), pg.dialect, TABLES).status().liveness is Liveness.ALIVE


def test_a_backend_number_that_was_given_again(pg: Place) -> None:
    """The number alone is not the session."""
    with acquire(lock_opener(pg.connect, pg.dialect, TABLES), NOW):
        conn = pg.connect()
        conn.execute("UPDATE dbwarden_lock SET session = split_part(session, '/', 1) || '/1.000000'")
        assert lock_store(conn, pg.dialect, TABLES).status().liveness is Liveness.UNKNOWN


def test_each_project_has_its_own_native_lock(pg: Place) -> None:
    with (
        acquire(lock_opener(pg.connect, pg.dialect, TABLES), NOW),
        acquire(lock_opener(pg.connect, pg.dialect, OTHERS), NOW),
    ):
        conn = pg.connect()
        for tables in (TABLES, OTHERS):
            assert lock_store(conn, pg.dialect, tables).status().liveness is Liveness.ALIVE
        schema = replace(TABLES, schema="x")
        assert len({tables.key for tables in (TABLES, OTHERS, schema, OwnTables(history="audit"))}) == 4


# -- of several projects ------------------------------------------------------------------------------------------


def test_journals_are_apart(place: Place) -> None:
    """The same version is on its way in both."""
    with (
        acquire(lock_opener(place.connect, place.dialect, TABLES), NOW) as mine,
        acquire(lock_opener(place.connect, place.dialect, OTHERS), NOW) as theirs,
    ):
        conn = place.connect()
        journals = [journal_store(conn, place.dialect, tables) for tables in (TABLES, OTHERS)]
        for number, (journal, held) in enumerate(zip(journals, (mine, theirs), strict=True), 1):
            journal.append_if_held(UPGRADE, {number: BEGUN}, held.token)
        assert [list(journal.read(UPGRADE)) for journal in journals] == [[1], [2]]
        journals[0].clear(UPGRADE)
        assert [list(journal.read(UPGRADE)) for journal in journals] == [[], [2]]


def test_an_event_bears_the_name_of_its_lock(place: Place) -> None:
    with (
        acquire(lock_opener(place.connect, place.dialect, TABLES), NOW) as mine,
        acquire(lock_opener(place.connect, place.dialect, OTHERS), NOW) as theirs,
    ):
        conn = place.connect()
        for tables, held in ((TABLES, mine), (OTHERS, theirs)):
            history_store(conn, place.dialect, tables).append_if_held(EVENT, held.token)
        assert [record.database_name for record in history_store(conn, place.dialect, TABLES).read()] == [
            "primary",
            "billing",
        ]
        assert unlock(lock_store(conn, place.dialect, OTHERS), force=True)
        lock_store(conn, place.dialect, TABLES).check_held(mine.token)


# -- the heartbeat ------------------------------------------------------------------------------------------------


def test_the_heart_goes_on_after_a_failure(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that is busy once is not one without us."""
    beats, done = list[int](), lock.threading.Event()

    def beat(self: Any) -> None:
        beats.append(1)
        if len(beats) > 2:
            done.set()
        raise DatabaseBusy("busy")

    monkeypatch.setattr(lock, "HEARTBEAT", 0.01)
    monkeypatch.setattr(lock._Session, "beat", beat)
    with acquire(lock_opener(place.connect, place.dialect, TABLES), NOW):
        assert done.wait(30)
