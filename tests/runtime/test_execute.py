"""Files run exactly as written, wholly or (where an engine cannot) statement by statement with a journal."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dbwarden.core.own_tables import OwnTables
from dbwarden.core.record import Event
from dbwarden.core.resolve import RollbackStep
from dbwarden.errors import (
    ConnectionLost,
    LockLost,
    MigrationFailed,
    StatementInDoubt,
    Terminated,
    TransactionControl,
    UnfinishedMigration,
)
from dbwarden.runtime.execute import ExecutionOptions, baseline, rollback, upgrade
from dbwarden.runtime.file_progress import FileProgress
from dbwarden.runtime.interrupt import Interruption
from dbwarden.runtime.runner import FileRunner
from dbwarden.runtime.stores import history_store

from .conftest import FAMILY, Place

RunOf = Callable[..., ExecutionOptions]
TWO = "-- upgrade\nCREATE TABLE a (id INTEGER);\nCREATE TABLE b (id INTEGER);\n-- rollback\nDROP TABLE b;\nDROP TABLE a;\n"


def test_upgrade_and_rollback(place: Place, run_of: RunOf) -> None:
    conn, run = place.connect(), run_of(place)
    file = place.file("0001_two.sql", TWO)
    record = upgrade(conn, place.dialect, file, run)
    assert record.event is Event.APPLIED
    assert place.tables() == {"a", "b"}
    stored = history_store(conn, place.dialect, OwnTables()).read()[-1]
    assert (stored.file, stored.checksum, stored.by) == (file.name, file.checksum, "me@here")
    assert stored.rollback_sql == "DROP TABLE b;\nDROP TABLE a;"
    assert history_store(conn, place.dialect, OwnTables()).read(rollback_sql=False)[-1].rollback_sql is None
    rollback(conn, place.dialect, RollbackStep(stored, file.rollback(), file), run)
    assert place.tables() == set()
    assert place.events() == [("0001", "applied", 2, 2), ("0001", "rolled_back", 2, 2)]


def test_baseline_runs_nothing(place: Place, run_of: RunOf) -> None:
    baseline(place.connect(), place.dialect, place.file("0001_two.sql", TWO), run_of(place))
    assert place.tables() == set()
    assert place.events() == [("0001", "baselined", 0, 2)]


def test_a_failing_statement_leaves_nothing(atomic: Place, run_of: RunOf) -> None:
    text = (
        "-- upgrade\nCREATE TABLE a (id INTEGER);\n\nINSERT INTO\n  nowhere VALUES (1);\nCREATE TABLE c (id INTEGER);\n"
    )
    run = run_of(atomic)
    with pytest.raises(MigrationFailed) as error:
        upgrade(atomic.connect(), atomic.dialect, atomic.file("0001_bad.sql", text), run)
    failed = error.value
    assert (failed.file, failed.statement, failed.total) == ("0001_bad.sql", 2, 3)
    assert failed.line in (4, 5)
    assert "nowhere" in error.value.message
    assert "Nothing of the file remains" in (error.value.hint or "")
    assert atomic.tables() == set()
    assert atomic.events() == [("0001", "failed", 0, 3)]
    assert (history_store(atomic.connect(), atomic.dialect, OwnTables()).read()[-1].error or "").startswith(
        "statement 2 of 3: "
    )
    fixed = text.replace("nowhere", "a")
    upgrade(atomic.connect(), atomic.dialect, atomic.file("0001_bad.sql", fixed), run)
    assert atomic.tables() == {"a", "c"}


def test_statements_are_sent_byte_for_byte(place: Place, run_of: RunOf) -> None:
    words = "100%s :name ::x %(y)s é ü 漢字 \U0001f600 ''quoted'' {brace} ?"
    text = f"-- upgrade\nCREATE TABLE t (x VARCHAR(200));\nINSERT INTO t VALUES ('{words}');\n"
    conn = place.connect()
    upgrade(conn, place.dialect, place.file("0001_words.sql", text), run_of(place))
    assert conn.query("SELECT x FROM t") == [(words.replace("''", "'"),)]


def test_a_file_does_not_control_transactions(place: Place, run_of: RunOf) -> None:
    text = "-- upgrade\nCREATE TABLE a (id INTEGER);\nCOMMIT;\n"
    with pytest.raises(TransactionControl, match=r"0001_x.sql:3: COMMIT"):
        upgrade(place.connect(), place.dialect, place.file("0001_x.sql", text), run_of(place))
    assert place.tables() == set()


def test_a_lock_released_by_hand_stops_the_next_file(place: Place, run_of: RunOf) -> None:
    run, conn = run_of(place), place.connect()
    upgrade(conn, place.dialect, place.file("0001_a.sql", "-- upgrade\nCREATE TABLE a (id INTEGER);\n"), run)
    place.connect().execute("UPDATE dbwarden_lock SET locked = FALSE, release_at = CURRENT_TIMESTAMP")
    with pytest.raises(LockLost) as error:
        upgrade(conn, place.dialect, place.file("0002_b.sql", "-- upgrade\nCREATE TABLE b (id INTEGER);\n"), run)
    assert error.value.exit_code == 3
    assert place.tables() == {"a"}
    assert [event[0] for event in place.events()] == ["0001"]


def test_a_transactional_file_costs_one_statement_more(atomic: Place, run_of: RunOf) -> None:
    run, conn = run_of(atomic, unfinished=()), atomic.connect()
    before = conn.sent
    upgrade(conn, atomic.dialect, atomic.file("0001_a.sql", "-- upgrade\nCREATE TABLE a (id INTEGER);\n"), run)
    assert conn.sent - before == 4  # BEGIN, CREATE, the event, COMMIT


OFF = "-- transaction: off\n\n-- upgrade\nCREATE TABLE a (id INTEGER);\nINSERT INTO a VALUES (1);\nCREATE TABLE b (id INTEGER);\n"


def test_without_a_transaction_what_ran_remains_and_is_not_repeated(place: Place, run_of: RunOf) -> None:
    run, conn = run_of(place), place.connect()
    broken = OFF.replace("TABLE b", "TABEL b")
    with pytest.raises(MigrationFailed) as error:
        upgrade(conn, place.dialect, place.file("0001_off.sql", broken), run)
    assert "Statements 1 to 2 of 3 remain" in (error.value.hint or "")
    assert place.events() == [("0001", "failed", 2, 3)]
    upgrade(conn, place.dialect, place.file("0001_off.sql", OFF), run)
    assert conn.query("SELECT count(*) FROM a") == [(1,)]
    assert place.events()[-1] == ("0001", "applied", 3, 3)
    assert conn.query("SELECT count(*) FROM dbwarden_journal") == [(0,)]


class Silent:
    """A connection that breaks before it answers a query of the journal."""

    def __init__(self, conn: object) -> None:
        self._conn = conn

    def __getattr__(self, name: str) -> object:
        return getattr(self._conn, name)

    def query(self, sql: str, params: object = None) -> object:
        raise ConnectionLost("cut")


def test_what_an_earlier_run_did_is_not_called_nothing(place: Place, run_of: RunOf) -> None:
    """Before the journal was read, nobody knows how much that is."""
    run, conn = run_of(place), place.connect()
    with pytest.raises(MigrationFailed):
        upgrade(conn, place.dialect, place.file("0001_off.sql", OFF.replace("TABLE b", "TABEL b")), run)
    unchanged = "What an earlier run left of the file is unchanged; `dbwarden status` shows it"
    with pytest.raises(MigrationFailed, match=r"0001_off\.sql:4: reading the journal failed: cut") as lost:
        upgrade(Silent(conn), place.dialect, place.file("0001_off.sql", OFF), run)  # type: ignore[arg-type]
    assert (lost.value.hint or "").startswith(unchanged)
    stop = Interruption()
    stop.handle(signal.SIGTERM, None)
    with pytest.raises(Terminated, match=unchanged):
        upgrade(conn, place.dialect, place.file("0001_off.sql", OFF), replace(run, stop=stop))
    assert place.events() == [("0001", "failed", 2, 3)]


def test_a_statement_that_had_its_effect_may_not_be_edited(place: Place, run_of: RunOf) -> None:
    run, conn = run_of(place), place.connect()
    with pytest.raises(MigrationFailed):
        upgrade(conn, place.dialect, place.file("0001_off.sql", OFF.replace("TABLE b", "TABEL b")), run)
    edited = place.file("0001_off.sql", OFF.replace("VALUES (1)", "VALUES (2)"))
    with pytest.raises(UnfinishedMigration, match="statement 2"):
        upgrade(conn, place.dialect, edited, run)
    assert conn.query("SELECT id FROM a") == [(1,)]


class Died(BaseException):
    """In place of kill -9: nothing of ours runs any more."""


class Dying:
    """A connection that dies before, or after, its nth statement."""

    def __init__(self, conn: object, at: int, after: bool) -> None:
        self._conn, self._left, self._after = conn, at, after

    def __getattr__(self, name: str) -> object:
        return getattr(self._conn, name)

    def _count(self) -> None:
        self._left -= 1
        if self._left <= 0:
            raise Died

    def execute(self, sql: str, params: object = None) -> int:
        if not self._after:
            self._count()
        changed: int = self._conn.execute(sql, params)  # type: ignore[attr-defined]
        if self._after:
            self._count()
        return changed

    def begin(self) -> None:
        self._conn.begin()  # type: ignore[attr-defined]

    def rollback(self) -> None:
        raise Died


MIXED = """-- upgrade
CREATE TABLE a (id INTEGER);
INSERT INTO a VALUES (1);
CREATE INDEX CONCURRENTLY a_id ON a (id);
INSERT INTO a VALUES (2);
INSERT INTO a VALUES (3);
VACUUM a;
INSERT INTO a VALUES (4);
"""


@pytest.mark.parametrize("after", [False, True])
def test_resume_after_a_death_at_every_point(pg: Place, run_of: RunOf, after: bool) -> None:
    """Whatever the moment of death, the next run ends with every statement in effect exactly once."""
    run = run_of(pg)
    file = pg.file("0001_mixed.sql", MIXED)
    for at in range(1, 25):
        victim = pg.connect()
        try:
            upgrade(Dying(victim, at, after), pg.dialect, file, run)  # type: ignore[arg-type]
            finished = True
        except Died:
            finished = False
        victim.close()
        conn = pg.connect()
        if not finished and not history_store(conn, pg.dialect, OwnTables()).read():
            upgrade(conn, pg.dialect, file, run)
        assert conn.query("SELECT id FROM a ORDER BY id") == [(1,), (2,), (3,), (4,)], at
        assert conn.query("SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_id'::regclass") == [(True,)]
        conn.execute("DROP TABLE a; TRUNCATE dbwarden_migrations, dbwarden_journal")
        if finished:
            break
    assert finished


EACH = """-- transaction: off

-- upgrade
CREATE TABLE a (id INTEGER);
INSERT INTO a VALUES (1);
UPDATE a SET id = id + 1000;
CREATE INDEX a_id ON a (id);
ALTER TABLE a ADD COLUMN n INTEGER;
UPDATE a SET id = id + 1000;
DROP INDEX a_id;
"""


@pytest.mark.parametrize("after", [False, True])
def test_off_resumes_after_a_death_at_every_point(place: Place, run_of: RunOf, after: bool) -> None:
    """What may run in a transaction shares one with its journal row: nothing is asked, nothing runs twice."""
    run = run_of(place)
    of_table = place.dialect.name in FAMILY
    file = place.file("0001_each.sql", EACH.replace("INDEX a_id;", "INDEX a_id ON a;") if of_table else EACH)
    for at in range(1, 30):
        victim = place.connect()
        try:
            upgrade(Dying(victim, at, after), place.dialect, file, run)  # type: ignore[arg-type]
            finished = True
        except Died:
            finished = False
        victim.close()
        conn = place.connect()
        if not finished and not history_store(conn, place.dialect, OwnTables()).read():
            upgrade(conn, place.dialect, file, run)
        assert conn.query("SELECT id, n FROM a") == [(2001, None)], at
        for table in ("DROP TABLE a", "DELETE FROM dbwarden_migrations", "DELETE FROM dbwarden_journal"):
            conn.execute(table)
        if finished:
            break
    assert finished


def test_what_a_failed_index_leaves_is_said_and_cleared_away(pg: Place, run_of: RunOf) -> None:
    run, conn = run_of(pg), pg.connect()
    conn.execute("CREATE TABLE a (id INTEGER); INSERT INTO a VALUES (1), (1)")
    file = pg.file("0001_u.sql", "-- upgrade\nCREATE UNIQUE INDEX CONCURRENTLY a_id ON a (id);\n")
    with pytest.raises(MigrationFailed, match="duplicated") as error:
        upgrade(conn, pg.dialect, file, run)
    assert conn.query("SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_id'::regclass") == [(False,)]
    assert "Statement 1 may have left an INVALID index, which the next run clears away" in (error.value.hint or "")
    conn.execute("DELETE FROM a")
    upgrade(conn, pg.dialect, file, run)
    assert conn.query("SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_id'::regclass") == [(True,)]


def test_a_constraint_that_rows_violate_leaves_no_index(pg: Place, run_of: RunOf) -> None:
    run, conn = run_of(pg), pg.connect()
    conn.execute("CREATE TABLE a (id INTEGER); INSERT INTO a VALUES (NULL)")
    text = (
        "ALTER TABLE a ADD CONSTRAINT a_id CHECK (id IS NOT NULL) NOT VALID;\nALTER TABLE a VALIDATE CONSTRAINT a_id;\n"
    )
    with pytest.raises(MigrationFailed, match="violated") as error:
        upgrade(conn, pg.dialect, pg.file("0001_c.sql", f"-- upgrade\n{text}"), run)
    assert error.value.hint == "Statement 1 of 2 remains in effect; the next run continues after it."


def test_a_connection_lost_outside_a_transaction_is_in_doubt(pg: Place, run_of: RunOf) -> None:
    run, conn, old, other = run_of(pg), pg.connect(), pg.connect(), pg.connect()
    [(pid,)] = conn.query("SELECT pg_backend_pid()")
    old.execute("CREATE TABLE a (id INTEGER)")
    old.begin()
    old.execute("INSERT INTO a VALUES (1)")
    ends = threading.Timer(1, other.execute, (f"SELECT pg_terminate_backend({pid})",))
    ends.start()
    file = pg.file("0001_i.sql", "-- upgrade\nCREATE INDEX CONCURRENTLY a_id ON a (id);\n")
    with pytest.raises(MigrationFailed) as error:
        upgrade(conn, pg.dialect, file, run)
    ends.join()
    hint = error.value.hint or ""
    assert "Whether statement 1 had its effect is not known" in hint and "dbwarden unlock" in hint
    old.commit()
    again = pg.connect()
    upgrade(again, pg.dialect, file, run)
    assert again.query("SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_id'::regclass") == [(True,)]


UNNAMED = "-- upgrade\nCREATE TABLE a (id INTEGER);\nCREATE INDEX CONCURRENTLY ON a (id);\n"


def test_what_cannot_be_told_is_asked_for(pg: Place, run_of: RunOf) -> None:
    run, conn = run_of(pg), pg.connect()
    file = pg.file("0001_unnamed.sql", UNNAMED)
    with pytest.raises(Died):
        upgrade(Dying(conn, 4, True), pg.dialect, file, run)  # type: ignore[arg-type]
    indexes = "SELECT count(*) FROM pg_index WHERE indrelid = 'a'::regclass"
    assert conn.query(indexes) == [(1,)]
    with pytest.raises(StatementInDoubt, match="statement 2 of 2"):
        upgrade(conn, pg.dialect, file, run)
    edited = pg.file("0001_unnamed.sql", UNNAMED.replace("ON a (id)", "i ON a (id)"))
    with pytest.raises(UnfinishedMigration) as error:
        upgrade(conn, pg.dialect, edited, run)
    assert "Statement 2 was begun, and may have had its effect" in (error.value.hint or "")
    upgrade(conn, pg.dialect, file, ExecutionOptions(run.token, run.by, run.tool_version, assume=True))
    assert conn.query(indexes) == [(1,)]


def test_a_statement_in_doubt_that_was_taken_out_is_asked_for(pg: Place, run_of: RunOf) -> None:
    run, conn = run_of(pg), pg.connect()
    with pytest.raises(Died):
        upgrade(Dying(conn, 4, True), pg.dialect, pg.file("0001_unnamed.sql", UNNAMED), run)  # type: ignore[arg-type]
    shorter = pg.file("0001_unnamed.sql", UNNAMED.replace("CREATE INDEX CONCURRENTLY ON a (id);\n", ""))
    with pytest.raises(UnfinishedMigration, match="statement 2"):
        upgrade(conn, pg.dialect, shorter, run)
    upgrade(conn, pg.dialect, shorter, ExecutionOptions(run.token, run.by, run.tool_version, assume=False))
    assert pg.events() == [("0001", "applied", 1, 1)]


def test_only_the_engine_knows_what_a_procedure_does(pg: Place, run_of: RunOf) -> None:
    """One that commits is refused inside a transaction; it then runs outside, with intent and done."""
    run, conn = run_of(pg), pg.connect()
    text = """-- transaction: off

-- upgrade
CREATE TABLE a (id INTEGER);
CREATE PROCEDURE p() LANGUAGE plpgsql AS 'BEGIN INSERT INTO a VALUES (1); COMMIT; INSERT INTO a VALUES (2); END';
CALL p();
DO 'BEGIN INSERT INTO a VALUES (3); END';
"""
    upgrade(conn, pg.dialect, pg.file("0001_p.sql", text), run)
    assert conn.query("SELECT id FROM a ORDER BY id") == [(1,), (2,), (3,)]
    assert pg.events() == [("0001", "applied", 4, 4)]


class Cut:
    """A connection that breaks instead of sending, or after it has sent, what contains a word."""

    def __init__(self, conn: object, word: str, after: bool, error: Exception) -> None:
        self._conn, self._word, self._after, self._error = conn, word, after, error

    def __getattr__(self, name: str) -> object:
        return getattr(self._conn, name)

    def execute(self, sql: str, params: dict[str, object] | None = None) -> int:
        matches = self._word in f"{sql} {params}"
        if matches and not self._after:
            raise self._error
        changed: int = self._conn.execute(sql, params)  # type: ignore[attr-defined]
        if matches:
            raise self._error
        return changed


CONCURRENT = "-- upgrade\nCREATE TABLE a (id INTEGER);\n{};\nCREATE TABLE b (id INTEGER);\n"


@pytest.mark.parametrize(
    ("statement", "word", "after", "step", "sentence", "in_doubt"),
    [
        ("VACUUM a", "'intent'", False, "the journal entry of statement 2 of 3", "Statement 2 was not begun.", False),
        ("VACUUM a", "VACUUM a", True, "statement 2 of 3", "not known; the next run repeats it", True),
        ("DROP INDEX CONCURRENTLY IF EXISTS a_id", "DROP INDEX", True, "statement 2 of 3", "; the next run finds out", True),
        ("CREATE INDEX CONCURRENTLY ON a (id)", "CREATE INDEX", True, "statement 2 of 3", "`--assume not-done`", True),
        ("CREATE INDEX CONCURRENTLY ON a (id)", "'intent'", False, "the journal entry of statement 2 of 3", "if asked", False),
        ("CREATE INDEX CONCURRENTLY i ON a (id)", "'intent'", False, "the journal entry", "Statement 2 was not begun.", False),
        ("VACUUM a", "CREATE TABLE b", True, "statement 3 of 3", "Statements 1 to 2 of 3 remain in effect", False),
        ("VACUUM a", "'applied'", False, "the history entry failed", "Statements 1 to 2 of 3 remain in effect", False),
    ],
)  # fmt: skip
def test_what_is_said_of_a_cut(
    pg: Place, run_of: RunOf, statement: str, word: str, after: bool, step: str, sentence: str, in_doubt: bool
) -> None:
    run, conn = run_of(pg), pg.connect()
    file = pg.file("0001_c.sql", CONCURRENT.format(statement))
    with pytest.raises(MigrationFailed) as error:
        upgrade(Cut(conn, word, after, ConnectionLost("cut")), pg.dialect, file, run)  # type: ignore[arg-type]
    hint = error.value.hint or ""
    assert f": {step}" in error.value.message and sentence in hint
    assert hint.startswith("Statement 1 of 3 remains in effect" if "1 to 2" not in sentence else sentence)
    assert error.value.in_doubt is in_doubt
    assert ("The lock stays" in hint) is in_doubt


def test_a_lost_lock_says_what_is_in_doubt(pg: Place, run_of: RunOf) -> None:
    run, conn = run_of(pg), pg.connect()
    file = pg.file("0001_c.sql", CONCURRENT.format("CREATE INDEX CONCURRENTLY i ON a (id)"))

    def lose(*_: object) -> None:
        if pg.connect().query("SELECT 1 FROM dbwarden_journal WHERE state = 'intent'"):
            pg.connect().execute("UPDATE dbwarden_lock SET locked = FALSE")

    losing = ExecutionOptions(run.token, run.by, run.tool_version, on_statement=lose)
    with pytest.raises(LockLost) as error:
        upgrade(conn, pg.dialect, file, losing)
    assert error.value.hint == (
        "Stopped before the next change. Statement 1 of 3 remains in effect; the next run continues after it. Statement 2"
        " had its effect, which is not recorded; the next run finds out. See `dbwarden status`."
    )


def test_sqlite_vacuum_stands_alone(lite: Place, run_of: RunOf) -> None:
    text = "-- upgrade\nCREATE TABLE a (id INTEGER);\nVACUUM;\nCREATE TABLE b (id INTEGER);\n"
    upgrade(lite.connect(), lite.dialect, lite.file("0001_v.sql", text), run_of(lite))
    assert lite.tables() == {"a", "b"}


def test_sqlite_foreign_keys_are_checked_before_commit(lite: Place, run_of: RunOf) -> None:
    text = (
        "-- upgrade\nPRAGMA foreign_keys = OFF;\nCREATE TABLE p (id INTEGER PRIMARY KEY);\n"
        "CREATE TABLE c (p INTEGER REFERENCES p (id));\nINSERT INTO c VALUES (7);\nPRAGMA foreign_keys = ON;\n"
    )
    with pytest.raises(MigrationFailed, match="refers to p"):
        upgrade(lite.connect(), lite.dialect, lite.file("0001_fk.sql", text), run_of(lite))
    assert lite.tables() == set()


def test_a_deferred_constraint_fails_at_commit(pg: Place, run_of: RunOf) -> None:
    text = (
        "-- upgrade\nCREATE TABLE p (id INTEGER PRIMARY KEY);\n"
        "CREATE TABLE c (p INTEGER REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO c VALUES (7);\n"
    )
    with pytest.raises(MigrationFailed, match="COMMIT"):
        upgrade(pg.connect(), pg.dialect, pg.file("0001_fk.sql", text), run_of(pg))
    assert pg.tables() == set()
    assert pg.events() == [("0001", "failed", 0, 3)]


def test_a_connection_lost_at_commit(pg: Place, run_of: RunOf) -> None:
    """Nobody can say whether a COMMIT without an answer was one; file and history agree about it."""
    text = (
        "-- upgrade\nCREATE TABLE a (id INTEGER);\n"
        "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';\n"
        "CREATE CONSTRAINT TRIGGER t AFTER INSERT ON a DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die();\n"
    )
    run = run_of(pg)
    with pytest.raises(MigrationFailed, match="COMMIT") as error:
        upgrade(pg.connect(), pg.dialect, pg.file("0001_a.sql", f"{text}INSERT INTO a VALUES (1);\n"), run)
    assert "Whether the file was committed is not known; `dbwarden status` tells" in (error.value.hint or "")
    assert (pg.tables(), pg.events()) == (set(), [])
    upgrade(pg.connect(), pg.dialect, pg.file("0001_a.sql", text), run)
    assert pg.events() == [("0001", "applied", 3, 3)]


def test_a_connection_lost_in_a_transaction(pg: Place, run_of: RunOf) -> None:
    text = "-- upgrade\nCREATE TABLE a (id INTEGER);\nSELECT pg_terminate_backend(pg_backend_pid());\n"
    with pytest.raises(MigrationFailed, match="statement 2 of 2") as error:
        upgrade(pg.connect(), pg.dialect, pg.file("0001_a.sql", text), run_of(pg))
    hint = error.value.hint or ""
    assert hint.startswith("Nothing of the file remains in the database. The connection broke")
    assert "dbwarden lock-status" in hint
    assert (pg.tables(), pg.events()) == (set(), [])


def test_a_sqlite_file_that_goes_away(lite: Place, run_of: RunOf) -> None:
    run, conn = run_of(lite), lite.connect()
    Path(conn.database or "").rename(f"{conn.database}.away")
    with pytest.raises(MigrationFailed, match="was moved, replaced or deleted while it was open"):
        upgrade(conn, lite.dialect, lite.file("0001_two.sql", TWO), run)


DUMPED = """-- upgrade
SELECT pg_catalog.set_config('search_path', '', false);
SET lock_timeout = 0;
CREATE TABLE public.a (id INTEGER);
"""


@pytest.mark.parametrize("mode", ["", "-- transaction: off\n"])
def test_what_a_file_sets_ends_with_it(pg: Place, run_of: RunOf, mode: str) -> None:
    run, conn = run_of(pg), pg.connect(lock_timeout=7)
    upgrade(conn, pg.dialect, pg.file("0001_dumped.sql", mode + DUMPED), run)
    assert conn.query("SHOW lock_timeout") == [("7s",)]
    upgrade(conn, pg.dialect, pg.file("0002_b.sql", "-- upgrade\nCREATE TABLE b (id INTEGER);\n"), run)
    assert pg.tables() == {"a", "b"}


@pytest.mark.parametrize(
    ("statement", "waits"),
    [("CREATE INDEX CONCURRENTLY a_id ON a (id);", True), ("ALTER TABLE a ADD COLUMN n INTEGER;", False)],
    ids=["concurrently", "exclusive"],
)
def test_what_keeps_nobody_waiting_waits_itself(pg: Place, run_of: RunOf, statement: str, waits: bool) -> None:
    """Behind a transaction that is older and longer than the lock timeout."""
    old, conn, run = pg.connect(), pg.connect(lock_timeout=0.3), run_of(pg)
    old.execute("CREATE TABLE a (id INTEGER)")
    old.begin()
    old.execute("INSERT INTO a VALUES (1)")
    ends = threading.Timer(1.5, old.commit)
    ends.start()
    file = pg.file("0001_wait.sql", f"-- upgrade\n{statement}\n\n-- rollback\nSELECT 1;\n")
    if waits:
        upgrade(conn, pg.dialect, file, run)
    else:
        with pytest.raises(MigrationFailed, match="lock timeout") as refused:
            upgrade(conn, pg.dialect, file, run)
        assert "Another session holds a lock" in (refused.value.hint or "")
    ends.join()
    assert conn.query("SHOW lock_timeout") == [("300ms",)]


def test_what_a_file_set_is_set_again_when_it_goes_on(pg: Place, run_of: RunOf) -> None:
    run, conn = run_of(pg), pg.connect()
    text = "-- transaction: off\n-- upgrade\nCREATE SCHEMA s;\nSET search_path = s;\nCREATE TABLE t (id INTEGER);\nSELEC;\n"
    with pytest.raises(MigrationFailed):
        upgrade(conn, pg.dialect, pg.file("0001_s.sql", text), run)
    again = text.replace("SELEC;", "CREATE TABLE u (id INTEGER);")
    upgrade(conn, pg.dialect, pg.file("0001_s.sql", again), run)
    assert conn.query("SELECT to_regclass('s.u') IS NOT NULL, to_regclass('public.u') IS NULL") == [(True, True)]


def test_the_work_of_a_statement_does_not_grow_with_the_file() -> None:
    """What is left to run is a queue, read once, and not a copy for each statement."""

    class Counted(list[int]):
        slices = 0

        def __getitem__(self, at: Any) -> Any:
            Counted.slices += isinstance(at, slice)
            return super().__getitem__(at)

    progress = FileProgress(3, False)
    runner: Any = SimpleNamespace(progress=progress, check_stop=lambda: None, execute=lambda number: None)
    current = [(n, progress.current) for n in FileRunner.execute_in_transaction(runner, Counted([1, 2, 3]))]
    assert current == [(1, 1), (2, 2), (3, 3)]
    assert Counted.slices == 0
