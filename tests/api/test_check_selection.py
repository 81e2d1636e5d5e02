"""Which files ``check`` judges: those that are named, those above a version, those that are new in a branch."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

import dbwarden
from dbwarden.api.check_selection import CheckSelection
from dbwarden.errors import GitFailed, UnknownVersion, UsageError
from tests.support.command import run
from tests.support.project import Project

MODELS = """
from sqlalchemy import Column, Integer, MetaData, Table

metadata = MetaData()
Table("users", metadata, Column("id", Integer, primary_key=True){more})
"""
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An old file that destroys data, and a database that nobody can reach."""
    project = Project(tmp_path / "project", "postgresql://me:s3cret@127.0.0.1:1/none")
    project.models(MODELS.format(more=""))
    write(project, "0001_users.sql", "CREATE TABLE users (id integer PRIMARY KEY);")
    write(project, "0002_drop.sql", "DROP TABLE old;")
    return project


def write(project: Project, name: str, upgrade: str) -> Path:
    path = project.folder / "migrations" / "primary" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"-- upgrade\n{upgrade}\n-- rollback\nSELECT 1;\n")
    return path


def judged(project: Project, **selection: object) -> tuple[str, ...]:
    report = dbwarden.check(config=project.config, selection=CheckSelection(**selection))  # type: ignore[arg-type]
    return report.files


def git(project: Project, *argv: str) -> None:
    who = (
        "-c",
        "user.name=x",
        "-c",
        "user.email=x@example.org",
        "-c",
        "init.defaultBranch=main",
        "-c",
        "commit.gpgsign=false",
    )
    subprocess.run(["git", *who, *argv], cwd=project.folder, check=True, capture_output=True)


def test_files_are_named_by_path_name_or_version(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    assert judged(project) == ("0001_users.sql", "0002_drop.sql")
    monkeypatch.chdir(project.folder)
    for word in ("1", "0001", "0001_users.sql", "migrations/primary/0001_users.sql"):
        assert judged(project, files=(word,)) == ("0001_users.sql",)
    with pytest.raises(UnknownVersion):
        judged(project, files=("7",))
    with pytest.raises(UsageError, match="is not a migration of the database primary"):
        judged(project, files=("elsewhere/0001_users.sql",))
    assert judged(project, files=("elsewhere/0001_users.sql",), other_folders=True) == ()
    with pytest.raises(UsageError):
        CheckSelection(files=("1",), since="1")


def test_since_a_version(project: Project) -> None:
    assert judged(project, since="0001") == ("0002_drop.sql",)
    assert judged(project, since="0") == ("0001_users.sql", "0002_drop.sql")
    assert judged(project, since="2") == ()
    assert "SAFE: nothing found; no file above 2; drift" in run(project.folder, "check", "--since", "2")
    shown = run(project.folder, "check", "--since", "1", code=5)
    assert "CRITICAL: 1 critical finding" in shown and "in 1 file above 1; drift" in shown


@needs_git
def test_history_is_not_judged_for_ever(project: Project) -> None:
    git(project, "init")
    git(project, "add", ".")
    git(project, "commit", "-m", "all")
    assert judged(project) == (), "nothing is new on main"
    assert "SAFE: nothing found; no file new since main" in run(project.folder, "check")
    git(project, "checkout", "-b", "feature")
    write(project, "0003_more.sql", "CREATE TABLE more (id integer PRIMARY KEY);")
    assert judged(project) == ("0003_more.sql",), "not even added to the index"
    git(project, "add", ".")
    git(project, "commit", "-m", "more")
    assert judged(project) == judged(project, git_base="main") == ("0003_more.sql",)
    write(project, "0002_drop.sql", "DROP TABLE older;")
    assert judged(project, git_base="main") == ("0002_drop.sql", "0003_more.sql")
    assert len(judged(project, since="0")) == 3
    with pytest.raises(GitFailed) as caught:
        judged(project, git_base="nowhere")
    assert "fetch-depth: 0" in (caught.value.hint or "")


def test_without_a_repository_the_base_is_an_error(project: Project) -> None:
    with pytest.raises(GitFailed):
        judged(project, git_base="main")


def test_drift_is_judged_behind_pending_files(tmp_path: Path, database_url: str) -> None:
    project = Project(tmp_path / "project", database_url)
    project.models(MODELS.format(more=""))
    project.generate("users")
    report = dbwarden.check(config=project.config)
    assert report.differences == () and report.files == ("0001_users.sql",) and not report.clean
    project.models(MODELS.format(more=', Column("age", Integer)'))
    report = dbwarden.check(config=project.config)
    integer = "INT" if project.engine in ("mysql", "mariadb") else "INTEGER"
    assert report.differences == (f"users: column age {integer} is in the models, not in the database",)
    assert dbwarden.status(config=project.config).pending == 1
    shown = run(project.folder, "check", "--exit-code", code=4)
    assert "1 difference between models and database primary" in shown
