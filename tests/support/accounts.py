"""Accounts and roles whose names begin alike: what they are, as their server writes it, and putting them back to that."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tests.servers.mysql_objects import query, quote

if TYPE_CHECKING:
    from tests.servers.mysql_family import Connection

_SALTED = re.compile(r"(?<=caching_sha2_password' AS )(?:0x\w+|'(?:[^'\\]|\\.)*')")
"""What MySQL prints in hexadecimal only if it has letters that cannot be printed."""


def accounts(conn: Connection, prefix: str) -> list[list[str]]:
    """The statements that create each account and role, with its privileges."""
    if not _is_mariadb(conn):
        query(conn, "SET print_identified_with_as_hex = ON")
    return [
        [*_creation(conn, account), *(row[0] for row in query(conn, f"SHOW GRANTS FOR {account}"))]
        for account in _names(conn, prefix)
    ]


def described(statements: Sequence[Sequence[str]]) -> list[list[str]]:
    """The same without the salted passwords, which are different every time."""
    return [[_SALTED.sub("salted", sql) for sql in account] for account in statements]


def restore_accounts(conn: Connection, prefix: str, statements: Sequence[Sequence[str]]) -> None:
    """Put the accounts back to how ``accounts`` has read them."""
    drop_accounts(conn, prefix)
    for first, *_ in statements:
        query(conn, first)
    for _, *privileges in statements:
        for sql in privileges:
            query(conn, sql)


def drop_accounts(conn: Connection, prefix: str) -> None:
    """Drop the accounts and roles."""
    for account in _names(conn, prefix):
        query(conn, f"DROP {'USER' if '@' in account else 'ROLE'} {account}")


def _names(conn: Connection, prefix: str) -> list[str]:
    """As statements write them: a role of MariaDB has no host."""
    rows = query(conn, f"SELECT User, Host FROM mysql.user WHERE User LIKE '{prefix}%' ORDER BY 1, 2")
    return [quote(name) + (f"@{quote(host)}" if host else "") for name, host in rows]


def _creation(conn: Connection, account: str) -> list[str]:
    if "@" not in account:
        return [f"CREATE ROLE {account}"]
    return [row[0] for row in query(conn, f"SHOW CREATE USER {account}")][:1]


def _is_mariadb(conn: Connection) -> bool:
    return "MariaDB" in str(query(conn, "SELECT VERSION()")[0][0])
