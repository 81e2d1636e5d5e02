"""Views and routines that models declare with other libraries."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa
from alembic_utils.pg_extension import PGExtension
from alembic_utils.pg_grant_table import PGGrantTable
from alembic_utils.pg_materialized_view import PGMaterializedView
from alembic_utils.pg_view import PGView
from sqlalchemy_utils import create_materialized_view, create_view

from dbwarden import dialects
from dbwarden.core.model import Definition
from dbwarden.core.types import Ref
from dbwarden.models import events, other_libraries, read
from tests.support.cases import sqlalchemy_is_at_least

POSTGRESQL = dialects.get("postgresql")


def definitions(metadata: sa.MetaData, **attributes: Any) -> dict[str, Definition]:
    module = ModuleType("models")
    vars(module).update(attributes)
    other = other_libraries.declarations([module], [metadata])
    assert other is not None
    schema = read.read((metadata, other), POSTGRESQL)
    return {item.name: item for item in schema.objects() if isinstance(item, Definition)}


@pytest.fixture
def users() -> sa.Table:
    return sa.Table("users", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.Text))


def test_views_of_sqlalchemy_utils(users: sa.Table) -> None:
    create_view("named", sa.select(users.c.id).where(users.c.name != "x"), users.metadata, replace=True)
    create_materialized_view(
        "counted",
        sa.select(users.c.name, users.c.id),
        users.metadata,
        indexes=[sa.Index("by_name", "name", unique=True)],
    )
    views = definitions(users.metadata)
    assert views["named"].sql.text == "CREATE VIEW named AS\nSELECT users.id\nFROM users\nWHERE users.name != 'x'"
    assert views["counted"].kind == "materialized_view"
    assert views["counted"].dependents == ("CREATE UNIQUE INDEX by_name ON counted (name)",)
    assert events.notes([users.metadata]) == ()


@pytest.mark.skipif(not sqlalchemy_is_at_least("2.1"), reason="SQLAlchemy has CreateView since 2.1")
def test_views_of_sqlalchemy(users: sa.Table) -> None:
    from sqlalchemy.sql.ddl import CreateView

    CreateView(sa.select(users.c.id), "ids", metadata=users.metadata, schema="more", or_replace=True)
    CreateView(sa.select(users.c.name), "names", metadata=users.metadata, materialized=True)
    CreateView(sa.select(users.c.name), "passing", metadata=users.metadata, temporary=True)
    views = definitions(users.metadata)
    assert {name: (view.kind, view.schema) for name, view in views.items()} == {
        "ids": ("view", "more"),
        "names": ("materialized_view", None),
    }


def test_entities_of_alembic_utils_in_lists_and_mappings(users: sa.Table) -> None:
    views = definitions(
        users.metadata,
        one=PGView("public", "one", "SELECT ':x' AS a, id::text FROM users;"),
        many=[PGMaterializedView("more", "Two", "SELECT 2 AS b"), 3],
        named={"three": PGMaterializedView("public", "three", "SELECT 3 AS c", with_data=False)},
    )
    assert {name: (view.schema, view.sql.text) for name, view in views.items()} == {
        "one": (None, """CREATE VIEW "public"."one" AS SELECT ':x' AS a, id::text FROM users"""),
        "Two": ("more", 'CREATE MATERIALIZED VIEW "more"."Two" AS SELECT 2 AS b'),
        "three": (None, 'CREATE MATERIALIZED VIEW "public"."three" AS SELECT 3 AS c WITH NO DATA'),
    }


def test_privileges_of_alembic_utils(users: sa.Table) -> None:
    entities = (
        PGGrantTable("public", "users", "clerk", "DELETE"),
        PGGrantTable("public", "users", "reader", "SELECT", columns=["name"], with_grant_option=True),
    )
    granted = definitions(users.metadata, entities=entities)
    assert granted["clerk"].sql.text == "GRANT DELETE ON users TO clerk"
    assert granted["reader (name)"].sql.text == "GRANT SELECT (name) ON users TO reader WITH GRANT OPTION"


def test_an_extension_of_alembic_utils(users: sa.Table) -> None:
    module = ModuleType("models")
    module.citext = PGExtension("more", "citext")  # type: ignore[attr-defined]
    other = other_libraries.declarations([module], [users.metadata])
    assert other is not None
    assert Ref("extension", "citext") in read.read((users.metadata, other), POSTGRESQL)


def test_models_without_other_libraries_get_no_metadata() -> None:
    assert other_libraries.declarations([ModuleType("nothing")], [sa.MetaData()]) is None
