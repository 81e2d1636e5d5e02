"""Declarations of other libraries: ``alembic_utils``, the views of ``sqlalchemy_utils``, and ``CreateView`` of SQLAlchemy 2.1.

They are recognised by the modules of their classes and never imported here. What they declare becomes declarations of
``dbwarden.objects`` in a metadata of its own, so that the user's objects stay as they are.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import ModuleType
from typing import Any

from sqlalchemy import MetaData, Table

from .objects import DeclaredExtension, DeclaredStatement, DeclaredView, MaterializedView
from .rights import DeclaredGrant

_ENTITY = ("alembic_utils.replaceable_entity", "ReplaceableEntity")
_VIEWS = ("sqlalchemy_utils.view", "CreateView")
_ENTITIES = {
    "PGView": "view",
    "PGMaterializedView": "materialized_view",
    "PGFunction": "function",
    "PGTrigger": "trigger",
    "PGPolicy": "policy",
    "PGExtension": "extension",
    "PGGrantTable": "grant",
}
"""Kinds of the entities of alembic_utils, by their classes."""
_WITH_DATA = re.compile(r"\s+WITH\s+DATA$", re.IGNORECASE)
_WITH_NO_DATA = re.compile(r"\s+WITH\s+NO\s+DATA$", re.IGNORECASE)


def declarations(modules: Iterable[ModuleType], metadatas: Sequence[MetaData]) -> MetaData | None:
    """A metadata with what other libraries declare in these modules and metadatas; ``None`` if that is nothing."""
    other = MetaData()
    for entity in entities(modules):
        _add_entity(entity, other)
    for metadata in metadatas:
        for listener in metadata.dispatch.after_create:
            if is_view(listener):
                _add_view(listener, _indexes(listener, metadata), other)
        for table in metadata.tables.values():
            _add_created_view(table, other)
    return other if other.info else None


# -- alembic_utils ----------------------------------------------------------------------------------------------------


def entities(modules: Iterable[ModuleType]) -> Iterator[Any]:
    """The entities of alembic_utils that are attributes of modules, or stand in their lists, tuples, sets and mappings."""
    if _ENTITY[0] not in sys.modules:
        return
    seen: set[int] = set()
    for module in modules:
        for value in list(vars(module).values()):
            for entity in _contents(value):
                if id(entity) not in seen and _is_a(type(entity), _ENTITY):
                    seen.add(id(entity))
                    yield entity


def _contents(value: Any) -> Iterable[Any]:
    kind = type(value)
    if kind is dict:
        return list(value.values())
    return list(value) if kind in (list, tuple, set, frozenset) else (value,)


def _is_a(cls: type[Any], wanted: tuple[str, str]) -> bool:
    return any((base.__module__, base.__name__) == wanted for base in cls.__mro__)


def _add_entity(entity: Any, other: MetaData) -> None:
    names = (base.__name__ for base in type(entity).__mro__)
    kind = next((_ENTITIES[name] for name in names if name in _ENTITIES), None)
    if kind is None:
        return
    if kind == "extension":
        DeclaredExtension(str(entity.signature), metadata=other, schema=str(entity.schema))
        return
    if kind == "grant":
        privileges = str(getattr(entity.grant, "value", entity.grant))
        DeclaredGrant(
            privileges,
            on=f"{entity.schema}.{entity.table}",
            to=str(entity.role),
            columns=tuple(map(str, entity.columns or ())),
            grantable=bool(entity.with_grant_option),
            metadata=other,
        )
        return
    text = str(entity.to_sql_statement_create().compile()).strip().removesuffix(";").rstrip()
    if kind == "materialized_view":
        text = _WITH_NO_DATA.sub(" WITH NO DATA", _WITH_DATA.sub("", text))
    DeclaredStatement(
        kind, str(entity.signature), text, metadata=other, origin=f"{type(entity).__name__} of alembic_utils"
    )


# -- views of sqlalchemy_utils ----------------------------------------------------------------------------------------


def is_view(listener: Any) -> bool:
    """Whether a listener of ``after_create`` creates a view of sqlalchemy_utils."""
    return _is_a(type(listener), _VIEWS)


def is_index_of_view(listener: Any) -> bool:
    """Whether a listener of ``after_create`` creates the indexes of such a view."""
    return getattr(listener, "__module__", None) == _VIEWS[0] and _table_of(listener) is not None


def _add_view(listener: Any, indexes: tuple[Any, ...], other: MetaData) -> None:
    if listener.materialized:
        MaterializedView(str(listener.name), listener.selectable, metadata=other, indexes=indexes)
    else:
        DeclaredView(str(listener.name), listener.selectable, metadata=other)


def _indexes(view: Any, metadata: MetaData) -> tuple[Any, ...]:
    """The indexes of a materialized view, which another listener creates from a table of the view's name."""
    tables = [table for table in map(_table_of, metadata.dispatch.after_create) if table is not None]
    indexes = [index for table in tables if table.name == view.name for index in table.indexes]
    return tuple(sorted(indexes, key=lambda index: str(index.name)))


def _table_of(listener: Callable[..., Any]) -> Table | None:
    """The table in the closure of a function."""
    function = getattr(listener, "fn", listener)
    cells = getattr(function, "__closure__", None) or ()
    return next((cell.cell_contents for cell in cells if isinstance(cell.cell_contents, Table)), None)


# -- CreateView of SQLAlchemy 2.1 -------------------------------------------------------------------------------------


def _add_created_view(table: Table, other: MetaData) -> None:
    if not getattr(table, "is_view", False):
        return
    created = getattr(table, "_creator_ddl", None)
    if created is None or created.temporary or type(created).__name__ != "CreateView":
        return
    name, schema = str(table.name), str(table.schema) if table.schema else None
    if created.materialized:
        indexes = tuple(sorted(table.indexes, key=lambda index: str(index.name)))
        MaterializedView(
            name, created.selectable, metadata=other, schema=schema, comment=table.comment, indexes=indexes
        )
    else:
        DeclaredView(name, created.selectable, metadata=other, schema=schema, comment=table.comment)
