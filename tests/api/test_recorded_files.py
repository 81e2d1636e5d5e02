"""A file that is to the byte what history recorded is not read beyond its headers."""

from __future__ import annotations

from pathlib import Path

import pytest

import dbwarden
from dbwarden.core import file as migration_file
from dbwarden.errors import EditedMigration, FileFormatError
from tests.support.project import Project

TABLE = """-- upgrade

CREATE TABLE t (id INTEGER PRIMARY KEY);

-- rollback

DROP TABLE t;
"""
SEED = """-- seed
-- upgrade

INSERT INTO t (id) VALUES (1); -- one
INSERT INTO t (id) VALUES (2);

-- rollback

DELETE FROM t WHERE id < 3;
"""


class Unread(AssertionError):
    """Statements were read."""


@pytest.fixture
def path(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A seed file that was applied."""
    project = Project(tmp_path / "project", database_url)
    project.models("from sqlalchemy import MetaData\n\nmetadata = MetaData()\n")
    folder = project.folder / "migrations" / "primary"
    folder.mkdir(parents=True)
    (folder / "0001_t.sql").write_text(TABLE)
    path = folder / "0002_seed.sql"
    path.write_text(SEED)
    monkeypatch.chdir(project.folder)
    dbwarden.migrate()
    return path


@pytest.fixture
def unread(path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, and whoever reads the statements of a file fails."""

    def fail(*_: object) -> None:
        raise Unread

    monkeypatch.setattr(migration_file, "split", fail)
    monkeypatch.setattr(migration_file, "read_sections", fail)
    return path


def test_status_and_migrate_read_no_statement(unread: Path) -> None:
    report = dbwarden.status()
    assert [(entry.file, entry.state.value, entry.seed) for entry in report.entries] == [
        ("0001_t.sql", "applied", False),
        ("0002_seed.sql", "applied", True),
    ]
    assert dbwarden.migrate().migrations == ()


def test_another_byte_and_they_are_read(unread: Path) -> None:
    unread.write_text(SEED.replace("-- one", "-- the first"))
    with pytest.raises(Unread):
        dbwarden.status()


def test_a_comment_is_no_edit_and_a_statement_is(path: Path) -> None:
    path.write_text(SEED.replace("-- one", "-- the first"))
    assert dbwarden.status().clean
    path.write_text(SEED.replace("(2)", "(3)"))
    assert [entry.state.value for entry in dbwarden.status().entries] == ["applied", "edited"]
    with pytest.raises(EditedMigration):
        dbwarden.migrate()


def test_a_pending_file_is_read_whole(path: Path) -> None:
    path.with_name("0003_broken.sql").write_text("-- upgrade\n\nSELECT 'never closed;\n")
    with pytest.raises(FileFormatError, match=r"0003_broken\.sql"):
        dbwarden.status()


def test_the_rollback_is_that_of_the_file(path: Path) -> None:
    assert [run.file for run in dbwarden.rollback(options=dbwarden.RollbackOptions(force=True)).migrations] == [
        "0002_seed.sql"
    ]
    assert [entry.state.value for entry in dbwarden.status().entries] == ["applied", "pending"]
