"""MySQL and MariaDB, where every DDL statement commits: the command killed at every statement of every kind.

A sample of the points by default; ``DBWARDEN_TEST_NIGHTLY=1`` tries them all.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.fixtures import need
from tests.support.command import environment, write_project
from tests.support.effort import NIGHTLY

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="every attempt is a fork, which this system does not have"),
]
POINTS = 0 if NIGHTLY else 8

BASE = (
    "CREATE TABLE u (id int PRIMARY KEY, a int, s varchar(20))",
    "INSERT INTO u VALUES (1, 1, 'one'), (2, 2, 'two'), (3, 3, 'three')",
    "CREATE TABLE p (id int PRIMARY KEY, a int) PARTITION BY RANGE (id) ("
    "PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20))",
    "INSERT INTO p VALUES (1, 1), (11, 11)",
    "CREATE TABLE full (id int PRIMARY KEY)",
    "INSERT INTO full VALUES (1)",
    "CREATE TABLE calls (id int)",
    "CREATE PROCEDURE note () INSERT INTO calls VALUES (1)",
    "CREATE PROCEDURE forget () DELETE FROM calls",
)
FILES = (
    (
        "0002_tables",
        "",
        (
            "CREATE TABLE c (id int AUTO_INCREMENT PRIMARY KEY, u_id int, n int DEFAULT 5) COMMENT 'x'",
            "INSERT INTO c (id, u_id, n) SELECT id, id, a FROM u",
            "UPDATE u SET a = a + 1000",
            "ALTER TABLE c ADD COLUMN m varchar(10) COLLATE utf8mb4_bin NOT NULL DEFAULT '' AFTER id, ADD INDEX ix_m (m)",
            "UPDATE c SET m = CONCAT('m', n)",
            "UPDATE c SET n = n + 1000",
            "ALTER TABLE c MODIFY COLUMN n bigint unsigned NOT NULL DEFAULT 7 COMMENT 'y'",
            "ALTER TABLE c CHANGE m mm varchar(60) NOT NULL",
            "CREATE UNIQUE INDEX uq_mm ON c (mm)",
            "ALTER TABLE c ADD CONSTRAINT fk FOREIGN KEY (u_id) REFERENCES u (id), ADD CONSTRAINT positive CHECK (n > 0)",
            "ALTER TABLE c RENAME COLUMN mm TO label, RENAME INDEX ix_m TO ix_mm",
            "DROP INDEX ix_mm ON c",
            "ALTER TABLE c COMMENT 'other'",
            "CREATE TABLE copied SELECT id, a FROM u",
            "CREATE TABLE alike LIKE u",
            "RENAME TABLE copied TO tmp, alike TO copied, tmp TO kept",
            "UPDATE kept SET a = a + 1000",
            "DROP TABLE copied",
        ),
        (
            "UPDATE kept SET a = a - 1000",
            "CREATE TABLE copied (id int)",
            "DROP TABLE kept, copied",
            "ALTER TABLE c DROP FOREIGN KEY fk, DROP INDEX fk, DROP CONSTRAINT positive",
            "ALTER TABLE c DROP INDEX uq_mm, DROP COLUMN label",
            "UPDATE u SET a = a - 1000",
            "DROP TABLE c",
        ),
    ),
    (
        "0003_objects",
        "",
        (
            "CREATE VIEW v AS SELECT id FROM u",
            "CREATE OR REPLACE VIEW v AS SELECT id, a FROM u",
            "CREATE TRIGGER tr BEFORE INSERT ON u FOR EACH ROW BEGIN SET NEW.a = NEW.id; SET NEW.s = 'x'; END",
            "INSERT INTO u (id) VALUES (4)",
            "CREATE PROCEDURE pr (x int) BEGIN SELECT x; END",
            "CREATE FUNCTION fu () RETURNS int DETERMINISTIC RETURN 1",
            "CREATE EVENT ev ON SCHEDULE EVERY 1 YEAR STARTS '2035-01-01 00:00:00' DO DELETE FROM u WHERE id < 0",
            "ALTER EVENT ev RENAME TO ev2",
            "CALL note ()",
            "SET @x = 5",
            "UPDATE u SET a = a + @x",
            "DROP PROCEDURE pr",
            "ANALYZE TABLE u",
        ),
        (
            "UPDATE u SET a = a - 5",
            "CALL forget ()",
            "DROP EVENT ev2",
            "DROP FUNCTION fu",
            "DELETE FROM u WHERE id = 4",
            "DROP TRIGGER tr",
            "DROP VIEW v",
        ),
    ),
    (
        "0004_partitions",
        "-- transaction: off\n\n",
        (
            "UPDATE p SET a = a + 1000",
            "ALTER TABLE p ADD PARTITION (PARTITION p2 VALUES LESS THAN (30))",
            "INSERT INTO p VALUES (21, 21)",
            "ALTER TABLE p REORGANIZE PARTITION p1 INTO"
            " (PARTITION p1a VALUES LESS THAN (15), PARTITION p1b VALUES LESS THAN (20))",
            "UPDATE p SET a = a + 1000",
            "ALTER TABLE p DROP PARTITION p2",
            "TRUNCATE full",
            "INSERT INTO full VALUES (1), (2)",
            "OPTIMIZE TABLE u",
            "ALTER TABLE u FORCE",
        ),
        (
            "UPDATE p SET a = a - 1000",
            "DELETE FROM full WHERE id = 2",
            "ALTER TABLE p REMOVE PARTITIONING",
            "UPDATE p SET a = a - 1000",
        ),
    ),
)
SEQUENCES = (
    "0005_sequences",
    "",
    (
        "CREATE SEQUENCE sq START WITH 5",
        "ALTER TABLE u ADD COLUMN q int DEFAULT (NEXT VALUE FOR sq)",
        "UPDATE u SET q = a",
    ),
    ("ALTER TABLE u DROP COLUMN q", "DROP SEQUENCE sq"),
)
LOOKS = {
    "CALL note": "SELECT COUNT(*) FROM calls",
    "CALL forget": "SELECT COUNT(*) = 0 FROM calls",
    "TRUNCATE full": "SELECT COUNT(*) = 0 FROM full",
    "RENAME TABLE copied": "SELECT COUNT(*) > 0 FROM information_schema.TABLES"
    " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'kept'",
}
"""Queries for the statements whose effect the catalogue does not show."""


def _lines(statements: tuple[str, ...]) -> str:
    return "".join(f"{statement};\n" for statement in statements)


@pytest.mark.parametrize("command", ["migrate", "rollback"])
@pytest.mark.parametrize("engine", ["mysql", "mariadb"])
def test_killed_at_statements(
    tmp_path: Path, engine: str, command: str, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    url: str = request.getfixturevalue(f"{engine}_url")
    files = (*FILES, SEQUENCES) if engine == "mariadb" else FILES
    migrations = write_project(tmp_path, url)
    (migrations / "0001_base.sql").write_text(f"-- upgrade\n{_lines(BASE)}\n-- rollback\nDROP TABLE u;\n")
    for name, header, up, down in files:
        (migrations / f"{name}.sql").write_text(f"{header}-- upgrade\n{_lines(up)}\n-- rollback\n{_lines(down)}")
    statements = [sql for _, _, up, down in files for sql in (up if command == "migrate" else down)]
    (tmp_path / "chain.json").write_text(json.dumps({"url": url, "statements": statements, "looks": LOOKS}))
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.killed_at_statement", tmp_path, need(engine).root, command, str(POINTS)],
        cwd=Path(__file__).parents[2], env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    with capsys.disabled():
        print(
            f"\n{engine}, {command}: {found['points']} points, killed at {found['tried']}, {found['asked']} questions,"
            f" {len(found['wrong'])} losses",
            end="",
        )
    assert not found["wrong"], "\n".join(found["wrong"])
    assert found["tried"] >= 8
