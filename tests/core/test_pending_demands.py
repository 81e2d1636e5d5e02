"""What pending statements demand of rows that are there, by the names of the database, and what their rows do not show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pytest

from dbwarden import dialects
from dbwarden.core.model import Check, Column, ForeignKey, PrimaryKey, Schema, Table, Unique
from dbwarden.core.pending_demands import PendingDemands, PendingFile
from dbwarden.core.row_demands import PlacedDemand
from dbwarden.core.sqltext import SqlStatement
from dbwarden.core.types import DataType, Expression, Ref

TEXT, NUMBER = DataType("text"), DataType("integer")
USERS, TEAMS = Ref("table", "users"), Ref("table", "teams")
SCHEMA = Schema(
    (
        Table.of(
            "users",
            (
                Column("id", NUMBER, nullable=False),
                Column("mail", TEXT),
                Column("age", TEXT),
                Column("team", NUMBER),
                Column("login", TEXT, nullable=False),
            ),
        ),
        PrimaryKey(USERS, "users_pkey", ("id",)),
        Unique(USERS, "one_login", ("login",)),
        Check(USERS, "adult", Expression("team > 0")),
        Table.of("teams", (Column("id", NUMBER, nullable=False), Column("code", TEXT))),
        PrimaryKey(TEAMS, "teams_pkey", ("id",)),
        Table.of("members", (Column("id", NUMBER, nullable=False), Column("team", NUMBER), Column("note", TEXT))),
        ForeignKey(Ref("table", "members"), "of_team", ("team",), TEAMS, ("id",), on_delete="cascade"),
    )
)


def demands(
    files: Sequence[Sequence[str]], engine: str = "postgresql", schema: Schema | None = SCHEMA
) -> list[PlacedDemand]:
    reader = PendingDemands(dialects.get(engine), schema)
    return [
        demand
        for number, statements in enumerate(files, 1)
        for demand in reader.read_file(
            PendingFile(f"{number}.sql", [SqlStatement(sql, 0, line) for line, sql in enumerate(statements, 1)])
        )
    ]


class Case(NamedTuple):
    statements: tuple[str, ...]
    expected: tuple[str, ...]
    engine: str = "postgresql"


CASES = {
    "set not null": Case(("ALTER TABLE users ALTER mail SET NOT NULL",), ("users.mail becomes NOT NULL",)),
    "already not null": Case(("ALTER TABLE users ALTER login SET NOT NULL",), ()),
    "already unique": Case(("CREATE UNIQUE INDEX i ON users (login)",), ()),
    "proven by a check": Case(
        (
            "ALTER TABLE users ADD CONSTRAINT c CHECK (mail IS NOT NULL) NOT VALID",
            "ALTER TABLE users VALIDATE CONSTRAINT c",
            "ALTER TABLE users ALTER mail SET NOT NULL",
        ),
        ("users.mail becomes NOT NULL",),
    ),
    "never validated": Case(("ALTER TABLE users ADD CONSTRAINT c CHECK (team > 1) NOT VALID",), ()),
    "validated from before": Case(
        ("ALTER TABLE users VALIDATE CONSTRAINT adult",), ("users gets the check (team > 0)",)
    ),
    "using an index": Case(
        (
            "CREATE UNIQUE INDEX CONCURRENTLY i ON users (mail)",
            "ALTER TABLE users ADD CONSTRAINT u UNIQUE USING INDEX i",
        ),
        ("users becomes unique by (mail)",),
    ),
    "expressions": Case(
        ("CREATE UNIQUE INDEX i ON users (lower(mail) DESC, team) WHERE team > 0",),
        ("users becomes unique by (lower(mail), team)",),
    ),
    "an index that is not unique": Case(("CREATE INDEX i ON users (mail)",), ()),
    "foreign key to the primary key": Case(
        ("ALTER TABLE users ADD FOREIGN KEY (team) REFERENCES teams",),
        ("users gets the foreign key (team) to teams",),
    ),
    "type": Case(
        ("ALTER TABLE users ALTER COLUMN age TYPE integer USING age::integer",), ("users.age becomes integer",)
    ),
    "a new enumeration": Case(
        ("CREATE TYPE mood AS ENUM ('a', 'b')", "ALTER TABLE users ALTER age TYPE mood USING age::mood"),
        ("users.age becomes mood",),
    ),
    "the same type": Case(("ALTER TABLE users ALTER age TYPE text",), ()),
    "a new table": Case(
        ("CREATE TABLE t (a int)", "ALTER TABLE t ALTER a SET NOT NULL", "CREATE UNIQUE INDEX i ON t (a)"), ()
    ),
    "a renamed column": Case(
        ("ALTER TABLE users RENAME mail TO address", "ALTER TABLE users ALTER address SET NOT NULL"),
        ("users.mail becomes NOT NULL",),
    ),
    "a renamed table": Case(
        ("ALTER TABLE users RENAME TO people", "ALTER TABLE people ALTER mail SET NOT NULL"),
        ("users.mail becomes NOT NULL",),
    ),
    "MODIFY": Case(
        ("ALTER TABLE users MODIFY age INT NOT NULL",), ("users.age becomes INT", "users.age becomes NOT NULL"), "mysql"
    ),
    "CHANGE": Case(("ALTER TABLE users CHANGE mail address TEXT NOT NULL",), ("users.mail becomes NOT NULL",), "mysql"),
    "not enforced": Case(("ALTER TABLE users ADD CHECK (team > 1) NOT ENFORCED",), (), "mysql"),
    "an index in ALTER TABLE": Case(
        ("ALTER TABLE users ADD UNIQUE KEY k (mail(10))",), ("users becomes unique by (mail(10))",), "mysql"
    ),
    "a rebuild": Case(
        (
            "CREATE TABLE new_users (id INTEGER PRIMARY KEY, mail TEXT NOT NULL, age TEXT NOT NULL, team INTEGER,"
            " login TEXT NOT NULL, CHECK (team > 1))",
            "INSERT INTO new_users (id, mail, age, team, login)"
            " SELECT id, mail, COALESCE(age, ''), team, login FROM users",
            "DROP TABLE users",
            "ALTER TABLE new_users RENAME TO users",
            "CREATE UNIQUE INDEX i ON users (mail)",
        ),
        (
            "users.mail becomes NOT NULL",
            "users gets the check (team > 1)",
            "users becomes unique by (mail)",
        ),
        "sqlite",
    ),
    "nothing but types": Case(
        ("ALTER TABLE users MODIFY COLUMN age Int32", "ALTER TABLE users ADD CONSTRAINT c CHECK team > 0"),
        ("users.age becomes Int32",),
        "clickhouse",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_demanded(name: str) -> None:
    case = CASES[name]
    placed = demands([case.statements], case.engine)
    assert tuple(one.demand.describe() for one in placed) == case.expected
    assert not any(one.unjudged for one in placed), placed
    if case.expected:  # without the schema it is known as well that there may be demands
        assert demands([case.statements], case.engine, None)


UNIQUE = "CREATE UNIQUE INDEX i ON users (mail)"
TOUCHED = {
    "update": "UPDATE users SET mail = 'x'",
    "delete": "DELETE FROM users WHERE mail IS NULL",
    "truncate": "TRUNCATE users",
    "merge": "MERGE INTO users USING teams ON false WHEN MATCHED THEN DELETE",
    "insert that updates": "INSERT INTO users VALUES (1) ON CONFLICT (id) DO UPDATE SET mail = 'x'",
    "block": "DO $$ BEGIN UPDATE users SET mail = 'x'; END $$",
    "procedure": "CALL repair()",
    "function": "SELECT repair()",
    "setting": "SET search_path = other",
    "view": "UPDATE some_view SET mail = 'x'",
    "with": "WITH gone AS (DELETE FROM users RETURNING id) SELECT count(*) FROM gone",
    "unknown": "FROBNICATE users",
}


@pytest.mark.parametrize("name", TOUCHED)
@pytest.mark.parametrize("apart", [False, True], ids=["one file", "two files"])
def test_rows_that_change_first_are_not_judged(name: str, apart: bool) -> None:
    files = [[TOUCHED[name]], [UNIQUE]] if apart else [[TOUCHED[name], UNIQUE]]
    [placed] = demands(files)
    if name == "setting" and apart:  # restored after each file
        assert not placed.unjudged
    else:
        assert placed.unjudged.startswith("1.sql:1 "), placed


HARMLESS = {
    "another column": "UPDATE users SET age = 'x'",
    "another table": "UPDATE teams SET code = 'x'",
    "new rows": "INSERT INTO users (id) VALUES (1)",
    "a time-out": "SET lock_timeout = '1s'",
    "a sequence": "SELECT setval('users_id_seq', 1)",
    "a comment": "COMMENT ON TABLE users IS 'x'",
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_leaves_the_rows_alone_leaves_the_judgement(name: str) -> None:
    [placed] = demands([[HARMLESS[name], UNIQUE]])
    assert not placed.unjudged


UNJUDGED = {
    "rows of the parent": (
        ["INSERT INTO teams (id) VALUES (7)", "ALTER TABLE users ADD FOREIGN KEY (team) REFERENCES teams (id)"],
        "1.sql:1 changes rows of teams first",
    ),
    "rows that go along": (
        ["DELETE FROM teams WHERE id = 7", "CREATE UNIQUE INDEX i ON members (note)"],
        "1.sql:1 changes these rows first",
    ),
    "a new parent": (
        ["CREATE TABLE t (id int PRIMARY KEY)", "ALTER TABLE users ADD FOREIGN KEY (team) REFERENCES t (id)"],
        "the pending files create t",
    ),
    "a new column": (
        ["ALTER TABLE users ADD nick text", "ALTER TABLE users ALTER nick SET NOT NULL"],
        "the values of nick come from the pending files",
    ),
    "a new column in a check": (
        ["ALTER TABLE users ADD nick text", "ALTER TABLE users ADD CHECK (nick <> mail)"],
        "the values of nick come from the pending files",
    ),
    "a renamed column in a check": (
        ["ALTER TABLE users RENAME mail TO address", "ALTER TABLE users ADD CHECK (address <> '')"],
        "the pending files rename mail to address",
    ),
    "a converted column": (
        ["ALTER TABLE users ALTER age TYPE integer USING 1", "ALTER TABLE users ADD CHECK (age > 0)"],
        "1.sql:1 changes these rows first",
    ),
    "a grown enumeration": (
        ["ALTER TYPE mood ADD VALUE 'c'", "ALTER TABLE users ALTER age TYPE mood USING age::mood"],
        "the pending files change the values of mood",
    ),
    "exclude": (
        ["ALTER TABLE users ADD EXCLUDE USING gist (mail WITH =)"],
        "an EXCLUDE constraint compares rows in pairs",
    ),
}


@pytest.mark.parametrize("name", UNJUDGED)
def test_what_the_rows_do_not_show_is_said(name: str) -> None:
    statements, reason = UNJUDGED[name]
    assert demands([statements])[-1].unjudged == reason


def test_null_stays_null_in_another_type() -> None:
    placed = demands([["ALTER TABLE users ALTER age TYPE varchar(5)", "ALTER TABLE users ALTER age SET NOT NULL"]])
    assert [one.unjudged for one in placed] == ["", ""]


def test_what_ran_before_is_in_the_database() -> None:
    statements = [SqlStatement(sql, 0, 1) for sql in ("UPDATE users SET mail = 'x'", UNIQUE)]
    reader = PendingDemands(dialects.get("postgresql"), SCHEMA)
    [placed] = reader.read_file(PendingFile("1.sql", statements, done=1))
    assert (placed.unjudged, placed.statement) == ("", 2)


def test_another_program_judges_by_itself() -> None:
    file = PendingFile("1.sql", [SqlStatement(UNIQUE, 0, 1)], unjudged="gh-ost runs the statement")
    [placed] = PendingDemands(dialects.get("mysql"), SCHEMA).read_file(file)
    assert placed.unjudged == "gh-ost runs the statement"
