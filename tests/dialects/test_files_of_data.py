"""A hundred thousand INSERTs into a few tables are not read a hundred thousand times."""

from __future__ import annotations

import pytest

from dbwarden.core.ddl.parse import statement_head
from dbwarden.dialects.postgresql import statements as postgresql
from dbwarden.dialects.postgresql.words import LEXICAL_RULES
from dbwarden.dialects.sqlite import statements as sqlite

PLAIN = [
    "INSERT INTO t VALUES (1, 'a')",
    "insert\n into t(a,b)values(1, 2), (3, 4)",
    'INSERT INTO "my ""t"" (x" (a, "b, c") VALUES (1, 2)',
    'INSERT INTO s."T" ( a , b ) VALUES (1, 2) RETURNING a',
    "INSERT INTO values (a) VALUES (1)",
    "INSERT INTO t (a) VALUES ('it''s (SELECT 1)')",
]
OTHER = [
    "INSERT INTO tvalues (a) SELECT a FROM b",
    "INSERT INTO t (a) SELECT a FROM (VALUES (1)) AS v (a)",
    "INSERT INTO t /* VALUES */ SELECT a FROM b",
    "INSERT INTO t (VALUES (1))",
    "INSERT INTO t DEFAULT VALUES",
    "WITH d AS (DELETE FROM b RETURNING a) INSERT INTO t (a) VALUES (1)",
    "UPDATE t SET a = 1",
]


def _read_whole(sql: str) -> list[object]:
    return [sqlite._read.uncached(sql), postgresql._read.uncached(sql, "public")]


@pytest.mark.parametrize("sql", PLAIN + OTHER)
def test_what_stands_before_the_rows_is_read_as_the_whole(sql: str) -> None:
    assert [sqlite.statement(sql), postgresql.statement(sql, "public")] == _read_whole(sql)
    assert (statement_head(sql, LEXICAL_RULES) != sql) == (sql in PLAIN)


def test_rows_of_one_table_are_read_once() -> None:
    for read, statement in (
        (sqlite._read, sqlite.statement),
        (postgresql._read, lambda sql: postgresql.statement(sql, None)),
    ):
        read.cached.cache_clear()
        for number in range(5000):
            statement(f"INSERT INTO t (a, b) VALUES ({number}, 'x -- {number}')")
        assert read.cached.cache_info().misses == 1
