"""``migrate --sandbox`` and the proof of ``make-migrations``: what is tried out, what is caught, what is left behind."""

from __future__ import annotations

import os
import re
import tempfile
import time
from pathlib import Path

import pytest

import dbwarden
from dbwarden.core.dialect import SCRATCH_PREFIX
from dbwarden.dialects.base import docker_server
from dbwarden.dialects.base.local_server import LocalServer
from dbwarden.errors import NoScratch
from dbwarden.runtime import process, scratch_name
from tests.support.command import SLOW, rows, run, start, write_migration, write_project

pytestmark = pytest.mark.acceptance

MODELS = """
from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table

metadata = MetaData()
users = Table("users", metadata, Column("id", Integer, primary_key=True), Column("email", String(100)){users})
orders = Table(
    "orders", metadata, Column("id", Integer, primary_key=True), Column("user_id", ForeignKey("users.id"))
)
"""


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Path:
    """Two tables with rows, made by the tool; returns the folder of migrations."""
    migrations = write_project(tmp_path, database_url)
    (tmp_path / "models.py").write_text(MODELS.format(users=""))
    run(tmp_path, "make-migrations", "first")
    run(tmp_path, "migrate")
    write_migration(
        migrations,
        "0002_rows",
        "INSERT INTO users (id, email) VALUES (1, 'a@b'), (2, 'b@c'), (3, 'c@d');\n"
        "INSERT INTO orders (id, user_id) VALUES (10, 3), (11, 1);",
        "DELETE FROM orders;\nDELETE FROM users;",
    )
    run(tmp_path, "migrate", "--force")
    return migrations


def phone(folder: Path) -> None:
    (folder / "models.py").write_text(MODELS.format(users=', Column("phone", String(20))'))


def scratches(url: str) -> list[str]:
    """What a run has left on the server; other tests' runs that go on beside this one are none of our business."""
    if url.startswith("sqlite"):
        return []
    names = "schema_name FROM information_schema.schemata WHERE schema_name"
    databases = rows(
        url,
        f"SELECT {'datname FROM pg_database WHERE datname' if url.startswith('postgresql') else names}"
        " LIKE 'dbwarden_scratch_%'",
    )
    return [str(name) for (name,) in databases if scratch_name.is_abandoned(str(name))]


def table_of(output: str) -> list[list[str]]:
    lines = output.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("file "))
    return [re.split(r" {2,}", line) for line in lines[at + 1 :] if ".sql  " in line]


def test_what_is_generated_says_what_was_proved(tmp_path: Path, database_url: str, project: Path) -> None:
    phone(tmp_path)
    run(tmp_path, "make-migrations", "phone")
    text = (project / "0003_phone.sql").read_text()
    engine = database_url.partition(":")[0]
    assert re.match(
        rf"-- proven: {engine} [\d.]+, upgrade/rollback/upgrade, schema exact, data lost on rollback: users.phone; digest \w+\n\n",
        text,
    )
    assert scratches(database_url) == []
    shown = run(tmp_path, "migrate", "--sandbox")
    assert table_of(shown) == [["0003_phone.sql", "ok", "ok", "ok", "ok"]]
    assert "Models: equal\n" in shown and "all steps succeeded; it was only read" in shown
    assert "1 pending" in run(tmp_path, "status")
    assert scratches(database_url) == []


def test_no_proof(tmp_path: Path, project: Path) -> None:
    phone(tmp_path)
    run(tmp_path, "make-migrations", "phone", "--no-proof")
    assert (project / "0003_phone.sql").read_text().startswith("-- unproven: not tried out (--no-proof)\n")


def test_a_wrong_rollback_is_caught(tmp_path: Path, database_url: str, project: Path) -> None:
    phone(tmp_path)
    write_migration(
        project,
        "0003_phone",
        "ALTER TABLE users ADD COLUMN phone VARCHAR(20);",
        "UPDATE users SET email = email || 'x';",
    )
    shown = run(tmp_path, "migrate", "--sandbox", code=1)
    assert table_of(shown) == [["0003_phone.sql", "ok", "ok", "FAILED", "FAILED"]]
    assert "the rollback does not lead back: users: column phone VARCHAR(20) is there, and should not be" in shown
    assert "1 pending" in run(tmp_path, "status")
    assert scratches(database_url) == []


def test_a_statement_that_fails_is_named(tmp_path: Path, project: Path) -> None:
    write_migration(project, "0003_x", "CREATE TABLE t (n INTEGER);\n\nDROP TABLE nothing;", "DROP TABLE t;")
    shown = run(tmp_path, "migrate", "--sandbox", code=1)
    assert table_of(shown) == [["0003_x.sql", "FAILED", "-", "-", "-"]]
    assert "0003_x.sql:4: statement 2 of 2 failed" in shown


def test_models_are_compared(tmp_path: Path, project: Path) -> None:
    phone(tmp_path)
    write_migration(
        project, "0003_fax", "ALTER TABLE users ADD COLUMN phone VARCHAR(30);", "ALTER TABLE users DROP phone;"
    )
    shown = run(tmp_path, "migrate", "--sandbox", code=1)
    assert "Models: differ" in shown
    assert re.search(r"Failed: users\.phone: .*30.* instead of .*20", shown, re.IGNORECASE)


def test_sample_rows(tmp_path: Path, database_url: str, project: Path) -> None:
    """Two users and the order of one of them; and what does not come back is said."""
    write_migration(
        project, "0003_mail", "ALTER TABLE users DROP COLUMN email;", "ALTER TABLE users ADD COLUMN email VARCHAR(100);"
    )
    (tmp_path / "models.py").write_text(MODELS.format(users="").replace(', Column("email", String(100))', ""))
    shown = run(tmp_path, "migrate", "--sandbox", "--with-data", "2")
    assert ", with 3 rows\n" in shown
    assert "0003_mail.sql: the rollback does not bring back the data of users.email" in shown
    assert rows(database_url, "SELECT count(*) FROM users WHERE email IS NOT NULL") == [(3,)]
    # MySQL and MariaDB fill a new column that is NOT NULL with zeros.
    fails = (
        "MODIFY COLUMN email INTEGER" if database_url.startswith(("my", "maria")) else "ADD COLUMN n INTEGER NOT NULL"
    )
    write_migration(project, "0003_mail", f"ALTER TABLE users {fails};", "ALTER TABLE users DROP COLUMN n;")
    assert table_of(run(tmp_path, "migrate", "--sandbox", "--with-data", "2", code=1))[0][1] == "FAILED"


def test_counters_go_on_behind_the_sample(tmp_path: Path, project: Path) -> None:
    write_migration(
        project, "0003_more", "INSERT INTO users (email) VALUES ('d@e');", "DELETE FROM users WHERE email = 'd@e';"
    )
    shown = run(tmp_path, "migrate", "--sandbox", "--with-data", "5")
    assert ", with 5 rows\n" in shown and "all steps succeeded" in shown


def test_statements_outside_a_transaction(tmp_path: Path, postgresql_url: str) -> None:
    migrations = write_project(tmp_path, postgresql_url)
    (tmp_path / "models.py").write_text(MODELS.format(users=""))
    run(tmp_path, "make-migrations", "first")
    write_migration(
        migrations, "0002_index", "CREATE INDEX CONCURRENTLY ix ON users (email);", "DROP INDEX CONCURRENTLY ix;"
    )
    write_migration(migrations, "RA__touch", "UPDATE users SET email = lower(email) WHERE email IS NOT NULL;")
    shown = run(tmp_path, "migrate", "--sandbox", code=1)
    assert table_of(shown) == [
        ["0001_first.sql", "ok", "ok", "ok", "ok"],
        ["0002_index.sql", "ok", "ok", "ok", "ok"],
        ["RA__touch.sql", "ok", "-", "-", "ok"],
    ]
    assert "Models: differ" in shown and "users: index ix (email) is there, and should not be" in shown


def test_what_a_killed_run_leaves_the_next_one_removes(tmp_path: Path, postgresql_url: str) -> None:
    migrations = write_project(tmp_path, postgresql_url)
    write_migration(migrations, "0001_slow", SLOW["postgresql"])
    process = start(tmp_path, "migrate", "--sandbox")
    deadline = time.monotonic() + 20
    working = f"query LIKE 'SELECT pg_sleep%' AND datname LIKE 'dbwarden_scratch_%_{process.pid}_%'"
    while not (sessions := rows(postgresql_url, f"SELECT datname FROM pg_stat_activity WHERE {working}")):
        assert time.monotonic() < deadline and process.poll() is None, process.communicate()
        time.sleep(0.1)
    process.kill()
    process.communicate()
    left = str(sessions[0][0])
    assert scratch_name.is_abandoned(left)
    write_migration(migrations, "0001_slow", "CREATE TABLE t (n INTEGER);", "DROP TABLE t;")
    run(tmp_path, "migrate", "--sandbox")
    assert left not in scratches(postgresql_url)


def test_a_configured_sandbox_must_be_empty(tmp_path: Path, postgresql_url: str, postgresql_server: object) -> None:
    server, name = postgresql_server, f"box_{time.monotonic_ns()}"
    server.create_database(name)  # type: ignore[attr-defined]
    url = server.url(name)  # type: ignore[attr-defined]
    try:
        migrations = write_project(tmp_path, postgresql_url, sandbox_url=url)
        write_migration(migrations, "0001_t", "CREATE TABLE t (n INTEGER);", "DROP TABLE t;")
        assert "the configured sandbox" in run(tmp_path, "migrate", "--sandbox")
        assert rows(url, "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace") == []
        write_migration(migrations, "0001_t", "CREATE TABLE t (n INTEGER);\nSELECT 1/0;", "DROP TABLE t;")
        run(tmp_path, "migrate", "--sandbox", code=1)
        assert rows(url, "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace") == []
        _execute(url, "CREATE TABLE somebodys (n INTEGER)")
        assert "not empty: it contains table public.somebodys" in run(tmp_path, "migrate", "--sandbox", code=2)
        assert rows(url, "SELECT count(*) FROM somebodys") == [(0,)]
    finally:
        server.drop_database(name)  # type: ignore[attr-defined]


def test_a_private_server_where_no_database_may_be_made(
    tmp_path: Path, postgresql_url: str, postgresql_server: object
) -> None:
    role = f"poor_{time.monotonic_ns()}"
    _execute(postgresql_url, f"CREATE ROLE {role} LOGIN PASSWORD 'x'")
    _execute(postgresql_url, f"GRANT ALL ON SCHEMA public TO {role}")
    migrations = write_project(tmp_path, re.sub(r"//[^@]+@", f"//{role}:x@", postgresql_url))
    write_migration(migrations, "0001_t", f"CREATE TABLE t (n INTEGER);\nGRANT ALL ON t TO {role};", "DROP TABLE t;")
    shown = run(tmp_path, "migrate", "--sandbox")
    assert ", a private server\n" in shown and "all steps succeeded" in shown
    _execute(postgresql_url, f"DROP OWNED BY {role}")
    _execute(postgresql_url, f"DROP ROLE {role}")


def _execute(url: str, sql: str) -> None:
    from dbwarden.api.connection import connect

    with connect(url) as conn:
        conn.execute(sql)


def test_names_tell_whose_they_are() -> None:
    mine = scratch_name.new_name()
    assert len(mine) <= 63 and re.fullmatch(r"[a-z0-9_]+", mine)
    assert not scratch_name.is_abandoned(mine)
    host, pid, started, made, end = mine.removeprefix(SCRATCH_PREFIX).split("_")
    assert scratch_name.is_abandoned(f"{SCRATCH_PREFIX}{host}_{pid}_12345678_{made}_{end}")
    ticks = (process.started(os.getpid()) or "0").rpartition("/")[2]
    assert not scratch_name.is_abandoned(f"{SCRATCH_PREFIX}{host}_{pid}_{ticks}_{made}_{end}"), "of an earlier version"
    assert not scratch_name.is_abandoned(f"{SCRATCH_PREFIX}00000000_{pid}_{started}_{made}_{end}")
    assert scratch_name.is_abandoned(f"{SCRATCH_PREFIX}00000000_{pid}_{started}_5_{end}")
    assert not scratch_name.is_abandoned("dbwarden_scratch_of_somebody")


def test_a_private_server_of_a_killed_run_is_stopped(tmp_path: Path, postgresql_url: str) -> None:
    role = f"poor_{time.monotonic_ns()}"
    _execute(postgresql_url, f"CREATE ROLE {role} LOGIN PASSWORD 'x'")
    migrations = write_project(tmp_path, re.sub(r"//[^@]+@", f"//{role}:x@", postgresql_url))
    write_migration(migrations, "0001_slow", SLOW["postgresql"])
    process = start(tmp_path, "migrate", "--sandbox")
    pattern = f"{SCRATCH_PREFIX}*_{process.pid}_*"
    deadline = time.monotonic() + 30
    while not any("ready" in log.read_text() for log in Path(tempfile.gettempdir()).glob(f"{pattern}/log")):
        assert time.monotonic() < deadline and process.poll() is None, process.communicate()
        time.sleep(0.1)
    time.sleep(1)
    (folder,) = Path(tempfile.gettempdir()).glob(pattern)
    server = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    assert Path(f"/proc/{server}").exists()
    process.kill()
    process.communicate()
    write_migration(migrations, "0001_slow", "SELECT 1;", "SELECT 1;")
    run(tmp_path, "migrate", "--sandbox")
    assert not folder.exists()
    stat = Path(f"/proc/{server}/stat")
    assert not stat.exists() or ") Z " in stat.read_text()
    _execute(postgresql_url, f"DROP ROLE {role}")


TABLE = (
    "CREATE TABLE t (id INTEGER PRIMARY KEY, v VARCHAR(20) DEFAULT 'a' NOT NULL, w INTEGER);\nCREATE INDEX ix ON t (w);"
)
MOOD = "CREATE TYPE mood AS ENUM ('sad');\nCREATE TABLE m (v mood);\nCOMMENT ON TABLE m IS 'how they are';"
KEY = "CREATE TABLE p (id INTEGER PRIMARY KEY);\nCREATE TABLE c (id INTEGER CONSTRAINT fk REFERENCES p (id), n INTEGER"
KEY += " CONSTRAINT ck CHECK (n > 0));"
REBUILT = "CREATE TABLE t2 ({});\nINSERT INTO t2 SELECT * FROM t;\nDROP TABLE t;\nALTER TABLE t2 RENAME TO t;\n{}"
INDEX = "CREATE INDEX ix ON t (w);"
WRONG = {
    "default": (
        TABLE,
        "ALTER TABLE t ALTER v SET DEFAULT 'b';",
        "ALTER TABLE t ALTER v SET DEFAULT 'A';",
        "t.v: default 'A'",
    ),
    "no default": (TABLE, "ALTER TABLE t ALTER v DROP DEFAULT;", "SELECT 1;", "t.v: default 'a' is not there"),
    "type": (
        TABLE,
        "ALTER TABLE t ALTER v TYPE TEXT;",
        "ALTER TABLE t ALTER v TYPE VARCHAR(21);",
        "t.v: VARCHAR(21) instead of VARCHAR(20)",
    ),
    "not null": (
        TABLE,
        "ALTER TABLE t ALTER v DROP NOT NULL;",
        "SELECT 1;",
        "t.v: NULL instead of NOT NULL",
    ),
    "not valid": (
        KEY,
        "ALTER TABLE c DROP CONSTRAINT fk;",
        "ALTER TABLE c ADD CONSTRAINT fk FOREIGN KEY (id) REFERENCES p (id) NOT VALID;",
        "c: foreign key (id) → p(id): not valid true instead of false",
    ),
    "check not valid": (
        KEY,
        "ALTER TABLE c DROP CONSTRAINT ck;",
        "ALTER TABLE c ADD CONSTRAINT ck CHECK (n > 0) NOT VALID;",
        "c: check ck: not valid true instead of false",
    ),
    "enum value": (
        MOOD,
        "ALTER TYPE mood ADD VALUE 'ok';",
        "SELECT 1;",
        "enum mood: value 'ok' is there, and should not be",
    ),
    "comment": (MOOD, "COMMENT ON TABLE m IS NULL;", "SELECT 1;", "m: comment 'how they are' is not there"),
    "key's action": (
        KEY,
        "ALTER TABLE c DROP CONSTRAINT fk;",
        "ALTER TABLE c ADD CONSTRAINT fk FOREIGN KEY (id) REFERENCES p (id) ON DELETE CASCADE;",
        "c: foreign key (id) → p(id): ON DELETE CASCADE instead of NO ACTION",
    ),
    "sequence": (
        "CREATE SEQUENCE s INCREMENT 5;",
        "DROP SEQUENCE s;",
        "CREATE SEQUENCE s;",
        "sequence s: increment 1 instead of 5",
    ),
}
WRONG_SQLITE = {
    "default": (
        TABLE,
        REBUILT.format("id INTEGER PRIMARY KEY, v VARCHAR(20) DEFAULT 'b' NOT NULL, w INTEGER", INDEX),
        REBUILT.format("id INTEGER PRIMARY KEY, v VARCHAR(20) DEFAULT 'A' NOT NULL, w INTEGER", INDEX),
        "t.v: default 'A' instead of 'a'",
    ),
    "type": (
        TABLE,
        "ALTER TABLE t ADD COLUMN x INTEGER;",
        REBUILT.format("id INTEGER PRIMARY KEY, v VARCHAR(21) DEFAULT 'a' NOT NULL, w INTEGER", INDEX).replace(
            "*", "id, v, w"
        ),
        "t.v: VARCHAR(21) instead of VARCHAR(20)",
    ),
    "not null": (
        TABLE,
        "ALTER TABLE t ADD COLUMN x INTEGER;",
        REBUILT.format("id INTEGER PRIMARY KEY, v VARCHAR(20) DEFAULT 'a', w INTEGER", INDEX).replace("*", "id, v, w"),
        "t.v: NULL instead of NOT NULL",
    ),
    "check": (
        KEY,
        "ALTER TABLE c ADD COLUMN x INTEGER;",
        "DROP TABLE c;\nCREATE TABLE c (id INTEGER CONSTRAINT fk REFERENCES p (id), n INTEGER);",
        "c: check ck (n > 0) is not there",
    ),
    "foreign key": (
        KEY,
        "ALTER TABLE c ADD COLUMN x INTEGER;",
        "DROP TABLE c;\nCREATE TABLE c (id INTEGER, n INTEGER CONSTRAINT ck CHECK (n > 0));",
        "c: foreign key (id) → p(id) is not there",
    ),
    "collation": (
        TABLE,
        "ALTER TABLE t ADD COLUMN x INTEGER;",
        REBUILT.format(
            "id INTEGER PRIMARY KEY, v VARCHAR(20) DEFAULT 'a' NOT NULL COLLATE NOCASE, w INTEGER", INDEX
        ).replace("*", "id, v, w"),
        "t.v: collation nocase is there, and should not be",
    ),
}
WRONG_BOTH = {
    "index": (TABLE, "DROP INDEX ix;", "SELECT 1;", "t: index ix (w) is not there"),
    "another index": (
        TABLE,
        "DROP INDEX ix;",
        "CREATE UNIQUE INDEX ix ON t (w);",
        "t: index ix: unique instead of not unique",
    ),
    "table left": (
        TABLE,
        "CREATE TABLE more (id INTEGER);",
        "SELECT 1;",
        "table more is there, and should not be",
    ),
    "view": (
        "CREATE TABLE u (id INTEGER);\nCREATE VIEW seen AS SELECT id FROM u;",
        "DROP VIEW seen;",
        "CREATE VIEW seen AS SELECT id + 1 AS id FROM u;",
        "view seen",
    ),
}
MISTAKES = [
    *((engine, name) for engine in ("postgresql", "sqlite") for name in WRONG_BOTH),
    *(("postgresql", name) for name in WRONG),
    *(("sqlite", name) for name in WRONG_SQLITE),
]


@pytest.mark.parametrize(("database_url", "mistake"), MISTAKES, indirect=["database_url"])
def test_every_kind_of_wrong_rollback_is_caught(tmp_path: Path, database_url: str, mistake: str) -> None:
    """What comes back almost as it was."""
    engine = database_url.partition(":")[0]
    first, upgrade, rollback, message = (WRONG_BOTH | (WRONG if engine == "postgresql" else WRONG_SQLITE))[mistake]
    migrations = write_project(tmp_path, database_url)
    write_migration(migrations, "0001_first", first)
    run(tmp_path, "migrate", "--force")
    write_migration(migrations, "0002_second", upgrade, rollback)
    shown = run(tmp_path, "migrate", "--sandbox", code=1)
    assert table_of(shown)[0][:4] == ["0002_second.sql", "ok", "ok", "FAILED"], shown
    warnings = [line for line in shown.splitlines() if "the rollback does not lead back: " in line]
    assert any(message.lower() in line.lower() for line in warnings), shown


# -- what reaches beyond the scratch's database -----------------------------------------------------------------------

BEYOND = {
    "alter system": "ALTER SYSTEM SET work_mem = '5MB'",
    "role": "CREATE ROLE dbwarden_test_beyond",
    "database": "CREATE DATABASE dbwarden_test_beyond",
    "alter database": "ALTER DATABASE postgres SET work_mem = '5MB'",
    "file": "COPY (SELECT 1) TO '/tmp/dbwarden_test_beyond'",
    "program": "COPY (SELECT 1) TO PROGRAM 'cat > /dev/null'",
    "dynamic": "DO $$ BEGIN EXECUTE 'CREATE ROLE dbwarden' || '_test_beyond'; END $$",
}


def beyond(folder: Path, url: str, what: str, where: str) -> str:
    """A project with such a statement in one of the sections; returns its configuration."""
    migrations = write_project(folder, url)
    (folder / "models.py").write_text(MODELS.format(users=""))
    sections = [BEYOND[what] + ";", "SELECT 1;"]
    write_migration(migrations, "0001_beyond", *(sections if where == "upgrade" else sections[::-1]))
    return str(folder / "warden.py")


def untouched(url: str) -> bool:
    made = rows(
        url,
        "SELECT rolname FROM pg_roles WHERE rolname ~ 'test_beyond' UNION ALL"
        " SELECT datname FROM pg_database WHERE datname ~ 'test_beyond' UNION ALL"
        " SELECT name FROM pg_file_settings WHERE name = 'work_mem' UNION ALL"
        " SELECT 'setting' FROM pg_db_role_setting WHERE setconfig::text ~ 'work_mem'",
    )
    return not made and not Path("/tmp/dbwarden_test_beyond").exists()


@pytest.mark.parametrize("where", ["upgrade", "rollback"])
@pytest.mark.parametrize("what", BEYOND)
def test_what_reaches_beyond_its_database_runs_on_no_shared_server(
    tmp_path: Path, postgresql_url: str, what: str, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without PostgreSQL's programs and Docker there is nowhere else to run it."""
    config = beyond(tmp_path, postgresql_url, what, where)
    monkeypatch.setattr(LocalServer, "installed", lambda server: {})
    monkeypatch.setattr(docker_server.shutil, "which", lambda name: None)
    for attempt in (
        lambda: dbwarden.migrate(config=config, options=dbwarden.MigrateOptions(sandbox=True)),
        lambda: dbwarden.prove("1", config=config),
    ):
        with pytest.raises(NoScratch) as caught:
            attempt()
        message = caught.value.message
        assert "a temporary database on the same server: not used, since 0001_beyond.sql:" in message
        assert re.search("reach(es)? beyond its database", message)
    assert untouched(postgresql_url)


@pytest.mark.parametrize("what", ["role", "dynamic"])
def test_what_reaches_beyond_its_database_runs_on_a_server_of_its_own(
    tmp_path: Path, postgresql_url: str, what: str
) -> None:
    config = beyond(tmp_path, postgresql_url, what, "upgrade")
    try:
        report = dbwarden.migrate(config=config, options=dbwarden.MigrateOptions(sandbox=True)).sandbox
    except NoScratch:
        pytest.skip("PostgreSQL's programs are not installed, and Docker has no image")
    assert report is not None and report.kind in ("a private server", "a container")
    assert report.files[0].upgrade == "ok" and untouched(postgresql_url)


def test_a_configured_sandbox_is_shared_too(
    tmp_path: Path, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = beyond(tmp_path, postgresql_url, "role", "upgrade")
    text = (tmp_path / "warden.py").read_text()
    (tmp_path / "warden.py").write_text(
        text.replace("model_paths", f"sandbox_url={postgresql_url + '_scratch'!r}, model_paths")
    )
    monkeypatch.setattr(LocalServer, "installed", lambda server: {})
    monkeypatch.setattr(docker_server.shutil, "which", lambda name: None)
    with pytest.raises(NoScratch, match="the configured sandbox: not used, since"):
        dbwarden.migrate(config=config, options=dbwarden.MigrateOptions(sandbox=True))


def test_sqlite_writes_no_other_file(tmp_path: Path, sqlite_url: str) -> None:
    migrations = write_project(tmp_path, sqlite_url)
    (tmp_path / "models.py").write_text(MODELS.format(users=""))
    write_migration(migrations, "0001_beyond", f"VACUUM INTO '{tmp_path}/other.db';")
    output = run(tmp_path, "migrate", "--sandbox", code=1)
    assert "beyond its database" in output and not (tmp_path / "other.db").exists()
