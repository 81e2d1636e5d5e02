"""The translator alone, from MySQL and MariaDB: what types, expressions and statements become, and what is said about it."""

from __future__ import annotations

import sqlite3

import pytest

from dbwarden import dialects
from dbwarden.dialects.mysql.types import parse
from dbwarden.dialects.sqlite import expressions
from dbwarden.dialects.sqlite.translate import statement
from dbwarden.dialects.sqlite.type_translation import map_type
from dbwarden.dialects.sqlite.types import declared

FLAVOURS = ("mysql", "mariadb")


@pytest.mark.parametrize(
    ("source", "becomes", "lossy"),
    [
        ("tinyint(1)", "BOOLEAN", False),
        ("tinyint", "SMALLINT", False),
        ("int unsigned", "INTEGER", False),
        ("bigint", "BIGINT", False),
        ("bigint unsigned", "BIGINT", True),
        ("bigint(20) unsigned zerofill", "BIGINT", True),
        ("decimal(10,2)", "NUMERIC(10, 2)", False),
        ("decimal(30,2) unsigned", "NUMERIC(30, 2)", True),
        ("double", "DOUBLE PRECISION", False),
        ("varchar(20)", "VARCHAR(20)", False),
        ("mediumtext", "TEXT", False),
        ("varbinary(16)", "BLOB", False),
        ("datetime(6)", "DATETIME", False),
        ("timestamp", "DATETIME", False),
        ("time(3)", "TIME", False),
        ("year", "INTEGER", False),
        ("bit(8)", "INTEGER", False),
        ("json", "TEXT", False),
        ("set('a','b')", "TEXT", True),
        ("point", "BLOB", True),
    ],
)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_types(source: str, becomes: str, lossy: bool, flavour: str) -> None:
    mapping = map_type(parse(source), dialects.get(flavour).types)
    assert (declared(mapping.type), mapping.loss is not None) == (becomes, lossy)


VALUES = {
    "NOW()": "CURRENT_TIMESTAMP",
    "CURRENT_TIMESTAMP(6)": "CURRENT_TIMESTAMP",
    "current_timestamp()": "CURRENT_TIMESTAMP",
    "utc_timestamp()": "CURRENT_TIMESTAMP",
    "b'101'": "5",
    "_utf8mb4'x'": "'x'",
    '"it\'s"': "'it''s'",
    r"'it\'s'": "'it''s'",
    "CONCAT(a, 'x')": "a || 'x'",
    "IFNULL(a, 0)": "COALESCE(a, 0)",
    "IF(a > 1, 'x', 'y')": "IIF(a > 1, 'x', 'y')",
    "a <=> b": "a IS b",
    "a || b": "a OR b",
    "a XOR b": "(NOT (a)) <> (NOT (b))",
    "BINARY a": "a COLLATE BINARY",
    "a COLLATE utf8mb4_0900_ai_ci": "a COLLATE NOCASE",
    "LENGTH(a)": "LENGTH(CAST(a AS BLOB))",
    "CHAR_LENGTH(a)": "LENGTH(a)",
    "CAST(a AS UNSIGNED)": "CAST(a AS INTEGER)",
    "json_unquote(json_extract(a, '$.x'))": "a ->> '$.x'",
    "REPLACE(a, 'x', NOW())": "REPLACE(a, 'x', CURRENT_TIMESTAMP)",
    "DATE_ADD(NOW(), INTERVAL 1 DAY)": "DATETIME('now', '+1 day')",
    "NOW() - INTERVAL 2 WEEK": "DATETIME('now', '-14 day')",
    "CURDATE() + INTERVAL 1 QUARTER": "DATE('now', '+3 month')",
    "UNIX_TIMESTAMP()": "CAST(STRFTIME('%s', 'now') AS INTEGER)",
}


@pytest.mark.parametrize("source", VALUES)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_expressions(source: str, flavour: str) -> None:
    assert expressions.translated(source, flavour) == VALUES[source]


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("DATE_ADD('2026-01-31', INTERVAL 1 DAY)", "2026-02-01"),
        ("DATE_SUB('2026-01-31 10:00:00', INTERVAL 1 DAY)", "2026-01-30 10:00:00"),
        ("'2026-01-31' + INTERVAL 90 MINUTE", "2026-01-31 01:30:00"),
        ("YEAR('2026-03-04')", 2026),
        ("QUARTER('2026-11-04')", 4),
        ("EXTRACT(MONTH FROM '2026-03-04 05:06:07')", 3),
        ("DATEDIFF('2026-03-04 01:00:00', '2026-03-01 23:00:00')", 3),
        ("TIMESTAMPDIFF(HOUR, '2026-03-04 01:00:00', '2026-03-04 03:59:59')", 2),
        ("FROM_UNIXTIME(0)", "1970-01-01 00:00:00"),
        ("LEFT('abcd', 2)", "ab"),
        ("RIGHT('abcd', 2)", "cd"),
        ("MID('abcd', 2, 2)", "bc"),
        ("LENGTH('ü')", 2),
        ("CONCAT_WS('-', 'a', NULL, 'b')", "a-b"),
        ("FIND_IN_SET('b', 'a,b')", 1),
        ("FIND_IN_SET('b', 'a,bb')", 0),
        ("TRUNCATE(2.789, 2)", 2.78),
        ("7 DIV 2", 3),
        ("7 / 2", 3.5),
        ("1 XOR 1", 0),
        ("'a' = BINARY 'A'", 0),
        ("JSON_UNQUOTE(JSON_EXTRACT('{\"a\": \"x\"}', '$.a'))", "x"),
    ],
)
def test_values_of_expressions(source: str, value: object) -> None:
    """SQLite computes what both servers answer; but for FIND_IN_SET, which there is the place in the list."""
    conn = sqlite3.connect(":memory:")
    (answer,) = conn.execute(f"SELECT {expressions.translated(source, 'mysql')}").fetchone()
    conn.close()
    assert answer == value


def test_uuids_and_random_numbers() -> None:
    conn = sqlite3.connect(":memory:")
    uuid, key, number = conn.execute(
        f"SELECT {', '.join(expressions.translated(text, 'mysql') or '' for text in ('UUID()', 'UUID_TO_BIN(UUID())', 'RAND()'))}"
    ).fetchone()
    conn.close()
    assert [len(part) for part in uuid.split("-")] == [8, 4, 4, 4, 12] and uuid[14] == "4"
    assert len(key) == 16 and 0 <= number < 1
    assert "'-'" not in expressions.without_hyphens(expressions.translated("uuid()", "mariadb") or "")


@pytest.mark.parametrize("source", ["MATCH(a) AGAINST ('x')", "JSON_CONTAINS(a, '1')", "SHA2(a, 256)", "@x"])
def test_what_sqlite_cannot_say(source: str) -> None:
    text = expressions.translated(source, "mysql")
    assert text is None or not expressions.is_value(text, ["a", "b"])


TABLE = """
CREATE TABLE IF NOT EXISTS `shop`.`order lines` ( # a comment; it isn't "one"
  `id` bigint unsigned NOT NULL AUTO_INCREMENT,
  `key` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT 'it\\'s, (new)',
  state ENUM('new', "paid, or not") NOT NULL DEFAULT 'new' COMMENT 'a, b',
  name varchar(50) NULL,
  parts SET('a','b'),
  changed datetime(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  price decimal(10,2) unsigned CHECK (price > 0),
  total decimal(10,2) GENERATED ALWAYS AS (price * 2) STORED,
  place point SRID 4326,
  /*!80023 hidden int INVISIBLE, */
  PRIMARY KEY (`id`),
  UNIQUE KEY `uq_key` (`key`(10)),
  KEY ix_state (state, changed DESC) USING BTREE COMMENT 'x',
  KEY (name(3)),
  FULLTEXT KEY ft (`key`) WITH PARSER ngram,
  CONSTRAINT fk FOREIGN KEY (`id`) REFERENCES `orders` (id) ON DELETE CASCADE,
  CONSTRAINT positive CHECK (CHAR_LENGTH(`key`) > 0)
) ENGINE=InnoDB AUTO_INCREMENT=5 DEFAULT CHARSET=utf8mb4 COMMENT='x; y' PARTITION BY HASH (id) PARTITIONS 4"""


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_table(flavour: str) -> None:
    translation = statement(TABLE, dialects.get(flavour))
    table, *indexes = translation.statements
    assert table.splitlines()[1:-1] == [
        "    id INTEGER NOT NULL,",
        "    key VARCHAR(20) NOT NULL DEFAULT 'it''s, (new)',",
        "    state VARCHAR(12) NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'paid, or not')),",
        "    name VARCHAR(50) COLLATE NOCASE,",
        "    parts TEXT,",
        "    changed DATETIME DEFAULT CURRENT_TIMESTAMP,",
        "    price NUMERIC(10, 2) CHECK (price > 0),",
        "    total NUMERIC(10, 2) AS (price * 2) STORED,",
        "    place BLOB,",
        "    hidden INTEGER,",
        "    PRIMARY KEY (id),",
        "    CONSTRAINT fk FOREIGN KEY (id) REFERENCES orders (id) ON DELETE CASCADE,",
        '    CONSTRAINT positive CHECK (LENGTH("key") > 0)',
    ]
    assert indexes == [
        'CREATE UNIQUE INDEX IF NOT EXISTS "order lines_uq_key" ON "order lines" (SUBSTR(key, 1, 10))',
        'CREATE INDEX IF NOT EXISTS "order lines_ix_state" ON "order lines" (state, changed DESC)',
        'CREATE INDEX IF NOT EXISTS "order lines_name" ON "order lines" (name)',
    ]
    assert [what for what, _ in translation.losses] == [
        "order lines: is not numbered from 5",
        "order lines: PARTITION BY HASH(id) PARTITIONS 4 is left out",
        "order lines.parts: set becomes TEXT",
        "order lines.changed: ON UPDATE CURRENT_TIMESTAMP(6) is left out",
        "order lines.place: point becomes BLOB",
        "order lines.hidden is visible",
        "order lines.ft is left out",
    ]
    conn = sqlite3.connect(":memory:")
    for sql in translation.statements:
        conn.execute(sql)
    conn.execute("INSERT INTO \"order lines\" (name, price) VALUES ('Ann', 2)")
    assert conn.execute("SELECT id, state, total FROM \"order lines\" WHERE name = 'ANN'").fetchall() == [(1, "new", 4)]
    conn.close()


@pytest.mark.parametrize(
    ("source", "becomes"),
    [
        ("DROP TABLE IF EXISTS `a`, b CASCADE", ("DROP TABLE IF EXISTS a", "DROP TABLE IF EXISTS b")),
        ("DROP INDEX i ON t", ("DROP INDEX t_i",)),
        ("DROP INDEX ix_t_a ON t", ("DROP INDEX ix_t_a",)),
        ("CREATE UNIQUE INDEX i ON t (a, (lower(b)) DESC)", ("CREATE UNIQUE INDEX t_i ON t (a, (LOWER(b)) DESC)",)),
        ("RENAME TABLE a TO b, `c` TO d", ("ALTER TABLE a RENAME TO b", "ALTER TABLE c RENAME TO d")),
        ("ALTER TABLE a RENAME AS b", ("ALTER TABLE a RENAME TO b",)),
        (
            "ALTER TABLE a ADD COLUMN b int unsigned NULL AFTER c, ADD INDEX k (b), DROP c, RENAME COLUMN d TO e,"
            " DROP KEY x, ALGORITHM=INPLACE, LOCK=NONE",
            (
                "ALTER TABLE a ADD COLUMN b INTEGER",
                "CREATE INDEX a_k ON a (b)",
                "ALTER TABLE a DROP COLUMN c",
                "ALTER TABLE a RENAME COLUMN d TO e",
                "DROP INDEX a_x",
            ),
        ),
        (
            "ALTER TABLE a ADD (b int, c int)",
            ("ALTER TABLE a ADD COLUMN b INTEGER", "ALTER TABLE a ADD COLUMN c INTEGER"),
        ),
        ("ALTER TABLE a ADD UNIQUE (b, c)", ("CREATE UNIQUE INDEX a_b ON a (b, c)",)),
        ("ALTER TABLE a ENGINE=InnoDB ROW_FORMAT=COMPRESSED, COMMENT 'x'", ()),
        ("TRUNCATE TABLE a", ("DELETE FROM a",)),
        ("INSERT IGNORE INTO a VALUES (1)", ("INSERT OR IGNORE INTO a VALUES (1)",)),
        ("REPLACE INTO a (b) VALUES (1)", ("INSERT OR REPLACE INTO a (b) VALUES (1)",)),
        ("REPLACE LOW_PRIORITY a SET b = 1", ("INSERT OR REPLACE INTO a (b) VALUES (1)",)),
        ("INSERT INTO a SET b = 1, c = NOW()", ("INSERT INTO a (b, c) VALUES (1, CURRENT_TIMESTAMP)",)),
        (
            "INSERT INTO a (b) VALUES (1) ON DUPLICATE KEY UPDATE b = VALUES(b), c = c + 1",
            ("INSERT INTO a (b) VALUES (1) ON CONFLICT DO UPDATE SET b = excluded.b, c = c + 1",),
        ),
        (
            "INSERT INTO a (b) VALUES (1) AS new ON DUPLICATE KEY UPDATE b = new.b",
            ("INSERT INTO a (b) VALUES (1) ON CONFLICT DO UPDATE SET b = excluded.b",),
        ),
        (
            "INSERT INTO a (b) SELECT c FROM d ON DUPLICATE KEY UPDATE b = VALUES(b)",
            ("INSERT INTO a (b) SELECT c FROM d WHERE TRUE ON CONFLICT DO UPDATE SET b = excluded.b",),
        ),
        (
            "UPDATE t JOIN s ON t.id = s.id SET t.a = s.a WHERE s.b > 1",
            ("UPDATE t SET a = s.a FROM s WHERE t.id = s.id AND s.b > 1",),
        ),
        (
            "UPDATE t SET a = 1 ORDER BY id LIMIT 2",
            ("UPDATE t SET a = 1 WHERE rowid IN (SELECT rowid FROM t ORDER BY id LIMIT 2)",),
        ),
        (
            "DELETE x FROM t AS x JOIN s ON x.id = s.id WHERE s.b = 1",
            ("DELETE FROM t AS x WHERE EXISTS(SELECT 1 FROM s WHERE x.id = s.id AND s.b = 1)",),
        ),
        ("UPDATE shop.t SET a = 1", ("UPDATE t SET a = 1",)),
        (
            "CREATE OR REPLACE ALGORITHM=MERGE DEFINER=`root`@`%` SQL SECURITY INVOKER VIEW v AS SELECT `a` FROM shop.t",
            ("DROP VIEW IF EXISTS v", 'CREATE VIEW v AS SELECT "a" FROM t'),
        ),
    ],
)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_statements(source: str, becomes: tuple[str, ...], flavour: str) -> None:
    translation = statement(source, dialects.get(flavour))
    assert (translation.statements, translation.losses) == (becomes, ())


@pytest.mark.parametrize(
    ("source", "becomes", "lost"),
    [
        (
            "ALTER TABLE a CHANGE b c varchar(9) NOT NULL",
            ("ALTER TABLE a RENAME COLUMN b TO c",),
            "CHANGE b c varchar(9) NOT NULL is left out but for the name",
        ),
        ("ALTER TABLE a MODIFY b text", (), "MODIFY b text is left out"),
        ("ALTER TABLE a ALTER b SET DEFAULT 1", (), "ALTER b SET DEFAULT 1 is left out"),
        ("ALTER TABLE a DROP PRIMARY KEY", (), "DROP PRIMARY KEY is left out"),
        ("ALTER TABLE a DROP FOREIGN KEY f", (), "DROP FOREIGN KEY f is left out"),
        ("ALTER TABLE a ADD CONSTRAINT c CHECK (b > 0)", (), "ADD CONSTRAINT c CHECK(b > 0) is left out"),
        ("ALTER TABLE a DROP PARTITION p", (), "DROP PARTITION p is left out"),
        ("ALTER TABLE a CONVERT TO CHARACTER SET utf8mb4", (), "CONVERT TO CHARACTER SET utf8mb4 is left out"),
        ("ALTER TABLE a RENAME INDEX b TO c", (), "RENAME INDEX b TO c is left out"),
        (
            "ALTER TABLE a ADD b int NOT NULL",
            ("ALTER TABLE a ADD COLUMN b INTEGER NOT NULL DEFAULT 0",),
            "a.b gets DEFAULT 0",
        ),
        ("ALTER TABLE a ADD b date NOT NULL", ("ALTER TABLE a ADD COLUMN b DATE",), "a.b may be NULL"),
        ("CREATE FULLTEXT INDEX i ON a (b)", (), "a.i is left out"),
        ("CREATE TABLE a LIKE b", ("CREATE TABLE a AS SELECT * FROM b WHERE FALSE",), "are not copied"),
        ("UPDATE a LEFT JOIN b ON a.i = b.i SET a.c = 1", (), "is left out"),
        ("SET FOREIGN_KEY_CHECKS = 0", (), "is left out"),
        ("/*!40101 SET NAMES utf8 */", (), "is left out"),
        ("LOCK TABLES a WRITE", (), "is left out"),
        ("CREATE PROCEDURE p() BEGIN SELECT 1; END", (), "is left out"),
        ("CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1", (), "is left out"),
        ("CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.b = 1", (), "is left out"),
        ("LOAD DATA INFILE 'x' INTO TABLE a", (), "is left out"),
        ("OPTIMIZE TABLE a", (), "is left out"),
        ("GRANT SELECT ON a TO b", (), "is left out"),
        ("CREATE USER b", (), "is left out"),
        ("this is no statement at all", (), "is left out"),
    ],
)
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_losses_are_reported(source: str, becomes: tuple[str, ...], lost: str, flavour: str) -> None:
    translation = statement(source, dialects.get(flavour))
    assert translation.statements == becomes
    assert lost in translation.losses[0][0]
