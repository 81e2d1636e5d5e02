"""Comparison keys: equal for a text and for what the server makes of it (``formatQuery``), different for different trees."""

from __future__ import annotations

import pytest

from dbwarden.api.connection import connect
from dbwarden.dialects.clickhouse.expressions import expression_key, key_parts
from dbwarden.dialects.clickhouse.formatting import formatted
from dbwarden.dialects.clickhouse.words import string_literal

EXPRESSIONS = r"""
(now())
cast(b as Int32)
toString(b)||'x'
if(b>1 and b<3 or not b=3, b, 3)
case when b=1 then 2 else 3 end
case b when 1 then 2 else 5 end
[1,2]
(1,2)
b::Int32
b between 1 and 2
b not between 1 and 2
b in (1,2)
b in (1)
b not in (1)
b is null
b is not null
d like '%x'
d not like 'x'
length(k) % 2
a + interval 1 day
a - INTERVAL '5 minute'
date_add(day, 1, a)
extract(year from a)
substring(d from 1 for 2)
arrayMap(x -> x+1, k)
arrayMap((x,y) -> x+y, k, l)
k[1]
l.1
f(a).b
concat(d, 'it''s\n')
1.50
0x10
trim(both ' ' from d)
b <> 1
b == 1
(b+1)*2
b+1*2
b - (1 - 2)
b - 1 - 2
((b))
UPPER(d)
NOT b
not a = 1 and b
b=1 AND (b=2 OR b=3) AND b=4
a or b and c
b ? 1 : 2
DATE '2020-01-01'
-b
- 1 - -2
plus(b,1)
1 + b * 2 % 3
CAST(b AS Nullable(Decimal(10,2)))
b div 2
b mod 2
position('a' in d)
toStartOfInterval(a, interval 5 minute)
map('a',1)
COUNT(*)
quantile(0.5)(x)
count(distinct a)
a is not distinct from b
a REGEXP 'x'
- a * b
a[1][2]
`Some Name` + CamelCase
TRUE
null
""".strip().split("\n")


def test_keys_are_those_of_the_servers_own_text(clickhouse_url: str) -> None:
    listed = ", ".join(string_literal(f"SELECT {text}") for text in EXPRESSIONS)
    with connect(clickhouse_url) as conn:
        rows = conn.query(f"SELECT formatQuerySingleLine(arrayJoin([{listed}]))")
    printed = [str(row[0]).removeprefix("SELECT ") for row in rows]
    wrong = [pair for pair in zip(EXPRESSIONS, printed, strict=True) if len(set(map(expression_key, pair))) > 1]
    assert not wrong
    assert [formatted(text) for text in EXPRESSIONS] == [formatted(text) for text in printed]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a - (b - c)", "a - b - c"),
        ("a or b and c", "(a or b) and c"),
        ("'a'", "a"),
        ("f(a, b)", "f((a, b))"),
        ("-1", "- a"),
    ],
)
def test_different_trees_have_different_keys(one: str, other: str) -> None:
    assert expression_key(one) != expression_key(other)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("id", ("id",)),
        ("(id)", ("id",)),
        ("(a, toDate(b, 'UTC'))", ("a", "toDate(b, 'UTC')")),
        ("tuple()", ()),
        ("tuple(a DESC, b)", ("a DESC", "b")),
        ("(a + 1) * (b)", ("(a + 1) * (b)",)),
    ],
)
def test_parts_of_a_key(text: str, parts: tuple[str, ...]) -> None:
    assert key_parts(text) == parts
