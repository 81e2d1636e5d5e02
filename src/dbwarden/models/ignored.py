"""Names the keywords without effect: those that SQLAlchemy leaves out of its DDL, because they are those of its other dialect
for the engine, and those that it writes though DBWarden has no such option."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Table

from dbwarden.core.dialect import SchemaDialect

from .emit import Emitter

_SHOWN = 4


def notes(tables: Iterable[Table], dialect: SchemaDialect, drivername: str = "") -> tuple[str, ...]:
    """Messages about the keywords that ``create_all`` or DBWarden ignores for the URL's dialect; empty if there are none."""
    emitter, tables = Emitter(dialect, drivername), tuple(tables)
    return (*_of_other_dialect(tables, dialect, emitter), *_unknown(tables, dialect, emitter))


def _unknown(tables: Iterable[Table], dialect: SchemaDialect, emitter: Emitter) -> Iterator[str]:
    for table in tables:
        unknown = {
            keyword: None for item in _items(table) for keyword in dialect.unknown_keywords(item, emitter.dialect)
        }
        if unknown:
            yield (
                f"DBWarden leaves out {_listed(unknown)} of {table.fullname}: it does not know such an option. Correct the"
                " spelling, or write the clause into a migration by hand."
            )


def _of_other_dialect(tables: Iterable[Table], dialect: SchemaDialect, emitter: Emitter) -> tuple[str, ...]:
    name, places, ignored = emitter.dialect.name, dict[str, None](), dict[str, None]()
    for table in tables:
        for item in _items(table):
            for keyword in dialect.ignored_keywords(item, emitter.dialect):
                ignored[keyword] = places[table.fullname] = None
    if not ignored:
        return ()
    own = f"{name}_{min(ignored).partition('_')[2]}"
    return (
        f"SQLAlchemy ignores {_listed(sorted(ignored))} of {_listed(places)}: the URL begins with {name}, so that it applies"
        f" the keywords that begin with {name}_. Add them ({own} and so on).",
    )


def _items(table: Table) -> Iterator[Any]:
    yield table
    yield from table.constraints
    yield from sorted(table.indexes, key=lambda index: str(index.name or ""))


def _listed(names: Iterable[str]) -> str:
    listed = list(names)
    more = len(listed) - _SHOWN
    return ", ".join(listed) if more < 1 else f"{', '.join(listed[:_SHOWN])} and {more} more"
