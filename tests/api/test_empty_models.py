"""Models without tables: the last table goes, and enums and sequences may stand alone."""

from __future__ import annotations

from pathlib import Path

import pytest

import dbwarden
from dbwarden.errors import UnsafeMigration
from tests.support.project import Project

EMPTY = "from sqlalchemy import *\n\nmetadata = MetaData()\n"
LAST = EMPTY + 'Table("last", metadata, Column("id", Integer, primary_key=True))\n'


@pytest.mark.parametrize(
    "empty", [EMPTY, "from sqlalchemy.orm import DeclarativeBase\n\n\nclass Base(DeclarativeBase): ...\n"]
)
def test_the_last_table_is_dropped(tmp_path: Path, database_url: str, empty: str) -> None:
    project = Project(tmp_path / "project", database_url)
    project.reach(LAST)
    project.execute("INSERT INTO last (id) VALUES (1);")
    project.models(empty)
    report = project.generate()
    assert [step.change for step in report.steps] == ["drop table last"]
    assert any(note.startswith("The models define no table (models_2)") for note in report.notes)
    with pytest.raises(UnsafeMigration):
        dbwarden.migrate(config=project.config)
    project.migrate()
    assert project.generate().empty
    project.rollback()
    assert project.rows({"last": ["id"]}) == {"last": []}


@pytest.mark.parametrize(
    "more", ["", 'Enum("a", "b", name="mood", metadata=metadata)\nSequence("numbers", metadata=metadata)\n']
)
def test_enums_and_sequences_alone(tmp_path: Path, postgresql_url: str, more: str) -> None:
    project = Project(tmp_path / "project", postgresql_url)
    project.models(EMPTY + more)
    report = project.generate()
    assert [step.change for step in report.steps] == (["add enum mood", "add sequence numbers"] if more else [])
    if more:
        project.migrate()
        assert project.generate().empty
        project.rollback()
        assert not [line for line in project.dump() if "mood" in line or "numbers" in line]


def test_an_empty_database_and_empty_models_agree(tmp_path: Path, sqlite_url: str) -> None:
    project = Project(tmp_path / "project", sqlite_url)
    project.models(EMPTY)
    assert project.generate().empty
    assert dbwarden.export_models(config=project.config).tables == ()
    assert dbwarden.diff(config=project.config, options=dbwarden.CompareOptions(offline=True)).empty
