"""What ``make-migrations`` and ``diff`` do where the dev database of MySQL or MariaDB is a SQLite file."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from dbwarden.api.renaming import RenameFlags
from dbwarden.errors import LossyTranslation
from tests.dev.project import DevProject, nowhere

HEAD = """
from sqlalchemy import *
from sqlalchemy.dialects.mysql import *
metadata = MetaData()
"""
USERS = HEAD + (
    'Table("users", metadata, Column("id", INTEGER(unsigned=True), primary_key=True),\n'
    '      Column("email", String(100), unique=True), Column("state", ENUM("new", "old"), server_default="new"){more})\n'
)


def users(more: str = "") -> str:
    return USERS.format(more=more)


@pytest.fixture(params=["mysql", "mariadb"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> DevProject:
    return DevProject(tmp_path, nowhere(request.param))


def rows(project: DevProject, sql: str) -> list[tuple[object, ...]]:
    conn = sqlite3.connect(project.dev_path)
    try:
        return conn.execute(sql).fetchall()
    finally:
        conn.close()


def test_both_dialects_stand_in_one_file(project: DevProject) -> None:
    project.models(users(', Column("tags", SET("a", "b"))'))
    report = project.generate()
    upgrade, _, rest = report.text.partition("-- upgrade: sqlite\n")
    assert "id INT UNSIGNED NOT NULL AUTO_INCREMENT" in upgrade and "state ENUM('new', 'old')" in upgrade
    assert "id INTEGER NOT NULL PRIMARY KEY" in rest and "CHECK (state IN ('new', 'old'))" in rest
    assert "email VARCHAR(100) COLLATE NOCASE" in rest and "CREATE UNIQUE INDEX users_email ON users (email)" in rest
    assert "-- rollback: sqlite\nDROP TABLE users;" in rest
    assert report.translation_losses == ("users.tags: set('a','b') becomes TEXT (the list of values is not checked)",)


def test_a_key_to_a_numbered_column_loses_no_number(project: DevProject) -> None:
    """SQLite gives the numbers, and none is above what it stores exactly."""
    project.models(
        HEAD
        + 'Table("users", metadata, Column("id", BIGINT(unsigned=True), primary_key=True), Column("n", BIGINT(unsigned=True)))\n'
        'Table("profiles", metadata, Column("user_id", BIGINT(unsigned=True), ForeignKey("users.id"), primary_key=True))\n'
        'Table("photos", metadata, Column("id", INTEGER, primary_key=True),\n'
        '      Column("user_id", BIGINT(unsigned=True), ForeignKey("profiles.user_id")))\n'
        'Table("codes", metadata, Column("code", BIGINT(unsigned=True), primary_key=True, autoincrement=False))\n'
        'Table("uses", metadata, Column("id", INTEGER, primary_key=True),\n'
        '      Column("code", BIGINT(unsigned=True), ForeignKey("codes.code")))\n'
    )
    losses = project.generate().translation_losses
    assert {loss.partition(":")[0] for loss in losses} == {"users.n", "codes.code", "uses.code"}


def test_strict_names_every_loss_and_writes_nothing(project: DevProject) -> None:
    more = (
        ', Column("at", TIMESTAMP, server_default=text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP")),'
        ' Column("body", Text), Index("ft", "body", mysql_prefix="FULLTEXT", mariadb_prefix="FULLTEXT")'
    )
    project.models(users(more))
    with pytest.raises(LossyTranslation) as raised:
        project.generate(strict=True)
    assert [loss.split(":")[0] for loss in raised.value.losses] == ["users.at", "users.ft"]
    assert not project.files() and not project.dev_path.exists()


def test_strict_is_content_with_what_has_an_equivalent(project: DevProject) -> None:
    more = ', Column("j", JSON), Column("b", BIT(3)), Column("y", YEAR), Index("ix", "email", mysql_length=10)'
    project.models(users(more))
    assert project.generate(strict=True).translation_losses == ()


def test_a_change_there_and_back(project: DevProject) -> None:
    project.models(users())
    project.generate("one")
    project.migrate()
    former = project.dev_dump()
    with sqlite3.connect(project.dev_path) as conn:
        conn.execute("INSERT INTO users (email) VALUES ('Ann')")
    conn.close()
    project.models(
        users(', Column("age", SMALLINT(unsigned=True), server_default="7")').replace('"old"', '"old", "gone"')
    )
    report = project.generate("two")
    assert "MODIFY" in report.text and "age" in report.text
    project.migrate()
    assert rows(project, "SELECT email, state, age FROM users WHERE email = 'ANN'") == [("Ann", "new", 7)]
    assert project.diff().empty and not project.diff().notes
    project.rollback(to="0001")
    assert project.dev_dump() == former
    assert rows(project, "SELECT email, state FROM users") == [("Ann", "new")]


@pytest.mark.parametrize(
    ("old", "new", "flags", "query"),
    [
        ('"users"', '"people"', RenameFlags(tables=("users:people",)), "SELECT email FROM people"),
        ('"email"', '"mail"', RenameFlags(parts=("users.email:mail",)), "SELECT mail FROM users"),
    ],
    ids=["table", "column"],
)
def test_renames_keep_rows(project: DevProject, old: str, new: str, flags: RenameFlags, query: str) -> None:
    project.models(users())
    project.generate()
    project.migrate()
    former = project.dev_dump()
    with sqlite3.connect(project.dev_path) as conn:
        conn.execute("INSERT INTO users (email) VALUES ('ann'), ('bob')")
    conn.close()
    project.models(users().replace(old, new))
    project.generate(renames=flags)
    project.migrate()
    assert rows(project, query) == [("ann",), ("bob",)]
    assert project.diff().empty and not project.diff().notes
    project.rollback(to="0001")
    assert project.dev_dump() == former


def test_a_comment_changes_production_only(project: DevProject) -> None:
    project.models(users())
    project.generate()
    project.migrate()
    project.models(users(', comment="people"'))
    assert "SELECT 1" in project.generate().text
    project.migrate()
    assert [run.key for run in project.rollback(to="0001").migrations] == ["0002"]


@pytest.mark.parametrize("flavour", ["mysql", "mariadb"])
def test_with_the_primary_files_carry_both_too(flavour: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    project = DevProject(tmp_path, request.getfixturevalue(f"{flavour}_url"))
    for more in ("", ', Column("e", String(9), CheckConstraint("e in (\'a\', \'b\')"), server_default="a")'):
        project.models(users(more))
        report = project.generate(dev=False)
        assert "-- upgrade: sqlite" in report.text
        project.migrate(dev=False)
        project.migrate()
    assert "CREATE TABLE" not in report.text  # what the server prints in its own words is still the same for SQLite
    assert project.generate("none", dev=False).empty
