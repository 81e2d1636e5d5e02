"""Places of added columns: whatever the order of the changes, both directions end in the right order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hypothesis import given
from hypothesis import strategies as st

from dbwarden.core.change import Add, Alter, Change, Drop
from dbwarden.core.column_places import Places, column_places
from dbwarden.core.diff import diff
from dbwarden.core.model import Column, Schema, Table, column_ref
from dbwarden.core.types import DataType, Ref

NAMES = "abcdefgh"
T = Ref("table", "t")
INT, BIG = DataType("int"), DataType("bigint")


def table(names: Iterable[str], big: Iterable[str] = ()) -> Schema:
    return Schema([Table.of("t", [Column(name, BIG if name in big else INT) for name in names])])


def never(column: Column, following: Sequence[Column]) -> bool:
    return False


def follow(columns: list[str], changes: Iterable[Change], places: Places) -> list[str]:
    """What the server does: ADD COLUMN comes last, or where its clause says."""
    columns = [*columns]
    for change in changes:
        match change:
            case Drop(object=Column() as column):
                columns.remove(column.name)
            case Add(object=Column() as column):
                place = places.get(column_ref(T, column.name))
                if place is None:
                    columns.append(column.name)
                    continue
                at = columns.index(place.after) + 1 if place.after is not None else 0
                assert [one.name for one in place.following] == columns[at:] != []
                columns.insert(at, column.name)
            case Alter(before=Table() as old, after=Table() as new) if change.rebuild:
                inner = [Drop(column, T) for name, column in old.columns.items() if name not in new.columns]
                fresh = [Add(column, T) for name, column in new.columns.items() if name not in old.columns]
                rank = [*places_order]
                columns = follow(columns, [*inner, *sorted(fresh, key=lambda one: rank.index(one.object.name))], places)  # type: ignore[union-attr]
    return columns


places_order: list[str] = []
"""The order in which the columns of a rebuilt table are added: that of the table to which the direction leads."""


def reached(before: list[str], after: list[str], changes: Sequence[Change]) -> tuple[list[str], list[str]]:
    """The order after the upgrade, and after the rollback."""
    there, back = column_places(changes, (table(before), table(after)), never)
    places_order[:] = after
    upgraded = follow(before, changes, there)
    places_order[:] = before
    return upgraded, follow(upgraded, [change.inverse() for change in reversed(changes)], back)


@given(st.data())
def test_a_rollback_restores_the_order_whatever_the_order_of_the_changes(data: st.DataObject) -> None:
    before, after = (data.draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True)) for _ in range(2))
    changes = data.draw(st.permutations(diff(table(before), table(after))))
    upgraded, restored = reached(before, after, changes)
    assert restored == before
    stay = [name for name in before if name in after]
    assert [name for name in upgraded if name in stay] == stay
    if stay == [name for name in after if name in stay]:
        assert upgraded == after


@given(st.data())
def test_changes_in_one_statement_restore_the_order_too(data: st.DataObject) -> None:
    before, after = (data.draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True)) for _ in range(2))
    ends = table(before).table(T), table(after).table(T)
    upgraded, restored = reached(before, after, [Alter(*ends)])
    assert restored == before
    if (stay := [name for name in before if name in after]) == [name for name in after if name in stay]:
        assert upgraded == after


def test_several_columns_between_others() -> None:
    there, back = column_places(diff(table("abcd"), table("ad")), (table("abcd"), table("ad")), never)
    assert {ref.name: place.after for ref, place in there.items()} == {"b": "a", "c": "a"}  # where they are dropped
    assert {ref.name: place.after for ref, place in back.items()} == {"b": "a", "c": "a"}  # c first, then b before it


def test_a_column_that_comes_last_has_no_place() -> None:
    there, back = column_places(diff(table("ab"), table("ac")), (table("ab"), table("ac")), never)
    assert not there and not back


def test_the_first_column_is_behind_none() -> None:
    _, back = column_places(diff(table("ab"), table("b")), (table("ab"), table("b")), never)
    assert back[column_ref(T, "a")].after is None


def test_an_altered_column_has_the_place_where_it_is() -> None:
    changes = diff(table("abc"), table("abc", big="ac"))
    for places in column_places(changes, (table("abc"), table("abc", big="ac")), never):
        assert {ref.name: place.after for ref, place in places.items()} == {"a": None}


def test_a_costly_place_is_given_up_for_new_columns_only() -> None:
    ends = table("abc"), table("anc")
    there, back = column_places(diff(*ends), ends, lambda column, following: bool(following))
    assert column_ref(T, "n") not in there
    assert back[column_ref(T, "b")].after == "a"
