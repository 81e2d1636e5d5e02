"""A role without a right is told which GRANT or ALTER ... OWNER to type, by every command that meets it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dbwarden.api.connection import connect
from tests.support.command import run, write_migration, write_project

pytestmark = pytest.mark.acceptance


@dataclass(frozen=True)
class Poor:
    """A role that may connect, and the project of whoever uses it."""

    name: str
    folder: Path
    migrations: Path
    admin: str
    """The URL of the superuser."""

    def execute(self, *statements: str) -> None:
        """As the superuser; ``{role}`` is the role."""
        with connect(self.admin) as conn:
            for sql in statements:
                conn.execute(sql.format(role=self.name))

    def owner(self) -> str:
        """The superuser's name."""
        with connect(self.admin) as conn:
            return str(conn.query("SELECT current_user")[0][0])

    def typed(self, output: str) -> list[str]:
        """What the hint says to type."""
        hint = " ".join(output[output.index("Hint: ") :].split())
        return re.findall(r"`((?:GRANT|ALTER) [^`]+;)`", hint)


@pytest.fixture
def poor(tmp_path: Path, postgresql_url: str) -> Iterator[Poor]:
    name = f"poor_{secrets.token_hex(4)}"
    migrations = write_project(tmp_path, re.sub(r"//[^@]+@", f"//{name}:x@", postgresql_url))
    role = Poor(name, tmp_path, migrations, postgresql_url)
    role.execute("CREATE ROLE {role} LOGIN PASSWORD 'x'")
    yield role
    role.execute("DROP OWNED BY {role}", "DROP ROLE {role}")


def test_each_hint_leads_a_step_further_until_the_file_is_applied(poor: Poor) -> None:
    write_migration(poor.migrations, "0001_t", "CREATE TABLE t (n INTEGER);", "DROP TABLE t;")
    typed = poor.typed(run(poor.folder, "migrate", code=1))
    assert typed == [f"GRANT CREATE ON SCHEMA public TO {poor.name};"]
    poor.execute(*typed)
    run(poor.folder, "migrate")


def test_our_own_tables_are_granted_all_at_once(poor: Poor) -> None:
    write_migration(poor.migrations, "0001_t", "SELECT 1;")
    (poor.folder / "models.py").write_text("import sqlalchemy as sa\nm = sa.MetaData()\nsa.Table('t', m)\n")
    poor.execute("GRANT CREATE ON SCHEMA public TO {role}")
    run(poor.folder, "migrate")
    poor.execute(
        f"REASSIGN OWNED BY {poor.name} TO {poor.owner()}",
        "REVOKE CREATE ON SCHEMA public FROM {role}",
        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
    )
    write_migration(poor.migrations, "0002_t", "SELECT 2;")
    tables = "dbwarden_migrations, dbwarden_lock, dbwarden_journal, dbwarden_seeds"
    grant = f"GRANT SELECT, INSERT, UPDATE, DELETE ON {tables} TO {poor.name};"
    for command in ("status", "history", "make-migrations", "migrate", "lock-status"):
        output = run(poor.folder, *command.split(), code=1)
        assert poor.typed(output) == [grant], output
    poor.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")
    assert poor.typed(run(poor.folder, "migrate", code=1)) == [grant]
    poor.execute(grant)
    run(poor.folder, "migrate")


REFUSED = {
    "create in a schema": (
        "CREATE SCHEMA s",
        "CREATE TABLE s.x (n INTEGER);",
        ["GRANT USAGE, CREATE ON SCHEMA s TO {role};"],
    ),
    "look into a schema": (
        "CREATE SCHEMA s; CREATE TABLE s.x (n INTEGER); GRANT SELECT ON s.x TO {role}",
        "SELECT * FROM s.x;",
        ["GRANT USAGE ON SCHEMA s TO {role};"],
    ),
    "create a schema": ("SELECT 1", "CREATE SCHEMA own;", ["GRANT CREATE ON DATABASE {database} TO {role};"]),
    "read": ("CREATE TABLE x (n INTEGER)", "SELECT * FROM x;", ["GRANT SELECT ON x TO {role};"]),
    "change rows": (
        'CREATE TABLE "X y" (n INTEGER)',
        '/* why */ UPDATE "X y" SET n = 1 WHERE n = 2;',
        ['GRANT SELECT, UPDATE ON "X y" TO {role};'],
    ),
    "change rows that may be read": (
        "CREATE TABLE x (n INTEGER); GRANT SELECT ON x TO {role}",
        "UPDATE x SET n = 1 WHERE n = 2;",
        ["GRANT UPDATE ON x TO {role};"],
    ),
    "refer to": (
        "CREATE TABLE x (n INTEGER PRIMARY KEY)",
        "CREATE TABLE y (n INTEGER REFERENCES x);",
        ["GRANT SELECT, REFERENCES ON x TO {role};"],
    ),
    "take a number": ("CREATE SEQUENCE q", "SELECT nextval('q');", ["GRANT USAGE ON SEQUENCE q TO {role};"]),
    "call": (
        "CREATE FUNCTION f(a INTEGER) RETURNS INTEGER LANGUAGE sql AS 'SELECT a'; REVOKE ALL ON FUNCTION f FROM PUBLIC",
        "SELECT f(1);",
        ["GRANT EXECUTE ON FUNCTION f(integer) TO {role};"],
    ),
    "use a type": (
        "CREATE TYPE mood AS ENUM ('a'); REVOKE ALL ON TYPE mood FROM PUBLIC",
        "CREATE TABLE y (m mood);",
        ["GRANT USAGE ON TYPE mood TO {role};"],
    ),
    "alter a table": (
        "CREATE SCHEMA s; GRANT USAGE ON SCHEMA s TO {role}; CREATE TABLE s.x (n INTEGER)",
        "ALTER TABLE s.x ADD COLUMN a INTEGER;",
        ["GRANT {owner} TO {role};", "ALTER TABLE s.x OWNER TO {role};"],
    ),
    "index a table": (
        "CREATE TABLE x (n INTEGER)",
        "CREATE INDEX CONCURRENTLY i ON x (n);",
        ["GRANT {owner} TO {role};", "ALTER TABLE x OWNER TO {role};"],
    ),
    "drop a view": (
        "CREATE VIEW v AS SELECT 1 AS n",
        "DROP VIEW v;",
        ["GRANT {owner} TO {role};", "ALTER VIEW v OWNER TO {role};"],
    ),
    "replace a function": (
        "CREATE FUNCTION f(a INTEGER) RETURNS INTEGER LANGUAGE sql AS 'SELECT a'",
        "CREATE OR REPLACE FUNCTION f(a INTEGER) RETURNS INTEGER LANGUAGE sql AS 'SELECT a + 1';",
        ["GRANT {owner} TO {role};", "ALTER FUNCTION f(integer) OWNER TO {role};"],
    ),
    "add a value": (
        "CREATE TYPE mood AS ENUM ('a')",
        "ALTER TYPE mood ADD VALUE 'b';",
        ["GRANT {owner} TO {role};", "ALTER TYPE mood OWNER TO {role};"],
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_statement_of_a_file(poor: Poor, case: str) -> None:
    prepared, sql, expected = REFUSED[case]
    poor.execute("GRANT CREATE ON SCHEMA public TO {role}", *prepared.split("; "))
    write_migration(poor.migrations, "0001_t", sql)
    output = run(poor.folder, "migrate", "--force", code=1)
    words = {"role": poor.name, "owner": poor.owner(), "database": poor.admin.rpartition("/")[2]}
    assert poor.typed(output) == [statement.format(**words) for statement in expected], output
    poor.execute(expected[-1].format(**words))
    run(poor.folder, "migrate", "--force")


def test_words_that_name_no_object_end_in_a_general_hint(poor: Poor) -> None:
    poor.execute("GRANT CREATE ON SCHEMA public TO {role}")
    write_migration(poor.migrations, "0001_t", "CREATE EXTENSION file_fdw;")
    output = run(poor.folder, "migrate", code=1)
    assert f"Give the role {poor.name} the right, or let a role that has it do this." in " ".join(output.split())
