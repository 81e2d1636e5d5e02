"""Renames applied together are the renames applied one by one to every object."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from dbwarden.core import kinds
from dbwarden.core.change import Rename, after_renames
from dbwarden.core.model import Column, Definition, Enum, ForeignKey, Member, Schema, Table
from dbwarden.core.model import Sequence as Numbers
from dbwarden.core.types import DataType, Expression, Ref
from tests.support.schemas import schemas


def one_by_one(schema: Schema, renames: Sequence[Rename]) -> Schema:
    """What every object says of itself, and the expressions that the engine writes anew."""
    for rename in renames:
        old, new = rename.old, rename.new
        columns = {
            Ref("column", column.name, table.schema, table.name)
            for table in schema.tables()
            for column in table.columns.values()
            if column.type.ref == (old.owner if old.kind == "enum_value" else old)
        }
        moved = [item.renamed(old, new) for item in schema.objects()]
        if old.kind == "enum_value" or old.kind in kinds.TYPES:
            moved = [
                item.with_expressions(
                    lambda one, old=old, new=new: (
                        one.relabelled(old.name, new.name)  # type: ignore[misc]
                        if old.kind == "enum_value"
                        else one.with_type_renamed(old, new)
                    )
                )
                if isinstance(item, Member) and not columns.isdisjoint(item.uses())
                else item
                for item in moved
            ]
        schema = Schema(moved)
    return schema


def names(schema: Schema) -> list[Ref]:
    return [
        ref
        for item in schema.objects()
        for ref in (item.ref, *item.parts(), *_values(item))
        if kinds.of(ref.kind).renamable
    ]


def _values(item: object) -> list[Ref]:
    if not isinstance(item, Enum):
        return []
    return [Ref("enum_value", value, item.schema, item.name) for value in item.values]


@given(schemas(), st.data())
def test_together_is_one_by_one(schema: Schema, data: st.DataObject) -> None:
    renames: list[Rename] = []
    current = schema
    for number in range(data.draw(st.integers(0, 4))):
        known = names(current)
        if not known:
            break
        old = data.draw(st.sampled_from(known))
        renames.append(Rename(old, old._replace(name=f"new_{number}")))
        current = one_by_one(current, renames[-1:])
    together = after_renames(schema, renames)
    assert together == current
    assert [repr(item) for item in together.objects()] == [repr(item) for item in current.objects()]


def test_what_mentions_a_table_from_elsewhere_follows_it() -> None:
    a, b = Ref("table", "a"), Ref("table", "b")
    column = Column("id", DataType("integer"))
    schema = Schema(
        [
            Table.of("a", [column]),
            Table.of("b", [column]),
            ForeignKey(b, "fk", ("id",), a, ("id",)),
            Numbers("s", owned_by=Ref("column", "id", None, "a")),
            Definition(
                "view", "v", Expression("SELECT id FROM a"), needs=frozenset((a, Ref("column", "id", None, "a")))
            ),
            Definition("trigger", "t", Expression("..."), on=a),
        ]
    )
    renames = [Rename(a, Ref("table", "c")), Rename(Ref("column", "id", None, "c"), Ref("column", "key", None, "c"))]
    renames.append(Rename(b, a))
    assert after_renames(schema, renames) == one_by_one(schema, renames)
    (sequence,) = (item for item in after_renames(schema, renames).objects() if isinstance(item, Numbers))
    assert sequence.owned_by == Ref("column", "key", None, "c")
