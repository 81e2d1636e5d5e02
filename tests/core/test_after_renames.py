"""Renames applied together are the renames applied one by one to every object."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from hypothesis import given
from hypothesis import strategies as st

from dbwarden.core import kinds
from dbwarden.core.change import Rename, after_renames, during_renames
from dbwarden.core.model import (
    Check,
    Column,
    Definition,
    Enum,
    ForeignKey,
    Index,
    IndexElement,
    Member,
    Schema,
    Table,
    column_ref,
)
from dbwarden.core.model import Sequence as Numbers
from dbwarden.core.schema_relocation import with_namespace_renamed
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
        if old.kind == "namespace":
            schema = Schema(with_namespace_renamed(item, old, new) for item in schema.objects())
            continue
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


def wide(columns: int, prefix: str) -> Schema:
    """One table with an index and a check on each of its columns."""
    table = Table.of("wide", [Column(f"{prefix}_{at}", DataType("integer")) for at in range(columns)])
    parts: list[Member] = []
    for name in table.columns:
        number = name.rpartition("_")[2]
        parts.append(Index(table.ref, f"index_{number}", (IndexElement(name),)))
        parts.append(Check(table.ref, f"check_{number}", Expression(f"{name} > 0"), columns=(name,)))
    return Schema([table, *parts])


def calls(work: Callable[[], object]) -> int:
    """How many functions it calls."""
    count = 0

    def note(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def test_a_wide_table_is_not_walked_for_each_of_its_columns() -> None:
    counts = []
    for columns in (40, 160):
        before, after = wide(columns, "old"), wide(columns, "new")
        table = Ref("table", "wide")
        pairs = zip(before.table(table).columns, after.table(table).columns, strict=True)
        renames = [Rename(column_ref(table, old), column_ref(table, new)) for old, new in pairs]
        assert after_renames(before, renames) == after
        assert list(during_renames(before, renames))[-1] == after
        counts.append(
            calls(lambda before=before, renames=renames: after_renames(before, renames))  # type: ignore[misc]
            + calls(lambda before=before, renames=renames: [*during_renames(before, renames)])  # type: ignore[misc]
        )
    assert counts[1] < 5 * counts[0]


@given(schemas(), st.data())
def test_each_rename_of_many(schema: Schema, data: st.DataObject) -> None:
    known = names(schema)
    renamed = data.draw(st.lists(st.sampled_from(known), max_size=3, unique=True)) if known else []
    columns = [Rename(old, old._replace(name=f"new_{at}")) for at, old in enumerate(renamed) if old.kind == "column"]
    current = schema
    for rename, during in zip(columns, during_renames(schema, columns), strict=True):
        current = one_by_one(current, [rename])
        assert during == current
