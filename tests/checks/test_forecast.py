"""Forecasts: the lock, the work and the time of statements, from their text and the sizes of the tables."""

from __future__ import annotations

import pytest

from dbwarden import dialects
from dbwarden.checks.forecast import LockForecast, StatementForecast, forecast, held_locks
from dbwarden.checks.rule import Context, Environment
from dbwarden.checks.run import contexts
from dbwarden.core.dialect import Size
from dbwarden.core.file import parse
from dbwarden.core.types import Ref

MB = 1024 * 1024
FIRST = (
    "-- upgrade\nCREATE TABLE users (id INTEGER NOT NULL, name VARCHAR(50), n INTEGER);\nCREATE TABLE o (id INTEGER);\n"
)


def context(engine: str, upgrade: str, sizes: dict[str, Size] | None = None) -> Context:
    dialect = dialects.get(engine)
    files = [
        parse("0001_first.sql", FIRST, dialect.lexical_rules),
        parse("0002_second.sql", f"-- upgrade\n{upgrade}\n", dialect.lexical_rules),
    ]
    known = None if sizes is None else {Ref("table", name): size for name, size in sizes.items()}
    return next(contexts(files, files[1:], dialect, Environment(sizes=known)))


def of(engine: str, statement: str) -> StatementForecast:
    return forecast(context(engine, statement, {"users": Size(1_000_000, 400 * MB), "o": Size(10, 8192)}))[-1]


@pytest.mark.parametrize(
    ("engine", "statement", "blocks", "work", "low", "high"),
    [
        ("postgresql", "ALTER TABLE users ADD COLUMN email TEXT;", "EVERYBODY", "NONE", 0, 0),
        ("postgresql", "ALTER TABLE users ALTER COLUMN n TYPE BIGINT;", "EVERYBODY", "REWRITES", 2, 40),
        ("postgresql", "ALTER TABLE users ALTER COLUMN name TYPE VARCHAR(80);", "EVERYBODY", "NONE", 0, 0),
        ("postgresql", "CREATE INDEX i ON users (name);", "WRITERS", "BUILDS_INDEX", 400 / 300, 20),
        ("postgresql", "CREATE INDEX CONCURRENTLY i ON users (name);", "DDL", "BUILDS_INDEX", 400 / 300, 20),
        ("postgresql", "ALTER TABLE users ADD CHECK (n > 0);", "EVERYBODY", "READS", 0.2, 4),
        ("postgresql", "ALTER TABLE users ADD CHECK (n > 0) NOT VALID;", "EVERYBODY", "NONE", 0, 0),
        ("postgresql", "ALTER TABLE users ALTER n SET NOT NULL;", "EVERYBODY", "READS", 0.2, 4),
        ("postgresql", "UPDATE users SET n = 1;", "NOTHING", "CHANGES_ROWS", 4, 80),
        ("postgresql", "DROP TABLE users;", "EVERYBODY", "NONE", 0, 0),
        ("mariadb", "ALTER TABLE users MODIFY n BIGINT, ALGORITHM=COPY;", "WRITERS", "REWRITES", 2, 40),
        ("mariadb", "ALTER TABLE users ADD COLUMN e INT, ALGORITHM=INSTANT;", "EVERYBODY", "NONE", 0, 0),
        ("mysql", "ALTER TABLE users MODIFY n BIGINT, ALGORITHM=COPY;", "WRITERS", "REWRITES", 2, 40),
        ("sqlite", "CREATE INDEX i ON users (name);", "EVERYBODY", "BUILDS_INDEX", 400 / 300, 20),
        ("clickhouse", "ALTER TABLE users UPDATE n = 1 WHERE 1;", "DDL", "REWRITES", 2, 40),
    ],
)
def test_work(engine: str, statement: str, blocks: str, work: str, low: float, high: float) -> None:
    shown = of(engine, statement)
    assert (shown.blocks.name, shown.work.name) == (blocks, work)
    assert shown.duration is not None
    assert (shown.duration.low, shown.duration.high) == pytest.approx((low, high))


def test_a_rebuild_copies_the_rows_and_deletes_none() -> None:
    copied = "INSERT INTO new (id, name, n) SELECT id, name, n FROM users;"
    rebuild = (
        "PRAGMA foreign_keys = OFF;\nCREATE TABLE new (id INTEGER NOT NULL, name TEXT, n INTEGER);\n"
        f"{copied}\nDROP TABLE users;\nALTER TABLE new RENAME TO users;"
    )
    sizes = {"users": Size(1_000_000, 400 * MB)}
    setting, _, copy, dropped, _ = forecast(context("sqlite", rebuild, sizes))
    assert (setting.work.name, copy.work.name) == ("SESSION", "COPIES")
    assert [table.table for table in copy.tables] == ["users"] and copy.duration is not None
    assert (copy.duration.low, copy.duration.high) == pytest.approx((2, 40))
    assert not dropped.deletes_data
    partly = rebuild.replace("FROM users", "FROM users WHERE n > 0")
    assert forecast(context("sqlite", partly, sizes))[3].deletes_data


def test_a_new_table_costs_nothing() -> None:
    shown = of("postgresql", "CREATE TABLE t (id INTEGER);\nCREATE INDEX i ON t (id);")
    assert (shown.work.name, shown.tables, shown.lock, shown.blocks.name) == ("NONE", (), "", "NOTHING")


def test_not_null_after_a_valid_check_reads_nothing() -> None:
    statements = """
    ALTER TABLE users ADD CONSTRAINT c CHECK (n IS NOT NULL) NOT VALID;
    ALTER TABLE users VALIDATE CONSTRAINT c;
    ALTER TABLE users ALTER COLUMN n SET NOT NULL;
    """
    sizes = {"users": Size(1_000_000, 400 * MB)}
    assert [item.work.name for item in forecast(context("postgresql", statements, sizes))] == ["NONE", "READS", "NONE"]


def test_without_sizes_there_is_no_duration() -> None:
    index, column = forecast(
        context("postgresql", "CREATE INDEX i ON users (n);\nALTER TABLE users ADD COLUMN e TEXT;")
    )
    assert index.duration is None and index.tables[0].rows is None
    assert column.duration is not None and column.duration.high == 0, "the catalogue alone takes no time at any size"


def test_what_is_not_known_has_no_duration() -> None:
    shown = of("postgresql", "FROBNICATE users;")
    assert (shown.known, shown.work.name, shown.duration, shown.blocks.name) == (False, "UNKNOWN", None, "UNKNOWN")


def locks(engine: str, statements: str) -> list[tuple[str, str, int, int, float]]:
    judged = context(engine, statements, {"users": Size(1_000_000, 400 * MB), "o": Size(1_000, MB)})
    return [_row(lock) for lock in held_locks(judged, forecast(judged))]


def _row(lock: LockForecast) -> tuple[str, str, int, int, float]:
    assert lock.duration is not None
    return lock.table, lock.blocks.name, lock.first, lock.last, lock.duration.high


def test_a_lock_lasts_until_the_transaction_ends() -> None:
    statements = """
    ALTER TABLE o ADD COLUMN a TEXT;
    CREATE INDEX i ON users (name);
    ALTER TABLE users ALTER COLUMN n TYPE BIGINT;
    """
    assert locks("postgresql", statements) == [("o", "EVERYBODY", 1, 3, 60.0), ("users", "EVERYBODY", 3, 3, 40.0)]


def test_a_statement_outside_the_transaction_ends_it() -> None:
    statements = """
    ALTER TABLE o ADD COLUMN a TEXT;
    CREATE INDEX CONCURRENTLY i ON users (name);
    ALTER TABLE users ADD COLUMN a TEXT;
    """
    assert locks("postgresql", statements) == [("o", "EVERYBODY", 1, 1, 0.0), ("users", "EVERYBODY", 3, 3, 0.0)]


def test_each_statement_commits_where_ddl_does() -> None:
    statements = (
        "ALTER TABLE o ADD COLUMN a INT, ALGORITHM=INSTANT;\nALTER TABLE users MODIFY n BIGINT, ALGORITHM=COPY;"
    )
    assert locks("mariadb", statements) == [("o", "EVERYBODY", 1, 1, 0.0), ("users", "WRITERS", 2, 2, 40.0)]
