"""The length of an index key (``title(10)``) stays with it: in texts, in the state file, through renames."""

from __future__ import annotations

from dbwarden import dialects
from dbwarden.api.check_db import define
from dbwarden.core import codec
from dbwarden.core.model import Column, Index, IndexElement, Schema, Table, column_ref
from dbwarden.core.object_text import member_body
from dbwarden.core.types import DataType

TABLE = Table.of("posts", (Column("title", DataType("text")), Column("id", DataType("int"))))
INDEX = Index(TABLE.ref, "ix", (IndexElement("title", descending=True, length=3072), IndexElement("id")))


def test_texts() -> None:
    assert define(INDEX) == "(title(3072) desc, id)"
    assert member_body(INDEX, dialects.get("mysql")) == "(title(3072) DESC, id)"


def test_state_file() -> None:
    schema = Schema((TABLE, INDEX))
    assert codec.load(codec.dump(schema, dialect="mysql"), dialect="mysql") == schema


def test_rename_of_the_column() -> None:
    renamed = INDEX.renamed(column_ref(TABLE.ref, "title"), column_ref(TABLE.ref, "name"))
    assert isinstance(renamed, Index)
    assert renamed.elements[0] == IndexElement("name", descending=True, length=3072)


def test_another_length_is_another_index() -> None:
    assert Index(TABLE.ref, "ix", (IndexElement("title", descending=True, length=10), IndexElement("id"))) != INDEX
