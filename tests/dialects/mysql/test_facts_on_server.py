"""The facts of ALTER TABLE as the servers see them: nothing blocks more, or writes more rows anew, than the facts say."""

from __future__ import annotations

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


def _in_place(flavour: Flavour) -> str:
    """The algorithm that never writes all rows anew: only MariaDB has a word for it."""
    return "NOCOPY" if flavour.name == "mariadb" else "INPLACE"


def _file(flavour: Flavour) -> object:
    """Number of the table in InnoDB, which a rebuild changes."""
    view = "INNODB_SYS_TABLES" if flavour.name == "mariadb" else "INNODB_TABLES"
    name = f"{flavour.conn.database}/t"
    return flavour.conn.query(f"SELECT TABLE_ID FROM information_schema.{view} WHERE NAME = '{name}'")
