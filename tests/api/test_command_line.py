"""What people type who come from other tools, and where they type it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dbwarden.cli.app import COMMANDS, SYNONYMS
from dbwarden.cli.app import run as run_here
from dbwarden.cli.session import globals_first
from tests.support.command import run, write_migration, write_project
from tests.support.terminal import answered


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    migrations = write_project(tmp_path, f"sqlite:///{tmp_path}/x.db")
    write_migration(migrations, "0001_t", "CREATE TABLE t (id INTEGER);", "DROP TABLE t;")
    return tmp_path


@pytest.mark.parametrize(
    ("word", "command"),
    [
        ("upgrade", "migrate"),
        ("up", "migrate"),
        ("revision", "make-migrations"),
        ("current", "status"),
        ("heads", "status"),
        ("showmigrations", "status"),
        ("stamp", "migrate --baseline"),
    ],
)
def test_the_words_of_other_tools(folder: Path, word: str, command: str) -> None:
    shown = run(folder, word, "head", code=2)
    assert f"There is no command '{word}'" in shown and f"`dbwarden {command}`" in shown
    assert "downgrade" not in shown


def test_every_synonym_leads_to_a_command() -> None:
    assert {words.split()[0] for words in SYNONYMS.values()} <= set(COMMANDS)
    assert not set(SYNONYMS) & set(COMMANDS)


def test_the_database_may_stand_before_the_command(folder: Path) -> None:
    assert run(folder, "-d", "primary", "status") == run(folder, "status", "-d", "primary")
    assert "database_name" in run(folder, "--database=primary", "settings", "show")
    assert globals_first(["-d", "x", "new", "--", "-d"]) == ([], ["new", "-d", "x", "--", "-d"])


@pytest.mark.parametrize("argv", [["-h"], ["migrate", "-h"], ["settings", "show", "-h"]])
def test_short_help(folder: Path, argv: list[str]) -> None:
    assert run(folder, *argv) == run(folder, *argv[:-1], "--help")


def test_help_is_as_wide_as_the_terminal(folder: Path) -> None:
    wide = run(folder, "migrate", "-h", COLUMNS="160")
    assert max(map(len, wide.splitlines())) > 80
    assert max(map(len, run(folder, "migrate", "-h", COLUMNS="60").splitlines())) <= 60


def test_what_exists_already_can_be_adopted(folder: Path, database_url: str) -> None:
    (folder / "two").mkdir()
    migrations = write_project(folder / "two", database_url)
    write_migration(migrations, "0001_t", "CREATE TABLE t (id INTEGER);", "DROP TABLE t;")
    run(folder / "two", "migrate")
    write_migration(migrations, "0002_again", "CREATE TABLE t (id INTEGER);", "DROP TABLE t;")
    shown = run(folder / "two", "migrate", code=1)
    assert "already exists" in shown and "`dbwarden migrate --baseline --to-version VERSION`" in shown


def test_findings_are_wrapped_on_a_terminal_and_nowhere_else(folder: Path) -> None:
    (folder / "models.py").write_text(
        "from sqlalchemy import Column, Integer, MetaData, Table\n"
        "metadata = MetaData()\nTable('t', metadata, Column('id', Integer))\n"
    )
    columns = ", ".join(f"column_of_a_long_name_{number} INTEGER" for number in range(9))
    write_migration(folder / "migrations" / "primary", "0002_u", f"DROP TABLE t; CREATE TABLE u ({columns});", "")
    shown, _ = answered(folder, {}, "check", COLUMNS="70")
    lines = [line.rstrip() for line in re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines()]
    file = "migrations/primary/0002_u.sql"
    of_file = lines[: lines.index("")]
    assert of_file[0] == file and of_file.count(file) == 1 and max(map(len, of_file)) <= 70
    assert "  INFO      table t (empty) is dropped, its data is lost" in of_file
    assert len([line for line in of_file if line.startswith(f"            {file}:2") and line.endswith("]")]) == 2
    piped = run(folder, "check", COLUMNS="70")
    assert f"            {file}:2: DROP TABLE t; CREATE TABLE u (column_of_a_long_name_0 " in piped
    assert len(piped.splitlines()) < len(lines)


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_the_help_of_every_command_fits(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    for words in ([], ["settings", "show"], ["database", "list"], *([command] for command in COMMANDS)):
        assert run_here([*words, "-h"]) == 0
        shown = capsys.readouterr().out
        assert shown.startswith("Usage: dbwarden") and max(map(len, shown.splitlines())) <= width, words
        assert run_here([*words, "--help"]) == 0
        assert capsys.readouterr().out == shown


ARGUMENTS = {
    "downgrade": ["--to", "0"],
    **{name: ["1"] for name in ("new", "restore", "check-impact", "make-rollback", "snapshot", "explain")},
}
"""What a command needs besides the database."""


def test_every_command_on_a_database_takes_it_in_front(folder: Path) -> None:
    """An unknown name is the same error before and behind the command."""
    for command in COMMANDS:
        if command != "init" and "-d, --database" in run(folder, command, "-h"):  # it names a new database
            shown = run(folder, "-d", "nothing", command, *ARGUMENTS.get(command, []), code=2)
            assert "nothing" in shown and "primary" in shown, shown
