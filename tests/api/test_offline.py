"""The state file: both files or none, in step with online runs, and the same to the byte."""

from __future__ import annotations

from pathlib import Path

import pytest

import dbwarden
from dbwarden import CompareOptions
from dbwarden.errors import FolderError
from dbwarden.runtime import directory
from tests.support.cases import FOLDER, PAIRS
from tests.support.project import Project

MODELS = """
from sqlalchemy import Column, Integer, MetaData, Table

metadata = MetaData()
Table("users", metadata, Column("id", Integer, primary_key=True){more})
"""
OFFLINE = CompareOptions(offline=True)


def state(project: Project) -> Path:
    return project.folder / ".dbwarden" / "primary" / "model_state.json"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path / "project", f"sqlite:///{tmp_path}/never.db")
    project.models(MODELS.format(more=""))
    return project


def by_hand(project: Project, version: int) -> None:
    """A migration that somebody wrote: newer than the state file, which is then exported anew."""
    folder = project.folder / "migrations" / "primary"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{version:04d}_by_hand.sql").write_text("-- upgrade\nSELECT 1;\n-- rollback\nSELECT 1;\n")


def test_no_file_and_no_migration_is_an_empty_beginning(project: Project, tmp_path: Path) -> None:
    report = project.generate("first", options=OFFLINE, proof=False)
    assert report.path and report.state_file == state(project) and report.compared_with == str(state(project))
    assert project.generate("again", options=OFFLINE).empty
    assert not (tmp_path / "never.db").exists()


def test_a_migration_without_its_state_is_taken_back(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.generate("first", options=OFFLINE, proof=False)
    before = state(project).read_bytes()
    project.models(MODELS.format(more=', Column("age", Integer)'))

    def full(path: Path, text: str) -> None:
        raise FolderError(folder=path, reason="cannot be written: No space left on device")

    monkeypatch.setattr(directory, "replace", full)
    with pytest.raises(FolderError):
        project.generate("second", options=OFFLINE, proof=False)
    assert len(project.files()) == 1 and state(project).read_bytes() == before
    monkeypatch.undo()
    assert [step.change for step in project.generate("second", options=OFFLINE, proof=False).steps] == [
        "add column users.age"
    ]


def test_printing_writes_nothing(project: Project) -> None:
    assert not project.generate(write=False, options=OFFLINE, proof=False).empty
    assert not state(project).exists() and not project.files()


def test_online_keeps_it_in_step(project: Project) -> None:
    assert project.generate("first").state_file is None, "nobody asked for one"
    project.migrate()
    first = dbwarden.export_models(config=project.config)
    assert first.changed and not first.differences and first.tables == ("users",)
    project.models(MODELS.format(more=', Column("age", Integer)'))
    assert project.generate("age").state_file == state(project)
    assert project.generate("again", options=OFFLINE).empty
    project.migrate()
    project.models(MODELS.format(more=""))
    last = dbwarden.export_models(config=project.config)
    assert last.changed and last.differences == ("users: drop column age",)


def test_another_version_of_the_tool_changes_nothing(project: Project) -> None:
    dbwarden.export_models(config=project.config)
    older = state(project).read_text().replace('"written_by": "', '"written_by": "0.0.')
    state(project).write_text(older)
    assert not dbwarden.export_models(config=project.config).changed
    assert state(project).read_text() == older


@pytest.mark.parametrize(("case", "engine"), PAIRS)
def test_what_is_read_back_equals_the_models(case: str, engine: str, tmp_path: Path) -> None:
    place = f"/{tmp_path}/x.db" if engine == "sqlite" else "nobody@127.0.0.1:1/nowhere"
    project = Project(tmp_path / "project", f"{engine}://{place}")
    for version, name in enumerate(("before.py", "after.py"), 1):
        by_hand(project, version)
        project.models((FOLDER / case / name).read_text())
        dbwarden.export_models(config=project.config)
        report = dbwarden.diff(config=project.config, options=OFFLINE)
        assert report.empty, [step.change for step in report.steps]


# -- exported before a migration was generated --------------------------------------------------------------------


def changes(project: Project) -> list[str]:
    return [change.text for change in project.generate("ci", write=False, options=OFFLINE, proof=False).changes]


def test_what_the_migrations_lead_to_survives_an_export(project: Project) -> None:
    project.generate("first", options=OFFLINE, proof=False)
    clean = state(project).read_text()
    assert dbwarden.export_models(config=project.config, write=False).clean
    project.models(MODELS.format(more=', Column("age", Integer)') + 'Table("posts", metadata, Column("id", Integer))\n')
    ahead = ("add table posts (id)", "users: add column age INTEGER")
    checked = dbwarden.export_models(config=project.config, write=False)
    assert checked.changed and not checked.written and sorted(checked.differences) == sorted(ahead)
    assert state(project).read_text() == clean
    for _ in range(2):
        exported = dbwarden.export_models(config=project.config)
        assert sorted(exported.differences) == sorted(ahead) and not exported.clean
        assert sorted(changes(project)) == sorted(ahead)
    assert '"migrated"' in state(project).read_text()
    project.generate("second", options=OFFLINE, proof=False)
    assert '"migrated"' not in state(project).read_text()
    assert dbwarden.export_models(config=project.config).clean and not changes(project)


def test_an_export_before_the_first_migration_is_an_empty_beginning(project: Project) -> None:
    exported = dbwarden.export_models(config=project.config)
    assert exported.differences == ("add table users (id)",)
    assert changes(project) == ["add table users (id)"]


def test_a_migration_written_by_hand_is_taken_to_lead_to_the_models(project: Project) -> None:
    project.generate("first", options=OFFLINE, proof=False)
    project.models(MODELS.format(more=', Column("age", Integer)'))
    by_hand(project, 2)
    exported = dbwarden.export_models(config=project.config)
    assert exported.clean and "0002_by_hand.sql is newer than the state file" in exported.notes[0]
    assert not changes(project)
    project.models(MODELS.format(more=""))
    assert dbwarden.export_models(config=project.config).differences == ("users: drop column age",)


def test_a_project_with_migrations_and_no_state_file_says_what_is_assumed(project: Project) -> None:
    by_hand(project, 1)
    exported = dbwarden.export_models(config=project.config)
    assert exported.clean and "There was no readable state file" in exported.notes[0]
