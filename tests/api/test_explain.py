"""explain, through the Python API and the command line, on real databases."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import dbwarden
from dbwarden.cli.app import run
from dbwarden.errors import UnknownVersion
from tests.support.project import Project

BEFORE = """
import sqlalchemy as sa
metadata = sa.MetaData()
sa.Table("users", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("phone", sa.String(30)))
"""
AFTER = BEFORE.replace('sa.Column("phone", sa.String(30))', 'sa.Column("mail", sa.String(30), index=True)')
CODE = 'import sqlalchemy as sa\n\nQUERY = sa.text("SELECT phone FROM users")\n'


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Project:
    """A database with 3 users, and a file for them that is not applied."""
    project = Project(tmp_path / "project", database_url)
    project.reach(BEFORE)
    project.execute("INSERT INTO users (id, phone) VALUES (1, '1'), (2, '2'), (3, '3');")
    project.models(AFTER)
    project.generate("mail", proof=False)
    (project.folder / "service.py").write_text(CODE)
    return project


def test_what_it_locks_rewrites_and_breaks(project: Project) -> None:
    report = dbwarden.explain("2", config=project.config, scan_paths=[project.folder / "service.py"])
    assert (report.file, report.connected, report.applied) == ("0002_mail.sql", True, False)
    assert report.statements and all(item.work != "unknown" for item in report.statements)
    assert all(item.duration is not None for item in report.statements), "the sizes are known"
    assert {table.table for item in report.statements for table in item.tables} >= {"users"}
    lost = [item for item in report.statements if item.deletes_data]
    assert [
        finding.rule for finding in report.findings if finding.line == lost[0].line and finding.severity == "CRITICAL"
    ]
    assert [(item.object, item.uses) for item in report.affected if item.kind == "column"] == [
        ("column users.phone", 1)
    ]
    assert [use.line for use in report.uses] == [3]


def test_nothing_is_executed(project: Project) -> None:
    before = project.dump()
    dbwarden.explain("0002", config=project.config)
    assert project.dump() == before
    assert [entry.state.value for entry in dbwarden.status(config=project.config).entries] == ["applied", "pending"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_command(project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(project.folder)
    assert run(["explain", "migrations/primary/0002_mail.sql", "--scan-path", "service.py"]) == 0
    shown = capsys.readouterr().out
    assert "migrations/primary/0002_mail.sql: 3 statements, 2 of them in a transaction" in shown
    assert "ACCESS EXCLUSIVE: everybody waits" in shown and "[keep-data]" in shown
    assert "users: ACCESS EXCLUSIVE, everybody waits from statement 1 to 2, less than a second." in shown
    assert "transaction outside that of the file" in shown
    assert "service.py:3:" in shown and "column users.phone  dropped  1 use in the code" in shown
    assert run(["explain", "1", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["applied"] is True and document["statements"][0]["work"] == "none" and document["locks"] == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_without_a_database(project: Project, tmp_path: Path) -> None:
    """The text alone is explained, and the report says so."""
    config = Path(project.config)
    config.write_text(config.read_text().replace("sqlite:///", f"sqlite:///{tmp_path}/nowhere/"))
    report = dbwarden.explain("2", config=project.config)
    assert not report.connected and any(note.startswith("The database was not asked") for note in report.notes)
    assert {table.rows for item in report.statements for table in item.tables} == {None}
    assert report.findings, "the rules judge the text"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_unknown_version(project: Project) -> None:
    with pytest.raises(UnknownVersion, match="0002"):
        dbwarden.explain("3", config=project.config)
