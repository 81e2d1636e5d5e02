"""The printers that dialects share, as one that overrides nothing but its quotes prints them."""

from __future__ import annotations

import re

import pytest

from dbwarden.core.change import Add, Alter, Drop, Rename
from dbwarden.core.model import (
    Check,
    Column,
    Computed,
    Definition,
    ForeignKey,
    Index,
    IndexElement,
    Member,
    PrimaryKey,
    Schema,
    Table,
    Unique,
)
from dbwarden.core.types import DataType, Expression, Ref
from dbwarden.dialects.base.names import Quoting, literal
from dbwarden.dialects.base.renderer import Renderer, block
from dbwarden.errors import Unsupported

T = Ref("table", "order", "s")
TYPE = DataType("numeric", ("10", "2"))


class Backticks(Renderer):
    product = "Toy"
    quoting = Quoting(re.compile("[a-z]+"), frozenset({"order"}), "`")


render = Backticks()


def test_names_are_quoted_where_they_have_to_be() -> None:
    assert [render.quote(name) for name in ("a", "order", "a b", "a`b")] == ["a", "`order`", "`a b`", "`a``b`"]
    assert render.of(T) == "s.`order`"
    assert literal("it's") == "'it''s'"


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (Column("a", TYPE), "a NUMERIC(10, 2)"),
        (Column("a", DataType("text"), False, Expression("'x'"), collation="C"), "a TEXT COLLATE `C` DEFAULT 'x' NOT NULL"),
        (Column("a", TYPE, computed=Computed(Expression("b + 1"), False)), "a NUMERIC(10, 2) GENERATED ALWAYS AS (b + 1) VIRTUAL"),
        (Column("a", TYPE, computed=Computed(Expression("b"), True)), "a NUMERIC(10, 2) GENERATED ALWAYS AS (b) STORED"),
    ],
)  # fmt: skip
def test_columns(column: Column, text: str) -> None:
    assert render.column(column) == text


@pytest.mark.parametrize(
    ("member", "text"),
    [
        (PrimaryKey(T, None, ("a", "b")), "PRIMARY KEY (a, b)"),
        (Unique(T, "u", ("a",), nulls_not_distinct=True), "CONSTRAINT u UNIQUE NULLS NOT DISTINCT (a)"),
        (Unique(T, "u", ("a",), deferrable=True), "CONSTRAINT u UNIQUE (a) DEFERRABLE"),
        (Check(T, "c", Expression("a > 0")), "CONSTRAINT c CHECK (a > 0)"),
        (
            ForeignKey(T, None, ("a",), Ref("table", "u"), ("b",), "cascade", "set null (a)", "full", True, "deferred"),
            "FOREIGN KEY (a) REFERENCES u (b) MATCH FULL ON DELETE SET NULL (a) ON UPDATE CASCADE"
            " DEFERRABLE INITIALLY DEFERRED",
        ),
    ],
)
def test_constraints(member: Member, text: str) -> None:
    assert render.constraint(member) == text
    (added,) = render.add_member(member)
    assert added == f"ALTER TABLE s.`order` ADD {text}"


def test_indexes() -> None:
    keys = (IndexElement("a", descending=True, nulls="last"), IndexElement(None, Expression("lower(b)"), collation="C"))
    index = Index(T, "i", keys, unique=True, method="hash", where=Expression("a > 0"))
    text = "CREATE UNIQUE INDEX i ON s.`order` USING hash (a DESC NULLS LAST, (lower(b)) COLLATE `C`) WHERE a > 0"
    assert render.index(index) == text
    assert render.index(index, "ONLINE") == text.replace("INDEX", "INDEX ONLINE")


def test_a_table_comes_with_its_members_in_the_order_of_the_trade() -> None:
    table = Table.of("order", [Column("a", TYPE, comment="of 'it'")], schema="s", comment="all")
    parts = (
        Index(T, "i", (IndexElement("a"),), comment="fast"),
        Check(T, "c", Expression("a > 0")),
        PrimaryKey(T, "p", ("a",)),
    )
    assert render.statements(Add(table, parts=parts), Schema(), Schema()) == (
        "CREATE TABLE s.`order` (\n    a NUMERIC(10, 2),\n    CONSTRAINT p PRIMARY KEY (a),\n    CONSTRAINT c CHECK (a > 0)\n)",
        "CREATE INDEX i ON s.`order` (a)",
        "COMMENT ON TABLE s.`order` IS 'all'",
        "COMMENT ON COLUMN s.`order`.a IS 'of ''it'''",
        "COMMENT ON INDEX s.i IS 'fast'",
    )
    assert block("CREATE TABLE t (", []) == "CREATE TABLE t ()"


def test_changes_of_a_table() -> None:
    column, view = Column("a", TYPE), Definition("view", "v", Expression(" CREATE VIEW v AS SELECT 1;\n"))
    index, check = Index(T, "i", (IndexElement("a"),)), Check(T, "c", Expression("a > 0"))
    nothing = Schema()
    for change, text in (
        (Add(column, on=T), "ALTER TABLE s.`order` ADD COLUMN a NUMERIC(10, 2)"),
        (Drop(column, on=T), "ALTER TABLE s.`order` DROP COLUMN a"),
        (Drop(index), "DROP INDEX s.i"),
        (Drop(check), "ALTER TABLE s.`order` DROP CONSTRAINT c"),
        (Drop(Table("order", {}, "s")), "DROP TABLE s.`order`"),
        (Rename(T, T._replace(name="x y")), "ALTER TABLE s.`order` RENAME TO `x y`"),
        (
            Rename(Ref("column", "a", "s", "order"), Ref("column", "b", "s", "order")),
            "ALTER TABLE s.`order` RENAME COLUMN a TO b",
        ),
        (Add(view), "CREATE VIEW v AS SELECT 1"),
        (Drop(view), "DROP VIEW v"),
    ):
        assert render.statements(change, nothing, nothing) == (text,)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (Alter(Column("a", TYPE), Column("a", DataType("text")), on=T), "no statement of Toy does this"),
        (Rename(Ref("index", "i"), Ref("index", "j")), "it keeps the name"),
        (Add(Definition("policy", "p", Expression("CREATE POLICY p"))), "it has no policy"),
    ],
)
def test_what_no_clause_does_is_refused_with_a_reason(change: Alter | Rename | Add, reason: str) -> None:
    with pytest.raises(Unsupported, match=f"is not supported by Toy: {reason}"):
        render.statements(change, Schema(), Schema())
