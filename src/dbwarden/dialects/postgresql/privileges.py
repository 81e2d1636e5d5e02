"""Privileges as sets: one definition for each grantee of an object, and for each grantee of a column.

The key of its text is the set: the names of the privileges, sorted, with an asterisk where the grantee may pass them on. All
statements are written from that set, so that a change is GRANT of what is missing and REVOKE of what is too much.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dbwarden.core import kinds
from dbwarden.core.ddl.cursor import Cursor
from dbwarden.core.ddl.statements import Grant
from dbwarden.core.dialect import Server
from dbwarden.core.model import Definition, Schema, column_ref
from dbwarden.core.types import Expression, Ref
from dbwarden.errors import ModelReadError

from . import names, policies, routines

_ROWS = ("DELETE", "INSERT", "REFERENCES", "SELECT", "TRIGGER", "TRUNCATE", "UPDATE")
_ALL = {
    **dict.fromkeys(("table", "view", "materialized_view"), _ROWS),
    "column": ("INSERT", "REFERENCES", "SELECT", "UPDATE"),
    "sequence": ("SELECT", "UPDATE", "USAGE"),
    **dict.fromkeys(("function", "procedure", "aggregate"), ("EXECUTE",)),
    **dict.fromkeys(("enum", "domain", "composite_type", "range_type"), ("USAGE",)),
    "namespace": ("CREATE", "USAGE"),
}
"""The privileges that an object of each kind has (https://www.postgresql.org/docs/current/ddl-priv.html)."""
_WORDS = {
    **dict.fromkeys(("table", "view", "materialized_view"), ""),
    **dict.fromkeys(("enum", "composite_type", "range_type"), "TYPE "),
    "domain": "DOMAIN ", "sequence": "SEQUENCE ", "function": "FUNCTION ", "aggregate": "FUNCTION ",
    "procedure": "PROCEDURE ", "namespace": "SCHEMA ",
}  # fmt: skip
"""What stands before the name of an object in GRANT."""
_NAMED = {
    "TABLE": "table", "SEQUENCE": "sequence", "FUNCTION": "function", "PROCEDURE": "procedure", "ROUTINE": "function",
    "SCHEMA": "namespace", "TYPE": "enum", "DOMAIN": "domain",
}  # fmt: skip
_PUBLIC = "PUBLIC"
PUBLIC_BY_DEFAULT = frozenset("function procedure aggregate enum domain composite_type range_type".split())
"""Kinds of which PUBLIC has all privileges by default."""


def implied(kind: str, grantee: str, on_public: bool, server: Server) -> tuple[str, ...]:
    """What a grantee has of an object without any GRANT: PUBLIC may call routines, use types, and the schema ``public``."""
    if grantee != _PUBLIC:
        return ()
    if kind == "namespace":
        return () if not on_public else ("USAGE",) if server.version >= (15,) else ("CREATE", "USAGE")
    return _ALL[kind] if kind in PUBLIC_BY_DEFAULT else ()


@dataclass(frozen=True, slots=True)
class PrivilegeSet:
    """The privileges of one grantee on one object, or on one of its columns."""

    on: Ref
    column: str | None
    grantee: str
    """Name of the role, or PUBLIC."""
    privileges: tuple[str, ...]
    """Sorted, with an asterisk behind those that may be passed on."""

    def definition(self, server: Server, needs: Iterable[Ref] = ()) -> Definition:
        """The set as a definition on its object."""
        place = f" ({self.column})" if self.column is not None else ""
        column = (column_ref(self.on, self.column),) if self.column is not None else ()
        sql = Expression(";\n".join(self.grants()) or "no privileges", ", ".join(self.privileges) or "none")
        default = self.privileges == implied(self.on.kind, self.grantee, self.on.name == "public", server)
        if self.on.kind == "namespace":
            name, required = f"{self.grantee} on schema {self.on.name}", {*needs}
            if self.on.name != server.default_schema:
                required.add(self.on)
            return Definition(
                "grant",
                name,
                sql,
                columns=(("", self.on.name),),
                needs=frozenset(required),
                attached=True,
                absent=default,
            )
        return Definition(
            "grant", self.grantee + place, sql, self.on.schema, self.on,
            needs=frozenset((*needs, *column)), attached=True, absent=default,
        )  # fmt: skip

    def grants(self, privileges: Iterable[str] | None = None) -> Iterator[str]:
        """GRANT of the privileges, those that may be passed on in a statement of their own."""
        given = self.privileges if privileges is None else tuple(privileges)
        for passing, behind in ((False, ""), (True, " WITH GRANT OPTION")):
            listed = [name.rstrip("*") for name in given if name.endswith("*") is passing]
            if listed:
                yield f"GRANT {self._listed(listed)} ON {self.object()} TO {policies.role(self.grantee)}{behind}"

    def revoke(self, privileges: Iterable[str], option: bool = False) -> Iterator[str]:
        """REVOKE of privileges, or only of the right to pass them on."""
        listed = [name.rstrip("*") for name in privileges]
        if listed:
            head = "REVOKE GRANT OPTION FOR" if option else "REVOKE"
            yield f"{head} {self._listed(listed)} ON {self.object()} FROM {policies.role(self.grantee)}"

    def _listed(self, privileges: Sequence[str]) -> str:
        columns = f" ({names.quote(self.column)})" if self.column is not None else ""
        return ", ".join(f"{name}{columns}" for name in privileges)

    def object(self) -> str:
        """The object as GRANT names it."""
        name, opening, arguments = (
            self.on.name.partition("(") if kinds.of(self.on.kind).is_routine else (self.on.name, "", "")
        )
        written = names.quote(name) if self.on.kind == "namespace" else names.qualified(name, self.on.schema)
        return f"{_WORDS[self.on.kind]}{written}{opening}{arguments.replace('*', '')}"


def privilege_set(definition: Definition) -> PrivilegeSet:
    """The set that a definition has."""
    key = definition.sql.key
    privileges = () if key == "none" else tuple(key.split(", "))
    if definition.on is None:
        schema = definition.columns[0][1] if definition.columns else definition.name.rpartition(" on schema ")[2]
        return PrivilegeSet(Ref("namespace", schema), None, definition.name.rpartition(" on schema ")[0], privileges)
    column = next(
        (ref.name for ref in definition.needs if ref.kind == "column" and definition.name.endswith(f" ({ref.name})")),
        None,
    )
    grantee = definition.name if column is None else definition.name.removesuffix(f" ({column})")
    return PrivilegeSet(definition.on, column, grantee, privileges)


# -- statements -------------------------------------------------------------------------------------------------------


def change(
    before: Definition | None, after: Definition | None, schemas: tuple[Schema, Schema], server: Server
) -> tuple[str, ...]:
    """Statements from one set to the other; without one, from or to what the grantee has by default.

    Privileges go with their object, and come back with one that is created again.
    """
    item = after or before
    assert item is not None
    given = privilege_set(item)
    if before is not None and after is None and (item.ref in schemas[1] or _goes(item, schemas[1])):
        return ()
    default = implied(given.on.kind, given.grantee, given.on.name == "public", server)
    old = privilege_set(before).privileges if before is not None else default
    new = privilege_set(after).privileges if after is not None else default
    if not new and old:
        everything = f"ALL ({names.quote(given.column)})" if given.column is not None else "ALL"
        revoked = f"REVOKE {everything} ON {given.object()} FROM {policies.role(given.grantee)}"
        return (revoked, *_again(given, _ALL["column"], schemas))
    having = {name.rstrip("*") for name in new}
    lost = [name for name in old if name.rstrip("*") not in having]
    weaker = [name for name in old if name.endswith("*") and name.rstrip("*") in new]
    missing = [name for name in new if name not in old and f"{name}*" not in old]
    return (
        *given.revoke(lost), *given.revoke(weaker, option=True), *given.grants(missing), *_again(given, lost, schemas),
    )  # fmt: skip


def _goes(item: Definition, after: Schema) -> bool:
    """Whether the object, or the column, of a set is dropped."""
    if item.on is not None and item.on.kind != "sequence" and item.on not in after:
        return True
    for ref in item.needs:
        owner = after.get(ref.owner)
        if owner is None or (ref.kind == "column" and ref not in owner.provides()):
            return True
    return False


def _again(given: PrivilegeSet, lost: Iterable[str], schemas: tuple[Schema, Schema]) -> Iterator[str]:
    """GRANT of the privileges on columns that go with the same privileges on their table."""
    revoked = {name.rstrip("*") for name in lost}
    if given.column is not None or not revoked:
        return
    for item in schemas[1].members(given.on):
        if isinstance(item, Definition) and item.kind == "grant" and item.ref in schemas[0]:
            other = privilege_set(item)
            if other.column is not None and other.grantee == given.grantee:
                yield from other.grants(name for name in other.privileges if name.rstrip("*") in revoked)


# -- declarations -----------------------------------------------------------------------------------------------------


def declared(items: Iterable[Any], objects: Iterable[Any], server: Server) -> Iterator[Definition]:
    """The sets that declarations make together. Raises ``ModelReadError``.

    ``objects`` are the declared views and routines: a name may mean one of them, that of a routine without its arguments' names.
    """
    known: dict[tuple[str | None, str], list[Ref]] = {}
    for item in objects:
        ref = _object_of(item, item.schema, item.kind, server)
        known.setdefault((ref.schema, ref.name.partition("(")[0]), []).append(ref)
    sets: dict[tuple[Ref, str | None, str], dict[str, bool]] = {}
    for item in items:
        on = _declared_object(_object(item, server), known)
        grantees = [item.to] if isinstance(item.to, str) else list(item.to)
        for grantee in grantees:
            for column in item.columns or (None,):
                key = (on, column, policies.role(grantee) if grantee.upper() == _PUBLIC else grantee)
                privileges = sets.setdefault(key, {})
                for name in _privileges(item, on, server):
                    privileges[name] = privileges.get(name, False) or item.grantable
    for (on, column, grantee), privileges in sets.items():
        names_ = tuple(sorted(f"{name}*" if passing else name for name, passing in privileges.items()))
        yield PrivilegeSet(on, column, grantee, names_).definition(server)


def _privileges(item: Any, on: Ref, server: Server) -> Iterator[str]:
    """The names of declared privileges. Raises ``ModelReadError`` for one that the object does not have."""
    kind = "column" if item.columns else on.kind
    known = _ALL[kind] + (
        ("MAINTAIN",) if server.version >= (17,) and kind in ("table", "view", "materialized_view") else ()
    )
    given = [item.privileges] if isinstance(item.privileges, str) else item.privileges
    for name in (part.strip().upper() for text in given for part in text.split(",")):
        if name in ("ALL", "ALL PRIVILEGES"):
            yield from known
        elif name in known:
            yield name
        else:
            reason = f"{name} is not a privilege on {kinds.a(kind)}: {', '.join(known)}"
            raise ModelReadError(
                where=f"privileges of {item.to}", reason=reason, hint="Correct the Grant in the models."
            )


def _object(item: Any, server: Server) -> Ref:
    """The object of a declaration: a mapped class, a table, a declaration, a sequence or type of SQLAlchemy, or its name as GRANT
    has it (``SCHEMA sales``)."""
    on = getattr(item.on, "__table__", item.on)
    if isinstance(on, str):
        return _named(on, item.schema, server)
    kind = getattr(on, "kind", None) or {
        "sequence": "sequence",
        "enum": "enum",
        "ENUM": "enum",
        "DOMAIN": "domain",
    }.get(getattr(on, "__visit_name__", ""), "table")
    if kind not in _ALL:
        reason = f"privileges are declared on tables, sequences, routines, types and schemas, not on {kinds.a(kind)}"
        raise ModelReadError(
            where=f"privileges of {item.to}", reason=reason, hint="Correct `on` of the Grant in the models."
        )
    return _object_of(on, on.schema, kind, server)


def _object_of(item: Any, schema: Any, kind: str, server: Server) -> Ref:
    place = str(schema) if schema is not None and schema != server.default_schema else None
    name = str(item.name)
    return Ref(kind, routines.identity(name, server.default_schema, kind) if kinds.of(kind).is_routine else name, place)


def _declared_object(ref: Ref, known: Mapping[tuple[str | None, str], Sequence[Ref]]) -> Ref:
    """The declared view or routine that a name means, if there is one."""
    of_name = known.get((ref.schema, ref.name.partition("(")[0]), ())
    is_routine = kinds.of(ref.kind).is_routine
    candidates = [other for other in of_name if kinds.of(other.kind).is_routine is is_routine]
    same = [other for other in candidates if routines.types_of(other.name) == routines.types_of(ref.name)]
    return next(iter(same), ref)


def _named(text: str, schema: str | None, server: Server) -> Ref:
    word, _, rest = text.strip().partition(" ")
    kind = _NAMED.get(word.upper(), "") if rest and "(" not in word else ""
    name = rest.strip() if kind else text.strip()
    if kind == "namespace":
        return Ref("namespace", name)
    head, opening, arguments = name.partition("(")
    place, _, last = head.rpartition(".")
    place = place or schema or ""
    signature = f"{last}{opening}{arguments}"
    if kind in ("function", "procedure"):
        signature = routines.identity(signature, server.default_schema, kind)
    return Ref(kind or "table", signature, None if place in ("", server.default_schema) else place)


# -- statements of files ----------------------------------------------------------------------------------------------


def read(at: Cursor) -> Grant:
    """GRANT or REVOKE with the sets that it begins or ends: REVOKE of all ends one; what PUBLIC has by default is the reverse."""
    revoke = at.word(-1) == "REVOKE"
    option = at.skip("GRANT", "OPTION", "FOR")
    privileges = at.items(at.until("ON", "TO", "FROM"))
    columns: list[str] = []
    everything = False
    for item in privileges:
        everything |= item.skip("ALL")
        item.skip("PRIVILEGES")
        item.until("(")
        columns += item.names()
    if not at.skip("ON"):
        return Grant(None, revoke)
    kind = next((word for word in _KINDS if at.words(1) == (word,)), "TABLE")
    objects = tuple(_objects(at, kind)) if kind in _NAMED and at.word(1) != "TABLES" else ()
    at.until("TO", "FROM")
    at.take()
    refs: dict[bool, list[Ref]] = {True: [], False: []}
    while objects and not at.at_end:
        at.skip("GROUP")
        token = at.take()
        grantee = "" if token is None else _PUBLIC if token.text.upper() == _PUBLIC else at.inner([token]).name()
        for on in objects:
            begins = revoke is (grantee == _PUBLIC and kind in ("FUNCTION", "PROCEDURE", "ROUTINE", "TYPE", "DOMAIN"))
            if not option and (begins or everything or not revoke):
                refs[begins] += _refs(on, columns, grantee)
        if not at.skip(","):
            break
    return Grant(kind, revoke, tuple(refs[True]), tuple(refs[False]))


_KINDS = (
    "ALL", "DATABASE", "TABLESPACE", "SCHEMA", "PARAMETER", "LANGUAGE", "TYPE", "DOMAIN", "FUNCTION", "LARGE", "PROCEDURE",
    "ROUTINE", "SEQUENCE", "FOREIGN",
)  # fmt: skip


def _objects(at: Cursor, kind: str) -> Iterator[Ref]:
    at.skip(kind)
    for item in at.items(at.until("TO", "FROM")):
        ref = item.ref(_NAMED[kind])
        if item.word() == "(":
            arguments = routines.arguments(item.inner(item.group()), _NAMED[kind])
            ref = ref._replace(name=f"{ref.name}({arguments})")
        yield ref


def _refs(on: Ref, columns: Sequence[str], grantee: str) -> Iterator[Ref]:
    if on.kind == "namespace":
        yield Ref("grant", f"{grantee} on schema {on.name}")
        return
    for column in columns or (None,):
        yield Ref("grant", grantee if column is None else f"{grantee} ({column})", on.schema, on.name)
