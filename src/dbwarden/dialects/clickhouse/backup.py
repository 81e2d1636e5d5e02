"""Backups of a ClickHouse database in one file, over HTTP alone: definitions, and rows in the format Native, or in a backup
of the server's own (``server_backup``).

* Backup: each table is read by one SELECT, so that its rows are of one moment; those of two tables need not be. Tables that keep
  their data elsewhere (Distributed, Kafka, S3) have no rows in it. A definition with a password, which the server hides, is not in
  it, and a restore leaves such a table alone, as it does the table of the migration lock.
* Restore: nothing can be rolled back, so all tables are first created, filled and counted in a database of their own on the same
  server. Then each takes its place by EXCHANGE or RENAME, and the views are created. If one of these fails, those before it are
  undone. What was replaced is dropped last.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from dbwarden.core.archive import Tools
from dbwarden.core.dialect import OWN_PREFIX, Connection
from dbwarden.errors import ArchiveFailed, DatabaseError

from . import restore_remains, server_backup
from .backup_file import MAGIC, BackupReader, BackupWriter, RowCount, SavedObject, verify
from .definition_reader import read
from .definitions import without_database
from .engine_arguments import SECRET
from .words import quote, string_literal

_KINDS = {"View": "view", "MaterializedView": "materialized view", "LiveView": "view", "WindowView": "view"}
_KINDS |= {"Dictionary": "dictionary"}
_OWN_ROWS = ("Log", "TinyLog", "StripeLog", "Memory", "Join", "EmbeddedRocksDB", "KeeperMap")
"""Engines beside the MergeTree family whose rows are in the table."""
_UNCHANGED = {
    "insert_allow_materialized_columns": "1",
    "optimize_on_insert": "0",
    "insert_deduplicate": "0",
    "async_insert": "0",
    "max_partitions_per_insert_block": "0",
}
"""Settings with which INSERT stores rows as they were."""
_ANY_ORDER = "SETTINGS check_table_dependencies = 0, check_referential_table_dependencies = 0"

_OBJECTS = """SELECT t.name, t.engine, t.create_table_query,
  arrayFilter(c -> c != '', groupArray(if(c.default_kind IN ('ALIAS', 'EPHEMERAL'), '', c.name)))
FROM system.tables AS t LEFT JOIN system.columns AS c ON c.database = t.database AND c.table = t.name
WHERE t.database = currentDatabase() AND NOT t.is_temporary AND NOT startsWith(t.name, '.inner')
  AND NOT startsWith(t.name, '.tmp')
GROUP BY t.name, t.engine, t.create_table_query ORDER BY t.name"""
_INNER_TABLE = """SELECT name FROM system.tables WHERE database = currentDatabase() AND name IN (
  SELECT arrayJoin(['.inner_id.' || toString(uuid), '.inner.' || name]) FROM system.tables
  WHERE database = currentDatabase() AND name = :name)"""


_REMAINS = (
    "Tables of the backup are in their places already, and the way back failed: what they replaced is in the database {}"
    f" or has a name that begins with {OWN_PREFIX}replaced_. Run the same command again, with --force: it replaces all of them"
)


def _comment(conn: Connection) -> str:
    """Comment of the databases in which a restore of the current one prepares."""
    return f"{restore_remains.COMMENT}{conn.query('SELECT currentDatabase()')[0][0]}"


@dataclass
class NativeBackup:
    """Backup file with rows in the format Native; those of MergeTree tables are saved by the server if ``place`` says where."""

    place: str = ""
    """Argument of ``BACKUP ... TO``, with ``{name}``; empty to have all rows in the file."""
    suffix: str = "chbackup"
    magic: bytes = MAGIC

    def ready(self, conn: Connection, tools: Tools) -> None:
        _transport(conn)

    def save(self, conn: Connection, target: str, lock_table: str, tools: Tools) -> None:
        transport = _transport(conn)
        with Path(target).open("wb") as file:
            writer = BackupWriter(file)
            items = objects(conn, lock_table)
            counts = self._save_on_server(conn, writer, items) if self.place else {}
            for item in items:
                writer.entry(item)
                if item.name in counts:
                    writer.end_of_rows(counts[item.name])
                elif item.columns:
                    self._save_rows(conn, transport, writer, item, tools)
            writer.end()
        self.examine(target, tools)

    def _save_on_server(
        self, conn: Connection, writer: BackupWriter, items: Sequence[SavedObject]
    ) -> dict[str, RowCount]:
        """Save the rows of MergeTree tables on the server; how many they were."""
        tables = server_backup.saved_by_server(items)
        before = {name: _rows(conn, name) for name in tables}
        writer.entry(server_backup.save(conn, self.place, tables))
        return {name: RowCount(rows, _rows(conn, name)) for name, rows in before.items()}

    def _save_rows(
        self, conn: Connection, transport: Any, writer: BackupWriter, item: SavedObject, tools: Tools
    ) -> None:
        def write(piece: bytes) -> None:
            tools.check()
            writer.rows(piece)

        before = _rows(conn, item.name)
        listed = ", ".join(map(quote, item.columns))
        with _driver_errors():
            transport.download(f"SELECT {listed} FROM {quote(item.name)} FORMAT Native", write)
        writer.end_of_rows(RowCount(before, _rows(conn, item.name)))

    def examine(self, file: str, tools: Tools) -> None:
        verify(Path(file), tools.check)

    def contents(self, conn: Connection) -> int:
        return sum(not item.name.startswith(OWN_PREFIX) for item in objects(conn, ""))

    def abandoned(self, conn: Connection) -> tuple[str, ...]:
        return restore_remains.databases(conn)

    def restore(self, conn: Connection, file: str, lock_table: str, tools: Tools) -> None:
        _transport(conn)
        verify(Path(file), tools.check)
        earlier = self.abandoned(conn)
        _Restore(conn, lock_table, tools, self.place).run(Path(file))
        for name in earlier:
            conn.execute(f"DROP DATABASE IF EXISTS {quote(name)} SYNC {_ANY_ORDER}")


def objects(conn: Connection, lock_table: str) -> Sequence[SavedObject]:
    """What a backup of the database holds: tables first, then dictionaries and views."""
    database = str(conn.query("SELECT currentDatabase()")[0][0])
    saved = []
    for name, engine, sql, columns in conn.query(_OBJECTS):
        if name != lock_table and SECRET not in sql:
            text = without_database(str(sql), database)
            listed = tuple(columns) if _has_rows(str(engine), text) else ()
            saved.append(SavedObject(_KINDS.get(str(engine), "table"), str(name), text, listed))
    turns = ("table", "dictionary", "view", "materialized view")
    return sorted(saved, key=lambda item: (turns.index(item.kind), item.name))


def _has_rows(engine: str, sql: str) -> bool:
    """Whether the rows of an object are in itself."""
    if engine == "MaterializedView":
        return "to" not in read(sql).clauses
    return engine.endswith("MergeTree") or engine in _OWN_ROWS


def _rows(conn: Connection, name: str) -> int:
    return int(conn.query(f"SELECT count() FROM {quote(name)}")[0][0])


def _transport(conn: Connection) -> Any:
    """The driver's connection, over HTTP. Raises ``ArchiveFailed``."""
    raw: Any = getattr(conn, "raw", None)
    if not hasattr(raw, "download"):
        raise ArchiveFailed(
            reason="the rows are sent over HTTP, and the URL has the native protocol",
            advice=" Write clickhouse://, with the port of HTTP (8123).",
        )
    return raw


@contextmanager
def _driver_errors() -> Iterator[None]:
    """Errors of the driver as ``ArchiveFailed``."""
    from .http_driver import Error

    try:
        yield
    except Error as error:
        raise ArchiveFailed(reason=str(error), advice="") from error


def _ensure_complete(kind: str, name: str, rows: int, count: RowCount) -> None:
    if not count.allows(rows):
        reason = f"{kind} {name} has {rows} rows, and had {count.before} when the backup was made"
        raise ArchiveFailed(reason=reason, advice="")


# -- restore ----------------------------------------------------------------------------------------------------------


@dataclass
class _Restore:
    conn: Connection
    lock_table: str
    tools: Tools
    place: str = ""
    token: str = field(default_factory=lambda: secrets.token_hex(4))
    replaced: list[tuple[str, str]] = field(default_factory=list)
    """Kinds and names of what the restore has replaced."""
    way_back: list[str] = field(default_factory=list)
    """Statements that undo the steps so far, in the order of the steps."""

    @property
    def staging(self) -> str:
        return f"{OWN_PREFIX}restore_{self.token}"

    def run(self, file: Path) -> None:
        ((engine,),) = self.conn.query("SELECT engine FROM system.databases WHERE name = currentDatabase()")
        if engine != "Atomic":
            reason = f"the database has the engine {engine}, and only Atomic exchanges tables"
            raise ArchiveFailed(reason=reason, advice="")
        opened: Any = self.conn
        comment = string_literal(_comment(self.conn))
        self.conn.execute(f"CREATE DATABASE {self.staging} ENGINE = Atomic COMMENT {comment}")
        unchanged = self.tools.remains
        try:
            with opened.sibling(self.staging) as staging:
                tables, views = self._load(staging, file)
            self.tools.remains = _REMAINS.format(self.staging)
            with ExitStack() as failed:
                failed.callback(self._restore_former, unchanged)
                self._replace(tables, views)
                self._fill_views(file, {view.name for view in views if view.columns})
                failed.pop_all()
        finally:
            if self.tools.remains == unchanged:  # else it holds what was replaced
                self._drop_staging()
        self._drop_staging()
        for kind, name in self.replaced:
            with suppress(DatabaseError):
                self.conn.execute(f"DROP {kind} IF EXISTS {quote(name)} SYNC {_ANY_ORDER}")

    def _restore_former(self, unchanged: str) -> None:
        """Put the former tables back; if that works, nothing remains to be said but ``unchanged``."""
        with suppress(DatabaseError):
            self._go_back()
            self.tools.remains = unchanged

    def _go_back(self) -> None:
        """Undo what was done, the last step first."""
        while self.way_back:
            self._undo(self.way_back[-1])
            self.way_back.pop()

    def _undo(self, sql: str) -> None:
        self.conn.execute(sql)

    def _drop_staging(self) -> None:
        with suppress(DatabaseError):
            self.conn.execute(f"DROP DATABASE IF EXISTS {self.staging} SYNC {_ANY_ORDER}")

    def _load(self, staging: Any, file: Path) -> tuple[list[SavedObject], list[SavedObject]]:
        """Create and fill the tables; the tables, and the views and dictionaries, which come later."""
        tables, views = list[SavedObject](), list[SavedObject]()
        with file.open("rb") as opened:
            reader = BackupReader(opened)
            on_server: SavedObject | None = None
            counts: dict[str, RowCount] = {}
            for item in reader.entries():
                if item.kind == server_backup.KIND:
                    on_server = item
                    continue
                if item.kind != "table":
                    views.append(item)
                    self._skip(reader, item)
                    continue
                tables.append(item)
                if on_server is not None and item.name in on_server.columns:
                    counts[item.name] = self._skip(reader, item)
                    continue
                staging.execute(item.sql)
                if item.columns:
                    self._fill(staging, reader, item)
        if on_server is not None:
            with server_backup.restored(self.conn, on_server, self.place, self.staging):
                for name, count in counts.items():
                    _ensure_complete("table", name, _rows(staging, name), count)
        return tables, views

    def _skip(self, reader: BackupReader, item: SavedObject) -> RowCount:
        """Read over the rows of an object."""
        if not item.columns or item.kind == server_backup.KIND:
            return RowCount(0, 0)
        for _ in reader.rows():
            self.tools.check()
        return reader.count()

    def _fill(self, conn: Any, reader: BackupReader, item: SavedObject) -> None:
        """Insert the rows of an object, and count them. Those of a materialized view go into its inner table: other views
        that read it have their own."""
        place = item.name
        if item.kind != "table":
            place = str(conn.query(_INNER_TABLE, {"name": item.name})[0][0])
        listed = ", ".join(map(quote, item.columns))

        def pieces() -> Iterator[bytes]:
            for piece in reader.rows():
                self.tools.check()
                yield piece

        data = pieces()
        first = next(data, b"")
        if first:
            sql = f"INSERT INTO {quote(place)} ({listed}) FORMAT Native"
            with _driver_errors():
                conn.raw.upload(sql, chain((first,), data), _UNCHANGED)
        _ensure_complete(item.kind, item.name, _rows(conn, item.name), reader.count())

    def _fill_views(self, file: Path, names: set[str]) -> None:
        """Insert the rows of materialized views that keep them in an inner table."""
        if not names:
            return
        with file.open("rb") as opened:
            reader = BackupReader(opened)
            for item in reader.entries():
                if item.name in names and item.kind != "table":
                    self._fill(self.conn, reader, item)
                else:
                    self._skip(reader, item)

    def _replace(self, tables: Sequence[SavedObject], views: Sequence[SavedObject]) -> None:
        """Put the new tables in place of the old ones and create the views."""
        existing = {item.name: item for item in objects(self.conn, self.lock_table)}
        new = {item.name for item in tables}
        for item in reversed(list(existing.values())):
            if item.kind != "table" or item.name not in new:
                self._set_aside(item)
        for item in tables:
            here, there = quote(item.name), f"{self.staging}.{quote(item.name)}"
            if item.name in existing and existing[item.name].kind == "table":
                exchange = f"EXCHANGE TABLES {here} AND {there} {_ANY_ORDER}"
                self._step(exchange, exchange)
            else:
                self._step(f"RENAME TABLE {there} TO {here} {_ANY_ORDER}", f"DROP TABLE {here} SYNC {_ANY_ORDER}")
        create_in_any_order(self.conn, views, lambda item: self.way_back.append(_drop(item)))

    def _set_aside(self, item: SavedObject) -> None:
        """Rename an object within its database: a materialized view cannot leave it."""
        word, aside = _word(item), f"{OWN_PREFIX}replaced_{self.token}_{len(self.replaced)}"
        rename = "DICTIONARY" if word == "DICTIONARY" else "TABLE"
        here, there = quote(item.name), quote(aside)
        self._step(f"RENAME {rename} {here} TO {there} {_ANY_ORDER}", f"RENAME {rename} {there} TO {here} {_ANY_ORDER}")
        self.replaced.append((word, aside))

    def _step(self, sql: str, reverse: str) -> None:
        self.conn.execute(sql)
        self.way_back.append(reverse)


def create_in_any_order(
    conn: Connection, items: Sequence[SavedObject], created: Callable[[SavedObject], object]
) -> None:
    """Create views and dictionaries, each after those that it needs. Raises the ``DatabaseError`` of one that cannot be
    created."""
    waiting = list(items)
    while waiting:
        failed = list[tuple[SavedObject, DatabaseError]]()
        for item in waiting:
            try:
                conn.execute(item.sql)
            except DatabaseError as error:
                failed.append((item, error))
            else:
                created(item)
        if len(failed) == len(waiting):
            raise failed[0][1]
        waiting = [item for item, _ in failed]


def _word(item: SavedObject) -> str:
    return {"table": "TABLE", "dictionary": "DICTIONARY"}.get(item.kind, "VIEW")


def _drop(item: SavedObject) -> str:
    return f"DROP {_word(item)} IF EXISTS {quote(item.name)} SYNC {_ANY_ORDER}"
