"""Whether an interrupted statement had its effect: before it, after it, and while it runs."""

from __future__ import annotations

import re
import threading

import pytest

from dbwarden.api.connection import connect
from dbwarden.core.statement import Evidence
from dbwarden.errors import DatabaseBusy, DatabaseError

from .conftest import Flavour

OBJECTS = {
    "p": "CREATE TABLE p (id int PRIMARY KEY, code varchar(10), UNIQUE KEY uq_code (code))",
    "t": """CREATE TABLE t (
        id int NOT NULL AUTO_INCREMENT PRIMARY KEY, a int DEFAULT 5 COMMENT 'x', b varchar(20) COLLATE utf8mb4_bin,
        g int GENERATED ALWAYS AS (a + 1) STORED, p_id int, KEY ix (a), KEY ix_p (p_id), CONSTRAINT ck CHECK (a > 0),
        CONSTRAINT fk FOREIGN KEY (p_id) REFERENCES p (id)
    ) COMMENT 'tab'""",
    "u": "CREATE TABLE u (id int PRIMARY KEY, v int)",
    "parts": """CREATE TABLE parts (id int PRIMARY KEY, w varchar(20)) PARTITION BY RANGE (id) (
        PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20))""",
    "many": """CREATE TABLE many (id int PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION m0 VALUES LESS THAN (10),
        PARTITION m1 VALUES LESS THAN (20), PARTITION m2 VALUES LESS THAN (30))""",
    "full_of_rows": "CREATE TABLE full_of_rows (id int PRIMARY KEY) SELECT 1 AS id",
    "v": "CREATE VIEW v AS SELECT 1 AS one",
    "w": "CREATE VIEW w AS SELECT 1 AS one",
    "tr": "CREATE TRIGGER tr BEFORE INSERT ON u FOR EACH ROW SET NEW.v = 1",
    "pr": "CREATE PROCEDURE pr () SELECT 1",
    "fu": "CREATE FUNCTION fu () RETURNS int DETERMINISTIC RETURN 1",
    "ev": "CREATE EVENT ev ON SCHEDULE EVERY 1 YEAR DO SELECT 1",
}
NEEDS = {"t": "p", "u": "p", "tr": "u"}

SHOWN = [
    "ALTER TABLE t ADD COLUMN n int NOT NULL DEFAULT 5 COMMENT 'y' AFTER a",
    "ALTER TABLE t ADD (n int, m varchar(10) COLLATE utf8mb4_bin), ADD INDEX ix_n (n, m)",
    "ALTER TABLE t ADD n int AUTO_INCREMENT UNIQUE, MODIFY id int",
    "ALTER TABLE t MODIFY a bigint unsigned NOT NULL DEFAULT 5",
    "ALTER TABLE t MODIFY a int DEFAULT 5 COMMENT 'other'",
    "ALTER TABLE t MODIFY `b` varchar(20) COLLATE utf8mb4_bin FIRST, COMMENT = 'other'",
    "ALTER TABLE t MODIFY b varchar(60) CHARACTER SET latin1",
    "ALTER TABLE t CHANGE b bb varchar(60)",
    "ALTER TABLE t CHANGE COLUMN b B varchar(20) COLLATE utf8mb4_bin",
    "ALTER TABLE t ALTER COLUMN b SET DEFAULT 'q', ALTER a DROP DEFAULT",
    "ALTER TABLE t DROP COLUMN b, DROP INDEX ix",
    "ALTER TABLE t DROP COLUMN g, ADD COLUMN h int GENERATED ALWAYS AS (a + 1) VIRTUAL",
    "ALTER TABLE t RENAME COLUMN b TO bb, RENAME INDEX ix TO ix_a",
    "ALTER TABLE t ADD UNIQUE uq (a, b(5)), ALGORITHM=INPLACE, LOCK=NONE",
    "ALTER TABLE t DROP INDEX ix, ADD INDEX ix (a, b)",
    "ALTER TABLE t ADD FULLTEXT KEY ft (b)",
    "ALTER TABLE t ADD CONSTRAINT c2 CHECK (a < 100), DROP CONSTRAINT ck",
    "ALTER TABLE t DROP FOREIGN KEY fk, DROP INDEX ix_p",
    "ALTER TABLE u ADD CONSTRAINT fk2 FOREIGN KEY (v) REFERENCES p (id) ON DELETE CASCADE",
    "ALTER TABLE u DROP PRIMARY KEY",
    "ALTER TABLE u DROP PRIMARY KEY, ADD PRIMARY KEY (v, id)",
    "ALTER TABLE t COMMENT 'other' STATS_PERSISTENT=1",
    "ALTER TABLE t CONVERT TO CHARACTER SET latin1",
    "ALTER TABLE t RENAME TO t2, ADD COLUMN n int",
    "ALTER TABLE parts ADD PARTITION (PARTITION p2 VALUES LESS THAN (30), PARTITION p3 VALUES LESS THAN MAXVALUE)",
    "ALTER TABLE parts DROP PARTITION p0",
    "ALTER TABLE many DROP PARTITION m0, m1",
    "ALTER TABLE parts REORGANIZE PARTITION p1 INTO (PARTITION p1a VALUES LESS THAN (15), PARTITION p1 VALUES LESS THAN (20))",
    "ALTER TABLE parts REMOVE PARTITIONING",
    "ALTER TABLE parts ADD COLUMN n int",
    "CREATE INDEX ix_b ON t (b, a)",
    "DROP INDEX ix ON t",
    "CREATE TABLE n (id int PRIMARY KEY, x int)",
    "CREATE TABLE IF NOT EXISTS n LIKE t",
    "CREATE TABLE n SELECT id AS x, a FROM t",
    "DROP TABLE IF EXISTS full_of_rows",
    "DROP TABLE full_of_rows, parts",
    "RENAME TABLE u TO u2, parts TO parts2",
    "RENAME TABLE u TO tmp, parts TO u, tmp TO parts_old",
    "CREATE VIEW n AS SELECT 1 AS one",
    "DROP VIEW v, w",
    "DROP TRIGGER tr",
    "CREATE TRIGGER n AFTER INSERT ON u FOR EACH ROW BEGIN SET @x = 1; SET @y = 2; END",
    "CREATE DEFINER = CURRENT_USER PROCEDURE n (x int) BEGIN SELECT x; END",
    "DROP PROCEDURE pr",
    "CREATE FUNCTION n () RETURNS int DETERMINISTIC RETURN 1",
    "DROP FUNCTION IF EXISTS fu",
    "CREATE EVENT n ON SCHEDULE EVERY 1 YEAR DO SELECT 1",
    "ALTER EVENT ev RENAME TO ev2",
    "DROP EVENT ev",
]  # fmt: skip
MYSQL_ONLY = [
    "ALTER TABLE t ALTER CHECK ck NOT ENFORCED",
    "ALTER TABLE t DROP CHECK ck",
    "ALTER TABLE t ALTER INDEX ix INVISIBLE, ALTER COLUMN b SET INVISIBLE",
    "ALTER TABLE t ADD INDEX ix_expression ((a + 1))",
]
MARIADB_ONLY = [
    "ALTER TABLE t WAIT 5 ADD COLUMN IF NOT EXISTS n int",
    "ALTER TABLE t ALTER INDEX ix IGNORED",
    "ALTER TABLE u ADD SYSTEM VERSIONING",
    "CREATE SEQUENCE s START WITH 5",
    "ALTER TABLE t DROP COLUMN IF EXISTS b",
]
ONLY = {"mysql": MYSQL_ONLY, "mariadb": MARIADB_ONLY}


def prepare(flavour: Flavour, sql: str) -> None:
    """Create the objects that a statement names, and those that these need."""
    named = set(re.findall(r"\w+", sql)) | {needed for name, needed in NEEDS.items() if name in re.findall(r"\w+", sql)}
    for name, text in OBJECTS.items():
        if name in named:
            flavour.conn.execute(text)


@pytest.mark.parametrize("sql", [*SHOWN, *MYSQL_ONLY, *MARIADB_ONLY])
def test_the_catalogue_shows_it(flavour: Flavour, sql: str) -> None:
    if sql in (*MYSQL_ONLY, *MARIADB_ONLY) and sql not in ONLY[flavour.name]:
        return
    prepare(flavour, sql)
    dialect, conn = flavour.dialect, flavour.conn
    assert dialect.recovery(sql).evidence is Evidence.CATALOGUE
    assert not dialect.facts(sql).transactional
    assert dialect.probe(conn, sql) is False
    conn.execute(sql)
    assert dialect.probe(conn, sql) is True
    assert dialect.probe(conn, sql, refused=True) is False


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE t FORCE",
        "ALTER TABLE t ROW_FORMAT=COMPACT COMMENT 'other'", "ALTER TABLE t ENGINE=InnoDB, ALGORITHM=INPLACE",
        "ALTER TABLE t ORDER BY a",
        "ALTER TABLE t AUTO_INCREMENT = 100", "ALTER TABLE parts OPTIMIZE PARTITION p0", "OPTIMIZE TABLE t, u",
        "ANALYZE TABLE t", "CREATE OR REPLACE VIEW v AS SELECT 1 AS x", "ALTER VIEW v AS SELECT 1 AS x",
        "ALTER PROCEDURE pr COMMENT 'x'", "ALTER EVENT ev DISABLE", "FLUSH TABLES",
    ],
)  # fmt: skip
def test_what_may_run_again(flavour: Flavour, sql: str) -> None:
    prepare(flavour, sql)
    assert flavour.dialect.recovery(sql).evidence is Evidence.REPEATABLE
    assert flavour.dialect.probe(flavour.conn, sql) is False


@pytest.mark.parametrize(
    ("sql", "before"),
    [
        ("ALTER TABLE t ADD INDEX (p_id)", None),
        ("ALTER TABLE t ADD INDEX (b)", False),
        ("ALTER TABLE t ADD CHECK (a < 100)", None),
        ("ALTER TABLE t DROP COLUMN b, ADD COLUMN b varchar(20) COLLATE utf8mb4_bin AFTER a", None),
        ("RENAME TABLE t TO tmp, u TO t, tmp TO u", None),
        ("TRUNCATE full_of_rows", None),
        ("TRUNCATE t", True),
        ("CALL pr ()", None),
        ("REVOKE SELECT ON t FROM nobody", None),
    ],
)
def test_what_the_catalogue_does_not_show(flavour: Flavour, sql: str, before: bool | None) -> None:
    prepare(flavour, sql)
    assert flavour.dialect.probe(flavour.conn, sql) is before


def test_another_definition_is_not_the_one_that_was_asked_for(flavour: Flavour) -> None:
    prepare(flavour, "t u")
    for sql in ("ALTER TABLE t ADD COLUMN a bigint", "ALTER TABLE t ADD a int DEFAULT 6 COMMENT 'x'"):
        assert flavour.dialect.probe(flavour.conn, sql) is False
    assert flavour.dialect.probe(flavour.conn, "ALTER TABLE t ADD a int DEFAULT 5 COMMENT 'x' AFTER id") is True
    assert flavour.dialect.probe(flavour.conn, "CREATE INDEX ix ON t (b)") is False
    assert flavour.dialect.probe(flavour.conn, "CREATE TABLE u (id int, other int)") is False


def test_a_drop_of_several_tables(flavour: Flavour) -> None:
    """MariaDB drops one after the other, MySQL all or none."""
    prepare(flavour, "parts")
    done = flavour.dialect.probe(flavour.conn, "DROP TABLE full_of_rows, parts")
    left = flavour.conn.query(
        "SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'parts'"
    )
    assert (done, len(left)) == ((True, 0) if flavour.name == "mariadb" else (False, 1))


def test_nothing_stays_behind(flavour: Flavour) -> None:
    prepare(flavour, "t")
    flavour.dialect.probe(flavour.conn, "ALTER TABLE t MODIFY a bigint")
    with pytest.raises(DatabaseError, match="dbwarden_probe"):
        flavour.conn.query("SELECT * FROM dbwarden_probe")


def test_a_statement_that_still_runs(flavour: Flavour) -> None:
    """Its client is dead, but the server goes on: the probe waits for the end, or gives up after the lock timeout."""
    prepare(flavour, "full_of_rows")
    sql = "ALTER TABLE full_of_rows ADD COLUMN n int"
    with connect(flavour.url) as blocker, connect(flavour.url) as worker:
        blocker.execute("START TRANSACTION")
        blocker.query("SELECT * FROM full_of_rows")
        thread = threading.Thread(target=worker.execute, args=(sql,))
        thread.start()
        while not [row for row in flavour.conn.query("SHOW FULL PROCESSLIST") if row[7] == sql]:
            pass
        flavour.conn.execute("SET SESSION lock_wait_timeout = 1")
        with pytest.raises(DatabaseBusy, match="still executes"):
            flavour.dialect.probe(flavour.conn, sql)
        flavour.conn.execute("SET SESSION lock_wait_timeout = 60")
        timer = threading.Timer(0.3, blocker.execute, args=("COMMIT",))
        timer.start()
        assert flavour.dialect.probe(flavour.conn, sql) is True
        thread.join()
        timer.join()
