"""Examines the listeners of ``create_all``: SQLAlchemy's named types, and the user's own DDL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import MetaData, Table
from sqlalchemy.types import TypeEngine

from .other_libraries import is_index_of_view, is_view


def named_types(metadata: MetaData) -> Iterator[TypeEngine[Any]]:
    """Enums and domains that are bound to the metadata itself (``Enum(..., metadata=metadata)``)."""
    for listener in metadata.dispatch.before_create:
        owner, arguments = _method(listener)
        # A column's type listens too, with the column's variants as arguments; it is read with its column.
        if isinstance(owner, TypeEngine) and not arguments:
            yield owner


def notes(metadatas: Sequence[MetaData]) -> tuple[str, ...]:
    """Messages about DDL events and views, which the models create and ``read`` leaves out."""
    sentences: list[str] = []
    for metadata in metadatas:
        listening = {"the metadata": _own_listeners(metadata)} if _own_listeners(metadata) else {}
        for table in metadata.tables.values():
            if _own_listeners(table):
                listening[table.fullname] = _own_listeners(table)
        if listening:
            count = sum(listening.values())
            sentences.append(
                f"{count} create event{'s' * (count > 1)} on {', '.join(listening)} may run DDL of their own, and may change"
                " the models: what they do is not compared. Put it into a migration, or into the models."
            )
    return tuple(sentences)


def _own_listeners(target: MetaData | Table) -> int:
    listeners = (*target.dispatch.before_create, *target.dispatch.after_create)
    return sum(
        not (is_view(one) or is_index_of_view(one) or isinstance(_method(one)[0], TypeEngine)) for one in listeners
    )


def _method(listener: Any) -> tuple[Any, dict[str, Any]]:
    """The object whose method listens, and the bound arguments.

    SQLAlchemy 2.0 wraps the method in a ``portable_instancemethod``, 2.1 in a ``partial`` if there are arguments.
    """
    arguments = getattr(listener, "keywords", None) or getattr(listener, "kwargs", None) or {}
    method = getattr(listener, "func", listener)
    return getattr(method, "__self__", None) or getattr(method, "target", None), dict(arguments)
