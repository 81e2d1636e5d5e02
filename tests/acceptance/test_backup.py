"""Backup -> change -> restore equals before; a backup that cannot be made stops everything before the first change."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import sqlite3
import stat
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url

import dbwarden
from tests.servers import engine_url, mysql_family, mysql_objects
from tests.servers.fixtures import missing, put_dump_programs_on_path
from tests.support.command import COMMAND, environment, rows, run, write_migration, write_project
from tests.support.dump import pg_dump_binary

pytestmark = pytest.mark.acceptance

FIRST = {
    "sqlite": """
        CREATE TABLE "Us ers" (id INTEGER PRIMARY KEY, name TEXT NOT NULL, photo BLOB);
        CREATE TABLE posts (id INTEGER PRIMARY KEY, author INTEGER REFERENCES "Us ers" (id), body TEXT);
        CREATE INDEX posts_by_author ON posts (author) WHERE body IS NOT NULL;
        CREATE VIEW authors AS SELECT u.name FROM "Us ers" u JOIN posts p ON p.author = u.id;
        CREATE TRIGGER loud AFTER INSERT ON posts BEGIN UPDATE posts SET body = upper(body) WHERE id = new.id; END;
        INSERT INTO "Us ers" VALUES (1, 'Zoë', x'00ff'), (2, 'it''s', NULL);
        INSERT INTO posts VALUES (1, 1, 'hello');
    """,
    "postgresql": """
        CREATE SCHEMA app;
        CREATE TYPE app.mood AS ENUM ('sad', 'glad');
        CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
        CREATE TABLE "Us ers" (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, photo bytea);
        CREATE TABLE app.posts (id serial PRIMARY KEY, author bigint REFERENCES "Us ers" (id), mood app.mood, n positive);
        CREATE INDEX posts_by_author ON app.posts (author) WHERE mood = 'glad';
        CREATE VIEW authors AS SELECT u.name FROM "Us ers" u JOIN app.posts p ON p.author = u.id;
        CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM app.posts;
        CREATE FUNCTION loud() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.n := 7; RETURN NEW; END';
        CREATE TRIGGER loud BEFORE INSERT ON app.posts FOR EACH ROW EXECUTE FUNCTION loud();
        CREATE TABLE parts (id int, at date) PARTITION BY RANGE (at);
        CREATE TABLE parts_2026 PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
        COMMENT ON TABLE parts IS 'it''s parted';
        INSERT INTO "Us ers" (name, photo) VALUES ('Zoë', '\\x00ff'), ('it''s', NULL);
        INSERT INTO app.posts (author, mood) VALUES (1, 'glad');
        INSERT INTO parts VALUES (1, '2026-03-01');
    """,
    "mysql": """
        CREATE TABLE `Us ers` (id BIGINT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(50) NOT NULL, photo BLOB, place POINT,
            flags BIT(3), at TIMESTAMP NULL);
        CREATE TABLE posts (id INT PRIMARY KEY AUTO_INCREMENT, author BIGINT, body TEXT, doc JSON,
            CONSTRAINT to_author FOREIGN KEY (author) REFERENCES `Us ers` (id), INDEX by_author (author));
        CREATE VIEW authors AS SELECT u.name FROM `Us ers` u JOIN posts p ON p.author = u.id;
        CREATE FUNCTION twice(n INT) RETURNS INT DETERMINISTIC RETURN n * 2;
        CREATE VIEW again AS SELECT name, twice(1) AS n FROM authors;
        CREATE PROCEDURE nothing(OUT a VARCHAR(9)) BEGIN SET a = 'it''s; x'; END;
        CREATE TRIGGER loud BEFORE INSERT ON posts FOR EACH ROW BEGIN SET NEW.body = UPPER(NEW.body); END;
        CREATE EVENT tidy ON SCHEDULE EVERY 1 YEAR STARTS '2037-01-01 00:00:00' DO DELETE FROM posts WHERE body = 'it''s';
        INSERT INTO `Us ers` (name, photo, place, flags, at)
            VALUES ('Zoë 😀', x'00ff27', ST_GeomFromText('POINT(1 2)'), b'101', '2021-10-31 01:30:00'),
            ('it''s', NULL, NULL, NULL, NULL);
        INSERT INTO posts (author, body, doc) VALUES (1, 'hello -- DBWarden: definitions', '{"a": [1.5]}');
    """,
}
FIRST["mariadb"] = f"""{FIRST["mysql"]}
        CREATE SEQUENCE numbers START WITH 7;
        CREATE TABLE versioned (id INT PRIMARY KEY, n INT) WITH SYSTEM VERSIONING;
        INSERT INTO versioned VALUES (1, 1);
        UPDATE versioned SET n = 2;
"""
SECOND = {
    "sqlite": """
        DROP TRIGGER loud; DROP VIEW authors;
        UPDATE posts SET body = 'gone';
        ALTER TABLE posts ADD COLUMN extra TEXT;
        CREATE TABLE later (id INTEGER PRIMARY KEY, post INTEGER REFERENCES posts (id));
        DELETE FROM "Us ers" WHERE id = 2;
    """,
    "postgresql": """
        DROP VIEW authors;
        ALTER TYPE app.mood ADD VALUE 'bored';
        ALTER TABLE app.posts ADD COLUMN extra text;
        CREATE SCHEMA later;
        CREATE TYPE later.kind AS ENUM ('a');
        CREATE TYPE pair AS (a integer, b later.kind);
        CREATE DOMAIN short AS text CHECK (length(VALUE) < 3);
        CREATE SEQUENCE apart;
        CREATE TABLE later.things (id serial PRIMARY KEY, post integer REFERENCES app.posts (id), kind later.kind);
        CREATE TABLE here (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, pair pair, short short);
        CREATE STATISTICS here_statistics ON id, short FROM here;
        CREATE VIEW newer AS SELECT * FROM app.posts;
        CREATE FUNCTION twice(n integer, VARIADIC more integer[]) RETURNS integer LANGUAGE sql AS 'SELECT n * 2';
        CREATE AGGREGATE summed (integer) (SFUNC = int4pl, STYPE = integer);
        CREATE PROCEDURE nothing() LANGUAGE sql AS '';
        CREATE OPERATOR === (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4eq);
        DELETE FROM "Us ers" WHERE id = 2;
    """,
    "mysql": """
        DROP VIEW again; DROP VIEW authors; DROP TRIGGER loud;
        UPDATE posts SET body = 'gone';
        ALTER TABLE posts ADD COLUMN extra TEXT, DROP FOREIGN KEY to_author;
        CREATE TABLE later (id INT PRIMARY KEY, post INT, CONSTRAINT to_author FOREIGN KEY (post) REFERENCES posts (id));
        CREATE VIEW newer AS SELECT * FROM later;
        CREATE TRIGGER louder BEFORE INSERT ON later FOR EACH ROW SET NEW.id = 3;
        CREATE PROCEDURE newest() SELECT 1;
        DELETE FROM `Us ers` WHERE id = 2;
    """,
}
SECOND["mariadb"] = f"{SECOND['mysql']} DROP SEQUENCE numbers; UPDATE versioned SET n = 9;"


@pytest.fixture(autouse=True)
def _programs(request: pytest.FixtureRequest) -> None:
    """The programs of MySQL and MariaDB on PATH, where a test needs them."""
    if "database_url" in request.fixturenames:
        request.getfixturevalue("dump_programs")


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Path:
    """One file applied, with rows; a second one pending."""
    engine = database_url.partition(":")[0]
    migrations = write_project(tmp_path, database_url)
    write_migration(migrations, "0001_first", textwrap.dedent(FIRST[engine]))
    run(tmp_path, "migrate")
    write_migration(migrations, "0002_second", textwrap.dedent(SECOND[engine]))
    return tmp_path


@pytest.fixture
def postgresql_project(tmp_path: Path, postgresql_url: str) -> Path:
    migrations = write_project(tmp_path, postgresql_url)
    write_migration(migrations, "0001_first", "CREATE TABLE first (n integer);")
    return tmp_path


@pytest.fixture
def sqlite_project(tmp_path: Path, sqlite_url: str) -> Path:
    migrations = write_project(tmp_path, sqlite_url)
    write_migration(migrations, "0001_first", "CREATE TABLE first (n INTEGER);")
    return tmp_path


def everything(url: str) -> list[str]:
    """The whole database as the engine's own program writes it, rows and history included, the lock left out."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(make_url(url).database or "")) as connection:
            return [line for line in connection.iterdump() if 'INSERT INTO "dbwarden_lock"' not in line]
    if url.startswith(("mysql", "mariadb")):
        return mysql_contents(url)
    argv = [pg_dump_binary(), "--exclude-table-data=dbwarden_lock", f"--dbname={url}"]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    return [line for line in done.stdout.splitlines() if not line.startswith(("\\restrict", "\\unrestrict"))]


def mysql_contents(url: str) -> list[str]:
    """What SHOW CREATE says of each object, and the checksum of each table with its history."""
    with mysql_family.connect(url) as connection:
        lines = [
            re.sub(
                r" AUTO_INCREMENT=\d+| CHARACTER SET utf8mb4",
                "",
                f"{item.kind} {item.name} {' '.join(item.sql.split())}",
            )
            for item in mysql_objects.objects(connection)
            if item.name != "dbwarden_lock"
        ]
        tables = mysql_objects.query(connection, "SHOW FULL TABLES WHERE Table_type = 'BASE TABLE'")
        for name in (row[0] for row in tables if row[0] != "dbwarden_lock"):
            lines.append(str(mysql_objects.query(connection, f"CHECKSUM TABLE {mysql_objects.quote(name)}")[0][1]))
        if "TABLE versioned " in "\n".join(lines):
            history = "SELECT id, n, row_start FROM versioned FOR SYSTEM_TIME ALL ORDER BY row_start"
            lines.append(str(mysql_objects.query(connection, history)))
    own = f"{mysql_objects.quote(make_url(url).database or '')}."
    return [line.replace(own, "") for line in lines]


def backups(folder: Path) -> list[Path]:
    """What looks like a backup, or like the beginning of one."""
    return sorted((folder / "backups").glob("*"))


def untouched(folder: Path, pending: int = 1) -> None:
    """Nothing was changed, nothing lies about, nobody holds the lock."""
    config = str(folder / "warden.py")
    assert backups(folder) == []
    status = dbwarden.status(config=config)
    assert (status.applied, status.pending, status.problems) == (0, pending, 0)
    assert not dbwarden.lock_status(config=config).active
    assert "first" not in [table.name for table in dbwarden.check_db(config=config).tables]


# -- there and back -----------------------------------------------------------------------------------------------


def test_restore_equals_before(project: Path, database_url: str) -> None:
    before, history = everything(database_url), run(project, "history")
    shown = run(project, "migrate", "--with-backup")
    (backup,) = backups(project)
    assert shown.startswith(f"Backup backups/{backup.name} (")
    assert backup.name.startswith("primary_0001_20") and backup.suffix in (".db", ".dump", ".sql")
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert stat.S_IMODE(backup.parent.stat().st_mode) == 0o700
    assert everything(database_url) != before

    refused = run(project, "restore", str(backup), code=5)
    assert "not empty" in refused and "--force" in refused
    restored = run(project, "restore", str(backup), "-d", "primary", "--force")
    assert f"Database primary: restored from backups/{backup.name} in " in restored
    assert restored.endswith("; 1 migration applied, the last version is 0001.\n")
    assert everything(database_url) == before
    assert run(project, "history") == history
    assert "1 applied, 1 pending" in run(project, "status")
    assert run(project, "lock-status") == "Migration lock: INACTIVE\n"

    after = run(project, "migrate", "--with-backup")
    assert "Applied 0002_second.sql" in after
    assert len(backups(project)) == 2


def test_restore_into_an_empty_database(project: Path, database_url: str, reference_url: str) -> None:
    before = everything(database_url)
    run(project, "migrate", "--with-backup")
    (backup,) = backups(project)
    other = project / "other"
    other.mkdir()
    write_project(other, reference_url)
    run(other, "restore", str(backup))
    assert everything(reference_url) == before


def test_nothing_to_migrate_no_backup(project: Path) -> None:
    run(project, "migrate")
    shown = run(project, "migrate", "--with-backup")
    assert shown == "Nothing to apply: database primary is up to date (2 applied). No backup was made.\n"
    run(project, "migrate", "--with-backup", "--dry-run")
    assert not (project / "backups").exists()


def test_places(project: Path) -> None:
    assert "--with-backup" in run(project, "migrate", "--backup-dir", "there", code=2)
    there = project / "deep" / "there"
    there.mkdir(parents=True, mode=0o755)
    run(project, "migrate", "--with-backup", "--backup-dir", "deep/there")
    assert len(list(there.iterdir())) == 1
    assert stat.S_IMODE(there.stat().st_mode) == 0o755


def test_a_failing_migration_after_its_backup(project: Path) -> None:
    write_migration(project / "migrations" / "primary", "0002_second", "CREATE TABLE x (n INTEGER);\nSELECT nonsense;")
    shown = run(project, "migrate", "--with-backup", code=1)
    assert "0002_second.sql" in shown and len(backups(project)) == 1


# -- refused restores ---------------------------------------------------------------------------------------------


def test_renamed_tables_of_the_tool_are_not_counted(tmp_path: Path, database_url: str) -> None:
    schema = {"history_schema": "audit"} if database_url.startswith("postgresql") else {}
    migrations = write_project(tmp_path, database_url, history_table="audit_migrations", **schema)
    write_migration(migrations, "0001_first", "CREATE TABLE first (id INTEGER);\nINSERT INTO first VALUES (1);")
    run(tmp_path, "migrate", "--with-backup")
    backup = sorted((tmp_path / "backups").iterdir())[0]
    output = run(tmp_path, "restore", str(backup), code=5)
    assert "1 table or view, 1 row, 1 migration applied" in output, output


def test_restore_refuses_what_is_no_backup(project: Path, database_url: str) -> None:
    before = everything(database_url)
    run(project, "migrate", "--with-backup", "--to-version", "0002")
    (backup,) = backups(project)
    after = everything(database_url)
    assert before != after
    whole = backup.read_bytes()
    other = b"PGDMP" if database_url.startswith("sqlite") else b"SQLite format 3\0"
    for content in (b"", b"CREATE TABLE x (id INTEGER);", other + bytes(5000), whole[: len(whole) // 2], whole[:-400]):
        (project / "bad").write_bytes(content)
        shown = run(project, "restore", "bad", "--force", code=2)
        assert "is not a backup of a" in shown and "Traceback" not in shown
    assert "No such file" in run(project, "restore", "nowhere.dump", "--force", code=2)
    assert everything(database_url) == after


def test_restore_refuses_while_the_lock_is_held(project: Path, database_url: str) -> None:
    run(project, "migrate", "--with-backup")
    (backup,) = backups(project)
    from dbwarden.api.connection import connect

    with connect(database_url) as conn:
        conn.execute("UPDATE dbwarden_lock SET locked = TRUE, token = 'x'")
    before = everything(database_url)
    assert "migration lock is held" in run(project, "restore", str(backup), "--force", code=3)
    assert "migration lock is held" in run(project, "restore", str(backup), code=3)
    assert everything(database_url) == before


def test_a_restore_that_fails_changes_nothing(postgresql_project: Path, postgresql_url: str, tmp_path: Path) -> None:
    run(postgresql_project, "migrate", "--with-backup")
    (backup,) = backups(postgresql_project)
    before = everything(postgresql_url)
    wrong = fake(tmp_path, "pg_restore", 'if [ "$1" = --clean ]; then {real} "$@" | head -c 3000; exit 1; fi')
    shown = run(postgresql_project, "restore", str(backup), "--force", code=1, PATH=wrong)
    assert "could not be restored: pg_restore ended with 1" in shown and "The database is as it was" in shown
    late = fake(tmp_path, "pg_restore", 'if [ "$1" = --clean ]; then {real} "$@"; echo "SELECT nonsense;"; exit; fi')
    shown = run(postgresql_project, "restore", str(backup), "--force", code=1, PATH=late)
    assert "psql ended with 3" in shown and 'column "nonsense" does not exist' in shown
    assert everything(postgresql_url) == before
    assert run(postgresql_project, "lock-status") == "Migration lock: INACTIVE\n"


KILLED_BEHIND_RENAME = """
import os, signal, sys
from dbwarden.cli import app
from dbwarden.runtime.connection import DatabaseConnection

execute = DatabaseConnection.execute

def killed(conn, sql, params=None):
    count = execute(conn, sql, params)
    if sql.startswith("RENAME TABLE"):
        os.kill(os.getpid(), signal.SIGKILL)
    return count

DatabaseConnection.execute = killed
app.run(sys.argv[1:])
"""


@pytest.mark.parametrize("engine", ["mysql", "mariadb"])
def test_status_shows_a_restore_that_was_killed(
    tmp_path: Path, engine: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind the RENAME TABLE the triggers are missing: also when the lock was released, until the restore is repeated."""
    url: str = request.getfixturevalue(f"{engine}_url")
    put_dump_programs_on_path(url, monkeypatch)
    migrations = write_project(tmp_path, url)
    trigger = "CREATE TRIGGER loud BEFORE INSERT ON t FOR EACH ROW SET NEW.n = 7;"
    write_migration(migrations, "0001_first", f"CREATE TABLE t (n INT);\n{trigger}")
    run(tmp_path, "migrate")
    write_migration(migrations, "0002_second", "CREATE TABLE u (n INT);")
    run(tmp_path, "migrate", "--with-backup")
    (backup,) = backups(tmp_path)
    (migrations / "0002_second.sql").unlink()
    assert "restore stopped" not in run(tmp_path, "status")
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_BEHIND_RENAME, "restore", str(backup), "--force"],
        cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    words = "Warning: A restore stopped before its end: the tables are all those from before or all those of the backup, and"
    repeat = "`dbwarden restore FILE -d primary --force`."
    assert rows(url, "SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE()") == []
    for _ in range(100):  # until the server has noticed
        if "gone" in run(tmp_path, "lock-status"):
            break
        time.sleep(0.1)
    shown = " ".join(run(tmp_path, "status").split())
    assert words in shown and f"Repeat it: `dbwarden unlock -d primary`, then {repeat}" in shown
    run(tmp_path, "unlock")
    shown = " ".join(run(tmp_path, "status", "--exit-code", code=4).split())
    assert words in shown and f"Repeat it: {repeat}" in shown
    assert json.loads(run(tmp_path, "status", "--json"))["restore"].startswith("A restore stopped")
    run(tmp_path, "restore", str(backup), "-d", "primary", "--force")
    assert "restore" not in run(tmp_path, "status", "--exit-code")
    assert rows(url, "SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE()") == [
        ("loud",)
    ]


def test_a_restore_that_is_killed_changes_nothing(
    postgresql_project: Path, postgresql_url: str, tmp_path: Path
) -> None:
    """``kill -9`` of this process: what reaches the server so far is never committed."""
    run(postgresql_project, "migrate", "--with-backup")
    (backup,) = backups(postgresql_project)
    before = everything(postgresql_url)
    stuck = fake(tmp_path, "pg_restore", 'if [ "$1" = --clean ]; then {real} "$@"; touch "$0.sent"; sleep 60; fi')
    process = subprocess.Popen(
        [*COMMAND, "restore", str(backup), "--force"], cwd=postgresql_project, env=environment(PATH=stuck),
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    for _ in range(150):
        if (tmp_path / "programs" / "pg_restore.sent").exists():
            break
        time.sleep(0.1)
    time.sleep(0.5)
    process.kill()
    process.wait()
    working = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'psql' AND datname = current_database()"
    for _ in range(100):
        if rows(postgresql_url, working) == [(0,)]:
            break
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGKILL)
    assert everything(postgresql_url) == before
    assert "who is gone" in run(postgresql_project, "restore", str(backup), "--force", code=3)
    run(postgresql_project, "unlock")
    run(postgresql_project, "restore", str(backup), "--force")


def test_a_newer_client_than_the_server(postgresql_project: Path, postgresql_url: str, tmp_path: Path) -> None:
    """pg_restore 17 says SET transaction_timeout, which older servers do not know."""
    run(postgresql_project, "migrate")
    before = everything(postgresql_url)
    write_migration(postgresql_project / "migrations" / "primary", "0002_second", "CREATE TABLE second (n integer);")
    run(postgresql_project, "migrate", "--with-backup")
    (backup,) = backups(postgresql_project)
    newer = fake(
        tmp_path, "pg_restore",
        'case "$1" in --version) echo "pg_restore (PostgreSQL) 17.2"; exit;;'
        ' --clean) echo "SET transaction_timeout = 0;"; {real} "$@"; exit;; esac',
    )  # fmt: skip
    run(postgresql_project, "restore", str(backup), "--force", PATH=newer)
    assert everything(postgresql_url) == before


def test_an_extension_stays(postgresql_project: Path, postgresql_url: str) -> None:
    """Who migrates may seldom make one; those that came after the backup go."""
    from dbwarden.api.connection import connect

    available = {row[0] for row in rows(postgresql_url, "SELECT name FROM pg_available_extensions")}
    if not {"pg_trgm", "citext"} <= available:
        missing("the server has no extensions pg_trgm and citext (Debian: postgresql-contrib)")
    with connect(postgresql_url) as conn:
        conn.execute("CREATE SCHEMA kept; CREATE EXTENSION pg_trgm SCHEMA kept; CREATE TABLE kept.t (n integer)")
    made = "SELECT oid FROM pg_extension WHERE extname = 'pg_trgm'"
    before, oid = rows(postgresql_url, "SELECT extname FROM pg_extension"), rows(postgresql_url, made)
    run(postgresql_project, "migrate", "--with-backup")
    (backup,) = backups(postgresql_project)
    with connect(postgresql_url) as conn:
        conn.execute("CREATE EXTENSION citext; CREATE TABLE kept.u (c citext); DROP TABLE kept.t")
    run(postgresql_project, "restore", str(backup), "--force")
    assert rows(postgresql_url, "SELECT extname FROM pg_extension") == before
    assert rows(postgresql_url, made) == oid
    assert rows(postgresql_url, "SELECT relname FROM pg_class WHERE relnamespace = 'kept'::regnamespace") == [("t",)]


# -- what is open meanwhile ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_sqlite_open_elsewhere(sqlite_project: Path, sqlite_url: str, mode: str) -> None:
    """Somebody has the file open, with or without a log: they see the restored database, and nothing lies beside it."""
    file = make_url(sqlite_url).database or ""
    with sqlite3.connect(file, isolation_level=None) as app:
        app.execute(f"PRAGMA journal_mode = {mode}")
        app.execute("CREATE TABLE rows (n)")
        app.execute("INSERT INTO rows VALUES (1)")
        run(sqlite_project, "migrate", "--with-backup")
        (backup,) = backups(sqlite_project)
        app.execute("INSERT INTO rows VALUES (2)")
        run(sqlite_project, "restore", str(backup), "--force")
        assert app.execute("SELECT n FROM rows").fetchall() == [(1,)]
        app.execute("INSERT INTO rows VALUES (3)")
        assert app.execute("PRAGMA journal_mode").fetchone() == (mode,)
    app.close()
    assert rows(sqlite_url, "SELECT n FROM rows") == [(1,), (3,)]
    assert [path.name for path in backups(sqlite_project)] == [backup.name]
    refused = run(sqlite_project, "restore", file, "--force", code=1)
    assert "it is the database itself" in refused


def test_sqlite_that_is_written_to_all_the_time(sqlite_project: Path, sqlite_url: str) -> None:
    with sqlite3.connect(make_url(sqlite_url).database or "", isolation_level=None) as app:
        app.execute("CREATE TABLE rows (n)")
        app.execute("BEGIN IMMEDIATE")
        app.execute("INSERT INTO rows VALUES (1)")
        shown = run(sqlite_project, "migrate", "--with-backup", "--lock-wait", "0", code=3)
        assert "Traceback" not in shown
        app.execute("COMMIT")
        run(sqlite_project, "migrate", "--with-backup")
    app.close()


# -- backups that cannot be made ----------------------------------------------------------------------------------


def fake(folder: Path, program: str, script: str) -> str:
    """A PATH that begins with a program of ours; ``{real}`` is the one that it stands for."""
    place = folder / "programs"
    place.mkdir(exist_ok=True)
    real = str(Path(pg_dump_binary()).with_name(program))
    body = script.replace("{real}", real)
    (place / program).write_text(f'#!/bin/sh\n{body}\nexec {real} "$@"\n')
    (place / program).chmod(0o755)
    return f"{place}:{os.environ['PATH']}"


def test_an_older_client(postgresql_project: Path, tmp_path: Path) -> None:
    path = fake(tmp_path, "pg_dump", 'echo "pg_dump (PostgreSQL) 9.6.24"; exit')
    shown = run(postgresql_project, "migrate", "--with-backup", code=1, PATH=path)
    assert "No backup could be made: " in shown and "is version 9.6.24, too old for a server of version" in shown
    assert "Hint: Nothing was changed. Let PATH begin with" in shown
    assert rows_of_history(postgresql_project) == []
    untouched(postgresql_project)


def rows_of_history(folder: Path) -> list[str]:
    return [line for line in run(folder, "history").splitlines() if line.startswith("20")]


def test_no_client(postgresql_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dbwarden import MigrateOptions, migrate
    from dbwarden.dialects.postgresql import backup
    from dbwarden.errors import BackupFailed

    monkeypatch.setattr(backup, "PLACES", "/nowhere/*/bin")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupFailed, match="pg_dump was found neither on PATH nor in /nowhere") as caught:
        migrate(config=str(postgresql_project / "warden.py"), options=MigrateOptions(with_backup=True))
    assert "Nothing was changed. Install the client programs" in (caught.value.hint or "")
    monkeypatch.undo()
    untouched(postgresql_project)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ('[ "$1" = --version ] || { echo "no luck" >&2; exit 1; }', "pg_dump ended with 1\n    no luck"),
        ('[ "$1" = --version ] || { kill -9 $$; }', "pg_dump was ended by SIGKILL"),
        ('[ "$1" = --version ] || exit 0', "pg_restore ended with 1"),
        ('[ "$1" = --version ] || { {real} "$@"; for a in "$@"; do case $a in --file=*) truncate -s -300 "${a#--file=}";;'
         ' esac; done; exit; }', "pg_restore ended with 1"),
    ],
    ids=["fails", "killed", "writes nothing", "cut off"],
)  # fmt: skip
def test_a_dump_that_fails(postgresql_project: Path, tmp_path: Path, script: str, reason: str) -> None:
    path = fake(tmp_path, "pg_dump", script)
    shown = run(postgresql_project, "migrate", "--with-backup", code=1, PATH=path)
    assert f"No backup could be made: {reason}" in shown and "Nothing was changed." in shown
    untouched(postgresql_project)


def _children(pid: int) -> list[int]:
    children: list[int] = []
    for of_thread in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):  # threads come and go
            children += map(int, of_thread.read_text().split())
    return children


def _dumping(folder: Path, path: str) -> tuple[subprocess.Popen[str], int]:
    """A ``migrate`` whose ``pg_dump`` runs, and its process."""
    process = subprocess.Popen(
        [*COMMAND, "migrate", "--with-backup"], cwd=folder, env=environment(PATH=path), text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    for _ in range(150):
        for child in _children(process.pid):
            with suppress(FileNotFoundError, ProcessLookupError):  # `pg_dump --version` ends at once
                if b"--format=custom" in Path(f"/proc/{child}/cmdline").read_bytes():
                    return process, child
        time.sleep(0.05)
    process.kill()
    raise AssertionError(process.communicate()[0])


@pytest.fixture
def slow(postgresql_project: Path, postgresql_url: str) -> Iterator[str]:
    """The real ``pg_dump``, waiting for a table that somebody else has locked."""
    if sys.platform != "linux":
        pytest.skip("finds pg_dump, its arguments and its environment in /proc, which only Linux has")
    from dbwarden.api.connection import connect

    with connect(postgresql_url) as conn:
        conn.execute("CREATE TABLE locked (n integer)")
        conn.begin()
        conn.execute("LOCK TABLE locked IN ACCESS EXCLUSIVE MODE")
        yield f"{Path(pg_dump_binary()).parent}:{os.environ['PATH']}"


@pytest.mark.parametrize(
    ("number", "code", "message"),
    [
        (signal.SIGKILL, 1, "No backup could be made: pg_dump was ended by SIGKILL"),
        (signal.SIGINT, 130, "Interrupted by SIGINT. No backup was made, and nothing was changed"),
        (signal.SIGTERM, 143, "Terminated by SIGTERM. No backup was made, and nothing was changed"),
    ],
)
def test_interrupted_dump(
    postgresql_project: Path, postgresql_url: str, slow: str, number: signal.Signals, code: int, message: str
) -> None:
    """The dump is killed, or this process is asked to stop. While it runs no list of processes shows the password."""
    process, child = _dumping(postgresql_project, slow)
    password = make_url(postgresql_url).password
    assert password
    for pid in (process.pid, child):
        assert password.encode() not in Path(f"/proc/{pid}/cmdline").read_bytes()
    assert password.encode() in Path(f"/proc/{child}/environ").read_bytes()
    assert [path.suffix for path in backups(postgresql_project)] == [".part"]
    os.kill(child if number is signal.SIGKILL else process.pid, number)
    output = process.communicate(timeout=20)[0]
    assert process.returncode == code, output
    assert message in output and password not in output
    untouched(postgresql_project)
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_killed_itself(postgresql_project: Path, slow: str) -> None:
    """``kill -9``: what is left does not look like a backup."""
    process, child = _dumping(postgresql_project, slow)
    process.kill()
    process.communicate()
    os.kill(child, signal.SIGKILL)
    assert [path.suffix for path in backups(postgresql_project)] == [".part"]
    assert "0 applied, 1 pending" in run(postgresql_project, "status")
    run(postgresql_project, "unlock", "--force")


def test_interrupted_sqlite(sqlite_project: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal between two steps of the online backup."""
    from dbwarden import MigrateOptions, migrate
    from dbwarden.dialects.sqlite import backup
    from dbwarden.errors import Interrupted

    with sqlite3.connect(make_url(sqlite_url).database or "") as app:
        app.execute("CREATE TABLE rows AS SELECT zeroblob(1000000) AS b")
    app.close()
    watch = backup._watch

    def interrupting(tools: Any) -> object:
        os.kill(os.getpid(), signal.SIGINT)
        return watch(tools)

    monkeypatch.setattr(backup, "_watch", interrupting)
    monkeypatch.setattr(backup, "PAGES", 10)
    with pytest.raises(Interrupted, match="No backup was made, and nothing was changed"):
        migrate(config=str(sqlite_project / "warden.py"), options=MigrateOptions(with_backup=True))
    untouched(sqlite_project)


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Path]:
    """A disk that is full at once."""
    folder = tmp_path / "backups"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode:
        pytest.skip("mounting a full disk needs root; test_file_size_limit stands for it")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def _with_much_in_it(url: str) -> None:
    from dbwarden import dialects
    from dbwarden.api.connection import connect
    from dbwarden.core.own_tables import OwnTables
    from dbwarden.runtime.layout import ensure_tables

    with connect(url) as conn:
        # Ours stand before it in the file, so that writing them meets no limit of its size.
        ensure_tables(conn, dialects.get(url.partition(":")[0]), OwnTables())
        if url.startswith("sqlite"):
            conn.execute("CREATE TABLE much AS SELECT randomblob(300000) AS b")
        elif url.startswith(("mysql", "mariadb")):
            conn.execute("CREATE TABLE much AS SELECT REPEAT('x', 300000) AS b")
        else:
            conn.execute(
                "CREATE TABLE much AS SELECT md5(i::text) || md5((i + 7)::text) FROM generate_series(1, 20000) i"
            )


@pytest.fixture
def empty_project(tmp_path: Path, database_url: str) -> Path:
    migrations = write_project(tmp_path, database_url)
    write_migration(migrations, "0001_first", "CREATE TABLE first (n INTEGER);")
    _with_much_in_it(database_url)
    return tmp_path


def test_full_disk(empty_project: Path, tiny: Path) -> None:
    shown = run(empty_project, "migrate", "--with-backup", code=1)
    assert "No backup could be made: " in shown and "Nothing was changed." in shown
    assert "No space left" in shown or "full" in shown
    untouched(empty_project)


def test_file_size_limit(empty_project: Path) -> None:
    """As a full disk, for those who may not mount."""
    size = 100_000
    program = (
        f"import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}));"
        " from dbwarden.cli.app import main; main(['migrate', '--with-backup'])"
    )
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=empty_project,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "No backup could be made: " in done.stderr and "Nothing was changed." in done.stderr
    untouched(empty_project)


def test_folder_that_cannot_be(empty_project: Path) -> None:
    (empty_project / "file").write_text("")
    for place, reason in (
        ("file", "file: File exists"),
        ("file/below", "file: "),
        ("/proc/nowhere", "/proc/nowhere: "),
    ):
        shown = run(empty_project, "migrate", "--with-backup", "--backup-dir", place, code=1)
        assert "No backup could be made: " in shown and reason in shown and "Nothing was changed." in shown
    untouched(empty_project)


def test_a_password_in_no_output(postgresql_project: Path, postgresql_url: str, tmp_path: Path) -> None:
    """Even where a program prints it itself."""
    password = str(make_url(postgresql_url).password)
    path = fake(
        tmp_path, "pg_dump", '[ "$1" = --version ] || { echo "I know $PGPASSWORD" >&2; echo "$@" >&2; exit 1; }'
    )
    shown = run(postgresql_project, "--debug", "migrate", "--with-backup", code=1, PATH=path)
    assert "I know ***" in shown and password not in shown


def test_with_psycopg2_words(postgresql_url: str) -> None:
    """What a connection says of itself is what the programs are told, quoted for libpq."""
    from dbwarden.api.connection import connect
    from dbwarden.dialects.postgresql.backup import _place

    quoted = f"{engine_url(postgresql_url)}?options=-c%20search_path%3Dpublic&sslmode=prefer"
    with connect(quoted) as conn:
        words, secret = _place(conn)
    url = make_url(postgresql_url)
    assert f"host={url.host}" in words and f"port={url.port}" in words and f"user={url.username}" in words
    assert "options='-c search_path=public'" in words and "password" not in words
    assert secret == {"PGPASSWORD": url.password}


def test_one_backup_each(tmp_path: Path, postgresql_url: str, sqlite_url: str) -> None:
    """``migrate --all --with-backup``: one that fails does not hide the other, and its database is not changed."""
    (tmp_path / "warden.py").write_text(
        "from dbwarden import database_config\n"
        f"a = database_config(database_name='primary', default=True, database_url_sync={sqlite_url!r})\n"
        f"b = database_config(database_name='analytics', database_url_sync={postgresql_url!r})\n"
    )
    for name in ("primary", "analytics"):
        (tmp_path / "migrations" / name).mkdir(parents=True)
        write_migration(tmp_path / "migrations" / name, "0001_first", "CREATE TABLE first (n INTEGER);")
    path = fake(tmp_path, "pg_dump", '[ "$1" = --version ] || exit 1')
    shown = run(tmp_path, "migrate", "--all", "--with-backup", code=1, PATH=path)
    assert "Failed for 1 of 2 databases: analytics" in shown
    assert [path.name.rpartition("_")[0] for path in backups(tmp_path)] == ["primary_0"]
    run(tmp_path, "migrate", "--all", "--with-backup")
    assert [path.name.rpartition("_")[0] for path in backups(tmp_path)] == ["analytics_0", "primary_0"]


def test_status_shows_a_restore_of_clickhouse_that_was_killed(tmp_path: Path, clickhouse_url: str) -> None:
    """In the middle of the exchanges: what was replaced is named, and the repeated restore clears all of it away."""
    migrations = write_project(tmp_path, clickhouse_url)
    table = "CREATE TABLE {} (n UInt8) ENGINE = MergeTree ORDER BY n; INSERT INTO {} VALUES (1);"
    write_migration(
        migrations, "0001_first", f"{table.format('a', 'a')} {table.format('b', 'b')} CREATE VIEW v AS SELECT n FROM a;"
    )
    run(tmp_path, "migrate")
    write_migration(migrations, "0002_second", table.format("c", "c"))
    run(tmp_path, "migrate", "--with-backup")
    (backup,) = backups(tmp_path)
    (migrations / "0002_second.sql").unlink()
    assert "restore stopped" not in run(tmp_path, "status")
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_BEHIND_RENAME.replace("RENAME TABLE", "EXCHANGE TABLES"), "restore", str(backup), "--force"],
        cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    ours = "comment LIKE '%' || currentDatabase()"
    names = f"SELECT name FROM system.databases WHERE startsWith(name, 'dbwarden_restore_') AND {ours}"
    ((staging,),) = rows(clickhouse_url, names)
    shown = " ".join(run(tmp_path, "status", "--exit-code", code=4).split())
    assert "A restore stopped before its end: each table is the one from before or the one of the backup" in shown
    assert f"what was replaced is in {staging} or has a name that begins with dbwarden_replaced_" in shown
    assert "Repeat it: `dbwarden unlock -d primary`, then `dbwarden restore FILE -d primary --force`." in shown
    run(tmp_path, "unlock", "--force")
    run(tmp_path, "restore", str(backup), "-d", "primary", "--force")
    assert "restore" not in run(tmp_path, "status", "--exit-code")
    assert rows(clickhouse_url, names) == []
    left = "SELECT name FROM system.tables WHERE database = currentDatabase() AND NOT match(name, '^dbwarden_(lock|mig|jour|seed)')"
    assert sorted(rows(clickhouse_url, left)) == [("a",), ("b",), ("v",)]
    assert rows(clickhouse_url, "SELECT n FROM v") == [(1,)]
