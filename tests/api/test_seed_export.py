"""Rows of a table as a seed: every value of every type comes back exactly, and a second time changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import dbwarden
from dbwarden import SeedExportOptions, SeedOptions
from dbwarden.api.connection import connect
from dbwarden.errors import UnkeyedTable, UnknownTable, Unsupported, UsageError
from tests.servers import VENDORS
from tests.support.command import rows, run, write_project

SMALL = {"clickhouse": "CREATE TABLE users (id Int32, name String) ENGINE = {} ORDER BY id"}
EVERY_TYPE = {
    "postgresql": (
        """CREATE TYPE mood AS ENUM ('so so', 'it''s');
        CREATE TYPE pair AS (a integer, b text);
        CREATE DOMAIN small AS numeric(5, 2);
        CREATE TABLE every (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, t text, c char(5), i smallint, n numeric,
            r real, d double precision, b boolean, y bytea, j json, jb jsonb, u uuid, dt date, tm time(3), tz timetz,
            ts timestamp, tstz timestamptz, iv interval, a text[], aa integer[][], ra int4range, m mood, p pair, s small,
            ip inet, mac macaddr, bt bit(3), vb varbit, x xml, tsv tsvector, pt point, bx box, o oid, l pg_lsn, mo money,
            up text GENERATED ALWAYS AS (upper(t)) STORED);
        INSERT INTO every (t, c, i, n, r, d, b, y, j, jb, u, dt, tm, tz, ts, tstz, iv, a, aa, ra, m, p, s, ip, mac, bt, vb, x,
            tsv, pt, bx, o, l, mo) VALUES (E'it''s "q" \\\\ back\\nline\\ttab :c1 é 🙂 %s', 'ab', -32768,
            12345678901234567890.12345678901234567890, 0.1, 0.1, true, '\\x00ff27', '{"a" : 1, "a":"x\\"y"}', '{"b": [1.50]}',
            '00000000-0000-0000-0000-000000000001', '0044-03-15 BC', '23:59:59.123', '01:02:03+05:30',
            '2026-03-29 02:30:00.123456', '2026-10-25 02:30:00.5+02', '-1 year 2 mons -3 days 04:05:06.789',
            ARRAY['a,b', 'q"q', NULL, ''], '{{1,2},{3,4}}', '[1,5)', 'it''s', ROW(1, 'x,"y'), 1.50, '::1/128',
            '08:00:2b:01:02:03', B'101', B'1', '<a>&amp;</a>', 'fat:1 cat:2', '(1.5,-2)', '(1,1),(0,0)', 4294967295,
            '16/B374D848', 1234.56);
        INSERT INTO every (n, r, d, b, dt, ts, tstz) VALUES ('NaN', 'Infinity', '-Infinity', false, 'infinity', '-infinity',
            'infinity');
        INSERT INTO every (r, d, tstz, t) VALUES (3.4028235e38, 5e-324, '0001-01-01 00:00:00+00 BC', '');""",
        "SELECT every::text FROM every ORDER BY id",
    ),
    "sqlite": (
        """CREATE TABLE every (id INTEGER PRIMARY KEY, t TEXT, i INTEGER, r REAL, b BLOB, n NUMERIC, x,
            up TEXT GENERATED ALWAYS AS (upper(t)));
        INSERT INTO every (t, i, r, b, n, x) VALUES ('it''s "q" \\ é 🙂 :c1 %s' || char(10) || '-- upgrade', -9223372036854775808,
            0.1, X'00FF27', 1.5, 'text');
        INSERT INTO every (t, i, r, b, n, x) VALUES ('a' || char(0) || 'b', 9223372036854775807, 9e999, X'', '12.50', 1e300);
        INSERT INTO every (r, x) VALUES (5e-324, X'01');
        INSERT INTO every (r, x) VALUES (-9e999, 12345678.123456789);""",
        "SELECT id, hex(t), typeof(t), i, typeof(i), quote(r), quote(b), n, typeof(n), quote(x), typeof(x), up FROM every",
    ),
    "mysql": (
        """CREATE TABLE every (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, t TEXT, c CHAR(5), l VARCHAR(20) CHARACTER SET latin1,
            i TINYINT, u BIGINT UNSIGNED, n DECIMAL(30, 10), f FLOAT, d DOUBLE, b BLOB, vb VARBINARY(9), bi BINARY(3),
            bt BIT(9), j JSON, e ENUM('so so', 'it''s'), s SET('a', 'b'), dt DATE, tm TIME(3), ts DATETIME(6),
            tstz TIMESTAMP(6) NULL, y YEAR, g GEOMETRY, up TEXT GENERATED ALWAYS AS (UPPER(t)) STORED);
        SET time_zone = '+02:00';
        SET sql_mode = 'ALLOW_INVALID_DATES';
        INSERT INTO every (t, c, l, i, u, n, f, d, b, vb, bi, bt, j, e, s, dt, tm, ts, tstz, y, g) VALUES
            ('it''s "q" \\\\ back\\nline\\ttab :c1 é 🙂 %s', 'ab', 'é', -128, 18446744073709551615,
            12345678901234567890.1234567890, 0.1, 0.1, X'00FF27', X'00', X'01', b'101000001', '{"a": "x\\\\"y", "b": [1.5]}',
            'it''s', 'a,b', '0000-00-00', '-838:59:59.000', '2026-03-29 02:30:00.123456', '2026-10-25 02:30:00.5', 2026,
            ST_GeomFromText('POINT(1.5 -2)', 4326));
        INSERT INTO every (f, d, dt, t) VALUES (3.402823e38, 5e-324, '2026-00-00', '');""",
        "SELECT id, HEX(t), c, HEX(l), i, u, n, CAST(f AS DOUBLE), d, HEX(b), HEX(vb), HEX(bi), HEX(bt), CAST(j AS CHAR), e, s,"
        " CAST(dt AS CHAR), CAST(tm AS CHAR), CAST(ts AS CHAR), UNIX_TIMESTAMP(tstz), y, HEX(g), up FROM every ORDER BY id",
    ),
    "clickhouse": (
        """CREATE TABLE every (id UInt64, t String, f FixedString(3), i Int8, u UInt256, n Decimal(38, 10), r Float32, d Float64,
            b Bool, uu UUID, dt Date, d32 Date32, ts DateTime('Europe/Vienna'), ts64 DateTime64(6, 'UTC'), e Enum8('so so' = 1),
            a Array(String), m Map(String, UInt8), tu Tuple(Int8, String), lc LowCardinality(String), nu Nullable(String),
            ip IPv4, ip6 IPv6, up String MATERIALIZED upper(t)) ENGINE = MergeTree ORDER BY id;
        INSERT INTO every VALUES (1, 'it\\'s "q" \\\\ back\\nline\\ttab :c1 é 🙂 %s', 'ab', -128,
            115792089237316195423570985008687907853269984665640564039457584007913129639935,
            1234567890123456789012345678.1234567890, 0.1, 0.1, true, '00000000-0000-0000-0000-000000000001', '2026-03-29',
            '1900-01-01', '2026-10-25 02:30:00', '2026-03-29 02:30:00.123456', 'so so', ['a,b', 'q\\'q', ''], map('k\\'', 1),
            (1, 'x\\'y'), 'low', NULL, '127.0.0.1', '::1');
        INSERT INTO every (id, r, d, nu) VALUES (2, inf, nan, 'x');
        INSERT INTO every (id, d) VALUES (3, 5e-324)""",
        "SELECT id, hex(t), hex(f), toString(tuple(i, u, n, r, d, b, uu, dt, d32, toUnixTimestamp(ts), ts64, e, a, m, tu, lc, nu,"
        " ip, ip6)), up FROM every ORDER BY id",
    ),
}
EVERY_TYPE["mariadb"] = (
    EVERY_TYPE["mysql"][0].replace("g GEOMETRY", "g GEOMETRY, uu UUID, ip INET6"),
    EVERY_TYPE["mysql"][1].replace("HEX(g)", "HEX(g), uu, ip"),
)
ALL = pytest.mark.parametrize("database_url", VENDORS, indirect=True)


def engine_of(url: str) -> str:
    return url.partition(":")[0]


def execute(url: str, script: str) -> None:
    with connect(url) as conn:
        for sql in re.split(r";\n", script):
            conn.execute(sql.strip().rstrip(";"))


@pytest.fixture
def project(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_project(tmp_path, database_url)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def small(project: Path, database_url: str) -> Iterator[str]:
    """The URL of a database with a table of three rows."""
    create = "CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(50) NOT NULL)"
    execute(database_url, SMALL.get(engine_of(database_url), create).format("MergeTree"))
    execute(database_url, "INSERT INTO users VALUES (10, 'ten'), (2, 'two'), (1, 'one')")
    yield database_url


@ALL
def test_every_type(project: Path, database_url: str) -> None:
    script, query = EVERY_TYPE[engine_of(database_url)]
    execute(database_url, script)
    before = rows(database_url, query)
    report = dbwarden.seed_export("every")
    assert (report.rows, report.key) == (len(before), ("id",))
    execute(database_url, "DELETE FROM every WHERE id < 999")
    assert rows(database_url, query) == []
    dbwarden.seed_apply()
    assert rows(database_url, query) == before
    text = report.path.read_text() if report.path else ""
    (project / "seeds" / "primary" / "0002_again.sql").write_text(text)
    dbwarden.seed_apply()
    assert rows(database_url, query) == before
    again = dbwarden.seed_export("every", options=SeedExportOptions(write=False))
    assert again.text == text


USERS = "SELECT id, name FROM users ORDER BY id"


@ALL
def test_what_is_there_stays(small: str, project: Path) -> None:
    report = dbwarden.seed_export("users", options=SeedExportOptions(where="id < 10", limit=1, with_rollback=True))
    assert report.path == project / "seeds" / "primary" / "0001_users.sql"
    assert "(1, 'one')" in report.text and "two" not in report.text
    assert "DELETE FROM users WHERE id IN (1)" in report.text
    dbwarden.seed_export("users")
    change = "ALTER TABLE users UPDATE name = 'uno' WHERE id = 1 SETTINGS mutations_sync = 2"
    execute(small, change if "clickhouse" in small else "UPDATE users SET name = 'uno' WHERE id = 1")
    execute(small, "DELETE FROM users WHERE id = 2")
    assert len(dbwarden.seed_apply().seeds) == 2
    assert rows(small, USERS) == [(1, "uno"), (2, "two"), (10, "ten")]
    dbwarden.seed_apply(options=SeedOptions())
    refusal = run(project, "seed", "rollback", code=1)
    assert "rows that were there before cannot be told from those that the seed inserted" in refusal


@ALL
def test_what_is_there_is_updated(small: str, project: Path) -> None:
    options = SeedExportOptions(on_change=True, name="all of them")
    if "clickhouse" in small:
        with pytest.raises(Unsupported, match="its engine is not ReplacingMergeTree"):
            dbwarden.seed_export("users", options=options)
        execute(small, "DROP TABLE users")
        execute(small, SMALL["clickhouse"].format("ReplacingMergeTree"))
        execute(small, "INSERT INTO users VALUES (1, 'one'), (2, 'two'), (10, 'ten')")
    report = dbwarden.seed_export("users", options=options)
    assert report.path is not None and report.path.name == "ROC__all_of_them.sql"
    execute(small, "DELETE FROM users WHERE id = 2")
    if "clickhouse" not in small:
        execute(small, "UPDATE users SET name = 'uno' WHERE id = 1")
    dbwarden.seed_apply()
    merged = f"{USERS.replace('users', 'users FINAL')}" if "clickhouse" in small else USERS
    assert rows(small, merged) == [(1, "one"), (2, "two"), (10, "ten")]
    with pytest.raises(UsageError, match="The seed ROC__all_of_them exists already"):
        dbwarden.seed_export("users", options=options)


@ALL
def test_the_command(small: str, project: Path) -> None:
    printed = run(project, "seed", "export", "users", "--stdout", "--where", "name <> 'two'")
    assert printed.startswith("-- seed\n") and "(1, 'one')" in printed and not (project / "seeds").exists()
    shown = run(project, "seed", "export", "users", "--name", "The users")
    assert shown == "Created seeds/primary/0001_the_users.sql: 3 rows of users\n"
    assert "did you mean 'users'" in run(project, "seed", "export", "user", code=2)
    assert "no row to export under this condition" in run(
        project, "seed", "export", "users", "--where", "id > 99", code=2
    )
    with pytest.raises(UnknownTable):
        dbwarden.seed_export("nowhere")
    create = "CREATE TABLE keyless (n INTEGER)" + (
        " ENGINE = MergeTree ORDER BY n + 1" if "clickhouse" in small else ""
    )
    execute(small, create)
    with pytest.raises(UnkeyedTable, match="The rows of keyless cannot be exported"):
        dbwarden.seed_export("keyless")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_numbers_go_on(project: Path, database_url: str) -> None:
    """After a seed, the next row gets a free number; a counter that is ahead stays there."""
    execute(database_url, "CREATE TABLE items (id serial PRIMARY KEY, code text UNIQUE NOT NULL)")
    execute(database_url, "INSERT INTO items (code) VALUES ('a'), ('b'), ('c')")
    dbwarden.seed_export("items")
    execute(database_url, "TRUNCATE items RESTART IDENTITY")
    dbwarden.seed_apply()
    execute(database_url, "INSERT INTO items (code) VALUES ('d')")
    execute(database_url, "ALTER SEQUENCE items_id_seq RESTART WITH 100")
    execute(database_url, "INSERT INTO items (code) VALUES ('e')")
    execute(database_url, "DELETE FROM items WHERE id = 100")
    (project / "seeds/primary/0002_again.sql").write_text((project / "seeds/primary/0001_items.sql").read_text())
    dbwarden.seed_apply()
    execute(database_url, "INSERT INTO items (code) VALUES ('f')")
    assert [row[0] for row in rows(database_url, "SELECT id FROM items ORDER BY id")] == [1, 2, 3, 4, 101]


@pytest.mark.parametrize("database_url", ["postgresql", "mysql"], indirect=True)
def test_another_schema_and_a_key_of_two_columns(project: Path, database_url: str) -> None:
    """A unique index of NOT NULL columns serves where there is no primary key; names that need quotes have them."""
    quote = '"' if "postgresql" in database_url else "`"
    place = ""
    if "postgresql" in database_url:
        execute(database_url, 'CREATE SCHEMA "my app"')
        place = '"my app".'
    table = f"{place}{quote}or der{quote}"
    execute(
        database_url,
        f"CREATE TABLE {table} (a integer NOT NULL, {quote}b c{quote} varchar(9) NOT NULL, v integer,"
        f" UNIQUE (a, {quote}b c{quote}))",
    )
    execute(database_url, f"INSERT INTO {table} VALUES (2, 'x', 1), (1, 'y', NULL), (1, 'x', 0)")
    options = SeedExportOptions(on_conflict="update", with_rollback=True)
    report = dbwarden.seed_export("my app.or der" if place else "or der", options=options)
    assert report.key == ("a", "b c")
    assert report.text.index("(1, 'x', 0)") < report.text.index("(1, 'y', NULL)") < report.text.index("(2, 'x', 1)")
    query = f"SELECT * FROM {table} ORDER BY 1, 2"
    before = rows(database_url, query)
    execute(database_url, f"UPDATE {table} SET v = 7")
    dbwarden.seed_apply()
    assert rows(database_url, query) == before
    dbwarden.seed_rollback()
    assert rows(database_url, query) == []


@pytest.mark.parametrize("database_url", ["sqlite", "mysql", "mariadb"], indirect=True)
def test_rows_come_after_those_they_refer_to(project: Path, database_url: str) -> None:
    """Where each row is checked when it is inserted."""
    create = "CREATE TABLE tree (id integer PRIMARY KEY, parent integer, FOREIGN KEY (parent) REFERENCES tree (id))"
    execute(database_url, create)
    execute(database_url, "INSERT INTO tree VALUES (3, NULL), (9, 9), (1, 3), (2, 1)")
    text = dbwarden.seed_export("tree", options=SeedExportOptions(with_rollback=True)).text
    listed = [text.index(row) for row in ("(3, NULL)", "(1, 3)", "(2, 1)", "(9, 9)")]
    assert listed == sorted(listed)
    execute(database_url, "UPDATE tree SET parent = NULL;\nDELETE FROM tree")
    dbwarden.seed_apply()
    assert [row[0] for row in rows(database_url, "SELECT id FROM tree ORDER BY id")] == [1, 2, 3, 9]
    execute(database_url, "UPDATE tree SET parent = NULL WHERE id = 9")
    dbwarden.seed_rollback()
    assert rows(database_url, "SELECT id FROM tree") == []


@pytest.mark.parametrize("database_url", ["sqlite", "clickhouse"], indirect=True)
def test_many_rows(small: str, project: Path) -> None:
    """Several statements of a size that is still readable."""
    numbers = "SELECT number + 100, 'x' FROM numbers(450)"
    if "sqlite" in small:
        numbers = "WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 549) SELECT i, 'x' FROM n"
    execute(small, f"INSERT INTO users {numbers}")
    report = dbwarden.seed_export(
        "users", options=SeedExportOptions(where="id >= 100 -- from here on", with_rollback=True)
    )
    assert (report.rows, report.text.count("INSERT INTO users"), report.text.count("DELETE FROM users")) == (450, 3, 3)
    execute(small, "DELETE FROM users WHERE id >= 100")
    dbwarden.seed_apply()
    assert rows(small, "SELECT COUNT(*) FROM users") == [(453,)]
    dbwarden.seed_rollback()
    assert rows(small, "SELECT COUNT(*) FROM users") == [(3,)]
