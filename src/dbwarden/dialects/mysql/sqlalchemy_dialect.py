"""What SQLAlchemy's dialects for MySQL and MariaDB need to know of the server, and which keywords they apply.

Its dialect is called ``mysql`` or ``mariadb`` by the scheme of the URL, whatever the server is, and applies the keywords with
that prefix.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dbwarden.core.dialect import Server
from dbwarden.dialects.base.keywords import with_prefix

from .options import unknown_table_options

PREFIXES = ("mysql", "mariadb")
_NATIVE_UUID = (10, 7)
"""Version of MariaDB with the type UUID."""


def configure(sqlalchemy: Any, server: Server) -> None:
    """Set what the dialect would learn from its first connection."""
    mariadb = server.flavour == "mariadb"
    sqlalchemy.server_version_info = server.version
    if sqlalchemy.is_mariadb != mariadb and sqlalchemy.name != "mariadb":
        sqlalchemy._set_mariadb(mariadb, server.version)
    if mariadb:
        sqlalchemy.supports_sequences = True
        if hasattr(sqlalchemy, "_initialize_mariadb"):  # SQLAlchemy 2.1
            sqlalchemy.supports_native_uuid = server.version >= _NATIVE_UUID
    if "NO_BACKSLASH_ESCAPES" in (server.settings.get("sql_mode") or "").upper():
        sqlalchemy._backslash_escapes = False


def keywords(item: Any, sqlalchemy: Any) -> Mapping[str, Any]:
    """The keywords that the compiler applies to a table, index or constraint, without their prefix."""
    own = with_prefix(item, sqlalchemy.name)
    if sqlalchemy.name == PREFIXES[0] or "dialect_options" not in vars(item):
        return own
    for key in ("using", "with_parser"):
        value = _fallback(item, sqlalchemy, key)
        if value is not None:
            own[key] = value
        else:
            own.pop(key, None)
    return own


def unknown_keywords(item: Any, sqlalchemy: Any) -> Iterator[str]:
    """The keywords of a table that no option of the servers has; SQLAlchemy itself refuses those of indexes and constraints."""
    if item.__visit_name__ == "table":
        yield from (f"{sqlalchemy.name}_{key}" for key in unknown_table_options(keywords(item, sqlalchemy)))


def _fallback(item: Any, sqlalchemy: Any, key: str) -> Any:
    """A keyword for which SQLAlchemy takes that of MySQL where it has none for MariaDB; before 2.1 it takes no other."""
    if hasattr(item, "get_dialect_option"):
        own = item.dialect_kwargs.get(f"{sqlalchemy.name}_{key}")
        return item.dialect_kwargs.get(f"{PREFIXES[0]}_{key}") if own is None else own
    return item.dialect_kwargs.get(f"{PREFIXES[0]}_{key}")


def ignored_keywords(item: Any, sqlalchemy: Any) -> Iterator[str]:
    """The keywords with the prefix of the other dialect that have no effect: nothing applies them, nothing replaces them."""
    if "dialect_options" not in vars(item):
        return
    (other,) = set(PREFIXES) - {sqlalchemy.name}
    applied = keywords(item, sqlalchemy)
    for key in with_prefix(item, other):
        if key not in applied:
            yield f"{other}_{key}"
