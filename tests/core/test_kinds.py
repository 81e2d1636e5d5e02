"""The table of kinds against the classes, settings and sentences that stand on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dbwarden.config import Database
from dbwarden.core import kinds
from dbwarden.core.model import Computed, Identity, Member, Object
from dbwarden.core.types import Ref


def classes(parent: type[Object] = Object) -> Iterator[type[Object]]:
    for child in parent.__subclasses__():
        yield from ((child,) if "kind" in vars(child) else classes(child))


def test_every_class_of_objects_has_a_row() -> None:
    named = {cls.kind: cls for cls in classes() if isinstance(vars(cls)["kind"], str)}
    for part in (Identity, Computed):
        del named[part.kind]
    assert named.keys() <= kinds.KINDS.keys()
    for kind, cls in named.items():
        row = kinds.of(kind)
        assert not row.text_defined
        assert (row.container == "table") == (issubclass(cls, Member) or kind == "column")
    rest = kinds.KINDS.keys() - named.keys()
    assert all(kinds.of(kind).text_defined for kind in rest - {"enum_value", "foreign_table"})


def test_every_ignore_setting_exists() -> None:
    assert set(kinds.IGNORE_SETTINGS) == {name for name in Database.__dataclass_fields__ if name.startswith("ignore_")}


@pytest.mark.parametrize(
    ("kind", "words"),
    [("enum", "an enum"), ("unique", "a unique"), ("namespace", "a schema"), ("exclude", "an exclusion constraint"),
     ("materialized_view", "a materialized view"), ("database", "a database")],
)  # fmt: skip
def test_people_read_words(kind: str, words: str) -> None:
    assert kinds.a(kind) == words
    assert str(Ref(kind, "x")) == f"{words.partition(' ')[2]} x"


def test_the_owner_is_what_it_is_part_of() -> None:
    assert Ref("column", "a", "s", "t").owner == Ref("index", "i", "s", "t").owner == Ref("table", "t", "s")
    assert Ref("enum_value", "sad", None, "mood").owner == Ref("enum", "mood")
    assert Ref("view", "v").owner == Ref("view", "v")


def test_constraints_stand_before_indexes_in_a_table() -> None:
    listed = sorted(("trigger", "index", "foreign_key", "check", "primary_key"), key=kinds.rank_in_table)
    assert listed == ["primary_key", "check", "foreign_key", "index", "trigger"]
    assert kinds.rank("namespace") < kinds.rank("table") < kinds.rank("index") < kinds.rank("view")
