"""Changes on filled tables: the upgrade, the rollback and the second upgrade each leave the expected rows and the exact schema."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

import dbwarden
from dbwarden import CompareOptions, RenameFlags
from dbwarden.errors import UnsafeMigration, UnsafeRollback
from tests.support.project import Project

HEAD = "from sqlalchemy import *\nmetadata = MetaData()\n"
KEY = 'Column("id", Integer, primary_key=True)'
Rows = dict[str, list[tuple[str, ...]]]


@dataclass(frozen=True)
class Change:
    """From the models ``before``, with ``rows`` (and what somebody did by hand), to the models ``after``.

    ``reached`` is what the tables hold then, by quoted name with the columns in alphabetical order; ``returned`` what they
    hold after the rollback, where that is not all of it. ``file`` is a migration written by hand instead of ``after``.
    """

    before: str
    rows: str
    after: str = ""
    reached: Rows | None = None
    returned: Rows | None = None
    flags: tuple[str, ...] = ()
    unowned: bool = False
    engines: tuple[str, ...] = ("sqlite", "postgresql")
    file: str = ""
    refused_back: bool = False
    """Whether the rollback loses values, and is refused without --force."""


ONE, NULL = "('1',)", "None"
USERS = f'Table("users", metadata, {KEY}, Column("name", Text))\n'
ANN = "INSERT INTO users (id, name) VALUES (1, 'Ann'), (2, 'Ben');"
NAMED: Rows = {'"users"': [("1", "Ann"), ("2", "Ben")]}
NAMELESS: Rows = {'"users"': [("1", NULL), ("2", NULL)]}
AGAIN = "ALTER TABLE users DROP COLUMN name;\nALTER TABLE users ADD COLUMN name TEXT;\n"
TABLE_AGAIN = "DROP TABLE users;\nCREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY, name TEXT);\n"
TWO_TABLES = f'Table("a", metadata, {KEY})\nTable("b", metadata, {KEY}, Column("n", Integer){{more}})\n'
PARENT_AND_CHILD = (
    'Table("t", metadata, Column("id", {type}, primary_key=True))\n'
    f'Table("u", metadata, {KEY}, Column("t_id", {{type}}, ForeignKey("t.id", name="fk")))\n'
)
RANGES = "CREATE TABLE p (id INT, k INT) PARTITION BY LIST (k);\nCREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);\n"

CHANGES = {
    "a column dropped and added by hand": Change(
        USERS, ANN, file=AGAIN, reached=NAMELESS, returned=NAMELESS,
    ),
    "a table dropped and created by hand": Change(
        USERS, ANN, file=TABLE_AGAIN, reached={'"users"': []}, returned={'"users"': []}, engines=("sqlite",),
    ),
    "a column dropped and added by the models": Change(
        USERS,
        ANN,
        USERS.replace('"name", Text', '"label", Text'),
        reached={'"users"': [("1", NULL), ("2", NULL)]},
        returned=NAMELESS,
    ),
    "a renamed table whose column changes its type": Change(
        USERS,
        ANN,
        USERS.replace('"users"', '"people"').replace("Text", "String(50)"),
        flags=("users:people",),
        reached={'"people"': [("1", "Ann"), ("2", "Ben")]},
    ),
    "a column in another case": Change(
        USERS,
        ANN,
        USERS.replace('"name", Text', '"Name", Text'),
        flags=("users.name:Name",),
        reached={'"users"': [("Ann", "1"), ("Ben", "2")]},
    ),
    "a table in another case": Change(
        USERS, ANN, USERS.replace('"users"', '"USERS"'), flags=("users:USERS",),
        reached={'"USERS"': [("1", "Ann"), ("2", "Ben")]},
    ),
    "a schema that the models no longer mention": Change(
        TWO_TABLES.format(more=', schema="s1"'),
        "INSERT INTO a VALUES (5);\nINSERT INTO s1.b VALUES (1, 2);",
        TWO_TABLES.partition("\n")[0],
        reached={'"a"': [("5",)]},
        returned={'"a"': [("5",)], '"s1"."b"': []},
        engines=("postgresql",),
    ),
    "a table that moves to the default schema": Change(
        TWO_TABLES.format(more=', schema="s1"'),
        "INSERT INTO a VALUES (5);\nINSERT INTO s1.b VALUES (1, 2);",
        TWO_TABLES.format(more=""),
        flags=("s1.b:b",),
        reached={'"a"': [("5",)], '"b"': [("1", "2")]},
        engines=("postgresql",),
    ),
    "a sequence that a dropped column owns and does not draw from": Change(
        f'Table("t", metadata, {KEY}, Column("n", Integer))\n',
        "CREATE SEQUENCE s OWNED BY t.n;\nALTER SEQUENCE t_id_seq RENAME TO numbers;\nINSERT INTO t (n) VALUES (4), (5);",
        f'Table("t", metadata, {KEY})\nSequence("s", metadata=metadata)\n',
        reached={'"t"': [("1",), ("2",)]},
        returned={'"t"': [("1", NULL), ("2", NULL)]},
        engines=("postgresql",),
    ),
    "a serial that becomes plain": Change(
        f'Table("t", metadata, {KEY}, Column("n", Integer))\n',
        "ALTER SEQUENCE t_id_seq RENAME TO numbers;\nINSERT INTO t (n) VALUES (4), (5);",
        'Table("t", metadata, Column("id", Integer, primary_key=True, autoincrement=False), Column("n", Integer))\n',
        reached={'"t"': [("1", "4"), ("2", "5")]},
        engines=("postgresql",),
    ),
    "a serial that is not the key": Change(
        f'Table("t", metadata, {KEY}, Column("a", Integer))\n',
        "INSERT INTO t (a) VALUES (4), (5);",
        f'Sequence("t_n_seq", metadata=metadata)\nTable("t", metadata, {KEY}, Column("a", Integer),'
        ' Column("n", Integer, server_default=text("nextval(\'t_n_seq\'::regclass)")))\n',
        reached={'"t"': [("4", "1", "1"), ("5", "2", "2")]},
        engines=("postgresql",),
        refused_back=True,
    ),
    "a partitioned table that is dropped": Change(
        f'Table("t", metadata, {KEY})\n',
        f"{RANGES}INSERT INTO p VALUES (7, 1);\nINSERT INTO t VALUES (9);",
        f'Table("t", metadata, {KEY})\n',
        unowned=True,
        reached={'"t"': [("9",)]},
        returned={'"t"': [("9",)], '"p"': [], '"p1"': []},
        engines=("postgresql",),
    ),
    "a partitioned table that is left alone": Change(
        f'Table("t", metadata, {KEY})\n',
        f"{RANGES}INSERT INTO p VALUES (7, 1);\nINSERT INTO t VALUES (9);",
        f'Table("t", metadata, {KEY}, Column("n", Integer))\n',
        reached={'"t"': [("9", NULL)], '"p"': [("7", "1")], '"p1"': [("7", "1")]},
        engines=("postgresql",),
    ),
    "the last table": Change(
        f'Table("t", metadata, {KEY})\n', "INSERT INTO t (id) VALUES (9);", " ", reached={}, returned={'"t"': []}
    ),
    "a serial that becomes text": Change(
        f'Table("t", metadata, {KEY}, Column("n", Integer))\n',
        "INSERT INTO t (n) VALUES (4), (5);",
        'Table("t", metadata, Column("id", Text, primary_key=True), Column("n", Integer))\n',
        reached={'"t"': [("1", "4"), ("2", "5")]},
    ),
    "both ends of a foreign key change": Change(
        PARENT_AND_CHILD.format(type="Integer"),
        "INSERT INTO t (id) VALUES (7), (8);\nINSERT INTO u (id, t_id) VALUES (1, 7), (2, NULL);",
        PARENT_AND_CHILD.format(type="Text"),
        reached={'"t"': [("7",), ("8",)], '"u"': [("1", "7"), ("2", NULL)]},
    ),
    "a new table with a constraint that is not valid": Change(
        f'Table("t", metadata, {KEY})\n',
        "INSERT INTO t VALUES (9);",
        f'Table("t", metadata, {KEY})\nTable("w", metadata, {KEY}, Column("t_id", Integer),'
        ' CheckConstraint("t_id > 0", name="ck", postgresql_not_valid=True),'
        ' ForeignKeyConstraint(["t_id"], ["t.id"], name="fk", postgresql_not_valid=True))\n',
        reached={'"t"': [("9",)], '"w"': []},
        engines=("postgresql",),
    ),
    "a nullable integer key": Change(
        'Table("t", metadata, Column("id", Integer, primary_key=True, nullable=True), Column("n", String(20)))\n',
        "INSERT INTO t (n) VALUES ('a');\nINSERT INTO t (id, n) VALUES (7, NULL);",
        'Table("t", metadata, Column("id", Integer, primary_key=True, nullable=True), Column("n", Text))\n',
        reached={'"t"': [("1", "a"), ("7", NULL)]},
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("what", "database_url"),
    [(what, engine) for what, change in CHANGES.items() for engine in change.engines],
    indirect=["database_url"],
)
def test_rows_and_schema(what: str, tmp_path: Path, database_url: str) -> None:
    change = CHANGES[what]
    project = Project(tmp_path / "project", database_url)
    project.reach(HEAD + change.before, "first")
    project.execute(change.rows)
    schema, rows = project.dump(), project.content()
    write(project, change)

    migrate(project, loses=change.returned is not None)
    assert project.content() == change.reached
    reached = project.dump()
    if not change.file:
        assert project.generate("again", options=CompareOptions(drop_unowned=change.unowned)).empty

    rollback(project, change)
    assert project.content() == (rows if change.returned is None else change.returned)
    if not change.file:  # what somebody wrote need not lead back
        assert project.dump() == schema

    project.migrate()
    assert project.dump() == reached


def write(project: Project, change: Change) -> None:
    if change.file:
        text = f"-- upgrade\n{change.file}\n-- rollback\n{change.file}"
        (project.folder / "migrations" / "primary" / "0002_by_hand.sql").write_text(text)
        return
    project.models(HEAD + change.after)
    tables = [flag for flag in change.flags if not re.match(r"\w+\.\w+:\w+$", flag) or flag.startswith("s1.")]
    renames = RenameFlags(tables, [flag for flag in change.flags if flag not in tables])
    report = project.generate(options=CompareOptions(renames=renames, drop_unowned=change.unowned))
    assert report.proof.proven, report.text


def migrate(project: Project, *, loses: bool) -> None:
    """Without --force where nothing is lost; refused, with nothing done, where something is."""
    if not loses:
        dbwarden.migrate(config=project.config)
        return
    before = project.content()
    with pytest.raises(UnsafeMigration):
        dbwarden.migrate(config=project.config)
    assert project.content() == before
    project.migrate()


def rollback(project: Project, change: Change) -> None:
    """Without --force where nothing is lost on the way back; refused, with nothing done, where something is."""
    if not change.refused_back:
        dbwarden.rollback(config=project.config)
        return
    before = project.content()
    with pytest.raises(UnsafeRollback):
        dbwarden.rollback(config=project.config)
    assert project.content() == before
    project.rollback()
