"""An image without its migrations must not deploy green."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.command import run
from tests.support.project import Project

MODELS = """
from sqlalchemy import Column, Integer, MetaData, Table

metadata = MetaData()
Table("users", metadata, Column("id", Integer, primary_key=True))
"""


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Project:
    project = Project(tmp_path / "project", database_url)
    project.models(MODELS)
    return project


@pytest.mark.parametrize(
    "argv",
    [
        ["migrate"],
        ["migrate", "--dry-run"],
        ["migrate", "--sandbox"],
        ["status"],
        ["check"],
        ["check", "--offline"],
        ["rollback"],
        ["downgrade", "--to", "0"],
        ["check-impact", "0001"],
        ["explain", "0001"],
    ],
)
def test_no_folder_is_an_error(project: Project, argv: list[str]) -> None:
    shown = run(project.folder, *argv, code=2)
    assert "There is no migrations folder migrations/primary for the database primary" in shown
    assert "migrations_dir" in shown


def test_an_empty_folder_is_a_warning(project: Project) -> None:
    (project.folder / "migrations" / "primary").mkdir(parents=True)
    assert "Warning: There is no migration in migrations/primary" in run(project.folder, "migrate")
    assert "Warning: There are no migrations yet" in run(project.folder, "status")
    assert "Warning: There is no migration in migrations/primary" in run(project.folder, "check")


def test_the_first_migration_makes_the_folder(project: Project) -> None:
    run(project.folder, "make-migrations", "users")
    run(project.folder, "migrate")
    shutil.rmtree(project.folder / "migrations")
    project.models(MODELS.replace('"users"', '"people"'))
    shown = run(project.folder, "make-migrations", "more", code=2)
    assert "There is no migrations folder" in shown, "it would be 0002 on top of files that are elsewhere"
