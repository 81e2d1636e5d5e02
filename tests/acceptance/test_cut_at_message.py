"""PostgreSQL, cut or killed at messages of its protocol: before, inside and after each, in both directions.

A proxy of our own stands in between; what breaks is the connection that works, the one that holds the lock, the whole
network, or the process itself. A sample of the points by default; ``DBWARDEN_TEST_NIGHTLY=1`` tries them all.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.fixtures import need_driver
from tests.support.command import environment, run, write_project
from tests.support.effort import NIGHTLY

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="every attempt is a fork, which this system does not have"),
]

FILES: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    (
        "0002_together",
        "",
        (
            "CREATE TABLE t (a integer)",
            "INSERT INTO t VALUES (1)",
            "UPDATE u SET a = a + 1000",
            "ALTER TABLE u ADD COLUMN b integer",
        ),
        ("ALTER TABLE u DROP COLUMN b", "UPDATE u SET a = a - 1000", "DROP TABLE t"),
    ),
    (
        "0003_off",
        "-- transaction: off\n\n",
        (
            "CREATE TABLE w (a integer)",
            "INSERT INTO w VALUES (1)",
            "UPDATE w SET a = a + 1000",
            "CREATE INDEX CONCURRENTLY u_a ON u (a)",
            "UPDATE w SET a = a + 1000",
            "CALL several()",
            "ALTER TABLE u ADD COLUMN c integer",
        ),
        (
            "ALTER TABLE u DROP COLUMN c",
            "UPDATE w SET a = a - 1000",
            "DROP INDEX CONCURRENTLY u_a",
            "DROP TABLE w",
        ),
    ),
    (
        "0004_mixed",
        "",
        (
            "UPDATE u SET a = a + 1000000",
            "UPDATE t SET a = a + 1000000",
            "CREATE UNIQUE INDEX CONCURRENTLY u_id ON u (id)",
            "UPDATE t SET a = a + 1000000",
        ),
        (
            "UPDATE u SET a = a - 1000000",
            "DROP INDEX CONCURRENTLY u_id",
            "UPDATE t SET a = 1",
        ),
    ),
)
REPEATABLE: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("ROC__view", "", ("DROP VIEW IF EXISTS v", "CREATE VIEW v AS SELECT id FROM u")),
    ("RA__rows", "-- transaction: off\n\n", ("DELETE FROM r", "INSERT INTO r VALUES (2)")),
)
BASE = """-- upgrade
CREATE TABLE u (id integer, a integer);
INSERT INTO u SELECT i, i FROM generate_series(1, 20) AS i;
CREATE TABLE r (n integer);
INSERT INTO r VALUES (1);
CREATE PROCEDURE several() LANGUAGE plpgsql AS $$ BEGIN UPDATE u SET a = a + 100000; COMMIT; END $$;

-- rollback
DROP PROCEDURE several();
DROP TABLE r;
DROP TABLE u;
"""


def _write(folder: Path, migrations: Path, command: str) -> None:
    """The files, and the order in which the command runs their statements."""

    def lines(statements: tuple[str, ...]) -> str:
        return "".join(f"{statement};\n" for statement in statements)

    (migrations / "0001_base.sql").write_text(BASE)
    for name, header, up, down in FILES:
        (migrations / f"{name}.sql").write_text(f"{header}-- upgrade\n{lines(up)}\n-- rollback\n{lines(down)}")
    chain = [(f"{name}.sql", down) for name, _, _, down in reversed(FILES)]
    if command == "migrate":
        for name, header, up in REPEATABLE:
            (migrations / f"{name}.sql").write_text(f"{header}-- upgrade\n{lines(up)}")
        chain = [(f"{name}.sql", up) for name, _, up, _ in FILES]
        chain += [(f"{name}.sql", up) for name, _, up in REPEATABLE]
    (folder / "chain.json").write_text(json.dumps(chain))


@pytest.mark.parametrize(
    ("command", "driver", "points", "interrupted"),
    [
        ("migrate", "psycopg", 4, ()),
        ("rollback", "psycopg", 4, ()),
        ("migrate", "psycopg2", 0, ()),
        ("rollback", "psycopg2", 0, ()),
        ("migrate", "psycopg", 3, ("before", "CREATE INDEX CONCURRENTLY u_a")),
        ("migrate", "psycopg", 3, ("after", "CREATE INDEX CONCURRENTLY u_a")),
        ("rollback", "psycopg", 3, ("after", "DROP INDEX CONCURRENTLY u_a")),
    ],
    ids=lambda value: " ".join(value).replace(" ", "-") if isinstance(value, tuple) else str(value),
)
def test_cut_at_messages(
    tmp_path: Path,
    postgresql_url: str,
    command: str,
    driver: str,
    points: int,
    interrupted: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """``interrupted``: the command was killed once already, around these words, and goes on behind that."""
    need_driver(driver)
    url = postgresql_url.replace("postgresql://", f"postgresql+{driver}://")
    _write(tmp_path, write_project(tmp_path, "${DATABASE_URL}"), command)
    run(tmp_path, "migrate", *(["--to-version", "1"] if command == "migrate" else ["--force"]), DATABASE_URL=url)
    argv = [command, "--force", *(["--to-version", "1"] if command == "rollback" else [])]
    most = "all" if NIGHTLY and driver == "psycopg" else str(points)
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.cut_at_message", tmp_path, json.dumps(argv), most, *interrupted],
        cwd=Path(__file__).parents[2], env=environment(DATABASE_URL=url), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    with capsys.disabled():
        print(
            f"\n{' '.join((command, driver, *interrupted))}: {found['messages']} messages, cut at {found['tried']} points,"
            f" {found['asked']} questions, {len(found['wrong'])} losses",
            end="",
        )
    assert not found["wrong"], "\n".join(found["wrong"])
    assert found["tried"] >= 3
