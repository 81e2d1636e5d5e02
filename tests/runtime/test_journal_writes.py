"""Where every statement commits by itself: what the journal says while statements run, and in how many writes."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from dbwarden.core.own_tables import OwnTables
from dbwarden.core.sqltext import checksum
from dbwarden.core.store import JournalEntry, JournalKey, StatementState
from dbwarden.errors import DatabaseError, LockLost, MigrationFailed, Terminated
from dbwarden.runtime import file_journal
from dbwarden.runtime.connection import DatabaseConnection
from dbwarden.runtime.execute import ExecutionOptions, upgrade
from dbwarden.runtime.interrupt import Interruption
from dbwarden.runtime.lock import LockRequest, acquire
from dbwarden.runtime.stores import journal_store, lock_opener, lock_store

from .conftest import PARAMETERS, Place, _place, _url

RunOf = Callable[..., ExecutionOptions]
KEY = JournalKey("0001", "upgrade")
INTENT, DONE, FAILED = StatementState
COUNT = 4


@pytest.fixture(params=[PARAMETERS[key] for key in PARAMETERS if key[1] == "pymysql" or key[0] == "clickhouse"])
def engine(request: pytest.FixtureRequest) -> Iterator[Place]:
    """On the engines where every statement commits by itself."""
    yield from _place(_url(request))


class Watched:
    """A connection that counts the writes to the journal and calls ``before`` each statement of the file, ``after`` each
    write to the journal."""

    def __init__(self, conn: DatabaseConnection) -> None:
        self._conn = conn
        self.writes = 0
        self.before: Callable[[int], None] = lambda number: None
        self.after: Callable[[int], None] = lambda writes: None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._conn, name)

    def execute(self, sql: str, params: Mapping[str, Any] | None = None) -> int:
        if sql.startswith(("CREATE TABLE t", "DROP TABLE t")):
            self.before(int(sql.split()[2].removeprefix("t")))
        changed = self._conn.execute(sql, params)
        if sql.startswith("INSERT") and "dbwarden_journal" in sql.partition("SELECT")[0]:
            self.writes += 1
            self.after(self.writes)
        return changed


def _file_text(place: Place) -> str:
    end = " ENGINE = MergeTree ORDER BY id" if place.dialect.name == "clickhouse" else ""
    return "-- upgrade\n" + "".join(f"CREATE TABLE t{n} (id INTEGER){end};\n" for n in range(1, COUNT + 1))


def _states(place: Place) -> dict[int, StatementState]:
    """The last entry of each statement, as another connection reads them."""
    with place.connect() as conn:
        entries = journal_store(conn, place.dialect, OwnTables()).read(KEY)
        return {number: entry.state for number, entry in entries.items()}


def _run(place: Place, conn: Watched, run: ExecutionOptions, text: str = "") -> None:
    upgrade(conn, place.dialect, place.file("0001_four.sql", text or _file_text(place)), run)  # type: ignore[arg-type]


def test_statements_that_create_share_one_write(engine: Place, run_of: RunOf) -> None:
    """What they have done is recorded by the event."""
    conn = Watched(engine.connect())
    _run(engine, conn, run_of(engine, unfinished=()))
    assert conn.writes == 1
    assert engine.events() == [("0001", "applied", COUNT, COUNT)]
    assert _states(engine) == {}


def test_any_other_statement_costs_one_write(engine: Place, run_of: RunOf) -> None:
    conn, text = Watched(engine.connect()), _file_text(engine)
    drops = "".join(f"DROP TABLE t{n};\n" for n in range(1, COUNT + 1))
    states = dict[int, Mapping[int, StatementState]]()
    conn.before = lambda number: states.update({number: _states(engine)})
    _run(engine, conn, run_of(engine, unfinished=()), text + drops)
    assert conn.writes == 2 + COUNT  # the first DROP is announced with the end of the group
    assert states == {n: {**dict.fromkeys(range(1, COUNT + n), DONE), COUNT + n: INTENT} for n in range(1, COUNT + 1)}


def test_intent_is_durable_before_its_statement(engine: Place, run_of: RunOf) -> None:
    conn, states = Watched(engine.connect()), {}
    conn.before = lambda number: states.update({number: _states(engine)})
    _run(engine, conn, run_of(engine, unfinished=()))
    assert states == {n: dict.fromkeys(range(1, COUNT + 1), INTENT) for n in range(1, COUNT + 1)}


def test_done_is_recorded_while_a_group_runs(engine: Place, run_of: RunOf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_journal, "PERIOD", 0.0)
    conn, attempts = Watched(engine.connect()), {}
    conn.before = lambda number: attempts.update({number: _attempt(engine)})
    _run(engine, conn, run_of(engine, unfinished=()))
    last = dict.fromkeys(range(1, COUNT + 1), COUNT)
    assert attempts == {n: (n - 1, n, last[n]) for n in range(1, COUNT + 1)}


def _attempt(place: Place) -> tuple[int, int | None, int | None]:
    """What another connection sees of the run: statements done, and the first and last in doubt."""
    with place.connect() as conn:
        (attempt,) = journal_store(conn, place.dialect, OwnTables()).attempts()
        return attempt.done, attempt.doubt, attempt.last_doubt


@pytest.mark.parametrize("period", [0.0, 1.0])
def test_a_lock_lost_meanwhile_stops_before_the_next_statement(
    engine: Place, run_of: RunOf, monkeypatch: pytest.MonkeyPatch, period: float
) -> None:
    monkeypatch.setattr(file_journal, "PERIOD", period)
    conn, run = Watched(engine.connect()), run_of(engine, unfinished=())

    def lose(number: int) -> None:
        if number == 2:
            assert lock_store(engine.connect(), engine.dialect, OwnTables()).release(run.token)

    conn.before = lose
    with pytest.raises(LockLost) as error:
        _run(engine, conn, run)
    assert "Statements 1 to 2 of 4 remain in effect" in (error.value.hint or "")
    assert set(_states(engine).values()) <= {INTENT, DONE} and _states(engine)[2] is INTENT
    assert engine.tables() == {"t1", "t2"}
    with acquire(lock_opener(engine.connect, engine.dialect, OwnTables()), LockRequest("migrate", wait=0)) as held:
        next_run = replace(run, token=held.token, unfinished=None)
        upgrade(engine.connect(), engine.dialect, engine.file("0001_four.sql", _file_text(engine)), next_run)
    assert engine.events()[-1] == ("0001", "applied", COUNT, COUNT)
    assert engine.tables() == {"t1", "t2", "t3", "t4"}


def test_an_error_in_a_group_says_what_is_done(engine: Place, run_of: RunOf) -> None:
    """The statements behind it were not sent: they may be changed, and need no look at the catalogue."""
    text, run = _file_text(engine), run_of(engine, unfinished=())
    with pytest.raises(MigrationFailed) as error:
        _run(engine, Watched(engine.connect()), run, text.replace("t3 (id INTEGER", "t3 (id NONSENSE"))
    assert "statement 3 of 4 failed" in error.value.message
    assert error.value.state == "Statements 1 to 2 of 4 remain in effect; the next run continues after them"
    assert _states(engine) == {1: DONE, 2: DONE, 3: FAILED, 4: FAILED}
    assert engine.events() == [("0001", "failed", 2, COUNT)]
    conn = Watched(engine.connect())
    _run(engine, conn, replace(run, unfinished=None), text.replace("t4", "t5"))
    assert engine.tables() == {"t1", "t2", "t3", "t5"}


def test_an_error_of_the_event_leaves_what_is_done(
    engine: Place, run_of: RunOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    conn = Watched(engine.connect())
    execute = conn.execute

    def refuse(sql: str, params: Mapping[str, Any] | None = None) -> int:
        if "dbwarden_migrations" in sql.partition("SELECT")[0]:
            raise DatabaseError("the disk is full")
        return execute(sql, params)

    monkeypatch.setattr(conn, "execute", refuse, raising=False)
    with pytest.raises(MigrationFailed) as error:
        _run(engine, conn, run_of(engine, unfinished=()))
    assert "the history entry failed" in error.value.message
    assert error.value.state == "All 4 statements are in effect; the next run records that"
    assert _states(engine) == dict.fromkeys(range(1, COUNT + 1), DONE)


def test_a_signal_during_a_statement_lets_no_other_begin(engine: Place, run_of: RunOf) -> None:
    stop = Interruption()
    conn, run = Watched(engine.connect()), run_of(engine, unfinished=(), stop=stop)
    conn.before = lambda number: setattr(stop, "_signal", signal.SIGTERM if number == 2 else None)
    with pytest.raises(Terminated) as error:
        _run(engine, conn, run)
    assert "Statements 1 to 2 of 4 remain in effect" in error.value.message
    assert _states(engine) == {1: DONE, 2: DONE, 3: FAILED, 4: FAILED}
    assert engine.tables() == {"t1", "t2"}


def test_a_signal_after_the_announcement_takes_it_back(engine: Place, run_of: RunOf) -> None:
    """The next run does not have to look for the statements' effect."""
    stop = Interruption()
    conn, run = Watched(engine.connect()), run_of(engine, unfinished=(), stop=stop)
    conn.after = lambda writes: setattr(stop, "_signal", signal.SIGTERM)
    with pytest.raises(Terminated):
        _run(engine, conn, run)
    assert _states(engine) == dict.fromkeys(range(1, COUNT + 1), FAILED)
    assert engine.tables() == set()


class Died(BaseException):
    """In place of kill -9."""


def test_what_only_a_person_can_judge_is_not_announced_early(my: Place, run_of: RunOf) -> None:
    """A run that ends behind the first statement asks no question about the second."""
    conn, run = Watched(my.connect()), run_of(my, unfinished=())
    conn._conn.execute("CREATE PROCEDURE p () INSERT INTO t1 VALUES (1)")
    text = "-- upgrade\nCREATE TABLE t1 (id INTEGER);\nFLUSH TABLES;\nCALL p();\nCREATE TABLE t2 (id INTEGER);\n"

    def die(writes: int) -> None:
        if _states(my).get(2) is DONE:
            raise Died

    conn.after = die
    with pytest.raises(Died):
        _run(my, conn, run, text)
    assert _states(my) == {1: DONE, 2: DONE}
    upgrade(my.connect(), my.dialect, my.file("0001_four.sql", text), replace(run, unfinished=None))
    assert my.connect().query("SELECT id FROM t1") == [(1,)]


# -- after a kill -------------------------------------------------------------------------------------------------


def _die_at(number: int) -> Callable[[int], None]:
    def die(at: int) -> None:
        if at == number:
            raise Died

    return die


def _raise(error: type[BaseException] | None) -> None:
    if error is not None:
        raise error


@pytest.mark.parametrize("number", range(1, COUNT + 1))
def test_a_killed_group_goes_on_at_the_first_statement_without_effect(
    engine: Place, run_of: RunOf, number: int
) -> None:
    conn, run = Watched(engine.connect()), run_of(engine, unfinished=())
    conn.before = _die_at(number)
    with pytest.raises(Died):
        _run(engine, conn, run)
    assert _attempt(engine) == (0, 1, COUNT)
    again, sent = Watched(engine.connect()), list[int]()
    again.before = sent.append
    text = _file_text(engine)
    if number < COUNT:  # what was not sent may be changed
        text = text.replace("t4 (id INTEGER", "t4 (other INTEGER, id INTEGER")
    _run(engine, again, replace(run, unfinished=None), text)
    assert sent == list(range(number, COUNT + 1))
    assert engine.events() == [("0001", "applied", COUNT, COUNT)]


def test_what_stands_behind_a_statement_without_effect_was_not_sent(engine: Place, run_of: RunOf) -> None:
    """A table that was there before is not taken for that of a statement which the killed run never came to."""
    text = _file_text(engine)
    third = text.splitlines()[3].rstrip(";")
    conn, run = Watched(engine.connect()), run_of(engine, unfinished=())
    conn._conn.execute(third)
    conn.before = _die_at(2)
    with pytest.raises(Died):
        _run(engine, conn, run)
    with pytest.raises(MigrationFailed) as error:
        _run(engine, Watched(engine.connect()), replace(run, unfinished=None))
    assert "statement 3 of 4 failed" in error.value.message
    assert engine.events()[-1] == ("0001", "failed", 2, COUNT)


def test_a_name_that_is_created_twice_divides_a_group(engine: Place, run_of: RunOf) -> None:
    """Of the second table of the name, the catalogue would show the first one."""
    text, run = _file_text(engine), run_of(engine, unfinished=())
    first, *others = text.splitlines(keepends=True)[1:]
    conn, sent = Watched(engine.connect()), list[int]()
    conn.before = sent.append
    with pytest.raises(MigrationFailed) as error:
        _run(engine, conn, run, "".join(("-- upgrade\n", first, first, *others)))
    assert "statement 2 of 5 failed" in error.value.message
    calls = iter((None, Died))  # the DROP, and the CREATE behind it
    conn.before = lambda number: _raise(next(calls))
    with pytest.raises(Died):
        text = "".join(("-- upgrade\n", first, "DROP TABLE t1;\n", first, *others))
        _run(engine, conn, replace(run, unfinished=None), text)
    assert _attempt(engine) == (2, 3, 6)
    assert engine.tables() == set()


def test_an_entry_of_an_earlier_version_is_read(engine: Place, run_of: RunOf) -> None:
    """It announced one statement at a time."""
    run, text = run_of(engine, unfinished=()), _file_text(engine)
    conn = Watched(engine.connect())
    journal = journal_store(conn._conn, engine.dialect, OwnTables())
    sums = [checksum([s.text], engine.dialect.lexical_rules) for s in engine.file("0001_four.sql", text).upgrade("")]
    for number in (1, 2):
        conn._conn.execute(text.splitlines()[number].rstrip(";"))
    journal.append_if_held(KEY, {1: JournalEntry(sums[0], INTENT)}, run.token)
    journal.append_if_held(KEY, {1: JournalEntry(sums[0], DONE), 2: JournalEntry(sums[1], INTENT)}, run.token)
    assert _attempt(engine) == (1, 2, 2)
    sent = list[int]()
    conn.before = sent.append
    _run(engine, conn, replace(run, unfinished=None))
    assert sent == [3, 4]
    assert engine.tables() == {"t1", "t2", "t3", "t4"}
