"""Engines on which every DDL statement commits: the command killed at every statement of every kind.

A sample of the points by default; ``DBWARDEN_TEST_NIGHTLY=1`` tries them all.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from dbwarden.api.connection import connect
from tests.support import ddl_files_clickhouse
from tests.support.command import environment, write_project
from tests.support.ddl_files import File, chain, files_of, write_files
from tests.support.effort import NIGHTLY
from tests.support.kill_tests import Record, record

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="every attempt is a fork, which this system does not have"),
]
POINTS = 0 if NIGHTLY else 8

LOOKS = {
    "CALL note": "SELECT COUNT(*) FROM calls",
    "CALL forget": "SELECT COUNT(*) = 0 FROM calls",
    "TRUNCATE full": "SELECT COUNT(*) = 0 FROM full",
    "RENAME TABLE copied": "SELECT COUNT(*) > 0 FROM information_schema.TABLES"
    " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'kept'",
}
"""Queries for the statements whose effect the catalogue does not show."""


@pytest.mark.parametrize("command", ["migrate", "rollback"])
@pytest.mark.parametrize("engine", ["mysql", "mariadb"])
def test_killed_at_statements(
    tmp_path: Path, engine: str, command: str, request: pytest.FixtureRequest, record_property: Record
) -> None:
    url: str = request.getfixturevalue(f"{engine}_url")
    accounts = f"k_{secrets.token_hex(4)}_"
    files = files_of(engine, accounts)
    looks = {**LOOKS, "REVOKE FILE": f"SELECT File_priv = 'N' FROM mysql.user WHERE User = '{accounts}a'"}
    write_files(write_project(tmp_path, url), files)
    outcome = _killed(
        tmp_path,
        {"url": url, "statements": _statements(files, command), "looks": looks, "accounts": accounts},
        command,
        POINTS,
    )
    _report(record_property, f"{engine}, {command}", outcome)
    assert outcome["tried"] >= 8


INSIDE = ("dbwarden_new_", "dbwarden_late_", "SYSTEM ")
"""Words of the statements that copying and exchanging a table are made of."""
CASES = [(command, file) for command in ("migrate", "rollback") for file in ddl_files_clickhouse.FILES]


LOCKS = ("keeper", "table")


@pytest.mark.parametrize(
    ("command", "file", "lock"),
    [
        pytest.param(command, file, LOCKS[number % 2], id=f"{command}-{file[0]}")
        for number, (command, file) in enumerate(CASES)
    ],
)
def test_killed_at_statements_of_clickhouse(
    tmp_path: Path, clickhouse_url: str, command: str, file: File, lock: str, record_property: Record
) -> None:
    """Between and inside the partitions of a copy, at the exchange, and while the server still works on a mutation."""
    if lock == "table":
        with connect(clickhouse_url) as conn:
            conn.execute("CREATE TABLE dbwarden_lock_primary (free UInt8) ENGINE = Null")
    write_files(write_project(tmp_path, clickhouse_url), [file], ddl_files_clickhouse.BASE)
    given = {"url": clickhouse_url, "statements": _statements([file], command), "words": INSIDE}
    outcome = _killed(tmp_path, {**given, "looks": ddl_files_clickhouse.LOOKS}, command, POINTS and 2)
    _report(record_property, f"clickhouse, {command} {file[0]}, lock {lock}", outcome)
    if NIGHTLY and (command, file[0]) == ("migrate", "0006_mutation"):
        assert outcome["unfinished"], "no mutation was under way"


def _statements(files: Sequence[File], command: str) -> list[str]:
    return [sql for _, listed in chain(files, command) for sql in listed]


def _killed(folder: Path, given: Mapping[str, object], command: str, points: int) -> dict[str, Any]:
    (folder / "chain.json").write_text(json.dumps(given))
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.killed_at_statement", folder, command, str(points)],
        cwd=Path(__file__).parents[2], env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    outcome: dict[str, Any] = json.loads(done.stdout)
    return outcome


def _report(record_property: Record, what: str, outcome: Mapping[str, Any]) -> None:
    words = f"{what}: {outcome['points']} points, killed at {outcome['tried']}, {outcome['asked']} questions"
    words += f", {outcome['unfinished']} times during a mutation" if outcome["unfinished"] else ""
    record(record_property, words, outcome["tried"], len(outcome["wrong"]))
    assert not outcome["wrong"], "\n".join(outcome["wrong"])
