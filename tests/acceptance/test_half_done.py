"""A file that stopped half-way: no command goes past it, on any engine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command import rows, run, write_project

pytestmark = pytest.mark.acceptance

OFF = "-- transaction: off\n\n-- upgrade\n{}\n\n-- rollback\n{}\n"
UP = "CREATE TABLE b (n INTEGER);\nINSERT INTO b VALUES (1);\nINSERT INTO {} VALUES (1);"
DOWN = "DELETE FROM {};\nDROP TABLE b;"


@pytest.fixture
def folder(tmp_path: Path, database_url: str) -> Path:
    """0001 is applied; 0002 is about to stop."""
    migrations = write_project(tmp_path, database_url)
    (tmp_path / "models.py").write_text(
        "from sqlalchemy import Column, Integer, MetaData, Table\nmetadata = MetaData()\n"
        "Table('a', metadata, Column('n', Integer, primary_key=True))\n"
    )
    (migrations / "0001_a.sql").write_text(
        "-- upgrade\nCREATE TABLE a (n INTEGER PRIMARY KEY);\n\n-- rollback\nDROP TABLE a;\n"
    )
    run(tmp_path, "migrate")
    return migrations


def _tables(url: str) -> set[object]:
    sql = {
        "sqlite": "SELECT name FROM sqlite_master",
        "postgresql": "SELECT tablename FROM pg_tables",
        **dict.fromkeys(("mysql", "mariadb"), "SHOW TABLES"),
    }[url.partition(":")[0]]
    return {name for (name,) in rows(url, sql)} & {"a", "b", "c"}


def _write(migrations: Path, up: str = "b", down: str = "b") -> None:
    (migrations / "0002_b.sql").write_text(OFF.format(UP.format(up), DOWN.format(down)))


def _killed(url: str) -> None:
    """As if nobody had come to write the last event."""
    from dbwarden.api.connection import connect

    with connect(url) as conn:
        conn.execute("DELETE FROM dbwarden_migrations WHERE event IN ('failed', 'rollback_failed')")


@pytest.mark.parametrize("killed", [False, True], ids=["failed", "killed"])
def test_an_upgrade(tmp_path: Path, database_url: str, folder: Path, killed: bool) -> None:
    _write(folder, up="nowhere")
    assert "Statements 1 to 2 of 3 remain in effect" in run(tmp_path, "migrate", code=1)
    if killed:
        _killed(database_url)
    _write(folder)
    word = "stopped before" if killed else "failed at"
    assert f"{word} statement 3 of 3" in run(tmp_path, "status", "--exit-code", code=4)
    assert f"{word} statement 3 of 3" in run(tmp_path, "history")
    entry = json.loads(run(tmp_path, "status", "--json"))["entries"][1]
    assert (entry["statements_done"], entry["statements_total"]) == (2, 3)
    refused = "The upgrade of 0002_b.sql stopped in an earlier run before statement 3 of 3 was done"
    for argv in (
        ("rollback",), ("rollback", "--count", "2"), ("downgrade", "--to", "1"), ("downgrade", "--to", "0"),
        ("rollback", "--dry-run"), ("migrate", "--baseline"), ("migrate", "--to-version", "1"),
        ("make-migrations", "more"), ("check", "--prove", "2"),
    ):  # fmt: skip
        shown = run(tmp_path, *argv, code=1)
        assert refused in shown and "`dbwarden migrate" in shown, (argv, shown)
    for argv in (("diff",), ("check",), ("check-db",)):
        assert refused in run(tmp_path, *argv), argv
    assert _tables(database_url) == {"a", "b"}
    (folder / "0003_c.sql").write_text("-- upgrade\nCREATE TABLE c (n INTEGER);\n\n-- rollback\nDROP TABLE c;\n")
    planned = run(tmp_path, "migrate", "--dry-run")
    assert "CREATE TABLE b" not in planned and "INSERT INTO b" in planned
    run(tmp_path, "migrate", "--count", "1")
    assert rows(database_url, "SELECT count(*) FROM b") == [(2,)]
    run(tmp_path, "migrate")
    run(tmp_path, "rollback", "--to-version", "1", "--force")
    assert _tables(database_url) == {"a"}


@pytest.mark.parametrize("killed", [False, True], ids=["failed", "killed"])
def test_a_rollback(tmp_path: Path, database_url: str, folder: Path, killed: bool) -> None:
    _write(folder)
    run(tmp_path, "migrate")
    (folder / "0002_b.sql").write_text(OFF.format(UP.format("b"), "DROP TABLE b;\nDROP TABLE nowhere;"))
    assert "Statement 1 of 2 remains in effect" in run(tmp_path, "rollback", "--force", code=1)
    if killed:
        _killed(database_url)
    (folder / "0002_b.sql").write_text(OFF.format(UP.format("b"), "DROP TABLE b;\nSELECT 1;"))
    (folder / "0003_c.sql").write_text("-- upgrade\nCREATE TABLE c (n INTEGER);\n\n-- rollback\nDROP TABLE c;\n")
    assert "statement 2 of 2" in run(tmp_path, "status")
    refused = "The rollback of 0002_b.sql stopped in an earlier run before statement 2 of 2 was done"
    for argv in (
        ("migrate",), ("migrate", "--dry-run"), ("migrate", "--sandbox"), ("migrate", "--baseline"), ("make-migrations",),
        ("rollback", "--to-version", "2"),
    ):  # fmt: skip
        shown = run(tmp_path, *argv, code=1)
        assert refused in shown and "`dbwarden rollback" in shown, (argv, shown)
    for argv in (("diff",), ("check",), ("check-db",)):
        assert refused in run(tmp_path, *argv), argv
    assert "DROP TABLE b" not in run(tmp_path, "rollback", "--dry-run")
    run(tmp_path, "rollback", "--force")
    assert _tables(database_url) == {"a"}
    run(tmp_path, "migrate")
    assert _tables(database_url) == {"a", "b", "c"}


def test_what_stopped_goes_before_what_is_older(tmp_path: Path, database_url: str, folder: Path) -> None:
    (folder / "0003_b.sql").write_text(OFF.format(UP.format("nowhere"), DOWN.format("b")))
    run(tmp_path, "migrate", code=1)
    (folder / "0003_b.sql").write_text(OFF.format(UP.format("b"), DOWN.format("b")))
    (folder / "0002_c.sql").write_text("-- upgrade\nDELETE FROM b WHERE n = 5;\n\n-- rollback\nSELECT 1;\n")
    shown = run(tmp_path, "migrate")
    assert shown.index("Applied 0003_b.sql") < shown.index("Applied 0002_c.sql")


def test_a_file_that_stopped_and_is_gone(tmp_path: Path, database_url: str, folder: Path) -> None:
    _write(folder, up="nowhere")
    run(tmp_path, "migrate", code=1)
    _killed(database_url)
    (folder / "0002_b.sql").unlink()
    assert "restore the file" in run(tmp_path, "status")
    assert "It stopped in the middle: restore the file" in run(tmp_path, "migrate", code=1)


def test_a_repeatable_file(tmp_path: Path, database_url: str, folder: Path) -> None:
    file = folder / "RA__b.sql"
    text = "-- transaction: off\n\n-- upgrade\nCREATE TABLE IF NOT EXISTS b (n INTEGER);\nINSERT INTO {} VALUES (1);\n"
    file.write_text(text.format("nowhere"))
    run(tmp_path, "migrate", code=1)
    (folder / "0002_c.sql").write_text("-- upgrade\nCREATE TABLE c (n INTEGER);\n\n-- rollback\nDROP TABLE c;\n")
    file.write_text(text.format("b"))
    assert "RA__b.sql" in run(tmp_path, "rollback", code=1)
    shown = run(tmp_path, "migrate")
    assert shown.index("Applied RA__b.sql") < shown.index("Applied 0002_c.sql")
    assert rows(database_url, "SELECT count(*) FROM b") == [(1,)]


@pytest.mark.usefixtures("dump_programs")
def test_a_backup_of_something_half_done(tmp_path: Path, database_url: str, folder: Path) -> None:
    """What is restored is half done again, and ``restore`` says so."""
    _write(folder, up="nowhere")
    run(tmp_path, "migrate", code=1)
    run(tmp_path, "migrate", "--with-backup", "--backup-dir", "saved", code=1)
    _write(folder)
    run(tmp_path, "migrate")
    [saved] = (tmp_path / "saved").iterdir()
    note = "The upgrade of 0002_b.sql stopped in an earlier run before statement 3 of 3 was done. `dbwarden migrate` continues it."
    assert note in run(tmp_path, "restore", "--force", str(saved))
    assert note in run(tmp_path, "restore", "--force", str(saved), "--json")
    run(tmp_path, "migrate")
    assert rows(database_url, "SELECT count(*) FROM b") == [(2,)]
