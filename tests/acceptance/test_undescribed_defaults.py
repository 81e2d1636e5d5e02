"""``FetchedValue()`` says that the database gives the value: what gives it stays, on each engine."""

from __future__ import annotations

from pathlib import Path

import pytest

import dbwarden
from tests.support.project import Project

HEAD = "from sqlalchemy import *\nmetadata = MetaData()\n"
ID = 'Table("t", metadata, Column("id", Integer, primary_key=True), '
DESCRIBED = HEAD + ID + 'Column("a", String(9), server_default="x"), Column("b", Integer))\n'
FETCHED = HEAD + ID + 'Column("a", String(9), server_default=FetchedValue()), Column("b", Integer))\n'
INSERT = "INSERT INTO t (id, b) VALUES ({0}, {0})"
COLUMNS = {"t": ["id", "a", "b"]}


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Project:
    """``t.a`` has a default and a row that it filled; the models leave it to the database."""
    project = Project(tmp_path / "project", database_url)
    project.models(DESCRIBED)
    project.generate("first")
    project.migrate()
    project.execute(INSERT.format(1))
    project.models(FETCHED)
    return project


def test_the_default_stays(project: Project) -> None:
    assert project.generate().empty
    assert dbwarden.diff(config=project.config).empty
    assert dbwarden.check(config=project.config).clean
    project.execute(INSERT.format(2))
    assert project.rows(COLUMNS)["t"] == [("1", "x", "1"), ("2", "x", "2")]


def test_it_stays_beside_a_change_of_its_column(project: Project) -> None:
    """There and back, and on SQLite through a table that is built anew."""
    changed = FETCHED.replace("String(9)", "String(20)").replace('"b", Integer', '"b", Integer, nullable=False')
    project.models(changed)
    before = project.dump()
    report = project.generate()
    assert report.proof.proven and not report.notes, report.proof.text
    assert (
        dbwarden.migrate(config=project.config, options=dbwarden.MigrateOptions(sandbox=True)).sandbox.models == "equal"
    )
    project.migrate()
    project.execute(INSERT.format(2))
    assert project.rows(COLUMNS)["t"] == [("1", "x", "1"), ("2", "x", "2")]
    assert project.generate("again").empty
    project.rollback()
    assert project.dump() == before


def test_the_state_file_has_no_default_to_drop(project: Project) -> None:
    dbwarden.export_models(config=project.config)
    offline = dbwarden.CompareOptions(offline=True)
    assert project.generate(options=offline).empty
    assert '"default_undescribed": true' in next(project.folder.rglob("model_state.json")).read_text()
    assert project.generate().empty


def test_a_model_without_it_drops_the_default(project: Project) -> None:
    project.models(FETCHED.replace(", server_default=FetchedValue()", ""))
    assert [step.change for step in project.generate().steps]


def test_a_new_column_has_no_default_and_that_is_said(project: Project) -> None:
    project.models(FETCHED.replace('Column("b"', 'Column("c", Integer, server_default=FetchedValue()), Column("b"'))
    report = project.generate()
    assert report.proof.proven and "DEFAULT" not in report.text
    (note,) = report.notes
    assert note.startswith("column t.c is created without a default: its model says FetchedValue()")
    project.migrate()
    assert project.generate("again").empty


def test_what_a_write_leaves_behind_is_not_a_default(project: Project) -> None:
    """``server_onupdate`` means nothing for DDL: the default of the models is what counts."""
    project.models(DESCRIBED.replace('"x"', '"x", server_onupdate=FetchedValue()'))
    assert project.generate().empty
    project.models(FETCHED.replace("server_default", "server_onupdate"))
    assert not project.generate(write=False).empty


def test_a_number_or_an_expression_stays_too(tmp_path: Path, postgresql_url: str) -> None:
    project = Project(tmp_path / "project", postgresql_url)
    project.execute(
        "CREATE TABLE t (id integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (CACHE 20), s serial,"
        " g integer GENERATED ALWAYS AS (1 + 1) STORED, b integer)"
    )
    fetched = "server_default=FetchedValue()"
    project.models(
        HEAD + f'Table("t", metadata, Column("id", Integer, {fetched}, primary_key=True),'
        f' Column("s", Integer, {fetched}, nullable=False), Column("g", Integer, {fetched}), Column("b", Integer))\n'
    )
    assert project.generate().empty
    path = project.folder / f"models_{project.step}.py"
    project.models(path.read_text().replace('"b", Integer', '"b", BigInteger'))
    report = project.generate()
    assert report.proof.proven, report.proof.text
    project.migrate()
    project.execute("INSERT INTO t (b) VALUES (7)")
    assert project.rows({"t": ["id", "s", "g", "b"]})["t"] == [("1", "1", "2", "7")]
    assert project.generate("again").empty
