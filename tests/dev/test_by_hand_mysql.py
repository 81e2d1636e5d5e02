"""Files written for MySQL and MariaDB by hand, run on the SQLite dev database."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

import dbwarden
from dbwarden.errors import LossyTranslation, MigrationFailed
from tests.dev.project import DevProject, nowhere

UPGRADE = r"""
SET NAMES utf8mb4; # as dumps begin
CREATE TABLE `log` (
    `id` bigint unsigned NOT NULL AUTO_INCREMENT, -- it's numbered
    ref char(36) NOT NULL DEFAULT (uuid()),
    kind ENUM('new','it\'s old') NOT NULL DEFAULT 'new',
    `data` json NOT NULL DEFAULT (json_object()),
    tags SET('a','b'),
    at datetime(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
    price decimal(10, 2) unsigned CHECK (price > 0),
    PRIMARY KEY (`id`),
    UNIQUE KEY `ref` (`ref`),
    KEY `at` (`at` DESC) USING BTREE,
    FULLTEXT KEY ft (`kind`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='what happened; all of it'
/*!50100 PARTITION BY HASH (id) PARTITIONS 4 */;
CREATE TABLE other LIKE log;
ALTER TABLE `log` ADD COLUMN note varchar(20) NULL AFTER kind, ADD UNIQUE INDEX uq_note (note), ALGORITHM=INPLACE, LOCK=NONE;
ALTER TABLE log MODIFY note varchar(30) NOT NULL;
ALTER TABLE log CHANGE price cost decimal(10,2);
INSERT INTO log (data, cost, note) VALUES ('{"a": "x"}', 2.5, 'x') ON DUPLICATE KEY UPDATE cost = VALUES(cost);
INSERT INTO log (cost, note) VALUES (3, 'X') ON DUPLICATE KEY UPDATE cost = VALUES(cost) + 1;
INSERT IGNORE INTO log (note) VALUES ("x");
CREATE OR REPLACE VIEW recent AS SELECT CONCAT(id, '') AS id, data->>'$.a' AS a FROM log WHERE at > NOW() - INTERVAL 1 DAY;
DELIMITER //
CREATE TRIGGER t BEFORE INSERT ON log FOR EACH ROW BEGIN SET NEW.note = 'y'; END//
DELIMITER ;
RENAME TABLE log TO logs;
"""
ROLLBACK = "DROP VIEW recent;\nDROP TRIGGER t;\nDROP TABLE logs, other;"


@pytest.fixture(params=["mysql", "mariadb"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> DevProject:
    project = DevProject(tmp_path, nowhere(request.param))
    project.configure("models.py")
    return project


def rows(project: DevProject, sql: str) -> list[tuple[Any, ...]]:
    conn = sqlite3.connect(project.dev_path)
    try:
        return conn.execute(sql).fetchall()
    finally:
        conn.close()


def test_there_and_back(project: DevProject) -> None:
    project.write("0001_log", UPGRADE, ROLLBACK)
    report = project.migrate()
    assert rows(project, "SELECT id, length(ref), kind, data, cost, note FROM logs") == [
        (1, 36, "new", '{"a": "x"}', 4, "x")
    ]
    assert rows(project, "SELECT id, a FROM recent") == [("1", "x")]
    assert [loss.rpartition(" (")[0] for loss in report.translation_losses] == [
        "0001_log.sql:3: SET NAMES utf8mb4 is left out",
        "0001_log.sql:4: log: PARTITION BY HASH(id) PARTITIONS 4 is left out",
        "0001_log.sql:4: log.tags: set becomes TEXT",
        "0001_log.sql:4: log.at: ON UPDATE CURRENT_TIMESTAMP(6) is left out",
        "0001_log.sql:4: log.ft is left out",
        "0001_log.sql:18: other: keys, indexes and defaults of log are not copied",
        "0001_log.sql:20: ALTER TABLE log MODIFY note varchar(30) NOT NULL is left out",
        "0001_log.sql:21: ALTER TABLE log CHANGE price cost decimal(10, 2) is left out but for the name",
        "0001_log.sql:27: CREATE TRIGGER t BEFORE INSERT ON log FOR EACH ROW BEGIN SE… is left out",
    ]
    assert dbwarden.status(config=project.config, dev=True).clean
    back = project.rollback()
    assert [loss.rpartition(" (")[0] for loss in back.translation_losses] == [
        "0001_log.sql:34: DROP TRIGGER t is left out"
    ]
    assert project.dev_dump() == []


def test_strict_executes_nothing(project: DevProject) -> None:
    project.write(
        "0001_fine", "CREATE TABLE a (id int unsigned AUTO_INCREMENT PRIMARY KEY) ENGINE=InnoDB;", "DROP TABLE a;"
    )
    project.write("0002_log", UPGRADE, ROLLBACK)
    with pytest.raises(LossyTranslation) as raised:
        project.migrate(strict_translation=True)
    assert len(raised.value.losses) == 9
    assert project.dev_dump() == []


def test_strict_lets_exact_translations_through(project: DevProject) -> None:
    project.write(
        "0001_fine",
        "CREATE TABLE a (id int unsigned AUTO_INCREMENT PRIMARY KEY, e ENUM('x','y'), j json, KEY e (e)) ENGINE=InnoDB;",
        "DROP TABLE a;",
    )
    assert [run.key for run in project.migrate(strict_translation=True).migrations] == ["0001"]


def test_an_error_names_the_line_in_the_file(project: DevProject) -> None:
    project.write("0001_a", "CREATE TABLE a (id int);\n\nREPLACE INTO nowhere\nVALUES (1);", "DROP TABLE a;")
    with pytest.raises(MigrationFailed, match=r"0001_a.sql:4: statement 2 of 2 failed"):
        project.migrate()


def test_a_written_variant_is_run_as_it_is(project: DevProject) -> None:
    path = project.write("0001_a", "CREATE TABLE a (tags SET('a','b'));", "DROP TABLE a;")
    path.write_text(
        path.read_text() + "\n-- upgrade: sqlite\nCREATE TABLE a (tags JSON);\n-- rollback: sqlite\nDROP TABLE a;\n"
    )
    assert project.migrate(strict_translation=True).translation_losses == ()
    assert rows(project, "SELECT type FROM pragma_table_info('a')") == [("JSON",)]
