"""Privileges as sets: one definition for each account or role on a table, a column, a routine, the database, or the server.

The server keeps them by names: a table that is renamed or dropped leaves them behind, so that a table of the same name would have
them. The key of a set are its privileges, sorted; GRANT OPTION is one of them and counts for all of the same level.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dbwarden.core import kinds
from dbwarden.core.ddl.cursor import Cursor
from dbwarden.core.ddl.statements import Grant
from dbwarden.core.declared_object import DeclaredObject
from dbwarden.core.dialect import Connection, Server
from dbwarden.core.model import Definition, Schema, column_ref
from dbwarden.core.types import Expression, Ref
from dbwarden.dialects.base.catalog import catalog_query
from dbwarden.errors import ModelReadError

from . import accounts
from .words import quote

OPTION = "GRANT OPTION"
_TABLE = "ALTER,CREATE,CREATE VIEW,DELETE,DROP,INDEX,INSERT,REFERENCES,SELECT,SHOW VIEW,TRIGGER,UPDATE".split(",")
_DATABASE = [*_TABLE, *"ALTER ROUTINE,CREATE ROUTINE,CREATE TEMPORARY TABLES,EVENT,EXECUTE,LOCK TABLES".split(",")]
_COLUMN = ["INSERT", "REFERENCES", "SELECT", "UPDATE"]
_ROUTINE = ["ALTER ROUTINE", "EXECUTE"]
_OUTSIDE = {"database": "database", "server": "server"}
"""Levels that are no object, with their words in the name of a set."""


def known(kind: str, server: Server) -> tuple[str, ...]:
    """The privileges that ALL means on an object of a kind; none for the server, where they differ from release to release."""
    mariadb = server.flavour == "mariadb"
    history = ["DELETE HISTORY"] if mariadb else []
    shown = ["SHOW CREATE ROUTINE"] if mariadb and server.version >= (11, 3) else []
    if kind == "column":
        return tuple(_COLUMN)
    if kind == "database":
        return tuple(sorted((*_DATABASE, *history, *shown)))
    if kind in ("function", "procedure"):
        return tuple(sorted((*_ROUTINE, *shown)))
    return () if kind == "server" else tuple(sorted((*_TABLE, *history)))


@dataclass(frozen=True, slots=True)
class AccountPrivileges:
    """The privileges of one account on an object, or on one of its columns."""

    on: Ref
    column: str | None
    grantee: str
    privileges: tuple[str, ...]

    def definition(self) -> Definition:
        """The set as a definition on its object."""
        sql = Expression(
            ";\n".join(self.grants(self.privileges)) or "no privileges", ", ".join(self.privileges) or "none"
        )
        absent = not self.privileges
        if self.on.kind in _OUTSIDE:
            name = f"{self.grantee} on {_OUTSIDE[self.on.kind]}"
            return Definition("grant", name, sql, attached=True, absent=absent)
        place = f" ({self.column})" if self.column is not None else ""
        needs = frozenset((column_ref(self.on, self.column),)) if self.column is not None else frozenset[Ref]()
        return Definition("grant", self.grantee + place, sql, None, self.on, needs=needs, attached=True, absent=absent)

    def grants(self, privileges: Iterable[str]) -> Iterator[str]:
        """GRANT of privileges; with the right alone to pass on what the account has already."""
        granted = tuple(privileges)
        listed = [name for name in granted if name != OPTION] or (["USAGE"] if granted else [])
        behind = f" WITH {OPTION}" if OPTION in granted else ""
        if listed:
            yield f"GRANT {self._listed(listed)} ON {self.level} TO {accounts.written(self.grantee)}{behind}"

    def revoke(self, privileges: Iterable[str], everything: bool = False) -> Iterator[str]:
        """REVOKE of privileges; ``everything`` are all that the account has."""
        granted = tuple(privileges)
        listed = [name for name in granted if name != OPTION]
        grantee = accounts.written(self.grantee)
        if listed:
            # REVOKE ALL PRIVILEGES ON *.* takes those on all databases and tables too (MySQL 9.7).
            whole = everything and self.column is None and self.on.kind != "server"
            what = "ALL PRIVILEGES" if whole else self._listed(listed)
            yield f"REVOKE {what} ON {self.level} FROM {grantee}"
        if OPTION in granted:
            yield f"REVOKE {OPTION} ON {self.level} FROM {grantee}"

    def _listed(self, privileges: Sequence[str]) -> str:
        columns = f" ({quote(self.column)})" if self.column is not None else ""
        return ", ".join(f"{name}{columns}" for name in privileges)

    @property
    def level(self) -> str:
        """What stands behind ON: the current database is ``*``, whatever its name."""
        match self.on.kind:
            case "server":
                return "*.*"
            case "database":
                return "*"
            case "function" | "procedure" as kind:
                return f"{kind.upper()} {quote(self.on.name)}"
        return quote(self.on.name)


def privilege_set(definition: Definition) -> AccountPrivileges:
    """The set that a definition has."""
    key = definition.sql.key
    privileges = () if key == "none" else tuple(key.split(", "))
    if definition.on is None:
        grantee, _, level = definition.name.rpartition(" on ")
        return AccountPrivileges(Ref(level, ""), None, grantee, privileges)
    column = next((ref.name for ref in definition.needs if ref.kind == "column"), None)
    grantee = definition.name if column is None else definition.name.removesuffix(f" ({column})")
    return AccountPrivileges(definition.on, column, grantee, privileges)


# -- statements -------------------------------------------------------------------------------------------------------


def change(before: Definition | None, after: Definition | None, schemas: tuple[Schema, Schema]) -> tuple[str, ...]:
    """Statements from one set to the other. Privileges on a routine go with it; those on a table do not, and are revoked."""
    item = after or before
    assert item is not None
    granted = privilege_set(item)
    if after is None and granted.on.kind in ("function", "procedure") and granted.on not in schemas[1]:
        return ()
    old = privilege_set(before).privileges if before is not None else ()
    new = privilege_set(after).privileges if after is not None else ()
    taken = _taken_with_table(granted, schemas)
    lost = [name for name in old if name not in new and name not in taken]
    missing = [name for name in new if name not in old]
    revoked = tuple(granted.revoke(lost, everything=not new))
    return (*revoked, *granted.grants(missing), *_again(granted, old if not new else lost, schemas))


def _taken_with_table(granted: AccountPrivileges, schemas: tuple[Schema, Schema]) -> frozenset[str]:
    """The privileges on a column that go with the REVOKE of the same ones on its table: a second REVOKE of them would fail."""
    if granted.column is None:
        return frozenset()
    ref = Ref("grant", granted.grantee, None, granted.on.name)
    old, new = (
        frozenset(privilege_set(item).privileges) if isinstance(item := side.get(ref), Definition) else frozenset[str]()
        for side in schemas
    )
    return frozenset(_COLUMN) if old - {OPTION} and not new else old - new


def _again(granted: AccountPrivileges, lost: Iterable[str], schemas: tuple[Schema, Schema]) -> Iterator[str]:
    """GRANT of the privileges on columns that a REVOKE of the same ones on their table takes too."""
    revoked = set(lost)
    if granted.column is not None or granted.on.kind in _OUTSIDE or not revoked or granted.on not in schemas[1]:
        return
    ref = Ref("grant", granted.grantee, None, granted.on.name)
    everything = ref not in schemas[1] and bool(revoked - {OPTION})
    for item in schemas[1].members(granted.on):
        if isinstance(item, Definition) and item.kind == "grant":
            other = privilege_set(item)
            if other.column is not None and other.grantee == granted.grantee:
                yield from other.grants(name for name in other.privileges if everything or name in revoked)


def restored(routine: Ref, schemas: tuple[Schema, Schema]) -> Iterator[str]:
    """GRANT of the privileges on a routine that is dropped and created again."""
    for item in schemas[1].members(routine):
        if isinstance(item, Definition) and item.kind == "grant" and item.ref in schemas[0]:
            granted = privilege_set(item)
            yield from granted.grants(granted.privileges)


def move(old: Ref, new: Ref, before: Schema) -> Iterator[str]:
    """Statements that let privileges go along with a table that is renamed: the server leaves them with the old name."""
    items = [item for item in before.members(old) if isinstance(item, Definition) and item.kind == "grant"]
    sets = sorted(
        map(privilege_set, items), key=lambda granted: (granted.column is None, granted.column or "", granted.grantee)
    )
    for granted in sets:
        yield from replace(granted, on=new).grants(granted.privileges)
    for granted in sets:  # those on columns first: they go with a REVOKE on their table
        yield from granted.revoke(granted.privileges, everything=True)


def move_column(old: Ref, new: Ref, before: Schema) -> Iterator[str]:
    """The same for a column."""
    for item in before.members(old.owner):
        granted = privilege_set(item) if isinstance(item, Definition) and item.kind == "grant" else None
        if granted is not None and granted.column == old.name:
            yield from replace(granted, column=new.name).grants(granted.privileges)
            yield from granted.revoke(granted.privileges)


# -- declarations -----------------------------------------------------------------------------------------------------


def declared(items: Iterable[Any], server: Server) -> Iterator[Definition]:
    """The sets that declarations make together. Raises ``ModelReadError``."""
    sets: dict[tuple[Ref, str | None, str], set[str]] = {}
    for item in items:
        on = _object(item, server)
        grantees = [item.to] if isinstance(item.to, str) else list(item.to)
        for grantee in map(accounts.declared, grantees):
            for column in item.columns or (None,):
                sets.setdefault((on, column, grantee), set()).update(_privileges(item, on, server))
            if item.grantable:
                sets.setdefault((on, None, grantee), set()).add(OPTION)
    for (on, column, grantee), privileges in sets.items():
        yield AccountPrivileges(on, column, grantee, tuple(sorted(privileges))).definition()


def _privileges(item: Any, on: Ref, server: Server) -> Iterator[str]:
    kind = "column" if item.columns else on.kind
    existing = known(kind, server)
    granted = [item.privileges] if isinstance(item.privileges, str) else item.privileges
    for name in (" ".join(part.upper().split()) for text in granted for part in text.split(",") if part.strip()):
        if name in ("ALL", "ALL PRIVILEGES") and existing:
            yield from existing
        elif name == "DELETE VERSIONING ROWS":
            yield "DELETE HISTORY"
        elif name in existing or (kind == "server" and name not in ("ALL", "ALL PRIVILEGES")):
            yield name
        else:
            words = {"server": "the server", "database": "a database"}.get(kind) or kinds.a(kind)
            reason = f"{name} cannot be declared on {words}" + (
                f": {', '.join(existing)}" if existing else ": name each privilege"
            )
            raise ModelReadError(
                where=f"privileges of {item.to}", reason=reason, hint="Correct the Grant in the models."
            )


def _object(item: Any, server: Server) -> Ref:
    """The object of a declaration: a mapped class, a table, a declared view or routine, or a name as in GRANT."""
    on = getattr(item.on, "__table__", item.on)
    if not isinstance(on, str):
        kind = getattr(on, "kind", "table")
        name = str(on.name).partition("(")[0]
        return Ref(kind if kind in ("function", "procedure", "view") else "table", name)
    text = on.strip()
    if text == "*.*":
        return Ref("server", "")
    if text.upper() in ("DATABASE", "*"):
        return Ref("database", "")
    word, _, rest = text.partition(" ")
    kind = word.lower() if rest and word.upper() in ("TABLE", "FUNCTION", "PROCEDURE") else "table"
    name = (
        rest if rest and kind in ("table", "function", "procedure") and word.upper() != text.upper() else text
    ).strip()
    database, dot, last = name.partition("(")[0].rpartition(".")
    if dot and database.strip("`") != server.default_schema:
        reason = f"{on} is in another database: migrations change the one of the URL only"
        raise ModelReadError(
            where=f"privileges of {item.to}", reason=reason, hint="Declare it where that database is configured."
        )
    return Ref(kind, last.strip().strip("`"))


def declaration(item: Definition) -> DeclaredObject:
    """What models write for a set."""
    granted = privilege_set(item)
    on = {"server": "*.*", "database": "DATABASE"}.get(granted.on.kind) or granted.level.replace("`", "")
    listed = [name for name in granted.privileges if name != OPTION]
    return DeclaredObject("Grant", ", ".join(listed), named={
        "on": on, "to": granted.grantee, "columns": (granted.column,) if granted.column is not None else None,
        "grantable": True if OPTION in granted.privileges else None,
    })  # fmt: skip


# -- statements of files ----------------------------------------------------------------------------------------------


def read(at: Cursor) -> Grant:
    """GRANT or REVOKE with the sets and memberships that it begins or ends; a set ends with REVOKE ALL PRIVILEGES, one
    on a column or on the server, where there is no such statement, with any REVOKE."""
    revoke = at.word(-1) == "REVOKE"
    at.skip("IF", "EXISTS")
    option = any(at.skip(word, "OPTION", "FOR") for word in ("GRANT", "ADMIN"))
    items = list(at.items(at.until("ON", "TO", "FROM")))
    if not at.skip("ON"):
        roles = [grantee(item) for item in items]
        refs = tuple(Ref("membership", f"{name} in {role}") for role in roles for name in grantees(at))
        begun, ended = (refs, ()) if not revoke else ((), refs)
        return Grant(None, revoke, () if option else begun, () if option else ended)
    columns: list[str] = []
    everything = False
    for item in items:
        everything |= item.word() == "ALL"
        item.until("(")
        columns += item.names()
    on = level(at)
    names = [f"{grantee} ({column})" if column else grantee for grantee in grantees(at) for column in columns or ("",)]
    refs = tuple(
        Ref("grant", f"{name} on {_OUTSIDE[on.kind]}") if on.kind in _OUTSIDE else Ref("grant", name, None, on.name)
        for name in names
    )
    if on.schema is not None:
        return Grant("TABLE", revoke)
    ends = revoke and (everything or bool(columns) or on.kind == "server")
    return Grant("TABLE", revoke, () if revoke else refs, refs if ends else ())


def level(at: Cursor) -> Ref:
    """What stands behind ON."""
    if at.word() in ("TABLE", "FUNCTION", "PROCEDURE", "PACKAGE") and at.word(1) not in (".", "TO", "FROM"):
        at.take()
    if at.skip("*", ".", "*"):
        return Ref("server", "")
    if at.skip("*"):
        return Ref("database", "")
    ref = at.ref("table")
    return ref if ref.name != "*" else Ref("database", "", "another" if ref.schema is not None else None)


def grantees(at: Cursor) -> list[str]:
    """The accounts behind TO or FROM."""
    at.until("TO", "FROM")
    at.take()
    return [grantee(item) for item in at.items(at.until("WITH", "REQUIRE", "IDENTIFIED", "AS", "IGNORE"))]


def grantee(item: Cursor) -> str:
    """An account or role."""
    public = item.word() == accounts.PUBLIC
    user = item.name()
    host = item.name() if item.skip("@") else "%"
    return accounts.PUBLIC if public else accounts.account(user, host)


# -- inspection -------------------------------------------------------------------------------------------------------


def inspect(conn: Connection, server: Server, existing: Iterable[Ref]) -> Iterator[Definition]:
    """The privileges of all accounts in this database and on the server. Raises ``PermissionDenied`` if the session may not read
    them: an answer without those of others would look like an empty one."""
    relations = {ref.name: ref for ref in existing if ref.table is None and ref.kind in ("table", "view", "sequence")}
    sets: dict[tuple[Ref, str | None, str], set[str]] = {}
    for kind, user, host, name, column, privileges in conn.query(_query(server)):
        on = relations.get(_text(name)) if kind == "table" else Ref(_text(kind), _text(name))
        if on is None:  # of a table that is gone, or of another kind of object
            continue
        listed = {_NAMES.get(text.upper(), text.upper()) for text in _text(privileges).split(",") if text}
        grantee = (
            accounts.PUBLIC
            if _text(user) == accounts.PUBLIC and not _text(host)
            else accounts.account(_text(user), _text(host))
        )
        sets.setdefault((on, _text(column) or None, grantee), set()).update(listed)
    for (on, column, grantee), names in sets.items():
        if names:
            yield AccountPrivileges(on, column, grantee, tuple(sorted(names))).definition()


_NAMES = {"GRANT": OPTION, "DELETE VERSIONING ROWS": "DELETE HISTORY"}


def _query(server: Server) -> str:
    """The catalogue query of the flavour and version."""
    text = catalog_query(__package__, "privileges")
    columns = list(_DATABASE_COLUMNS.items())
    if server.flavour == "mariadb":
        columns.append(("Delete_history_priv", "DELETE HISTORY"))
        if server.version >= (11, 3):
            columns.append(("Show_create_routine_priv", "SHOW CREATE ROUTINE"))
    listed = ", ".join(f"IF(d.{column} = 'Y', '{name}', NULL)" for column, name in columns)
    text = text.replace("'of the database'", f"CONCAT_WS(',', {listed})")
    return f"{text.rstrip()}\n{_OF_ROLES}" if server.flavour == "mariadb" and server.version >= (10, 4) else text


_BITS = (
    "SELECT,INSERT,UPDATE,DELETE,CREATE,DROP,RELOAD,SHUTDOWN,PROCESS,FILE,GRANT,REFERENCES,INDEX,ALTER,SHOW DATABASES,SUPER,"
    "CREATE TEMPORARY TABLES,LOCK TABLES,EXECUTE,REPLICATION SLAVE,BINLOG MONITOR,CREATE VIEW,SHOW VIEW,CREATE ROUTINE,"
    "ALTER ROUTINE,CREATE USER,EVENT,TRIGGER,CREATE TABLESPACE,DELETE HISTORY,SET USER,FEDERATED ADMIN,CONNECTION ADMIN,"
    "READ_ONLY ADMIN,REPLICATION SLAVE ADMIN,REPLICATION MASTER ADMIN,BINLOG ADMIN,BINLOG REPLAY,SLAVE MONITOR,"
    "SHOW CREATE ROUTINE"
).split(",")
"""Privileges on the server by their bits in ``mysql.global_priv`` (measured on MariaDB 10.11 and 11.8)."""
_ACCESS = ", ".join(f"IF(g.access >> {bit} & 1, '{name}', NULL)" for bit, name in enumerate(_BITS))
_OF_ROLES = f"""UNION ALL
SELECT 'server', g.User, g.Host, '', '', CONCAT_WS(',', {_ACCESS})
FROM (
    SELECT p.User, p.Host, CAST(JSON_VALUE(p.Priv, '$.access') AS UNSIGNED) AS access
    FROM mysql.global_priv AS p
    WHERE JSON_VALUE(p.Priv, '$.is_role') IN ('1', 'true')
) AS g"""
"""Those of roles on the server, which ``information_schema.user_privileges`` of MariaDB leaves out."""


_DATABASE_COLUMNS = {
    f"{name.capitalize().replace(' ', '_')}_priv": name for name in _DATABASE if name != "CREATE TEMPORARY TABLES"
} | {"Create_tmp_table_priv": "CREATE TEMPORARY TABLES", "Grant_priv": OPTION}
"""Columns of ``mysql.db``."""


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes | bytearray) else str(value or "")
