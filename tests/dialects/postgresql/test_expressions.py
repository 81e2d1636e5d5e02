"""The normaliser against the server: what it calls equal is equal, and what differs stays apart."""

from __future__ import annotations

import pytest

from dbwarden.core.types import DataType, parse_type
from dbwarden.dialects.postgresql import expression, types, words
from dbwarden.runtime.connection import DatabaseConnection

COLUMNS = {
    name: types.canonical(parse_type(text))
    for name, text in {
        "i": "integer", "b": "bigint", "n": "numeric(10,2)", "f": "double precision", "s": "varchar(50)", "t": "text",
        "c": "char(3)", "d": "date", "ts": "timestamp", "tz": "timestamptz", "flag": "boolean", "j": "jsonb",
        "Mixed": "integer", "tags": "text[]",
    }.items()
}  # fmt: skip
CHECKS = """
i > 0
(i > 0)
i>0 AND b<10
i > 0 AND b < 10 OR flag
NOT (i = 3)
not flag
i BETWEEN 1 AND 10
i NOT BETWEEN 1 AND 10
s IN ('a', 'b')
s NOT IN ('a', 'b')
t in ('a','b')
i IN (1, 2, 3)
s = 'x'
s <> 'x' OR s IS NULL
s != 'x'
s LIKE 'a%'
s NOT LIKE 'a%'
t ILIKE '%x%'
s ~ '^[a-z]+$'
n >= 0
n > 0.5
f > 0.5
f >= 0
b > 5
lower(s) = s
lower(t) = 'x'
length(s) > 3
char_length(t) <= 10
coalesce(i, 0) > 0
d > '2020-01-01'
i + b * 2 - 1 > 0
(i + b) * 2 > 0
i % 2 = 0
-i < 0
i > -1
i = -5
"Mixed" > 0
"i" > 0
flag IS TRUE
flag IS NOT FALSE
t IS NOT NULL
t IS DISTINCT FROM 'a'
CAST(i AS text) = '1'
i::text = '1'
(i > 0) = flag
array_length(tags, 1) < 5
tags[1] = 'a'
CASE WHEN i > 0 THEN n > 0 ELSE true END
s || 'x' = 'ax'
abs(i) <= 10
NOT (i > 0 AND b > 0)
i = ANY (ARRAY[1, 2])
n IN (1, 2, 3)
n = ANY ((ARRAY[1, 2, 3])::numeric[])
""".strip().splitlines()


@pytest.mark.parametrize("text", CHECKS)
def test_check_as_the_server_prints_it(text: str, shared: DatabaseConnection) -> None:
    columns = ", ".join(f'"{name}" {types.sql(kind)}' for name, kind in COLUMNS.items())
    shared.execute("DROP TABLE IF EXISTS probe")
    shared.execute(f"CREATE TABLE probe ({columns}, CONSTRAINT k CHECK ({text}))")
    printed = shared.query("SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint WHERE conname = 'k'")[0][0]
    assert expression.key(text, COLUMNS) == expression.key(printed, COLUMNS), printed
    again = words.readable(printed)
    shared.execute(f"ALTER TABLE probe DROP CONSTRAINT k; ALTER TABLE probe ADD CONSTRAINT k CHECK ({again})")
    assert shared.query("SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint WHERE conname = 'k'")[0][0] == printed


DEFAULTS = [
    ("integer", "0"), ("integer", "'0'"), ("integer", "-1"), ("bigint", "0"), ("smallint", "'7'"),
    ("numeric(10,2)", "0"), ("numeric(10,2)", "'0.50'"), ("numeric", "1.5"), ("double precision", "1.5"),
    ("double precision", "'1.5'"), ("varchar(50)", "'x'"), ("text", "''"), ("char(3)", "'abc'"), ("boolean", "true"),
    ("boolean", "'t'"), ("boolean", "'false'"), ("boolean", "FALSE"), ("timestamp", "now()"), ("timestamptz", "CURRENT_TIMESTAMP"),
    ("timestamp", "(now() at time zone 'utc')"), ("date", "CURRENT_DATE"), ("date", "'2020-01-01'"), ("jsonb", "'{}'"),
    ("jsonb", "'{}'::jsonb"), ("json", "'[]'"), ("text[]", "'{}'"), ("text[]", "'{}'::text[]"), ("integer[]", "'{}'"),
    ("uuid", "gen_random_uuid()"), ("varchar(5)", "'a' || 'b'"), ("interval", "'1 day'"), ("text", "'it''s'"),
    ("text", "E'a\\nb'"), ("bit(3)", "B'101'"), ("inet", "'10.0.0.1'"), ("timestamp", "timezone('utc', now())"),
]  # fmt: skip
LEFT_TO_THE_SERVER = {"E'a\\nb'", "'1 day'"}


@pytest.mark.parametrize(("type_", "text"), DEFAULTS)
def test_default_as_the_server_prints_it(type_: str, text: str, shared: DatabaseConnection) -> None:
    shared.execute("DROP TABLE IF EXISTS probe")
    shared.execute(f"CREATE TABLE probe (a {type_} DEFAULT {text})")
    printed = shared.query("SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 'probe'::regclass")[0][0]
    target = types.canonical(parse_type(type_))
    if text not in LEFT_TO_THE_SERVER:
        assert expression.key(text, {}, target) == expression.key(printed, {}, target), printed


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("i > 0", "i >= 0"), ("i > 0", "b > 0"), ("a AND b OR c", "a AND (b OR c)"), ("i - (b - 1) > 0", "i - b - 1 > 0"),
        ("s = 'a'", "s = 'A'"), ('"Mixed" > 0', "mixed > 0"), ("i / 2 > 0", "i / 2.0 > 0"), ("i / 2 > 0", "i / (2)::numeric > 0"),
        ("c::text = 'a'", "c = 'a'"), ("i::text = '1'", "i = '1'"), ("s IN ('a')", "s IN ('b')"), ("t ~~ 'a'", "t ~~* 'a'"),
        ("NOT i = 3 AND flag", "NOT (i = 3 AND flag)"), ("f > 0.1", "f > (0.1)::real"), ("i = ANY (tags)", "i = ALL (tags)"),
        ("s::varchar(3) = 'a'", "s = 'a'"), ("d > '2020-01-01'", "d > '2020-01-01'::timestamp"),
        ("flag IS TRUE", "flag IS NOT TRUE"),
        ("t = 'a  b'", "t = 'a b'"), ("-i ^ 2 > 0", "-(i ^ 2) > 0"),
    ],
)  # fmt: skip
def test_different_meanings_stay_apart(one: str, two: str) -> None:
    assert expression.key(one, COLUMNS) != expression.key(two, COLUMNS)


def test_a_list_that_a_type_change_has_rewritten() -> None:
    assert expression.key("n IN (1, 2)", COLUMNS) == expression.key("n = ANY ((ARRAY[1, 2])::numeric[])", COLUMNS)
    assert expression.key("n IN (1, 2)", COLUMNS) == expression.key(
        "n = ANY (ARRAY[(1)::numeric, (2)::numeric])", COLUMNS
    )


def test_a_default_is_not_equal_to_one_of_another_value() -> None:
    text = DataType("varchar", ("3",))
    assert expression.key("'a'", {}, text) != expression.key("'b'", {}, text)
    assert expression.key("'abcdef'::varchar(3)", {}, DataType("text")) != expression.key(
        "'abcdef'", {}, DataType("text")
    )
    assert expression.key("now()", {}, None) != expression.key("CURRENT_TIMESTAMP", {}, None)
