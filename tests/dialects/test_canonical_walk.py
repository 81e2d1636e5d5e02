"""The walk that dialects share: what is canonical stays the same object, defaults that are written out go."""

from __future__ import annotations

import pytest

from dbwarden.core.model import (
    Check,
    Column,
    Enum,
    ForeignKey,
    Index,
    IndexElement,
    Member,
    Object,
    PrimaryKey,
    Schema,
    Table,
    Unique,
)
from dbwarden.core.schema_relocation import relocate
from dbwarden.core.types import DataType, Expression, Ref
from dbwarden.dialects.base.canonical import Canonical, Columns, replace_if_changed, reuse_if_same

T = Ref("table", "t")


class Lowered(Canonical):
    """A server that has no enums and prints everything in small letters."""

    def other(self, item: Object) -> Object | None:
        return None if isinstance(item, Enum) else item

    def expression(self, expression: Expression, columns: Columns) -> Expression:
        text = expression.text.lower()
        return expression if text == expression.text else Expression(text)

    def default(self, default: Expression, type_: DataType) -> Expression | None:
        return None if default.text == "NULL" else self.expression(default, {})


def schema(*members: Member, column: Column | None = None) -> Schema:
    return Schema([Table.of("t", [column or Column("a", DataType("text"))]), *members])


def test_a_canonical_schema_is_the_very_schema() -> None:
    written = schema(
        PrimaryKey(T, "p", ("a",)),
        Unique(T, "u", ("a",)),
        Check(T, "c", Expression("a > 0")),
        ForeignKey(T, "f", ("a",), T, ("a",), "cascade"),
        Index(T, "i", (IndexElement("a"), IndexElement(None, Expression("lower(a)"))), where=Expression("a > 0")),
    )
    assert Lowered(written).schema() is written


def test_what_the_engine_does_not_have_goes_and_the_rest_stays_itself() -> None:
    written = Schema([Enum("mood", ("ok",)), *schema().objects()])
    done = Lowered(written).schema()
    assert list(done) == [T]
    assert done.table(T) is written.table(T)


def test_texts_change_also_where_the_keys_are_equal() -> None:
    class Respelled(Lowered):
        def expression(self, expression: Expression, columns: Columns) -> Expression:
            return Expression(expression.text.strip(), expression.key)

    written = schema(Check(T, "c", Expression(" a > 0 ", "a > 0")))
    (check,) = Respelled(written).schema().members(T)
    assert isinstance(check, Check)
    assert check.expression.text == "a > 0"


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        (
            ForeignKey(T, "f", ("a",), T, ("a",), "NO  ACTION", "Set Null", "SIMPLE", False, "DEFERRED"),
            ForeignKey(T, "f", ("a",), T, ("a",), None, "set null", None, True, "deferred"),
        ),
        (Unique(T, "u", ("a",), deferrable=True, initially="immediate"), Unique(T, "u", ("a",), deferrable=True)),
    ],
)
def test_defaults_that_are_written_out_go(written: Member, wanted: Member) -> None:
    assert Lowered(schema(written)).schema().members(T) == (wanted,)


def test_columns() -> None:
    column = (
        Lowered(schema(column=Column("a", DataType("text"), default=Expression("NULL")))).schema().table(T).columns["a"]
    )
    assert column == Column("a", DataType("text"))


def test_one_schema_may_be_another_ones_default() -> None:
    there = Ref("table", "t", "main")
    written = Schema(
        [Table("t", {}, "main"), PrimaryKey(there, "p", ("a",)), ForeignKey(there, "f", ("a",), there, ("a",))]
    )
    assert set(relocate(written, "main", None)) == {
        T,
        Ref("primary_key", "p", None, "t"),
        Ref("foreign_key", "f", None, "t"),
    }


def test_changed_and_same_keep_what_needs_no_change() -> None:
    key, elements = PrimaryKey(T, "p", ("a",)), (IndexElement("a"),)
    assert replace_if_changed(key, columns=("a",), comment=None) is key
    assert replace_if_changed(key, comment="x") == PrimaryKey(T, "p", ("a",), comment="x")
    assert reuse_if_same(elements, tuple(elements)) is elements
    other = (IndexElement("a"),)
    assert reuse_if_same(elements, other) is other
