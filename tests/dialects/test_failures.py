"""What an engine's errors mean, told alike for every engine: asked of the engines themselves, through every driver."""

from __future__ import annotations

import pytest

from dbwarden import dialects
from dbwarden.errors import DatabaseError, Failure
from tests.runtime.conftest import Place, pg, place

__all__ = ["pg", "place"]

TABLE = "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER)"
FAILS = {
    "SELECT * FROM nowhere": Failure.MISSING_TABLE,
    "INSERT INTO nowhere VALUES (1)": Failure.MISSING_TABLE,
    "SELECT x FROM t": Failure.MISSING_COLUMN,
    "INSERT INTO t (x) VALUES (1)": Failure.MISSING_COLUMN,
    "DROP INDEX nowhere": Failure.MISSING_OBJECT,
    "SELECT nowhere(1)": Failure.MISSING_OBJECT,
    TABLE: Failure.ALREADY_EXISTS,
    "ALTER TABLE t ADD COLUMN n INTEGER": Failure.ALREADY_EXISTS,
    "INSERT INTO t (id) VALUES (1)": Failure.DUPLICATE_KEY,
    "CREATE TABEL u (id INTEGER)": Failure.OTHER,
}


@pytest.mark.parametrize("sql", FAILS)
def test_classified(place: Place, sql: str) -> None:
    conn = place.connect()
    conn.execute(TABLE)
    conn.execute("INSERT INTO t (id) VALUES (1)")
    with pytest.raises(DatabaseError) as error:
        conn.execute(sql)
    assert error.value.failure is FAILS[sql], error.value


def test_refused_inside_a_transaction(place: Place) -> None:
    conn = place.connect()
    with pytest.raises(DatabaseError) as error, conn.transaction():
        conn.execute("VACUUM")
    assert error.value.failure is Failure.TRANSACTION_REFUSED


def test_read_only(place: Place) -> None:
    place.connect().execute(TABLE)
    with pytest.raises(DatabaseError) as error:
        place.connect(read_only=True).execute("INSERT INTO t (id) VALUES (1)")
    assert error.value.failure is Failure.READ_ONLY


def test_waiting_in_vain(place: Place) -> None:
    holder = place.connect()
    holder.execute(TABLE)
    with holder.transaction():
        holder.execute("DROP TABLE t")
        with pytest.raises(DatabaseError) as error:
            place.connect(lock_timeout=0.05).execute("INSERT INTO t (id) VALUES (1)")
    assert error.value.failure is Failure.BUSY


def test_no_such_database(pg: Place) -> None:
    with pytest.raises(DatabaseError) as error:
        pg.connect().sibling("nowhere")
    assert error.value.failure is Failure.UNKNOWN_DATABASE


@pytest.mark.parametrize(
    ("engine", "code", "failure"),
    [
        ("postgresql", "53100", Failure.DISK_FULL),
        ("postgresql", "57P01", Failure.CONNECTION_LOST),
        ("postgresql", "42501", Failure.PERMISSION),
        ("postgresql", "28P01", Failure.AUTHENTICATION),
        ("sqlite", "SQLITE_FULL", Failure.DISK_FULL),
        ("sqlite", "SQLITE_INTERRUPT", Failure.CANCELLED),
    ],
)
def test_what_is_hard_to_provoke(engine: str, code: str, failure: Failure) -> None:
    assert dialects.connector(engine).classify(code, "") is failure


def test_the_words_of_a_trigger_are_not_the_engines() -> None:
    """RAISE(ABORT, 'already exists') is the user's message."""
    assert dialects.connector("sqlite").classify("SQLITE_CONSTRAINT_TRIGGER", "already exists") is Failure.OTHER
