"""Names that differ in their case alone are one name to SQLite: no difference, no loss, and renamed only where asked."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

import dbwarden
from dbwarden import CompareOptions, RenameFlags
from dbwarden.errors import UnsafeMigration, Unsupported, UsageError
from tests.support.project import Project

BY_HAND = """
CREATE TABLE "USERS" (
    "ID" INTEGER NOT NULL PRIMARY KEY,
    "Name" VARCHAR(20) NOT NULL,
    "Born" INTEGER,
    CONSTRAINT "CK_Name" CHECK (NAME <> ''),
    CONSTRAINT "UQ_Name" UNIQUE (nAmE)
);
CREATE TABLE "Orders" (
    "Id" INTEGER NOT NULL PRIMARY KEY,
    "User_Id" INTEGER,
    "Total" INTEGER,
    CONSTRAINT "FK_user" FOREIGN KEY (USER_ID) REFERENCES Users (Id) ON DELETE CASCADE
);
CREATE INDEX "IX_orders_user" ON orders (user_ID);
CREATE INDEX "IX_partial" ON orders (Total) WHERE "TOTAL" > 0;
CREATE UNIQUE INDEX "IX_lower" ON users (lower(NAME));
CREATE TABLE log (note TEXT);
CREATE TRIGGER seen AFTER INSERT ON users BEGIN INSERT INTO LOG VALUES (new.NAME); END;
CREATE VIEW named AS SELECT Name FROM Users;
INSERT INTO users VALUES (1, 'Ann', 1970), (2, 'Ben', NULL);
INSERT INTO orders VALUES (1, 1, 5), (2, 2, NULL);
"""

MODELS = """
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, MetaData, String, Table, Text
from sqlalchemy import UniqueConstraint, text

metadata = MetaData()
users = Table(
    "{users}",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("{name}", String({length}), nullable=False),
    Column("born", Integer),
    CheckConstraint("{name} <> ''", name="ck_name"),
    UniqueConstraint("{name}", name="uq_name"),
    Index("ix_lower", text("lower({name})"), unique=True),
)
Table(
    "orders",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", Integer, ForeignKey("{users}.id", name="fk_user", ondelete="CASCADE"), index=False),
    Column("total", Integer),
    Index("ix_orders_user", "user_id"),
    Index("ix_partial", "total", sqlite_where=text("total > 0")),
)
Table("log", metadata, Column("note", Text))
"""


def models(users: str = "users", name: str = "name", length: int = 20) -> str:
    return MODELS.format(users=users, name=name, length=length)


class ByHand(Project):
    """A project on a database that somebody wrote in another case."""

    @property
    def file(self) -> str:
        return self.url.removeprefix("sqlite:///")

    def query(self, sql: str) -> list[tuple[object, ...]]:
        connection = sqlite3.connect(self.file)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def catalogue(self) -> list[tuple[object, ...]]:
        return self.query(
            "SELECT type, name, sql FROM sqlite_master WHERE tbl_name NOT LIKE 'dbwarden%' ORDER BY type, name"
        )

    def content(self) -> list[list[tuple[object, ...]]]:
        return [self.query(f"SELECT * FROM {table} ORDER BY 1") for table in ("users", "orders", "log", "named")]


@pytest.fixture
def project(tmp_path: Path, sqlite_url: str) -> ByHand:
    project = ByHand(tmp_path / "project", sqlite_url)
    connection = sqlite3.connect(project.file)
    connection.executescript(BY_HAND)
    connection.close()
    return project


def options(*flags: str, **others: bool) -> CompareOptions:
    tables = [flag for flag in flags if "." not in flag]
    return CompareOptions(renames=RenameFlags(tables, [flag for flag in flags if "." in flag]), **others)


@pytest.mark.parametrize("drop_unowned", [False, True])
def test_a_difference_in_case_alone_is_none(project: ByHand, drop_unowned: bool) -> None:
    project.models(models())
    report = project.generate(options=options(drop_unowned=drop_unowned))
    assert report.empty
    assert not report.renames
    assert not report.rename_candidates


def test_a_change_beside_it_keeps_the_rows_and_the_spelling_of_the_database(project: ByHand) -> None:
    project.models(models(length=40))
    before, rows = project.catalogue(), project.content()
    report = project.generate()
    assert report.proof.proven
    assert "data lost" not in report.proof.text
    assert [step.change for step in report.steps] == ["alter table USERS"]
    project.migrate()
    assert project.content() == rows
    assert project.generate().empty
    assert [name for kind, name, _ in project.catalogue() if kind == "trigger"] == ["seen"]
    project.rollback()
    assert project.content() == rows
    assert [row[:2] for row in project.catalogue()] == [row[:2] for row in before]


@pytest.mark.parametrize(
    ("flags", "former", "now"),
    [
        (("USERS:users",), "USERS", "users"),
        (("users:Users",), "USERS", "users"),
        (("users.Name:name",), "Name", "name"),
        (("USERS:users", "users.NAME:name"), "Name", "name"),
    ],
)
def test_the_case_changes_where_a_flag_says_so(project: ByHand, flags: tuple[str, ...], former: str, now: str) -> None:
    project.models(models())
    rows = project.content()
    report = project.generate(options=options(*flags))
    assert report.proof.proven
    assert "data lost" not in report.proof.text
    project.migrate()
    text = project.query("SELECT sql FROM sqlite_master WHERE type = 'table' AND lower(name) = 'users'")[0][0]
    assert f'"{now}"' in str(text)
    assert f'"{former}"' not in str(text)
    assert project.content() == rows
    assert project.generate().empty
    project.rollback()
    text = project.query("SELECT sql FROM sqlite_master WHERE type = 'table' AND lower(name) = 'users'")[0][0]
    assert f'"{former}"' in str(text)
    assert project.content() == rows
    assert project.generate().empty


@pytest.mark.parametrize("flags", [("USERS:people", "people.NAME:label"), ("users:people", "Users.name:LABEL")])
def test_a_rename_may_be_typed_in_any_case(project: ByHand, flags: tuple[str, ...]) -> None:
    project.models(models("people", "label"))
    report = project.generate(options=options(*flags))
    assert report.proof.proven
    project.migrate()
    assert project.query("SELECT id, label, born FROM people") == [(1, "Ann", 1970), (2, "Ben", None)]
    assert project.generate().empty
    project.rollback()
    assert project.query("SELECT id, name, born FROM users") == [(1, "Ann", 1970), (2, "Ben", None)]


def test_what_history_created_is_ours_under_any_spelling(project: ByHand) -> None:
    """A file creates it in one case, a person renames it to another, and the models no longer mention it."""
    project.models(models() + 'Table("Notes", metadata, Column("id", Integer, primary_key=True))\n')
    project.generate()
    project.migrate()
    project.execute("ALTER TABLE notes RENAME TO other; ALTER TABLE other RENAME TO NOTES;")
    project.models(models())
    assert [step.change for step in project.generate().steps] == ["drop table NOTES"]


def test_only_ascii_letters_have_no_case(tmp_path: Path, sqlite_url: str) -> None:
    project = Project(tmp_path / "project", sqlite_url)
    source = 'from sqlalchemy import *\nmetadata = MetaData()\nTable("{}", metadata, Column("é", Integer, primary_key=True))\n'
    project.models(source.format("Ä"))
    project.generate()
    project.migrate()
    project.models(source.format("Ä") + source.format("ä").splitlines()[-1])
    assert [step.change for step in project.generate().steps] == ["add table ä"]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (
            'Table("a", metadata, Column("x", Integer))\nTable("A", metadata, Column("x", Integer))',
            "tables 'a' and 'A'",
        ),
        ('Table("a", metadata, Column("x", Integer), Column("X", Integer))', "columns of table 'a', 'x' and 'X'"),
    ],
)
def test_two_names_that_are_one(tmp_path: Path, sqlite_url: str, source: str, reason: str) -> None:
    project = Project(tmp_path / "project", sqlite_url)
    project.models("from sqlalchemy import *\nmetadata = MetaData()\n" + source)
    with pytest.raises(Unsupported, match=reason):
        project.generate()


def test_a_flag_that_changes_nothing(project: ByHand) -> None:
    project.models(models("USERS"))
    with pytest.raises(UsageError, match="still in the models"):
        project.generate(options=options("USERS:users"))


def test_rows_are_counted_under_any_spelling(project: ByHand) -> None:
    """A file by hand that drops the filled table in another case is refused."""
    project.models(models())
    folder = project.folder / "migrations" / "primary"
    folder.mkdir(parents=True)
    (folder / "0001_drop.sql").write_text("-- irreversible: by hand\n\n-- upgrade\nDROP TABLE ORDERS;\n")
    with pytest.raises(UnsafeMigration, match=r"table ORDERS .*2 rows"):
        dbwarden.migrate(config=project.config)
    project.execute('DELETE FROM "Orders";')
    assert dbwarden.migrate(config=project.config).applied


def test_a_column_gets_a_name_that_must_be_quoted(project: ByHand) -> None:
    project.models(
        models(name="order")
        .replace("lower(order)", 'lower(\\"order\\")')
        .replace('"order <>', '\'"order" <>')
        .replace("''\", name=", "\\'\\'', name=")
    )
    project.generate(options=options("users.name:order"))
    project.migrate()
    assert project.generate().empty
