"""GRANT and REVOKE in files: the privileges and memberships that they begin or end, and what a schema file declares by them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dbwarden.core.ddl.cursor import Cursor, cursor
from dbwarden.core.ddl.statements import Grant
from dbwarden.core.sqltext import Token
from dbwarden.core.tokens import literal
from dbwarden.core.types import Ref

from . import routines
from .privileges import OUTSIDE_SCHEMAS, PUBLIC, has_by_default, name_outside_schemas
from .words import LEXICAL_RULES

_OBJECTS = {
    ("TABLE",): "table", ("SEQUENCE",): "sequence", ("FUNCTION",): "function", ("PROCEDURE",): "procedure",
    ("ROUTINE",): "function", ("SCHEMA",): "namespace", ("TYPE",): "enum", ("DOMAIN",): "domain",
    ("LANGUAGE",): "language", ("FOREIGN", "SERVER"): "foreign_server",
    ("FOREIGN", "DATA", "WRAPPER"): "foreign_data_wrapper",
}  # fmt: skip
"""Words before the objects of GRANT, with the kind of what they name."""
_OTHERS = ("ALL", "DATABASE", "TABLESPACE", "PARAMETER", "LARGE")
CURRENT_DATABASE = "CURRENT DATABASE"
"""``Grant.on`` of a statement on the database in which it runs, whatever its name."""


@dataclass(frozen=True, slots=True)
class GrantText:
    """The parts of GRANT or REVOKE."""

    revoke: bool
    option_only: bool
    """GRANT OPTION FOR, ADMIN OPTION FOR and the like: what was granted stays."""
    privileges: tuple[tuple[str, tuple[str, ...]], ...]
    """In upper case, with their columns; names of roles where there is no object."""
    on: str | None
    """The words before the objects; ``None`` for membership in roles."""
    objects: tuple[Ref, ...]
    grantees: tuple[str, ...]
    options: tuple[str, ...]
    """The words behind the grantees."""


def read(at: Cursor) -> Grant:
    """GRANT or REVOKE with the sets that it begins or ends: REVOKE of all ends one; what PUBLIC has by default is the reverse."""
    text = read_text(at)
    refs: dict[bool, list[Ref]] = {True: [], False: []}
    if text.on is None and not text.option_only:
        for role, _ in text.privileges:
            refs[not text.revoke] += [Ref("membership", f"{grantee} in {role}") for grantee in text.grantees]
    everything, columns = _of_all(text), [column for _, columns in text.privileges for column in columns]
    for grantee in text.grantees if text.on is not None and not text.option_only else ():
        for on in text.objects:
            begins = text.revoke is (grantee == PUBLIC and has_by_default(on.kind))
            if begins or everything or not text.revoke:
                refs[begins] += _refs(on, columns, grantee)
    return Grant(text.on, text.revoke, tuple(refs[True]), tuple(refs[False]))


def read_text(at: Cursor) -> GrantText:
    """The parts of GRANT or REVOKE, whose first word is read."""
    revoke = at.word(-1) == "REVOKE"
    option = any(at.skip(word, "OPTION", "FOR") for word in ("GRANT", "ADMIN", "INHERIT", "SET"))
    privileges = tuple(_privileges(at.items(at.until("ON", "TO", "FROM"))))
    on, objects = None, tuple[Ref, ...]()
    if at.skip("ON"):
        on, objects = _on(at)
    at.until("TO", "FROM")
    at.take()
    grantees: list[str] = []
    while not at.at_end:
        at.skip("GROUP")
        token = at.take()
        grantees += [_role(at, token)] if token is not None else []
        if not at.skip(","):
            break
    if on is not None:
        privileges = tuple((name.upper(), columns) for name, columns in privileges)
    return GrantText(revoke, option, privileges, on, objects, tuple(grantees), at.words(12))


def of_current_database(body: str) -> Grant | None:
    """What a block does that runs GRANT or REVOKE on the current database; ``None`` for any other block."""
    at = cursor(body, LEXICAL_RULES)
    if not at.skip("BEGIN", "EXECUTE", "FORMAT"):
        return None
    inner = at.inner(at.group())
    token = inner.take()
    if token is None or not inner.skip(",", "CURRENT_DATABASE") or not at.skip(";", "END"):
        return None
    at = cursor(literal(token).replace("ON DATABASE %I", "ON LANGUAGE _", 1).replace("%%", "%"), LEXICAL_RULES)
    if at.word() not in ("GRANT", "REVOKE"):
        return None
    at.take()
    text = read_text(at)
    refs: dict[bool, list[Ref]] = {True: [], False: []}
    for grantee in text.grantees:
        begins = text.revoke is (grantee == PUBLIC)
        if not text.option_only and (begins or _of_all(text) or not text.revoke):
            refs[begins] += _refs(Ref("database", ""), (), grantee)
    return Grant(CURRENT_DATABASE, text.revoke, tuple(refs[True]), tuple(refs[False]))


def _of_all(text: GrantText) -> bool:
    return any(name == "ALL" for name, _ in text.privileges)


def _privileges(items: Iterator[Cursor]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Privileges, or names of roles, with their columns."""
    for item in items:
        name = item.name()
        item.skip("PRIVILEGES")
        yield "ALL" if name.upper() == "ALL" else name, item.names() if item.word() == "(" else ()


def _on(at: Cursor) -> tuple[str, tuple[Ref, ...]]:
    """The words before the objects, and these; none for objects of other kinds, and for all of a schema."""
    words = at.words(3)
    object_words = next((object_words for object_words in _OBJECTS if words[: len(object_words)] == object_words), None)
    if object_words is None:
        kind = next((word for word in (*_OTHERS, "FOREIGN") if words[:1] == (word,)), "TABLE")
        return kind, tuple(_objects(at, "table")) if kind == "TABLE" else ()
    at.at += len(object_words)
    return object_words[0], tuple(_objects(at, _OBJECTS[object_words]))


def _objects(at: Cursor, kind: str) -> Iterator[Ref]:
    for item in at.items(at.until("TO", "FROM")):
        ref = item.ref(kind)
        if kind in OUTSIDE_SCHEMAS:
            ref = ref._replace(schema=None)
        if item.word() == "(":
            arguments = routines.arguments(item.inner(item.group()), kind)
            ref = ref._replace(name=f"{ref.name}({arguments})")
        yield ref


def _role(at: Cursor, token: Token) -> str:
    return PUBLIC if token.text.upper() == PUBLIC else at.inner([token]).name()


def _refs(on: Ref, columns: Sequence[str], grantee: str) -> Iterator[Ref]:
    if on.kind in OUTSIDE_SCHEMAS:
        yield Ref("grant", name_outside_schemas(grantee, on))
        return
    for column in columns or (None,):
        yield Ref("grant", grantee if column is None else f"{grantee} ({column})", on.schema, on.name)
