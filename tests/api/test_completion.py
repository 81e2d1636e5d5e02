"""What the shell completes: the real command, as the shells' own scripts call it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import COMMAND, environment, write_migration, write_project

BASH = shutil.which("bash")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two databases on a server that does not exist, with migrations and a backup."""
    primary = write_project(tmp_path, "postgresql://nobody@192.0.2.1/app")
    with (tmp_path / "warden.py").open("a") as file:
        file.write(
            "billing = database_config(database_name='billing', database_url_sync='sqlite:///b.db', model_paths=['b.py'])\n"
            "import os, sys\nprint('loaded')\nprint('loaded', file=sys.stderr)\nos.system('echo loaded')\n"
        )
    write_migration(primary, "0001_customers", "SELECT 1;")
    write_migration(primary, "0002_invoices", "SELECT 1;")
    write_migration(primary, "RA__grants", "SELECT 1;")
    billing = tmp_path / "migrations" / "billing"
    billing.mkdir()
    write_migration(billing, "0007_x", "SELECT 1;")
    (tmp_path / "backups").mkdir()
    (tmp_path / "backups" / "primary_0002_20260101T000000Z.dump").touch()
    return tmp_path


def bash(folder: Path, *words: str) -> list[str]:
    """What the script for bash gets for ``words``, of which the last is incomplete."""
    return shown(folder, "complete_bash", COMP_WORDS="\n".join(("dbwarden", *words)), COMP_CWORD=str(len(words)))


def shown(folder: Path, instruction: str, **variables: str) -> list[str]:
    done = subprocess.run(
        COMMAND, cwd=folder, env=environment(_DBWARDEN_COMPLETE=instruction, **variables), text=True, check=False,
        capture_output=True, stdin=subprocess.DEVNULL, timeout=60,
    )  # fmt: skip
    assert not done.stderr, "a shell shows it in the middle of what is typed"
    assert done.returncode == 0
    return done.stdout.split("\n")[:-1] if done.stdout.strip() else []


@pytest.mark.parametrize(
    ("words", "values"),
    [
        ("lock", "lock-status"),
        ("settings ", "show"),
        ("status -d ", "primary billing"),
        ("migrate --database p", "primary"),
        ("-d ", "primary billing"),
        ("settings show b", "billing"),
        ("migrate --to-version ", "0001 0002"),
        ("migrate -d billing -t ", "0007"),
        ("-d billing migrate -t ", "0007"),
        ("migrate --dev -t 0002", "0002"),
        ("rollback -t ", "0 0001 0002"),
        ("downgrade --to ", "0 0001 0002"),
        ("check --since 000", "0001 0002"),
        ("check --explain keep", "keep-data keep-enum-values keep-names"),
        ("check ", "0001 0002 RA__grants"),
        ("check --prove 0001", "0001"),
        ("check-impact R", "RA__grants"),
        ("explain R", "RA__grants"),
        ("restore ", "backups/primary_0002_20260101T000000Z.dump"),
        ("check --fail-on ", "INFO WARN CRITICAL"),
        ("check --fail-on w", "warn"),
        ("check -o ", "txt json sarif markdown"),
        ("check --out = j", "json"),
        ("check --out =", "txt json sarif markdown"),
        ("migrate --assume ", "done not-done"),
        ("new --type r", "ra roc"),
        ("migrate --dev --d", "--database --dry-run --debug"),
        ("migrate --wi", "--with-backup --with-data"),
    ],
)
def test_what_is_completed(folder: Path, words: str, values: str) -> None:
    assert bash(folder, *words.split(" ")) == values.split()


@pytest.mark.parametrize("words", ["check migrations/", "restore ./", "--config ", "migrate --backup-dir ", "init x"])
def test_files_are_left_to_the_shell(folder: Path, words: str) -> None:
    """All scripts complete files where they get nothing."""
    assert not bash(folder, *words.split(" "))


@pytest.mark.parametrize(
    ("configuration", "words"),
    [
        ("raise SystemExit('stop')", "status -d "),
        ("import nothing_of_that_name", "migrate -t "),
        ("1 +", "restore "),
        ("", "-d "),
        ("database_config(", "rollback -t x"),
    ],
)
def test_a_broken_configuration_is_silent(tmp_path: Path, configuration: str, words: str) -> None:
    (tmp_path / "warden.py").write_text(configuration)
    assert set(bash(tmp_path, *words.split(" "))) <= {"0"}


@pytest.mark.parametrize("words", ["migrate -d ", "upgrade x", "nothing x", "migrate --config nowhere.toml -t "])
def test_where_there_is_no_project_nothing_is_said(tmp_path: Path, words: str) -> None:
    assert not bash(tmp_path, *words.split(" "))


def test_a_folder_of_migrations_that_cannot_be_read_is_silent(folder: Path) -> None:
    (folder / "migrations" / "primary" / "0003_x.SQL").touch()
    assert bash(folder, "migrate", "-t", "") == []


def test_zsh_and_fish_show_what_a_migration_is(folder: Path) -> None:
    typed = {"_TYPER_COMPLETE_ARGS": "dbwarden migrate -t 0002"}
    assert shown(folder, "complete_zsh", **typed) == ["""_arguments '*: :(("0002":"invoices"))'"""]
    fish = shown(folder, "complete_fish", _TYPER_COMPLETE_FISH_ACTION="get-args", **typed)
    assert fish == ["0002\tinvoices"]


@pytest.mark.skipif(BASH is None, reason="there is no bash on this machine")
@pytest.mark.parametrize(
    ("words", "values"), [("check --out = m", "markdown"), ("rollback -t 00", "0001 0002"), ("sta", "status")]
)
def test_the_script_in_a_real_bash(folder: Path, words: str, values: str) -> None:
    script = (
        'eval "$(dbwarden --show-completion)"\n'
        "COMP_WORDS=(dbwarden $WORDS); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n"
        "_dbwarden_completion dbwarden\n"
        "complete -p dbwarden >&2\n"
        "printf '%s\\n' \"${COMPREPLY[@]}\"\n"
    )
    path = f"{Path(COMMAND[0]).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [str(BASH), "--norc", "-c", script], cwd=folder, env=environment(WORDS=words, PATH=path), text=True, check=False,
        capture_output=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.split() == values.split(), done.stderr
    assert "-F _dbwarden_completion" in done.stderr


@pytest.mark.parametrize("words", ["migrate -d ", "rollback -t ", "check --explain ", "check ", "restore ", "-", ""])
def test_completing_imports_nothing_heavy_and_connects_to_nothing(folder: Path, words: str) -> None:
    program = (
        "import sys\n"
        "def watch(event, args):\n"
        "    if event in ('socket.connect', 'socket.getaddrinfo', 'sqlite3.connect'): sys.exit(9)\n"
        "sys.addaudithook(watch)\n"
        "from dbwarden.cli.app import main\n"
        "try:\n    main()\n"
        "except SystemExit as end:\n    code = end.code\n"
        "heavy = {'sqlalchemy', 'sqlglot', 'yaml', 'psycopg', 'psycopg2', 'sqlite3', 'rich', 'dbwarden.checks.run'}\n"
        "print(*(heavy & set(sys.modules)))\n"
        "sys.exit(code)\n"
    )
    typed = ["dbwarden", *words.split(" ")]
    variables = {"COMP_WORDS": "\n".join(typed), "COMP_CWORD": str(len(typed) - 1)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, text=True, check=False, capture_output=True, timeout=60,
        env=environment(_DBWARDEN_COMPLETE="complete_bash", **variables),
    )  # fmt: skip
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "", "an import of more than a completion needs"
