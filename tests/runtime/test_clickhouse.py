"""The lock, history and journal of an engine without transactions, row counts and unique keys."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

import pytest

from dbwarden import dialects
from dbwarden.core.dialect import Connection, Liveness, Server
from dbwarden.core.filename import Kind
from dbwarden.core.options import Options
from dbwarden.core.own_tables import MIGRATIONS, OwnTables
from dbwarden.core.record import Event, Record
from dbwarden.core.store import JournalEntry, JournalKey, StatementState
from dbwarden.dialects.clickhouse import lock as clickhouse_lock
from dbwarden.errors import LockHeld, LockLost, LockUnavailable
from dbwarden.runtime.lock import LockRequest, acquire, this_holder, unlock
from dbwarden.runtime.lock_cell import CellLock
from dbwarden.runtime.process import RemoteProcessLock
from dbwarden.runtime.stores import history_store, journal_store, lock_opener, lock_store

from .conftest import Place

TABLES = OwnTables()
NOW = LockRequest("migrate", wait=0)
UPGRADE, BEGUN = JournalKey("0001", "upgrade"), JournalEntry("x", StatementState.INTENT)
DONE = JournalEntry("x", StatementState.DONE)
AT = datetime(2026, 1, 1, tzinfo=UTC)
EVENT = Record(0, "0001", Kind.VERSIONED, "0001_a.sql", "a", "x", Event.APPLIED, 1, 1, AT, 0.0, "me", "0")


def _store(place: Place, tables: OwnTables = TABLES) -> CellLock:
    store = lock_store(place.connect(), place.dialect, tables)
    assert isinstance(store, CellLock)
    store.prepare()
    return store


# -- racing -------------------------------------------------------------------------------------------------------


RACERS, ROUNDS = 20, 10


def _race(racers: list[Callable[[], bool]]) -> int:
    """Number of racers who believe that they won."""
    line, winners = threading.Barrier(len(racers)), list[int]()

    def run(number: int) -> None:
        line.wait()
        if racers[number]():
            winners.append(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(racers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(winners)


def _changes(place: Place) -> int:
    """How often the row of the lock was written; 0 if it is not a row."""
    with place.connect() as conn:
        if not conn.query("SELECT 1 FROM system.tables WHERE database = currentDatabase() AND engine = 'KeeperMap'"):
            return 0
        return int(conn.query("SELECT _version FROM dbwarden_lock")[0][0])


def test_of_twenty_racers_one_takes_the_lock(clicks: Place) -> None:
    stores = [_store(clicks) for _ in range(RACERS)]
    me = this_holder("migrate")
    for turn in range(ROUNDS):
        tokens = [f"round {turn} racer {number}" for number in range(RACERS)]
        racers = [
            lambda store=store, token=token: store.take(me, token)  # type: ignore[misc]
            for store, token in zip(stores, tokens, strict=True)
        ]
        before = _changes(clicks)
        assert _race(racers) == 1
        assert _changes(clicks) - before == (
            1 if before or _changes(clicks) else 0
        )  # nobody has overwritten the winner
        owner = stores[0].status().token
        assert owner in tokens
        assert not stores[0].release(next(token for token in tokens if token != owner))
        assert stores[0].release(owner)


def test_of_twenty_racers_one_takes_over(clicks: Place) -> None:
    stores = [_store(clicks) for _ in range(RACERS)]
    me, owner = this_holder("migrate"), "first"
    assert stores[0].take(me, owner)
    for turn in range(3):
        tokens = [f"round {turn} racer {number}" for number in range(RACERS)]
        racers = [
            lambda store=store, token=token, owner=owner: store.take_over(me, token, owner)  # type: ignore[misc]
            for store, token in zip(stores, tokens, strict=True)
        ]
        assert _race(racers) == 1
        owner = stores[0].status().token
        assert owner in tokens


def test_heartbeats_do_not_disturb_what_is_recorded(clicks: Place) -> None:
    """Both change the row of the lock at the same moment: the loser of the two tries again."""
    beating, journal = _store(clicks), journal_store(clicks.connect(), clicks.dialect, TABLES)
    assert beating.take(this_holder("migrate"), "mine")
    over = threading.Event()

    def beat() -> None:
        while not over.is_set():
            assert beating.beat("mine")

    thread = threading.Thread(target=beat)
    thread.start()
    try:
        for number in range(1, 11):
            journal.append_if_held(UPGRADE, {number: DONE}, "mine")
    finally:
        over.set()
        thread.join()
    assert set(journal.read(UPGRADE)) == set(range(1, 11))


# -- the kinds ----------------------------------------------------------------------------------------------------


def test_manual_release(clicks: Place) -> None:
    """As the page on locking says."""
    store, conn = _store(clicks), clicks.connect()
    assert store.take(this_holder("migrate"), "mine")
    history = history_store(clicks.connect(), clicks.dialect, TABLES)
    history.append_if_held(EVENT, "mine")
    if conn.query("SELECT 1 FROM system.tables WHERE database = currentDatabase() AND engine = 'KeeperMap'"):
        conn.execute("ALTER TABLE dbwarden_lock UPDATE locked = false, token = '' WHERE database_name = 'primary'")
    else:
        conn.execute("DROP TABLE dbwarden_lock_primary")
    assert not store.status().active
    assert not store.beat("mine")
    with pytest.raises(LockLost):
        history.append_if_held(EVENT, "mine")
    with acquire(lock_opener(clicks.connect, clicks.dialect, TABLES), NOW) as lock:
        history.append_if_held(EVENT, lock.token)
    assert len(history.read()) == 2


@pytest.fixture
def without_keeper(clicks: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A database without a lock yet, on a server that has no KeeperMap."""
    conn = clicks.connect()
    for owner in ("primary", "billing"):
        conn.execute(f"DROP TABLE IF EXISTS dbwarden_lock_{owner} SYNC")
    reason = "KeeperMap is disabled because 'keeper_map_path_prefix' config is not defined"
    monkeypatch.setattr(clickhouse_lock.ClickHouseLock, "_create_keeper_map", lambda self: reason)
    return clicks


def test_a_single_node_has_a_table(without_keeper: Place) -> None:
    with acquire(lock_opener(without_keeper.connect, without_keeper.dialect, TABLES), NOW):
        assert lock_store(without_keeper.connect(), without_keeper.dialect, TABLES).status().liveness is Liveness.ALIVE
        with pytest.raises(LockHeld), acquire(lock_opener(without_keeper.connect, without_keeper.dialect, TABLES), NOW):
            pass


def test_several_nodes_are_refused(without_keeper: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clickhouse_lock, "_several_nodes", lambda conn, server: "it belongs to a cluster (events)")
    opener = lock_opener(without_keeper.connect, without_keeper.dialect, TABLES)
    with pytest.raises(
        LockUnavailable, match=r"a cluster \(events\), and it has no KeeperMap tables \(KeeperMap is dis"
    ) as e:
        acquire(opener, NOW).__enter__()
    assert e.value.exit_code == 5
    assert 'lock = "none"' in (e.value.hint or "")
    without_keeper.connect().execute("CREATE TABLE dbwarden_lock_primary (free UInt8) ENGINE = Null")
    with pytest.raises(LockUnavailable, match="the lock of the table dbwarden_lock_primary belongs to one of them"):
        acquire(opener, NOW).__enter__()


def test_without_a_lock(without_keeper: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clickhouse_lock, "_several_nodes", lambda conn, server: "it belongs to a cluster (events)")
    tables = OwnTables(lock_required=False)
    history = history_store(without_keeper.connect(), without_keeper.dialect, tables)
    with acquire(lock_opener(without_keeper.connect, without_keeper.dialect, tables), NOW) as lock:
        history.append_if_held(EVENT, lock.token)
        assert not unlock(lock_store(without_keeper.connect(), without_keeper.dialect, tables))
    assert len(history.read()) == 1


def test_a_lock_that_can_be_had_is_taken_all_the_same(without_keeper: Place) -> None:
    tables = OwnTables(lock_required=False)
    with (
        acquire(lock_opener(without_keeper.connect, without_keeper.dialect, tables), NOW),
        pytest.raises(LockHeld),
        acquire(lock_opener(without_keeper.connect, without_keeper.dialect, tables), NOW),
    ):
        pass


def test_own_tables_of_a_replicated_database() -> None:
    """Every node has all rows: by documentation, the embedded engine has no replicas."""
    dialect = dialects.get("clickhouse").for_server(
        Server((26, 9), "clickhouse", "db", "", Options.of({"database_engine": "Replicated"}))
    )
    (create,) = dialect.history_ddl(MIGRATIONS, OwnTables())
    assert create.endswith(") ENGINE = ReplicatedMergeTree ORDER BY id")
    (create,) = dialects.get("clickhouse").history_ddl(MIGRATIONS, OwnTables())
    assert create.endswith(") ENGINE = MergeTree ORDER BY id")


# -- history and journal ------------------------------------------------------------------------------------------


def test_the_event_closes_the_journal(clicks: Place) -> None:
    """A kill just behind the event, before the journal is cleared, leaves no attempt."""
    store = _store(clicks)
    history, journal = (make(clicks.connect(), clicks.dialect, TABLES) for make in (history_store, journal_store))
    assert store.take(this_holder("migrate"), "mine")
    journal.append_if_held(UPGRADE, {1: BEGUN}, "mine")
    (attempt,) = journal.attempts()
    assert (attempt.done, attempt.doubt, attempt.lock_held) == (0, 1, True)
    journal.append_if_held(UPGRADE, {1: DONE}, "mine")
    history.append_if_held(EVENT, "mine")
    assert (journal.attempts(), journal.read(UPGRADE)) == ((), {})
    journal.append_if_held(JournalKey("0001", "rollback"), {1: BEGUN}, "mine")
    assert [(attempt.direction, attempt.doubt) for attempt in journal.attempts()] == [("rollback", 1)]


class _Counted:
    """A connection that counts its requests, and lets something happen before the INSERT."""

    def __init__(self, conn: Connection, before_insert: Callable[[], object] = lambda: None) -> None:
        self._conn, self._before, self.requests = conn, before_insert, list[str]()

    def execute(self, sql: str, params: Mapping[str, object] | None = None) -> None:
        self.requests.append(sql)
        if sql.startswith("INSERT"):
            self._before()
        self._conn.execute(sql, params)

    def query(self, sql: str, params: Mapping[str, object] | None = None) -> object:
        self.requests.append(sql)
        return self._conn.query(sql, params)

    def __getattr__(self, name: str) -> object:
        return getattr(self._conn, name)


def test_an_entry_costs_one_request_and_an_update_of_a_shared_row(clicks: Place) -> None:
    """A statement is accompanied by nothing else; the first entry looks for the kind of the lock too."""
    store, counted = _store(clicks), _Counted(clicks.connect())
    journal = journal_store(cast("Connection", counted), clicks.dialect, TABLES)
    assert store.take(this_holder("migrate"), "mine")
    journal.append_if_held(UPGRADE, {1: BEGUN}, "mine")
    counted.requests.clear()
    journal.append_if_held(UPGRADE, {1: DONE, 2: BEGUN}, "mine")
    shared = clicks.connect().query(
        "SELECT 1 FROM system.tables WHERE database = currentDatabase() AND engine = 'KeeperMap'"
    )
    assert [sql.split()[0] for sql in counted.requests] == (["ALTER", "INSERT"] if shared else ["INSERT"])


def test_a_holder_that_is_suspended_just_before_its_entry_writes_nothing(clicks: Place) -> None:
    """Another one takes over between the update of the lock and the INSERT."""
    store = _store(clicks)
    assert store.take(this_holder("migrate"), "mine")
    counted = _Counted(clicks.connect(), lambda: store.take_over(this_holder("migrate"), "next", "mine"))
    journal = journal_store(cast("Connection", counted), clicks.dialect, TABLES)
    with pytest.raises(LockLost):
        journal.append_if_held(UPGRADE, {1: BEGUN}, "mine")
    assert journal.read(UPGRADE) == {}
    with pytest.raises(LockLost):
        journal.append_if_held(UPGRADE, {1: BEGUN}, "mine")
    assert not store.beat("mine") and store.beat("next")


def test_another_project_does_not_disturb_a_holder(clicks: Place) -> None:
    other = OwnTables(owner="billing")
    mine, theirs = _store(clicks), _store(clicks, other)
    assert mine.take(this_holder("migrate"), "mine") and theirs.take(this_holder("migrate"), "theirs")
    journal = journal_store(clicks.connect(), clicks.dialect, TABLES)
    journal.append_if_held(UPGRADE, {1: BEGUN}, "mine")
    assert mine.beat("mine") and not mine.beat("theirs") and theirs.release("theirs")
    journal.append_if_held(UPGRADE, {1: DONE}, "mine")
    assert journal.read(UPGRADE)[1].state is StatementState.DONE


def test_events_keep_their_order_and_their_values(clicks: Place) -> None:
    store, history = _store(clicks), history_store(clicks.connect(), clicks.dialect, TABLES)
    assert store.take(this_holder("migrate"), "mine")
    text = 'it\'s \\ "quoted" %s :name\n`é`\tend'
    events = [
        replace(EVENT, description=text, rollback_sql=text, file_digest="abc"),
        replace(EVENT, event=Event.FAILED, error=text, statements_done=0, duration=1.5),
        replace(EVENT, event=Event.ROLLED_BACK, seed=True),
    ]
    for event in events:
        history.append_if_held(event, "mine")
    records = history.read()
    assert [record.id for record in records] == sorted({record.id for record in records})
    assert [replace(record, id=0, at=AT, database_name="") for record in records] == events
    assert all(record.database_name == "primary" for record in records)


# -- liveness -----------------------------------------------------------------------------------------------------


def test_a_process_is_judged_only_where_it_is_seen() -> None:
    native = RemoteProcessLock()
    me = this_holder("migrate", native.enter())
    assert native.liveness(me) is Liveness.ALIVE
    gone = replace(me, pid=4194305)
    assert native.liveness(gone) is Liveness.GONE
    elsewhere = replace(gone, session="@".join((gone.session.split("@")[0], "another-boot/1#pid:[1]")))
    assert native.liveness(elsewhere) is Liveness.UNKNOWN
    assert native.liveness(replace(gone, session=f"{gone.session}1")) is Liveness.UNKNOWN  # another container
    assert native.liveness(replace(gone, session="")) is Liveness.UNKNOWN
