"""Probing of accounts, roles and privileges: CREATE, ALTER, DROP and RENAME USER, and REVOKE.

MySQL does all of such a statement or nothing. MariaDB goes from account to account, so a server that was killed may have left
some of them out; those of a DROP are dropped by the probe.

What an account may do is read with SHOW GRANTS, whose rows have the grammar of the statement.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from dbwarden.core.ddl.cursor import Cursor
from dbwarden.core.ddl.parse import cursor_at
from dbwarden.core.ddl.statements import CreateObject, DropObject, Grant, Statement, Utility
from dbwarden.core.sqltext import Token
from dbwarden.core.statement import Evidence
from dbwarden.core.tokens import QUOTED
from dbwarden.errors import DatabaseError

from .probe_catalog import Catalog, Look, text
from .statements import grammar

_SHOWN, _AGAIN, _NONE = Evidence.CATALOGUE, Evidence.REPEATABLE, Evidence.NONE
_REMEMBERS = ("FACTOR", "REPLACE", "RETAIN")
"""Words of ALTER USER and SET PASSWORD that do something else the second time: they refer to the password before."""


def account_probe(parsed: Statement, sql: str) -> tuple[Evidence, Look | None]:
    """Evidence and probing function of a statement on accounts; none for another statement."""
    words = tuple(token.text.upper() for token in cursor_at(sql, grammar()).all() if token.kind not in QUOTED)
    match parsed:
        case CreateObject("user" | "role", repeatable=True):
            return _AGAIN, None
        case CreateObject("user" | "role" as kind):
            return _SHOWN, partial(_created, kind, _accounts(sql))
        case DropObject("user" | "role" as kind):
            return (_AGAIN, None) if words[2:4] == ("IF", "EXISTS") else (_SHOWN, partial(_dropped, kind, sql))
        case Utility(("RENAME", "USER", *_)):
            return _SHOWN, partial(_renamed, _renames(sql))
        case Utility(("SET", "PASSWORD", *_)):
            return (_NONE if "REPLACE" in words or "RETAIN" in words else _AGAIN), None
        case Utility(("SET", "DEFAULT", "ROLE", *_)) | Grant(revoke=False):
            return _AGAIN, None
        case Grant() if words[1:3] == ("IF", "EXISTS") or ("ON" not in words and words[1] == "ALL"):
            return _AGAIN, None
        case Grant() if words[1:3] == ("ADMIN", "OPTION"):
            return _NONE, None
        case Grant():
            revoked = _read(cursor_at(sql, grammar()))
            return (_SHOWN, partial(_revoked, revoked)) if revoked.is_known else (_NONE, None)
        case _ if words[:2] in (("ALTER", "USER"), ("ALTER", "ROLE")):
            return (_NONE if any(word in words for word in _REMEMBERS) else _AGAIN), None
        case _:
            return _NONE, None


# -- accounts ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AccountName:
    """Name and host of an account or a role, and how the statement writes them."""

    name: str
    host: str
    written: str

    @property
    def exists_with_host(self) -> str:
        """Condition for ``mysql.user``, which has hosts in lower case."""
        return f"User = {text(self.name)} AND LOWER(Host) = {text(self.host.lower())}"


def _account(at: Cursor) -> AccountName:
    start = at.at
    name = at.name()
    host = at.name() if at.skip("@") else "%"
    if at.word() == "(":  # CURRENT_USER()
        at.group()
    return AccountName(name, host, at.source(at.between(start)))


def _accounts(sql: str) -> tuple[AccountName, ...]:
    """The accounts of CREATE USER, DROP USER, CREATE ROLE and DROP ROLE."""
    at = cursor_at(sql, grammar())
    at.skip_any("CREATE", "DROP", "USER", "ROLE")
    items = at.items(at.until("REQUIRE", "WITH", "PASSWORD", "ACCOUNT", "DEFAULT", "COMMENT", "ATTRIBUTE"))
    return tuple(_account(item) for item in items)


def _exists(kind: str, account: AccountName, catalog: Catalog) -> bool:
    """Whether the account or role exists; a role of MariaDB has no host."""
    condition = account.exists_with_host
    if kind == "role" and catalog.server.flavour == "mariadb":
        condition = f"User = {text(account.name)} AND is_role = 'Y'"
    return bool(catalog.conn.query(f"SELECT 1 FROM mysql.user WHERE {condition}"))


def _created(kind: str, accounts: Sequence[AccountName], catalog: Catalog) -> bool | None:
    existing = [_exists(kind, account, catalog) for account in accounts]
    return existing[0] if len(set(existing)) == 1 else None


def _dropped(kind: str, sql: str, catalog: Catalog) -> bool | None:
    accounts = _accounts(sql)
    left = [account for account in accounts if _exists(kind, account, catalog)]
    if left and len(left) < len(accounts):
        if catalog.server.flavour != "mariadb":
            return None
        catalog.conn.execute(f"DROP {kind.upper()} {', '.join(account.written for account in left)}")
        return True
    return not left


def _renames(sql: str) -> tuple[tuple[AccountName, AccountName], ...]:
    at = cursor_at(sql, grammar())
    at.skip("RENAME", "USER")
    pairs = []
    for item in at.items(at.rest()):
        old = _account(item)
        item.skip("TO")
        pairs.append((old, _account(item)))
    return tuple(pairs)


def _renamed(pairs: Sequence[tuple[AccountName, AccountName]], catalog: Catalog) -> bool | None:
    """Whether the new names exist instead of the old ones."""
    states = {(_exists("user", old, catalog), _exists("user", new, catalog)) for old, new in pairs}
    return {frozenset([(False, True)]): True, frozenset([(True, False)]): False}.get(frozenset(states))


# -- privileges -------------------------------------------------------------------------------------------------------

_PRIVILEGES = frozenset((
    "ALL", "ALL PRIVILEGES", "ALTER", "ALTER ROUTINE", "CREATE", "CREATE ROUTINE", "CREATE TEMPORARY TABLES", "CREATE VIEW",
    "DELETE", "DROP", "EVENT", "EXECUTE", "GRANT OPTION", "INDEX", "INSERT", "LOCK TABLES", "REFERENCES", "SELECT", "SHOW VIEW",
    "TRIGGER", "UPDATE",
))  # fmt: skip
"""PrivilegeList that both flavours call by one name in a statement and in SHOW GRANTS."""
_ALL = frozenset(("ALL", "ALL PRIVILEGES"))
_NO_SUCH_GRANT = "1141"
"""ER_NONEXISTING_GRANT: there is no such account."""


@dataclass(frozen=True)
class PrivilegeList:
    """What a GRANT or a REVOKE names."""

    names: frozenset[tuple[str, str]]
    """PrivilegeList with a column, or an empty text; without a level, roles with their host."""
    level: tuple[str, str, str]
    """Kind of the object, database and name, where ``*`` stands for all; empty texts for roles."""
    accounts: tuple[AccountName, ...]

    @property
    def is_known(self) -> bool:
        """Whether SHOW GRANTS shows whether they were revoked."""
        return self.level == ("", "", "") or all(name in _PRIVILEGES for name, _ in self.names)

    def are_held(self, held: Sequence[PrivilegeList], folds: bool) -> bool:
        """Whether any of them is among the rows of SHOW GRANTS."""
        alike = [other for other in held if _level(self.level, folds) == _level(other.level, folds)]
        names = {name for other in alike for name in other.names}
        if not self.level[0]:
            return bool(self.names & names)
        plain = {name for name, _ in names}
        if any(name in _ALL for name, _ in self.names):
            return bool(plain - {"USAGE", "GRANT OPTION"})
        everything = bool(_ALL & plain) and any(name != "GRANT OPTION" for name, _ in self.names)
        return everything or any(
            name in plain if not column else (name, column) in names for name, column in self.names
        )


def _level(level: tuple[str, str, str], folds: bool) -> tuple[str, ...]:
    routine = level[0] in ("FUNCTION", "PROCEDURE")
    return tuple(part.lower() if folds or (routine and at == 2) else part for at, part in enumerate(level))


def _revoked(revoked: PrivilegeList, catalog: Catalog) -> bool | None:
    """Whether none of the accounts has any of the privileges."""
    database = catalog.conn.query("SELECT DATABASE()")[0][0] or ""
    kind, schema, name = revoked.level
    revoked = PrivilegeList(revoked.names, (kind, schema or database if kind else "", name), revoked.accounts)
    states = set()
    for account in revoked.accounts:
        try:
            rows = catalog.conn.query(f"SHOW GRANTS FOR {account.written}")
        except DatabaseError as error:
            if error.sqlstate == _NO_SUCH_GRANT:
                return None
            raise
        grants = [_read(cursor_at(str(row[0]), grammar())) for row in rows]
        states.add(revoked.are_held(grants, catalog.folds_tables))
    return not states.pop() if len(states) == 1 else None


def _read(at: Cursor) -> PrivilegeList:
    """Read GRANT or REVOKE."""
    at.take()
    items = at.until("ON", "TO", "FROM")
    if not at.skip("ON"):
        roles = [_account(item) for item in at.items(items)]
        names, level = frozenset((role.name, role.host) for role in roles), ("", "", "")
    else:
        names, level = frozenset(_privileges(at, items)), _object(at)
    if at.word() not in ("FROM", "TO"):
        return PrivilegeList(frozenset([("", "")]), ("OTHER", "", ""), ())
    revokes = at.word() == "FROM"
    at.take()
    accounts = tuple(_account(item) for item in at.items(at.until("REQUIRE", "WITH", "IGNORE")))
    if level[0] and not revokes and at.skip("WITH", "GRANT", "OPTION"):
        names |= {("GRANT OPTION", "")}
    return PrivilegeList(names, level, accounts)


def _privileges(at: Cursor, tokens: Sequence[Token]) -> Iterator[tuple[str, str]]:
    for item in at.items(tokens):
        name = " ".join(item.words())
        item.until("(")
        columns = item.names()
        yield from ((name, column.lower()) for column in columns or ("",))


def _object(at: Cursor) -> tuple[str, str, str]:
    """Kind, database (empty for the current one) and name of what privileges are for."""
    kind = (
        at.word() if at.word() in ("TABLE", "FUNCTION", "PROCEDURE") and at.word(1) not in (".", "TO", "FROM") else ""
    )
    if kind:
        at.take()
    schema, name = "", at.name()
    if at.skip("."):
        schema, name = name, at.name()
    return kind or "TABLE", schema, name
