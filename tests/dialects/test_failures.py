"""What an engine's errors mean, told alike for every engine: asked of the engines themselves, through every driver."""

from __future__ import annotations

import pytest

from dbwarden import dialects
from dbwarden.errors import DatabaseError, Failure
from tests.runtime.conftest import Place, atomic, networked, place

__all__ = ["atomic", "networked", "place"]

TABLE = "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER)"
FAILS = {
    "SELECT * FROM nowhere": Failure.MISSING_TABLE,
    "INSERT INTO nowhere VALUES (1)": Failure.MISSING_TABLE,
    "SELECT x FROM t": Failure.MISSING_COLUMN,
    "INSERT INTO t (x) VALUES (1)": Failure.MISSING_COLUMN,
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


def test_a_missing_index(place: Place) -> None:
    """Its name is one of the schema's, or one of a table's: then the statement names the table."""
    conn = place.connect()
    conn.execute(TABLE)
    of_schema = any("index" in kinds for kinds in place.dialect.features.shared_names)
    with pytest.raises(DatabaseError) as error:
        conn.execute("DROP INDEX nowhere" if of_schema else "DROP INDEX nowhere ON t")
    assert error.value.failure is Failure.MISSING_OBJECT, error.value


def test_refused_inside_a_transaction(place: Place) -> None:
    """Without transactional DDL there is hardly a statement that does not just commit the transaction."""
    conn = place.connect()
    sql = "VACUUM" if place.dialect.features.transactional_ddl else "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"
    with pytest.raises(DatabaseError) as error, conn.transaction():
        conn.execute(sql)
    assert error.value.failure is Failure.TRANSACTION_REFUSED


def test_read_only(place: Place) -> None:
    place.connect().execute(TABLE)
    with pytest.raises(DatabaseError) as error:
        place.connect(read_only=True).execute("INSERT INTO t (id) VALUES (1)")
    assert error.value.failure is Failure.READ_ONLY


@pytest.mark.parametrize("sql", ["INSERT INTO t (id) VALUES (1)", "DROP TABLE t"], ids=["row", "table"])
def test_waiting_in_vain(place: Place, sql: str) -> None:
    """For the lock of a row, and for that of the table."""
    holder = place.connect()
    holder.execute(TABLE)
    with holder.transaction():
        holder.execute("INSERT INTO t (id) VALUES (1)")
        with pytest.raises(DatabaseError) as error:
            place.connect(lock_timeout=0.05).execute(sql)
    assert error.value.failure is Failure.BUSY, error.value


def test_waiting_in_vain_for_a_change(atomic: Place) -> None:
    """DDL holds its locks until the transaction ends where it does not commit by itself."""
    holder = atomic.connect()
    holder.execute(TABLE)
    with holder.transaction():
        holder.execute("DROP TABLE t")
        with pytest.raises(DatabaseError) as error:
            atomic.connect(lock_timeout=0.05).execute("INSERT INTO t (id) VALUES (1)")
    assert error.value.failure is Failure.BUSY, error.value


def test_no_such_database(networked: Place) -> None:
    with pytest.raises(DatabaseError) as error:
        networked.connect().sibling("nowhere")
    assert error.value.failure is Failure.UNKNOWN_DATABASE


@pytest.mark.parametrize(
    ("engine", "code", "failure"),
    [
        ("postgresql", "53100", Failure.DISK_FULL),
        ("postgresql", "57P01", Failure.CONNECTION_LOST),
        ("postgresql", "42501", Failure.PERMISSION),
        ("postgresql", "28P01", Failure.AUTHENTICATION),
        ("mysql", "1021", Failure.DISK_FULL),
        ("mysql", "2013", Failure.CONNECTION_LOST),
        ("mysql", "1142", Failure.PERMISSION),
        ("mariadb", "1045", Failure.AUTHENTICATION),
        ("mariadb", "1969", Failure.CANCELLED),
        ("sqlite", "SQLITE_FULL", Failure.DISK_FULL),
        ("sqlite", "SQLITE_INTERRUPT", Failure.CANCELLED),
    ],
)
def test_what_is_hard_to_provoke(engine: str, code: str, failure: Failure) -> None:
    assert dialects.connector(engine).classify(code, "") is failure


def test_the_words_of_a_trigger_are_not_the_engines() -> None:
    """RAISE(ABORT, 'already exists') is the user's message."""
    assert dialects.connector("sqlite").classify("SQLITE_CONSTRAINT_TRIGGER", "already exists") is Failure.OTHER
