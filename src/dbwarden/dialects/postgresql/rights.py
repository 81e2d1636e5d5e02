"""Advice for a statement that was refused for lack of a privilege (SQLSTATE 42501): the GRANT or ALTER ... OWNER to type.

The server's message has the kind and name of the object, but neither its schema nor the missing privilege: these come from
the catalogue. A message that is not in English gets general advice.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from dbwarden.core.ddl.cursor import cursor
from dbwarden.core.dialect import Connection
from dbwarden.core.own_tables import COLUMNS, OwnTables
from dbwarden.errors import PermissionDenied

from . import names
from .words import LEXICAL_RULES

# src/backend/catalog/aclchk.c, aclcheck_error(): one sentence per kind of object, with the name in the catalogue.
_DENIED = re.compile(r"permission denied for (?P<kind>[a-z -]+?) (?P<name>\S.*)")
_NOT_OWNER = re.compile(r"must be owner of (?P<kind>[a-z -]+?) (?P<name>\S.*)")
_RELATIONS = frozenset(("table", "view", "materialized view", "foreign table", "sequence", "relation", "index"))
_ROUTINES = frozenset(("function", "procedure", "routine", "aggregate"))
_TYPES = frozenset(("type", "domain"))
_FIXED = {
    "language": "USAGE ON LANGUAGE",
    "tablespace": "CREATE ON TABLESPACE",
    "foreign server": "USAGE ON FOREIGN SERVER",
    "foreign-data wrapper": "USAGE ON FOREIGN DATA WRAPPER",
}
"""Privilege that the use of each kind needs."""
_ROWS = ("SELECT", "INSERT", "UPDATE", "DELETE")
_NEEDED = {
    "SELECT": ("SELECT",),
    "INSERT": ("INSERT",),
    "UPDATE": ("SELECT", "UPDATE"),
    "DELETE": ("SELECT", "DELETE"),
    "TRUNCATE": ("TRUNCATE",),
    "CREATE": ("SELECT", "REFERENCES"),
    "ALTER": ("REFERENCES",),
}
"""Privileges on a table that a statement may need, by its first word."""


class _Object(NamedTuple):
    """Object on which a privilege is missing."""

    kind: str
    """Keyword in GRANT and ALTER: ``TABLE``, ``FUNCTION``."""
    name: str
    """Name as written in SQL, with its schema if needed."""
    owner: str


def remedy(conn: Connection, error: PermissionDenied, tables: OwnTables) -> str:
    """The statement to run, and the role to run it as. Raises ``DatabaseError``."""
    user = str(conn.query("SELECT current_user")[0][0])
    message = error.message.partition("\n")[0]
    if match := _NOT_OWNER.fullmatch(message):
        return _become_owner(_objects(conn, match["kind"], match["name"]), user)
    match = _DENIED.fullmatch(message)
    grant = _grant(conn, match["kind"], match["name"], _command(error), user, tables) if match else None
    return grant or f"Give the role {names.quote(user)} the right, or let a role that has it do this."


def _command(error: PermissionDenied) -> str:
    return cursor(error.sql, LEXICAL_RULES).word()


# -- GRANT --------------------------------------------------------------------------------------------------------


def _grant(conn: Connection, kind: str, name: str, command: str, user: str, tables: OwnTables) -> str | None:
    role = names.quote(user)
    if kind == "schema":
        return _typed(f"GRANT {_of_schema(conn, name, command)} ON SCHEMA {names.quote(name)} TO {role};")
    if kind == "database":
        return _typed(f"GRANT CREATE ON DATABASE {names.quote(name)} TO {role};")
    if kind in _FIXED:
        return _typed(f"GRANT {_FIXED[kind]} {names.quote(name)} TO {role};")
    if name in {tables.plain(table) for table in COLUMNS}:
        return _own_tables(conn, role, tables)
    return _of_object(conn, kind, name, command, role)


def _typed(statement: str, owner: str | None = None) -> str:
    who = f"the owner {names.quote(owner)}" if owner else "its owner"
    return f"As {who} or a superuser: `{statement}`"


def _of_schema(conn: Connection, name: str, command: str) -> str:
    row = conn.query(
        "SELECT pg_catalog.has_schema_privilege(oid, 'USAGE') FROM pg_catalog.pg_namespace WHERE nspname = :name",
        {"name": name},
    )
    usage = bool(row and row[0][0])
    if command not in ("CREATE", "ALTER"):
        return "CREATE" if usage else "USAGE"
    return "CREATE" if usage else "USAGE, CREATE"


def _own_tables(conn: Connection, role: str, tables: OwnTables) -> str:
    """GRANT on all of our existing tables, so that the next run does not fail at another one."""
    there = conn.query(
        "SELECT relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = relnamespace"
        " WHERE relkind IN ('r', 'p') AND nspname = COALESCE(CAST(:schema AS text), nspname)",
        {"schema": tables.schema},
    )
    existing = {str(row[0]) for row in there}
    listed = ", ".join(tables.name(table) for table in COLUMNS if tables.plain(table) in existing)
    return _typed(f"GRANT {', '.join(_ROWS)} ON {listed} TO {role};") + ". Commands that only read need SELECT only."


def _of_object(conn: Connection, kind: str, name: str, command: str, role: str) -> str | None:
    objects = _objects(conn, kind, name)
    if not objects:
        return None
    wanted = _rights(conn, objects[0], kind, command)
    on = "" if kind in _RELATIONS else "FUNCTION " if objects[0].kind == "AGGREGATE" else f"{objects[0].kind} "
    on = "SEQUENCE " if kind == "sequence" else on
    return _typed(f"GRANT {wanted} ON {on}{objects[0].name} TO {role};", objects[0].owner)


def _rights(conn: Connection, refused: _Object, kind: str, command: str) -> str:
    if kind in _ROUTINES:
        return "EXECUTE"
    if kind in _TYPES or kind == "sequence":
        return "USAGE"
    needed = _NEEDED.get(command, ("SELECT",))
    values = {"name": refused.name, "needed": ",".join(needed)}
    lacking = conn.query(
        "SELECT p FROM unnest(string_to_array(:needed, ',')) p"
        " WHERE NOT pg_catalog.has_table_privilege(CAST(CAST(:name AS text) AS regclass), p)",
        values,
    )
    return ", ".join(str(row[0]) for row in lacking) or ", ".join(needed)


# -- owners -------------------------------------------------------------------------------------------------------


def _become_owner(objects: list[_Object], user: str) -> str:
    role = names.quote(user)
    if not objects:
        return f"Only the owner may do this: make {role} a member of the owner's role with `GRANT owner TO {role};`."
    refused = objects[0]
    grant = f"GRANT {names.quote(refused.owner)} TO {role};"
    hint = f"The owner of {refused.name} is {names.quote(refused.owner)}. As a superuser: `{grant}` makes {role} a member of it"
    if refused.kind == "EXTENSION":  # its owner cannot be changed
        return f"{hint}."
    return f"{hint}, `ALTER {refused.kind} {refused.name} OWNER TO {role};` makes {role} the owner."


_RELATION_SQL = """
SELECT CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE'
                    WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END,
       CAST(coalesce(i.indrelid, c.oid) AS regclass)::text, pg_catalog.pg_get_userbyid(relowner)
FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
WHERE relname = :name AND NOT pg_catalog.pg_has_role(relowner, 'USAGE') AND relkind NOT IN ('c', 't')
ORDER BY NOT pg_catalog.pg_table_is_visible(c.oid), relnamespace"""
_ROUTINE_SQL = """
SELECT CASE prokind WHEN 'p' THEN 'PROCEDURE' WHEN 'a' THEN 'AGGREGATE' ELSE 'FUNCTION' END,
       CAST(oid AS regprocedure)::text, pg_catalog.pg_get_userbyid(proowner)
FROM pg_catalog.pg_proc
WHERE proname = :name AND NOT pg_catalog.pg_has_role(proowner, 'USAGE')
ORDER BY pg_catalog.has_function_privilege(oid, 'EXECUTE'), NOT pg_catalog.pg_function_is_visible(oid), oid"""
_TYPE_SQL = """
SELECT CASE typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, CAST(oid AS regtype)::text,
       pg_catalog.pg_get_userbyid(typowner)
FROM pg_catalog.pg_type
WHERE (typname = :name OR CAST(oid AS regtype)::text = :name) AND NOT pg_catalog.pg_has_role(typowner, 'USAGE')
ORDER BY NOT pg_catalog.pg_type_is_visible(oid), oid"""
_SCHEMA_SQL = """
SELECT 'SCHEMA', pg_catalog.quote_ident(nspname), pg_catalog.pg_get_userbyid(nspowner)
FROM pg_catalog.pg_namespace WHERE nspname = :name"""
_DATABASE_SQL = """
SELECT 'DATABASE', pg_catalog.quote_ident(datname), pg_catalog.pg_get_userbyid(datdba)
FROM pg_catalog.pg_database WHERE datname = :name"""
_EXTENSION_SQL = """
SELECT 'EXTENSION', pg_catalog.quote_ident(extname), pg_catalog.pg_get_userbyid(extowner)
FROM pg_catalog.pg_extension WHERE extname = :name"""
_QUERIES = {
    **dict.fromkeys(_RELATIONS, _RELATION_SQL),
    **dict.fromkeys(_ROUTINES, _ROUTINE_SQL),
    **dict.fromkeys(_TYPES, _TYPE_SQL),
    "schema": _SCHEMA_SQL,
    "database": _DATABASE_SQL,
    "extension": _EXTENSION_SQL,
}


def _objects(conn: Connection, kind: str, name: str) -> list[_Object]:
    """Objects of that name that the role does not own, the likeliest first."""
    query = _QUERIES.get(kind)
    return [_Object(*map(str, row)) for row in conn.query(query, {"name": name})] if query else []
