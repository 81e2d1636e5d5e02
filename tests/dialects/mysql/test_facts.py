"""Facts of statements: what commits by itself, whom it keeps waiting, what it does to rows."""

from __future__ import annotations

import pytest

from dbwarden.core.dialect import Server
from dbwarden.core.statement import Blocks, Effect, Reach
from dbwarden.dialects.mysql.facts import facts

MYSQL = Server((9, 7), "mysql", default_schema="shop")
MARIADB = Server((10, 11), "mariadb", default_schema="shop")
BOTH = pytest.mark.parametrize("server", [MYSQL, MARIADB], ids=lambda server: server.flavour)
C, D, X, NEW = Effect.CHANGES, Effect.DROPS, Effect.DELETES_DATA, Effect.CREATES
SCANS, WRITES, REWRITES = Effect.SCANS, Effect.WRITES_ROWS, Effect.REWRITES


@BOTH
@pytest.mark.parametrize(
    ("sql", "blocks", "effects"),
    [
        ("ALTER TABLE t ADD a int", Blocks.EVERYBODY, {C}),
        ("ALTER TABLE t ADD a int FIRST, DROP b", Blocks.EVERYBODY, {C, D, X}),
        ("ALTER TABLE t ADD a int UNIQUE", Blocks.DDL, {C, REWRITES}),
        ("ALTER TABLE t ADD a int, ADD INDEX (a)", Blocks.DDL, {C, REWRITES}),
        ("ALTER TABLE t ADD a int AUTO_INCREMENT UNIQUE", Blocks.WRITERS, {C, REWRITES}),
        ("ALTER TABLE t MODIFY a bigint", Blocks.WRITERS, {C, REWRITES}),
        ("ALTER TABLE t MODIFY a bigint, ALGORITHM=INSTANT", Blocks.EVERYBODY, {C}),
        ("ALTER TABLE t MODIFY a bigint, ALGORITHM=INPLACE, LOCK=NONE", Blocks.DDL, {C, REWRITES}),
        ("ALTER TABLE t ADD a int, ALGORITHM=COPY", Blocks.WRITERS, {C, REWRITES}),
        ("ALTER TABLE t ADD INDEX ix (a)", Blocks.DDL, {C, SCANS}),
        ("ALTER TABLE t ADD FULLTEXT (a)", Blocks.WRITERS, {C, REWRITES}),
        ("ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES u (a)", Blocks.WRITERS, {C, REWRITES}),
        ("ALTER TABLE t DROP PRIMARY KEY", Blocks.WRITERS, {D, REWRITES}),
        ("ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (a)", Blocks.DDL, {C, D, REWRITES}),
        ("ALTER TABLE t RENAME INDEX a TO b", Blocks.EVERYBODY, {C}),
        ("ALTER TABLE t CONVERT TO CHARACTER SET latin1", Blocks.WRITERS, {C, REWRITES}),
        ("ALTER TABLE t FORCE", Blocks.DDL, {C, REWRITES}),
        ("ALTER TABLE t DROP PARTITION p", Blocks.EVERYBODY, {D, X}),
        ("CREATE INDEX ix ON t (a)", Blocks.DDL, {NEW, SCANS}),
        ("CREATE SPATIAL INDEX ix ON t (a)", Blocks.WRITERS, {NEW, SCANS}),
        ("CREATE INDEX ix ON t (a) LOCK=EXCLUSIVE", Blocks.EVERYBODY, {NEW, SCANS}),
        ("DROP INDEX ix ON t", Blocks.EVERYBODY, {D}),
        ("CREATE TABLE t (a int)", Blocks.NOTHING, {NEW}),
        ("DROP TABLE t, u", Blocks.EVERYBODY, {D, X}),
        ("TRUNCATE t", Blocks.EVERYBODY, {X}),
        ("RENAME TABLE t TO u", Blocks.EVERYBODY, {C}),
        ("CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1", Blocks.EVERYBODY, {NEW}),
        ("CREATE VIEW v AS SELECT 1", Blocks.NOTHING, {NEW}),
        ("OPTIMIZE TABLE t", Blocks.DDL, {REWRITES}),
        ("ANALYZE TABLE t", Blocks.NOTHING, {SCANS}),
        ("GRANT SELECT ON t TO u", Blocks.NOTHING, {C}),
    ],
)  # fmt: skip
def test_ddl_commits_by_itself(sql: str, blocks: Blocks, effects: set[Effect], server: Server) -> None:
    fact = facts(sql, server)
    assert fact.known and not fact.transactional
    assert (fact.blocks, set(fact.effects)) == (blocks, effects)


@BOTH
@pytest.mark.parametrize(
    ("sql", "effects"),
    [
        ("INSERT INTO t VALUES (1)", {WRITES}),
        ("REPLACE INTO t VALUES (1)", {WRITES}),
        ("UPDATE t JOIN u USING (a) SET t.b = 1", {WRITES}),
        ("DELETE t FROM t JOIN u USING (a)", {WRITES, X}),
        ("LOAD DATA LOCAL INFILE 'x' INTO TABLE t", {WRITES}),
        ("CREATE TEMPORARY TABLE t (a int)", {NEW}),
        ("DROP TEMPORARY TABLE t", {D}),
        ("SELECT 1", set()),
        ("SET foreign_key_checks = 0", set()),
        ("SET GLOBAL max_connections = 5", set()),
        ("USE shop", set()),
    ],
)
def test_statements_within_a_transaction(sql: str, effects: set[Effect], server: Server) -> None:
    fact = facts(sql, server)
    assert fact.known and fact.transactional and fact.blocks is Blocks.NOTHING
    assert set(fact.effects) == effects


@BOTH
@pytest.mark.parametrize("sql", ["CALL p ()", "EXECUTE s", "FROBNICATE t"])
def test_what_is_not_known_may_commit(sql: str, server: Server) -> None:
    fact = facts(sql, server)
    assert not fact.known and not fact.transactional and fact.blocks is Blocks.UNKNOWN


@pytest.mark.parametrize("sql", ["BEGIN", "COMMIT", "XA START 'a'", "LOCK TABLES t WRITE", "SET autocommit = 0"])
def test_transactions_are_not_for_a_file(sql: str) -> None:
    assert facts(sql, MYSQL).action == "transaction control"


@pytest.mark.parametrize(
    ("sql", "server", "blocks"),
    [
        ("ALTER TABLE t ADD a int AFTER b", Server((8, 0, 28), "mysql"), Blocks.DDL),
        ("ALTER TABLE t ADD a int", Server((8, 0, 28), "mysql"), Blocks.EVERYBODY),
        ("ALTER TABLE t DROP a", Server((8, 0, 28), "mysql"), Blocks.DDL),
        ("ALTER TABLE t RENAME COLUMN a TO b", Server((8, 0, 27), "mysql"), Blocks.DDL),
        ("ALTER TABLE t ADD a int CHECK (a > 0)", MYSQL, Blocks.WRITERS),
        ("ALTER TABLE t ADD a int CHECK (a > 0)", MARIADB, Blocks.EVERYBODY),
        ("ALTER TABLE t MODIFY a bigint", Server((11, 8), "mariadb"), Blocks.DDL),
    ],
)
def test_what_depends_on_the_version(sql: str, server: Server, blocks: Blocks) -> None:
    assert facts(sql, server).blocks is blocks


@pytest.mark.parametrize(
    ("sql", "reach"),
    [
        ("ALTER TABLE shop.t ADD a int", Reach.DATABASE),
        ("ALTER TABLE other.t ADD a int", Reach.SERVER),
        ("INSERT INTO other.t VALUES (1)", Reach.SERVER),
        ("RENAME TABLE t TO u", Reach.DATABASE),
        ("CREATE USER a", Reach.SERVER),
        ("GRANT SELECT ON t TO a", Reach.SERVER),
        ("SET PERSIST max_connections = 5", Reach.SERVER),
        ("SET sql_mode = ''", Reach.DATABASE),
        ("USE other", Reach.SERVER),
        ("SELECT 1 INTO OUTFILE 'x'", Reach.SERVER),
        ("LOAD DATA INFILE 'x' INTO TABLE t", Reach.SERVER),
        ("LOAD DATA LOCAL INFILE 'x' INTO TABLE t", Reach.DATABASE),
        ("INSTALL PLUGIN x SONAME 'y'", Reach.SERVER),
        ("CREATE FUNCTION f RETURNS STRING SONAME 'x.so'", Reach.SERVER),
        ("CREATE FUNCTION f () RETURNS int RETURN 1", Reach.DATABASE),
        ("CREATE PROCEDURE p () BEGIN UPDATE t SET a = 1; DROP USER a; END", Reach.SERVER),
        ("CREATE PROCEDURE p () BEGIN PREPARE s FROM @x; EXECUTE s; END", Reach.UNKNOWN),
        ("CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM t", Reach.DATABASE),
        ("CREATE TABLE t (a int) ENGINE=FEDERATED CONNECTION='x'", Reach.SERVER),
        ("CREATE TABLE t (a int) DATA DIRECTORY='/x'", Reach.SERVER),
        ("SELECT load_file('x')", Reach.SERVER),
        ("CALL p ()", Reach.UNKNOWN),
    ],
)  # fmt: skip
def test_reach(sql: str, reach: Reach) -> None:
    assert facts(sql, MYSQL).reach is reach
