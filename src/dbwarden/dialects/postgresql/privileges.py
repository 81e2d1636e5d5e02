"""Privileges as sets: one definition for each grantee of an object, and for each grantee of a column.

The key of its text is the set: the names of the privileges, sorted, with an asterisk where the grantee may pass them on. All
statements are written from that set, so that a change is GRANT of what is missing and REVOKE of what is too much.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from dbwarden.core import kinds
from dbwarden.core.dialect import Server
from dbwarden.core.model import Definition, Schema, column_ref
from dbwarden.core.types import Expression, Ref
from dbwarden.dialects.base.names import literal

from . import names, policies

_ROWS = ("DELETE", "INSERT", "REFERENCES", "SELECT", "TRIGGER", "TRUNCATE", "UPDATE")
ALL = {
    **dict.fromkeys(("table", "view", "materialized_view"), _ROWS),
    "column": ("INSERT", "REFERENCES", "SELECT", "UPDATE"),
    "sequence": ("SELECT", "UPDATE", "USAGE"),
    **dict.fromkeys(("function", "procedure", "aggregate"), ("EXECUTE",)),
    **dict.fromkeys(("enum", "domain", "composite_type", "range_type"), ("USAGE",)),
    "namespace": ("CREATE", "USAGE"),
    "database": ("CONNECT", "CREATE", "TEMPORARY"),
    **dict.fromkeys(("foreign_server", "foreign_data_wrapper", "language"), ("USAGE",)),
}
"""The privileges that an object of each kind has (https://www.postgresql.org/docs/current/ddl-priv.html)."""
_WORDS = {
    **dict.fromkeys(("table", "view", "materialized_view"), ""),
    **dict.fromkeys(("enum", "composite_type", "range_type"), "TYPE "),
    "domain": "DOMAIN ", "sequence": "SEQUENCE ", "function": "FUNCTION ", "aggregate": "FUNCTION ",
    "procedure": "PROCEDURE ", "namespace": "SCHEMA ", "database": "DATABASE ", "foreign_server": "FOREIGN SERVER ",
    "foreign_data_wrapper": "FOREIGN DATA WRAPPER ", "language": "LANGUAGE ",
}  # fmt: skip
"""What stands before the name of an object in GRANT."""
OUTSIDE_SCHEMAS = {kind: words.strip().lower() for kind, words in _WORDS.items() if kind in (
    "namespace", "database", "foreign_server", "foreign_data_wrapper", "language",
)}  # fmt: skip
"""Kinds whose objects are in no schema, with the words that stand in the name of a set of privileges."""
PUBLIC = "PUBLIC"
_ALL_OF_PUBLIC = frozenset("function procedure aggregate enum domain composite_type range_type language".split())
"""Kinds of which PUBLIC has all privileges by default."""


def implied(kind: str, grantee: str, on_public: bool, server: Server) -> tuple[str, ...]:
    """What a grantee has of an object without any GRANT: PUBLIC may call routines, use types, languages and the schema
    ``public``, and connect to the database."""
    if grantee != PUBLIC:
        return ()
    if kind == "namespace":
        return () if not on_public else ("USAGE",) if server.version >= (15,) else ("CREATE", "USAGE")
    if kind == "database":
        return ("CONNECT", "TEMPORARY")
    return ALL[kind] if kind in _ALL_OF_PUBLIC else ()


def has_by_default(kind: str) -> bool:
    """Whether PUBLIC has privileges of such an object by default, so that a REVOKE makes the difference."""
    return kind == "database" or kind in _ALL_OF_PUBLIC


def name_outside_schemas(grantee: str, on: Ref) -> str:
    """The name of a set of privileges on an object that is in no schema: ``app on schema sales``, ``app on database``."""
    return f"{grantee} on {OUTSIDE_SCHEMAS[on.kind]} {on.name}".rstrip()


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
        if self.on.kind in OUTSIDE_SCHEMAS:
            name, required = name_outside_schemas(self.grantee, self.on), {*needs}
            if self.on.kind in kinds.KINDS and self.on.name != server.default_schema:
                required.add(self.on)
            return Definition(
                "grant", name, sql, columns=((self.on.kind, self.on.name),), needs=frozenset(required), attached=True,
                absent=default,
            )  # fmt: skip
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
                yield self._run(f"GRANT {self._listed(listed)}", f"TO {policies.role(self.grantee)}{behind}")

    def revoke(self, privileges: Iterable[str], option: bool = False) -> Iterator[str]:
        """REVOKE of privileges, or only of the right to pass them on."""
        listed = list(dict.fromkeys(name.rstrip("*") for name in privileges))
        if listed:
            head = "REVOKE GRANT OPTION FOR" if option else "REVOKE"
            yield self._run(f"{head} {self._listed(listed)}", f"FROM {policies.role(self.grantee)}")

    def revoke_all(self) -> str:
        """REVOKE of whatever the grantee has."""
        everything = f"ALL ({names.quote(self.column)})" if self.column is not None else "ALL"
        return self._run(f"REVOKE {everything}", f"FROM {policies.role(self.grantee)}")

    def _run(self, before: str, behind: str) -> str:
        """A statement on the object. That on the database must not name it, since files go through databases of several names."""
        if self.on.kind != "database":
            return f"{before} ON {self.object()} {behind}"
        text = f"{before} ON DATABASE %I {behind.replace('%', '%%')}"
        tag = "$run$" if "$$" in text else "$$"
        return f"DO {tag}BEGIN EXECUTE format({literal(text)}, current_database()); END{tag}"

    def _listed(self, privileges: Sequence[str]) -> str:
        columns = f" ({names.quote(self.column)})" if self.column is not None else ""
        return ", ".join(f"{name}{columns}" for name in privileges)

    def object(self) -> str:
        """The object as GRANT names it."""
        name, opening, arguments = (
            self.on.name.partition("(") if kinds.of(self.on.kind).is_routine else (self.on.name, "", "")
        )
        if self.on.kind in OUTSIDE_SCHEMAS:
            return f"{_WORDS[self.on.kind]}{names.quote(name) if name else ''}".rstrip()
        written = names.qualified(name, self.on.schema)
        return f"{_WORDS[self.on.kind]}{written}{opening}{arguments.replace('*', '')}"


def privilege_set(definition: Definition) -> PrivilegeSet:
    """The set that a definition has."""
    key = definition.sql.key
    privileges = () if key == "none" else tuple(key.split(", "))
    if definition.on is None:
        on, grantee = _outside_schemas(definition)
        return PrivilegeSet(on, None, grantee, privileges)
    column = next(
        (ref.name for ref in definition.needs if ref.kind == "column" and definition.name.endswith(f" ({ref.name})")),
        None,
    )
    grantee = definition.name if column is None else definition.name.removesuffix(f" ({column})")
    return PrivilegeSet(definition.on, column, grantee, privileges)


def grantable(privileges: Sequence[str]) -> bool | str | None:
    """The argument ``grantable`` of a declaration: all may be passed on, or those that a text names; ``None`` if none may."""
    passed_on = [name.rstrip("*") for name in privileges if name.endswith("*")]
    return (True if len(passed_on) == len(privileges) else ", ".join(passed_on)) if passed_on else None


def _outside_schemas(definition: Definition) -> tuple[Ref, str]:
    """The object and the grantee of a set on something in no schema; a state file has only its name."""
    kind, name = definition.columns[0] if definition.columns else ("", "")
    if kind:
        return Ref(kind, name), definition.name.removesuffix(f" on {OUTSIDE_SCHEMAS[kind]} {name}".rstrip())
    parts = ((kind, *definition.name.rpartition(f" on {title}")) for kind, title in OUTSIDE_SCHEMAS.items())
    kind, grantee, _, name = next(part for part in parts if part[2])
    return Ref(kind, name.strip()), grantee


# -- statements -------------------------------------------------------------------------------------------------------


def change(
    before: Definition | None,
    after: Definition | None,
    schemas: tuple[Schema, Schema],
    server: Server,
    given_to_new: Sequence[str] = (),
) -> tuple[str, ...]:
    """Statements from one set to the other; without one, from or to what the grantee has by default, which for a new object
    includes ``given_to_new`` (ALTER DEFAULT PRIVILEGES).

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
    is_new = before is None and item.on is not None and item.on not in schemas[0]
    existing = tuple(dict.fromkeys((*old, *(given_to_new if is_new else ()))))
    if not new and existing:
        return (given.revoke_all(), *_again(given, ALL["column"], schemas))
    having = {name.rstrip("*") for name in new}
    lost = [name for name in existing if name.rstrip("*") not in having]
    weaker = [name for name in existing if name.endswith("*") and name.rstrip("*") in new]
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
