"""GRANT and CREATE ROLE of a schema file as declarations."""

from __future__ import annotations

from collections.abc import Iterator

from dbwarden.core.ddl.cursor import Cursor, cursor
from dbwarden.core.declared_object import DeclaredObject, Value
from dbwarden.core.dialect import Server
from dbwarden.errors import Unsupported

from . import privileges
from .words import LEXICAL_RULES

_ONLY_WHAT_IS = "a file declares what an account has: leave the GRANT out instead"


def declared(sql: str, server: Server) -> tuple[DeclaredObject, ...]:
    """The declarations of a statement; none for one that models declare by its text. Raises ``Unsupported`` for clauses that they
    cannot declare."""
    at = cursor(sql, LEXICAL_RULES, server.default_schema)
    if at.skip("GRANT"):
        return tuple(_granted(at, sql))
    if at.word() == "REVOKE":
        raise _refused(sql, _ONLY_WHAT_IS)
    if at.skip("CREATE", "USER"):
        raise _refused(sql, "accounts have passwords, and are created on the server")
    if at.skip("CREATE", "ROLE"):
        at.skip("IF", "NOT", "EXISTS")
        roles = tuple(privileges.grantee(item) for item in at.items(at.until("WITH")))
        if not at.at_end:
            raise _refused(sql, f"{at.word()} of a role cannot be declared: GRANT it to whom shall have it")
        return tuple(DeclaredObject("Role", role) for role in roles)
    return ()


def _granted(at: Cursor, sql: str) -> Iterator[DeclaredObject]:
    items = list(at.items(at.until("ON", "TO")))
    if not at.skip("ON"):
        grantees = _grantees(at)
        admin = True if at.skip("WITH", "ADMIN", "OPTION") else None
        for item in items:
            yield DeclaredObject("Membership", privileges.grantee(item), named={"to": grantees, "admin": admin})
        return
    on = _object(at, sql)
    grantees = _grantees(at)
    grantable = True if at.skip("WITH", "GRANT", "OPTION") else None
    if not at.at_end:
        raise _refused(sql, f"{at.word()} of a GRANT cannot be declared")
    by_columns: dict[tuple[str, ...], list[str]] = {}
    for item in items:
        name = " ".join(item.source(item.until("(")).split())
        by_columns.setdefault(tuple(item.names()), []).append(name)
    for columns, names in by_columns.items():
        named: dict[str, Value] = {"on": on, "to": grantees, "columns": columns or None, "grantable": grantable}
        yield DeclaredObject("Grant", ", ".join(names), named=named)


def _object(at: Cursor, sql: str) -> str:
    """The object as ``Grant.on`` names it."""
    words = at.word() if at.word() in ("TABLE", "FUNCTION", "PROCEDURE") and at.word(1) not in (".", "TO") else ""
    ref = privileges.level(at)
    if ref.schema is not None:
        raise _refused(sql, "it is about another database: migrations change the one of the URL only")
    if ref.kind in ("server", "database"):
        return "*.*" if ref.kind == "server" else "DATABASE"
    return f"{words} {ref.name}" if words in ("FUNCTION", "PROCEDURE") else ref.name


def _grantees(at: Cursor) -> tuple[str, ...]:
    return tuple(privileges.grantees(at))


def _refused(sql: str, reason: str) -> Unsupported:
    return Unsupported(feature=" ".join(sql.split())[:60], dialect="a schema file", reason=reason)
