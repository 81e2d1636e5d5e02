"""The pytest plug-in, in a project's own pytest process."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.project import Project

MODELS = """
import sqlalchemy as sa
metadata = sa.MetaData()
sa.Table("users", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(30), nullable=False))
"""
SECOND = MODELS + 'sa.Table("posts", metadata, sa.Column("id", sa.Integer, primary_key=True))\n'
TESTS = """
import sqlalchemy as sa

INSERT = sa.text("INSERT INTO users (id, name) VALUES (1, 'Ada')")
COUNT = sa.text("SELECT count(*) FROM users")


def test_own_database(migrated_database):
    with migrated_database.session() as session:
        assert session.execute(COUNT).scalar_one() == 0
        session.execute(INSERT)
        session.commit()
        assert session.execute(COUNT).scalar_one() == 1


def test_another_own_database(migrated_database):
    test_own_database(migrated_database)


def test_transaction(migrated_session):
    assert migrated_session.execute(COUNT).scalar_one() == 0
    migrated_session.execute(INSERT)
    migrated_session.commit()
    migrated_session.rollback()
    assert migrated_session.execute(COUNT).scalar_one() == 1


def test_another_transaction(migrated_session):
    test_transaction(migrated_session)
"""
ASYNC = """
import pytest
from test_app import COUNT, INSERT


@pytest.mark.asyncio
async def test_async(migrated_database):
    async with migrated_database.async_session() as session:
        await session.execute(INSERT)
        await session.commit()
        assert (await session.execute(COUNT)).scalar_one() == 1
    await migrated_database.dispose()
"""


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Project:
    """A project with two migrations; its database has only the first, and a row."""
    project = Project(tmp_path / "project", database_url)
    project.reach(MODELS, "users")
    project.execute("INSERT INTO users (id, name) VALUES (7, 'Eve');")
    project.models(SECOND)
    project.generate("posts", proof=False)
    (project.folder / "test_app.py").write_text(TESTS)
    return project


SCOPE = ("-o", "asyncio_default_fixture_loop_scope=function")


def run(project: Project, *argv: str, code: int = 0) -> str:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "-ra", "-W", "error", *SCOPE, *argv]
    done = subprocess.run(command, cwd=project.folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def test_fixtures_and_tests_of_migrations(project: Project) -> None:
    before = project.dump()
    shown = run(project, "--dbwarden", "-vv")
    for name in (
        "one order",
        "0001_users.sql up, down, up",
        "0002_posts.sql up, down, up",
        "models match",
        "no critical finding",
    ):
        assert f"primary::{name} PASSED" in shown, shown
    assert "9 passed" in shown
    assert project.dump() == before, "the configured database is not touched"


@pytest.fixture
def simple(tmp_path: Path) -> Project:
    project = Project(tmp_path / "project", f"sqlite:///{tmp_path}/app.db")
    project.reach(MODELS, "users")
    return project


def test_without_the_option_nothing_is_added(simple: Project) -> None:
    (simple.folder / "test_app.py").write_text(TESTS)
    assert "4 passed" in run(simple)


def test_failures_are_reports(simple: Project) -> None:
    """Each broken promise fails one test, in words without a traceback."""
    folder = simple.folder / "migrations/primary"
    simple.models(SECOND)
    (folder / "0002_bad.sql").write_text(
        "-- upgrade\nDROP TABLE users;\nCREATE TABLE more (id INTEGER);\n\n"
        "-- rollback\nDROP TABLE more;\nCREATE TABLE users (id INTEGER);\n"
    )
    (folder / "0003_worse.sql").write_text(
        "-- upgrade\nCREATE TABLE more (id INTEGER);\n\n-- rollback\nDROP TABLE more;\n"
    )
    shown = run(simple, "--dbwarden", code=1)
    assert "Traceback" not in shown and "4 failed, 2 passed" in shown, shown
    assert re.search(r"0002_bad\.sql: .*rollback", shown), shown
    assert "more already exists" in shown
    assert "The migrations do not lead to the models" in shown or "not all files ran" in shown
    assert "0002_bad.sql:2: table users" in shown and "[keep-data]" in shown


def test_two_files_of_one_number(simple: Project) -> None:
    text = "-- upgrade\nCREATE TABLE t (id INTEGER);\n\n-- rollback\nDROP TABLE t;\n"
    for name in ("0002_a.sql", "0002_b.sql"):
        (simple.folder / "migrations/primary" / name).write_text(text)
    shown = run(simple, "--dbwarden", code=1)
    assert "Migration 0002 exists more than once: 0002_a.sql, 0002_b.sql" in shown and "dbwarden renumber" in shown


def test_xdist_and_asyncio(simple: Project) -> None:
    (simple.folder / "test_app.py").write_text(TESTS)
    (simple.folder / "test_async.py").write_text(ASYNC)
    (simple.folder / "pytest.ini").write_text("[pytest]\npythonpath = .\n")
    assert "9 passed" in run(simple, "--dbwarden", "-n", "2", "--dist", "loadgroup")


def test_a_named_configuration(simple: Project, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/test_app.py").write_text(TESTS)
    elsewhere = Project(tmp_path / "elsewhere", simple.url)
    assert "8 passed" in run(
        elsewhere, "--dbwarden", "--dbwarden-config", simple.config, "--dbwarden-database", "primary"
    )
    assert "There is no database" in run(
        elsewhere, "--dbwarden-config", simple.config, "--dbwarden-database", "x", code=1
    )
