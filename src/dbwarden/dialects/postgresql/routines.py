"""Identity of routines: functions of one name differ in the types of their arguments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from dbwarden.core.ddl.cursor import Cursor, cursor
from dbwarden.core.ddl.statements import AlterObject, CreateObject, DropObject, Statement
from dbwarden.core.tokens import to_text
from dbwarden.core.types import Ref

from . import types
from .words import LEXICAL_RULES

_KINDS = {"FUNCTION": "function", "PROCEDURE": "procedure", "AGGREGATE": "aggregate", "ROUTINE": "function"}
_AFTER_RESULT = (
    *(
        "LANGUAGE",
        "AS",
        "TRANSFORM",
        "WINDOW",
        "IMMUTABLE",
        "STABLE",
        "VOLATILE",
        "NOT",
        "LEAKPROOF",
        "CALLED",
        "RETURNS",
    ),
    *("STRICT", "EXTERNAL", "SECURITY", "PARALLEL", "COST", "ROWS", "SUPPORT", "SET", "RETURN", "BEGIN"),
)
"""Words that begin the clauses behind the result of a function."""
_MODES = ("IN", "OUT", "INOUT", "VARIADIC")


@lru_cache(maxsize=4096)
def identity(signature: str, default_schema: str | None, kind: str = "function") -> str:
    """Name of a routine with its arguments, as ``Ref.name`` has it: ``add(a integer, OUT b text)``.

    ``signature`` is the name with the arguments of CREATE or of ``pg_get_function_identity_arguments()``; defaults and the lengths
    of types are left out, as the server does.
    """
    name, _, rest = signature.partition("(")
    inner = rest.rpartition(")")[0]
    return f"{name}({arguments(cursor(inner, LEXICAL_RULES, default_schema), kind)})"


def types_of(name: str) -> tuple[str, ...]:
    """The types of the arguments in the identity of a routine, without their names."""
    inner = name.partition("(")[2].rpartition(")")[0]
    items = cursor(inner, LEXICAL_RULES)
    return tuple(_argument_type(to_text(item.rest())) for item in items.items(items.rest()))


def _argument_type(argument: str) -> str:
    """``integer`` of ``n integer``: identities have a name only before a type that is known, or one word."""
    mode, _, rest = argument.partition(" ")
    text = rest if mode in _MODES and rest else argument
    _, _, behind = text.partition(" ")
    known = types.TYPES.get(types.from_catalogue(text, None).name) is not None
    return text if known or not behind else behind


def arguments(at: Cursor, kind: str) -> str:
    """The arguments of a routine in its identity."""
    listed = ", ".join(_argument(item, kind) for item in at.items(at.rest()))
    return listed or "*" * (kind == "aggregate")


def _argument(at: Cursor, kind: str) -> str:
    mode = at.word() if at.word() in _MODES and at.token(1) is not None else ""
    at.at += bool(mode)
    if mode == "IN" and at.skip("OUT"):
        mode = "INOUT"
    if mode in ("", "IN"):
        mode = "IN" if kind == "procedure" else ""
    typed = at.until("DEFAULT", "=", ":=")
    if len(typed) == 1 or types.TYPES.get(types.from_catalogue(to_text(typed), None).name) is not None:
        return f"{mode} {_type(to_text(typed), at.default_schema)}".strip()
    words = (mode, typed[0].text, _type(to_text(typed[1:]), at.default_schema))
    return " ".join(filter(None, words))


def _type(text: str, default_schema: str | None) -> str:
    return str(replace(types.from_catalogue(text, default_schema), args=()))


def result(sql: str) -> tuple[str, int]:
    """What CREATE OR REPLACE cannot change of a routine: its result and the number of its defaults."""
    at = _behind_kind(cursor(sql, LEXICAL_RULES))
    at.ref("function")
    declared = at.group()
    defaults = sum(
        1 for item in at.items(declared) if item.find("DEFAULT") or "=" in {token.text for token in item.all()}
    )
    if not at.skip("RETURNS"):
        return "", defaults
    many = at.skip("SETOF")
    if at.skip("TABLE"):
        return f"TABLE({arguments(at.inner(at.group()), 'function')})", defaults
    returned = at.until(*_AFTER_RESULT)
    return f"{'SETOF ' * many}{_type(to_text(returned), 'public')}", defaults


def identified(statement: AlterObject | CreateObject | DropObject, sql: str, default_schema: str | None) -> Statement:
    """A parsed CREATE, ALTER or DROP of routines with their identities instead of their names."""
    at = _behind_kind(cursor(sql, LEXICAL_RULES, default_schema))
    kind = _KINDS.get(at.word(-1), "function")
    at.skip("IF", "EXISTS")
    if isinstance(statement, CreateObject):
        return replace(statement, ref=next(_identities(at, kind), statement.ref))
    if isinstance(statement, AlterObject):
        ref = next(_identities(at, kind), statement.ref)
        if ref is None or statement.new is None:
            return replace(statement, ref=ref)
        arguments = ref.name[len(ref.name.partition("(")[0]) :]
        return replace(
            statement, ref=ref, new=statement.new._replace(kind=ref.kind, name=statement.new.name + arguments)
        )
    return replace(statement, refs=tuple(_identities(at, kind)))


def _identities(at: Cursor, kind: str) -> Iterator[Ref]:
    while not at.at_end:
        ref = at.ref(kind)
        if at.word() == "(":
            ref = ref._replace(name=f"{ref.name}({arguments(at.inner(at.group()), kind)})")
        yield ref
        if not at.skip(","):
            return


def _behind_kind(at: Cursor) -> Cursor:
    """The cursor behind the word FUNCTION, PROCEDURE or AGGREGATE."""
    while at.word() not in _KINDS and not at.at_end:
        at.at += 1
    at.at += 1
    return at
