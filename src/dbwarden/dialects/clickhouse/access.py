"""Users, roles, row policies, quotas, settings profiles and grants, as ``system.*`` shows them.

They belong to the server, and often stand in its configuration files, which no statement changes. So they are listed, and neither
compared nor dropped. A row policy guards a name: a table that gets another name leaves it behind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dbwarden.core.access_right import AccessRight, AccessRights
from dbwarden.core.dialect import Connection
from dbwarden.errors import DatabaseError, Failure

_TO = """multiIf({t}apply_to_all AND empty({t}apply_to_except), 'ALL', {t}apply_to_all,
    concat('ALL EXCEPT ', arrayStringConcat({t}apply_to_except, ', ')), arrayStringConcat({t}apply_to_list, ', '))""".format
_POLICIES = f"""SELECT 'row policy', concat(short_name, ' ON ', if(table = '', '*', table)),
    concat(if(is_restrictive, 'AS RESTRICTIVE ', ''), 'USING ', coalesce(select_filter, '1'), ' TO ', {_TO(t="")}), table
FROM system.row_policies WHERE database IN (currentDatabase(), '')"""
_QUERIES: Mapping[str, str] = {
    "user": """SELECT 'user', name, if(empty(default_roles_list), '',
    concat('DEFAULT ROLE ', arrayStringConcat(default_roles_list, ', '))), '' FROM system.users""",
    "role": "SELECT 'role', name, '', '' FROM system.roles",
    "role grant": """SELECT 'role grant', concat(granted_role_name, ' TO ', coalesce(user_name, role_name, '')), '', ''
FROM system.role_grants""",
    "grant": """SELECT 'grant', concat(access_type, if(isNull(column), '', concat('(', assumeNotNull(column), ')')), ' ON ',
    coalesce(table, '*'), ' TO ', coalesce(user_name, role_name, '')),
    concat(if(is_partial_revoke, 'revoked ', ''), if(grant_option, 'WITH GRANT OPTION', '')), ''
FROM system.grants WHERE database = currentDatabase()""",
    "row policy": _POLICIES,
    "quota": f"SELECT 'quota', name, concat('TO ', {_TO(t='')}), '' FROM system.quotas",
    "settings profile": f"SELECT 'settings profile', name, concat('TO ', {_TO(t='')}), '' FROM system.settings_profiles",
}
"""Query of each kind; accounts see their own grants only, unless they have SHOW ACCESS."""
_UNKNOWN = (
    Failure.PERMISSION,
    Failure.READ_ONLY,
    Failure.MISSING_TABLE,  # a server before 20.5
    Failure.MISSING_COLUMN,
    Failure.MISSING_OBJECT,
)


def access_rights(conn: Connection) -> AccessRights:
    """All that the account may see: one query, or one for each kind if it may not see all of them."""
    try:
        return AccessRights(tuple(_read(conn, "\nUNION ALL\n".join(_QUERIES.values()))))
    except DatabaseError as error:
        if error.failure not in _UNKNOWN:
            raise
    rights, unreadable = list[AccessRight](), list[str]()
    for kind, sql in _QUERIES.items():
        try:
            rights += _read(conn, sql)
        except DatabaseError as error:
            if error.failure not in _UNKNOWN:
                raise
            unreadable.append(kind)
    return AccessRights(tuple(rights), tuple(unreadable))


def table_rights(conn: Connection) -> tuple[AccessRight, ...]:
    """The row policies of the current database, in one query; none if the account may not see them."""
    try:
        return tuple(right for right in _read(conn, _POLICIES) if right.table)
    except DatabaseError as error:
        if error.failure not in _UNKNOWN:
            raise
        return ()


def _read(conn: Connection, sql: str) -> Iterator[AccessRight]:
    for kind, name, definition, table in sorted(conn.query(sql)):
        yield AccessRight(str(kind), str(name), str(definition).strip(), str(table) or None)
