"""Converts SQLAlchemy's dialect keywords (``postgresql_with=``, ``sqlite_strict=``) to options."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.sql.elements import ClauseElement

from dbwarden.core.options import NO_OPTIONS, Options

from .emit import Emitter

# These tell how a statement runs, or come from reflection; they are not properties of the object.
_NOT_SCHEMA = frozenset(("concurrently", "invalid", "ignore_search_path"))
_NONE: Mapping[str, Any] = {}
_CARRIERS = frozenset(("dialect_options", "info", "engine"))
"""Attributes, once they are set, in which dialects look for keywords."""


def keywords(item: Any, emitter: Emitter) -> Mapping[str, Any]:
    """The keywords of the dialect that ``item`` has, without the prefix."""
    return _NONE if _CARRIERS.isdisjoint(vars(item)) else emitter.keywords(item)


def options(dialect_keywords: Mapping[str, Any], emitter: Emitter, besides: Iterable[str] = ()) -> Options:
    """Keywords as options, except those in ``besides``.

    A mapping (``postgresql_with={"fillfactor": 70}``) becomes ``fillfactor=70``, sorted and joined by commas.
    """
    if not dialect_keywords:
        return NO_OPTIONS
    left_out = _NOT_SCHEMA.union(besides)
    return Options.of({key: _text(value, emitter) for key, value in dialect_keywords.items() if key not in left_out})


def _text(value: Any, emitter: Emitter) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, ClauseElement):
        return emitter.text(value)
    if isinstance(value, Mapping):
        return ", ".join(
            str(key) if value[key] is None else f"{key}={_text(value[key], emitter)}" for key in sorted(value, key=str)
        )
    if isinstance(value, (list, tuple)):
        return ", ".join(_text(inner, emitter) for inner in value)
    return str(value)
