"""The translator alone: what types, expressions and statements become, and what is said about it."""

from __future__ import annotations

import sqlite3

import pytest

from dbwarden import dialects
from dbwarden.core.types import parse_type
from dbwarden.dialects.sqlite import expressions
from dbwarden.dialects.sqlite.translate import statement
from dbwarden.dialects.sqlite.type_translation import map_type
from dbwarden.dialects.sqlite.types import declared


@pytest.mark.parametrize(
    ("source", "becomes", "lossy"),
    [
        ("uuid", "TEXT", False),
        ("jsonb", "TEXT", False),
        ("json", "TEXT", False),
        ("character varying(20)", "VARCHAR(20)", False),
        ("int8", "BIGINT", False),
        ("numeric(15,2)", "NUMERIC(15, 2)", False),
        ("numeric(16,2)", "NUMERIC(16, 2)", True),
        ("numeric", "NUMERIC", True),
        ("timestamp(3)", "DATETIME", False),
        ("timestamp(3) with time zone", "DATETIME", True),
        ("timestamp without time zone", "DATETIME", False),
        ("timestamptz", "DATETIME", True),
        ("interval day to second(2)", "DATETIME", True),
        ("integer[]", "TEXT", True),
        ("int4range", "TEXT", True),
        ("whatever", "TEXT", True),
        ("citext", "TEXT", False),
    ],
)
def test_types(source: str, becomes: str, lossy: bool) -> None:
    mapping = map_type(parse_type(source))
    assert (declared(mapping.type), mapping.loss is not None) == (becomes, lossy)


@pytest.mark.parametrize(
    ("source", "becomes"),
    [
        ("now()", "CURRENT_TIMESTAMP"),
        ("CURRENT_TIMESTAMP", "CURRENT_TIMESTAMP"),
        ("timezone('utc'::text, now())", "CURRENT_TIMESTAMP"),
        ("(now() AT TIME ZONE 'utc')", "(CURRENT_TIMESTAMP)"),
        ("(now() + '1 day'::interval)", "(DATETIME('now', '+1 day'))"),
        ("now() - interval '2 hours'", "DATETIME('now', '-2 hour')"),
        ("now() + interval '3 weeks'", "DATETIME('now', '+21 day')"),
        ("'{}'::jsonb", "'{}'"),
        ("'2020-01-01'::date", "'2020-01-01'"),
        ("'true'::boolean", "TRUE"),
        ("'abc'::character varying", "'abc'"),
        ("'it''s'", "'it''s'"),
        ("'{1,2}'::integer[]", "'[1, 2]'"),
        ("'{a,\"b c\",NULL}'::text[]", '\'["a", "b c", null]\''),
        ("(status)::text = ANY ((ARRAY['a'::character varying, 'b'])::text[])", "CAST((status) AS TEXT) IN ('a', 'b')"),
        ("char_length(name) > 3", "LENGTH(name) > 3"),
        ("(price)::integer > 1", "CAST((price) AS INTEGER) > 1"),
        ("gen_random_uuid()", expressions.RANDOM_UUID),
        ("uuid_generate_v4()", expressions.RANDOM_UUID),
    ],
)
def test_expressions(source: str, becomes: str) -> None:
    assert expressions.translated(source, "postgresql") == becomes


@pytest.mark.parametrize(
    "source", ["date_trunc('day', now())", "now() - created", "to_tsvector('english', a)", "a @> b"]
)
def test_what_sqlite_cannot_say(source: str) -> None:
    text = expressions.translated(source, "postgresql")
    assert text is None or not expressions.is_check(text, ["a", "b"])


def test_a_moved_moment_and_a_uuid_are_values() -> None:
    conn = sqlite3.connect(":memory:")
    shifted, uuids = (
        conn.execute(f"SELECT {text}").fetchone()[0]
        for text in (expressions.translated("now() + interval '1 month'", "postgresql"), expressions.RANDOM_UUID)
    )
    assert len(shifted) == 19
    assert len(uuids) == 32 and uuids[12] == "4" and uuids[16] in "89ab"
    conn.close()


@pytest.mark.parametrize(
    ("source", "becomes"),
    [
        ("DROP TABLE IF EXISTS a, audit.b CASCADE", ("DROP TABLE IF EXISTS a", "DROP TABLE IF EXISTS audit__b")),
        ('DROP TABLE "Odd, name", public."B"', ('DROP TABLE "Odd, name"', "DROP TABLE B")),
        ("DROP INDEX CONCURRENTLY i", ("DROP INDEX i",)),
        ("TRUNCATE a, b RESTART IDENTITY", ("DELETE FROM a", "DELETE FROM b")),
        ("ALTER TABLE a RENAME COLUMN b TO c", ("ALTER TABLE a RENAME COLUMN b TO c",)),
        ("ALTER TABLE a RENAME TO b", ("ALTER TABLE a RENAME TO b",)),
        ("ALTER TABLE a DROP COLUMN IF EXISTS b CASCADE", ("ALTER TABLE a DROP COLUMN b",)),
        ("ALTER TABLE a ADD COLUMN IF NOT EXISTS b uuid", ("ALTER TABLE a ADD COLUMN b TEXT",)),
        (
            "DELETE FROM a USING b WHERE a.id = b.id",
            ("DELETE FROM a WHERE EXISTS(SELECT 1 FROM b WHERE a.id = b.id)",),
        ),
        ("UPDATE public.a SET b = now()", ("UPDATE a SET b = CURRENT_TIMESTAMP",)),
        ("INSERT INTO a (u) VALUES ('1'::uuid) RETURNING id", ("INSERT INTO a (u) VALUES ('1') RETURNING id",)),
        ("CREATE MATERIALIZED VIEW v AS SELECT 1 AS a", ("CREATE VIEW v AS SELECT 1 AS a",)),
        (
            "CREATE TABLE c (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY)",
            ("CREATE TABLE c (id INTEGER PRIMARY KEY)",),
        ),
        ("ANALYZE a", ("ANALYZE a",)),
    ],
)
def test_statements(source: str, becomes: tuple[str, ...]) -> None:
    translated = statement(source, dialects.get("postgresql"))
    assert (translated.statements, translated.losses) == (becomes, ())


@pytest.mark.parametrize(
    "source",
    [
        "DO $$ BEGIN PERFORM 1; END $$",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$",
        "CREATE OR REPLACE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
        "ALTER TABLE a ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE a OWNER TO b",
        "CREATE TABLE a PARTITION OF b FOR VALUES IN (1)",
        "SELECT setval('s', 3)",
        "SELECT pg_catalog.set_config('search_path', '', false)",
        "ALTER TYPE mood ADD VALUE 'x'",
        "CREATE POLICY p ON a",
        "this is no statement at all",
        "",
    ],
)
def test_statements_that_are_left_out_are_told(source: str) -> None:
    translated = statement(source, dialects.get("postgresql"))
    assert translated.statements == () and (translated.losses or not source)
