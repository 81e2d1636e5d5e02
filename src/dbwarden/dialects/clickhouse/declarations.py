"""Views, dictionaries and functions of SQLAlchemy's models: the constructs of both libraries, and ``dbwarden.objects``.

``Dictionary`` of clickhouse-connect and ``MaterializedView`` of clickhouse-sqlalchemy are compiled by these libraries.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from dbwarden.core.model import Definition
from dbwarden.core.types import Expression
from dbwarden.dialects.base.declarations import create_statement, declarations, query_text
from dbwarden.errors import ModelReadError

from .definition_keys import without_secrets
from .types import other_sqlalchemy
from .words import quote, string_literal

_KINDS = frozenset(("view", "materialized_view", "dictionary", "function", "named_collection"))


def declared_objects(metadata: Any, sqlalchemy: Any) -> Iterator[Definition]:
    """Definitions that a metadata describes beside its tables. Raises ``ModelReadError``."""
    for table in metadata.tables.values():
        if table.__visit_name__ == "dictionary":
            yield _dictionary_of_library(table, sqlalchemy)
    for name, view in getattr(metadata, "mat_views", {}).items():
        yield _view_of_library(str(name), view)
    for item in declarations(metadata, _KINDS):
        _ensure_own_database(item.schema, item.name)
        yield _definition(item, sqlalchemy)


def _made(kind: str, name: str, *parts: str | None) -> Definition:
    return Definition(kind, name, Expression(" ".join(filter(None, parts))))


# -- the libraries' own -----------------------------------------------------------------------------------------------


def _dictionary_of_library(table: Any, sqlalchemy: Any) -> Definition:
    from sqlalchemy.schema import CreateTable

    _ensure_own_database(table.schema, table.name)
    if table.__module__.startswith("clickhouse_connect.") and sqlalchemy.name != "clickhousedb":
        from clickhouse_connect.cc_sqlalchemy.dialect import ClickHouseDialect

        sqlalchemy = ClickHouseDialect()
    text = " ".join(str(CreateTable(table).compile(dialect=sqlalchemy)).split("\n")).strip()
    return _made("dictionary", str(table.name), text)


def _view_of_library(name: str, view: Any) -> Definition:
    library: Any = import_module("clickhouse_sqlalchemy.sql.ddl")
    _ensure_own_database(view.inner_table.schema, name)
    if view.cluster:
        raise ModelReadError(where=f"materialized view {name}", reason="it is created ON CLUSTER")
    text = str(library.CreateMaterializedView(view).compile(dialect=other_sqlalchemy()))
    return _made("materialized_view", name, " ".join(text.split()))


def _ensure_own_database(schema: str | None, name: Any) -> None:
    if schema is not None:
        raise ModelReadError(
            where=str(name), reason=f"it is in the database {schema}, and migrations change that of the URL only"
        )


# -- dbwarden.objects -------------------------------------------------------------------------------------------------


def _definition(item: Any, sqlalchemy: Any) -> Definition:
    name = quote(item.name)
    comment = f"COMMENT {string_literal(item.comment)}" if getattr(item, "comment", None) else None
    match item.kind:
        case "function":
            return _made("function", item.name, create_statement(item, name, sqlalchemy))
        case "named_collection":
            listed = ", ".join(f"{quote(key)} = '...'" for key in item.keys)
            return _made("named_collection", item.name, f"CREATE NAMED COLLECTION {name} AS {listed}")
        case "dictionary":
            return _made("dictionary", item.name, *_dictionary(item, name), comment)
        case "view":
            return _made("view", item.name, f"CREATE VIEW {name}", comment, f"AS {query_text(item.query, sqlalchemy)}")
    return _made("materialized_view", item.name, *_materialized_view(item, name, sqlalchemy), comment,
                 f"AS {query_text(item.query, sqlalchemy)}")  # fmt: skip


def _dictionary(item: Any, name: str) -> Iterator[str]:
    layout = item.layout if "(" in item.layout else f"{item.layout}()"
    yield f"CREATE DICTIONARY {name} ({item.columns})"
    yield f"PRIMARY KEY {item.primary_key}"
    yield f"SOURCE({without_secrets(item.source)})"
    if item.lifetime is not None:
        yield f"LIFETIME({_lifetime(item.lifetime)})"
    yield f"LAYOUT({layout})"
    if item.range:
        yield f"RANGE({item.range})"
    if item.settings:
        yield f"SETTINGS({settings_clause(item.settings)})"


def _lifetime(value: Any) -> str:
    return f"MIN 0 MAX {value}" if str(value).isdecimal() else str(value)


def _materialized_view(item: Any, name: str, sqlalchemy: Any) -> Iterator[str]:
    yield f"CREATE MATERIALIZED VIEW {name}"
    if item.refresh:
        yield f"REFRESH {item.refresh}"
    if item.to is not None:
        yield f"TO {quote(str(getattr(item.to, 'name', item.to)))}"
        if item.empty:
            yield "EMPTY"
        return
    if item.columns:
        yield f"({item.columns})"
    yield f"ENGINE = {item.engine}"
    for words in ("PARTITION BY", "PRIMARY KEY", "ORDER BY", "SAMPLE BY", "TTL"):
        if value := getattr(item, words.lower().replace(" ", "_")):
            yield f"{words} {value}"
    if item.settings:
        yield f"SETTINGS {settings_clause(item.settings)}"
    if item.populate:
        yield "POPULATE"
    if item.empty:
        yield "EMPTY"


def settings_clause(settings: str | Mapping[str, Any]) -> str:
    """Settings as a text, or by name with numbers, booleans or texts."""
    if isinstance(settings, str):
        return settings
    return ", ".join(f"{name} = {_setting(value)}" for name, value in settings.items())


def _setting(value: Any) -> str:
    return string_literal(value) if isinstance(value, str) else str(int(value) if isinstance(value, bool) else value)
