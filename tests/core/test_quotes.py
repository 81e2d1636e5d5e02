"""Names are quoted as the engine quotes them: in expressions that follow a rename, and where our own tables are named."""

from __future__ import annotations

import pytest

from dbwarden.core.lexical_rules import LexicalRules
from dbwarden.core.own_tables import OwnTables
from dbwarden.core.types import Expression, NameRules


@pytest.mark.parametrize(
    ("quote", "new", "expected"),
    [
        ('"', "Order No", '"Order No" > 0'),
        ("`", "Order No", "`Order No` > 0"),
        ("`", "a`b", "`a``b` > 0"),
        ("`", "plain", "plain > 0"),
        ("`", "order", "`order` > 0"),
    ],
)
def test_a_renamed_column(quote: str, new: str, expected: str) -> None:
    rules = NameRules(LexicalRules(identifier_quotes=(quote,)), reserved=frozenset(("order",)))
    assert Expression("n > 0", "n > 0", rules).renamed("n", new).text == expected


def test_our_own_tables() -> None:
    tables = OwnTables("primary", "order_migrations", "audit", "`")
    assert (tables.history_name, tables.lock) == ("`audit`.`order_migrations`", "`audit`.`order_lock`")
    assert OwnTables(quote="`").lock == "dbwarden_lock"
