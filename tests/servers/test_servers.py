"""The servers that the other tests stand on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy

from tests.servers import Server, engine_url, postgresql
from tests.servers.fixtures import need


def test_every_engine_gives_a_fresh_database(database_url: str) -> None:
    engine = sqlalchemy.create_engine(engine_url(database_url), poolclass=sqlalchemy.NullPool)
    assert sqlalchemy.inspect(engine).get_table_names() == []
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("CREATE TABLE t (a INTEGER)"))
    assert sqlalchemy.inspect(engine).get_table_names() == ["t"]


def test_a_database_is_dropped_while_somebody_is_connected(postgresql_server: Server) -> None:
    postgresql_server.create_database("held")
    with postgresql.connect(postgresql_server.url("held")):
        postgresql_server.drop_database("held")
    postgresql_server.drop_database("held")


def test_the_password_is_checked(postgresql_server: Server) -> None:
    import psycopg

    if os.environ.get(postgresql.VARIABLE):
        pytest.skip("a server of your own may trust everybody")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        postgresql.connect(postgresql_server.root.replace("@", "x@", 1))


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_server_goes_with_the_process_that_started_it(ending: signal.Signals, tmp_path: Path) -> None:
    need("postgresql")
    if os.environ.get(postgresql.VARIABLE):
        pytest.skip("nothing is started")
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(
        [sys.executable, "-m", "tests.servers", "postgresql"],
        cwd=root,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as child:
        assert child.stdout is not None
        url = child.stdout.readline().strip()
        server = postgresql.attach(url)
        with postgresql.connect(url) as connection:
            row = connection.execute("SHOW data_directory").fetchone()
        assert row is not None and server.version
        folder = Path(row[0]).parent
        child.send_signal(ending)
        child.wait(30)
    deadline = time.monotonic() + 20
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not folder.exists()
