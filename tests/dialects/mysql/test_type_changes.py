"""What becomes of values when a column gets another type, by the rules and on the servers."""

from __future__ import annotations

import pytest

from dbwarden.api.connection import connect
from dbwarden.core.dialect import Server
from dbwarden.core.type_table import TypeChange
from dbwarden.dialects.mysql.type_changes import change, session_settings
from dbwarden.dialects.mysql.types import canonical_type, parse
from dbwarden.errors import DatabaseError

FLAVOURS = ("mysql", "mariadb")
SERVERS = {"mysql": Server((9, 7), "mysql"), "mariadb": Server((10, 11), "mariadb")}
SAME, FREE, KEPT, NARROWED, RESPELLED, LOSSY, UNKNOWN = TypeChange

CHANGES = [
    # numbers: (before, after, effect, a value that shows it)
    ("int", "int", SAME, "1"), ("int(11)", "int", SAME, "1"), ("tinyint(1)", "tinyint", FREE, "1"),
    ("int", "bigint", KEPT, "-2147483648"), ("bigint", "int", NARROWED, "9223372036854775807"),
    ("int unsigned", "int", NARROWED, "4294967295"), ("int", "int unsigned", NARROWED, "-1"),
    ("int unsigned", "bigint", KEPT, "4294967295"), ("smallint", "mediumint unsigned", NARROWED, "-1"),
    ("int", "int(5) unsigned zerofill", NARROWED, "-1"), ("int", "decimal(10,0)", KEPT, "-2147483648"),
    ("int", "decimal(10,2)", NARROWED, "2147483647"), ("decimal(10,2)", "decimal(12,2)", KEPT, "99999999.99"),
    ("decimal(10,2)", "decimal(10,4)", NARROWED, "99999999.99"), ("decimal(10,2)", "decimal(10,1)", LOSSY, "1.25"),
    ("decimal(10,2)", "int", LOSSY, "1.25"), ("decimal(10,0)", "bigint", KEPT, "9999999999"),
    ("int", "double", KEPT, "2147483647"), ("int", "float", LOSSY, "2147483647"), ("bigint", "double", LOSSY, "9007199254740993"),
    ("float", "double", KEPT, "0.1"), ("double", "float", LOSSY, "0.30000000000000004"),
    ("double", "decimal(30,2)", LOSSY, "0.125"),
    ("decimal(10,2)", "double", KEPT, "99999999.99"),
    ("bit(8)", "int", KEPT, "255"), ("int", "bit(8)", NARROWED, "256"), ("bigint", "bit(64)", LOSSY, "-1"),
    ("int", "varchar(11)", KEPT, "-2147483648"), ("int", "varchar(5)", NARROWED, "2147483647"),
    ("decimal(10,2)", "varchar(12)", KEPT, "-99999999.99"), ("decimal(2,2)", "varchar(5)", KEPT, "-0.99"),
    ("int", "text", KEPT, "42"),
    # texts
    ("varchar(20)", "varchar(60)", FREE, "'abc '"), ("varchar(64)", "varchar(86)", KEPT, "'abc'"),
    ("varchar(100)", "varchar(200)", FREE, "'abc'"), ("varchar(200)", "varchar(300)", KEPT, "'abc'"),
    ("varchar(300)", "varchar(400)", FREE, "'abc'"), ("varchar(60)", "varchar(20)", NARROWED, "REPEAT('x', 21)"),
    ("varchar(5)", "char(5)", LOSSY, "'a '"), ("char(5)", "varchar(5)", KEPT, "'ab'"),
    ("char(10)", "char(5)", NARROWED, "'abcdefghij'"),
    ("varchar(20)", "text", KEPT, "'a '"), ("text", "varchar(20)", NARROWED, "REPEAT('x', 21)"), ("text", "longtext", KEPT, "'a'"),
    ("longtext", "text", NARROWED, "REPEAT('x', 70000)"), ("tinytext", "varchar(255)", KEPT, "REPEAT('x', 255)"),
    ("tinytext", "varchar(100)", NARROWED, "REPEAT('x', 255)"), ("varchar(100)", "tinytext", NARROWED, "REPEAT('😀', 100)"),
    ("varchar(5)", "int", RESPELLED, "'007'"), ("varchar(20)", "date", RESPELLED, "'20260304'"),
    ("varchar(20)", "varbinary(80)", KEPT, "'ü'"), ("varchar(20)", "binary(80)", LOSSY, "'a'"),
    ("varbinary(20)", "varchar(20)", NARROWED, "0xFF"), ("varbinary(20)", "varbinary(60)", FREE, "0x00"),
    ("varbinary(5)", "binary(5)", LOSSY, "'a'"), ("blob", "tinyblob", NARROWED, "REPEAT('x', 300)"),
    # lists of values
    ("enum('a','b')", "enum('a','b','c')", FREE, "'b'"), ("enum('a','b')", "enum('c','b','a')", KEPT, "'b'"),
    ("enum('a','b')", "enum('a')", NARROWED, "'b'"), ("set('a','b')", "set('a','b','c')", FREE, "'a,b'"),
    ("enum('a','b')", "varchar(1)", KEPT, "'b'"), ("varchar(5)", "enum('a','b')", RESPELLED, "'A'"),
    ("set('a','b')", "varchar(3)", KEPT, "'a,b'"), ("set('a','b')", "varchar(2)", NARROWED, "'a,b'"),
    # times
    ("date", "datetime", KEPT, "'2026-03-04'"), ("datetime", "date", LOSSY, "'2026-03-04 03:30:00'"),
    ("datetime", "datetime(6)", KEPT, "'2026-03-04 03:30:00'"), ("datetime(6)", "datetime", LOSSY, "'2026-03-04 03:30:00.5'"),
    ("datetime", "timestamp", NARROWED, "'1000-01-01 00:00:00'"), ("timestamp", "datetime", KEPT, "'2026-03-04 03:30:00'"),
    ("date", "timestamp", NARROWED, "'1000-01-01'"), ("time(3)", "time", LOSSY, "'22:30:00.5'"),
    ("date", "varchar(10)", KEPT, "'2026-03-04'"),
    ("time", "varchar(10)", KEPT, "'-838:59:59'"), ("datetime(3)", "varchar(23)", KEPT, "'2026-03-04 03:30:00.123'"),
    ("year", "varchar(4)", KEPT, "2026"), ("year", "smallint", KEPT, "1999"), ("year", "tinyint", NARROWED, "1999"),
    # the others
    ("point", "geometry", KEPT, "ST_GeomFromText('POINT(1 1)')"),
    ("geometry", "point", NARROWED, "ST_GeomFromText('LINESTRING(0 0, 1 1)')"),
    ("json", "longtext", KEPT, "'[1]'"),
]  # fmt: skip


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize(("before", "after", "effect", "value"), CHANGES)
def test_effect_of_a_change(before: str, after: str, effect: TypeChange, value: str, flavour: str) -> None:
    server = SERVERS[flavour]
    assert change(canonical_type(parse(before), server), canonical_type(parse(after), server), server) is effect


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_server_does_the_same(flavour: str, request: pytest.FixtureRequest) -> None:
    """Each value is converted there and back: kept, refused, or another one."""
    url: str = request.getfixturevalue(f"{flavour}_url")
    with connect(url) as conn:
        for before, after, effect, value in CHANGES:
            conn.execute("DROP TABLE IF EXISTS t")
            conn.execute(f"CREATE TABLE t (c {before})")
            conn.execute(f"INSERT INTO t VALUES ({value})")
            former = conn.query("SELECT c FROM t")
            try:
                conn.execute(f"ALTER TABLE t MODIFY c {after}")
            except DatabaseError:
                assert effect in (NARROWED, RESPELLED), (before, after)
                continue
            assert effect is not NARROWED, (before, after)
            try:
                conn.execute(f"ALTER TABLE t MODIFY c {before}")
                restored = conn.query("SELECT c FROM t") == former
            except DatabaseError:
                restored = False
            assert restored is (not effect.is_lossy), (before, after)


@pytest.mark.parametrize(
    ("before", "after", "effect"),
    [
        ("uuid", "char(36)", KEPT), ("uuid", "varchar(36)", KEPT), ("char(36)", "uuid", RESPELLED),
        ("inet4", "inet6", UNKNOWN), ("inet6", "varchar(39)", KEPT), ("inet6", "varchar(15)", NARROWED),
    ],
)  # fmt: skip
def test_types_of_mariadb(before: str, after: str, effect: TypeChange) -> None:
    assert change(parse(before), parse(after), SERVERS["mariadb"]) is effect


def test_documents_are_written_anew_by_mysql_alone() -> None:
    assert change(parse("text"), parse("json"), SERVERS["mariadb"]) is NARROWED
    assert change(parse("text"), parse("json"), SERVERS["mysql"]) is RESPELLED


@pytest.mark.parametrize(
    ("before", "after", "settings"),
    [
        ("timestamp", "datetime", ("time_zone",)), ("varchar(20)", "timestamp(6)", ("time_zone",)),
        ("timestamp", "timestamp(6)", ()),
        ("date", "timestamp", ("time_zone",)), ("date", "datetime", ()), ("datetime", "datetime(6)", ()),
    ],
)  # fmt: skip
def test_a_timestamp_is_converted_by_the_zone_of_the_session(
    before: str, after: str, settings: tuple[str, ...]
) -> None:
    assert session_settings(parse(before), parse(after)) == settings
