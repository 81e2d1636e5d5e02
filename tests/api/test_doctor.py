"""doctor, on servers and accounts that hinder migrations."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

import dbwarden
from dbwarden.cli.app import run
from dbwarden.dialects.base import health
from dbwarden.dialects.mysql.health import _covers
from tests.servers import engine_url
from tests.support.project import Project

MODELS = """
import sqlalchemy as sa
metadata = sa.MetaData()
sa.Table("users", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(30)))
"""
FILE = "-- upgrade\nCREATE TABLE t (id INTEGER);\n\n-- rollback\nDROP TABLE t;\n"
Diagnoses = dict[str, tuple[str, str, str]]


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Project:
    project = Project(tmp_path / "project", database_url)
    project.reach(MODELS)
    return project


def diagnoses(project: Project) -> Diagnoses:
    """Grade, text and remedy by subject; of several, the last."""
    report = dbwarden.doctor(config=project.config)
    return {
        item.subject: (item.grade.value, item.text, item.remedy) for one in report.databases for item in one.diagnoses
    }


def test_a_healthy_database(project: Project) -> None:
    before = project.dump()
    report = dbwarden.doctor(config=project.config)
    assert report.healthy and not [
        item for one in report.databases for item in one.diagnoses if item.grade.value not in ("ok", "note")
    ]
    subjects = {item.subject for item in report.databases[0].diagnoses}
    assert subjects >= {"files", "models", "connection", "server", "history", "lock", "backup"}
    assert project.dump() == before


def test_nothing_is_created(tmp_path: Path, database_url: str) -> None:
    """A database without a history, and a project without a folder."""
    project = Project(tmp_path / "project", database_url)
    project.models(MODELS)
    files, before = sorted(project.folder.rglob("*.py")), project.dump()
    seen = diagnoses(project)
    assert seen["files"][0] == "note" and seen["history"][:2] == ("ok", "nothing is pending")
    assert sorted(project.folder.rglob("*.py")) == files and not (project.folder / "migrations").exists()
    assert project.dump() == before


# -- the project --------------------------------------------------------------------------------------------------


@pytest.fixture
def simple(tmp_path: Path) -> Project:
    project = Project(tmp_path / "project", f"sqlite:///{tmp_path}/app.db")
    project.reach(MODELS)
    return project


def test_no_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    assert run(["doctor"]) == 1
    shown = capsys.readouterr().out
    assert "problem  configuration" in shown and "dbwarden init" in shown and "1 problem." in shown


def test_files_and_models_that_cannot_be_read(simple: Project) -> None:
    (simple.folder / "migrations/primary/0002_more.sql").write_text("-- upgrad\nCREATE TABLE t (id INTEGER);\n")
    simple.models("import no_such_module\n")
    seen = diagnoses(simple)
    assert seen["files"][0] == "problem" and "0002_more.sql" in seen["files"][1]
    assert seen["models"][0] == "problem" and "no_such_module" in seen["models"][1]
    assert seen["connection"][0] == "ok", "one problem does not hide the others"


def test_history(simple: Project) -> None:
    folder = simple.folder / "migrations/primary"
    (folder / "0002_t.sql").write_text(FILE)
    assert diagnoses(simple)["history"][:2] == ("ok", "1 pending")
    dbwarden.migrate(config=simple.config)
    (folder / "0002_t.sql").write_text(FILE.replace("t (id", "t2 (id"))
    grade, text, remedy = diagnoses(simple)["history"]
    assert grade == "warning" and "0002_t.sql" in text and "dbwarden status" in remedy


def test_a_lock_that_is_held(simple: Project) -> None:
    simple.execute("UPDATE dbwarden_lock SET locked = TRUE, token = 'other', host = 'elsewhere', pid = 1;")
    grade, _, remedy = diagnoses(simple)["lock"]
    assert grade == "warning" and "dbwarden lock-status -d primary" in remedy


def test_a_server_that_does_not_answer(tmp_path: Path) -> None:
    project = Project(tmp_path / "project", "postgresql://nobody:secret@127.0.0.1:1/none")
    project.models(MODELS)
    report = dbwarden.doctor(config=project.config)
    (connection,) = [item for item in report.databases[0].diagnoses if item.subject == "connection"]
    assert not report.healthy and connection.grade.value == "problem"
    assert "127.0.0.1" in connection.text and "secret" not in connection.text


def test_a_file_that_cannot_be_written(simple: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may write everything, so the answer of the system is put in its place."""
    monkeypatch.setattr("dbwarden.dialects.sqlite.health.access", lambda path, _: not str(path).endswith("app.db"))
    grade, text, remedy = diagnoses(simple)["file"]
    assert grade == "problem" and "app.db is not writable" in text and "chmod" in remedy


# -- servers ------------------------------------------------------------------------------------------------------


def test_clocks() -> None:
    assert health.clock(time.time()).grade.value == "ok"
    ahead = health.clock(time.time() + 90)
    assert ahead.grade.value == "warning" and "90 seconds ahead" in ahead.text
    assert "behind" in health.clock(time.time() - 90).text


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_role_with_few_rights(project: Project) -> None:
    role = f"r{project.url.rpartition('/')[2]}"
    project.execute(
        f"CREATE ROLE {role} LOGIN PASSWORD 'secret'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO PUBLIC;"
    )
    place = project.url.rpartition("@")[2]
    try:
        limited = project.copied(project.folder.parent / "limited", f"postgresql://{role}:secret@{place}")
        seen = diagnoses(limited)
        assert seen["owners"][0] == "warning" and "users" in seen["owners"][1] and f"TO {role}" in seen["owners"][2]
        assert seen["scratch database"][0] == "note" and "CREATEDB" in seen["scratch database"][1]
        report = dbwarden.doctor(config=limited.config)
        problems = [item for item in report.databases[0].diagnoses if item.grade.value == "problem"]
        assert [item.subject for item in problems] == ["privileges"] and "lacks CREATE on schema public" in problems[
            0
        ].text
        assert f"GRANT USAGE, CREATE ON SCHEMA public TO {role};" in problems[0].remedy
        project.execute(f"GRANT USAGE, CREATE ON SCHEMA public TO {role};")
        assert dbwarden.doctor(config=limited.config).healthy, "the remedy helps"
    finally:
        project.execute(f"DROP OWNED BY {role}; DROP ROLE {role};")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_would_make_a_migration_wait(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "LONG", 0)
    project.execute(
        "CREATE INDEX i ON users (name); UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'i'::regclass;"
    )
    engine = sa.create_engine(engine_url(project.url))
    with engine.connect() as conn:
        pid = conn.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
        seen = diagnoses(project)
    engine.dispose()
    assert seen["sessions"][0] == "warning" and f"session {pid}" in seen["sessions"][1]
    assert f"pg_terminate_backend({pid})" in seen["sessions"][2]
    assert seen["indexes"][0] == "warning" and "i of users is invalid" in seen["indexes"][1]
    assert "REINDEX INDEX CONCURRENTLY i;" in seen["indexes"][2]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_database_that_is_read_only(project: Project) -> None:
    name = project.url.rpartition("/")[2]
    project.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on;')
    grade, text, _ = diagnoses(project)["writing"]
    assert grade == "problem" and "default_transaction_read_only" in text


@pytest.fixture
def account(project: Project) -> Iterator[str]:
    """An account that may only read, and its URL."""
    name = "doctor_reader"
    project.execute(f"CREATE USER '{name}'@'%' IDENTIFIED BY 'Secret_1';")
    database = project.url.rpartition("/")[2]
    project.execute(f"GRANT SELECT, CREATE, INSERT ON `{database}`.* TO '{name}'@'%';")
    yield f"{project.engine}://{name}:Secret_1@{project.url.rpartition('@')[2]}"
    project.execute(f"DROP USER '{name}'@'%';")


@pytest.mark.parametrize("database_url", ["mariadb", "mysql"], indirect=True)
def test_an_account_with_few_rights(project: Project, account: str) -> None:
    limited = project.copied(project.folder.parent / "limited", account)
    seen = diagnoses(limited)
    grade, text, remedy = seen["privileges"]
    assert grade == "problem" and "UPDATE, DELETE, DROP, ALTER, INDEX, REFERENCES" in text
    assert seen["scratch database"][0] == "note"
    project.execute(remedy.strip("`"))
    assert diagnoses(limited)["privileges"][0] == "ok", "the remedy helps"


def test_mutations_that_fail(tmp_path: Path, clickhouse_url: str) -> None:
    project = Project(tmp_path / "project", clickhouse_url)
    project.reach(MODELS)
    seen = diagnoses(project)
    assert seen["server"][0] == "ok" and seen["privileges"][0] == "ok" and "mutations" not in seen
    project.execute("INSERT INTO users (id, name) VALUES (1, 'a');")
    project.execute(
        "ALTER TABLE users UPDATE name = toString(throwIf(id = 1, 'no')) WHERE 1 SETTINGS mutations_sync = 0;"
    )
    seen = wait_for(lambda: diagnoses(project), "mutations")
    assert seen["mutations"][0] == "warning" and "of users fails again and again" in seen["mutations"][1]
    assert "KILL MUTATION" in seen["mutations"][2]
    project.execute(seen["mutations"][2].split("`")[1])


def wait_for(ask: Callable[[], Diagnoses], subject: str) -> Diagnoses:
    """The first answer with ``subject``; mutations run in the background."""
    for _ in range(100):
        seen = ask()
        if subject in seen:
            return seen
        time.sleep(0.1)
    raise AssertionError(f"there is no {subject}")


def test_patterns_of_grants() -> None:
    """Manual, GRANT: % and _ are wildcards in the name of a database."""
    assert _covers("app%", "app_1") and _covers("app_", "apps") and _covers("app\\_1", "app_1")
    assert not _covers("app\\_1", "appx1") and not _covers("*", "app") and not _covers("ap*", "app")


def test_json(simple: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(simple.folder)
    assert run(["doctor", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["grade"] == "ok" and document["databases"][0]["database"] == "primary"
    assert run(["doctor", "-d", "nothing"]) == 2
