"""MySQL and MariaDB, where every DDL statement commits: the command killed at every statement of every kind.

A sample of the points by default; ``DBWARDEN_TEST_NIGHTLY=1`` tries them all.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.fixtures import need
from tests.support.command import environment, write_project
from tests.support.ddl_files import chain, files_of, write_files
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
    statements = [sql for _, listed in chain(files, command) for sql in listed]
    (tmp_path / "chain.json").write_text(
        json.dumps({"url": url, "statements": statements, "looks": looks, "accounts": accounts})
    )
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.killed_at_statement", tmp_path, need(engine).root, command, str(POINTS)],
        cwd=Path(__file__).parents[2], env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    words = (
        f"{engine}, {command}: {outcome['points']} points, killed at {outcome['tried']}, {outcome['asked']} questions"
    )
    record(record_property, words, outcome["tried"], len(outcome["wrong"]))
    assert not outcome["wrong"], "\n".join(outcome["wrong"])
    assert outcome["tried"] >= 8
