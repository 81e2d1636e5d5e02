"""The facts of ALTER TABLE as the servers see them: nothing blocks more, or writes more rows anew, than the facts say."""

from __future__ import annotations

import pytest

from dbwarden.checks.rule import Environment
from dbwarden.checks.run import check_files
from dbwarden.core.dialect import Scope
from dbwarden.core.file import parse
from dbwarden.core.statement import Blocks, Effect
from dbwarden.errors import DatabaseError

from .conftest import Flavour

TABLES = (
    "CREATE TABLE p (id int PRIMARY KEY)",
    """CREATE TABLE t (id int NOT NULL PRIMARY KEY, a int, b int NOT NULL, v varchar(20), w varchar(60), e enum('a', 'b'),
    tx text, p_id int, KEY ix (a), KEY ix_p (p_id), CONSTRAINT ck CHECK (b >= 0),
    CONSTRAINT fk FOREIGN KEY (p_id) REFERENCES p (id)) CHARACTER SET utf8mb4""",
    "INSERT INTO t (id, a, b, v) VALUES (1, 1, 1, 'a')",
)
CLAUSES = (
    "ADD COLUMN x int",
    "ADD COLUMN x int NOT NULL DEFAULT 5 FIRST",
    "ADD COLUMN x int GENERATED ALWAYS AS (a) VIRTUAL",
    "ADD COLUMN x int GENERATED ALWAYS AS (a) STORED",
    "ADD COLUMN x int AUTO_INCREMENT UNIQUE",
    "ADD COLUMN x int UNIQUE",
    "ADD COLUMN x int CHECK (x > 0)",
    "ADD COLUMN x int, ADD INDEX ix_x (x)",
    "DROP COLUMN w",
    "RENAME COLUMN w TO w2",
    "ALTER COLUMN w SET DEFAULT 'q'",
    "MODIFY v varchar(60)",
    "MODIFY a bigint",
    "ADD INDEX x (a, v(5))",
    "ADD UNIQUE x (a)",
    "ADD FULLTEXT x (tx)",
    "DROP INDEX ix",
    "RENAME INDEX ix TO ix2",
    "DROP PRIMARY KEY",
    "DROP PRIMARY KEY, ADD PRIMARY KEY (b)",
    "ADD CONSTRAINT x CHECK (a > 0)",
    "DROP CONSTRAINT ck",
    "ADD CONSTRAINT x FOREIGN KEY (a) REFERENCES p (id)",
    "DROP FOREIGN KEY fk, DROP INDEX ix_p",
    "COMMENT 'x'",
    "FORCE",
    "ROW_FORMAT=COMPRESSED",
    "AUTO_INCREMENT=100",
    "CONVERT TO CHARACTER SET latin1",
)


def test_no_clause_blocks_more_than_the_facts_say(flavour: Flavour) -> None:
    """With the algorithm that the facts assume, the server accepts the lock that they name."""
    conn, wrong = flavour.conn, []
    conn.execute(TABLES[0])
    for clause in CLAUSES:
        conn.execute("DROP TABLE IF EXISTS t")
        for sql in TABLES[1:]:
            conn.execute(sql)
        facts = flavour.dialect.facts(f"ALTER TABLE t {clause}")
        rewrites = Effect.REWRITES in facts.effects
        if facts.blocks is Blocks.EVERYBODY:  # for a moment
            way = "ALGORITHM=DEFAULT"
        else:
            lock = "NONE" if facts.blocks is Blocks.DDL else "SHARED"
            way = f"LOCK={lock}" if rewrites else f"ALGORITHM={_in_place(flavour)}, LOCK={lock}"
        try:
            conn.execute("SET SESSION foreign_key_checks = 1")
            before = _file(flavour)
            if "REFERENCES" in clause:
                conn.execute("UPDATE t SET a = NULL")
            conn.execute(f"ALTER TABLE t {clause}, {way}")
            if not rewrites and before != _file(flavour):
                wrong.append(f"{clause}: rewrites the table")
        except DatabaseError as error:
            wrong.append(f"{clause}, {way}: {error.message}")
    assert not wrong, "\n".join(wrong)


HASHED = (
    "ADD COLUMN x int", "DROP COLUMN w", "RENAME COLUMN w TO w2", "ALTER COLUMN w SET DEFAULT 'q'", "MODIFY w varchar(62)",
    "ADD INDEX x (a)", "ADD UNIQUE x (a)", "DROP INDEX ix", "RENAME INDEX ix TO ix2", "COMMENT 'x'", "FORCE", "DROP INDEX ux",
    "DROP INDEX ux, ADD INDEX x (a)", "DROP INDEX ux, ADD COLUMN x int", "DROP INDEX ux, ADD UNIQUE x (a)",
    "DROP INDEX ux, DROP INDEX ix", "DROP COLUMN tx", "ADD UNIQUE x (long_one)", "ADD UNIQUE x (long_one(768))",
    "ADD UNIQUE x (w) USING HASH", "ADD COLUMN x text UNIQUE", "ADD COLUMN x text, ADD UNIQUE y (a, x(10))",
)  # fmt: skip
HASHED_INDEXES = (
    "CREATE INDEX x ON t (a)", "CREATE UNIQUE INDEX x ON t (long_one)", "CREATE UNIQUE INDEX x ON t (long_one(768))",
    "CREATE UNIQUE INDEX x ON t (a)", "CREATE UNIQUE INDEX x ON t (w) USING HASH",
)  # fmt: skip


@pytest.mark.parametrize("unique", ["", ", UNIQUE ux (tx)"], ids=["plain", "hashed"])
def test_what_copies_the_table_for_a_key_with_a_hash(mariadb: Flavour, unique: str) -> None:
    """With the schema at hand, the facts of a statement are those of the table's keys: neither more nor less."""
    conn, dialect, wrong = mariadb.conn, mariadb.dialect, []
    altered = tuple(f"ALTER TABLE t {clause}" for clause in HASHED if unique or "ux" not in clause)
    for sql in (*altered, *HASHED_INDEXES):
        conn.execute("DROP TABLE IF EXISTS t")
        conn.execute(
            "CREATE TABLE t (id int PRIMARY KEY, a int, w varchar(60), tx text, long_one varchar(800),"
            f" INDEX ix (a){unique}) CHARSET utf8mb4"
        )
        known = dialect.facts_on(dialect.facts(sql), dialect.parse(sql), dialect.inspect(conn, Scope()))
        try:
            conn.execute(sql + ("," if sql.startswith("ALTER") else "") + " ALGORITHM=INPLACE")
            copied = False
        except DatabaseError as error:
            assert "ALGORITHM=INPLACE is not supported" in error.message
            copied = True
        copies = Effect.REWRITES in known.effects and "on a hash" in known.copied_for
        if copied is not copies or (copies and known.blocks is not _blocks_of_copy(mariadb)):
            wrong.append(f"{sql}: {known}")
    assert not wrong, "\n".join(wrong)


def test_dropping_an_index_beside_a_key_with_a_hash(mariadb: Flavour) -> None:
    conn, dialect = mariadb.conn, mariadb.dialect
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, a int, tx text, INDEX ix (a), UNIQUE ux (tx)) CHARSET utf8mb4")
    schema = dialect.inspect(conn, Scope())
    for name, blocks in (("ix", _blocks_of_copy(mariadb)), ("ux", Blocks.EVERYBODY)):
        sql = f"DROP INDEX {name} ON t"
        assert dialect.facts_on(dialect.facts(sql), dialect.parse(sql), schema).blocks is blocks
        assert dialect.facts(sql).blocks is Blocks.EVERYBODY


PLACES = ("AFTER a", "FIRST", "AFTER v", "", "AFTER q, ADD COLUMN y int AFTER q", "AFTER q, ADD COLUMN y int AFTER id")


@pytest.mark.parametrize("stored", ["VIRTUAL", "STORED"])
def test_what_copies_the_table_for_a_virtual_column(mariadb: Flavour, stored: str) -> None:
    """A column that comes before a virtual one; behind it, or beside a stored one, it comes at once."""
    conn, dialect, wrong = mariadb.conn, mariadb.dialect, []
    for place in PLACES:
        conn.execute("DROP TABLE IF EXISTS t")
        conn.execute(f"CREATE TABLE t (id int PRIMARY KEY, a int, v int AS (a + 1) {stored}, q int, b int)")
        sql = f"ALTER TABLE t ADD COLUMN x int {place}"
        known = dialect.facts_on(dialect.facts(sql), dialect.parse(sql), dialect.inspect(conn, Scope()))
        try:
            conn.execute(f"{sql}, ALGORITHM=INSTANT")
            copied = False
        except DatabaseError as error:
            assert "is not supported" in error.message
            copied = True
        if copied is not ("a virtual column" in known.copied_for and Effect.REWRITES in known.effects):
            wrong.append(f"{sql}: {known}")
    assert not wrong, "\n".join(wrong)


def _blocks_of_copy(mariadb: Flavour) -> Blocks:
    return Blocks.DDL if mariadb.dialect.server.version >= (11, 2) else Blocks.WRITERS


def test_rules_name_the_key_that_makes_the_server_copy(mariadb: Flavour) -> None:
    conn, dialect = mariadb.conn, mariadb.dialect
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, v varchar(10), tx text, UNIQUE ux (tx)) CHARSET utf8mb4")
    text = "-- upgrade\nALTER TABLE t ADD COLUMN x int, MODIFY v varchar(12);\n-- rollback\nSELECT 1;\n"
    file = parse("0001_x.sql", text, dialect.lexical_rules)
    environment, schema = Environment(), dialect.inspect(conn, Scope())
    findings = [f for f in check_files([file], [file], dialect, environment, schema=schema) if "rewrites" in f.message]
    expected = 2 if _blocks_of_copy(mariadb) is Blocks.WRITERS else 0
    assert [finding.rule for finding in findings] == ["avoid-table-rewrites"] * expected
    assert all("for the unique index ux on a hash" in finding.message for finding in findings)
    assert not [f for f in check_files([file], [file], dialect, environment) if "add column rewrites" in f.message]


def _in_place(flavour: Flavour) -> str:
    """The algorithm that never writes all rows anew: only MariaDB has a word for it."""
    return "NOCOPY" if flavour.name == "mariadb" else "INPLACE"


def _file(flavour: Flavour) -> object:
    """Number of the table in InnoDB, which a rebuild changes."""
    view = "INNODB_SYS_TABLES" if flavour.name == "mariadb" else "INNODB_TABLES"
    name = f"{flavour.conn.database}/t"
    return flavour.conn.query(f"SELECT TABLE_ID FROM information_schema.{view} WHERE NAME = '{name}'")
