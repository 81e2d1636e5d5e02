"""Renames that nobody announced: asked on a terminal, decided by a callable, never guessed; rows stay."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import dbwarden
from dbwarden import CompareOptions, RenameCandidate, RenameFlags
from dbwarden.errors import ProofFailed
from tests.support.command import run
from tests.support.project import Project
from tests.support.terminal import answered

USERS = """
from sqlalchemy import Column, Date, Integer, MetaData, String, Table

metadata = MetaData()
Table(
    "{table}",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("{column}", String(80), nullable=False),
    Column("name", String(40)),
    Column("born", Date),
)
"""
BEFORE, AFTER = USERS.format(table="users", column="email"), USERS.format(table="people", column="mail")


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Project:
    project = Project(tmp_path / "project", database_url)
    project.reach(BEFORE, "first")
    project.execute("INSERT INTO users (id, email) VALUES (1, 'ann@example.org');")
    project.models(AFTER)
    return project


def mails(project: Project, table: str, column: str) -> list[tuple[str, ...]]:
    return project.rows({table: [column]})[table]


def test_answers_on_a_terminal_keep_the_rows(project: Project) -> None:
    shown, code = answered(
        project.folder, {"table users": "y", "column people.email": "y"}, "make-migrations", "--no-proof"
    )
    assert code == 0, shown
    assert "table users is gone, and people is new (" in shown
    assert "Was it renamed? Otherwise it is dropped with its data [y/N]: y" in shown
    assert "table users → people" in shown and "people: rename column email → mail" in shown
    text = project.files()[-1].read_text()
    assert text.startswith("-- renames: table users:people, people.email:mail\n")
    run(project.folder, "migrate")
    assert mails(project, "people", "mail") == [("ann@example.org",)]
    run(project.folder, "rollback")
    assert mails(project, "users", "email") == [("ann@example.org",)]
    run(project.folder, "migrate")
    assert mails(project, "people", "mail") == [("ann@example.org",)]


def test_no_on_a_terminal_is_a_drop(project: Project) -> None:
    shown, code = answered(project.folder, {"table users": ""}, "make-migrations", "--no-proof")
    assert code == 0 and shown.count("[y/N]") == 1, "only tables: what is in them is asked where they were renamed"
    assert "drop table users" in shown and "If it was renamed" not in shown


def test_interrupted_at_the_question(project: Project) -> None:
    shown, code = answered(project.folder, {"table users": "\x03"}, "make-migrations", "--no-proof")
    assert code == 130, shown
    assert len(project.files()) == 1


def test_nobody_is_asked_where_a_program_reads(project: Project) -> None:
    shown, code = answered(project.folder, {}, "--json", "make-migrations", "--plan", "--no-proof")
    assert code == 0 and '"flag": "--rename-table users:people"' in shown and "[y/N]" not in shown


def test_a_callable_is_asked(project: Project) -> None:
    asked: list[RenameCandidate] = []

    def ask(candidate: RenameCandidate) -> bool:
        asked.append(candidate)
        return True

    report = project.generate(write=False, options=CompareOptions(renames=RenameFlags(ask=ask)))
    assert [one.flag for one in asked] == ["--rename-table users:people", "--rename people.email:mail"]
    assert report.renames == tuple(one.flag for one in asked) and report.rename_candidates == ()
    assert all(0.5 < one.score < 1 and one.evidence for one in asked)


def test_without_an_answer_nothing_is_guessed(project: Project) -> None:
    report = project.generate(write=False)
    assert [step.change for step in report.steps] == ["add table people", "drop table users"]
    assert [(one.object, one.new_name, one.flag) for one in report.rename_candidates] == [
        ("table users", "people", "--rename-table users:people")
    ]
    assert dbwarden.diff(config=project.config).rename_candidates == report.rename_candidates


def test_a_view_of_the_user_follows(project: Project) -> None:
    project.execute("CREATE VIEW addresses AS SELECT email AS address FROM users;")
    options = CompareOptions(renames=RenameFlags(("users:people",), ("people.email:mail",)))
    if project.engine in ("mysql", "mariadb"):  # whose views name what they read, and are left behind
        with pytest.raises(ProofFailed, match="view addresses"):
            project.generate(options=options)
        return
    project.generate(options=options)
    project.migrate()
    assert mails(project, "addresses", "address") == [("ann@example.org",)]
    project.rollback()
    assert mails(project, "addresses", "address") == [("ann@example.org",)]


def test_the_attribute_of_the_model_speaks_for_a_rename(project: Project) -> None:
    project.models(
        BEFORE.replace('"email", String(80)', '"qq", String(80), key="email"').replace(
            'Column("name", String(40)),', 'Column("name", String(40)), Column("more", String(80)),'
        )
    )
    (one,) = project.generate(write=False).rename_candidates
    assert one.flag == "--rename users.email:qq" and one.evidence[-1].endswith("still called email")


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"tables": ("users:peeple",)}, "the models have no table peeple; did you mean people?"),
        ({"tables": ("user:people",)}, "there is no table user"),
        ({"parts": ("users.email:mail",)}, "table users is not in the models"),
        ({"tables": ("users:people",), "parts": ("people.name:mail",)}, "column people.name is still in the models"),
    ],
)
def test_flags_that_cannot_be(project: Project, flags: dict[str, Any], message: str) -> None:
    with pytest.raises(dbwarden.DBWardenError) as caught:
        project.generate(options=CompareOptions(renames=RenameFlags(**flags)))
    assert message in caught.value.message and caught.value.exit_code == 2
    assert len(project.files()) == 1
