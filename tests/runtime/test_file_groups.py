"""Where every statement commits by itself: files that are announced to the journal together."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import pytest

from dbwarden.core.attempt import Attempt, begun
from dbwarden.core.file import MigrationFile
from dbwarden.core.own_tables import OwnTables
from dbwarden.core.record import Record
from dbwarden.core.resolve import resolve_rollback
from dbwarden.core.store import JournalEntry, JournalKey
from dbwarden.errors import LockLost, MigrationFailed, Terminated, TransactionControl
from dbwarden.runtime import execute, file_journal
from dbwarden.runtime.execute import ExecutionOptions
from dbwarden.runtime.file_groups import attempts_under_lock
from dbwarden.runtime.interrupt import Interruption
from dbwarden.runtime.stores import history_store, journal_store, lock_store

from .conftest import PARAMETERS, Place, _place, _url
from .test_journal_writes import Died, Watched, _die_at

RunOf = Callable[..., ExecutionOptions]
COUNT = 4


@pytest.fixture(params=[PARAMETERS[key] for key in PARAMETERS if key[1] == "pymysql" or key[0] == "clickhouse"])
def engine(request: pytest.FixtureRequest) -> Iterator[Place]:
    """On the engines where every statement commits by itself."""
    yield from _place(_url(request))


def _create(place: Place, number: int) -> str:
    end = " ENGINE = MergeTree ORDER BY id" if place.dialect.name == "clickhouse" else ""
    return f"CREATE TABLE t{number} (id INTEGER){end};\n"


def _file(place: Place, number: int, upgrade: str = "") -> MigrationFile:
    text = f"-- upgrade\n{upgrade or _create(place, number)}\n-- rollback\nDROP TABLE t{number};\n"
    return place.file(f"{number:04}_t.sql", text)


def _files(place: Place) -> list[MigrationFile]:
    return [_file(place, number) for number in range(1, COUNT + 1)]


@dataclass
class Runs:
    """Runs files as a session under the lock does, and what it saw meanwhile."""

    place: Place
    run: ExecutionOptions
    sent: list[int] = field(default_factory=list)
    """Numbers of the tables whose statements were sent."""
    finished: list[str] = field(default_factory=list)
    before: Callable[[int], None] = lambda number: None
    """Called before each statement of a file."""
    then: Callable[[Record], None] = lambda record: None
    """Called with each recorded event."""
    writes: int = 0
    """Number of writes to the journal."""

    def watched(self) -> Watched:
        conn = Watched(self.place.connect())

        def before(number: int) -> None:
            self.before(number)
            self.sent.append(number)

        conn.before = before
        return conn

    def report(self, record: Record) -> None:
        self.finished.append(record.key)
        self.then(record)

    def options(self, _: str) -> ExecutionOptions:
        return self.run

    def upgrade(self, files: Sequence[MigrationFile]) -> None:
        conn = self.watched()
        try:
            execute.upgrade_all(conn, self.place.dialect, files, self.options, self.report)  # type: ignore[arg-type]
        finally:
            self.writes = conn.writes

    def rollback(self, files: Sequence[MigrationFile]) -> None:
        conn, dialect = self.watched(), self.place.dialect
        records = history_store(conn._conn, dialect, OwnTables()).read()
        steps = resolve_rollback(files, records, dialect.lexical_rules, count=None, to_version="0", engine=dialect.name)
        execute.rollback_all(conn, dialect, steps, self.options, self.report)  # type: ignore[arg-type]

    def next_run(self) -> Runs:
        """A run that knows what this one has left, and has removed what does not count."""
        journal = journal_store(self.place.connect(), self.place.dialect, OwnTables())
        history = history_store(self.place.connect(), self.place.dialect, OwnTables()).read()
        left = attempts_under_lock(journal, history, self.run.token)
        assert {attempt.key for attempt in journal.attempts()} == {attempt.key for attempt in left}
        return Runs(self.place, replace(self.run, unfinished=[attempt.key for attempt in left]))


@pytest.fixture
def runs(engine: Place, run_of: RunOf) -> Runs:
    return Runs(engine, run_of(engine, unfinished=()))


def _left(place: Place) -> tuple[Attempt, ...]:
    """The files that look as if they had been begun and not ended."""
    with place.connect() as conn:
        history = history_store(conn, place.dialect, OwnTables()).read()
        return begun(history, journal_store(conn, place.dialect, OwnTables()).attempts())


def _entries(place: Place) -> list[dict[int, JournalEntry]]:
    with place.connect() as conn:
        journal = journal_store(conn, place.dialect, OwnTables())
        return [dict(journal.read(JournalKey(f"{n:04}", "upgrade"))) for n in range(1, COUNT + 1)]


def _events(place: Place) -> list[tuple[str, str]]:
    return [(key, event) for key, event, _, _ in place.events()]


APPLIED = [(f"{number:04}", "applied") for number in range(1, COUNT + 1)]


def test_one_write_announces_many_files(engine: Place, runs: Runs) -> None:
    """Each has its event before the next one begins, and at every moment one file at most looks unfinished."""
    seen = []
    runs.before = lambda number: seen.append(([attempt.key for attempt in _left(engine)], engine.events()))
    runs.upgrade(_files(engine))
    names = [key for key, _ in APPLIED]
    assert seen == [([names[at]], [(key, "applied", 1, 1) for key in names[:at]]) for at in range(COUNT)]
    assert (runs.writes, runs.finished, _events(engine)) == (1, names, APPLIED)
    assert _entries(engine) == [{}] * COUNT


def test_rollbacks_are_announced_together(engine: Place, runs: Runs) -> None:
    files = _files(engine)
    runs.upgrade(files)
    seen, back = [], Runs(engine, runs.run)
    back.before = lambda number: seen.append([(attempt.key, attempt.direction) for attempt in _left(engine)])
    back.rollback(files)
    assert seen == [[(f"{number:04}", "rollback")] for number in range(COUNT, 0, -1)]
    assert (engine.tables(), [event for _, event in _events(engine)[COUNT:]]) == (set(), ["rolled_back"] * COUNT)
    again = Runs(engine, runs.run)
    again.before = _die_at(3)
    with pytest.raises(Died):
        again.upgrade(files)
    assert [attempt.key for attempt in _left(engine)] == ["0003"]


@pytest.mark.parametrize("number", range(1, COUNT + 1))
def test_after_a_kill_only_the_file_under_way_is_unfinished(engine: Place, runs: Runs, number: int) -> None:
    """The files behind it were not begun: they may be changed, and what has their names is not taken for theirs."""
    runs.before = _die_at(number)
    with pytest.raises(Died):
        runs.upgrade(_files(engine))
    assert [(attempt.key, attempt.doubt) for attempt in _left(engine)] == [(f"{number:04}", 1)]
    files, again = _files(engine), runs.next_run()
    if number < COUNT:
        with engine.connect() as conn:
            conn.execute(_create(engine, COUNT).rstrip(";\n"))
        with pytest.raises(MigrationFailed) as error:
            again.upgrade(files[number - 1 :])
        assert "0004_t.sql:2: statement 1 of 1 failed" in error.value.message
        files[-1] = _file(engine, COUNT, _create(engine, COUNT + 1))
        again = again.next_run()
    again.upgrade([file for file in files if (file.key, "applied") not in _events(engine)])
    assert engine.tables() == {"t1", "t2", "t3", "t4"} | ({"t5"} if number < COUNT else set())
    assert _entries(engine) == [{}] * COUNT


def test_a_file_that_was_killed_behind_its_statement_is_recognized(engine: Place, runs: Runs) -> None:
    def die(record: Record) -> None:
        raise Died

    runs.then = die
    with pytest.raises(Died):
        runs.upgrade(_files(engine))
    assert [attempt.key for attempt in _left(engine)] == ["0002"]  # the event of the first one stands
    again = runs.next_run()
    again.upgrade(_files(engine)[1:])
    assert (again.sent, _events(engine)) == ([2, 3, 4], APPLIED)


def test_files_of_several_statements_join_with_their_first_ones(engine: Place, runs: Runs) -> None:
    both = f"{_create(engine, 2)}DROP TABLE t2;\n{_create(engine, 2)}"
    files = [_file(engine, 1), _file(engine, 2, both), _file(engine, 3), _file(engine, 4)]
    runs.before = _die_at(3)
    with pytest.raises(Died):
        runs.upgrade(files)
    assert runs.writes == 3  # all files; the DROP; done, and the second CREATE
    assert [attempt.key for attempt in _left(engine)] == ["0003"]
    again = runs.next_run()
    again.upgrade(files[2:])
    assert (again.sent, _events(engine), _entries(engine)) == ([3, 4], APPLIED, [{}] * COUNT)


def test_an_error_takes_the_other_files_back(engine: Place, runs: Runs) -> None:
    files = _files(engine)
    files[1] = _file(engine, 2, _create(engine, 2).replace("INTEGER", "NONSENSE"))
    with pytest.raises(MigrationFailed):
        runs.upgrade(files)
    first, second, *others = _entries(engine)
    assert (first, len(second), others) == ({}, 1, [{}, {}])
    assert _events(engine) == [("0001", "applied"), ("0002", "failed")]


def test_a_file_that_cannot_run_stops_behind_those_before_it(engine: Place, runs: Runs) -> None:
    files = _files(engine)
    files[2] = _file(engine, 3, "COMMIT;\n")
    with pytest.raises(TransactionControl):
        runs.upgrade(files)
    assert _events(engine) == APPLIED[:2]
    assert _entries(engine) == [{}] * COUNT


@pytest.mark.parametrize("fresh", [0.0, 1000.0])
def test_a_lock_lost_between_two_files(
    engine: Place, runs: Runs, monkeypatch: pytest.MonkeyPatch, fresh: float
) -> None:
    """A run that was suspended there sends nothing more: it checks the lock anew, unless its event has just done it."""
    monkeypatch.setattr(file_journal, "FRESH", fresh)

    def lose(record: Record) -> None:
        if record.key == "0002":
            assert lock_store(engine.connect(), engine.dialect, OwnTables()).release(runs.run.token)

    runs.then = lose
    with pytest.raises(LockLost):
        runs.upgrade(_files(engine))
    assert (_events(engine), runs.sent) == (APPLIED[:2], [1, 2] if not fresh else [1, 2, 3])
    assert [attempt.key for attempt in _left(engine)] == ["0003"]


def test_a_signal_between_two_files(engine: Place, runs: Runs) -> None:
    stop = Interruption()
    runs.run = replace(runs.run, stop=stop)
    runs.then = lambda record: setattr(stop, "_signal", signal.SIGTERM if record.key == "0002" else None)
    with pytest.raises(Terminated):
        runs.upgrade(_files(engine))
    assert (_events(engine), runs.sent, _entries(engine)) == (APPLIED[:2], [1, 2], [{}] * COUNT)
