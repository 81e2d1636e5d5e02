"""Statements that are announced to the journal together: whatever follows, the catalogue shows each of them by itself."""

from __future__ import annotations

import pytest

from dbwarden.core.statement_groups import statement_groups
from dbwarden.errors import DatabaseError

from .conftest import Flavour

GROUP = [
    "CREATE TABLE p (id int PRIMARY KEY, `Code` varchar(10) COMMENT 'with select', UNIQUE KEY uq_code (`Code`))",
    "CREATE TABLE c (id int PRIMARY KEY, p_id int, n int, j json, CONSTRAINT fk_in FOREIGN KEY (p_id) REFERENCES p (id))",
    "CREATE INDEX fk_late ON p (`Code`)",
    "ALTER TABLE c ADD CONSTRAINT fk_late FOREIGN KEY (n) REFERENCES p (id)",
    "CREATE INDEX ix_n ON c (n, id)",  # makes the server drop the index that came with the foreign key
    "ALTER TABLE c ADD CONSTRAINT uq_n UNIQUE (n), ADD CONSTRAINT positive CHECK (n > 0), ADD INDEX ix_both (n, p_id)",
    "CREATE FULLTEXT INDEX ft ON p (`Code`)",
    "CREATE TABLE Like_c LIKE c",
    "CREATE VIEW v AS SELECT id FROM c",
    "CREATE VIEW w AS SELECT id FROM v",
    "CREATE TABLE last_one (\n    -- the last one\n    id int PRIMARY KEY\n) ENGINE=InnoDB",
]

ALONE = [
    "CREATE TABLE IF NOT EXISTS t (id int)",
    "CREATE TEMPORARY TABLE t (id int)",
    "CREATE TABLE t SELECT 1 AS id",
    "CREATE TABLE t (id int) AS SELECT 1 AS id",
    "CREATE TABLE t (id int) (SELECT 1 AS id)",
    "CREATE TABLE t (id int) VALUES ROW(1)",
    "CREATE TABLE t (id int) TABLE u",
    "CREATE TABLE t WITH q AS (SELECT 1 AS id) SELECT * FROM q",
    "/*!80000 CREATE TABLE t (id int) */",
    "CREATE TABLE t (id int) /*M!100000 SELECT 1 */",
    "CREATE OR REPLACE VIEW v AS SELECT 1",
    "CREATE FUNCTION f RETURNS INTEGER SONAME 'f.so'",
    "CREATE FUNCTION f () RETURNS int DETERMINISTIC RETURN 1",
    "CREATE TRIGGER tr BEFORE INSERT ON c FOR EACH ROW SET NEW.n = 1",
    "CREATE EVENT ev ON SCHEDULE AT CURRENT_TIMESTAMP DO SELECT 1",
    "CREATE DATABASE d",
    "ALTER TABLE c ADD COLUMN x int",
    "ALTER TABLE c ADD UNIQUE (n)",
    "ALTER TABLE c ADD INDEX ix_n (n), DROP COLUMN j",
    "ALTER TABLE c DROP INDEX ix_n",
    "DROP TABLE c",
    "RENAME TABLE c TO d",
    "INSERT INTO c (id) VALUES (1)",
]


def test_each_one_is_shown_by_itself(flavour: Flavour) -> None:
    """False before it, and true behind it until the group ends."""
    dialect, conn = flavour.dialect, flavour.conn
    statements = [*GROUP, *(["CREATE SEQUENCE s"] if dialect.name == "mariadb" else [])]
    creates = [dialect.recovery(sql).creates for sql in statements]
    assert list(statement_groups(range(len(statements)), creates.__getitem__)) == [tuple(range(len(statements)))]
    for at, sql in enumerate(statements):
        assert dialect.probe(conn, sql) is False, sql
        dialect.execute(conn, sql, lambda words: None)
        assert all(dialect.probe(conn, earlier) is True for earlier in statements[: at + 1]), sql
    for sql in statements:
        with pytest.raises(DatabaseError):  # each of them fails where its object exists
            dialect.execute(conn, sql, lambda words: None)


@pytest.mark.parametrize("sql", ALONE)
def test_others_are_announced_alone(sql: str) -> None:
    from dbwarden import dialects

    for name in ("mysql", "mariadb"):
        assert dialects.get(name).recovery(sql).creates == ()


def test_names_that_collide_on_some_servers_are_one() -> None:
    from dbwarden import dialects

    def creates(sql: str) -> object:
        return dialects.get("mariadb").recovery(sql).creates

    assert creates("CREATE TABLE `T` (id int)") == creates("CREATE VIEW t AS SELECT 1") == creates("CREATE SEQUENCE t")
    assert creates("CREATE INDEX ix ON T (id)") == creates(
        "ALTER TABLE t ADD CONSTRAINT IX FOREIGN KEY (id) REFERENCES u (id)"
    )
