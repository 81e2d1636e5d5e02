"""Advice for a statement that was refused for lack of a privilege: the GRANT to type.

The server's message names the privilege and the object. It is the same text in every release but for the quotes of names;
a message in another language gets general advice.
"""

from __future__ import annotations

import re

from dbwarden.core.ddl.cursor import cursor
from dbwarden.core.dialect import Connection
from dbwarden.core.own_tables import COLUMNS, OwnTables
from dbwarden.dialects.base.names import literal
from dbwarden.errors import PermissionDenied

from .words import LEXICAL_RULES, quote

# sql/share/errmsg.txt (MariaDB), share/messages_to_clients.txt (MySQL): ER_TABLEACCESS_DENIED_ERROR and its like.
_OF_TABLE = re.compile(
    r"(?P<privilege>[A-Za-z ,]+?) command denied to user .* for (?:column .* in )?table (?P<name>.+)"
)
_OF_ROUTINE = re.compile(r"(?P<privilege>[a-z ]+?) command denied to user .* for routine (?P<name>.+)")
_OF_DATABASE = re.compile(r"Access denied for user .* to database (?P<name>.+)")
_OF_SERVER = re.compile(r"you need \(at least one of\) the (?P<privileges>.+?) privilege")
_NAME = re.compile(r"`((?:[^`]|``)*)`|'([^']*)'")
_ROWS = ("SELECT", "INSERT", "UPDATE", "DELETE")
_BINARY_LOG = "1419"
"""ER_BINLOG_CREATE_ROUTINE_NEED_SUPER: routines and triggers on a server with a binary log."""


def remedy(conn: Connection, error: PermissionDenied, tables: OwnTables) -> str:
    """The statement to run, as whom. Raises ``DatabaseError``."""
    database, account = (str(value) for value in conn.query("SELECT DATABASE(), CURRENT_USER()")[0])
    user, _, host = account.rpartition("@")
    grantee = f"{literal(user)}@{literal(host)}"
    message = error.message.partition("\n")[0]
    if error.sqlstate == _BINARY_LOG:
        return (
            "As an administrator: `SET GLOBAL log_bin_trust_function_creators = ON;`, or let an account with the privilege"
            " SUPER create it."
        )
    if match := _OF_SERVER.search(message):
        return _typed(f"GRANT {_narrowest(match['privileges'])} ON *.* TO {grantee};")
    if "FROM mysql." in error.sql:
        typed = _typed(f"GRANT SELECT ON mysql.* TO {grantee};")
        return f"{typed} The server keeps the privileges of all accounts there."
    if match := _OF_TABLE.match(message):
        return _of_table(conn, match["privilege"].upper(), _names(match["name"], database), grantee, tables)
    if match := _OF_ROUTINE.match(message):
        return _typed(
            f"GRANT {match['privilege'].upper()} ON {quote(_names(match['name'], database)[0])}.* TO {grantee};"
        )
    if match := _OF_DATABASE.match(message):
        name = _names(match["name"], database)[1]
        return _typed(f"GRANT {_privilege_on_database(error.sql)} ON {quote(name)}.* TO {grantee};")
    return f"Give the account {grantee} the privilege, or let an account that has it do this."


def _typed(*statements: str) -> str:
    return "As an account with GRANT OPTION: " + " ".join(f"`{statement}`" for statement in statements)


def _of_table(conn: Connection, privilege: str, name: tuple[str, str], grantee: str, tables: OwnTables) -> str:
    database, table = name
    own = [tables.plain(known) for known in COLUMNS]
    if table in own and privilege in _ROWS:
        listed = {table, *_visible(conn)}  # so that the next run does not fail at another one of them
        grants = (f"GRANT {', '.join(_ROWS)} ON {_of(database, name)} TO {grantee};" for name in own if name in listed)
        return _typed(*grants) + ". Commands that only read need SELECT only."
    if privilege in _ROWS:
        return _typed(f"GRANT {privilege} ON {_of(database, table)} TO {grantee};")
    return _typed(f"GRANT {privilege} ON {quote(database)}.* TO {grantee};")  # also for the tables of later migrations


def _visible(conn: Connection) -> set[str]:
    """The tables that exist, as far as the server shows them: those on which the account has some privilege."""
    rows = conn.query("SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()")
    return {str(row[0]) for row in rows}


def _narrowest(privileges: str) -> str:
    """The last of the privileges that the server lists, which is the one with the least power: ``SUPER`` comes first."""
    listed = re.split(r",\s*|\s+or\s+", privileges.replace("(s)", ""))
    return [name.strip() for name in listed if name.strip()][-1]


_BY_KIND = {
    "PROCEDURE": "CREATE ROUTINE",
    "FUNCTION": "CREATE ROUTINE",
    "EVENT": "EVENT",
    "TEMPORARY": "CREATE TEMPORARY TABLES",
    "TRIGGER": "TRIGGER",
    "VIEW": "CREATE VIEW",
}
_LONGEST_OPENING = 8
"""Tokens between CREATE and the kind: ``OR REPLACE DEFINER = 'a'@'b' AGGREGATE``."""


def _privilege_on_database(sql: str) -> str:
    """The privilege that the database's administrators are asked for: the message names only the database."""
    reader = cursor(sql, LEXICAL_RULES)
    command = reader.word()
    if command == "LOCK":
        return "LOCK TABLES"
    words = sql.upper().split()[1 : 1 + _LONGEST_OPENING]
    kind = next((word for word in words if word in _BY_KIND), None)
    if command in ("ALTER", "DROP") and kind in ("PROCEDURE", "FUNCTION"):
        return "ALTER ROUTINE"
    if command in ("CREATE", "ALTER", "DROP") and kind is not None:
        return _BY_KIND[kind]
    return command if command in (*_ROWS, "CREATE", "ALTER", "DROP", "EXECUTE") else "ALL PRIVILEGES"


# -- names ------------------------------------------------------------------------------------------------------------


def _names(text: str, database: str) -> tuple[str, str]:
    """Database and name of ``'t'``, ``'db.p'``, `` `db`.`t` ``; the current database if there is only a name."""
    quoted = [first.replace("``", "`") or second for first, second in _NAME.findall(text)]
    parts = quoted[0].split(".") if len(quoted) == 1 and text.startswith("'") else quoted
    return (parts[0], parts[-1]) if len(parts) > 1 else (database, parts[0] if parts else text)


def _of(database: str, name: str) -> str:
    return f"{quote(database)}.{quote(name)}"
