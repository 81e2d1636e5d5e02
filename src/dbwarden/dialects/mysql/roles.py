"""Roles and their members, which belong to the server. Accounts are named as members and grantees, and never created or changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from dbwarden.core.declared_object import DeclaredObject
from dbwarden.core.dialect import Connection, Server
from dbwarden.core.model import Definition, Schema
from dbwarden.core.types import Expression, Ref
from dbwarden.dialects.base.catalog import catalog_query
from dbwarden.errors import ModelReadError, Unsupported

from . import accounts
from .words import quote

ADMIN, DEFAULT = "ADMIN OPTION", "DEFAULT"
_OF_POSTGRESQL = ("login", "createdb", "createrole", "superuser", "replication", "bypassrls")
"""Attributes of a role that only PostgreSQL has."""


def role(name: str, lost: tuple[str, ...] = ()) -> Definition:
    """The definition of a role."""
    return Definition(
        "role", name, Expression(f"CREATE ROLE {accounts.written(name)}", "role"), lost=lost, attached=True
    )


def membership(member: str, group: str, options: Iterable[str]) -> Definition:
    """The definition of a membership; of ``options``, ``DEFAULT`` makes the role active from the start."""
    attributes = tuple(sorted(options))
    behind = f" WITH {ADMIN}" if ADMIN in attributes else ""
    text = Expression(
        f"GRANT {accounts.written(group)} TO {accounts.written(member)}{behind}", ", ".join(attributes) or "-"
    )
    roles = frozenset((Ref("role", group), Ref("role", member)))
    return Definition("membership", f"{member} in {group}", text, needs=roles, attached=True)


def drop(definition: Definition) -> tuple[str, ...]:
    """DROP ROLE. Raises ``Unsupported`` for one with privileges in another database, which would go with it."""
    name = accounts.written(definition.name)
    if definition.lost:
        raise Unsupported(
            feature=f"dropping {definition.ref}",
            dialect="MySQL and MariaDB",
            reason=f"it still has {', '.join(definition.lost)}, which would go with it",
            hint=f"Look at `SHOW GRANTS FOR {name};`, revoke there what nobody needs, and generate again.",
        )
    return (f"DROP ROLE {name}",)


def change(
    before: Definition | None, after: Definition | None, schemas: tuple[Schema, Schema], server: Server
) -> tuple[str, ...]:
    """Statements from one membership to the other. One in a role that is dropped goes with it."""
    item = after or before
    assert item is not None
    member, _, group = item.name.rpartition(" in ")
    old, new = _options(before), _options(after)
    named = f"{accounts.written(group)} {{}} {accounts.written(member)}"
    if after is None:
        refs = (Ref("role", group), Ref("role", member))
        if any(ref in schemas[0] and ref not in schemas[1] for ref in refs):
            return ()
        return (*_defaults(member, item, schemas, server, DEFAULT in old), f"REVOKE {named.format('FROM')}")
    statements = list[str]()
    if ADMIN in old and ADMIN not in new:
        text = f"REVOKE {ADMIN} FOR {named.format('FROM')}"
        # MySQL 9.7 has no REVOKE ADMIN OPTION: the role is revoked and granted again.
        again = (f"REVOKE {named.format('FROM')}", f"GRANT {named.format('TO')}")
        statements += [text] if server.flavour == "mariadb" else again
    elif before is None or (ADMIN in new and ADMIN not in old):
        statements.append(after.sql.text)
    changed = (DEFAULT in old) is not (DEFAULT in new) or (DEFAULT in new and len(statements) > 1)
    return (*statements, *_defaults(member, item, schemas, server, changed))


def _options(definition: Definition | None) -> frozenset[str]:
    key = definition.sql.key if definition is not None else "-"
    return frozenset(key.split(", ")) if key != "-" else frozenset()


def _defaults(
    member: str, item: Definition, schemas: tuple[Schema, Schema], server: Server, changed: bool
) -> Iterator[str]:
    """SET DEFAULT ROLE with those that the account has by then: it replaces the whole list."""
    if not changed:
        return
    wanted = [
        other
        for other in schemas[1].objects()
        if isinstance(other, Definition) and other.kind == "membership" and DEFAULT in _options(other)
        if other.name.startswith(f"{member} in ") and (other.ref in schemas[0] or other.name <= item.name)
    ]
    listed = ", ".join(accounts.written(other.name.rpartition(" in ")[2]) for other in wanted) or "NONE"
    yield f"SET DEFAULT ROLE {listed} {'FOR' if server.flavour == 'mariadb' else 'TO'} {accounts.written(member)}"


# -- declarations -----------------------------------------------------------------------------------------------------


def declared(items: Iterable[Any]) -> Iterator[Definition]:
    """The roles and memberships that models declare. Raises ``ModelReadError``."""
    for item in items:
        if item.kind == "role":
            _ensure_plain(item)
            yield role(accounts.declared(item.name))
            for groups, admin in ((item.member_of, ""), (item.admin_of, ADMIN)):
                for group in (groups,) if isinstance(groups, str) else groups:
                    yield membership(accounts.declared(item.name), accounts.declared(group), filter(None, (admin,)))
            continue
        if item.inherit is not None or item.set is not None:
            raise _mistake(item, "INHERIT and SET of a membership are PostgreSQL's")
        options = [name for name, wanted in ((ADMIN, item.admin), (DEFAULT, item.default)) if wanted]
        for member in (item.to,) if isinstance(item.to, str) else item.to:
            yield membership(accounts.declared(member), accounts.declared(item.name), options)


def _ensure_plain(item: Any) -> None:
    attributes = [name for name in _OF_POSTGRESQL if getattr(item, name)]
    attributes += [name for name in ("connection_limit", "valid_until", "comment") if getattr(item, name) is not None]
    attributes += [name for name in ("settings",) if getattr(item, name)] + ([] if item.inherit else ["inherit"])
    if attributes:
        raise _mistake(item, f"a role of MySQL and MariaDB has no {attributes[0]}; accounts are created on the server")


def _mistake(item: Any, reason: str) -> ModelReadError:
    return ModelReadError(
        where=f"{item.kind} {item.name}", reason=reason, hint="Correct the declaration in the models."
    )


def declaration(item: Definition) -> DeclaredObject:
    """What models write for a role or a membership."""
    if item.kind == "role":
        return DeclaredObject("Role", item.name)
    member, _, group = item.name.rpartition(" in ")
    options = _options(item)
    named = {"to": member, "admin": True if ADMIN in options else None, "default": True if DEFAULT in options else None}
    return DeclaredObject("Membership", group, named=named)


# -- inspection -------------------------------------------------------------------------------------------------------


def inspect(conn: Connection, server: Server) -> Iterator[Definition]:
    """Roles of the server and all memberships. Raises ``PermissionDenied``."""
    flavour = "roles_mariadb" if server.flavour == "mariadb" else "roles_mysql"
    for kind, name, host, member, options in conn.query(catalog_query(__package__, flavour)):
        name, host, member, options = (_text(value) for value in (name, host, member, options))
        if _text(kind) == "role":
            yield role(accounts.account(name, host), tuple(options.split(", ")) if options else ())
        else:
            user, _, member_host = member.rpartition("@")
            attributes = tuple(filter(None, options.split(", ")))
            yield membership(accounts.account(user, member_host), accounts.account(name, host), attributes)


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes | bytearray) else str(value or "")


def copy_accounts(original: Connection, conn: Connection, server: Server) -> None:
    """Create on a private server, locked, the accounts and roles that it lacks. Raises ``DatabaseError``."""
    mariadb = server.flavour == "mariadb"
    column = "is_role" if mariadb else "'N'"
    query = f"SELECT User, Host, {column} FROM mysql.user"
    present = {(_text(user), _text(host)) for user, host, _ in conn.query(query)}
    for user, host, is_role in ((_text(user), _text(host), _text(kind)) for user, host, kind in original.query(query)):
        if (user, host) in present or not user:
            continue
        if is_role == "Y":
            conn.execute(f"CREATE ROLE {quote(user)}")
        else:
            conn.execute(f"CREATE USER {quote(user)}@{quote(host)} ACCOUNT LOCK")
