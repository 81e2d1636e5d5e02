"""Statements that only create objects, whose effects the catalogue shows one by one (``Recovery.creates``).

Left out are objects that an account may not see although it has created them (routines, triggers), events, which end by
themselves, and what a comment for other versions (``/*!80000 ... */``) hides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dbwarden.core.ddl.statements import (
    Action,
    AddConstraint,
    AlterTable,
    CreateIndex,
    CreateObject,
    CreateTable,
)
from dbwarden.core.sqltext import texts
from dbwarden.core.text_cache import TextCache
from dbwarden.core.types import Ref

from .statements import statement
from .words import LEXICAL_RULES

_QUERIES = frozenset(("SELECT", "VALUES", "WITH"))
"""Words of a CREATE TABLE that may copy rows. They also begin PARTITION ... VALUES and WITH SYSTEM VERSIONING."""


@TextCache
def new_objects(sql: str, default_schema: str | None) -> tuple[Ref, ...]:
    """The objects that a statement creates, if it does nothing else and fails where one of them exists; else none."""
    if "/*!" in sql or "/*M!" in sql:
        return ()
    match statement(sql, default_schema):
        case CreateTable(table, query=None) as created if _is_plain(created) and not _has_query(sql):
            return (_relation(table),)
        case CreateObject("view" | "sequence", Ref() as ref, repeatable=False):
            return (_relation(ref),)
        case CreateIndex() as index:
            return tuple(_members((index,)))
        case AlterTable(clauses=clauses, if_exists=False, mutations=()):
            members = tuple(_members(clauses))
            return members if len(members) == len(clauses) else ()
    return ()


def _is_plain(created: CreateTable) -> bool:
    return not (created.if_not_exists or created.replaces or created.temporary)


def _has_query(sql: str) -> bool:
    """Whether CREATE TABLE may end with a query: SELECT, VALUES, WITH or TABLE."""
    upper = sql.upper()
    if upper.count("TABLE") == 1 and not any(word in upper for word in _QUERIES):
        return False
    words = [text.upper() for text in texts(sql, LEXICAL_RULES)]
    return words.count("TABLE") > 1 or not _QUERIES.isdisjoint(words)


def _members(actions: Sequence[Action]) -> Iterator[Ref]:
    """The named indexes and constraints that clauses add."""
    for action in actions:
        match action:
            case CreateIndex(table, str() as name, if_not_exists=False):
                yield _member(table, name)
            case AddConstraint(table, constraint) if constraint.kind in ("foreign key", "unique", "check"):
                if constraint.name is not None:
                    yield _member(table, constraint.name)


def _relation(ref: Ref) -> Ref:
    """A table, view or sequence: their names must differ."""
    return Ref("table", ref.name.lower(), (ref.schema or "").lower() or None)


def _member(table: Ref, name: str) -> Ref:
    """An index or constraint. A foreign key may come with an index of its name."""
    owner = _relation(table)
    return Ref("index", name.lower(), owner.schema, owner.name)
