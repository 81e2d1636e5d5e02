"""REFRESH of materialized views whose rows come from a view or routine that a migration replaces.

CREATE OR REPLACE leaves what reads it in place, and a materialized view with the rows of the former text
(https://www.postgresql.org/docs/current/rules-materializedviews.html). What is dropped and created again has its rows anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dbwarden.core import kinds
from dbwarden.core.change import Add, Alter, Change
from dbwarden.core.ddl.statements import CreateIndex
from dbwarden.core.model import Definition, Schema
from dbwarden.core.types import Ref

from . import names
from .statements import statement


def refreshes(changes: Iterable[Change], before: Schema, after: Schema, online: bool) -> Iterator[str]:
    """The REFRESH statements behind the changes, each view after those that it reads. With ``online``, readers are not blocked
    where a unique index allows that."""
    stale: set[Ref] = set()
    fresh: set[Ref] = set()
    for change in changes:
        match change:
            case Alter(before=Definition() as old, after=Definition() as new) if old.sql != new.sql and _may_be_read(
                new
            ):
                stale.add(new.ref)
            case Add():
                fresh.add(change.ref)
    if not stale:
        return
    waiting = [item for item in after.objects() if isinstance(item, Definition) and _may_be_read(item)]
    while reached := [item for item in waiting if item.ref not in stale and not stale.isdisjoint(item.uses())]:
        stale |= {item.ref for item in reached}
    views = {item.ref: item for item in waiting if item.kind == "materialized_view" and item.ref in stale - fresh}
    for item in _in_order(views, waiting):
        existing = before.get(item.ref)
        if isinstance(existing, Definition) and not existing.sql.text.endswith("WITH NO DATA"):
            yield f"REFRESH MATERIALIZED VIEW {_concurrently(item) if online else ''}{names.qualified(item.name, item.schema)}"


def _may_be_read(item: Definition) -> bool:
    return kinds.of(item.kind).readable or kinds.of(item.kind).is_routine


def _in_order(views: dict[Ref, Definition], between: Iterable[Definition]) -> Iterator[Definition]:
    """The views, each after those that it reads, directly or through other definitions."""
    known = {item.ref: item for item in between}
    done: set[Ref] = set()

    def visit(ref: Ref) -> Iterator[Definition]:
        if ref in done or ref not in known:
            return
        done.add(ref)
        for other in sorted(known[ref].uses(), key=lambda ref: ref.key):
            yield from visit(other)
        if ref in views:
            yield views[ref]

    for ref in sorted(views, key=lambda ref: ref.key):
        yield from visit(ref)


def _concurrently(item: Definition) -> str:
    """CONCURRENTLY, which needs a unique index on columns and without a condition."""
    indexes = (parsed for text in item.dependents if isinstance(parsed := statement(text, None), CreateIndex))
    able = any(index.unique and not index.partial and len(index.columns) == len(index.keys) for index in indexes)
    return "CONCURRENTLY " if able else ""
