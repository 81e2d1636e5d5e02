"""Through a transaction pooler: everything works, nothing is left behind, and nobody is taken for dead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dbwarden import dialects
from dbwarden.api.connection import connect
from dbwarden.core.dialect import Liveness
from dbwarden.core.own_tables import OwnTables
from dbwarden.errors import DatabaseReadOnly, LockHeld, Refused
from dbwarden.runtime import lock
from dbwarden.runtime.stores import lock_opener, lock_store
from tests.servers import pgbouncer
from tests.servers.pgbouncer import Pooler
from tests.support.command import rows, run, start, write_migration, write_project

pytestmark = pytest.mark.acceptance

SESSION = (
    "default_transaction_read_only",
    "lock_timeout",
    "statement_timeout",
    "search_path",
    "role",
    "client_connection_check_interval",
    "tcp_keepalives_idle",
    "idle_in_transaction_session_timeout",
    "application_name",
    "DateStyle",
    "TimeZone",
)
"""What the next client of a server connection would inherit."""
MODELS = """
from sqlalchemy import Integer, Text
from sqlalchemy.orm import DeclarativeBase, mapped_column

class Base(DeclarativeBase): pass

class Note(Base):
    __tablename__ = "notes"
    id = mapped_column(Integer, primary_key=True)
    text = mapped_column(Text, index=True){more}
"""


@pytest.fixture
def probe(pooler: Pooler) -> Iterator[Callable[[], dict[str, Any]]]:
    """Asks, as an application would, for the state of the only server connection there is."""
    with pgbouncer.connect(pooler.url) as application:

        def ask() -> dict[str, Any]:
            shown = {name: application.execute(f"SELECT current_setting('{name}')").fetchone()[0] for name in SESSION}  # type: ignore[index]
            [locks] = application.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
            ).fetchall()
            [prepared] = application.execute("SELECT count(*) FROM pg_prepared_statements").fetchall()
            return {**shown, "advisory locks": locks[0], "prepared statements": prepared[0]}

        yield ask


def test_nothing_is_left_behind(tmp_path: Path, pooler: Pooler, probe: Callable[[], dict[str, Any]]) -> None:
    """status, an application's write, make-migrations, migrate, rollback and the rest, all over one server connection."""
    migrations = write_project(tmp_path, pooler.url)
    (tmp_path / "models.py").write_text(MODELS.format(more=""))
    with pgbouncer.connect(pooler.url) as application:
        clean = probe()

        def typed(*argv: str, code: int = 0) -> str:
            output = run(tmp_path, *argv, code=code)
            assert probe() == clean, argv
            return output

        assert "0 applied" in typed("status")
        application.execute("CREATE TABLE theirs (n integer)")
        application.execute("INSERT INTO theirs VALUES (1)")
        assert "Created" in typed("make-migrations", "first")
        assert "Applied 0001_first.sql" in typed("migrate")
        application.execute("INSERT INTO notes (text) VALUES ('x')")
        (tmp_path / "models.py").write_text(MODELS.format(more="\n    author = mapped_column(Text, index=True)"))
        typed("make-migrations", "an author")
        assert "CONCURRENTLY" in (migrations / "0002_an_author.sql").read_text()
        typed("migrate")
        write_migration(
            migrations,
            "0003_path",
            "SET search_path = pg_catalog;\nSET lock_timeout = 77;\nCREATE TABLE public.a (n integer);",
            "SET search_path = pg_catalog;\nDROP TABLE public.a;",
        )
        typed("migrate")
        for command in ("history", "diff", "check", "check-db", "lock-status"):
            typed(command)
        write_migration(migrations, "0004_wrong", "SET statement_timeout = 55;\nCREATE TABLE b (n integer);\nSELEC 1;")
        assert "Nothing of the file remains" in typed("migrate", code=1)
        (migrations / "0004_wrong.sql").unlink()
        assert "Created" in typed("seed", "export", "notes")
        (tmp_path / "seeds" / "primary" / "0002_python.py").write_text(
            "from models import Note\n\ndef upgrade(session):\n    for _ in range(9):\n"
            "        session.add(Note(text='y'))\n        session.commit()\n\n"
            "def rollback(session):\n    session.query(Note).filter_by(text='y').delete()\n"
        )
        typed("seed", "apply")
        typed("seed", "rollback")
        typed("seed", "list")
        typed("rollback", "--count", "2")
        typed("downgrade", "--to", "0", "--force" if "--force" in run(tmp_path, "downgrade", "--help") else "--verbose")
        application.execute("INSERT INTO theirs VALUES (2)")
        assert "0 applied, 3 pending" in typed("status")


def test_a_session_that_another_transaction_needs(tmp_path: Path, pooler: Pooler) -> None:
    migrations = write_project(tmp_path, pooler.url)
    (migrations / "0001_x.sql").write_text(
        "-- transaction: off\n-- upgrade\nSET search_path = public;\nCREATE TABLE a (n integer);\n-- rollback\nDROP TABLE a;\n"
    )
    refused = run(tmp_path, "migrate", code=2)
    assert "0001_x.sql:3" in refused and "pooler" in refused and "SET LOCAL" in refused
    assert "INACTIVE" in run(tmp_path, "lock-status")


def test_backups_are_refused(tmp_path: Path, pooler: Pooler) -> None:
    write_migration(write_project(tmp_path, pooler.url), "0001_x", "CREATE TABLE a (n integer);")
    refused = run(tmp_path, "migrate", "--with-backup", code=1)
    assert "a pooler is in between" in refused and "Connect to the server itself." in refused


def test_twenty_at_once(tmp_path: Path, pooler: Pooler) -> None:
    """Over one server connection, and each migration runs exactly once."""
    migrations = write_project(tmp_path, pooler.url)
    write_migration(migrations, "0001_log", "CREATE TABLE log (n integer);")
    for n in range(2, 7):
        write_migration(migrations, f"{n:04}_step", f"INSERT INTO log VALUES ({n});")
    processes = [start(tmp_path, "migrate", "--lock-wait", "110") for _ in range(20)]
    outputs = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * 20, outputs
    assert rows(pooler.direct, "SELECT n FROM log ORDER BY n") == [(n,) for n in range(2, 7)]
    assert "INACTIVE" in run(tmp_path, "lock-status")


def test_killed(tmp_path: Path, postgresql_url: str) -> None:
    """Nobody can tell that the holder is gone: only its heartbeat, once it is old enough."""
    with pgbouncer.running(postgresql_url, size=3) as pooler:
        migrations = write_project(tmp_path, pooler.url)
        write_migration(migrations, "0001_slow", "CREATE TABLE first (n integer);\nSELECT pg_sleep(300);")
        with _in_the_middle(tmp_path):
            assert "Liveness:  unknown" in run(tmp_path, "lock-status")
            assert "was there" in run(tmp_path, "unlock", code=5)
        write_migration(migrations, "0001_slow", "CREATE TABLE first (n integer);")
        with connect(postgresql_url) as conn:  # the pooler has closed its connection: the server will notice some time
            conn.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'")
        shown = run(tmp_path, "lock-status")
        assert "Liveness:  unknown" in shown and "once that is older than 60 s" in shown
        assert "was there" in run(tmp_path, "unlock", code=5)
        assert "0 applied, 1 pending" in run(tmp_path, "status")
        run(tmp_path, "migrate", "--lock-wait", "0", code=3)
        with connect(postgresql_url) as conn:
            conn.execute("UPDATE dbwarden_lock SET heartbeat = heartbeat - interval '61 seconds'")
        assert "released successfully" in run(tmp_path, "unlock")
        run(tmp_path, "migrate")
        assert "1 applied, 0 pending" in run(tmp_path, "status")


@contextmanager
def _in_the_middle(folder: Path) -> Iterator[None]:
    """While a migration is at work on its second statement; killed in the end."""
    with start(folder, "migrate", "--verbose") as process:
        try:
            assert process.stdout is not None
            assert any("2/2" in line for line in process.stdout)
            yield
        finally:
            process.kill()


TABLES = OwnTables()


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
def test_the_verdict_behind_a_pooler(pooler: Pooler, driver: str) -> None:
    """A living holder is neither called gone nor taken over from, whoever looks; nor does a second client share its lock."""
    dialect = dialects.get("postgresql")

    def through() -> Any:
        return connect(pooler.url.replace("postgresql:", f"postgresql+{driver}:"))

    auto = lock.LockRequest("migrate", wait=0, recovery="auto")
    with lock.acquire(lock_opener(through, dialect, TABLES), auto), through() as near, connect(pooler.direct) as far:
        assert near.pooled and not far.pooled
        for conn in (near, far):
            assert lock_store(conn, dialect, TABLES).status().liveness is Liveness.UNKNOWN
            with pytest.raises(Refused):
                lock.unlock(lock_store(conn, dialect, TABLES))
        for connecting in (through, lambda: connect(pooler.direct)):
            with pytest.raises(LockHeld), lock.acquire(lock_opener(connecting, dialect, TABLES), auto):
                pass
    with lock.acquire(lock_opener(lambda: connect(pooler.direct), dialect, TABLES), auto), through() as near:
        assert (
            lock_store(near, dialect, TABLES).status().liveness is Liveness.ALIVE
        )  # its holder has a session of its own


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
def test_reading_cannot_write(pooler: Pooler, driver: str) -> None:
    url = pooler.url.replace("postgresql:", f"postgresql+{driver}:")
    with connect(url, read_only=True, lock_timeout=3, statement_timeout=4) as conn:
        with pytest.raises(DatabaseReadOnly):
            conn.execute("CREATE TABLE a (n integer)")
        with pytest.raises(DatabaseReadOnly), conn.transaction():
            conn.execute("CREATE TABLE a (n integer)")
        assert conn.query("SELECT current_setting('lock_timeout'), current_setting('statement_timeout')") == [
            ("3s", "4s")
        ]
        with conn.transaction():
            assert conn.query("SELECT current_setting('transaction_read_only')") == [("on",)]
    with connect(url, lock_timeout=3) as conn, conn.transaction():
        assert conn.query("SELECT current_setting('lock_timeout')") == [("3s",)]
        with pytest.raises(AssertionError), conn.without_lock_timeout():
            raise AssertionError
    with connect(url, lock_timeout=3) as conn, conn.without_lock_timeout(), conn.transaction():
        assert conn.query("SELECT current_setting('lock_timeout')") == [("0",)]
