"""Which statements are announced to the journal together."""

from __future__ import annotations

from dbwarden.core.statement_groups import LARGEST, statement_groups
from dbwarden.core.types import Ref


def groups(*creates: str) -> list[tuple[int, ...]]:
    """Groups of statements of which each creates tables (``t``) or their indexes (``t.ix``); an empty text is any other."""
    refs = {number: tuple(map(_ref, names.split())) for number, names in enumerate(creates, 1)}
    return list(statement_groups(refs, refs.__getitem__))


def _ref(name: str) -> Ref:
    table, _, index = name.partition(".")
    return Ref("index", index, None, table) if index else Ref("table", table)


def test_new_objects_form_a_group() -> None:
    assert groups("a", "b", "a.ix", "b.fk b.uq", "c") == [(1, 2, 3, 4, 5)]


def test_any_other_statement_is_alone() -> None:
    assert groups("", "a", "b", "", "", "c") == [(1,), (2, 3), (4,), (5,), (6,)]


def test_a_name_occurs_once_in_a_group() -> None:
    assert groups("a", "b", "a", "c") == [(1, 2), (3, 4)]
    assert groups("a", "a.ix", "a.ix") == [(1, 2), (3,)]


def test_what_belongs_to_an_older_table_is_alone() -> None:
    """An index of a table with rows takes its time."""
    assert groups("a", "old.ix", "b") == [(1,), (2,), (3,)]
    assert groups("a", "", "a.ix", "b") == [(1,), (2,), (3,), (4,)]


def test_a_table_of_the_group_before_is_still_new() -> None:
    assert groups("a", "b", "a", "b.ix") == [(1, 2), (3, 4)]


def test_a_group_is_limited() -> None:
    sizes = [len(group) for group in groups(*(f"t{number}" for number in range(2 * LARGEST + 1)))]
    assert sizes == [LARGEST, LARGEST, 1]
