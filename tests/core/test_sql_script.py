"""Scripts: the server's client and ``split`` find the same statements in them."""

from __future__ import annotations

import pytest

from dbwarden import dialects
from dbwarden.core.sql_script import script
from dbwarden.core.sqltext import split

BODY = "CREATE PROCEDURE p() BEGIN DELETE FROM a; SELECT '//'; END"
STATEMENTS = ["CREATE TABLE a (b INT)", BODY, "SELECT 1 -- the last; one", "SELECT ';'"]


def test_only_bodies_stand_between_delimiters() -> None:
    rules = dialects.get("mysql").lexical_rules
    text = script([("table a", STATEMENTS[:1]), ("procedure\np", STATEMENTS[1:])], rules)
    assert text == (
        "-- table a\nCREATE TABLE a (b INT);\n\n"
        f"-- procedure p\nDELIMITER $$\n{BODY}\n$$\nDELIMITER ;\nSELECT 1;\nSELECT ';';\n"
    )


@pytest.mark.parametrize("engine", ["mysql", "mariadb", "postgresql", "sqlite", "clickhouse"])
def test_statements_come_back(engine: str) -> None:
    rules = dialects.get(engine).lexical_rules
    statements = STATEMENTS if rules.delimiter_command else ["SELECT 1", "SELECT ';'", "SELECT /* ; */ 2"]
    text = script([("", statements), ("nothing", ())], rules)
    expected = [
        statement.text
        for sql in statements
        for statement in split(f"DELIMITER %%\n{sql}" if sql is BODY else sql, rules)
    ]
    assert [statement.text for statement in split(text, rules)] == expected
    assert text.endswith("-- nothing\n")
