"""The order in which triggers of one table, time and event fire: that of their creation, unless the text names a neighbour.

Inspection names for each trigger the one before it (``FOLLOWS``). A declaration may leave that out; a trigger that is created
again then goes back to its place.
"""

from __future__ import annotations

import re
from typing import TypeGuard

from dbwarden.core.model import Definition, Schema
from dbwarden.core.sqltext import texts
from dbwarden.core.tokens import readable, unquoted

from .words import LEXICAL_RULES, quote

_CLAUSE = re.compile(r"(?<=ROW)\s+(FOLLOWS|PRECEDES)\s+(`(?:[^`]|``)+`|\w+)", re.IGNORECASE)
_ROW = re.compile(r"\bFOR\s+EACH\s+ROW\b", re.IGNORECASE)
_MOMENT = re.compile(r"\b(BEFORE|AFTER)\s+(\w+(?:\s+OR\s+\w+)*)\s+ON\b", re.IGNORECASE)


def clause(text: str) -> str | None:
    """``FOLLOWS name`` or ``PRECEDES name`` of a CREATE TRIGGER; ``None`` if it has neither."""
    match = _CLAUSE.search(text)
    return f"{match[1].upper()} {match[2]}" if match is not None else None


def with_clause(text: str, order: str | None) -> str:
    """The text with another clause, or without one."""
    plain = _CLAUSE.sub("", text, count=1)
    return _ROW.sub(lambda row: f"{row[0]} {order}", plain, count=1) if order is not None else plain


def neighbour(text: str) -> str | None:
    """The name in the clause."""
    order = clause(text)
    return unquoted(readable(order, LEXICAL_RULES)[1], LEXICAL_RULES) if order is not None else None


def moment(text: str) -> str:
    """When a trigger fires: ``BEFORE INSERT``. Only those of one table and moment have an order."""
    match = _MOMENT.search(text)
    return " ".join(" ".join(match.groups()).upper().split()) if match is not None else ""


def in_place(trigger: Definition, before: Schema, after: Schema) -> str:
    """CREATE TRIGGER at its place among those that exist before and after a migration."""
    text, others = trigger.sql.text, [item for item in after.objects() if _is_beside(item, trigger)]
    named = neighbour(text)
    if named is not None:
        return text if any(item.name == named for item in others) else with_clause(text, None)
    for schema in (before, after):
        for item in schema.objects():
            stays = item.ref in before and item.ref in after
            if stays and _is_beside(item, trigger) and _follows(item, trigger.name):
                return with_clause(text, f"PRECEDES {quote(item.name)}")
    return text


def _is_beside(item: object, trigger: Definition) -> TypeGuard[Definition]:
    return (
        isinstance(item, Definition)
        and (item.kind, item.on, moment(item.sql.text)) == ("trigger", trigger.on, moment(trigger.sql.text))
        and item.name != trigger.name
    )


def _follows(item: Definition, name: str) -> bool:
    return "FOLLOWS" in map(str.upper, texts(item.sql.text, LEXICAL_RULES)) and neighbour(item.sql.text) == name
