"""Statements that only create objects, whose effects the system tables show one by one (``Recovery.creates``)."""

from __future__ import annotations

from dbwarden.core.ddl.parse import cursor_at
from dbwarden.core.ddl.statements import CreateObject, CreateTable
from dbwarden.core.sqltext import texts
from dbwarden.core.text_cache import TextCache
from dbwarden.core.types import Ref

from .on_cluster import cluster_of
from .statements import grammar, statement
from .words import LEXICAL_RULES

_RELATIONS = ("view", "materialized_view", "dictionary")
_NOT_AT_ONCE = frozenset("POPULATE REFRESH CLONE LIVE WINDOW ATTACH TEMPORARY REPLACE".split())
"""Words of a statement that may fill what it creates, replace another object, or create one of another kind."""


@TextCache
def new_objects(sql: str) -> tuple[Ref, ...]:
    """The objects that a statement creates on one server, if it does nothing else and fails where one of them exists; else
    none."""
    words = frozenset(text.upper() for text in texts(sql, LEXICAL_RULES))
    if not _NOT_AT_ONCE.isdisjoint(words) or cluster_of(sql) is not None:
        return ()
    match statement(sql):
        case CreateTable(table, if_not_exists=False, replaces=False) as created:
            return () if created.temporary or copies_rows(sql) else (_relation(table),)
        case CreateObject(kind, Ref() as ref, repeatable=False) if kind in _RELATIONS:
            return (_relation(ref),)
        case CreateObject("function", Ref() as ref, repeatable=False):
            return (Ref("function", ref.name.lower()),)
    return ()


def copies_rows(sql: str) -> bool:
    """Whether CREATE TABLE ends with a query; AS and the name of a table copies only its definition."""
    at = cursor_at(sql, grammar())
    return at.find("AS") and at.word() in ("SELECT", "WITH", "FROM", "VALUES", "(")


def _relation(ref: Ref) -> Ref:
    """A table, view or dictionary: their names must differ."""
    return Ref("table", ref.name.lower(), (ref.schema or "").lower() or None)
