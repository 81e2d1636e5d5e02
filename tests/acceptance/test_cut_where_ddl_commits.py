"""MySQL and MariaDB, where every DDL statement commits: the connection cut and the server killed at messages of the protocol.

Before and after each message, and where the server has done what it was asked and its answer is lost; and while long
statements run. A sample of the points by default; ``DBWARDEN_TEST_NIGHTLY=1`` tries them all.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.fixtures import need_crashable
from tests.support import ddl_files_clickhouse
from tests.support.command import environment, write_project
from tests.support.ddl_files import File, chain, files_of, write_files
from tests.support.disturbed import disturbed, report
from tests.support.effort import NIGHTLY
from tests.support.kill_tests import Record, record

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="every attempt is a fork, which this system does not have"),
]
MEANS = ["crash", "reset", "restart", "outage", "close"]
ASKED = ["CALL", "TRUNCATE full", "RENAME TABLE copied", "REVOKE FILE"]
ACCOUNTS = "cut_"
"""How the names of accounts begin, on a server of the test's own."""


@pytest.mark.parametrize(("command", "points"), [("migrate", 4), ("rollback", 3)])
@pytest.mark.parametrize("engine", ["mysql", "mariadb"])
def test_cut_at_messages(tmp_path: Path, engine: str, command: str, points: int, record_property: Record) -> None:
    need_crashable(engine)
    files = files_of(engine, ACCOUNTS)
    write_files(write_project(tmp_path, "${DATABASE_URL}"), files)
    outcome = disturbed(tmp_path, {
        **_commands(command), "files": chain(files, command), "points": None if NIGHTLY else points, "means": MEANS,
        "engine": engine, "asked": ASKED, "accounts": ACCOUNTS,
    })  # fmt: skip
    report(record_property, f"{engine}, {command}", outcome)
    assert not outcome["wrong"], "\n".join(outcome["wrong"])
    assert outcome["tried"] >= 6 and outcome["crashes"] >= 2


ROWS = 40_000
LONG: tuple[File, ...] = (
    (
        "0002_long",
        "",
        (
            "UPDATE u SET a = 1 WHERE id = 1",
            "ALTER TABLE big /* long */ ADD COLUMN c varchar(300) NOT NULL DEFAULT 'c' FIRST, ALGORITHM=COPY",
            "UPDATE u /* long */ SET a = a + 1000 + SLEEP(0.1)",
            "CREATE INDEX ix ON big (n)",
            "UPDATE u SET a = a + 1",
            "LOAD DATA INFILE '{rows}' /* long */ INTO TABLE loaded (n)",
            "ALTER TABLE big COMMENT 'done'",
        ),
        (
            "ALTER TABLE big COMMENT ''",
            "DELETE FROM loaded",
            "UPDATE u /* long */ SET a = a - 1000 + SLEEP(0.1)",
            "ALTER TABLE big /* long */ DROP COLUMN c, DROP INDEX ix, ALGORITHM=COPY",
        ),
    ),
)
BIG = (
    "CREATE TABLE u (id int PRIMARY KEY, a int)",
    "INSERT INTO u VALUES (1, 1), (2, 2), (3, 3), (4, 4)",
    "CREATE TABLE loaded (n int)",
    "CREATE TABLE big (id int AUTO_INCREMENT PRIMARY KEY, n int, s varchar(100))",
    "LOAD DATA INFILE '{rows}' INTO TABLE big (n)",
)


@pytest.mark.parametrize(("command", "points"), [("migrate", 4), ("rollback", 2)][: 2 if NIGHTLY else 1])
@pytest.mark.parametrize("engine", ["mysql", "mariadb"])
def test_disturbed_in_long_statements(
    tmp_path: Path, engine: str, command: str, points: int, record_property: Record
) -> None:
    """ALTER, UPDATE and LOAD DATA: the command killed, the server killed, and the connection cut while they run."""
    need_crashable(engine)
    rows = tmp_path / "rows.txt"
    rows.write_text("".join(f"{number}\n" for number in range(ROWS)))

    def filled(statements: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(statement.replace("{rows}", str(rows)) for statement in statements)

    files = [(name, header, filled(up), filled(down)) for name, header, up, down in LONG]
    write_files(write_project(tmp_path, "${DATABASE_URL}"), files, filled(BIG))
    outcome = disturbed(tmp_path, {
        **_commands(command), "files": chain(files, command), "points": None if NIGHTLY else points, "engine": engine,
        "means": ["kill", "crash", "reset", "restart", "outage", "close"], "long": True,
    })  # fmt: skip
    report(record_property, f"{engine}, long statements, {command}", outcome)
    assert not outcome["wrong"], "\n".join(outcome["wrong"])
    assert outcome["tried"] >= points


def _commands(command: str) -> dict[str, list[str]]:
    """The command, and the one before it."""
    if command == "migrate":
        return {"argv": ["migrate", "--force"], "before": ["migrate", "--force", "--to-version", "1"]}
    return {"argv": ["rollback", "--force", "--to-version", "1"], "before": ["migrate", "--force"]}


def test_cut_on_clickhouse(tmp_path: Path, embedded_engine: None, record_property: Record) -> None:
    """The connection cut and the server killed at a mutation, in a copy, at the exchange and at what is recorded of them."""
    files = [file for file in ddl_files_clickhouse.FILES if file[0] == "0004_rebuild"]
    (name, header, upgrade, rollback), *_ = files
    upgrade = ("ALTER TABLE u UPDATE a = a + 1000 WHERE 1", *upgrade)
    write_files(
        write_project(tmp_path, "${DATABASE_URL}"), [(name, header, upgrade, rollback)], ddl_files_clickhouse.BASE
    )
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.cut_on_clickhouse", tmp_path, "0" if NIGHTLY else "4"],
        cwd=Path(__file__).parents[2], env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    words = f"clickhouse: {outcome['points']} requests, disturbed at {outcome['tried']}, {outcome['crashes']} crashes"
    record(record_property, words, outcome["tried"], len(outcome["wrong"]))
    assert not outcome["wrong"], "\n".join(outcome["wrong"])
    assert outcome["tried"] >= 4 and outcome["crashes"]
