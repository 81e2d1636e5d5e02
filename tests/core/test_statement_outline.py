"""What tracing has of a statement: no value, whatever the quoting of the engine."""

from __future__ import annotations

import pytest

from dbwarden.core.logged_sql import operation_of, statement_outline
from dbwarden.dialects import lexical_rules

OUTLINES = {
    "postgresql": {
        "INSERT INTO t (a, b) VALUES (4711, 'hunter2'), (-1.5e3, E'\\'hunter2');": "INSERT INTO t (a, b) VALUES (?, ?), (-?, ?);",
        "DO $x$ BEGIN PERFORM 'hunter2'; END $x$": "DO ?",
        'ALTER TABLE "T 1" -- hunter2 4711\n  ADD c VARCHAR(50)': 'ALTER TABLE "T 1" ADD c VARCHAR(?)',
        "CREATE ROLE r PASSWORD 'hunter2": "CREATE ROLE r PASSWORD ?",
        f"SELECT '{'x' * 5000}hunter2'": "SELECT ?…",
    },
    "mysql": {
        'INSERT INTO `t` VALUES ("hunter2", 0x4711, 4711)': "INSERT INTO `t` VALUES (?, ?, ?)",
        "CREATE USER u IDENTIFIED BY 'hunter\\'2'": "CREATE USER u IDENTIFIED BY ?",
    },
    "sqlite": {"UPDATE t SET a = x'4711', b = .5": "UPDATE t SET a = ?, b = ?"},
    "clickhouse": {
        "CREATE TABLE t (d DateTime64(3)) ENGINE = S3('hunter2')": "CREATE TABLE t (d DateTime64(?)) ENGINE = S3(?)"
    },
}


@pytest.mark.parametrize("engine", OUTLINES)
def test_outlines_have_no_values(engine: str) -> None:
    for sql, outline in OUTLINES[engine].items():
        assert statement_outline(sql, lexical_rules(engine)) == outline


@pytest.mark.parametrize(
    ("sql", "operation"),
    [
        ("create unique index i on t (a)", "CREATE INDEX"),
        ("CREATE OR REPLACE VIEW v AS SELECT 1", "CREATE VIEW"),
        ("-- why\nALTER TABLE t ADD c INT", "ALTER TABLE"),
        ("INSERT INTO t VALUES (1)", "INSERT"),
        ("ALTER DEFAULT PRIVILEGES IN x GRANT SELECT ON TABLES TO y", "ALTER"),
        ("(SELECT 1)", "statement"),
        ("'", "statement"),
    ],
)
def test_operations(sql: str, operation: str) -> None:
    assert operation_of(sql, lexical_rules("postgresql")) == operation
