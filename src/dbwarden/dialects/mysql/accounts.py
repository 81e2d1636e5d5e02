"""Names of accounts and roles. MySQL's roles are accounts with the host ``%``; those of MariaDB have no host."""

from __future__ import annotations

from .words import quote

PUBLIC = "PUBLIC"
"""Everybody, on MariaDB since 10.11."""


def account(user: str, host: str) -> str:
    """The name as declarations have it: without a host that is the default one."""
    return user if host in ("", "%") else f"{user}@{host}"


def written(name: str) -> str:
    """A declared name as SQL: `` `app`@`localhost` ``."""
    if name.upper() == PUBLIC:
        return PUBLIC
    user, host = parts(name)
    return quote(user) if host == "%" else f"{quote(user)}@{quote(host)}"


def parts(name: str) -> tuple[str, str]:
    """User and host of a declared name, in quotes or not."""
    user, at, host = name.rpartition("@") if "@" in name else (name, "", "%")
    return _bare(user), _bare(host) if at else "%"


def declared(name: str) -> str:
    """A declared name as ``account`` has it."""
    return PUBLIC if name.upper() == PUBLIC else account(*parts(name))


def _bare(text: str) -> str:
    text = text.strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "`'\"" else text
