"""SQLite, killed at system calls: before and in the middle of writes to the database, its journal and its log.

A sample of the points by default; ``DBWARDEN_TEST_NIGHTLY=1`` tries them all.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.fixtures import missing
from tests.support import killed_at_call
from tests.support.command import environment, run, write_project
from tests.support.effort import NIGHTLY
from tests.support.kill_tests import Record, record

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(sys.platform != "linux", reason="system calls are intercepted on Linux only"),
]
POINTS = 0 if NIGHTLY else 40

FILES = {
    "0001_base": """-- upgrade
CREATE TABLE u (id INTEGER PRIMARY KEY, a INTEGER, parent INTEGER REFERENCES u (id));
INSERT INTO u WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) SELECT i, i, 1 FROM n;

-- rollback
DROP TABLE u;
""",
    "0002_off": """-- transaction: off

-- upgrade
CREATE TABLE t (a INTEGER);
INSERT INTO t VALUES (1);
UPDATE t SET a = a + 1000;
UPDATE u SET a = a + 1000;
CREATE INDEX t_a ON t (a);
VACUUM;
UPDATE t SET a = a + 1000;

-- rollback
UPDATE u SET a = a - 1000;
DELETE FROM t;
DROP TABLE t;
""",
    "0003_rebuild": """-- upgrade
{rebuild}
-- rollback
{back}
""",
    "0004_rebuild_off": """-- transaction: off

-- upgrade
{back}
-- rollback
{rebuild}
""",
    "ROC__view": "-- upgrade\nDROP VIEW IF EXISTS v;\nCREATE VIEW v AS SELECT a FROM t;\n",
    "RA__last": "-- transaction: off\n\n-- upgrade\nCREATE TABLE IF NOT EXISTS r (n);\nDELETE FROM r;\nINSERT INTO r VALUES (1);\n",
}
REBUILD = """PRAGMA foreign_keys = OFF;
CREATE TABLE dbwarden_new_u (id INTEGER PRIMARY KEY, a {type}, parent INTEGER REFERENCES u (id));
INSERT INTO dbwarden_new_u (id, a, parent) SELECT id, a, parent FROM u;
DROP TABLE u;
PRAGMA legacy_alter_table = ON;
ALTER TABLE dbwarden_new_u RENAME TO u;
PRAGMA legacy_alter_table = OFF;
PRAGMA foreign_keys = ON;
"""


@pytest.fixture(scope="session")
def hook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library that is preloaded."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        missing("a C compiler (cc)")
    source = Path(killed_at_call.__file__).with_suffix(".c")
    library = tmp_path_factory.mktemp("hook") / "killed_at_call.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    return library


@pytest.mark.parametrize("mode", ["delete", "wal"])
@pytest.mark.parametrize("command", ["migrate", "rollback"])
def test_killed_at_calls(tmp_path: Path, hook: Path, mode: str, command: str, record_property: Record) -> None:
    migrations = write_project(tmp_path, f"sqlite:///{tmp_path}/app.db")
    sections = {"rebuild": REBUILD.format(type="TEXT"), "back": REBUILD.format(type="INTEGER")}
    names = [name for name in FILES if command == "migrate" or name[0] == "0"]
    for name in names:
        (migrations / f"{name}.sql").write_text(FILES[name].format(**sections))
    with sqlite3.connect(tmp_path / "app.db") as conn:
        conn.execute(f"PRAGMA journal_mode = {mode}")
    conn.close()
    run(tmp_path, "migrate", "--force", *(["--to-version", "1"] if command == "migrate" else []))
    done = subprocess.run(
        [sys.executable, killed_at_call.__file__, tmp_path, command, str(POINTS)],
        cwd=tmp_path, env=environment(LD_PRELOAD=str(hook)), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    words = f"sqlite, {command}, {mode}: {outcome['calls']} system calls, killed at {outcome['tried']} points"
    record(record_property, words, outcome["tried"], len(outcome["wrong"]))
    assert not outcome["wrong"], "\n".join(outcome["wrong"])
    assert outcome["tried"] >= 30
