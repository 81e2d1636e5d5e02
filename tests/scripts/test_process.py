"""What only a process of its own shows: streams, terminals, colours, imports, and what never appears in any output."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dbwarden.cli.app import COMMANDS
from tests.support.command import COMMAND, environment, run, run_alone, write_migration, write_project

ESCAPE = "\x1b"


def on_terminal(folder: Path, *argv: str, **more: str) -> str:
    """What a terminal would get from a command."""
    reading, writing = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *argv], cwd=folder, env={**environment(TERM="xterm-256color"), **more},
        stdin=subprocess.DEVNULL, stdout=writing, stderr=writing,
    )  # fmt: skip
    os.close(writing)
    output = b""
    while True:
        try:
            piece = os.read(reading, 4096)
        except OSError:  # Linux says so when the other end is closed
            break
        if not piece:
            break
        output += piece
    os.close(reading)
    process.wait(30)
    return output.decode()


@pytest.fixture
def project(tmp_path: Path, sqlite_url: str) -> Path:
    migrations = write_project(tmp_path, sqlite_url)
    for n in range(1, 13):
        write_migration(migrations, f"{n:04}_t", f"CREATE TABLE t{n} (id INTEGER);", f"DROP TABLE t{n};")
    return tmp_path


def test_colours_only_on_a_terminal(project: Path) -> None:
    assert ESCAPE in on_terminal(project, "status")
    assert f"{ESCAPE}[3" not in on_terminal(project, "status", NO_COLOR="1")
    assert f"{ESCAPE}[3" not in on_terminal(project, "--no-color", "status")
    assert f"{ESCAPE}[3" not in on_terminal(project, "status", "--no-color")
    assert ESCAPE not in run_alone(project, "status")
    assert ESCAPE not in run_alone(project, "migrate", "--dry-run")


def test_progress_only_on_a_terminal(project: Path) -> None:
    count = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT count(*) FROM n"
    write_migration(
        project / "migrations" / "primary", "0013_long", f"CREATE TABLE long AS {count};", "DROP TABLE long;"
    )
    shown = on_terminal(project, "migrate", COLUMNS="120")
    assert "13/13" in shown and "Applied 0012_t.sql" in shown
    assert "0013_long.sql 1/1 CREATE TABLE" in shown, "what runs just now"
    assert "13/13" not in run_alone(project, "downgrade", "--to", "0", "--force")


def test_piped_output_ends_quietly(project: Path) -> None:
    done = subprocess.run(
        f"{COMMAND[0]} status --verbose | head -1", shell=True, cwd=project, env=environment(),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.startswith("Database primary: 0 applied, 12 pending")
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("migrate >&-", 0, ""),
        ("migrate <&- 2>&-", 0, ""),
        ("make-migrations x <&-", 2, "Error: model_paths"),
        ("status >/dev/full", 1, "Error: The output cannot be written: No space left on device"),
        ("status --json >/dev/full", 1, "Error: The output cannot be written: No space left on device"),
    ],
)
def test_streams_that_are_closed_or_full(project: Path, line: str, code: int, message: str) -> None:
    done = subprocess.run(
        f"{COMMAND[0]} {line}", shell=True, cwd=project, env=environment(), capture_output=True, text=True
    )
    assert (done.returncode, done.stderr[: len(message)]) == (code, message)
    assert message or not done.stderr


def test_a_working_directory_that_is_gone(project: Path) -> None:
    gone = project / "gone"
    gone.mkdir()
    done = subprocess.run(
        f"rmdir {gone}; {COMMAND[0]} status", shell=True, cwd=gone, env=environment(), capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stderr == "Error: The working directory does not exist any more: cd to the project's folder\n"


def test_results_on_stdout_diagnostics_on_stderr(project: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "status", "-d", "x"], cwd=project, env=environment(), capture_output=True, text=True
    )
    assert done.stdout == "" and done.stderr.startswith("Error: ")


@pytest.mark.parametrize("argv", [["status"], ["migrate"], ["rollback"], ["history"], ["lock-status"], ["check-db"]])
def test_json_is_one_document(project: Path, argv: list[str]) -> None:
    done = subprocess.run([*COMMAND, *argv, "--json"], cwd=project, env=environment(), capture_output=True, text=True)
    json.loads(done.stdout)
    assert done.stderr == ""


@pytest.mark.parametrize(
    "argv",
    [["--help"], ["-h"], ["version"], ["--version"], ["migrate", "--help"], ["migrate", "-h"], ["diff", "--help"]],
)
def test_nothing_heavy_is_imported(tmp_path: Path, argv: list[str]) -> None:
    code = (
        "import sys; from dbwarden.cli.app import run; run(sys.argv[1:]);"
        "print(*(name for name in ('sqlalchemy', 'rich', 'pydantic', 'sqlglot', 'yaml') if name in sys.modules), end='.')"
    )
    done = subprocess.run([sys.executable, "-c", code, *argv], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.endswith("\n.")


@pytest.mark.parametrize(
    "argv",
    [["status"], ["make-migrations", "--rename", "a.b:c"], ["diff", "--rename-table", "a:b"], ["migrate", "-c", "1"]],
)
def test_options_are_read_without_pydantic(tmp_path: Path, argv: list[str]) -> None:
    code = (
        "import sys; from dbwarden.cli.app import run; code = run(sys.argv[1:]); print(code, 'pydantic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, *argv], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.endswith("2 False\n")  # there is no configuration


def test_completion_imports_nothing_heavy(tmp_path: Path) -> None:
    asked = environment(_DBWARDEN_COMPLETE="complete_bash", COMP_WORDS="dbwarden migrate --to", COMP_CWORD="2")
    done = subprocess.run(
        [sys.executable, "-X", "importtime", COMMAND[0]], cwd=tmp_path, env=asked, capture_output=True, text=True
    )
    assert "--to-version" in done.stdout
    assert "sqlalchemy" not in done.stderr


def test_status_imports_no_models(project: Path) -> None:
    (project / "models.py").write_text("raise RuntimeError('models were imported')")
    assert "12 pending" in run_alone(project, "status")
    assert "12 migrations applied" in run_alone(project, "migrate")
    assert "models were imported" in run_alone(project, "diff", code=2)


def test_a_bug_is_called_one(project: Path) -> None:
    code = (
        "import dbwarden.api.status, dbwarden.cli.app as app\n"
        "def broken(*a, **k): raise KeyError('postgresql://u:hunter2@h/d')\n"
        "dbwarden.api.status.status = broken\n"
        "app.main()"
    )
    for flags, traceback in (((), False), (("--debug",), True)):
        done = subprocess.run(
            [sys.executable, "-c", code, *flags, "status"],
            cwd=project,
            env=environment(),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 1
        assert "This is a bug in DBWarden: KeyError" in done.stderr
        assert ("Traceback" in done.stderr) is traceback
        assert "hunter2" not in done.stderr + done.stdout


ALONE = """
    make-migrations more | migrate --with-backup | status | history | diff | check | check-db | snapshot t1 | check-impact 0001
    explain 0001 | report | diagram
    export-models | generate-models | rollback --force | downgrade --to 0 --force | lock-status | unlock | config
    renumber | merge-state a a a | comment no.md | settings show | doctor | database list | version | seed list | new by_hand
    make-rollback 0014 | restore no.backup | init
"""
ENDINGS = {
    "merge-state a a a": 1, "comment no.md": 2, "unlock": 1, "make-rollback 0014": 1, "restore no.backup": 2, "init": 2,
}  # fmt: skip
"""Exit codes that are not 0: there is no such state file, nothing is locked, the new file changes nothing, there is no such
file, there is a configuration."""


def test_every_command_imports_what_it_needs(project: Path) -> None:
    """In an interpreter of its own; most tests run commands where everything is imported already."""
    (project / "models.py").write_text(
        "import sqlalchemy as sa\nm = sa.MetaData()\n"
        "sa.Table('t1', m, sa.Column('id', sa.Integer), sa.Column('n', sa.Integer))\n"
    )
    lines = re.split(r" *[|\n] *", ALONE.strip())
    assert {line.split()[0] for line in lines} == set(COMMANDS)
    for line in lines:
        done = subprocess.run(
            [*COMMAND, *line.split()], cwd=project, env=environment(), capture_output=True, text=True, timeout=60
        )
        output = f"{line}: ended with {done.returncode}\n{done.stdout}{done.stderr}"
        assert "bug in DBWarden" not in output and "Traceback" not in output, output
        assert done.returncode == ENDINGS.get(line, 0), output


# -- passwords ----------------------------------------------------------------------------------------------------

READING = [
    "doctor",
    "status",
    "history",
    "diff",
    "check-db",
    "snapshot t",
    "diagram",
    "generate-models",
    "lock-status",
    "unlock",
    "config",
    "settings show",
    "database list",
]
WRITING = ["migrate", "rollback", "make-migrations", "downgrade --to 0"]


@pytest.mark.parametrize("flags", ["", "--json", "--debug"])
def test_no_password_in_any_output(tmp_path: Path, postgresql_url: str, flags: str) -> None:
    """A wrong password: every command says who could not connect where, and nothing says the password."""
    place = postgresql_url.partition("@")[2]
    user = postgresql_url.partition("//")[2].partition("@")[0].partition(":")[0]
    secret = "s3cr3t/pass word"
    migrations = write_project(tmp_path, f"postgresql://{user}:s3cr3t%2Fpass%20word@{place}x")
    write_migration(migrations, "0001_t", "CREATE TABLE t (id INTEGER);")
    (tmp_path / "models.py").write_text(
        "import sqlalchemy as sa\nm = sa.MetaData()\nsa.Table('t', m, sa.Column('id', sa.Integer))\n"
    )
    for command in [*READING, *WRITING]:
        connects = command not in ("config", "settings show", "database list")
        more = ["--verbose"] if command == "migrate" else []
        output = run(tmp_path, *flags.split(), *command.split(), *more, code=1 if connects else 0)
        assert "s3cr3t" not in output and secret not in output, output
        assert "pass%20word" not in output, output
        assert not connects or (user in output and "Cannot connect" in output), output


# -- databases that cannot be written, or reached ------------------------------------------------------------------


def test_unreachable_fails_fast(tmp_path: Path) -> None:
    write_project(tmp_path, "postgresql://app@127.0.0.1:1/main")
    shown = run_alone(tmp_path, "status", code=1)
    assert "127.0.0.1" in shown and "app" in shown and "refused" in shown


def test_read_only_sqlite(project: Path, sqlite_url: str) -> None:
    run(project, "migrate", "--count", "2")
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    file.chmod(0o444)
    (project / "models.py").write_text(
        "import sqlalchemy as sa\nm = sa.MetaData()\nsa.Table('t1', m, sa.Column('id', sa.Integer))\n"
    )
    before = file.read_bytes()
    for command in READING:
        if command != "unlock":
            run(project, *command.replace("snapshot t", "snapshot t2").split())
    assert "Failed to release lock" in run(project, "unlock", code=1)
    assert file.read_bytes() == before
    assert not list(file.parent.glob("*.db-*"))


def test_read_only_postgresql(tmp_path: Path, postgresql_url: str) -> None:
    """A role that may only read; and one that may not even see our tables is told so."""
    migrations = write_project(tmp_path, postgresql_url)
    write_migration(migrations, "0001_t", "CREATE TABLE t (id INTEGER);")
    run(tmp_path, "migrate")
    (tmp_path / "models.py").write_text(
        "import sqlalchemy as sa\nm = sa.MetaData()\nsa.Table('t', m, sa.Column('id', sa.Integer))\n"
    )
    write_migration(migrations, "0002_u", "CREATE TABLE u (id INTEGER);")
    only = {"PGOPTIONS": "-c default_transaction_read_only=on"}
    for command in READING:
        if command != "unlock":
            run(tmp_path, *command.split(), code=int(command == "doctor"), **only)
    assert "Failed to release lock" in run(tmp_path, "unlock", code=1, **only)
    refused = run(tmp_path, "migrate", code=1, **only)
    assert "read-only" in refused and "Traceback" not in refused
