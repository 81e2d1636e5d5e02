"""Names and expressions, held against the engine."""

from __future__ import annotations

import sqlite3

import pytest

from dbwarden.dialects.sqlite.words import RESERVED, bare, expression_key, is_plain, mentioned_words, quote, unquote

# https://www.sqlite.org/lang_keywords.html
KEYWORDS = """
    abort action add after all alter always analyze and as asc attach autoincrement before begin between by cascade case
    cast check collate column commit conflict constraint create cross current current_date current_time
    current_timestamp database default deferrable deferred delete desc detach distinct do drop each else end escape
    except exclude exclusive exists explain fail filter first following for foreign from full generated glob group
    groups having if ignore immediate in index indexed initially inner insert instead intersect into is isnull join key
    last left like limit match materialized natural no not nothing notnull null nulls of offset on or order others outer
    over partition plan pragma preceding primary query raise range recursive references regexp reindex release rename
    replace restrict returning right rollback row rows savepoint select set table temp temporary then ties to transaction
    trigger unbounded union unique update using vacuum values view virtual when where window with without true false
"""

EVERYWHERE = (
    "CREATE TABLE {0} ({0} INTEGER DEFAULT 1 NOT NULL CONSTRAINT {0} CHECK ({0} > 0), b INT,"
    " CONSTRAINT {0} UNIQUE ({0}, b), FOREIGN KEY ({0}) REFERENCES {0} ({0}))",
    "CREATE INDEX b1 ON {0} ({0} DESC, b)",
    "CREATE INDEX b2 ON {0} (b) WHERE {0} > 1",
    "INSERT INTO {0} ({0}, b) VALUES (1, 2)",
    "INSERT INTO {0} ({0}, b) SELECT {0} + 1, coalesce({0}, 1) FROM {0} LIMIT 0",
    "ALTER TABLE {0} ADD COLUMN x INT",
    "ALTER TABLE {0} RENAME COLUMN {0} TO y",
    "ALTER TABLE {0} RENAME COLUMN y TO {0}",
    "ALTER TABLE {0} RENAME TO z",
    "ALTER TABLE z RENAME TO {0}",
    "DROP TABLE {0}",
)


@pytest.mark.parametrize(
    "word", [*KEYWORDS.split(), "plain", "Mixed", "two words", 'with"quote', "1st", "naïve", "a$b"]
)
def test_quoted_names_are_taken_everywhere(word: str) -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for statement in EVERYWHERE:
        connection.execute(statement.format(quote(word)))
    connection.close()


def test_only_what_needs_quotes_gets_them() -> None:
    assert [quote(name) for name in ("users", "Users", "key", "order", "a b", "")] == [
        "users", "Users", "key", '"order"', '"a b"', '""',
    ]  # fmt: skip
    assert set(KEYWORDS.split()) >= RESERVED
    assert not is_plain("naïve")


def test_names_come_out_of_all_four_quotes() -> None:
    assert [unquote(token) for token in ('"a""b"', "[a b]", "`a``b`", "'a''b'", "a")] == [
        'a"b',
        "a b",
        "a`b",
        "a'b",
        "a",
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a > 0", "A>0"),
        ("((a > 0))", "a > 0"),
        ('"a" <> 1', "[a] != 1"),
        ("a IN ('x', 'y')", "a in('x','y')"),
        ("a -- why\n> 0", "a /* because */ > 0"),
        ("lower(a) || 'B'", "LOWER( a )||'B'"),
        ("a == 1", "a = 1"),
    ],
)
def test_spellings_of_one_expression_have_one_key(one: str, other: str) -> None:
    assert expression_key(one) == expression_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a = 'x'", "a = 'X'"),
        ("a > 0", "a >= 0"),
        ("(a) + (b)", "a) + (b"),
        ('"order" > 0', '"border" > 0'),
        ("1.0", "1"),
    ],
)
def test_different_expressions_have_different_keys(one: str, other: str) -> None:
    assert expression_key(one) != expression_key(other)


def test_a_double_quoted_default_is_a_string() -> None:
    assert expression_key('"Abc"', names_too=False) != expression_key('"abc"', names_too=False)


def test_outer_parentheses_go_only_where_they_hold_all() -> None:
    assert bare(" ((a + b)) ") == "a + b"
    assert bare("(a) + (b)") == "(a) + (b)"
    assert bare("('(')") == "'('"


def test_words_in_literals_are_no_names() -> None:
    assert mentioned_words("""a || 'b' || "C" || [d e] || x'00'""") == {"a", "c", "d e"}
