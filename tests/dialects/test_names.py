"""Identifiers: any name comes back from the database as it was given, and only what needs quotes gets them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from dbwarden.core.model import Column, Index, IndexElement, PrimaryKey, Table
from dbwarden.core.types import Ref

from .conftest import Subject

NAMES = (
    "plain",
    "order",
    "select",
    "Mixed",
    "two words",
    'double"quote',
    "back`tick",
    "it's",
    "a;b",
    "naïve",
    "1st",
    "a$b",
    "--x",
)


@pytest.mark.parametrize("name", NAMES)
def test_any_name_comes_back(name: str, subject: Subject) -> None:
    ref = Ref("table", name)
    integer = subject.dialect.from_sqlalchemy(sa.Integer())[0]
    objects = [
        Table.of(name, [Column(name, integer, False), Column("other", integer)]),
        PrimaryKey(ref, f"{name}_pkey", (name,)),
        Index(ref, f"ix {name}", (IndexElement("other"), IndexElement(name))),
    ]
    there = subject.build(objects)
    assert there == subject.schema(*objects)
    subject.execute(subject.plan(there, subject.schema()).upgrade())
    assert not len(subject.inspect())


def test_plain_names_stand_without_quotes(subject: Subject) -> None:
    assert subject.dialect.quote("customers") == "customers"
    quoted = subject.dialect.quote("two words")
    assert quoted[1:-1] == "two words"
    assert subject.dialect.quote(f"a{quoted[0]}b").count(quoted[0]) == 4
