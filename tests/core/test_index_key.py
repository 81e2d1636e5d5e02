"""One key of an index as it is written: column or expression, collation, operator class, order."""

from __future__ import annotations

import pytest

from dbwarden.core.ddl.cursor import cursor
from dbwarden.core.ddl.index_keys import IndexKey, index_key
from dbwarden.core.lexical_rules import ANSI


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", IndexKey("a", None, None, False, None)),
        ("a DESC NULLS LAST", IndexKey("a", None, None, True, "last")),
        ("a /* ASC */ asc", IndexKey("a", None, None, False, None)),
        ("a text_ops", IndexKey("a", None, "text_ops", False, None)),
        ('a COLLATE "C" ops.text_ops DESC', IndexKey("a", '"C"', "ops.text_ops", True, None)),
        ("lower(a) COLLATE x", IndexKey("lower(a)", "x", None, False, None)),
        ("lower(a) x NULLS FIRST", IndexKey("lower(a)", None, "x", False, "first")),
        ("NOT a", IndexKey("NOT a", None, None, False, None)),
        ("a || b DESC", IndexKey("a || b", None, None, True, None)),
        ("f('a DESC')", IndexKey("f('a DESC')", None, None, False, None)),
    ],
)
def test_parts(text: str, expected: IndexKey) -> None:
    assert index_key(cursor(text, ANSI), ("a", "b")) == expected


def test_an_engine_without_operator_classes() -> None:
    assert index_key(cursor("a b", ANSI)).indexed == "a b"
