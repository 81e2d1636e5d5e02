"""Types, and expressions that follow a rename, are read by the tokens of the dialect that they are written in."""

from __future__ import annotations

import pytest

from dbwarden.core.lexical_rules import LexicalRules
from dbwarden.core.tokens import mentioned_columns, trailing_collation, type_name
from dbwarden.core.types import DataType, Expression, NameRules, Ref, parse_type

POSTGRESQL = LexicalRules(escape_strings=True, dollar_quotes=True, nested_block_comments=True, folds_names=True)
MYSQL = LexicalRules(identifier_quotes=("`",), string_quotes=("'", '"'), backslash_escapes=True)
CLICKHOUSE = LexicalRules(identifier_quotes=("`", '"'), backslash_escapes=True, folds_types=False)


@pytest.mark.parametrize(
    ("text", "lexical_rules", "expected"),
    [
        ("TIMESTAMP (3)  WITH TIME /* x */ ZONE", POSTGRESQL, DataType("timestamp", ("3",), 0, "with time zone")),
        ("double  PRECISION[3] []", POSTGRESQL, DataType("double precision", array=2)),
        ('public."Mood"[]', POSTGRESQL, DataType('public."Mood"', array=1)),
        ("ENUM('A', 'b,c)', 'it\\'s')", MYSQL, DataType("enum", ("'A'", "'b,c)'", "'it\\'s'"))),
        ("BIGINT(20) UNSIGNED", MYSQL, DataType("bigint", ("20",), 0, "unsigned")),
        (
            "Nullable(DateTime64(3, 'Europe/Berlin'))",
            CLICKHOUSE,
            DataType("Nullable", ("DateTime64(3, 'Europe/Berlin')",)),
        ),
        ("LowCardinality(String)", CLICKHOUSE, DataType("LowCardinality", ("String",))),
    ],
)
def test_a_type(text: str, lexical_rules: LexicalRules, expected: DataType) -> None:
    assert parse_type(text, lexical_rules) == expected


def test_a_text_that_is_never_closed_stays_as_it_is() -> None:
    assert parse_type("enum('a") == DataType("enum('a")
    assert Expression("a > 'x").renamed("a", "b").text == "a > 'x"


@pytest.mark.parametrize(
    ("text", "lexical_rules", "expected"),
    [
        (r"n = E'it\'s n' OR n IS NULL", POSTGRESQL, r"m = E'it\'s n' OR m IS NULL"),
        ("n = $x$ n $x$ -- n", POSTGRESQL, "m = $x$ n $x$ -- n"),
        ("N > 0 /* n */", POSTGRESQL, "m > 0 /* n */"),
        (r"n = 'it\'s n' AND `n` = \"n\"".replace(r"\"", '"'), MYSQL, r"m = 'it\'s n' AND `m` = " + '"n"'),
    ],
)
def test_a_renamed_column(text: str, lexical_rules: LexicalRules, expected: str) -> None:
    assert Expression(text, "", NameRules(lexical_rules)).renamed("n", "m").text == expected


def test_a_cast_to_a_renamed_type() -> None:
    old, new = Ref("enum", "mood"), Ref("enum", "Mood", "app")
    text = "'mood'::mood <> x:: mood AND y::mood.a AND z::moods"
    renamed = Expression(text, "", NameRules(POSTGRESQL)).with_type_renamed(old, new).text
    assert renamed == '\'mood\'::app."Mood" <> x::app."Mood" AND y::mood.a AND z::moods'


def test_mentioned_columns() -> None:
    text = "LOWER(A) <> 'b' AND \"C\" > 0"
    assert mentioned_columns(text, ("a", "b", "c", "C"), POSTGRESQL) == ("a", "C")
    assert mentioned_columns(text, ("a", "b", "c"), LexicalRules(), caseless=True) == ("a", "c")


def test_the_name_of_a_type() -> None:
    assert type_name('app."Mood"[]', POSTGRESQL) == "mood"
    assert type_name("varchar(3)", POSTGRESQL) == "varchar"


def test_a_collation_behind_a_text() -> None:
    assert trailing_collation("'COLLATE x' COLLATE pg_catalog.\"C\"", POSTGRESQL) == ("'COLLATE x'", "pg_catalog.C")
    assert trailing_collation("lower(a COLLATE x)", POSTGRESQL) is None
