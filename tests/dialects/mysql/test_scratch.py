"""Scratch databases on the same server: like the database that they stand in for, with its rows unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from dbwarden.api.connection import connect
from dbwarden.core.dialect import SCRATCH_PREFIX, Scope
from dbwarden.core.model import Table
from dbwarden.core.types import Ref
from dbwarden.runtime import sample
from dbwarden.runtime.connection import DatabaseConnection
from dbwarden.runtime.scratch import open_scratch, scratch_request
from dbwarden.runtime.scratch_database import ScratchDatabase

from .conftest import Flavour

EVERY_TYPE = """CREATE TABLE everything (
    id INT PRIMARY KEY AUTO_INCREMENT, f FLOAT, d DOUBLE, n DECIMAL(30, 10), big BIGINT UNSIGNED, bits BIT(64),
    fixed BINARY(4), bytes VARBINARY(10), data BLOB, doc JSON, place GEOMETRY, at TIMESTAMP(6) NULL, moment DATETIME(3),
    span TIME(2), y YEAR, e ENUM('a', 'b'), s SET('x', 'y'), words TEXT CHARACTER SET utf8mb4,
    latin VARCHAR(9) CHARACTER SET latin1, day DATE, half DOUBLE AS (d / 2) STORED)"""
ROWS = (
    "(0, 0.1, 1.7976931348623157e308, 12345678901234567890.0123456789, 18446744073709551615, b'1010', x'00ff0000', x'00ff',"
    " x'deadbeef00', '{\"a\": [1.5, null]}', ST_GeomFromText('POINT(1 2)', 4326), '2021-10-31 01:30:00.123456',"
    " '0000-00-00 00:00:00', '-838:59:59', 0, 'b', 'x,y', 'é\\\\%s😀', 'é', '2026-02-31', DEFAULT)",
    "(7, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '0000-00-00 00:00:00', NULL, NULL, NULL, NULL, NULL,"
    " '', NULL, NULL, DEFAULT)",
)
MODE = "SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES'"


@contextmanager
def scratch(flavour: Flavour, **more: str) -> Iterator[ScratchDatabase]:
    with open_scratch(flavour.dialect, scratch_request(connect, flavour.conn, **more)) as opened:
        yield opened


def databases(conn: DatabaseConnection) -> set[str]:
    rows = conn.query("SELECT schema_name FROM information_schema.schemata")
    return {str(name) for (name,) in rows if str(name).startswith(SCRATCH_PREFIX)}


def test_a_scratch_database_has_the_collation_of_the_other_and_is_dropped(flavour: Flavour) -> None:
    flavour.conn.execute(f"ALTER DATABASE {flavour.conn.database} CHARACTER SET latin1 COLLATE latin1_german2_ci")
    before = databases(flavour.conn)
    with scratch(flavour) as opened:
        assert opened.provider == "a temporary database on the same server"
        assert opened.conn.query("SELECT @@collation_database")[0][0] == "latin1_german2_ci"
        assert len(databases(flavour.conn) - before) == 1
    assert databases(flavour.conn) == before


def test_a_database_that_a_killed_run_left_is_removed(flavour: Flavour) -> None:
    left = f"{SCRATCH_PREFIX}00000000_1_0_1_ab"  # of another host, made in 1970
    flavour.conn.execute(f"CREATE DATABASE {left}")
    with scratch(flavour):
        assert left not in databases(flavour.conn)


def test_a_database_that_a_session_uses_stays(flavour: Flavour) -> None:
    left = f"{SCRATCH_PREFIX}00000000_1_0_1_cd"
    flavour.conn.execute(f"CREATE DATABASE {left}")
    try:
        with flavour.conn.sibling(left), scratch(flavour):
            assert left in databases(flavour.conn)
    finally:
        flavour.conn.execute(f"DROP DATABASE {left}")


def test_rows_are_copied_unchanged(flavour: Flavour) -> None:
    flavour.conn.execute(EVERY_TYPE)
    flavour.conn.execute(MODE)
    for row in ROWS:
        flavour.conn.execute(f"INSERT INTO everything VALUES {row}")
    flavour.conn.execute("SET time_zone = '-07:00'")
    schema = flavour.dialect.inspect(flavour.conn, Scope())
    with scratch(flavour) as opened:
        assert not opened.build(schema)
        mode, zone = opened.conn.query("SELECT @@sql_mode, @@time_zone")[0]
        copied = sample.fill(flavour.conn, opened.conn, flavour.dialect, schema, 10)
        assert copied.rows == {Ref("table", "everything"): 2}
        assert not copied.notes
        assert (
            opened.conn.query("CHECKSUM TABLE everything")[0][1]
            == flavour.conn.query("CHECKSUM TABLE everything")[0][1]
        )
        assert opened.conn.query("SELECT @@sql_mode, @@time_zone")[0] == (mode, zone)
        contents = (sample.contents(conn, flavour.dialect, schema) for conn in (flavour.conn, opened.conn))
        assert len({str(values) for values in contents}) == 1


def test_a_row_that_the_copy_would_change_is_refused(flavour: Flavour) -> None:
    flavour.conn.execute("CREATE TABLE small (id INT PRIMARY KEY, n TINYINT)")
    table = flavour.dialect.inspect(flavour.conn, Scope()).get(Ref("table", "small"))
    assert isinstance(table, Table)
    transfer = flavour.dialect.transfer(table)
    with pytest.raises(Exception, match="Out of range"):
        flavour.conn.execute(transfer.insert, {"c0": "1", "c1": "300"})


def test_an_object_that_names_a_database_of_the_server_is_not_built(flavour: Flavour) -> None:
    flavour.conn.execute("CREATE TABLE t (id INT PRIMARY KEY)")
    flavour.conn.execute(
        f"CREATE TRIGGER far AFTER INSERT ON t FOR EACH ROW DELETE FROM {flavour.conn.database}.t WHERE id = 9"
    )
    schema = flavour.dialect.inspect(flavour.conn, Scope())
    with scratch(flavour) as opened:
        refused = opened.build(schema)
        assert list(refused) == ["trigger t.far"]
        assert "which is on the same server" in refused["trigger t.far"]


def test_clear_drops_everything_and_checks_foreign_keys_again(flavour: Flavour) -> None:
    for sql in (
        "CREATE TABLE a (id INT PRIMARY KEY, b INT)",
        "CREATE TABLE b (id INT PRIMARY KEY, a INT REFERENCES a (id))",
        "ALTER TABLE a ADD CONSTRAINT to_b FOREIGN KEY (b) REFERENCES b (id)",
        "CREATE VIEW v AS SELECT id FROM a",
        "CREATE PROCEDURE p() SELECT 1",
        "CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1",
        "CREATE EVENT e ON SCHEDULE EVERY 1 YEAR DO DELETE FROM a",
        *(("CREATE SEQUENCE numbers",) if flavour.name == "mariadb" else ()),
    ):
        flavour.conn.execute(sql)
    assert flavour.dialect.first_object(flavour.conn) == "view v"
    flavour.dialect.clear(flavour.conn)
    assert flavour.dialect.first_object(flavour.conn) is None
    assert flavour.conn.query("SELECT @@foreign_key_checks")[0][0] == 1


@pytest.mark.parametrize(
    ("sql", "missing"),
    [
        ("SELECT no_such_function(1)", "no_such_function"),
        ("SELECT 1 COLLATE no_such_collation", "no_such_collation"),
        ("SELECT * FROM no_such_table", "no_such_table"),
        ("CREATE DATABASE x CHARACTER SET no_such_charset", "no_such_charset"),
        ("SET time_zone = 'No/Such_Zone'", "No/Such_Zone"),
        ("SELECT id FROM (SELECT 1 AS one) AS t", None),
        ("SELECT 1 +", None),
    ],
)
def test_missing_dependencies_are_named(flavour: Flavour, sql: str, missing: str | None) -> None:
    with pytest.raises(Exception) as raised:
        flavour.conn.execute(sql)
    assert flavour.dialect.missing_dependency(flavour.conn, None, str(raised.value)) == missing
