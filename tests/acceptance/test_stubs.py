"""A table of somebody else that the models declare for a foreign key loses nothing, on each engine."""

from __future__ import annotations

from pathlib import Path

import pytest

import dbwarden
from tests.support.command import run
from tests.support.project import Project

HEAD = "from sqlalchemy import *\nmetadata = MetaData()\n"
STUB = 'Table("{0}", metadata, Column("id", Integer, primary_key=True){1})\n'
POSTS = 'Table("posts", metadata, Column("id", Integer, primary_key=True){})\n'
KEY = ', Column("user_id", Integer, ForeignKey("{}.id"))'
THEIRS = """CREATE TABLE {} (id INTEGER NOT NULL PRIMARY KEY, email VARCHAR(20) NOT NULL DEFAULT 'e', tag INTEGER);
CREATE UNIQUE INDEX by_email ON {} (email);
INSERT INTO {} (id, tag) VALUES (1, 2)"""


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Project:
    """``users`` is somebody else's, with a row."""
    project = Project(tmp_path / "project", database_url)
    project.execute(THEIRS.format("users", "users", "users"))
    project.reach(HEAD + POSTS.format(""), "first")
    return project


def test_a_stub_keeps_its_columns_and_a_note_names_it(project: Project) -> None:
    project.models(HEAD + STUB.format("users", "") + POSTS.format(KEY.format("users")))
    before = project.dump()
    report = project.generate()
    assert report.proof.proven, report.proof.text
    assert "email" not in report.text and not report.data_losses
    (note,) = report.notes
    assert note.startswith("table users is left as the database has it (email, tag included)")
    assert "model_tables" in note and "ignore_tables" in note
    assert "table users is left as the database has it" in run(project.folder, "diff")
    sandbox = dbwarden.migrate(config=project.config, options=dbwarden.MigrateOptions(sandbox=True)).sandbox
    assert sandbox.models == "equal" and sandbox.succeeded, sandbox.differences
    project.migrate()
    assert project.rows({"users": ["id", "email", "tag"]})["users"] == [("1", "e", "2")]
    assert project.generate("again").empty
    assert dbwarden.check(config=project.config).clean
    project.rollback()
    assert project.dump() == before


def test_a_table_of_ours_is_not_a_stub(project: Project) -> None:
    """A generated migration created it: what the models no longer describe goes, as ever."""
    project.reach(HEAD + STUB.format("tags", ', Column("label", String(9))') + POSTS.format(KEY.format("tags")), "tags")
    project.models(HEAD + STUB.format("tags", "") + POSTS.format(KEY.format("tags")))
    report = project.generate()
    assert report.proof.proven and not report.notes
    assert [step.change for step in report.steps] == ["drop column tags.label"]


def test_a_model_that_describes_more_is_not_a_stub(project: Project) -> None:
    """The table was adopted: its column goes, and the loss is told."""
    more = ', Column("email", String(20), nullable=False, server_default="e"), Index("by_email", "email", unique=True)'
    project.models(HEAD + STUB.format("users", more) + POSTS.format(KEY.format("users")))
    report = project.generate()
    assert not report.notes and "column users.tag" in [loss.object for loss in report.data_losses]


@pytest.mark.parametrize("setting", ['model_tables=["posts"]', 'ignore_tables=["users"]'])
def test_the_settings_that_the_note_names_do_the_same(project: Project, setting: str) -> None:
    project.models(HEAD + STUB.format("users", "") + POSTS.format(KEY.format("users")))
    path = project.folder / "warden.py"
    path.write_text(path.read_text().rstrip().removesuffix(")") + f", {setting})\n")
    report = project.generate()
    assert report.proof.proven, report.proof.text
    assert not report.notes and "REFERENCES users" in report.text and "email" not in report.text
    project.migrate()
    assert project.rows({"users": ["id", "email", "tag"]})["users"] == [("1", "e", "2")]
    assert project.generate("again").empty


def test_capitals_do_not_hide_a_stub(tmp_path: Path, sqlite_url: str) -> None:
    project = Project(tmp_path / "project", sqlite_url)
    project.execute(THEIRS.format("Users", "Users", "Users"))
    project.models(HEAD + STUB.format("users", "") + POSTS.format(KEY.format("users")))
    report = project.generate()
    assert report.proof.proven and report.notes[0].startswith("table Users is left as the database has it")


def test_a_stub_in_a_schema_of_its_own(tmp_path: Path, postgresql_url: str) -> None:
    """With what stands on it and what it stands on, which nobody describes."""
    project = Project(tmp_path / "project", postgresql_url)
    project.execute(
        "CREATE SCHEMA auth;\nCREATE TYPE auth.level AS ENUM ('low', 'high');\n"
        "CREATE TABLE auth.tenants (id integer PRIMARY KEY);\n"
        "CREATE TABLE auth.users (id uuid PRIMARY KEY, level auth.level NOT NULL,"
        " tenant integer REFERENCES auth.tenants);\nCREATE INDEX by_level ON auth.users (level);\n"
        "COMMENT ON SCHEMA auth IS 'by hand';\nCREATE VIEW auth.seen AS SELECT id, level FROM auth.users;\n"
        "INSERT INTO auth.users VALUES ('6d5f0000-0000-0000-0000-000000000000', 'low', NULL)"
    )
    project.models(
        HEAD + 'Table("users", metadata, Column("id", Uuid, primary_key=True), schema="auth")\n'
        'Table("posts", metadata, Column("id", Integer, primary_key=True),'
        ' Column("user_id", Uuid, ForeignKey("auth.users.id")))\n'
    )
    before = project.dump()
    report = project.generate()
    assert report.proof.proven, report.proof.text
    assert report.notes[0].startswith("table auth.users is left as the database has it (level, tenant included)")
    assert "COMMENT" not in report.text
    project.migrate()
    assert project.generate("again").empty
    assert len(project.rows({"auth.users": ["id", "level"]})["auth.users"]) == 1
    project.rollback()
    assert project.dump() == before
