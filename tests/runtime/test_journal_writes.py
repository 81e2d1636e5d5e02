"""Where every statement commits by itself: what the journal says while statements run, and in how many writes."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from dbwarden.core.own_tables import OwnTables
from dbwarden.core.store import JournalKey, StatementState
from dbwarden.errors import LockLost, Terminated
from dbwarden.runtime.connection import DatabaseConnection
from dbwarden.runtime.execute import ExecutionOptions, upgrade
from dbwarden.runtime.interrupt import Interruption
from dbwarden.runtime.stores import journal_store, lock_store

from .conftest import PARAMETERS, Place, _place, _url

RunOf = Callable[..., ExecutionOptions]
KEY = JournalKey("0001", "upgrade")
INTENT, DONE = StatementState.INTENT, StatementState.DONE
COUNT = 4


@pytest.fixture(params=[PARAMETERS[key] for key in PARAMETERS if key[0] in ("mysql", "mariadb", "clickhouse")])
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
        if sql.startswith("CREATE TABLE t"):
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


def test_each_statement_costs_one_write(engine: Place, run_of: RunOf) -> None:
    conn = Watched(engine.connect())
    _run(engine, conn, run_of(engine, unfinished=()))
    cleared = 1 if engine.dialect.name == "clickhouse" else 0  # there, the journal is closed by a row
    assert conn.writes == COUNT + 1 + cleared
    assert engine.events() == [("0001", "applied", COUNT, COUNT)]


def test_intent_is_durable_before_its_statement_and_done_before_the_next(engine: Place, run_of: RunOf) -> None:
    conn, states = Watched(engine.connect()), {}
    conn.before = lambda number: states.update({number: _states(engine)})
    _run(engine, conn, run_of(engine, unfinished=()))
    assert states == {n: {**dict.fromkeys(range(1, n), DONE), n: INTENT} for n in range(1, COUNT + 1)}


def test_a_lock_lost_meanwhile_lets_neither_entry_in(engine: Place, run_of: RunOf) -> None:
    conn, run = Watched(engine.connect()), run_of(engine, unfinished=())

    def lose(number: int) -> None:
        if number == 2:
            assert lock_store(engine.connect(), engine.dialect, OwnTables()).release(run.token)

    conn.before = lose
    with pytest.raises(LockLost):
        _run(engine, conn, run)
    assert _states(engine) == {1: DONE, 2: INTENT}
    assert engine.tables() == {"t1", "t2"}


def test_a_signal_during_a_statement_announces_no_other(engine: Place, run_of: RunOf) -> None:
    stop = Interruption()
    conn, run = Watched(engine.connect()), run_of(engine, unfinished=(), stop=stop)
    conn.before = lambda number: setattr(stop, "_signal", signal.SIGTERM if number == 2 else None)
    with pytest.raises(Terminated) as error:
        _run(engine, conn, run)
    assert "Statements 1 to 2 of 4 remain in effect" in error.value.message
    assert _states(engine) == {1: DONE, 2: DONE}


def test_a_signal_after_the_announcement_takes_it_back(engine: Place, run_of: RunOf) -> None:
    """The next run does not have to look for the statement's effect."""
    stop = Interruption()
    conn, run = Watched(engine.connect()), run_of(engine, unfinished=(), stop=stop)
    conn.after = lambda writes: setattr(stop, "_signal", signal.SIGTERM if writes >= 2 else None)
    with pytest.raises(Terminated):
        _run(engine, conn, run)
    assert _states(engine) == {1: DONE, 2: StatementState.FAILED}
    assert engine.tables() == {"t1"}


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
