"""Statements of MySQL and MariaDB, parsed."""

from __future__ import annotations

import pytest

from dbwarden.core.ddl.statements import (
    AddColumn,
    AddConstraint,
    AlterColumn,
    AlterTable,
    ColumnText,
    ControlTransaction,
    Copy,
    CreateIndex,
    CreateObject,
    CreateTable,
    Delete,
    Do,
    DropColumn,
    DropConstraint,
    DropObject,
    DropTable,
    Explain,
    Insert,
    Maintain,
    OtherClause,
    RenameColumn,
    RenameTable,
    Select,
    Set,
    Statement,
    Truncate,
    Update,
    Utility,
    With,
)
from dbwarden.core.types import Ref
from dbwarden.dialects.mysql.statements import statement

T, U = Ref("table", "t"), Ref("table", "u")


def clauses(sql: str) -> tuple[Statement, ...]:
    parsed = statement(f"ALTER TABLE t {sql}")
    assert isinstance(parsed, AlterTable)
    return parsed.clauses


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("ADD a int AFTER b", (AddColumn(T, ColumnText("a", "int", position="AFTER", after="b")),)),
        ("ADD (a int, b text)", (AddColumn(T, ColumnText("a", "int")), AddColumn(T, ColumnText("b", "text")))),
        ("ADD FULLTEXT ft (a(10), b)", (CreateIndex(T, "ft", ("a", "b"), method="FULLTEXT"),)),
        ("WAIT 5 DROP COLUMN IF EXISTS a, ADD b int", None),
        ("DROP CONSTRAINT c", (DropConstraint(T, "c"),)),
        ("DROP FOREIGN KEY IF EXISTS `f k`", (DropConstraint(T, "f k", True, "foreign key"),)),
        ("ALTER a SET INVISIBLE", (AlterColumn(T, "a", ("SET", "INVISIBLE")),)),
        ("ALTER CHECK c NOT ENFORCED", (OtherClause(T, ("ALTER", "CHECK", "C", "NOT", "ENFORCED")),)),
        ("RENAME COLUMN a TO `b`", (RenameColumn(T, "a", "b"),)),
        ("RENAME TO u", (RenameTable(T, U),)),
        ("ENGINE InnoDB COMMENT='a, b' AUTO_INCREMENT = 5, ALGORITHM=INPLACE, LOCK NONE", (
            OtherClause(T, ("ENGINE", "INNODB")), OtherClause(T, ("COMMENT", "'a, b'")),
            OtherClause(T, ("AUTO_INCREMENT", "5")), OtherClause(T, ("ALGORITHM", "INPLACE")),
            OtherClause(T, ("LOCK", "NONE")),
        )),
        ("DEFAULT CHARACTER SET utf8mb4 PARTITION BY HASH (id)", (
            OtherClause(T, ("DEFAULT", "CHARACTER", "SET", "UTF8MB4")), OtherClause(T, ("PARTITION", "BY", "HASH")),
        )),
        ("ADD SYSTEM VERSIONING, FORCE", (OtherClause(T, ("ADD", "SYSTEM", "VERSIONING")), OtherClause(T, ("FORCE",)))),
        ("LOCK=NONE, DROP PARTITION a, b", (OtherClause(T, ("LOCK", "NONE")), OtherClause(T, ("DROP", "PARTITION", "A")))),
        ("ALGORITHM=COPY, LOCK=SHARED PARTITION BY KEY (id) PARTITIONS 2", (
            OtherClause(T, ("ALGORITHM", "COPY")), OtherClause(T, ("LOCK", "SHARED")), OtherClause(T, ("PARTITION", "BY", "KEY")),
        )),
        ("DROP COLUMN b, LOCK=SHARED REMOVE PARTITIONING", (
            DropColumn(T, "b"), OtherClause(T, ("LOCK", "SHARED")), OtherClause(T, ("REMOVE", "PARTITIONING")),
        )),
        ("DISCARD TABLESPACE", (OtherClause(T, ("DISCARD", "TABLESPACE")),)),
    ],
)  # fmt: skip
def test_clauses(sql: str, expected: tuple[Statement, ...] | None) -> None:
    if expected is None:
        waits, *others = clauses(sql)
        assert waits == OtherClause(T, ("WAIT", "5"))
        assert [type(clause).__name__ for clause in others] == ["DropColumn", "AddColumn"]
    else:
        assert clauses(sql) == expected


@pytest.mark.parametrize(
    ("sql", "kind", "name", "columns"),
    [
        ("ADD PRIMARY KEY USING BTREE (a, b)", "primary key", None, ("a", "b")),
        ("ADD UNIQUE `u q` (a)", "unique", "u q", ("a",)),
        ("ADD CONSTRAINT c UNIQUE KEY ix (a)", "unique", "ix", ("a",)),
        ("ADD CONSTRAINT UNIQUE ix (a)", "unique", "ix", ("a",)),
        ("ADD CONSTRAINT fk FOREIGN KEY ix (a) REFERENCES u (id)", "foreign key", "fk", ("a",)),
        ("ADD FOREIGN KEY ix (a) REFERENCES u (id)", "foreign key", "ix", ("a",)),
        ("ADD CONSTRAINT CHECK (a > 0)", "check", None, ()),
    ],
)
def test_constraints(sql: str, kind: str, name: str | None, columns: tuple[str, ...]) -> None:
    (added,) = clauses(sql)
    assert isinstance(added, AddConstraint)
    constraint = added.constraint
    assert (constraint.kind, constraint.name, constraint.columns) == (kind, name, columns)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("CREATE TABLE t LIKE u", CreateTable(T)),
        ("CREATE TABLE t SELECT a AS b FROM u", CreateTable(T, query=Select())),
        ("CREATE OR REPLACE TABLE t (a int)", CreateTable(T, replaces=True)),
        ("CREATE TEMPORARY TABLE t (a int)", CreateTable(T, temporary=True)),
        ("DROP TEMPORARY TABLE IF EXISTS t, u", DropTable(T, (U,), True, True)),
        ("DROP TABLE t, shop.u", DropTable(T, (U,))),
        ("TRUNCATE t", Truncate((T,))),
        ("CREATE FULLTEXT INDEX ft ON t (a) ALGORITHM=INPLACE LOCK NONE",
         CreateIndex(T, "ft", ("a",), method="FULLTEXT", how=(("ALGORITHM", "INPLACE"), ("LOCK", "NONE")))),
        ("DROP INDEX ix ON t LOCK=NONE",
         DropObject("index", (Ref("index", "ix", None, "t"),), T, how=(("LOCK", "NONE"),))),
        ("CREATE DEFINER=`a`@`%` PROCEDURE p () SELECT 1", CreateObject("procedure", Ref("procedure", "p"))),
        ("CREATE SCHEMA x", CreateObject("database", Ref("database", "x"))),
        ("CREATE USER 'a'@'%'", CreateObject("user", Ref("user", "a"))),
        ("CREATE SEQUENCE IF NOT EXISTS s", CreateObject("sequence", Ref("sequence", "s"), repeatable=True)),
        ("REPLACE INTO t VALUES (1)", Insert(T)),
        ("LOAD DATA LOCAL INFILE 'x' INTO TABLE t", Copy(T, True, "LOCAL")),
        ("SELECT a INTO OUTFILE 'x' FROM t", Copy(None, False, "FILE")),
        ("UPDATE t SET t.a = 1, b = 2 ORDER BY a LIMIT 5", Update(T, True, ("a", "b"))),
        ("UPDATE t x JOIN u AS y ON x.id = y.id SET x.a = 1, y.b = 2 WHERE x.c",
         With((Update(T, True, ("a",)), Update(U, True, ("b",))))),
        ("DELETE FROM t LIMIT 5", Delete(T, True)),
        ("DELETE x.*, y FROM t x JOIN u y USING (id)", With((Delete(T), Delete(U)))),
        ("DELETE FROM x USING t x JOIN u y USING (id) WHERE y.a", Delete(T, True)),
        ("OPTIMIZE TABLE t, u", With((Maintain("OPTIMIZE", target=T), Maintain("OPTIMIZE", target=U)))),
        ("ANALYZE DELETE FROM t", Explain(Delete(T), True)),
        ("EXPLAIN DELETE FROM t", Explain(Delete(T))),
        ("DESCRIBE t", Explain(Select())),
        ("/*!40101 SET NAMES utf8mb4 */", Set("names", "utf8mb4")),
        ("SET SESSION sql_mode = '', @@global.a = 1, @x := 2",
         With((Set("sql_mode", "''"), Set("global.a", "1"), Set("@x", "2")))),
        ("SET STATEMENT max_statement_time = 1 FOR TRUNCATE t", Truncate((T,))),
        ("SET autocommit = 0", ControlTransaction()),
        ("LOCK TABLES t WRITE", ControlTransaction()),
        ("XA COMMIT 'a'", ControlTransaction()),
        ("USE x", Set("database", "x")),
        ("BEGIN", ControlTransaction()),
        ("BEGIN NOT ATOMIC SELECT 1; END", Do("BEGIN NOT ATOMIC SELECT 1; END", "sql")),
        ("CALL p ()", Utility(("CALL", "P"))),
        ("RENAME USER a TO b", Utility(("RENAME", "USER", "A", "TO", "B"))),
    ],
)  # fmt: skip
def test_statements(sql: str, expected: Statement) -> None:
    assert statement(sql, "shop") == expected


def test_renamed_tables_may_wait() -> None:
    assert statement("RENAME TABLE t WAIT 5 TO u, u TO t").actions == (RenameTable(T, U), RenameTable(U, T))
