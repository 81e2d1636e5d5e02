"""What is sent, what comes back, and what is said when it does not."""

from __future__ import annotations

import os
import secrets
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from dbwarden import dialects
from dbwarden.api.connection import connect
from dbwarden.core.dialect import ScratchRequest
from dbwarden.core.own_tables import OwnTables
from dbwarden.errors import (
    ConfigurationError,
    ConnectionFailed,
    ConnectionLost,
    DatabaseBusy,
    DatabaseError,
    DatabaseReadOnly,
    MissingDriver,
    StatementCancelled,
)
from dbwarden.runtime import drivers
from dbwarden.runtime.stores import history_store, lock_store

from .conftest import Place, powerless


def test_parameters_and_casts(place: Place) -> None:
    conn = place.connect()
    before = conn.sent
    conn.execute("CREATE TABLE t (a INTEGER, b VARCHAR(20))")
    assert conn.execute("INSERT INTO t VALUES (:a, :b)", {"a": 1, "b": "x:y %s"}) == 1
    assert conn.query("SELECT b FROM t WHERE a = :a AND b <> :b", {"a": 1, "b": ""}) == [("x:y %s",)]
    assert conn.query("SELECT CAST(a AS CHAR(1)) FROM t") == [("1",)]
    assert conn.query("SELECT ':a %', :a", {"a": 5})[0][0] == ":a %"
    assert conn.sent - before == 5


def test_double_colons_are_no_parameters(pg: Place) -> None:
    assert pg.connect().query("SELECT :a::int + '2'::int, 'x'::text", {"a": 1}) == [(3, "x")]


def test_transactions(atomic: Place) -> None:
    conn = atomic.connect()
    with conn.transaction():
        assert conn.in_transaction
        conn.execute("CREATE TABLE a (id INTEGER)")
    with pytest.raises(DatabaseError), conn.transaction():
        conn.execute("CREATE TABLE b (id INTEGER)")
        conn.execute("SELEC 1")
    assert not conn.in_transaction
    conn.begin()
    conn.execute("CREATE TABLE c (id INTEGER)")
    conn.rollback()
    conn.rollback()
    assert atomic.tables() == {"a"}


def test_errors_are_the_engines_words(pg: Place) -> None:
    with pytest.raises(DatabaseError) as error:
        pg.connect().execute("SELECT 1 FROM nowhere")
    assert error.value.message == 'relation "nowhere" does not exist'
    assert (error.value.sqlstate, error.value.position) == ("42P01", 15)


def test_errors_are_sqlites_words(lite: Place) -> None:
    with pytest.raises(DatabaseError) as error:
        lite.connect().execute("SELECT 1 FROM nowhere")
    assert error.value.message == "no such table: nowhere"


def test_nul_is_refused(place: Place) -> None:
    with pytest.raises(DatabaseError, match=r"(?i)nul"):
        place.connect().execute("SELECT '\0'")


def test_read_only_writes_nothing(place: Place) -> None:
    place.connect().execute("CREATE TABLE t (id INTEGER)")
    conn = place.connect(read_only=True)
    assert conn.query("SELECT * FROM t") == []
    with pytest.raises(DatabaseReadOnly):
        conn.execute("INSERT INTO t VALUES (1)")
    assert history_store(conn, place.dialect, OwnTables()).read() == ()
    assert not lock_store(conn, place.dialect, OwnTables()).status().active


def test_a_missing_file_is_an_empty_database_to_readers(tmp_path: Path) -> None:
    with connect(f"sqlite:///{tmp_path}/none.db", read_only=True) as conn:
        assert conn.absent == f"{tmp_path}/none.db"
        assert history_store(conn, dialects.get("sqlite"), OwnTables()).read() == ()
        with pytest.raises(DatabaseError):
            conn.execute("CREATE TABLE t (id INTEGER)")
    assert list(tmp_path.iterdir()) == []


def test_names_of_files_may_have_any_character(tmp_path: Path) -> None:
    with connect(f"sqlite:///{tmp_path}/a %b #c é.db") as conn:
        conn.execute("CREATE TABLE t (id INTEGER)")
    assert [path.name for path in tmp_path.iterdir()] == ["a %b #c é.db"]
    with connect(f"sqlite:///{tmp_path}/a %b #c é.db", read_only=True) as conn:
        assert conn.query("SELECT * FROM t") == []


def test_a_wal_database_without_its_shared_memory_is_read(public_folder: Path) -> None:
    with connect(f"sqlite:///{public_folder}/wal.db") as conn:
        conn.execute("PRAGMA journal_mode = WAL")
        conn.execute("CREATE TABLE t (id INTEGER)")
    with powerless(public_folder):
        with connect(f"sqlite:///{public_folder}/wal.db", read_only=True) as conn:
            assert conn.query("SELECT * FROM t") == []
        with pytest.raises(ConnectionFailed, match="not writable"):
            connect(f"sqlite:///{public_folder}/wal.db")
        with pytest.raises(ConnectionFailed, match="not writable"):
            connect(f"sqlite:///{public_folder}/new.db")


KILLED = """
import os, sqlite3, sys
conn = sqlite3.connect(sys.argv[1], isolation_level=None)
conn.execute("PRAGMA cache_size = 1")
conn.execute("BEGIN")
conn.execute("UPDATE t SET n = 2")
for _ in range(100):
    conn.execute("INSERT INTO filler VALUES (zeroblob(4000))")
os._exit(0)
"""


def test_what_a_killed_writer_left_is_not_read(tmp_path: Path) -> None:
    """Pages of its transaction stand in the file, and their former content in the journal beside it."""
    path = tmp_path / "x.db"
    with connect(f"sqlite:///{path}") as conn:
        conn.execute("CREATE TABLE filler (b BLOB)")
        conn.execute("CREATE TABLE t (n INTEGER)")
        conn.execute("INSERT INTO t VALUES (1)")
    subprocess.run([sys.executable, "-c", KILLED, str(path)], check=True)
    assert path.with_name("x.db-journal").stat().st_size > 0
    with connect(f"sqlite:///{path}", read_only=True) as conn:
        assert conn.query("SELECT n FROM t") == [(1,)]
        with pytest.raises(DatabaseReadOnly):
            conn.execute("DELETE FROM t")


def test_readers_wait_for_a_writer_that_wants_the_file_for_itself(lite: Place) -> None:
    writer = lite.connect()
    writer.execute("CREATE TABLE t (n INTEGER)")
    writer.execute("BEGIN EXCLUSIVE")
    with pytest.raises(ConnectionFailed, match="database is locked") as error:
        lite.connect(read_only=True, lock_timeout=0.1)
    assert "Another session holds a lock" in (error.value.hint or "")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing/x.db", "does not exist"),
        ("", "folder, not a database file"),
        ("text.db", "file is not a database"),
    ],
)
def test_sqlite_files_that_cannot_be_opened(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "text.db").write_text("This is no database at all, but long enough for a header. " * 20)
    for read_only in (False, True):
        with pytest.raises(ConnectionFailed, match=reason):
            connect(f"sqlite:///{tmp_path}/{name}", read_only=read_only)


def test_postgresql_that_cannot_be_reached(postgresql_url: str) -> None:
    head, _, place = postgresql_url.rpartition("@")
    scheme, _, login = head.partition("://")
    user, _, password = login.partition(":")
    cases = {
        f"{scheme}://{user}:Wr0ngSecret@{place}": "password authentication failed",
        f"{postgresql_url}_none": "does not exist",
        f"{scheme}://{login}@127.0.0.1:1/x": "refused",
        f"{scheme}://{login}@host.invalid/x": "host.invalid",
    }
    for url, reason in cases.items():
        with pytest.raises(ConnectionFailed, match=reason) as error:
            connect(url)
        words = f"{error.value.message} {vars(error.value)} {error.value!r}"
        assert "Wr0ngSecret" not in words
        assert not password or password not in words
        assert error.value.user == user


def test_urls_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError) as error:
        connect("postgresql://u:pa:ss@h:port/x")
    assert "pa:ss" not in error.value.message
    with pytest.raises(ConfigurationError, match="oracle"):
        connect("oracle://h/x")
    monkeypatch.setattr(drivers, "find_spec", lambda name: None)
    with pytest.raises(MissingDriver, match="psycopg") as missing:
        connect("postgresql://h/x")
    assert "dbwarden[postgresql]" in (missing.value.hint or "")


def test_lock_timeout(place: Place) -> None:
    first, second = place.connect(), place.connect(lock_timeout=0.2)
    first.execute("CREATE TABLE t (id INTEGER)")
    with first.transaction():
        first.execute("INSERT INTO t VALUES (1)")
        with pytest.raises(DatabaseBusy):
            second.execute("DROP TABLE t")


def test_statement_timeout_and_settings(pg: Place) -> None:
    conn = pg.connect(statement_timeout=0.1, application_name="dbwarden test")
    assert conn.query("SHOW application_name") == [("dbwarden test",)]
    with pytest.raises(StatementCancelled):
        conn.execute("SELECT pg_sleep(5)")
    assert conn.query("SELECT 1") == [(1,)]


def test_a_broken_connection_is_named(pg: Place) -> None:
    conn, other = pg.connect(), pg.connect()
    pid = conn.query("SELECT pg_backend_pid()")[0][0]
    other.execute(f"SELECT pg_terminate_backend({pid})")
    with pytest.raises(ConnectionLost):
        conn.execute("SELECT 1")
    with pytest.raises(ConnectionLost):
        conn.execute("SELECT 1")
    conn.rollback()
    conn.close()


def test_siblings(place: Place) -> None:
    conn = place.connect(read_only=False)
    conn.execute("CREATE TABLE t (id INTEGER)")
    with conn.sibling() as other:
        assert other.query("SELECT * FROM t") == []
    with conn.sibling("sqlite://") as memory:
        assert memory.query("SELECT count(*) FROM sqlite_master") == [(0,)]


def test_a_scratch_is_empty_and_goes(place: Place) -> None:
    conn = place.connect()
    request = ScratchRequest(f"dbwarden_scratch_{secrets.token_hex(4)}", lambda name: False, conn.sibling, conn)
    with place.dialect.scratch_providers(request)[0].open() as scratch:
        scratch.execute("CREATE TABLE t (id INTEGER)")
    assert place.tables() == set()


def test_importing_it_costs_no_sqlalchemy() -> None:
    code = "import sys, dbwarden.runtime.connection; sys.exit('sqlalchemy' in sys.modules)"
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(root / "src")}, check=False
    )
    assert done.returncode == 0


def test_a_sqlite_file_made_by_others_is_read_as_it_is(tmp_path: Path) -> None:
    raw = sqlite3.connect(tmp_path / "x.db")
    raw.execute("CREATE TABLE dbwarden_migrations (id INTEGER PRIMARY KEY, version TEXT)")
    raw.close()
    with connect(f"sqlite:///{tmp_path}/x.db", read_only=True) as conn, pytest.raises(DatabaseError, match="lacks"):
        history_store(conn, dialects.get("sqlite"), OwnTables()).read()


def test_results_of_any_size_are_read(pg: Place) -> None:
    conn = pg.connect()
    assert conn.raw.fileno() >= 0 and not os.get_blocking(conn.raw.fileno())
    for size in (1, 8_000, 33_000, 40_000, 66_000, 100_000, 3_000_000):
        assert conn.query(f"SELECT repeat('x', {size})") == [("x" * size,)]
