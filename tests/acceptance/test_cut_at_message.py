"""PostgreSQL, cut or killed at messages of its protocol: before, inside and after each, in both directions.

A proxy of our own stands in between; what breaks is the connection that works, the one that holds the lock, the whole
network, the process itself, or the server. A sample of the points by default; ``DBWARDEN_TEST_NIGHTLY=1`` tries them all.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.servers.fixtures import need_crashable, need_driver
from tests.support.command import write_project
from tests.support.disturbed import disturbed, report
from tests.support.effort import NIGHTLY
from tests.support.kill_tests import Record

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


LONG: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    (
        "0002_long",
        "",
        ("UPDATE u /* long */ SET a = slow(a) + 1000", "ALTER TABLE u ADD COLUMN b integer"),
        ("ALTER TABLE u DROP COLUMN b", "UPDATE u /* long */ SET a = slow(a) - 1000"),
    ),
    (
        "0003_long_off",
        "-- transaction: off\n\n",
        (
            "ALTER TABLE u /* long */ ALTER a TYPE bigint USING slow(a)",
            "CREATE INDEX CONCURRENTLY u_slow /* long */ ON u (slow(id))",
            "UPDATE u SET a = a + 1000",
        ),
        ("UPDATE u SET a = a - 1000", "DROP INDEX u_slow", "ALTER TABLE u /* long */ ALTER a TYPE int USING slow(a)"),
    ),
)
SLOW = """-- upgrade
CREATE FUNCTION slow(n bigint) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM pg_sleep(0.06); RETURN n; END $$;
CREATE TABLE u (id integer, a integer);
INSERT INTO u SELECT i, i FROM generate_series(1, 6) AS i;

-- rollback
DROP TABLE u;
DROP FUNCTION slow(bigint);
"""


def _write(migrations: Path, command: str, long: bool = False) -> list[tuple[str, tuple[str, ...]]]:
    """Write the files; returns the order in which the command runs their statements."""

    def lines(statements: tuple[str, ...]) -> str:
        return "".join(f"{statement};\n" for statement in statements)

    files = LONG if long else FILES
    (migrations / "0001_base.sql").write_text(SLOW if long else BASE)
    for name, header, up, down in files:
        (migrations / f"{name}.sql").write_text(f"{header}-- upgrade\n{lines(up)}\n-- rollback\n{lines(down)}")
    if command == "rollback":
        return [(f"{name}.sql", down) for name, _, _, down in reversed(files)]
    repeatable = () if long else REPEATABLE
    for name, header, up in repeatable:
        (migrations / f"{name}.sql").write_text(f"{header}-- upgrade\n{lines(up)}")
    chain = [(f"{name}.sql", up) for name, _, up, _ in files]
    return [*chain, *((f"{name}.sql", up) for name, _, up in repeatable)]


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
    record_property: Record,
) -> None:
    """``interrupted``: the command was killed once already, around these words, and goes on behind that."""
    need_driver(driver)
    url = postgresql_url.replace("postgresql://", f"postgresql+{driver}://")
    files = _write(write_project(tmp_path, "${DATABASE_URL}"), command)
    most = None if NIGHTLY and driver == "psycopg" else points
    specification = {
        **_commands(command), "files": files, "points": most, "interrupted": interrupted,
        "means": ["close", "reset", "outage", "kill"],
    }  # fmt: skip
    outcome = disturbed(tmp_path, specification, DATABASE_URL=url)
    report(record_property, f"postgresql, {' '.join((command, driver, *interrupted))}", outcome)
    assert not outcome["wrong"], "\n".join(outcome["wrong"])
    assert outcome["tried"] >= 3


@pytest.mark.parametrize(("command", "points"), [("migrate", 4), ("rollback", 2)])
def test_the_server_is_killed(tmp_path: Path, command: str, points: int, record_property: Record) -> None:
    """And starts again, at once or after the command has ended."""
    need_crashable("postgresql")
    files = _write(write_project(tmp_path, "${DATABASE_URL}"), command)
    specification = {
        **_commands(command), "files": files, "points": None if NIGHTLY else points, "engine": "postgresql",
        "means": ["crash", "restart"],
    }  # fmt: skip
    outcome = disturbed(tmp_path, specification)
    report(record_property, f"postgresql, {command}", outcome)
    assert not outcome["wrong"], "\n".join(outcome["wrong"])
    assert outcome["crashes"] >= points


@pytest.mark.parametrize("command", ["migrate", "rollback"][: 2 if NIGHTLY else 1])
def test_disturbed_in_long_statements(tmp_path: Path, command: str, record_property: Record) -> None:
    """In a transaction and outside of one: the command killed, the server killed, and the connection cut while they run."""
    need_crashable("postgresql")
    files = _write(write_project(tmp_path, "${DATABASE_URL}"), command, long=True)
    specification = {
        **_commands(command), "files": files, "points": None if NIGHTLY else 4, "engine": "postgresql", "long": True,
        "means": ["kill", "crash", "reset", "restart", "outage", "close"],
    }  # fmt: skip
    outcome = disturbed(tmp_path, specification)
    report(record_property, f"postgresql, long statements, {command}", outcome)
    assert not outcome["wrong"], "\n".join(outcome["wrong"])
    assert outcome["tried"] >= 4


def _commands(command: str) -> dict[str, list[str]]:
    """The command, and the one before it."""
    if command == "migrate":
        return {"argv": ["migrate", "--force"], "before": ["migrate", "--to-version", "1"]}
    return {"argv": ["rollback", "--force", "--to-version", "1"], "before": ["migrate", "--force"]}
