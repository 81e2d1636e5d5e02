"""Fleets: many databases or schemas with one folder of migrations, on real PostgreSQL and SQLite."""

from __future__ import annotations

import gc
import json
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from dbwarden.api import fleet as fleets
from dbwarden.api.fleet_results import TargetResult
from dbwarden.api.fleet_run import FleetOptions
from dbwarden.api.fleet_targets import open_fleet
from dbwarden.api.migration_session import MigrationSession
from tests.support.command import run, start, write_migration

TARGETS = 12
MODELS = """
from sqlalchemy import Column, Integer, MetaData, Table, Text
metadata = MetaData()
Table("users", metadata, Column("id", Integer, primary_key=True, autoincrement=False), Column("email", Text))
"""
USERS = ("CREATE TABLE users (id INTEGER PRIMARY KEY);", "DROP TABLE users;")
EMAIL = ("ALTER TABLE users ADD COLUMN email TEXT;", "ALTER TABLE users DROP COLUMN email;")


@dataclass(frozen=True)
class Project:
    """A project with the fleet ``tenants``, and the means to touch its targets behind its back."""

    folder: Path
    migrations: Path
    execute: Callable[[str, str], list[tuple[Any, ...]]]
    """Run a statement in the target of that name."""
    busy: str
    """Statement that runs for about a tenth of a second."""

    def tables(self, target: str) -> set[str]:
        return {
            str(row[0])
            for row in self.execute(target, "TABLES")
            if not str(row[0]).startswith(("dbwarden_", "sqlite_"))
        }

    def report(self, *argv: str, code: int = 0) -> dict[str, Any]:
        shown: dict[str, Any] = json.loads(run(self.folder, "--json", *argv, "--fleet", "tenants", code=code))
        return shown


def names(count: int = TARGETS) -> list[str]:
    return [f"t{at:02}" for at in range(1, count + 1)]


def write(folder: Path, **settings: Any) -> Path:
    keywords = "".join(f", {key}={value!r}" for key, value in settings.items())
    (folder / "warden.py").write_text(
        f"from dbwarden import database_config\ndatabase_config(database_name='tenants', model_paths=['models.py']{keywords})\n"
    )
    (folder / "models.py").write_text(MODELS)
    migrations = folder / "migrations" / "tenants"
    migrations.mkdir(parents=True, exist_ok=True)
    write_migration(migrations, "0001_users", *USERS)
    return migrations


def schemas_project(folder: Path, url: str) -> Project:
    """A fleet of schemas of one PostgreSQL database."""
    plain = url.replace("+psycopg", "")

    def execute(target: str, sql: str) -> list[tuple[Any, ...]]:
        sql = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()" if sql == "TABLES" else sql
        with psycopg.connect(plain, autocommit=True) as conn:
            conn.execute(f'SET search_path = "{target}"')
            cursor = conn.execute(sql)
            return cursor.fetchall() if cursor.description else []

    with psycopg.connect(plain, autocommit=True) as conn:
        for name in names():
            conn.execute(f"CREATE SCHEMA {name}")
    query = "SELECT nspname FROM pg_namespace WHERE nspname ~ '^t[0-9]+$' ORDER BY nspname"
    return Project(folder, write(folder, database_url_sync=url, schemas_from=query), execute, "SELECT pg_sleep(0.12);")


def files_project(folder: Path) -> Project:
    """A fleet of SQLite files, listed in a file."""

    def execute(target: str, sql: str) -> list[tuple[Any, ...]]:
        sql = "SELECT name FROM sqlite_master WHERE type = 'table'" if sql == "TABLES" else sql
        conn = sqlite3.connect(folder / f"{target}.db", isolation_level=None)
        try:
            return conn.execute(sql).fetchall()
        finally:
            conn.close()

    (folder / "tenants.txt").write_text("".join(f"sqlite:///{name}.db\n" for name in names()))
    busy = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250000) SELECT max(i) FROM n;"
    return Project(folder, write(folder, urls_from="tenants.txt", database_type="sqlite"), execute, busy)


@pytest.fixture(params=["postgresql", "sqlite"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Project:
    if request.param == "sqlite":
        return files_project(tmp_path)
    return schemas_project(tmp_path, request.getfixturevalue("postgresql_url"))


def test_two_broken_targets_and_a_killed_run(project: Project) -> None:
    """A run is killed, what it held is released, and the next ones go on where it stopped; two targets that are broken stop
    nobody else."""
    for broken in ("t05", "t09"):
        project.execute(broken, "CREATE TABLE users (id INTEGER, note TEXT)")
    write_migration(project.migrations, "0002_slow", project.busy)
    process = start(project.folder, "migrate", "--fleet", "tenants", "--jobs", "2")
    while not project.tables("t04"):
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=20)
    left = [name for name in names() if "users" not in project.tables(name)]
    assert len(left) >= 5, "it was killed in the middle"

    standing = project.report("status")
    assert standing["total"] == TARGETS and standing["counts"]["up to date"] >= 1
    assert standing["counts"]["pending"] >= len(left) - 1
    stopped = project.report("migrate", "--jobs", "4", "--lock-wait", "0", code=1)
    held = [
        target["target"] for target in stopped["targets"] if target["error"] and target["error"]["code"] == "LockHeld"
    ]
    assert 1 <= len(held) <= 2, "only what was under way is locked"
    failed = [target["target"] for target in stopped["targets"] if target["state"] == "failed"]
    assert sorted({*held, "t05", "t09"}) == failed, "each failure stays with its target"
    released = project.report("unlock")["counts"]
    assert 2 >= released["released"] >= len(held) and sum(released.values()) == TARGETS

    last = project.report("migrate", code=1)
    assert last["counts"] == {"up to date": TARGETS - 2 - len(held), "applied": len(held), "failed": 2}
    alike = next(group for group in last["groups"] if group["state"] == "failed")
    assert alike["targets"] == ["t05", "t09"], "equal troubles are one group"
    for name in ("t05", "t09"):
        project.execute(name, "DROP TABLE users")
    assert project.report("migrate")["counts"] == {"up to date": TARGETS - 2, "applied": 2}
    assert project.report("status", "--exit-code")["counts"] == {"up to date": TARGETS}
    shown = run(project.folder, "status", "--fleet", "tenants")
    assert "12 up to date" in shown and "0002" in shown and len(shown.splitlines()) == 3, "one screen"


def test_waves_stop_behind_a_failure_and_go_on_later(project: Project) -> None:
    project.execute("t01", "CREATE TABLE users (id INTEGER)")
    shown = run(project.folder, "migrate", "--fleet", "tenants", "--wave", "1,50%,100%", code=1)
    assert "Wave 1 of 3: 1 target" in shown and "Wave 2" not in shown
    assert "1 failed" in shown and "11 not started" in shown and "Too many targets failed" in shown
    project.execute("t01", "DROP TABLE users")
    for name in ("t03", "t04", "t11"):
        project.execute(name, "CREATE TABLE users (id INTEGER)")
    report = project.report("migrate", "--wave", "1,50%,100%", "--stop-on", "50%", "--jobs", "1", code=1)
    assert report["counts"] == {"applied": 9, "failed": 3} and not report["stopped"], "fewer than half of each wave"
    assert [target["wave"] for target in report["targets"]] == [1] + 5 * [2] + 6 * [3]
    report = project.report("migrate", "--stop-on", "2", "--jobs", "1", code=1)
    assert report["stopped"] and report["counts"] == {"up to date": 2, "failed": 2, "not started": 8}
    for name in ("t03", "t04", "t11"):
        project.execute(name, "DROP TABLE users")
    assert project.report("migrate", "--only", "t1*")["counts"] == {"up to date": 2, "applied": 1}
    first, second = (project.report("migrate", "--shard", shard) for shard in ("1/2", "2/2"))
    assert first["selected"] + second["selected"] == TARGETS == first["total"]
    assert project.report("status")["counts"] == {"up to date": TARGETS}
    assert project.report("migrate", "--wave", "1")["counts"] == {"up to date": 1, "not started": 11}, (
        "the canary alone"
    )


def test_a_signal_lets_statements_end_and_the_next_run_goes_on(project: Project) -> None:
    for number in range(2, 5):
        write_migration(project.migrations, f"{number:04}_slow", project.busy)
    process = start(project.folder, "migrate", "--fleet", "tenants", "--jobs", "2")
    while not project.tables("t02"):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=20)
    assert process.returncode == 130, output
    assert "not started" in output and "Interrupted by SIGINT" in output, output
    assert " interrupted" in output, "what was under way did not run to its end"
    assert project.report("unlock")["counts"] == {"not locked": TARGETS}, "no lock stays behind"
    assert project.report("migrate")["counts"].keys() <= {"up to date", "applied"}


def test_drift_is_grouped_and_a_rollback_goes_to_one_version(project: Project) -> None:
    write_migration(project.migrations, "0002_email", *EMAIL)
    run(project.folder, "migrate", "--fleet", "tenants")
    assert project.report("diff", "--exit-code")["counts"] == {"equal": TARGETS}
    project.execute("t02", "ALTER TABLE users ADD COLUMN phone TEXT")
    project.execute("t07", "ALTER TABLE users ADD COLUMN phone TEXT")
    project.execute("t08", "DROP TABLE users")
    shown = run(project.folder, "diff", "--fleet", "tenants", "--exit-code", code=4)
    assert "9 equal, 3 different" in shown
    assert "2 differ in this way: t02, t07\n  users: drop column phone" in shown, shown
    assert "1 differs in this way: t08\n  add table users (id, email)" in shown, shown
    project.execute("t08", "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT)")
    run(project.folder, "rollback", "-d", "tenants@t03", "--to-version", "0001", "--force")
    problem = run(project.folder, "rollback", "--fleet", "tenants", code=2)
    assert "rollback needs --to-version" in problem
    project.execute("t04", "INSERT INTO users (id, email) VALUES (1, 'a@b.c')")
    planned = run(project.folder, "rollback", "--fleet", "tenants", "--to-version", "1", "--dry-run")
    assert planned.count("DROP COLUMN email") == 1 and "11 would run, " in planned.replace("1 up to date, 11", "11"), (
        planned
    )
    report = project.report("rollback", "--to-version", "0001", code=1)
    assert report["counts"] == {"up to date": 1, "rolled back": 10, "failed": 1}
    (refused,) = [target for target in report["targets"] if target["error"]]
    assert (refused["target"], refused["error"]["code"], refused["error"]["exit_code"]) == ("t04", "UnsafeRollback", 5)
    standing = project.report("status")
    assert [(group["state"], group["version"], len(group["targets"])) for group in standing["groups"]] == [
        ("up to date", "0002", 1), ("pending", "0001", 11),
    ]  # fmt: skip


def test_one_target_is_a_database_of_its_own(project: Project) -> None:
    """Every command takes it, and what it suggests names it."""
    project.execute("t01", "CREATE TABLE users (id INTEGER)")
    problem = run(project.folder, "status", code=2)
    assert "is a fleet of many targets" in problem and "-d tenants@TARGET" in problem
    assert "did you mean 't12'" in run(project.folder, "status", "-d", "tenants@t122", code=2)
    assert "1 migration applied" in run(project.folder, "migrate", "-d", "tenants@t02")
    assert "Database tenants@t02: 1 applied, 0 pending" in run(project.folder, "status", "-d", "tenants@t02")
    assert "Database tenants@t03: 0 applied, 1 pending" in run(project.folder, "status", "-d", "tenants@t03")
    made = run(project.folder, "make-migrations", "email", "-d", "tenants@t02")
    text = (project.migrations / "0002_email.sql").read_text()
    assert "ALTER TABLE users ADD COLUMN email TEXT" in text and "t02" not in text, (made, text)
    assert text.startswith("-- proven"), made
    run(project.folder, "migrate", "-d", "tenants@t02")
    assert "users" in run(project.folder, "snapshot", "users", "-d", "tenants@t02")
    assert project.tables("t03") == set()
    run(project.folder, "export-models")  # what needs no database needs no target
    assert "12 targets are listed" in run(project.folder, "doctor")
    assert "The database was not asked: The database 'tenants' is a fleet" in run(project.folder, "check", "0002")
    assert "0003_more.sql" in run(project.folder, "new", "more")
    (project.migrations / "0003_more.sql").rename(project.migrations / "0002_more.sql")
    shown = run(project.folder, "renumber")
    assert "0002_more.sql" in shown and "0003_more.sql" in shown, "the other one is applied in one of the targets"
    (project.migrations / "0003_more.sql").unlink()
    (project.folder / "warden.py").write_text(
        (project.folder / "warden.py").read_text().replace("model_paths", "reference_target='t02', model_paths")
    )
    assert "tenants@t02: 2 applied" in run(project.folder, "status")


@pytest.mark.parametrize("option", ["--sandbox", "--with-backup", "--dev", "--all"])
def test_options_that_are_for_one_database(tmp_path: Path, option: str) -> None:
    files_project(tmp_path)
    assert "--fleet" in run(tmp_path, "migrate", "--fleet", "tenants", option, code=2).replace(
        "a fleet", "--fleet"
    ).replace("one target", "--fleet")
    assert "--jobs must be at least 1" in run(tmp_path, "migrate", "--fleet", "tenants", "--jobs", "0", code=2)
    assert "--stop-on: 'x' is neither" in run(tmp_path, "migrate", "--fleet", "tenants", "--stop-on", "x", code=2)
    assert "no target that matches 'acme'" in run(tmp_path, "migrate", "--fleet", "tenants", "--only", "acme", code=2)


# -- schemas ------------------------------------------------------------------------------------------------------


def test_files_that_name_a_schema_are_refused(tmp_path: Path, postgresql_url: str) -> None:
    project = schemas_project(tmp_path, postgresql_url)
    write_migration(
        project.migrations, "0002_a", "CREATE TABLE t01.orders (id INTEGER);\nSET search_path = t02;", "SELECT 1;"
    )
    report = project.report("migrate", code=1)
    assert report["counts"] == {"failed": TARGETS} and len(report["groups"]) == 1
    error = report["targets"][0]["error"]
    assert (error["code"], error["exit_code"]) == ("QualifiedNames", 5)
    assert (
        "0002_a.sql:2: create table table t01.orders" in error["message"] and "changes search_path" in error["message"]
    ), error
    assert all(not project.tables(name) for name in names()), "nothing was changed"
    assert project.report("migrate", "--force", "--only", "t01")["counts"] == {"applied": 1}


def test_a_schema_that_is_not_there_is_no_other_one(tmp_path: Path, postgresql_url: str) -> None:
    """Nothing falls through to a schema behind it in the search path, neither tables nor history."""
    project = schemas_project(tmp_path, postgresql_url)
    write(tmp_path, database_url_sync=postgresql_url)
    run(tmp_path, "migrate")  # a history of the same name in a schema behind those of the targets
    write(tmp_path, database_url_sync=postgresql_url, schemas_from=["t01", "Gone Ltd."], shared_schemas=["public"])
    project.execute("public", "CREATE FUNCTION twice(n integer) RETURNS integer LANGUAGE sql AS 'SELECT 2 * n'")
    write_migration(
        project.migrations, "0002_shared", "CREATE TABLE made AS SELECT twice(2) AS four;", "DROP TABLE made;"
    )
    report = project.report("migrate", code=1)
    assert report["counts"] == {"applied": 1, "failed": 1}
    assert (
        report["targets"][1]["error"]["message"]
        == "The schema 'Gone Ltd.' of tenants@Gone Ltd. cannot be used: it does not exist"
    )
    assert project.tables("t01") == {"users", "made"} and project.tables("public") == {"users"}
    assert project.execute("public", "SELECT count(*) FROM public.dbwarden_migrations") == [(1,)], "nor history"
    project.execute("public", 'CREATE SCHEMA "Gone Ltd."')
    assert project.report("migrate")["counts"] == {"up to date": 1, "applied": 1}
    assert project.tables("Gone Ltd.") == {"users", "made"}
    assert project.report("status")["counts"] == {"up to date": 2}
    problem = run(tmp_path, "migrate", "-d", "tenants@t01", "--with-backup", "--to-version", "0002")
    assert "Nothing to apply" in problem
    write_migration(project.migrations, "0003_c", "CREATE TABLE c (id INTEGER);", "DROP TABLE c;")
    assert "the whole database, with the schemas of all targets" in run(
        tmp_path, "migrate", "-d", "tenants@t01", "--with-backup", code=1
    )


def test_targets_that_share_connections_share_nothing_else(tmp_path: Path, postgresql_url: str) -> None:
    """What a file changes in its session, or leaves there, ends with its target."""
    project = schemas_project(tmp_path, postgresql_url)
    write_migration(
        project.migrations, "0002_session",
        "DO $$ BEGIN IF EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 7) THEN\n"
        "RAISE EXCEPTION 'left behind'; END IF; END $$;\n"
        "CREATE TEMPORARY TABLE left_behind (id INTEGER);\nSET work_mem = '3MB';\nSELECT pg_advisory_lock(7);\n"
        "PREPARE answer AS SELECT 42;\nCREATE TABLE seen AS SELECT current_schema() AS home;",
    )  # fmt: skip
    opened = open_fleet("tenants", str(tmp_path / "warden.py"))
    run(tmp_path, "migrate", "--fleet", "tenants", "--jobs", "1", "--force")
    assert [project.execute(name, "SELECT home FROM seen") for name in names()] == [[(name,)] for name in names()]
    assert len(opened.targets) == TARGETS


def test_through_a_pooler_names_belong_to_the_target(tmp_path: Path, pooler: Any) -> None:
    """A session of the pooler has no settings of ours: each transaction has the search path, and what cannot run in one fails."""
    project = schemas_project(tmp_path, pooler.direct)
    query = "SELECT nspname FROM pg_namespace WHERE nspname ~ '^t[0-9]+$' ORDER BY nspname"
    write(tmp_path, database_url_sync=pooler.url, schemas_from=query)
    assert project.report("migrate")["counts"] == {"applied": TARGETS}
    assert all(project.tables(name) == {"users"} for name in names()) and project.tables("public") == set()
    write_migration(project.migrations, "0002_index", "CREATE INDEX CONCURRENTLY ix ON users (id);", "DROP INDEX ix;")
    report = project.report("migrate", "--only", "t01", code=1)
    assert "CREATE INDEX CONCURRENTLY cannot run inside a transaction block" in report["targets"][0]["error"]["message"]


def test_databases_of_one_server_by_name(tmp_path: Path, mariadb_url: str) -> None:
    """On an engine whose schemas are databases, a target is a database."""
    home = mariadb_url.rpartition("/")[2].partition("?")[0]
    migrations = write(
        tmp_path, database_url_sync=mariadb_url, database_type="mariadb", schemas_from=[home, "no_such_database"]
    )
    write_migration(migrations, "0002_a", f"CREATE TABLE {home}.orders (id INTEGER);", "DROP TABLE orders;")
    report = json.loads(run(tmp_path, "--json", "migrate", "--fleet", "tenants", code=1))
    states = {target["target"]: (target["state"], target["error"]["code"]) for target in report["targets"]}
    assert states == {home: ("failed", "QualifiedNames"), "no_such_database": ("unreachable", "ConnectionFailed")}
    (migrations / "0002_a.sql").unlink()
    report = json.loads(run(tmp_path, "--json", "migrate", "--fleet", "tenants", code=1))
    assert report["counts"] == {"applied": 1, "unreachable": 1}


# -- a control database -------------------------------------------------------------------------------------------


def test_a_query_on_a_control_database(tmp_path: Path) -> None:
    """The query runs read-only; passwords that it returns never show; a broken row is named."""
    with _control(tmp_path) as control:
        control.executemany("INSERT INTO tenants VALUES (?, ?)", [("a", "sqlite:///a.db"), ("b", "sqlite:///b.db")])
    report = json.loads(run(tmp_path, "--json", "migrate", "--fleet", "tenants"))
    assert [target["target"] for target in report["targets"]] == ["a", "b"]
    with _control(tmp_path) as control:
        control.executemany(
            "INSERT INTO tenants VALUES (?, ?)",
            [("c", "postgresql://u:hunter2@h/c"), ("d", None), ("e", "nonsense hunter2@x"), ("f", "sqlite:///./a.db")],
        )
    shown = run(tmp_path, "migrate", "--fleet", "tenants", code=2) + run(
        tmp_path, "--debug", "status", "--fleet", "tenants", code=2
    )
    assert "hunter2" not in shown, shown
    assert "row 3 of the query on control: database_type is sqlite, but the target is a URL for postgresql" in shown
    assert "row 4 of the query on control, which is neither a text nor a name and a text" in shown
    with _control(tmp_path) as control:
        control.execute("DELETE FROM tenants")
    assert "has no target: the query on control returned no row" in run(
        tmp_path, "status", "--fleet", "tenants", code=2
    )


@contextmanager
def _control(folder: Path) -> Iterator[sqlite3.Connection]:
    if not (folder / "warden.py").exists():
        write(folder)
        (folder / "warden.py").write_text(
            "from dbwarden import database_config\n"
            "database_config(database_name='control', default=True, database_url_sync='sqlite:///control.db')\n"
            "database_config(database_name='tenants', database_type='sqlite', control_database='control',\n"
            "    urls_from='SELECT name, dsn FROM tenants ORDER BY name', model_paths=['models.py'])\n"
        )
    conn = sqlite3.connect(folder / "control.db", isolation_level=None)
    conn.execute("CREATE TABLE IF NOT EXISTS tenants (name TEXT, dsn TEXT)")
    yield conn
    conn.close()


def test_memory_does_not_grow_with_the_targets(tmp_path: Path) -> None:
    """What a target needed is gone soon after it, although the command collects no garbage by itself."""
    write(tmp_path, urls_from=[f"sqlite:///{at}.db" for at in range(4 * fleets.COLLECTED)], database_type="sqlite")
    alive: list[int] = []

    def count(_: TargetResult) -> None:
        if len(alive) % 10 == 0:
            alive.append(sum(isinstance(item, MigrationSession) for item in gc.get_objects()))
        else:
            alive.append(0)

    gc.collect()
    gc.disable()
    try:
        config = str(tmp_path / "warden.py")
        report = fleets.migrate_fleet("tenants", config=config, events=fleets.FleetEvents(on_result=count))
    finally:
        gc.enable()
    assert report.counts == {"applied": 4 * fleets.COLLECTED}
    assert max(alive) <= fleets.COLLECTED + 2 * FleetOptions().jobs, alive
