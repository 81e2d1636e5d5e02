"""The servers that the other tests stand on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from tests.servers import (
    TRANSACTIONAL,
    VENDORS,
    Server,
    Unavailable,
    debian,
    engine_url,
    mariadb,
    mysql,
    mysql_family,
    postgresql,
)
from tests.servers.databases import Databases
from tests.servers.fixtures import need
from tests.servers.mysql_objects import query
from tests.support.dump import dump


def test_every_engine_gives_a_fresh_database(database_url: str) -> None:
    engine = sqlalchemy.create_engine(engine_url(database_url), poolclass=sqlalchemy.NullPool)
    assert sqlalchemy.inspect(engine).get_table_names() == []
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("CREATE TABLE t (a INTEGER)"))
    assert sqlalchemy.inspect(engine).get_table_names() == ["t"]


ENGINES = [name for name in TRANSACTIONAL if name != "sqlite"]


def connect(url: str) -> Any:
    """A connection of the engine's own driver."""
    return postgresql.connect(url) if url.startswith("postgresql") else mysql_family.connect(url)


def value(connection: Any, sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


@pytest.fixture(params=ENGINES)
def server(request: pytest.FixtureRequest) -> Server:
    return need(request.param)


def test_a_database_is_dropped_while_somebody_is_connected(server: Server) -> None:
    server.create_database("held")
    holder = connect(server.url("held"))
    with closing(holder), holder.cursor() as cursor:
        cursor.execute("CREATE TABLE t (a INTEGER)")
        cursor.execute("BEGIN")
        cursor.execute("SELECT * FROM t")  # and its transaction holds a lock
        server.drop_database("held")
    server.drop_database("held")


def test_the_password_is_checked(server: Server) -> None:
    import psycopg
    import pymysql

    if any(os.environ.get(module.VARIABLE) for module in (postgresql, mariadb, mysql)):
        pytest.skip("a server of your own may trust everybody")
    refused = (psycopg.OperationalError, pymysql.OperationalError)
    with pytest.raises(refused, match=r"password authentication failed|Access denied"):
        connect(server.root.replace("@", "x@", 1))


def test_nothing_is_forced_to_the_disk(mysql_server: Server, mariadb_server: Server) -> None:
    for server in (mysql_server, mariadb_server):
        with connect(server.root) as connection:
            settings = "SELECT CONCAT_WS(' ', @@innodb_flush_log_at_trx_commit, @@innodb_flush_method, @@log_bin + 0)"
            assert value(connection, settings) == "0 nosync 0"


CONTENT = """
CREATE TABLE b (id INT PRIMARY KEY AUTO_INCREMENT, a INT, twice INT AS (a * 2) STORED, KEY k (a), CHECK (a < 90));
CREATE TABLE a (b_id INT, `odd ``name` DATETIME DEFAULT CURRENT_TIMESTAMP, CONSTRAINT f FOREIGN KEY (b_id) REFERENCES b (id));
INSERT INTO b (id, a) VALUES (7, 3), (8, NULL);
INSERT INTO a (b_id) VALUES (7);
CREATE FUNCTION plus (x INT) RETURNS INT DETERMINISTIC RETURN x + 1;
CREATE VIEW v2 AS SELECT plus(id) AS id FROM b;
CREATE VIEW v1 AS SELECT id FROM v2;
CREATE PROCEDURE p () BEGIN SELECT 1; SELECT 2; END;
CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.b_id = NEW.b_id;
CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM a;
"""
SEQUENCE = """
CREATE SEQUENCE s START 5;
SELECT NEXTVAL(s);
CREATE TABLE numbered (id INT DEFAULT NEXTVAL(s));
"""


@pytest.mark.parametrize("engine", ["mariadb", "mysql"])
def test_a_copy_of_a_database(engine: str) -> None:
    """With rows, and objects that need one another."""
    with closing(Databases(need(engine))) as databases:
        base = databases.new()
        with connect(base) as connection:
            query(connection, "SET sql_mode = CONCAT(@@sql_mode, ',PIPES_AS_CONCAT')")
            for sql in (CONTENT + SEQUENCE * (engine == "mariadb")).split(";\n")[:-1]:
                query(connection, sql)
        copy = databases.new(base)
        assert dump(copy) == dump(base)
        assert any("PIPES_AS_CONCAT" in line for line in dump(copy))
        with connect(copy) as connection:
            assert query(connection, "SELECT * FROM b") == ((7, 3, 6), (8, None, None))
            assert value(connection, "SELECT b_id FROM a") == 7 and value(connection, "SELECT MAX(id) FROM v1") == 9
            query(connection, "INSERT INTO b (a) VALUES (1)")
            assert value(connection, "SELECT MAX(id) FROM b") == 9
            if engine == "mariadb":
                assert value(connection, "SELECT NEXTVAL(s)") > 5


@pytest.mark.parametrize(
    ("engine", "ending"),
    [*((engine, signal.SIGKILL) for engine in ENGINES), ("postgresql", signal.SIGINT), ("mariadb", signal.SIGTERM)],
)
def test_a_server_goes_with_the_process_that_started_it(engine: str, ending: signal.Signals) -> None:
    need(engine)
    if os.environ.get(f"DBWARDEN_TEST_{engine.upper()}_URL"):
        pytest.skip("nothing is started")
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(
        [sys.executable, "-m", "tests.servers", engine],
        cwd=root,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as child:
        assert child.stdout is not None
        url = child.stdout.readline().strip()
        assert VENDORS[engine].attach(url).version
        with connect(url) as connection:
            data = value(connection, "SHOW data_directory" if engine == "postgresql" else "SELECT @@datadir")
        folder = Path(data).parent
        child.send_signal(ending)
        child.wait(30)
    deadline = time.monotonic() + 20
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not folder.exists()


# -- Debian's other suites ----------------------------------------------------------------------------------------

TARGETS = """\
Debian Security stable-security http://security.debian.org/debian-security/
Debian bookworm-updates http://mirror.example/debian/
Debian stable http://mirror.example/debian/
"""


def test_the_mirror_is_that_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian, "run", lambda argv: TARGETS)
    assert debian.mirror() == "http://mirror.example/debian/"
    monkeypatch.setattr(debian, "run", lambda argv: "Ubuntu noble http://archive.example/ubuntu/\n")
    with pytest.raises(Unavailable, match="apt knows no mirror of Debian"):
        debian.mirror()


def test_programs_run_on_the_libraries_that_they_came_with(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is not needed is not kept."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for name in ("sbin/toyd", "bin/other", "lib/some-linux-gnu/libtoy.so", "share/toy/words", "share/doc/toy"):
        path = tmp_path / "unpacked" / "usr" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    loader = tmp_path / "unpacked" / "usr" / "lib" / "some-linux-gnu" / "ld-linux-some.so.2"
    loader.write_text('#!/bin/sh\necho "$@"\n')
    loader.chmod(0o755)
    tree = debian.Tree("toy", "unstable", ("toy",), programs=("sbin/toyd",), contents=("share/toy",))
    assert tree.newest() is None
    final = debian.cache() / "toy-1.2"
    tree.trim(tmp_path / "unpacked" / "usr", final / "usr")
    final.parent.mkdir()
    (tmp_path / "unpacked").rename(final)
    assert tree.newest() == final / "usr" / "bin"
    assert sorted(path.name for path in (final / "usr").glob("*/*")) == ["some-linux-gnu", "toy", "toyd", "toyd"]
    shown = subprocess.run([final / "usr" / "bin" / "toyd", "--version"], capture_output=True, text=True, check=True)
    libraries = final / "usr" / "lib" / "some-linux-gnu"
    assert shown.stdout.split() == ["--library-path", str(libraries), str(final / "usr/libexec/toyd"), "--version"]
