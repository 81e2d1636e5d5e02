"""Tables that inherit, and tables that were made LIKE another one."""

from __future__ import annotations

from pathlib import Path

import pytest

from dbwarden.api.comparison import CompareOptions
from dbwarden.api.renaming import RenameFlags
from tests.support.project import Project

HEAD = "from sqlalchemy import CheckConstraint, Column, Integer, MetaData, String, Table\n\nmetadata = MetaData()\n"
BASE = 'Table("base", metadata, Column("id", Integer, primary_key=True, autoincrement=False), Column("x", Integer){})\n'
CHILD = 'Table("child", metadata, Column("y", Integer){})\n'
INHERITS = ', postgresql_inherits="base"'


@pytest.fixture
def project(postgresql_url: str, tmp_path: Path) -> Project:
    return Project(tmp_path / "project", postgresql_url)


def test_a_child_is_created_with_what_it_has_of_its_own(project: Project) -> None:
    project.models(HEAD + BASE.format("") + CHILD.format(INHERITS))
    report = project.generate()
    assert report.proof.proven, report.proof.text
    assert "CREATE TABLE child (\n    y INTEGER\n) INHERITS (base)" in report.text
    project.migrate()
    assert project.generate("again").empty


def test_columns_and_checks_of_the_parent_reach_the_child(project: Project) -> None:
    project.reach(HEAD + BASE.format("") + CHILD.format(INHERITS), "first")
    project.execute("INSERT INTO child (id, x, y) VALUES (1, 2, 3);\n")
    former = project.dump()
    more = ', Column("z", Integer), CheckConstraint("x > 0", name="positive")'
    project.models(HEAD + BASE.format(more) + CHILD.format(INHERITS))
    report = project.generate("second")
    assert report.proof.proven, report.proof.text
    assert "child" not in report.text
    project.migrate()
    assert project.generate("again").empty
    assert project.rows({"child": ["z", "y"]}) == {"child": [("None", "3")]}
    project.rollback()
    assert project.dump() == former


def test_a_child_leaves_its_parent_and_comes_back(project: Project) -> None:
    all_columns = ', Column("id", Integer, nullable=False), Column("x", Integer)'
    project.reach(HEAD + BASE.format("") + CHILD.format(all_columns + INHERITS), "first")
    former = project.dump()
    project.models(HEAD + BASE.format("") + CHILD.format(all_columns))
    report = project.generate("second")
    assert "ALTER TABLE child NO INHERIT base" in report.text and "ALTER TABLE child INHERIT base" in report.text
    assert report.proof.proven, report.proof.text
    project.migrate()
    assert project.generate("again").empty
    project.rollback()
    assert project.dump() == former


def test_a_table_made_like_another_is_one_of_its_own(project: Project) -> None:
    project.reach(HEAD + BASE.format(""), "first")
    project.execute("CREATE TABLE copy (LIKE base INCLUDING ALL);\n")
    project.models(HEAD + (BASE.format("") + BASE.format("")).replace('"base"', '"copy"', 1))
    assert project.generate("second").empty


def test_a_parent_is_created_before_its_children_whatever_their_names(project: Project) -> None:
    project.models(HEAD + (BASE.format("") + CHILD.format(INHERITS)).replace('"base"', '"zebra"'))
    report = project.generate()
    assert report.proof.proven, report.proof.text
    project.migrate()
    assert project.generate("again").empty
    project.rollback()


def test_a_renamed_parent_keeps_its_children(project: Project) -> None:
    models = HEAD + BASE.format("") + CHILD.format(INHERITS)
    project.reach(models, "first")
    former = project.dump()
    project.models(models.replace('"base"', '"basis"'))
    report = project.generate("second", options=CompareOptions(renames=RenameFlags(tables=["base:basis"])))
    assert report.proof.proven, report.proof.text
    assert "INHERIT" not in report.text
    project.migrate()
    assert project.generate("again").empty
    project.rollback()
    assert project.dump() == former
