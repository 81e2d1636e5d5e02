"""Default privileges as sets: what a role gives each grantee of the objects that it will create, in all schemas or in one.

``pg_default_acl`` has a row only where something differs. A row for all schemas replaces what a grantee has by default, so that
PUBLIC may have lost EXECUTE on routines and USAGE on types; a row for one schema adds to that
(https://www.postgresql.org/docs/current/sql-alterdefaultprivileges.html).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dbwarden.core.ddl.cursor import Cursor, cursor
from dbwarden.core.ddl.statements import Grant
from dbwarden.core.declared_object import DeclaredObject
from dbwarden.core.dialect import Server
from dbwarden.core.model import Definition, Schema
from dbwarden.core.types import Expression, Ref
from dbwarden.errors import ModelReadError

from . import names, policies, privilege_statements
from .privilege_declarations import is_grantable
from .privileges import ALL, PUBLIC, PrivilegeSet, grantable
from .words import LEXICAL_RULES

KIND, ON = "default_privileges", "DEFAULT PRIVILEGES"
"""The kind of object, and ``Grant.on`` of its statement."""
_KINDS = {
    "TABLES": "table", "SEQUENCES": "sequence", "FUNCTIONS": "function", "TYPES": "enum", "SCHEMAS": "namespace",
}  # fmt: skip
"""Kinds of objects with the kind whose privileges they have."""
_SAME = {"ROUTINES": "FUNCTIONS"}
OBJECT_TYPES = {"r": "TABLES", "S": "SEQUENCES", "f": "FUNCTIONS", "T": "TYPES", "n": "SCHEMAS"}
"""``pg_default_acl.defaclobjtype``."""
_PUBLIC_HAS = {"FUNCTIONS": ("EXECUTE",), "TYPES": ("USAGE",)}
ROLE = "role"
"""Setting of ``Server``: the role of the session, which creates the objects and need not be named."""


@dataclass(frozen=True, slots=True)
class DefaultPrivilegeSet:
    """What a role gives a grantee of the objects of one kind that it will create."""

    objects: str
    """``TABLES``, ``SEQUENCES``, ``FUNCTIONS``, ``TYPES`` or ``SCHEMAS``."""
    grantee: str
    privileges: tuple[str, ...] = ()
    """Sorted, with an asterisk behind those that may be passed on."""
    schema: str | None = None
    """``None`` for all schemas."""
    role: str | None = None
    """``None`` for the role that runs the statement."""

    @property
    def ref(self) -> Ref:
        place = f" in schema {self.schema}" if self.schema is not None else ""
        creator = f" of {self.role}" if self.role is not None else ""
        return Ref(KIND, f"{self.grantee} on {self.objects.lower()}{place}{creator}")

    @property
    def implied(self) -> tuple[str, ...]:
        """What the grantee has without a row in the catalogue."""
        return _PUBLIC_HAS.get(self.objects, ()) if self.grantee == PUBLIC and self.schema is None else ()

    def definition(self, server: Server) -> Definition:
        """The set as a definition; the session's own role has no name in its identity, but in its text where it was written."""
        own = self.role is not None and self.role == server.settings.get(ROLE)
        ref = DefaultPrivilegeSet(self.objects, self.grantee, (), self.schema, None).ref if own else self.ref
        text = ";\n".join(self.grants(self.privileges)) or self.revoke_all()
        sql = Expression(text, ", ".join(self.privileges) or "none")
        needs = {Ref("namespace", self.schema)} if self.schema not in (None, server.default_schema) else set()
        return Definition(
            KIND, ref.name, sql, needs=frozenset(needs), attached=True, absent=self.privileges == self.implied
        )

    def grants(self, privileges: Iterable[str]) -> Iterator[str]:
        """ALTER DEFAULT PRIVILEGES ... GRANT, those that may be passed on in a statement of their own."""
        defaults = tuple(privileges)
        for passing, behind in ((False, ""), (True, " WITH GRANT OPTION")):
            listed = [name.rstrip("*") for name in defaults if name.endswith("*") is passing]
            if listed:
                to = policies.role(self.grantee)
                yield f"{self._head()} GRANT {', '.join(listed)} ON {self.objects} TO {to}{behind}"

    def revoke(self, privileges: Iterable[str], option: bool = False) -> Iterator[str]:
        """ALTER DEFAULT PRIVILEGES ... REVOKE of privileges, or only of the right to pass them on."""
        listed = [name.rstrip("*") for name in privileges]
        if listed:
            words = "REVOKE GRANT OPTION FOR" if option else "REVOKE"
            of = policies.role(self.grantee)
            yield f"{self._head()} {words} {', '.join(listed)} ON {self.objects} FROM {of}"

    def revoke_all(self) -> str:
        """REVOKE of whatever the grantee gets."""
        return f"{self._head()} REVOKE ALL ON {self.objects} FROM {policies.role(self.grantee)}"

    def _head(self) -> str:
        role = f" FOR ROLE {policies.role(self.role)}" if self.role is not None else ""
        place = f" IN SCHEMA {names.quote(self.schema)}" if self.schema is not None else ""
        return f"ALTER DEFAULT PRIVILEGES{role}{place}"


def privilege_set(definition: Definition) -> DefaultPrivilegeSet:
    """The set that a definition has, by its statement and its key."""
    at = cursor(definition.sql.text, LEXICAL_RULES)
    at.skip("ALTER", "DEFAULT", "PRIVILEGES")
    defaults, _ = next(sets(at))
    key = definition.sql.key
    privileges = () if key == "none" else tuple(key.split(", "))
    return DefaultPrivilegeSet(defaults.objects, defaults.grantee, privileges, defaults.schema, defaults.role)


# -- statements -------------------------------------------------------------------------------------------------------


def change(before: Definition | None, after: Definition | None, schemas: tuple[Schema, Schema]) -> tuple[str, ...]:
    """Statements from one set to the other; without one, from or to what the grantee has by default. Those of a schema that is
    dropped go with it."""
    item = after or before
    assert item is not None
    if after is None and any(need in schemas[0] and need not in schemas[1] for need in item.needs):
        return ()
    defaults = privilege_set(item)
    old = privilege_set(before).privileges if before is not None else defaults.implied
    new = privilege_set(after).privileges if after is not None else defaults.implied
    if not new and old:
        return (defaults.revoke_all(),)
    having = {name.rstrip("*") for name in new}
    lost = [name for name in old if name.rstrip("*") not in having]
    weaker = [name for name in old if name.endswith("*") and name.rstrip("*") in new]
    missing = [name for name in new if name not in old and f"{name}*" not in old]
    return (*defaults.revoke(lost), *defaults.revoke(weaker, option=True), *defaults.grants(missing))


def given_to_new(on: PrivilegeSet, schemas: tuple[Schema, Schema], server: Server) -> tuple[str, ...]:
    """What the session's role may give the grantee of a new object, by the default privileges before a migration, and by those
    that it alters, before or after it creates the object; new ones come last."""
    objects = next((name for name, kind in _KINDS.items() if kind == _like(on.on.kind)), None)
    if objects is None or on.column is not None:
        return ()
    places = (None, on.on.schema or server.default_schema)
    refs = [DefaultPrivilegeSet(objects, on.grantee, (), place).ref for place in places]
    known = [ref for ref in refs if ref in schemas[0]]
    items = [item for schema in schemas for item in map(schema.get, known) if isinstance(item, Definition)]
    return tuple(sorted({name for item in items for name in privilege_set(item).privileges}))


def _like(kind: str) -> str:
    if kind in ("view", "materialized_view"):
        return "table"
    return {"procedure": "function", "aggregate": "function"}.get(kind, "enum" if ALL[kind] == ALL["enum"] else kind)


# -- declarations -----------------------------------------------------------------------------------------------------


def declared(items: Iterable[Any], server: Server) -> Iterator[Definition]:
    """The sets that declarations make together. Raises ``ModelReadError``."""
    sets: dict[DefaultPrivilegeSet, dict[str, bool]] = {}
    for item in items:
        objects = _objects(item)
        grantees = [item.to] if isinstance(item.to, str) else list(item.to)
        for grantee in grantees:
            to = PUBLIC if grantee.upper() == PUBLIC else grantee
            defaults = DefaultPrivilegeSet(objects, to, (), item.in_schema or None, item.for_role)
            privileges = sets.setdefault(defaults, {})
            for name in _privileges(item, objects, server):
                privileges[name] = privileges.get(name, False) or is_grantable(item, name)
    for defaults, privileges in sets.items():
        listed = tuple(sorted(f"{name}*" if passing else name for name, passing in privileges.items()))
        full = DefaultPrivilegeSet(defaults.objects, defaults.grantee, listed, defaults.schema, defaults.role)
        yield full.definition(server)


def _objects(item: Any) -> str:
    words = str(item.on).upper()
    words = _SAME.get(words, words)
    if words not in _KINDS or (words == "SCHEMAS" and item.in_schema):
        kinds = ", ".join(kind for kind in _KINDS if kind != "SCHEMAS" or not item.in_schema)
        reason = f"default privileges are on {kinds}, not on {item.on}"
        raise ModelReadError(
            where=f"default privileges of {item.to}",
            reason=reason,
            hint="Correct `on` of the DefaultPrivileges in the models.",
        )
    return words


def _privileges(item: Any, objects: str, server: Server) -> Iterator[str]:
    known = ALL[_KINDS[objects]] + (("MAINTAIN",) if server.version >= (17,) and objects == "TABLES" else ())
    defaults = [item.privileges] if isinstance(item.privileges, str) else item.privileges
    for name in (part.strip().upper() for text in defaults for part in text.split(",") if part.strip()):
        if name in ("ALL", "ALL PRIVILEGES"):
            yield from known
        elif name in known:
            yield name
        else:
            reason = f"{name} is not a privilege on {objects.lower()}: {', '.join(known)}"
            raise ModelReadError(
                where=f"default privileges of {item.to}",
                reason=reason,
                hint="Correct the DefaultPrivileges in the models.",
            )


def declaration(item: Definition) -> DeclaredObject:
    """What models write for a set."""
    defaults = privilege_set(item)
    return DeclaredObject(
        "DefaultPrivileges",
        ", ".join(name.rstrip("*") for name in defaults.privileges),
        named={
            "on": defaults.objects,
            "to": defaults.grantee,
            "in_schema": defaults.schema,
            "for_role": defaults.role,
            "grantable": grantable(defaults.privileges),
        },
    )


# -- statements of files ----------------------------------------------------------------------------------------------


def read(at: Cursor) -> Grant:
    """ALTER DEFAULT PRIVILEGES, whose first words are read, with the sets that it begins or ends."""
    begun, ended = list[Ref](), list[Ref]()
    revoke = False
    for defaults, text in sets(at):
        revoke = text.revoke
        begins = text.revoke is (defaults.implied != ())
        if not text.option_only and (begins or not text.revoke or text.privileges[0][0] == "ALL"):
            (begun if begins else ended).append(defaults.ref)
    return Grant(ON, revoke, tuple(begun), tuple(ended))


def sets(at: Cursor) -> Iterator[tuple[DefaultPrivilegeSet, privilege_statements.GrantText]]:
    """The sets that ALTER DEFAULT PRIVILEGES is about, behind these words, each with its GRANT or REVOKE."""
    roles, schemas = list[str | None](), list[str | None]()
    while (word := at.word()) in ("FOR", "IN"):
        at.take()
        at.take()
        into = roles if word == "FOR" else schemas
        into.append(at.name())
        while at.skip(","):
            into.append(at.name())
    at.take()
    text = privilege_statements.read_text(at)
    objects = _SAME.get(text.objects[0].name.upper(), text.objects[0].name.upper()) if text.objects else ""
    for role in roles or (None,):
        for schema in schemas or (None,):
            for grantee in text.grantees:
                if objects in _KINDS:
                    yield DefaultPrivilegeSet(objects, grantee, (), schema, role), text


def with_own_role(statement: Grant, server: Server) -> Grant:
    """The statement with the names of sets as inspection has them: without that of the session's own role."""
    suffix = f" of {server.settings.get(ROLE)}"
    refs: Mapping[bool, tuple[Ref, ...]] = {
        begun: tuple(ref._replace(name=ref.name.removesuffix(suffix)) for ref in refs)
        for begun, refs in ((True, statement.begun), (False, statement.ended))
    }
    return Grant(statement.on, statement.revoke, refs[True], refs[False])
