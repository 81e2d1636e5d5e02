"""Files with ``-- runner``: pt-online-schema-change as it is, and a stand-in for gh-ost (``tests/support/gh_ost.py``)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from dbwarden.api.connection import connect
from tests.servers import Unavailable, percona_toolkit
from tests.servers.fixtures import missing
from tests.support.command import COMMAND, environment, rows, run, write_migration, write_project

pytestmark = pytest.mark.acceptance

PT, GH_OST = "pt-online-schema-change", "gh-ost"
STAND_IN = Path(__file__).parents[1] / "support" / "gh_ost.py"
TABLE = "CREATE TABLE t (id int PRIMARY KEY, n int);\nINSERT INTO t VALUES (1, 10), (2, 20);"
WIDER = "ALTER TABLE t MODIFY n bigint, ADD COLUMN note varchar(20), ALGORITHM=COPY;"
BACK = "ALTER TABLE t DROP COLUMN note, MODIFY n int;"
COLUMNS = (
    "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 't'"
)
TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name NOT LIKE 'dbwarden%'"
CHANGED = [("id", "int"), ("n", "bigint"), ("note", "varchar")]
FORMER = [("id", "int"), ("n", "int")]
COPYING = "INFO still copying"


@pytest.fixture(params=["mysql", "mariadb"])
def url(request: pytest.FixtureRequest) -> str:
    """A fresh database of each flavour in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


def project(folder: Path, url: str, runner: str, upgrade: str = WIDER, back: str = BACK, **settings: object) -> Path:
    """A table with two rows, and a pending file for a runner."""
    migrations = write_project(folder, url, **settings)
    write_migration(migrations, "0001_t", TABLE, "DROP TABLE t;")
    run(folder, "migrate")
    write_migration(migrations, "0002_wider", upgrade, back)
    file = migrations / "0002_wider.sql"
    file.write_text(f"-- runner: {runner}\n\n{file.read_text()}")
    return migrations


def columns(url: str) -> list[tuple[object, ...]]:
    return sorted(rows(url, COLUMNS))


@pytest.fixture
def gh_ost(tmp_path: Path) -> dict[str, str]:
    """The environment in which the stand-in is on PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / GH_OST
    program.write_text(f"#!/bin/sh\nexec '{sys.executable}' '{STAND_IN}' \"$@\"\n")
    program.chmod(0o755)
    return {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "GH_OST_LOG": str(tmp_path / "log")}


def calls(environ: dict[str, str]) -> list[dict[str, object]]:
    """What the stand-in wrote down of each call."""
    path = Path(environ["GH_OST_LOG"])
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


class Migrate:
    """Commands that run on beside a test, and end with it."""

    def __init__(self) -> None:
        self._processes: list[subprocess.Popen[str]] = []

    def start(self, folder: Path, words: str, **environ: str) -> subprocess.Popen[str]:
        """A migrate that has printed these words."""
        process = subprocess.Popen(
            [*COMMAND, "migrate"], cwd=folder, env=environment(**environ), text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self._processes.append(process)
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if words in line:
                return process
        raise AssertionError("".join(lines))

    def close(self) -> None:
        for process in self._processes:
            if process.poll() is None:
                process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


@pytest.fixture
def migrate() -> Iterator[Migrate]:
    """Processes of ``migrate``, which are killed at the end."""
    made = Migrate()
    yield made
    made.close()


# -- pt-online-schema-change --------------------------------------------------------------------------------------


def test_pt_online_schema_change(tmp_path: Path, url: str) -> None:
    try:
        percona_toolkit.find()
    except Unavailable as reason:
        missing(str(reason))
    project(
        tmp_path,
        url,
        PT,
        f"{WIDER}\nALTER TABLE t ADD INDEX ix_n (n), LOCK=NONE;",
        f"ALTER TABLE t DROP INDEX ix_n;\n{BACK}",
    )
    shown = run(tmp_path, "migrate", "--force", "-v")
    assert shown.count(f"{PT}: Successfully altered") == 2
    assert (urlsplit(url).password or "-") not in shown
    assert columns(url) == CHANGED and rows(url, "SELECT id, n, note FROM t ORDER BY id") == [
        (1, 10, None),
        (2, 20, None),
    ]
    assert sorted(rows(url, TABLES)) == [("t",)] and rows(url, "SELECT COUNT(*) FROM dbwarden_journal") == [(0,)]
    assert "2 applied" in run(tmp_path, "status")
    shown = run(tmp_path, "rollback", "--force")
    assert shown.count(f"{PT}: Successfully altered") == 2 and columns(url) == FORMER
    assert rows(url, "SHOW INDEX FROM t WHERE Key_name = 'ix_n'") == []


def test_what_pt_online_schema_change_refuses_stays_undone(tmp_path: Path, url: str) -> None:
    try:
        percona_toolkit.find()
    except Unavailable as reason:
        missing(str(reason))
    migrations = project(tmp_path, url, PT, "ALTER TABLE t ADD COLUMN missing nonsense;")
    shown = run(tmp_path, "migrate", code=1)
    assert "0002_wider.sql:4: statement 1 of 1 failed: pt-online-schema-change ended with " in shown
    assert "nonsense" in shown and "Nothing of the file remains in the database" in shown
    assert columns(url) == FORMER and sorted(rows(url, TABLES)) == [("t",)]
    file = migrations / "0002_wider.sql"
    file.write_text(file.read_text().replace("missing nonsense", "missing int"))
    run(tmp_path, "migrate")
    assert ("missing", "int") in columns(url)


def test_pt_online_schema_change_is_interrupted(tmp_path: Path, url: str, migrate: Migrate) -> None:
    """It leaves its triggers and the new table then, which are removed."""
    try:
        percona_toolkit.find()
    except Unavailable as reason:
        missing(str(reason))
    setting = "explain_format=TRADITIONAL" if url.startswith("mysql") else "lock_wait_timeout=5"
    slow = (
        "pt-online-schema-change --alter={alter} --execute --no-version-check --recursion-method=none --chunk-size=10"
        " --chunk-time=0 --sleep=0.5 --progress=time,1 F={defaults_file},D={database},t={table} --set-vars="
    ) + setting
    project(tmp_path, url, "slow", runners={"slow": slow})
    with connect(url) as conn:
        conn.execute(f"INSERT INTO t (id) VALUES {', '.join(f'({number})' for number in range(3, 300))}")
        conn.query("ANALYZE TABLE t")
    process = migrate.start(tmp_path, "Copying `")
    assert len(rows(url, "SHOW TRIGGERS")) == 3
    process.send_signal(signal.SIGINT)
    output = process.communicate(timeout=30)[0]
    assert process.returncode == 130, output
    assert "slow: # Exiting on SIGINT." in output
    assert "Interrupted by SIGINT. Nothing of the file remains in the database" in output
    assert rows(url, TABLES) == [("t",)] and rows(url, "SHOW TRIGGERS") == [] and columns(url) == FORMER


# -- gh-ost -------------------------------------------------------------------------------------------------------


def test_gh_ost(tmp_path: Path, url: str, gh_ost: dict[str, str]) -> None:
    project(tmp_path, url, GH_OST)
    shown = run(tmp_path, "migrate", **gh_ost)
    assert "gh-ost: INFO starting gh-ost with the password ***" in shown
    assert columns(url) == CHANGED and rows(url, "SELECT id, n FROM t ORDER BY id") == [(1, 10), (2, 20)]
    (call,) = calls(gh_ost)
    server, argv = urlsplit(url), call["argv"]
    assert isinstance(argv, list) and argv[0].startswith("--conf=") and not Path(argv[0].partition("=")[2]).exists()
    assert argv[1:] == [
        f"--host={server.hostname}",
        f"--port={server.port}",
        f"--database={server.path.strip('/')}",
        "--table=t",
        "--alter=MODIFY n bigint, ADD COLUMN note varchar(20)",
        "--allow-on-master",
        "--ok-to-drop-table",
        "--verbose",
        "--execute",
    ]
    assert (call["conf"], call["mode"]) == (["password", "user"], "600")
    document = json.loads(run(tmp_path, "rollback", "--force", "--json", **gh_ost))
    assert document["migrations"] and columns(url) == FORMER


def test_the_stored_rollback_keeps_its_runner(tmp_path: Path, url: str, gh_ost: dict[str, str]) -> None:
    migrations = project(tmp_path, url, GH_OST)
    run(tmp_path, "migrate", **gh_ost)
    (migrations / "0002_wider.sql").unlink()
    assert "-- 0002_wider.sql (through gh-ost)" in run(tmp_path, "rollback", "--dry-run", **gh_ost)
    run(tmp_path, "rollback", "--force", **gh_ost)
    assert len(calls(gh_ost)) == 2 and columns(url) == FORMER


def test_a_command_of_ones_own(tmp_path: Path, url: str, gh_ost: dict[str, str]) -> None:
    command = (
        f"{gh_ost['PATH'].partition(os.pathsep)[0]}/gh-ost --conf={{credentials_file}} --host={{host}} --port={{port}}"
        " --database={database} --table={table} '--alter={alter}' --ssl-ca={ssl_ca} --execute"
    )
    project(tmp_path, url, "careful", runners={"careful": command})
    assert "careful: INFO starting" in run(tmp_path, "migrate", GH_OST_LOG=gh_ost["GH_OST_LOG"])
    assert columns(url) == CHANGED
    (call,) = calls(gh_ost)
    assert "--ok-to-drop-table" not in str(call["argv"]) and "ssl-ca" not in str(call["argv"])


def test_a_program_that_is_missing_stops_everything(tmp_path: Path, mariadb_url: str) -> None:
    migrations = project(tmp_path, mariadb_url, GH_OST)
    write_migration(migrations, "0001_first", "CREATE TABLE first (id int);", "DROP TABLE first;")
    (migrations / "0001_first.sql").rename(migrations / "0003_other.sql")
    for command in (("migrate",), ("migrate", "--dry-run")):
        shown = run(tmp_path, *command, code=2)
        assert "0002_wider.sql names the runner gh-ost, whose program is not installed: gh-ost is not on PATH" in shown
        assert "remove the line `-- runner: gh-ost` from the file to execute a plain ALTER TABLE" in shown
    file = migrations / "0002_wider.sql"
    file.write_text(file.read_text().replace("gh-ost", "gost"))
    shown = run(tmp_path, "migrate", code=2)
    assert "names the runner 'gost', which is not known; did you mean 'gh-ost'?" in shown
    assert columns(mariadb_url) == FORMER and rows(mariadb_url, TABLES) == [("t",)]
    assert "were executed as plain ALTER TABLE" in run(tmp_path, "migrate", "--sandbox")
    file.write_text(file.read_text().replace("-- runner: gost\n", ""))
    run(tmp_path, "migrate")


def test_a_proof_says_that_the_program_was_left_out(tmp_path: Path, url: str) -> None:
    """A scratch database runs a plain ALTER TABLE, so that the program is neither needed nor proven."""
    migrations = project(tmp_path, url, GH_OST)
    file = migrations / "0002_wider.sql"
    run(tmp_path, "check", "--prove", file.name)
    proofs = [line for line in file.read_text().splitlines() if line.startswith("-- proven: ")]
    assert len(proofs) == 1 and ", executed without gh-ost" in proofs[0] and "-- runner: gh-ost" in file.read_text()
    file.write_text(file.read_text().replace("-- runner: gh-ost\n", ""))
    run(tmp_path, "check", "--prove", file.name)
    assert "executed without" not in file.read_text()


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("CREATE INDEX i ON t (n);", "it is not an ALTER TABLE"),
        ("ALTER TABLE t ADD UNIQUE (n);", "rows that a new unique key refuses"),
    ],
)
def test_a_statement_for_no_runner_stops_everything(
    statement: str, reason: str, tmp_path: Path, mariadb_url: str, gh_ost: dict[str, str]
) -> None:
    project(tmp_path, mariadb_url, GH_OST, f"{WIDER}\n{statement}")
    shown = run(tmp_path, "migrate", code=2, **gh_ost)
    assert f"0002_wider.sql:5: {statement[:-1]}: this cannot run through gh-ost: {reason}" in shown
    assert columns(mariadb_url) == FORMER and calls(gh_ost) == []
    (tmp_path / "models.py").write_text("import sqlalchemy as sa\nmetadata = sa.MetaData()\n")
    shown = run(tmp_path, "check", code=5)
    assert "gh-ost changes t (2 rows" in shown and f"this cannot run through gh-ost: {reason}" in shown


def test_an_engine_without_such_programs(tmp_path: Path, sqlite_url: str) -> None:
    migrations = write_project(tmp_path, sqlite_url)
    (migrations / "0001_t.sql").write_text("-- runner: gh-ost\n\n-- upgrade\nCREATE TABLE t (id int);\n")
    shown = run(tmp_path, "migrate", code=2)
    assert "0001_t.sql names the runner 'gh-ost', but no program changes tables of SQLite" in shown
    assert "Hint: Nothing was executed. Remove the line `-- runner: gh-ost` from the file." in shown


# -- what goes wrong ----------------------------------------------------------------------------------------------


def test_a_program_that_fails(tmp_path: Path, url: str, gh_ost: dict[str, str]) -> None:
    """Before the new table is in place, behind that, and with a success that is none."""
    project(tmp_path, url, GH_OST, f"{WIDER}\nALTER TABLE t ADD COLUMN more int;")
    shown = run(tmp_path, "migrate", code=1, GH_OST_TEST="fail", **gh_ost)
    assert "statement 1 of 2 failed: gh-ost ended with 1" in shown and "FATAL nothing was done" in shown
    assert "Nothing of the file remains in the database" in shown
    shown = run(tmp_path, "migrate", code=1, GH_OST_TEST="noop", **gh_ost)
    assert "gh-ost ended with 0, but the table is unchanged" in shown
    shown = run(tmp_path, "migrate", code=1, GH_OST_TEST="late", **gh_ost)
    assert "statement 1 of 2 failed: gh-ost ended with 3" in shown
    assert "Statement 1 of 2 remains in effect; the next run continues after it" in shown and columns(url) == CHANGED
    assert "continues at statement 2" in run(tmp_path, "status")
    run(tmp_path, "migrate", **gh_ost)
    assert len(columns(url)) == 4 and len(calls(gh_ost)) == 4


def gone(environ: dict[str, str]) -> bool:
    """Whether the last stand-in has ended."""
    try:
        os.kill(int(str(calls(environ)[-1]["pid"])), 0)
    except ProcessLookupError:
        return True
    return False


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize(("number", "task"), [(signal.SIGINT, "wait"), (signal.SIGTERM, "die")])
def test_a_signal_is_passed_on(
    number: signal.Signals, task: str, tmp_path: Path, url: str, gh_ost: dict[str, str], migrate: Migrate
) -> None:
    """And what a program leaves that does not clean up is removed."""
    project(tmp_path, url, GH_OST)
    process = migrate.start(tmp_path, COPYING, GH_OST_TEST=task, **gh_ost)
    process.send_signal(number)
    output = process.communicate(timeout=30)[0]
    assert process.returncode == 128 + number, output
    assert f"FATAL ended by {number.name}" in output and f"by {number.name}. Nothing of the file remains" in output
    assert gone(gh_ost) and rows(url, TABLES) == [("t",)]
    assert "INACTIVE" in run(tmp_path, "lock-status")
    run(tmp_path, "migrate", **gh_ost)
    assert columns(url) == CHANGED


def test_killed_while_the_program_copies(tmp_path: Path, url: str, gh_ost: dict[str, str], migrate: Migrate) -> None:
    """The program ends at its next line. What it left is named, and the file goes on when that is removed."""
    project(tmp_path, url, GH_OST)
    process = migrate.start(tmp_path, COPYING, GH_OST_TEST="die", **gh_ost)
    process.kill()
    process.communicate()
    until(lambda: gone(gh_ost))
    until(lambda: "gone" in run(tmp_path, "lock-status"))
    run(tmp_path, "unlock")
    shown = run(tmp_path, "migrate", code=1, **gh_ost)
    assert "a program is at work on t, or stopped without cleaning up" in shown and "DROP TABLE _t_gho;" in shown
    with connect(url) as conn:
        conn.execute("DROP TABLE _t_gho")
    run(tmp_path, "migrate", **gh_ost)
    assert columns(url) == CHANGED and rows(url, TABLES) == [("t",)]


def test_a_lock_that_was_given_away_stops_the_program(
    tmp_path: Path, mariadb_url: str, gh_ost: dict[str, str], migrate: Migrate
) -> None:
    project(tmp_path, mariadb_url, GH_OST)
    process = migrate.start(tmp_path, COPYING, GH_OST_TEST="wait", **gh_ost)
    run(tmp_path, "unlock", "--force")
    output = process.communicate(timeout=30)[0]
    assert process.returncode != 0 and "Stopped before the next change" in output
    assert "FATAL ended by SIGINT" in output and gone(gh_ost)
    assert columns(mariadb_url) == FORMER and rows(mariadb_url, TABLES) == [("t",)]


# -- what it leaves -----------------------------------------------------------------------------------------------


def test_what_a_program_left_is_not_taken_for_drift(tmp_path: Path, url: str) -> None:
    write_project(tmp_path, url)
    (tmp_path / "models.py").write_text(
        "import sqlalchemy as sa\nmetadata = sa.MetaData()\n"
        "for name in ('t', '_t_old'):\n"
        "    sa.Table(name, metadata, sa.Column('id', sa.Integer, primary_key=True))\n"
    )
    run(tmp_path, "make-migrations", "first")
    run(tmp_path, "migrate")
    with connect(url) as conn:
        for name in ("_t_gho", "_t_20260101101112_del", "_other_new"):
            conn.execute(f"CREATE TABLE {name} (id int PRIMARY KEY)")
        conn.execute(
            "CREATE TRIGGER pt_osc_x_t_del AFTER DELETE ON t FOR EACH ROW DELETE FROM _t_gho WHERE id = OLD.id"
        )
    shown = run(tmp_path, "check")
    assert (
        "Of a program that changes tables: trigger t.pt_osc_x_t_del, table _t_20260101101112_del, table _t_gho."
        in shown
    )
    shown = run(tmp_path, "diff")
    assert "_other_new" in shown and shown.count("_t_gho") == 1, "in the note"
    run(tmp_path, "make-migrations", "none", "--drop-unowned")
    assert rows(url, "SELECT COUNT(*) FROM _t_gho") == [(0,)]
