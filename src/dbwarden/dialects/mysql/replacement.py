"""Replacing a view, routine, trigger or event where it stands.

| | MariaDB | MySQL (9.7) |
|---|---|---|
| view | ``CREATE OR REPLACE`` | ``CREATE OR REPLACE`` |
| event | ``CREATE OR REPLACE`` | ``ALTER EVENT`` |
| function, procedure | ``CREATE OR REPLACE``, which keeps its privileges | ``ALTER``, or ``DROP``, ``CREATE`` and privileges |
| trigger | ``CREATE OR REPLACE``, atomic for writers | ``DROP`` and ``CREATE`` |

MySQL has ``OR REPLACE`` for views alone; ``ALTER`` changes the characteristics of a routine (``characteristics``). What it drops
and creates are neighbours in the file, so that the time without the object is short; a comment says what happens meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from dbwarden.core.model import Definition, Schema
from dbwarden.core.repeatables import if_exists
from dbwarden.core.tokens import readable

from . import characteristics, trigger_order
from .renderer import MySQLRenderer
from .words import LEXICAL_RULES

_CREATE = re.compile(r"CREATE\s+(?!OR\s+REPLACE\b)", re.IGNORECASE)
_CREATE_EVENT = re.compile(
    r"CREATE\s+(?:OR\s+REPLACE\s+)?((?:DEFINER\s*=\s*\S+\s+)?EVENT\s+)(?:IF\s+NOT\s+EXISTS\s+)?", re.I
)
_MISSED = {
    "trigger": "rows written between DROP and CREATE miss it",
    "function": "statements that call it between DROP and CREATE fail",
    "procedure": "calls between DROP and CREATE fail",
}
"""What happens while MySQL has no object."""


def replaces(before: Definition, after: Definition) -> bool:
    """Whether one definition takes the place of the other, in one file and with its dependents left as they are."""
    return before.ref == after.ref


def statements(
    before: Definition, after: Definition, schemas: tuple[Schema, Schema], render: MySQLRenderer
) -> tuple[str, ...]:
    """The statements that replace ``before``. Raises ``Unsupported`` if that would lose something of it."""
    dropped = render.drop_definition(before)
    if after.kind == "trigger":
        text = trigger_order.in_place(after, *schemas)
        after = replace(after, sql=replace(after.sql, text=text))
    created = render.create_definition(after)
    if after.kind == "event" and not render.mariadb:
        return tuple(_alter_event(sql, before) for sql in created)
    if after.kind == "view" or render.mariadb:
        return tuple(_CREATE.sub("CREATE OR REPLACE ", sql, count=1) for sql in _without_privileges(created, after))
    if (altered := characteristics.alter(before, after, render)) is not None:
        return (altered,)
    comment = f"-- {render.product} cannot replace a {after.kind}: {_MISSED[after.kind]}.\n"
    return (*(comment + sql for sql in dropped), *created)


def repeatable(definition: Definition, render: MySQLRenderer) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """CREATE OR REPLACE where there is one, else DROP IF EXISTS and CREATE; and the former alone."""
    dropped = if_exists(render.drop_definition(definition))
    created = render.create_definition(definition)
    if definition.kind == "view" or render.mariadb:
        return tuple(_CREATE.sub("CREATE OR REPLACE ", sql, count=1) for sql in created), dropped
    return (*dropped, *created), dropped


def _without_privileges(created: Sequence[str], after: Definition) -> tuple[str, ...]:
    """The statements without those of the privileges, which ``OR REPLACE`` leaves."""
    return tuple(sql for sql in created if sql not in after.dependents)


# -- ALTER EVENT ------------------------------------------------------------------------------------------------------

_DEFAULTS = {"ON COMPLETION": "ON COMPLETION NOT PRESERVE", "STATUS": "ENABLE", "COMMENT": "COMMENT ''"}
"""Clauses that ALTER EVENT leaves as they are unless it names them, with what CREATE EVENT means without them; in their order."""


def _alter_event(sql: str, before: Definition) -> str:
    """ALTER EVENT for CREATE EVENT: the clauses that only the event before had are undone. Other statements (SET) stay."""
    if _CREATE_EVENT.match(sql) is None:
        return sql
    former = _clauses(before.sql.text)
    for clause, end in reversed(_clauses(sql).items()):
        if end[1] or not former[clause][1]:
            continue
        sql = f"{sql[: end[0]]}{_DEFAULTS[clause]} {sql[end[0] :]}"
    return _CREATE_EVENT.sub(r"ALTER \1", sql, count=1)


def _clauses(text: str) -> dict[str, tuple[int, bool]]:
    """The place of each clause of a CREATE EVENT, or the one where it would stand, and whether it is there."""
    tokens = readable(text, LEXICAL_RULES)
    words = [token.text.upper() for token in tokens]
    start = words.index("SCHEDULE")
    body = words.index("DO", start)
    comment = next((at for at in range(start, body) if words[at] == "COMMENT"), body)
    status = next((at for at in range(start, comment) if words[at] in ("ENABLE", "DISABLE")), comment)
    completion = next((at for at in range(start, status) if words[at : at + 2] == ["ON", "COMPLETION"]), status)
    places = {"ON COMPLETION": (completion, status), "STATUS": (status, comment), "COMMENT": (comment, body)}
    return {clause: (tokens[at].start, at != end) for clause, (at, end) in places.items()}
