"""What a file changes, read from its text: one line for each column, constraint and object, from what to what."""

from __future__ import annotations

import pytest

from dbwarden import dialects
from dbwarden.checks.file_changes import file_changes
from dbwarden.checks.rule import Environment
from dbwarden.checks.run import contexts
from dbwarden.core.file import parse

FIRST = """-- upgrade
CREATE TABLE users (id INTEGER NOT NULL, name VARCHAR(50), n INTEGER DEFAULT 1, mood INTEGER);
CREATE TABLE gone (id INTEGER);
"""


def lines(engine: str, upgrade: str, rollback: str = "SELECT 1;", first: str = FIRST) -> list[str]:
    dialect = dialects.get(engine)
    files = [
        parse("0001_first.sql", first, dialect.lexical_rules),
        parse("0002_second.sql", f"-- upgrade\n{upgrade}\n-- rollback\n{rollback}\n", dialect.lexical_rules),
    ]
    return [line.text for line in file_changes(next(contexts(files, files[1:], dialect, Environment())))]


@pytest.mark.parametrize(
    ("engine", "upgrade", "expected"),
    [
        ("postgresql", "ALTER TABLE users ADD email TEXT NOT NULL;", ["users: add column email TEXT NOT NULL"]),
        ("postgresql", "ALTER TABLE users ALTER n TYPE BIGINT;", ["users.n: INTEGER → BIGINT"]),
        (
            "postgresql",
            "ALTER TABLE users ALTER n TYPE BIGINT, ALTER n SET DEFAULT 2 + 2, ALTER n SET NOT NULL;",
            ["users.n: INTEGER → BIGINT", "users.n: NULL → NOT NULL", "users.n: default 1 → 2 + 2"],
        ),
        ("postgresql", "ALTER TABLE users ALTER n DROP DEFAULT;", ["users.n: default 1 → none"]),
        ("postgresql", "ALTER TABLE users DROP name;", ["users: drop column name"]),
        (
            "postgresql",
            "ALTER TABLE users RENAME name TO label; ALTER TABLE users ALTER label TYPE TEXT;",
            ["users: rename column name → label", "users.label: VARCHAR(50) → TEXT"],
        ),
        (
            "postgresql",
            "ALTER TABLE users RENAME TO people; ALTER TABLE people ADD age INTEGER;",
            ["rename table users → people", "people: add column age INTEGER"],
        ),
        ("postgresql", "DROP TABLE gone; CREATE TABLE t (a INT, b INT);", ["drop table gone", "add table t (a, b)"]),
        ("postgresql", "CREATE TABLE t (a INT); ALTER TABLE t ADD b INT; DROP TABLE t;", []),
        (
            "postgresql",
            "ALTER TABLE users ADD CONSTRAINT c CHECK (n > 0) NOT VALID; ALTER TABLE users VALIDATE CONSTRAINT c;"
            " ALTER TABLE users ALTER n SET NOT NULL; ALTER TABLE users DROP CONSTRAINT c;",
            ["users.n: NULL → NOT NULL"],
        ),
        (
            "postgresql",
            "CREATE UNIQUE INDEX CONCURRENTLY u ON users (name); ALTER TABLE users ADD CONSTRAINT u UNIQUE USING INDEX u;",
            ["users: add unique u by index u"],
        ),
        (
            "postgresql",
            "CREATE INDEX i ON users (lower(name), n) WHERE n > 1; DROP INDEX old;"
            " ALTER TABLE users ADD CONSTRAINT f FOREIGN KEY (mood) REFERENCES gone (id);",
            [
                "users: add index i (lower(name), n) WHERE n > 1",
                "users: add foreign key f (mood) → gone(id)",
                "drop index old",
            ],
        ),
        (
            "postgresql",
            "CREATE OR REPLACE VIEW v AS SELECT 1; DROP VIEW w; CREATE TYPE m AS ENUM ('a'); ALTER TYPE m ADD VALUE 'b';",
            ["add view v (or replace it)", "drop view w", "add enum m (a)", "enum m: add value b"],
        ),
        (
            "mysql",
            "ALTER TABLE users MODIFY COLUMN name VARCHAR(80) NOT NULL DEFAULT 'x', DROP INDEX i, ADD UNIQUE INDEX u (n);",
            [
                "users.name: VARCHAR(50) → VARCHAR(80)",
                "users.name: NULL → NOT NULL",
                "users.name: default none → 'x'",
                "users: drop index i",
                "users: add unique u (n)",
            ],
        ),
        (
            "mysql",
            "ALTER TABLE users CHANGE name label TEXT;",
            ["users: rename column name → label", "users.label: VARCHAR(50) → TEXT"],
        ),
        ("clickhouse", "ALTER TABLE users MODIFY COLUMN n Int64;", ["users.n: INTEGER → Int64", "users.n: default 1 → none"]),
        (
            "sqlite",
            "CREATE TABLE new_users (id INTEGER NOT NULL, name VARCHAR(80), mood INTEGER, age INTEGER);"
            " INSERT INTO new_users (id, name, mood) SELECT id, name, mood FROM users; DROP TABLE users;"
            " ALTER TABLE new_users RENAME TO users; CREATE INDEX i ON users (name);",
            ["users.name: VARCHAR(50) → VARCHAR(80)", "users: add column age INTEGER", "users: drop column n"],
        ),
        ("postgresql", "UPDATE users SET n = 1;", []),
    ],
)  # fmt: skip
def test_lines(engine: str, upgrade: str, expected: list[str]) -> None:
    assert lines(engine, upgrade) == expected


def test_what_earlier_files_do_not_say_comes_from_the_rollback() -> None:
    back = "ALTER TABLE users ALTER n TYPE INTEGER;"
    assert lines("postgresql", "ALTER TABLE users ALTER n TYPE BIGINT;", back, "-- upgrade\nSELECT 1;\n") == [
        "users.n: INTEGER → BIGINT"
    ]
    assert lines("postgresql", "ALTER TABLE users ALTER n TYPE BIGINT;", first="-- upgrade\nSELECT 1;\n") == [
        "users.n: (not known) → BIGINT"
    ]
