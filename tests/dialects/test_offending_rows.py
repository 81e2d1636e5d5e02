"""Rows that do not meet what a handwritten statement demands: counted before it fails, and none where it succeeds."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from dbwarden import dialects
from dbwarden.api.connection import connect
from dbwarden.core.dialect import Scope
from dbwarden.core.pending_demands import PendingDemands, PendingFile
from dbwarden.core.sqltext import SqlStatement
from dbwarden.errors import DatabaseError


class Case(NamedTuple):
    engine: str
    rows: str
    """VALUES of the table ``t (id, a, b, n)`` with two texts and a number."""
    statements: tuple[str, ...]
    expected: int
    """Number of rows that do not meet the demand of the last statement; 0 if it succeeds."""


ALL = ("sqlite", "postgresql", "mariadb", "mysql")
SHARED = {
    "unique of several columns": (
        "(1, 'x', 'y', 1), (2, 'x', 'y', 2), (3, 'x', 'z', 3), (4, 'x', NULL, 4), (5, 'x', NULL, 5)",
        ("CREATE UNIQUE INDEX u ON t (a, b)",),
        2,
    ),
    "unique, met": ("(1, 'x', 'y', 1), (2, 'x', 'z', 2)", ("CREATE UNIQUE INDEX u ON t (a, b)",), 0),
    "keys in descending order": ("(1, 'x', 'y', 1), (2, 'x', 'y', 1)", ("CREATE UNIQUE INDEX u ON t (a DESC, n)",), 2),
}
CASES = {
    **{
        f"{engine}: {name}": Case(engine, *case)
        for engine in ALL
        for name, case in SHARED.items()
    },
    "an expression of some rows": Case(
        "postgresql",
        "(1, 'x', 'y', 1), (2, 'X', 'y', 2), (3, 'x', 'y', -1)",
        ("CREATE UNIQUE INDEX u ON t (lower(a) text_pattern_ops) WHERE n > 0",),
        2,
    ),
    "nulls that are equal": Case(
        "postgresql",
        "(1, NULL, 'y', 1), (2, NULL, 'y', 2), (3, 'x', 'y', 3)",
        ("ALTER TABLE t ADD UNIQUE NULLS NOT DISTINCT (a)",),
        2,
    ),
    "a key with nulls": Case(
        "postgresql", "(1, 'x', 'y', 1), (2, 'x', 'y', NULL), (3, 'x', 'y', 1)", ("ALTER TABLE t ADD PRIMARY KEY (n)",), 3
    ),
    "a new enumeration": Case(
        "postgresql",
        "(1, 'ok', 'y', 1), (2, 'sad', 'y', 2), (3, NULL, 'y', 3)",
        ("CREATE TYPE mood AS ENUM ('ok', 'good')", "ALTER TABLE t ALTER a TYPE mood USING a::mood"),
        1,
    ),
    "a domain with a check": Case(
        "postgresql",
        "(1, 'x', 'y', 1), (2, 'x', 'y', -2)",
        ("ALTER TABLE t ALTER n TYPE positive",),
        1,
    ),
    "a conversion by USING": Case(
        "postgresql",
        "(1, '1,5', 'y', 1), (2, 'x', 'y', 2), (3, NULL, 'y', 3)",
        ("ALTER TABLE t ALTER a TYPE numeric USING replace(a, ',', '.')::numeric",),
        1,
    ),
    "validated from before": Case(
        "postgresql", "(1, 'x', 'y', 1), (2, 'x', 'y', -2)", ("ALTER TABLE t VALIDATE CONSTRAINT later",), 1
    ),
    "a match in full": Case(
        "postgresql",
        "(1, 'x', 'y', 1), (2, 'x', NULL, 1), (3, NULL, NULL, 1), (4, 'x', 'z', 1)",
        ("ALTER TABLE t ADD FOREIGN KEY (a, b) REFERENCES parents (x, y) MATCH FULL",),
        2,
    ),
    "the beginning of a text": Case(
        "mysql", "(1, 'abcd', 'y', 1), (2, 'abce', 'y', 2), (3, 'xbcd', 'y', 3)", ("ALTER TABLE t ADD UNIQUE KEY k (a(3))",), 2
    ),
    "equal by the collation": Case(
        "mariadb", "(1, 'abc', 'y', 1), (2, 'ABC ', 'y', 2)", ("ALTER TABLE t ADD UNIQUE (a)",), 2
    ),
    "CHANGE": Case(
        "mariadb", "(1, 'x', 'y', 1), (2, NULL, 'y', 2)", ("ALTER TABLE t CHANGE a c VARCHAR(40) NOT NULL",), 1
    ),
    "a collation in the index": Case(
        "sqlite", "(1, 'abc', 'y', 1), (2, 'ABC', 'y', 2)", ("CREATE UNIQUE INDEX u ON t (a COLLATE NOCASE)",), 2
    ),
    "an expression": Case(
        "sqlite", "(1, 'abc', 'y', 1), (2, 'ABC', 'y', 2)", ("CREATE UNIQUE INDEX u ON t (lower(a)) WHERE n > 0",), 2
    ),
}  # fmt: skip
BEFORE = {
    "postgresql": (
        "CREATE DOMAIN positive AS integer CHECK (VALUE > 0)",
        "CREATE TABLE parents (x text, y text, UNIQUE (x, y))",
        "INSERT INTO parents VALUES ('x', 'y')",
    ),
}


@pytest.mark.parametrize(
    ("database_url", "name"), [(case.engine, name) for name, case in CASES.items()], indirect=["database_url"]
)
def test_counted_before_it_fails(database_url: str, name: str) -> None:
    case = CASES[name]
    with connect(database_url) as conn:
        dialect = dialects.get(case.engine).for_server(dialects.get(case.engine).server_of(conn))
        for sql in BEFORE.get(case.engine, ()):
            conn.execute(sql)
        conn.execute("CREATE TABLE t (id INTEGER, a VARCHAR(40), b VARCHAR(40), n INTEGER)")
        conn.execute(f"INSERT INTO t VALUES {case.rows}")
        if case.engine == "postgresql":
            conn.execute("ALTER TABLE t ADD CONSTRAINT later CHECK (n > 0) NOT VALID")
        schema = dialect.inspect(conn, Scope(definitions=False))
        statements = [SqlStatement(sql, 0, 1) for sql in case.statements]
        *_, placed = PendingDemands(dialect, schema).read_file(PendingFile("1.sql", statements))
        assert not placed.unjudged
        rows = dialect.offending_rows(conn, placed.demand, schema, 5)
        assert (rows.count if rows is not None else 0) == case.expected, rows
        if rows is not None:
            function, _, query = rows.query.rpartition("; SELECT ")
            if function:
                conn.execute(function)
            assert len(conn.query(f"SELECT {query.removeprefix('SELECT ').removesuffix(';')}")) == case.expected
        *first, last = case.statements
        for sql in first:
            conn.execute(sql)
        if case.expected:
            with pytest.raises(DatabaseError):
                conn.execute(last)
        else:
            conn.execute(last)
