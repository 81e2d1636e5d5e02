"""Files with statements of every kind, for MySQL and MariaDB, where every DDL statement commits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

File = tuple[str, str, tuple[str, ...], tuple[str, ...]]
"""Name, headers, upgrade and rollback."""

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
FILES: tuple[File, ...] = (
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
            "ALTER EVENT ev ON SCHEDULE EVERY 2 YEAR STARTS '2035-01-01 00:00:00' DISABLE DO DELETE FROM u WHERE id < -1",
            "ALTER EVENT ev RENAME TO ev2",
            "DROP FUNCTION fu",
            "CREATE FUNCTION fu () RETURNS int DETERMINISTIC COMMENT 'again' RETURN 2",
            "DROP TRIGGER tr",
            "CREATE TRIGGER tr BEFORE INSERT ON u FOR EACH ROW BEGIN SET NEW.a = NEW.id + 1; SET NEW.s = 'y'; END",
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
SEQUENCES: File = (
    "0005_sequences",
    "",
    (
        "CREATE SEQUENCE sq START WITH 5",
        "ALTER TABLE u ADD COLUMN q int DEFAULT (NEXT VALUE FOR sq)",
        "UPDATE u SET q = a",
    ),
    ("ALTER TABLE u DROP COLUMN q", "DROP SEQUENCE sq"),
)

REPLACED: File = (
    "0008_replaced",
    "",
    (
        "CREATE OR REPLACE PROCEDURE note () INSERT INTO calls VALUES (2)",
        "UPDATE u SET a = a + 1000",
        "CREATE TRIGGER first BEFORE UPDATE ON u FOR EACH ROW SET NEW.s = 'a'",
        "CREATE TRIGGER second BEFORE UPDATE ON u FOR EACH ROW SET NEW.s = 'b'",
        "CREATE OR REPLACE TRIGGER first BEFORE UPDATE ON u FOR EACH ROW PRECEDES second SET NEW.s = 'c'",
        "UPDATE u SET a = a + 1000",
        "CREATE OR REPLACE EVENT never ON SCHEDULE EVERY 1 YEAR STARTS '2035-01-01 00:00:00' DISABLE DO DELETE FROM calls",
        "CREATE OR REPLACE FUNCTION two () RETURNS int DETERMINISTIC RETURN 2",
    ),
    (
        "DROP FUNCTION two",
        "DROP EVENT never",
        "UPDATE u SET a = a - 1000",
        "DROP TRIGGER second",
        "DROP TRIGGER first",
        "UPDATE u SET a = a - 1000",
        "CREATE OR REPLACE PROCEDURE note () INSERT INTO calls VALUES (1)",
    ),
)
"""What MariaDB replaces where it stands."""

ACCOUNTS: File = (
    "0006_accounts",
    "",
    (
        "CREATE USER {a} IDENTIFIED BY 'Secret_1', {b} IDENTIFIED BY 'Secret_1'",
        "UPDATE u SET a = a + 1000",
        "CREATE ROLE {r}",
        "GRANT SELECT, UPDATE (a), DELETE ON u TO {a}, {b}",
        "GRANT FILE ON *.* TO {a}",
        "GRANT EXECUTE ON PROCEDURE note TO {r}",
        "GRANT {r} TO {a}",
        "ALTER USER {a} WITH MAX_USER_CONNECTIONS 5",
        "UPDATE u SET a = a + 1000",
        "REVOKE DELETE ON u FROM {a}, {b}",
        "REVOKE UPDATE (a) ON u FROM {a}",
        "REVOKE {r} FROM {a}",
        "REVOKE FILE ON *.* FROM {a}",
        "RENAME USER {b} TO {c}",
        "UPDATE u SET a = a + 1000",
        "DROP USER {c}",
    ),
    (
        "UPDATE u SET a = a - 3000",
        "REVOKE EXECUTE ON PROCEDURE note FROM {r}",
        "ALTER USER {a} IDENTIFIED BY 'Secret_2'",
        "REVOKE ALL PRIVILEGES, GRANT OPTION FROM {a}",
        "DROP ROLE {r}",
        "UPDATE u SET a = a + 1000",
        "DROP USER {a}",
    ),
)
"""Accounts are the server's: their names begin with what is the test's own."""


def accounts_file(prefix: str) -> File:
    """``ACCOUNTS`` with names that begin with ``prefix``."""
    name, header, *sections = ACCOUNTS
    names = {letter: f"{prefix}{letter}" for letter in "abcr"}
    up, down = (tuple(sql.format(**names) for sql in section) for section in sections)
    return name, header, up, down


GROUPS: File = (
    "0007_groups",
    "",
    (
        "CREATE TABLE g1 (id int PRIMARY KEY, n int, other int)",
        "CREATE TABLE g2 (id int PRIMARY KEY, n int)",
        "CREATE INDEX ix_g1 ON g1 (n)",
        "ALTER TABLE g1 ADD CONSTRAINT fk_g1 FOREIGN KEY (other) REFERENCES g2 (id), ADD CONSTRAINT uq_g1 UNIQUE (n, other)",
        "CREATE VIEW gv AS SELECT id FROM g1",
        "CREATE TABLE g3 (id int PRIMARY KEY)",
        "DROP TABLE g3",
        "CREATE TABLE g3 (id int PRIMARY KEY, n int)",
        "CREATE INDEX ix_u ON u (a)",
        "CREATE TABLE g4 LIKE g3",
        "INSERT INTO g4 VALUES (1, 1)",
        "UPDATE g4 SET n = n + 1000",
        "CREATE TABLE g5 (id int, a int)",
        "CREATE TABLE g6 (id int)",
    ),
    (
        "DROP TABLE g6, g5, g4, g3",
        "CREATE TABLE b1 (id int)",
        "CREATE TABLE b2 (id int)",
        "CREATE INDEX ix_b2 ON b2 (id)",
        "ALTER TABLE u DROP INDEX ix_u",
        "DROP VIEW gv",
        "DROP TABLE g1",
        "DROP TABLE g2",
        "CREATE TABLE b3 (id int)",
        "CREATE TABLE b4 (id int)",
    ),
)


def files_of(engine: str, accounts: str) -> tuple[File, ...]:
    """The files for an engine; ``accounts`` begins the names of accounts."""
    of_mariadb = engine == "mariadb"
    replaced = [REPLACED] if of_mariadb else []
    return (*FILES, *([SEQUENCES] if of_mariadb else []), accounts_file(accounts), GROUPS, *replaced)


def write_files(migrations: Path, files: Sequence[File], base: Sequence[str] = BASE) -> None:
    """Write the files behind ``0001_base``."""
    (migrations / "0001_base.sql").write_text(f"-- upgrade\n{_lines(base)}\n-- rollback\nDROP TABLE u;\n")
    for name, header, up, down in files:
        (migrations / f"{name}.sql").write_text(f"{header}-- upgrade\n{_lines(up)}\n-- rollback\n{_lines(down)}")


def chain(files: Sequence[File], command: str) -> list[tuple[str, tuple[str, ...]]]:
    """The files in the order in which the command runs them, each with its statements."""
    if command == "migrate":
        return [(f"{name}.sql", up) for name, _, up, _ in files]
    return [(f"{name}.sql", down) for name, _, _, down in reversed(files)]


def _lines(statements: Sequence[str]) -> str:
    return "".join(f"{statement};\n" for statement in statements)
