"""Columns that become NOT NULL in tables that hold rows: filled by an expression, or with a marked place for it."""

from __future__ import annotations

from pathlib import Path

import pytest

import dbwarden
from dbwarden import CompareOptions, FillCandidate, FillFlags
from dbwarden.errors import UsageError
from tests.support.command import run
from tests.support.project import Project

HEAD = "from sqlalchemy import *\nmetadata = MetaData()\n"
TABLE = (
    'Table("customers", metadata, Column("id", Integer, primary_key=True), Column("name", String(20){null}){more})\n'
)
BEFORE = HEAD + TABLE.format(null="", more="")
ADDED = HEAD + TABLE.format(null="", more=', Column("country", String(2), nullable=False)')
REQUIRED = HEAD + TABLE.format(null=", nullable=False", more="")
CASES = {
    "added": (ADDED, "customers.country", "VARCHAR(2)", "country"),
    "required": (REQUIRED, "customers.name", "VARCHAR(20)", "name"),
}


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Project:
    project = Project(tmp_path / "project", database_url)
    project.reach(BEFORE, "first")
    project.execute("INSERT INTO customers (id, name) VALUES (1, 'ann');\nINSERT INTO customers (id) VALUES (2)")
    return project


@pytest.mark.parametrize("online", [True, False], ids=["online", "plain"])
@pytest.mark.parametrize("what", CASES)
def test_a_flag_gives_the_rows_their_value(project: Project, what: str, online: bool) -> None:
    models, path, _, column = CASES[what]
    project.models(models)
    before = project.dump()
    flag = "--online" if online else "--no-online"
    run(project.folder, "make-migrations", "--fill", f"{path}='DE'", flag)
    text = project.files()[-1].read_text()
    assert "-- proven:" in text and "only without rows" not in text.partition("rollback only")[0], text
    run(project.folder, "migrate", "--force")
    expected = [("DE",), ("DE",)] if what == "added" else [("DE",), ("ann",)]
    assert project.rows({"customers": [column]})["customers"] == expected
    assert project.generate("again").empty
    if what == "required":
        project.rollback()
        assert project.dump() == before


@pytest.mark.parametrize("what", CASES)
def test_somebody_is_asked(project: Project, what: str) -> None:
    models, path, type_, _ = CASES[what]
    asked: list[FillCandidate] = []

    def ask(candidate: FillCandidate) -> str:
        asked.append(candidate)
        return "upper('de')"

    project.models(models)
    report = project.generate(options=CompareOptions(fills=FillFlags(ask=ask)))
    missing = 2 if models == ADDED else 1
    assert [(one.column, one.type.upper(), one.rows) for one in asked] == [(path, type_, missing)]
    assert report.columns_to_fill == () and "upper('de')" in report.text
    project.migrate()


@pytest.mark.parametrize("what", CASES)
def test_without_a_value_the_place_is_marked_and_nothing_runs_over_it(project: Project, what: str) -> None:
    models, path, _, column = CASES[what]
    project.models(models)
    out = run(project.folder, "make-migrations", "fill")
    assert f"Warning: {path} becomes NOT NULL, and the rows that exist have no value for it" in out
    assert "would fail" not in out  # it is said once
    file = project.files()[-1]
    text = file.read_text()
    assert f"-- Fill {path} here:" in text, text
    report = dbwarden.check(config=project.config)
    assert any(column in one.message and one.severity in ("WARN", "CRITICAL") for one in report.findings), report
    before = project.dump()
    if models == ADDED:  # every row is refused, and that is known before
        run(project.folder, "migrate", code=5)
    else:  # and so are the rows
        assert f"{path} becomes NOT NULL, but " in run(project.folder, "migrate", "--force", code=5)
    run(project.folder, "migrate", "--force", "--no-preflight", code=1)
    update = f"UPDATE customers SET {column} = ... WHERE {column} IS NULL;"
    assert (f"-- {update}" in text) == (project.engine != "sqlite")
    if project.engine in ("mysql", "mariadb"):  # a new column is there, and the next run begins at what failed
        project.execute(update.replace("...", "'DE'"))
        project.migrate()
        assert project.generate("again").empty
        return
    assert project.dump() == before
    if project.engine == "postgresql":
        file.write_text(text.replace(f"-- {update}", update.replace("...", "'DE'")))
        project.migrate()
        assert project.generate("again").empty


def test_a_file_with_an_unfilled_column_is_not_finished(project: Project) -> None:
    if project.engine == "sqlite":
        return
    project.models(ADDED)
    project.generate("fill")
    (finding,) = [one for one in dbwarden.check(config=project.config).findings if one.rule == "fill-before-not-null"]
    assert finding.severity == "CRITICAL" and "the file is not finished" in finding.message


def test_a_table_without_rows_needs_nothing(project: Project) -> None:
    project.execute("DELETE FROM customers")
    project.models(ADDED)
    assert project.generate(write=False).columns_to_fill == ()


def test_flags_that_are_mistaken(project: Project) -> None:
    project.models(ADDED)
    with pytest.raises(UsageError, match=r"--fill customers\.contry: no such column") as error:
        project.generate(options=CompareOptions(fills=FillFlags(["customers.contry='DE'"])))
    assert error.value.hint == "Did you mean customers.country?"
    with pytest.raises(UsageError, match="EXPRESSION expected"):
        project.generate(options=CompareOptions(fills=FillFlags(["customers.country"])))
