"""Values that a new type does not take: what is predicted is compared with what the engine does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pytest

from dbwarden import dialects
from dbwarden.api.connection import connect
from dbwarden.core.dialect import Dialect, Scope
from dbwarden.core.row_demands import DemandKind, OffendingRows, RowDemand
from dbwarden.core.types import Ref
from dbwarden.errors import DatabaseError, Unsupported
from dbwarden.runtime.connection import DatabaseConnection

ENGINES = ["postgresql", "mysql", "mariadb", "clickhouse"]

TEXTS = (
    "1 | 0|-1| 12|12 |abc|12abc|12.5|1e3||300|99999999999|+7|0x10|2020-01-02|2020-02-30|2020-01-02 03:04:05|12:30|true|a|A"
    '|{"a":1}|1.005|999.996|--1|é|nan|550e8400-e29b-41d4-a716-446655440000|2147483647|2147483648|abc   |abcd'
).split("|")
NUMBERS = "0 1 -1 127 128 255 256 32768 2147483648 12.5 127.4 127.5 999.99 999.994 999.996 1000".split()
TYPES = {
    "postgresql": (
        ("TEXT", "integer smallint numeric(5,2) boolean date timestamptz uuid jsonb varchar(3) char(3)"),
        ("NUMERIC", "smallint integer numeric(5,2) varchar(3)"),
    ),
    "mysql": (
        (
            "VARCHAR(100)",
            "INT TINYINT INT_UNSIGNED DECIMAL(5,2) DOUBLE DATE DATETIME VARCHAR(3) ENUM('a','b') JSON TINYTEXT",
        ),
        ("DECIMAL(20,4)", "TINYINT TINYINT_UNSIGNED INT DECIMAL(5,2) FLOAT"),
    ),
    "clickhouse": (
        ("String", "Int32 UInt8 Decimal(5,2) Float64 Date UUID Enum8('a'=1,'b'=2) Nullable(Int32) FixedString(3)"),
        ("Decimal(20,4)", "Int8 UInt8 Int32 Decimal(5,2) Float32"),
    ),
}
TYPES["mariadb"] = TYPES["mysql"]
MISSED = {("mariadb", "DATE"), ("mariadb", "DATETIME"), ("mariadb", "ENUM('a','b')")}
"""Types of which a value may be refused that is not predicted."""


class Place(NamedTuple):
    """A database with the dialect of its server."""

    conn: DatabaseConnection
    dialect: Dialect


@pytest.fixture
def place(database_url: str) -> Iterator[Place]:
    with connect(database_url) as conn:
        dialect = dialects.get(database_url.partition(":")[0])
        yield Place(conn, dialect.for_server(dialect.server_of(conn)))


def alter(place: Place, new: str) -> str:
    match place.dialect.name:
        case "postgresql" if new.startswith(("varchar", "char")):
            return f"ALTER TABLE t ALTER v TYPE {new}"
        case "postgresql":
            return f"ALTER TABLE t ALTER v TYPE {new} USING v::{new}"
        case "clickhouse":
            return f"ALTER TABLE t MODIFY COLUMN v {new} SETTINGS mutations_sync = 2, alter_sync = 2"
        case _:
            return f"ALTER TABLE t MODIFY v {new}"


def fill(place: Place, old: str, values: Sequence[str]) -> None:
    conn, of_clickhouse = place.conn, place.dialect.name == "clickhouse"
    conn.execute("DROP TABLE IF EXISTS t")
    tail = " ENGINE = MergeTree ORDER BY id" if of_clickhouse else ""
    conn.execute(f"CREATE TABLE t (id INTEGER{'' if of_clickhouse else ' PRIMARY KEY'}, v {old}){tail}")
    rows = ", ".join(f"({number}, '{value}')" for number, value in enumerate(values))
    if rows:
        conn.execute(f"INSERT INTO t (id, v) VALUES {rows}")


def offending(place: Place, new: str) -> OffendingRows | None:
    conn, dialect = place
    using = f"v::{new}" if dialect.name == "postgresql" and not new.startswith(("varchar", "char")) else ""
    demand = RowDemand(DemandKind.TYPE, Ref("table", "t"), ("v",), type=new, using=using)
    return dialect.offending_rows(conn, demand, dialect.inspect(conn, Scope(definitions=False)), 100)


def refused(place: Place, new: str) -> bool:
    try:
        place.conn.execute(alter(place, new))
    except DatabaseError:
        return True
    return False


@pytest.mark.parametrize("database_url", ENGINES, indirect=True)
@pytest.mark.parametrize("of_texts", [True, False], ids=["texts", "numbers"])
def test_predicted_as_the_engine_does(place: Place, of_texts: bool) -> None:
    """Each value that is predicted to be refused is refused; all others together are taken."""
    old, types = TYPES[place.dialect.name][0 if of_texts else 1]
    values = [value for value in (TEXTS if of_texts else NUMBERS) if value or of_texts]
    for new in (name.replace("_", " ") for name in types.split()):
        fill(place, old, values)
        rows = offending(place, new)
        bad = {int(row[0]) for row in rows.sample} if rows is not None else set[int]()
        assert rows is None or rows.count == len(bad)
        fill(place, old, [value for number, value in enumerate(values) if number not in bad])
        if (place.dialect.name, new) not in MISSED:
            assert not refused(place, new), f"not predicted: {new}"
        for number in sorted(bad):
            fill(place, old, [values[number]])
            assert refused(place, new), f"false alarm: {values[number]!r} as {new}"


@pytest.mark.parametrize(
    ("database_url", "new"),
    [("mysql", "BIT(4)"), ("mariadb", "BIT(4)"), ("clickhouse", "Array(String)")],
    indirect=["database_url"],
)
def test_what_is_not_known_is_not_claimed(place: Place, new: str) -> None:
    fill(place, TYPES[place.dialect.name][1][0], ["1"])
    with pytest.raises(Unsupported):
        offending(place, new)


@pytest.mark.parametrize("database_url", ["mysql", "mariadb"], indirect=True)
def test_without_strict_mode_nothing_is_refused(place: Place) -> None:
    fill(place, "VARCHAR(100)", ["abc"])
    assert offending(place, "INT") is not None
    place.conn.execute("SET SESSION sql_mode = ''")
    assert offending(place, "INT") is None and not refused(place, "INT")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_only_strict_tables_of_sqlite_refuse_values(place: Place) -> None:
    for strict in ("", " STRICT"):
        place.conn.execute("DROP TABLE IF EXISTS t")
        place.conn.execute(f"CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT){strict}")
        place.conn.execute("INSERT INTO t (v) VALUES ('1'), (' 2 '), ('2.0'), ('2.5'), ('x'), (NULL)")
        rows = offending(place, "INTEGER")
        assert (rows and [row[1] for row in rows.sample]) == (["2.5", "x"] if strict else None)
        place.conn.execute("DROP TABLE IF EXISTS u")
        place.conn.execute(f"CREATE TABLE u (id INTEGER PRIMARY KEY, v INTEGER){strict}")
        for (value,) in place.conn.query("SELECT v FROM t WHERE v NOT IN ('2.5', 'x')"):
            place.conn.execute("INSERT INTO u (v) VALUES (:v)", {"v": value})
