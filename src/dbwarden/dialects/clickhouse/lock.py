"""Choice of the kind of the migration lock on ClickHouse: the strongest that the server has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from dbwarden.core.dialect import Connection, Holder, Server
from dbwarden.core.own_tables import JOURNAL, LOCK, MIGRATIONS, OWNER, SEEDS, OwnTables
from dbwarden.core.store import LockState
from dbwarden.errors import ConnectionLost, DatabaseError, Failure, LockUnavailable, PermissionDenied, Unsupported

from . import cluster
from .failures import is_running_on
from .lock_cells import GUARD_FAILED, KEEPER, Cell, KeeperMapCell, NoCell, TableCell, TableName, guard, server_time
from .on_cluster import with_cluster
from .versions import KEEPER_MAP, has, now
from .words import string_literal

_UNAVAILABLE = frozenset(("36", "48", "56", "139", "225", KEEPER))
"""Why KeeperMap cannot be had: BAD_ARGUMENTS (no ``keeper_map_path_prefix``), NOT_IMPLEMENTED, UNKNOWN_STORAGE, no Keeper
(NO_ELEMENTS_IN_CONFIG, NO_ZOOKEEPER, KEEPER_EXCEPTION)."""

_TEXT = "Nullable(String)"
_TIME = "Nullable(DateTime64(6, 'UTC'))"
_KEEPER_MAP_COLUMNS = (
    f"{OWNER} String", "locked Bool", f"acquired_at {_TIME}", f"release_at {_TIME}", f"host {_TEXT}",
    "pid Nullable(Int64)", f"holder_user {_TEXT}", f"command {_TEXT}", f"session {_TEXT}", f"heartbeat {_TIME}",
    "token String",
)  # fmt: skip


class ClickHouseLock:
    """A ``LockCell`` of the strongest kind that the server has; of the kind that exists, once there is one."""

    def __init__(self, conn: Connection, tables: OwnTables, server: Server, *, alone: bool = False) -> None:
        """``alone``: whether the server is migrated on its own, whatever else belongs to its cluster."""
        self.conn, self.tables, self.server, self.alone = conn, tables, server, alone
        self._cell: Cell | None = None
        self._database = tables.schema or server.default_schema or ""

    def read(self) -> LockState | None:
        cell = self._existing()
        try:
            state = cell.read() if cell is not None else None
        except DatabaseError as error:
            if error.failure is not Failure.MISSING_TABLE:
                raise
            state = None
        if state is None:
            self._cell = None
        return state

    def kind(self) -> str:
        cell = self._existing()
        return (
            cell.kind() if cell is not None else "none yet: the first migrate creates the strongest that the server has"
        )

    def now(self) -> datetime:
        return server_time(self.conn, now(self.server.version))

    def prepare(self) -> None:
        if self.alone:
            self._ensure_own_history()
        elif cluster.named(self.server):
            self._ensure_shared_history()
        cell = self._existing()
        if isinstance(cell, TableCell) and (reason := self._other_nodes()):
            if self.tables.lock_required:
                reason = f"{reason}, and the lock of the table {cell.table.name} belongs to one of them"
                raise LockUnavailable(reason=reason)
            cell = self._cell = NoCell()
        if cell is None or isinstance(cell, NoCell):
            cell = self._cell = self._created()
        cell.prepare()

    def take(self, previous: str, token: str, holder: Holder) -> bool:
        """Take the lock; then this node gets the rows that the former holder may have appended on another one."""
        cell = self._existing()
        taken = cell is not None and cell.take(previous, token, holder)
        if taken:
            self._fetch_own_tables()
        return taken

    def _fetch_own_tables(self) -> None:
        database = string_literal(self.database)
        names = ", ".join(string_literal(self.tables.plain(table)) for table in (MIGRATIONS, JOURNAL))
        where = f"database = {database} AND name IN ({names}) AND startsWith(engine, 'Replicated')"
        for (name,) in self.conn.query(f"SELECT name FROM system.tables WHERE {where}"):
            self.conn.execute(f"SYSTEM SYNC REPLICA {TableName(self.database, str(name)).sql}")

    def touch(self, token: str, session: str | None = None) -> bool:
        return self._ask(lambda cell: cell.touch(token, session))

    def confirm(self, token: str) -> bool:
        return self._ask(lambda cell: cell.confirm(token))

    def is_held(self, token: str) -> bool:
        return self._ask(lambda cell: cell.is_held(token))

    def freshen(self, token: str) -> bool:
        return self._ask(lambda cell: cell.freshen(token))

    def free(self, token: str) -> bool:
        return self._ask(lambda cell: cell.free(token))

    def _ask(self, question: Callable[[Cell], bool]) -> bool:
        """The answer of the cell; no if its table was dropped, which releases the lock. After a no the kind is looked up
        anew, because the next holder may have created another one."""
        cell = self._existing()
        try:
            answer = cell is not None and question(cell)
        except DatabaseError as error:
            if error.failure is not Failure.MISSING_TABLE:
                raise
            answer = False
        if not answer:
            self._cell = None
        return answer

    def guard(self, token: str) -> str:
        cell = self._existing()
        return cell.guard(token) if cell is not None else guard("(SELECT 1 WHERE false)")

    def refused(self, error: DatabaseError) -> bool:
        dropped = error.failure is Failure.MISSING_TABLE and self.tables.plain(LOCK) in error.message
        refused = error.sqlstate == GUARD_FAILED or dropped
        if refused:
            self._cell = None  # the next holder may have created another kind
        return refused

    def owners(self) -> tuple[str, ...]:
        cell = self._existing()
        if isinstance(cell, KeeperMapCell):
            return cell.owners()
        prefix = f"{self.tables.plain(LOCK)}_"
        return tuple(name.removeprefix(prefix) for name, _ in self._tables() if name.startswith(prefix))

    # -- the choice

    def _existing(self) -> Cell | None:
        """The cell whose table exists; the one for no lock if none exists and the configuration allows that."""
        if self._cell is not None:
            return self._cell
        engines = dict(self._tables())
        if engines.get(self.tables.plain(LOCK)) == "KeeperMap":
            self._cell = self._keeper_map
        elif self._own_table in engines:
            self._cell = self._single_node
        elif not self.tables.lock_required:
            return NoCell()
        return self._cell

    def _created(self) -> Cell:
        """Create the strongest kind. Raises ``LockUnavailable``."""
        reason = self._create_keeper_map()
        if not reason:
            return self._keeper_map
        others = self._other_nodes()
        if not others:
            return self._single_node
        if self.tables.lock_required:
            raise LockUnavailable(reason=f"{others}, and it has no KeeperMap tables ({reason})")
        return NoCell()

    def _ensure_own_history(self) -> None:
        """Raise ``Unsupported`` if the hosts share their history: one would pass for migrated after another one was."""
        name = string_literal(self.tables.plain(MIGRATIONS))
        where = f"database = {string_literal(self.database)} AND name = {name} AND startsWith(engine, 'Replicated')"
        if self.conn.query(f"SELECT 1 FROM system.tables WHERE {where}"):
            raise Unsupported(
                feature="migrating one host of a cluster",
                dialect="ClickHouse",
                reason="the history of this database is replicated, so that the hosts have one in common",
                hint="Run `dbwarden migrate` without --per-node: statements run ON CLUSTER.",
            )

    def _ensure_shared_history(self) -> None:
        """Raise ``Unsupported`` if this host has a history of its own: the others would not see what is recorded there."""
        name = string_literal(self.tables.plain(MIGRATIONS))
        where = f"database = {string_literal(self.database)} AND name = {name} AND endsWith(engine, 'MergeTree')"
        if self.conn.query(f"SELECT 1 FROM system.tables WHERE {where} AND NOT match(engine, '^(Replicated|Shared)')"):
            own = ", ".join(self.tables.plain(table) for table in (MIGRATIONS, JOURNAL, SEEDS))
            raise Unsupported(
                feature="migrating the cluster as a whole",
                dialect="ClickHouse",
                reason="the host has a history of its own, from runs without the cluster or with --per-node",
                hint=f"Go on with `dbwarden migrate --per-node`. Or let all hosts have the same migrations, rename {own} on"
                " each of them, and mark these as applied: `dbwarden migrate --baseline`.",
            )

    def _other_nodes(self) -> str:
        return "" if self.alone else _several_nodes(self.conn, self.server)

    def _create_keeper_map(self) -> str:
        """Create the KeeperMap table; the reason in words if the server cannot."""
        if not has(self.server.version, KEEPER_MAP):
            return "they came with version 22.11"
        table = self._keeper_map.table
        engine = f"ENGINE = KeeperMap({string_literal(f'/dbwarden/{table.database}/{table.name}')}) PRIMARY KEY {OWNER}"
        try:
            sql = f"CREATE TABLE IF NOT EXISTS {table.sql} ({', '.join(_KEEPER_MAP_COLUMNS)}) {engine}"
            name = cluster.named(self.server)
            self.conn.execute(with_cluster(sql, name) if name else sql)
        except (ConnectionLost, PermissionDenied):
            raise
        except DatabaseError as error:
            if is_running_on(error.sqlstate, error.message) and self._tables():
                return ""  # servers that are away create it when they are back; its rows are in Keeper
            if error.sqlstate not in _UNAVAILABLE:
                raise
            return error.message.splitlines()[0].removeprefix(f"Code: {error.sqlstate}. DB::Exception: ").rstrip(".")
        return ""

    @property
    def _keeper_map(self) -> KeeperMapCell:
        return KeeperMapCell(self.conn, TableName(self.database, self.tables.plain(LOCK)), self.tables.owner)

    @property
    def _single_node(self) -> TableCell:
        return TableCell(
            self.conn, TableName(self.database, self._own_table), self.tables.owner, now(self.server.version)
        )

    @property
    def _own_table(self) -> str:
        return f"{self.tables.plain(LOCK)}_{self.tables.owner}"

    @property
    def database(self) -> str:
        """Database of our tables."""
        if not self._database:
            self._database = str(self.conn.query("SELECT currentDatabase()")[0][0])
        return self._database

    def _tables(self) -> Sequence[tuple[str, str]]:
        """Names and engines of the tables that may be locks."""
        name = string_literal(self.tables.plain(LOCK))
        where = (
            f"database = {string_literal(self.database)} AND (name = {name} OR startsWith(name, concat({name}, '_')))"
        )
        rows = self.conn.query(f"SELECT name, engine FROM system.tables WHERE {where}")
        return [(str(name), str(engine)) for name, engine in rows]


# -- the server ---------------------------------------------------------------------------------------------------


def _several_nodes(conn: Connection, server: Server) -> str:
    """Why the server may not be the only one with this database; empty if it certainly is."""
    if len(hosts := cluster.hosts(server)) > 1:
        return f"it belongs to the cluster '{server.settings.get(cluster.NAME)}' of {len(hosts)} servers"
    ((engine, clusters, replicated),) = conn.query(
        "SELECT (SELECT engine FROM system.databases WHERE name = currentDatabase()),"
        " (SELECT groupUniqArray(cluster) FROM system.clusters WHERE NOT is_local AND NOT startsWith(host_address, '127.')"
        " AND host_address <> '::1'), (SELECT count() FROM system.replicas WHERE total_replicas > 1)"
    )
    if engine in ("Replicated", "Shared"):
        return f"the database has the engine {engine}, so other nodes have it too"
    if clusters:
        return f"it belongs to a cluster ({', '.join(sorted(map(str, clusters)))})"
    return "it has replicas of tables" if replicated else ""
