"""Roles and memberships, which belong to the server: attributes, settings, and who is a member of which role.

Passwords are neither read nor written. The key of a role's text has its attributes, those that differ from what CREATE ROLE gives,
and its settings, one in each line; that of a membership has its options.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dbwarden.core.ddl.cursor import cursor
from dbwarden.core.declared_object import DeclaredObject
from dbwarden.core.dialect import Server
from dbwarden.core.model import Definition, Schema
from dbwarden.core.tokens import literal as value_of
from dbwarden.core.types import Expression, Ref
from dbwarden.dialects.base.names import literal
from dbwarden.errors import ModelReadError, Unsupported

from . import names
from .words import LEXICAL_RULES

_FLAGS = {
    "superuser": ("SUPERUSER", "NOSUPERUSER"), "inherit": ("NOINHERIT", "INHERIT"), "createrole": ("CREATEROLE", "NOCREATEROLE"),
    "createdb": ("CREATEDB", "NOCREATEDB"), "login": ("LOGIN", "NOLOGIN"), "replication": ("REPLICATION", "NOREPLICATION"),
    "bypassrls": ("BYPASSRLS", "NOBYPASSRLS"),
}  # fmt: skip
"""Attributes with the word that a role has not by default, and the one that it has."""
_OPPOSITES = dict(_FLAGS.values())
_LIMIT, _UNTIL = "CONNECTION LIMIT ", "VALID UNTIL "
_LISTS = frozenset(
    "local_preload_libraries search_path session_preload_libraries shared_preload_libraries temp_tablespaces"
    " unix_socket_directories".split()
)
"""Settings that are lists of names (GUC_LIST_QUOTE)."""


def flag_words() -> Iterator[tuple[str, bool, str]]:
    """Attributes with their value and its word."""
    for flag, (changed, default) in _FLAGS.items():
        yield flag, flag != "inherit", changed
        yield flag, flag == "inherit", default


def role(name: str, attributes: Iterable[str], settings: Mapping[str, str], comment: str | None) -> Definition:
    """The definition of a role; the values of ``settings`` are SQL."""
    attributes = tuple(attributes)
    created = " ".join((f"CREATE ROLE {names.quote(name)}", *attributes))
    text = ";\n".join((created, *(_set(name, key, value) for key, value in sorted(settings.items()))))
    key = "\n".join((", ".join(attributes), *(f"{key} = {value}" for key, value in sorted(settings.items()))))
    return Definition("role", name, Expression(text, key or "-"), comment=comment, attached=True)


def _set(name: str, setting: str, value: str) -> str:
    return f"ALTER ROLE {names.quote(name)} SET {setting} TO {value}"


def _parts(definition: Definition) -> tuple[tuple[str, ...], dict[str, str]]:
    """The attributes and settings of a role."""
    first, *lines = definition.sql.key.removeprefix("-").split("\n")
    return tuple(filter(None, first.split(", "))), dict(line.split(" = ", 1) for line in lines)


def alter(before: Definition, after: Definition) -> Iterator[str]:
    """ALTER ROLE of the attributes that differ, and of each setting."""
    (old, former), (new, settings) = _parts(before), _parts(after)
    words = [word for word in new if word not in old]
    begun = {word.rstrip("0123456789-") for word in words if word.startswith(_LIMIT)} | {
        _UNTIL for word in words if word.startswith(_UNTIL)
    }
    for word in old:
        if word in new:
            continue
        if word.startswith(_LIMIT):
            words += ["CONNECTION LIMIT -1"] if _LIMIT not in begun else []
        elif word.startswith(_UNTIL):
            words += ["VALID UNTIL 'infinity'"] if _UNTIL not in begun else []
        else:
            words.append(_OPPOSITES[word])
    if words:
        yield f"ALTER ROLE {names.quote(after.name)} {' '.join(words)}"
    for setting, value in settings.items():
        if former.get(setting) != value:
            yield _set(after.name, setting, value)
    for setting in former.keys() - settings.keys():
        yield f"ALTER ROLE {names.quote(after.name)} RESET {setting}"


def drop(definition: Definition) -> tuple[str, ...]:
    """DROP ROLE. Raises ``Unsupported`` for one that owns objects, or has privileges in another database."""
    name = names.quote(definition.name)
    if definition.lost:
        raise Unsupported(
            feature=f"dropping {definition.ref}",
            dialect="PostgreSQL",
            reason=f"it still has {', '.join(definition.lost)}",
            hint=f"Hand them over in each database, as a superuser: `REASSIGN OWNED BY {name} TO new_owner; DROP OWNED BY {name};`"
            " and generate again. DROP OWNED also revokes what the role may do.",
        )
    return (f"DROP ROLE {name}",)


# -- memberships ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RoleMember:
    """A role in another one."""

    role: str
    member: str
    admin: bool = False
    inherit: bool | None = None
    """As the member inherits by itself; ``None`` also before version 16."""
    set: bool | None = None

    @property
    def options(self) -> tuple[str, ...]:
        parts = {
            "ADMIN": True if self.admin else None,
            "INHERIT": self.inherit,
            "SET": False if self.set is False else None,
        }
        return tuple(f"{word} {str(value).upper()}" for word, value in parts.items() if value is not None)

    def definition(self) -> Definition:
        """The membership as a definition."""
        text = Expression(self.grant(), ", ".join(self.options) or "-")
        roles = frozenset((Ref("role", self.role), Ref("role", self.member)))
        return Definition("membership", f"{self.member} in {self.role}", text, needs=roles, attached=True)

    def grant(self) -> str:
        """GRANT of the role with the options."""
        options = tuple("ADMIN OPTION" if word == "ADMIN TRUE" else word for word in self.options)
        behind = f" WITH {', '.join(options)}" if options else ""
        return f"GRANT {names.quote(self.role)} TO {names.quote(self.member)}{behind}"


def change_membership(
    before: Definition | None, after: Definition | None, schemas: tuple[Schema, Schema]
) -> tuple[str, ...]:
    """Statements from one membership to the other. One of a role that is dropped goes with it."""
    item = after or before
    assert item is not None
    at = cursor(item.sql.text, LEXICAL_RULES)
    at.skip("GRANT")
    group = at.name()
    at.skip("TO")
    member = at.name()
    if after is None:
        refs = (Ref("role", group), Ref("role", member))
        if any(ref in schemas[0] and ref not in schemas[1] for ref in refs):
            return ()
        return (f"REVOKE {names.quote(group)} FROM {names.quote(member)}",)
    if before is None:
        return (after.sql.text,)
    old, new = _options(before), _options(after)
    statements = []
    if "ADMIN" in old and "ADMIN" not in new:
        statements.append(f"REVOKE ADMIN OPTION FOR {names.quote(group)} FROM {names.quote(member)}")
    others = {"INHERIT": "TRUE", "SET": "TRUE"}
    changed = [f"{word} {new.get(word, default)}" for word, default in others.items() if old.get(word) != new.get(word)]
    gained = ["ADMIN OPTION"] if "ADMIN" in new and "ADMIN" not in old else []
    if gained or changed:
        statements.append(f"GRANT {names.quote(group)} TO {names.quote(member)} WITH {', '.join((*gained, *changed))}")
    return tuple(statements)


def _options(definition: Definition) -> dict[str, str]:
    key = definition.sql.key
    return dict(part.split(" ", 1) for part in key.split(", ")) if key != "-" else {}


# -- declarations -----------------------------------------------------------------------------------------------------


def declared(items: Iterable[Any], server: Server) -> Iterator[Definition]:
    """The roles that models declare, and their memberships. Raises ``ModelReadError``."""
    items = tuple(items)
    inherits = {item.name: item.inherit for item in items if item.kind == "role"}
    memberships: dict[tuple[str, str], RoleMember] = {}
    for item in items:
        if item.kind == "role":
            yield role(item.name, _attributes(item), _settings(item), item.comment)
        for given in _memberships(item):
            inherit = given.inherit if given.inherit is not inherits.get(given.member, True) else None
            if server.version < (16,) and (inherit is not None or given.set is not None):
                raise ModelReadError(
                    where=f"membership of {given.member} in {given.role}",
                    reason=f"INHERIT and SET of a membership begin with PostgreSQL 16; this is {server.product}",
                    hint="Leave inherit and set out.",
                )
            memberships[given.member, given.role] = RoleMember(
                given.role, given.member, given.admin, inherit, given.set
            )
    for membership in memberships.values():
        yield membership.definition()


def _memberships(item: Any) -> Iterator[RoleMember]:
    if item.kind == "membership":
        for member in [item.to] if isinstance(item.to, str) else item.to:
            yield RoleMember(item.role, member, item.admin, item.inherit, item.set)
        return
    yield from (RoleMember(group, item.name) for group in _listed(item.member_of))
    yield from (RoleMember(group, item.name, admin=True) for group in _listed(item.admin_of))


def _listed(names_: Any) -> Iterable[str]:
    return (names_,) if isinstance(names_, str) else names_


def _attributes(item: Any) -> Iterator[str]:
    for attribute, (word, _) in _FLAGS.items():
        if getattr(item, attribute) is not (attribute == "inherit"):
            yield word
    if item.connection_limit is not None and item.connection_limit >= 0:
        yield f"{_LIMIT}{item.connection_limit}"
    if item.valid_until is not None:
        yield f"{_UNTIL}{literal(_moment(item))}"


def _moment(item: Any) -> str:
    """The end of a password's life in UTC, as inspection has it."""
    moment = item.valid_until
    if isinstance(moment, str):
        try:
            moment = datetime.fromisoformat(moment)
        except ValueError as error:
            raise ModelReadError(where=f"role {item.name}", reason=f"valid_until: {error}") from error
    if moment.tzinfo is None:
        raise ModelReadError(
            where=f"role {item.name}",
            reason=f"valid_until {moment} has no time zone, so that it differs from server to server",
            hint="Write it with one: datetime(2030, 1, 1, tzinfo=UTC), or '2030-01-01 00:00:00+00'.",
        )
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}+00"


def _settings(item: Any) -> dict[str, str]:
    return {str(name).lower(): setting(str(name).lower(), _plain(value)) for name, value in item.settings.items()}


def _plain(value: Any) -> str:
    return ("on" if value else "off") if isinstance(value, bool) else str(value)


def setting(name: str, value: str) -> str:
    """A value as SQL: a list of names is one literal for each."""
    if name not in _LISTS:
        return literal(value)
    at = cursor(value, LEXICAL_RULES)
    return ", ".join(literal("".join(_names(part))) for part in at.items(at.rest()))


def _names(part: Any) -> Iterator[str]:
    while not part.at_end:
        yield part.name()


def declaration(item: Definition) -> DeclaredObject:
    """What models write for a role or a membership."""
    if item.kind == "membership":
        member, _, group = item.name.rpartition(" in ")
        options = _options(item)
        return DeclaredObject("Membership", group, named={
            "to": member, "admin": True if "ADMIN" in options else None,
            **{word.lower(): options[word] == "TRUE" for word in ("INHERIT", "SET") if word in options},
        })  # fmt: skip
    attributes, settings = _parts(item)
    named: dict[str, Any] = {name: name != "inherit" for name, (word, _) in _FLAGS.items() if word in attributes}
    for word in attributes:
        if word.startswith(_LIMIT):
            named["connection_limit"] = int(word.removeprefix(_LIMIT))
        elif word.startswith(_UNTIL):
            named["valid_until"] = word.removeprefix(_UNTIL).strip("'")
    shown = {name: _shown(name, value) for name, value in settings.items()}
    return DeclaredObject("Role", item.name, named={**named, "settings": shown or None, "comment": item.comment})


def _shown(name: str, value: str) -> str:
    at = cursor(value, LEXICAL_RULES)
    parts = [value_of(token) for part in at.items(at.rest()) if (token := part.token()) is not None]
    return ", ".join(map(names.quote, parts)) if name in _LISTS else parts[0]
