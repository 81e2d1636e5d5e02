"""Object that a failed statement needs and this database lacks."""

from __future__ import annotations

import re

from dbwarden.core.dialect import Connection

# https://www.postgresql.org/docs/current/errcodes-appendix.html: undefined_function, undefined_object (types, roles,
# tablespaces, collations, operator classes, text search configurations, ...), undefined_table (sequences too),
# invalid_schema_name, undefined_file and, since version 13, feature_not_supported (the files of an extension).
_FUNCTION = "42883"
_NAMED = frozenset(("42704", "42P01", "3F000"))
_FILES = frozenset(("58P01", "0A000"))
_QUOTED = re.compile(r"[\"«„“]([^\"«»„“]+)[\"»“”]")  # quotes of several languages
_CALLED = re.compile(r"([\w.$\"]+)\(")


def missing_dependency(conn: Connection, sqlstate: str | None, message: str) -> str | None:
    """Name of the missing object, or of the extension whose files are missing; ``None`` for any other error, also for a
    function that exists with other arguments."""
    first = message.partition("\n")[0]
    if sqlstate == _FUNCTION:
        called = _CALLED.search(first)  # an operator has no parentheses
        return _absent(conn, _last(called[1])) if called else None
    named = _QUOTED.search(first)
    if sqlstate in _FILES and named and "extension" in first.lower():
        return f"files of the extension {named[1]}"
    return _last(named[1]) if sqlstate in _NAMED and named else None


def _absent(conn: Connection, name: str) -> str | None:
    rows = conn.query("SELECT 1 FROM pg_catalog.pg_proc WHERE proname = :name LIMIT 1", {"name": name})
    return None if rows else name


def _last(path: str) -> str:
    return path.rpartition(".")[2].strip('"')
