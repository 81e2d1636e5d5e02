"""Whether an expression is one constant."""

from __future__ import annotations

import pytest

from dbwarden.core.ddl.constant import Constant, constant


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("'a'", Constant("'a'", "a")),
        ("('it''s')", Constant("'it''s'", "it's")),
        ("'a'::character varying(3)", Constant("'a'", "a", "character varying(3)")),
        ("'{}'/* none */ :: \"My type\"[]", Constant("'{}'", "{}", '"My type" []')),
        ("timestamp with time zone '2020-01-01'", Constant("'2020-01-01'", "2020-01-01", "timestamp with time zone")),
        ("-1.5", Constant("-1.5")),
        ("+ 2 -- two", Constant("+2")),
        ("((0))", Constant("0")),
        ("0::numeric(10, 2)", Constant("0", None, "numeric(10, 2)")),
        ("TRUE", Constant("TRUE")),
        ("", None),
        ("now()", None),
        ("'a' || 'b'", None),
        ("1 + 1", None),
        ("current_date", None),
        ("x'00'", None),
        ("'a'::text || b", None),
        ("at AT TIME ZONE 'UTC'", None),
        ("'never", None),
        ("NULL", None),
    ],
)  # fmt: skip
def test_constants(sql: str, expected: Constant | None) -> None:
    assert constant(sql) == expected
