"""Backups with the servers' own programs: ``mariadb-dump`` or ``mysqldump``, and the client ``mariadb`` or ``mysql``.

* Backup: a text in three parts: tables with their rows, of one consistent snapshot; then the line ``_DEFINITIONS`` with
  triggers, routines, events and views; then a line with the checksum of all that. The table of the migration lock is left
  out, because it names the current holder.
* Restore: DDL cannot be rolled back, so the whole file is first loaded into a database of its own on the same server. Only
  if that succeeded, the old definitions are dropped, one RENAME TABLE moves the old tables out and the new ones in, and the
  new definitions are created. Who is stopped in between is told to repeat the command (``_REMAINS``).

Secrets are passed in an option file on standard input, never in an argument or the environment.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from dbwarden.core.archive import Command, Pipe, Tools
from dbwarden.core.dialect import OWN_PREFIX, Connection
from dbwarden.dialects.base.names import literal
from dbwarden.errors import ArchiveFailed, DatabaseError, DBWardenError

from . import scratch
from .restore_databases import restore_databases
from .words import quote

PLACES = "/usr/local/mysql/bin"
"""Folder of the client programs in MySQL's own packages for macOS."""

_DEFINITIONS = b"\n-- DBWarden: definitions\n"
_CHECKSUM = b"\n-- DBWarden: sha256 "
_PIECE = 1 << 20
_WRITE = 'exec cat >"$1"'
_REMAINS = (
    "The tables are all those from before, or all those of the backup; views, routines, triggers and events may be missing."
    " Run the same command again, with --force: it replaces all of them"
)


@dataclass(frozen=True, slots=True)
class _Programs:
    """The programs of one flavour, the preferred name first."""

    product: str
    package: str
    dump: tuple[str, ...]
    client: tuple[str, ...]
    version: str
    """Pattern of the version in the output of ``--version``, which the other flavour's program does not match."""
    options: tuple[str, ...]
    """Options that only this flavour's dump program has."""


_PROGRAMS: Mapping[str, _Programs] = {
    "mysql": _Programs(
        "MySQL",
        "mysql-client",
        ("mysqldump",),
        ("mysql",),
        r"Ver (\d+(?:\.\d+)+)(?!.*MariaDB)",
        ("--set-gtid-purged=OFF", "--column-statistics=0"),
    ),
    "mariadb": _Programs(
        "MariaDB", "mariadb-client", ("mariadb-dump", "mysqldump"), ("mariadb", "mysql"), r"(\d+(?:\.\d+)+)-MariaDB", ()
    ),
}
_COMMON = ("--hex-blob", "--no-tablespaces", "--default-character-set=utf8mb4", "--skip-dump-date")


@dataclass(frozen=True, slots=True)
class SqlDump:
    """Backup as SQL text."""

    flavour: str
    suffix = "sql"

    @property
    def magic(self) -> bytes:
        """The first line of a backup of this flavour."""
        return f"-- DBWarden: backup of {self._programs.product}\n".encode()

    @property
    def _programs(self) -> _Programs:
        return _PROGRAMS[self.flavour]

    def ready(self, conn: Connection, tools: Tools) -> None:
        _refuse_proxy(conn)
        self._client(self._dump(conn, tools), tools)
        self._history(conn)

    def save(self, conn: Connection, target: str, lock_table: str, tools: Tools) -> None:
        program, options = self._dump(conn, tools), option_file(conn, self.flavour)
        database, views = _database(conn), _views(conn)
        tables = [name for name in _tables(conn) if name != lock_table]
        left_out = tuple(f"--ignore-table={database}.{name}" for name in (lock_table, *views))
        rows = (*self._command(program), "--skip-triggers", *self._history(conn), *left_out, database)
        self._save_tables(Command(rows, stdin=options), target, tools)
        _expect_tables(target, tables)
        definitions = ("--no-data", "--no-create-info", "--triggers", "--routines", "--events")
        texts = [tools.run(Command((*self._command(program), *definitions, *left_out, database), stdin=options))]
        if views:
            command = (*self._command(program), "--no-data", "--skip-triggers", database, *views)
            texts.append(tools.run(Command(command, stdin=options)))
        _finish(target, texts)
        self.examine(target, tools)

    def _save_tables(self, source: Command, target: str, tools: Tools) -> None:
        """Write the first line and the tables. The program's own output file would not have the line."""
        sink = Command(("/bin/sh", "-c", _WRITE, "sh", target))
        tools.pipe(Pipe(source, sink, first=self.magic.decode()))

    def examine(self, file: str, tools: Tools) -> None:
        """Read the whole file, and compare its checksum."""
        length, expected = _checksum_line(file)
        digest = hashlib.sha256()
        with Path(file).open("rb") as opened:
            while length > 0 and (piece := opened.read(min(_PIECE, length))):
                tools.check()
                digest.update(piece)
                length -= len(piece)
        if digest.hexdigest() != expected:
            raise ArchiveFailed(reason="it is damaged: its checksum is not that of its contents", advice="")

    def abandoned(self, conn: Connection) -> tuple[str, ...]:
        return ()

    def contents(self, conn: Connection) -> int:
        own = OWN_PREFIX.lower()
        return sum(not name.lower().startswith(own) for name in (*_tables(conn), *_views(conn)))

    def restore(self, conn: Connection, file: str, lock_table: str, tools: Tools) -> None:
        _refuse_proxy(conn)
        client = self._client(self._dump(conn, tools), tools)
        load = _Load(client, option_file(conn, self.flavour), tools)
        with _staging(conn) as (staging, replaced), tempfile.TemporaryDirectory() as folder:
            load.into(staging, file)
            definitions = Path(folder) / "definitions.sql"
            _copy_definitions(file, definitions)
            _drop_definitions(conn, staging)
            tools.remains = _REMAINS
            _swap(conn, _Swap(staging, replaced, lock_table))
            load.into(_database(conn), str(definitions))

    # -- programs ---------------------------------------------------------------------------------------------------------

    def _command(self, program: str) -> tuple[str, ...]:
        """The dump program with the options of all parts; the option file comes first."""
        snapshot = ("--single-transaction", "--quick", "--skip-lock-tables", "--skip-add-locks")
        return program, "--defaults-file=/dev/stdin", *snapshot, *_COMMON, *self._programs.options

    def _history(self, conn: Connection) -> tuple[str, ...]:
        """Option for the history of tables WITH SYSTEM VERSIONING, which MariaDB can load since 10.11."""
        if not conn.query(f"SELECT 1 FROM ({_TABLES}) AS names WHERE table_type = 'SYSTEM VERSIONED' LIMIT 1"):
            return ()
        if _server_version(conn) < (10, 11):
            reason = "it has tables WITH SYSTEM VERSIONING, whose history MariaDB can load from a dump only since 10.11"
            raise ArchiveFailed(reason=reason, advice=" Use mariadb-backup.")
        return ("--dump-history",)

    def _dump(self, conn: Connection, tools: Tools) -> str:
        """Path of a dump program of this flavour, of the server's major version or a later one."""
        version = _server_version(conn)
        programs, other = self._programs, ""
        needed = f"{programs.product} {version[0]}"
        for path in (path for name in programs.dump for path in tools.find(name, PLACES)):
            shown = tools.run(Command((path, "--version"))).strip()
            match = re.search(programs.version, shown)
            if match is not None and _numbers(match[1])[0] >= version[0]:
                return path
            other = other or f"{path} is not one ({shown})"
        advice = f" Install the client programs of {needed} (Debian: {programs.package}), or let PATH begin with their folder."
        raise ArchiveFailed(
            reason=f"no {programs.dump[0]} of {needed} or later: {other or 'it is not on PATH'}", advice=advice
        )

    def _client(self, dump: str, tools: Tools) -> str:
        """Path of the client program of the same version as the dump program."""
        for name in self._programs.client:
            beside = PurePath(dump).with_name(name + PurePath(dump).suffix)
            if Path(beside).exists():
                return str(beside)
        paths = [path for name in self._programs.client for path in tools.find(name, PLACES)]
        if not paths:
            advice = f" Install the client programs (Debian: {self._programs.package})."
            raise ArchiveFailed(reason=f"{self._programs.client[0]} is not on PATH", advice=advice)
        return paths[0]


def _numbers(version: str) -> tuple[int, ...]:
    match = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(map(int, match[0].split("."))) if match else (0,)


def _server_version(conn: Connection) -> tuple[int, ...]:
    return _numbers(str(conn.query("SELECT VERSION()")[0][0]).removeprefix("5.5.5-"))


def _refuse_proxy(conn: Connection) -> None:
    if conn.pooled:
        raise ArchiveFailed(reason="a proxy is in between", advice=" Connect to the server itself.")


# -- the option file ----------------------------------------------------------------------------------------------

_PARAMETERS = {
    "ssl_ca": "ssl-ca",
    "ssl_capath": "ssl-capath",
    "ssl_cert": "ssl-cert",
    "ssl_key": "ssl-key",
    "ssl_cipher": "ssl-cipher",
}
"""Parameters of a URL, and the programs' options of the same meaning."""


def option_file(conn: Connection, flavour: str) -> str:
    """Options ``[client]`` that lead to the database of ``conn``, with its password."""
    opened: Any = conn
    url, parameters = opened.url, opened.parameters
    socket = parameters.get("unix_socket") or parameters.get("socket")
    options = {"user": url.username, "password": url.password}
    if socket:
        options |= {"protocol": "socket", "socket": socket}
    else:  # the programs take "localhost" for a socket, the drivers do not
        options |= {"protocol": "tcp", "host": url.host or "127.0.0.1", "port": str(url.port or 3306)}
    tls = {option: parameters[name] for name, option in _PARAMETERS.items() if name in parameters}
    lines = [f"{name}={_quoted(value)}" for name, value in {**options, **tls}.items() if value]
    lines += _verification(flavour, parameters, bool(tls))
    return "\n".join(("[client]", *lines, ""))


def _verification(flavour: str, parameters: Mapping[str, str], tls: bool) -> Iterator[str]:
    """Options for TLS: as strict as the URL asks for."""
    mode = parameters.get("ssl_mode", "").upper()
    strict = mode == "VERIFY_IDENTITY" or _is_true(parameters.get("ssl_verify_identity"))
    if flavour == "mariadb":
        if strict or _is_true(parameters.get("ssl_verify_cert")):
            yield "ssl-verify-server-cert"
        else:  # from 11.4 on they verify by default, which the drivers do not
            yield "loose-skip-ssl-verify-server-cert"
        return
    if mode:
        yield f"ssl-mode={mode}"
    elif tls:
        yield f"ssl-mode={'VERIFY_IDENTITY' if strict else 'VERIFY_CA' if 'ssl_ca' in parameters else 'REQUIRED'}"
    yield "loose-get-server-public-key"  # for a login without TLS, as the drivers do


def _is_true(text: str | None) -> bool:
    return (text or "").lower() in ("1", "true", "yes", "on")


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


# -- the file -----------------------------------------------------------------------------------------------------


def _expect_tables(file: str, tables: Sequence[str]) -> None:
    """Raise ``ArchiveFailed`` unless the file creates all of these tables and sequences."""
    waiting = {name.replace("`", "``").encode() for name in tables}
    with Path(file).open("rb") as opened:
        for line in opened:
            created = _CREATED.match(line)
            if created is not None:
                waiting.discard(created[1])
    if waiting:
        names = ", ".join(sorted(name.decode() for name in waiting)[:3])
        raise ArchiveFailed(reason=f"the dump does not contain {names}", advice="")


_CREATED = re.compile(rb"CREATE (?:TABLE|SEQUENCE) (?:IF NOT EXISTS )?`((?:[^`]|``)+)`")


def _finish(file: str, texts: Sequence[str]) -> None:
    """Append the definitions and the checksum."""
    digest = hashlib.sha256()
    with Path(file).open("r+b") as opened:
        while piece := opened.read(_PIECE):
            digest.update(piece)
        added = _DEFINITIONS + "\n".join(texts).encode()
        digest.update(added)
        opened.write(added + _CHECKSUM + digest.hexdigest().encode() + b"\n")


def _checksum_line(file: str) -> tuple[int, str]:
    """Length of the contents before the last line, and the checksum in it. Raises ``ArchiveFailed``."""
    length = len(_CHECKSUM) + 64 + 1
    size = Path(file).stat().st_size
    with Path(file).open("rb") as opened:
        opened.seek(max(0, size - length))
        last = opened.read()
    if not last.startswith(_CHECKSUM) or not last.endswith(b"\n"):
        raise ArchiveFailed(reason="it has no checksum at its end, so it is not complete", advice="")
    return size - length, last[len(_CHECKSUM) : -1].decode(errors="replace")


def _copy_definitions(file: str, target: Path) -> None:
    """Copy what follows ``_DEFINITIONS``. A line of a value that looks like it does not exist: newlines are escaped."""
    with Path(file).open("rb") as opened, target.open("wb") as copy:
        after = False
        for line in opened:
            if after:
                copy.write(line)
            after = after or line == _DEFINITIONS.lstrip()
    if not after:
        raise ArchiveFailed(reason="it has no definitions", advice="")


# -- restoring ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Load:
    """The client program."""

    program: str
    options: str
    tools: Tools

    def into(self, database: str, file: str) -> None:
        """Run the statements of a file in a database, up to the first error.

        On standard input, because after an error in a file of the command ``source`` MariaDB's client ends with 0.
        """
        arguments = ("--default-character-set=utf8mb4", "--batch", f"--database={database}")
        sink = Command(("/bin/sh", "-c", _WITH_OPTIONS, self.program, *arguments))
        self.tools.pipe(Pipe(Command(("cat", file)), sink, first=f"{self.options}\n"))


_WITH_OPTIONS = """options=
while IFS= read -r line && [ -n "$line" ]; do options="$options$line
"; done
exec "$0" --defaults-file=/dev/fd/3 "$@" 3<<END
$options
END
"""
"""Runs a client program with the options that precede its input, up to an empty line."""


@contextmanager
def _staging(conn: Connection) -> Iterator[tuple[str, str]]:
    """Two new databases: one to load the backup into, one for the tables that it replaces; both are dropped at the end.

    Those of a killed run have the same names, and are dropped before: the caller has the migration lock. Its client program
    may still be loading.
    """
    staging, replaced = restore_databases(_database(conn))
    defaults = scratch.database_defaults(conn)
    try:
        for name in (staging, replaced):
            _end_sessions(conn, name)
            conn.execute(f"DROP DATABASE IF EXISTS {name}")
            conn.execute(f"CREATE DATABASE {name}{defaults}")
        yield staging, replaced
    except DatabaseError as error:
        raise ArchiveFailed(reason=error.message, advice=_advice(error, staging)) from error
    finally:
        for name in (staging, replaced):
            with suppress(DBWardenError):
                conn.execute(f"DROP DATABASE IF EXISTS {name}")


def _end_sessions(conn: Connection, database: str) -> None:
    """End the account's sessions in a database of ours."""
    sessions = f"SELECT id FROM information_schema.processlist WHERE db = {literal(database)} AND id <> CONNECTION_ID()"
    for (number,) in conn.query(sessions):
        with suppress(DatabaseError):  # it has ended by itself
            conn.execute(f"KILL {number}")


def _advice(error: DatabaseError, name: str) -> str:
    if "denied" not in error.message.lower():
        return ""
    return f" The account must be allowed to create a database such as {name}, into which the backup is loaded first."


@dataclass(frozen=True, slots=True)
class _Swap:
    staging: str
    replaced: str
    lock_table: str


def _swap(conn: Connection, swap: _Swap) -> None:
    """Replace the tables of the current database by those of ``staging``, in one statement, without the definitions.

    A table with triggers cannot be moved to another database. The table of the migration lock stays.
    """
    database = _database(conn)
    old = [name for name in _tables(conn) if name != swap.lock_table]
    new = [str(name) for name, _ in conn.query(_TABLES.replace("DATABASE()", literal(swap.staging)))]
    moves = [f"{quote(database)}.{quote(name)} TO {swap.replaced}.{quote(name)}" for name in old]
    moves += [
        f"{swap.staging}.{quote(name)} TO {quote(database)}.{quote(name)}" for name in new if name != swap.lock_table
    ]
    with scratch.unchecked_foreign_keys(conn):
        _drop_definitions(conn, database)
        if moves:
            conn.execute(f"RENAME TABLE {', '.join(moves)}")


def _drop_definitions(conn: Connection, database: str) -> None:
    """Drop the views, triggers, routines and events of a database."""
    for kind, name in conn.query(_TEXT_DEFINED.replace("DATABASE()", literal(database))):
        conn.execute(f"DROP {kind} IF EXISTS {quote(database)}.{quote(name)}")


_TEXT_DEFINED = """SELECT 'VIEW', table_name FROM information_schema.views WHERE table_schema = DATABASE()
UNION ALL
SELECT 'TRIGGER', trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE()
UNION ALL
SELECT routine_type, routine_name FROM information_schema.routines
WHERE routine_schema = DATABASE() AND routine_type <> 'PACKAGE BODY'
UNION ALL
SELECT 'EVENT', event_name FROM information_schema.events WHERE event_schema = DATABASE()"""

# -- contents -----------------------------------------------------------------------------------------------------

_TABLES = """SELECT table_name, table_type FROM information_schema.tables
WHERE table_schema = DATABASE() AND table_type NOT IN ('VIEW', 'TEMPORARY') ORDER BY table_name"""
_VIEWS = """SELECT table_name FROM information_schema.tables
WHERE table_schema = DATABASE() AND table_type = 'VIEW' ORDER BY table_name"""


def _tables(conn: Connection) -> list[str]:
    """Names of the tables and sequences of the current database."""
    return [str(name) for name, _ in conn.query(_TABLES)]


def _views(conn: Connection) -> list[str]:
    return [str(name) for (name,) in conn.query(_VIEWS)]


def _database(conn: Connection) -> str:
    name = conn.query("SELECT DATABASE()")[0][0]
    if name is None:
        raise ArchiveFailed(reason="the URL names no database", advice="")
    return str(name)
