"""What would destroy rows is refused, in both directions, unless it is forced or a person says yes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import dbwarden
from dbwarden.errors import NotEmpty, UnsafeMigration, UnsafeRollback
from tests.support.command import run
from tests.support.project import Project
from tests.support.terminal import answered

USERS = """
from sqlalchemy import Column, Integer, MetaData, String, Table

metadata = MetaData()
Table("users", metadata, Column("id", Integer, primary_key=True){columns})
"""
ONE, TWO = USERS.format(columns=""), USERS.format(columns=', Column("mail", String(80))')


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Project:
    project = Project(tmp_path / "project", database_url)
    project.models(ONE)
    project.generate("users")
    project.migrate()
    return project


def fill(project: Project, rows: int = 3) -> None:
    for number in range(1, rows + 1):  # MySQL numbers a row with 0 itself
        project.execute(f"INSERT INTO users (id) VALUES ({number});")


def write(project: Project, name: str, upgrade: str, rollback: str) -> None:
    path = project.folder / "migrations" / "primary" / name
    path.write_text(f"-- upgrade\n{upgrade}\n\n-- rollback\n{rollback}\n")


def test_an_empty_table_is_rolled_back_without_a_word(project: Project) -> None:
    shown = run(project.folder, "rollback")
    assert shown.splitlines()[0].startswith("Rolled back 0001_users.sql") and "Warning" not in shown


@pytest.mark.parametrize("argv", [["rollback"], ["downgrade", "--to", "0"]])
def test_rows_are_counted_and_the_rollback_refused(project: Project, argv: list[str]) -> None:
    fill(project)
    before = project.dump()
    shown = run(project.folder, *argv, code=5)
    assert "Refused: the rollback in database primary destroys data" in shown
    assert "table users (3 rows) is dropped, its data is lost (migrations/primary/" in shown
    assert "0001_users.sql announces: data lost on rollback: users" in shown
    assert "--force" in shown and "--with-backup" in shown
    assert project.dump() == before and len(project.rows({"users": ["id"]})["users"]) == 3
    document = json.loads(run(project.folder, "--json", *argv, code=5))
    assert document["error"]["code"] == "UnsafeRollback"


@pytest.mark.usefixtures("dump_programs")
def test_forced_it_is_told_and_backed_up(project: Project) -> None:
    fill(project)
    shown = run(project.folder, "rollback", "--force", "--with-backup", "--backup-dir", "saved")
    lines = shown.splitlines()
    assert lines[0].startswith("Warning: table users (3 rows)") and "0001_users.sql:" in lines[0]
    assert lines[2].startswith("Backup saved/primary_0001_")
    assert lines[3].startswith("Rolled back 0001_users.sql")
    [saved] = (project.folder / "saved").iterdir()
    run(project.folder, "restore", str(saved))
    assert len(project.rows({"users": ["id"]})["users"]) == 3


def test_a_dry_run_tells_it(project: Project) -> None:
    fill(project, 1)
    shown = run(project.folder, "rollback", "--dry-run")
    assert "table users (1 row) is dropped" in shown and "DROP TABLE users;" in shown


def test_answers_on_a_terminal(project: Project) -> None:
    fill(project)
    shown, code = answered(project.folder, {"3 rows": ""}, "rollback")
    assert code == 5 and "Do it all the same? [y/N]" in shown
    shown, code = answered(project.folder, {"3 rows": "y"}, "rollback")
    assert code == 0 and "Rolled back 0001_users.sql" in shown


def test_a_column_without_values_destroys_nothing(project: Project) -> None:
    fill(project)
    project.models(TWO)
    project.generate("mail")
    project.migrate()
    assert [ran.file for ran in dbwarden.rollback(config=project.config).migrations] == ["0002_mail.sql"]
    project.migrate()
    project.execute("UPDATE users SET mail = 'a@b' WHERE id = 1;")
    with pytest.raises(UnsafeRollback, match=r"column mail of users \(1 value\)"):
        dbwarden.rollback(config=project.config)
    project.models(ONE)
    project.generate("no mail")
    with pytest.raises(UnsafeMigration, match=r"column mail of users \(1 value\)"):
        dbwarden.migrate(config=project.config)
    project.execute("UPDATE users SET mail = NULL;")
    assert [ran.file for ran in dbwarden.migrate(config=project.config).migrations] == ["0003_no_mail.sql"]


def test_a_reason_in_the_rollback_section_allows_it(project: Project) -> None:
    rollback = "-- dbwarden: ignore keep-data: a cache\nDROP TABLE cache;"
    write(project, "0002_cache.sql", "CREATE TABLE cache (id INTEGER);", rollback)
    project.migrate()
    project.execute("INSERT INTO cache VALUES (1);")
    assert dbwarden.rollback(config=project.config).migrations


def test_rows_are_found_under_the_name_that_the_table_has_now(project: Project) -> None:
    """A table that one file renames and the next one drops is not an empty table."""
    fill(project)
    write(project, "0002_people.sql", "ALTER TABLE users RENAME TO people;", "ALTER TABLE people RENAME TO users;")
    dbwarden.migrate(config=project.config)
    with pytest.raises(UnsafeRollback, match=r"table users \(3 rows\) is dropped"):
        dbwarden.rollback(config=project.config, to_version="0")
    write(project, "0003_folk.sql", "ALTER TABLE people RENAME TO folk;", "ALTER TABLE folk RENAME TO people;")
    write(project, "0004_gone.sql", "DROP TABLE folk;", "CREATE TABLE folk (id INTEGER PRIMARY KEY);")
    with pytest.raises(UnsafeMigration, match=r"table folk \(3 rows\) is dropped"):
        dbwarden.migrate(config=project.config)


def test_the_sql_that_history_kept_is_judged_too(project: Project) -> None:
    fill(project)
    project.files()[0].unlink()
    with pytest.raises(UnsafeRollback, match=r"table users \(3 rows\)"):
        dbwarden.rollback(config=project.config)


@pytest.mark.usefixtures("dump_programs")
def test_a_restore_says_how_many_rows_it_replaces(project: Project) -> None:
    write(project, "0002_more.sql", "CREATE TABLE more (id INTEGER);", "DROP TABLE more;")
    run(project.folder, "migrate", "--with-backup")
    [saved] = (project.folder / "backups").iterdir()
    fill(project)
    with pytest.raises(
        NotEmpty,
        match="2 tables and views, 3 rows, 2 migrations applied",
    ):
        dbwarden.restore(saved, config=project.config)
    shown, code = answered(project.folder, {"replaces all of it": ""}, "restore", str(saved))
    assert code == 5
    shown, code = answered(project.folder, {"replaces all of it": "y"}, "restore", str(saved), "--with-backup")
    assert code == 0 and shown.count("Backup backups") == 1, shown
    assert project.rows({"users": ["id"]})["users"] == []


DEFAULTS = {
    "text": ("String(10)", "new", "'New'"),
    "number": ("Numeric(10, 4)", "1.50", "1.5001"),
    "words that look like SQL": ("Text", "it's now()", "'now()'"),
    "no value": ("Integer", "7", "NULL"),
    "another case, which the collation ignores": ('String(10, collation="NOCASE")', "new", "'NEW'"),
}

COLLATIONS = {"postgresql": "C", "mysql": "utf8mb4_general_ci", "mariadb": "utf8mb4_general_ci"}


BESIDE = ', Column("more", Integer, CheckConstraint("more > 0", name="ck"))'


@pytest.mark.parametrize(("what", "beside"), [*((what, "") for what in DEFAULTS), ("text", BESIDE)])
def test_a_new_column_in_which_only_its_default_stands_is_rolled_back(project: Project, what: str, beside: str) -> None:
    """Whoever migrates again has the same values in it."""
    kind, default, other = DEFAULTS[what]
    if "NOCASE" in kind:
        kind = kind.replace("NOCASE", COLLATIONS.get(project.engine, "NOCASE"))
    fill(project)
    column = f', Column("state", {kind}, server_default="{default}"{", nullable=False" if other != "NULL" else ""})'
    models = USERS.format(columns=column + beside).replace("import ", "import CheckConstraint, Numeric, Text, ")
    project.models(models)
    project.generate("state")
    project.migrate()
    dbwarden.rollback(config=project.config)
    project.migrate()
    project.execute(f"UPDATE users SET state = {other} WHERE id = 1;")
    before = project.content()
    with pytest.raises(UnsafeRollback, match="column state of users"):
        dbwarden.rollback(config=project.config)
    assert project.content() == before
