"""A scratch database: found or made, given a schema, migrated forth and back, and removed whatever happens.

What a killed run leaves bears its host, process and time in its name, so that the next run knows it and removes it.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from dbwarden.core.change import Change, Drop
from dbwarden.core.dialect import Connection, Dialect, Prefs, Scope, Scratch, Trial
from dbwarden.core.diff import diff
from dbwarden.core.file import MigrationFile
from dbwarden.core.model import Schema
from dbwarden.core.order import order
from dbwarden.core.overview import Record
from dbwarden.core.resolve import Return
from dbwarden.core.tables import OwnTables
from dbwarden.core.types import Ref
from dbwarden.errors import DatabaseError, Irreversible, MigrationFailed, NoScratch, SandboxNotEmpty, Unsupported

from . import execute, history
from .connection import DatabaseConnection
from .interrupt import Interruption
from .journal import Journal, Mark

# -- whose it is --------------------------------------------------------------------------------------------------

PREFIX = "dbwarden_scratch_"
FORGOTTEN = 24 * 3600.0
"""Seconds after which a scratch of another host counts as left behind: nobody can ask for its process."""


def new_name() -> str:
    """``dbwarden_scratch_<host>_<process>_<its start>_<time>_<random>``: at most 63 characters."""
    pid = os.getpid()
    return f"{PREFIX}{_host()}_{pid}_{_started(pid) or 0}_{int(time.time()):x}_{secrets.token_hex(2)}"


def abandoned(name: str) -> bool:
    """Whether the run that gave this name has certainly ended; false for a name that is not of our making."""
    parts = name.removeprefix(PREFIX).split("_")
    if not name.startswith(PREFIX) or len(parts) != 5:
        return False
    host, pid, started, made, _ = parts
    try:
        if host != _host():
            return time.time() - int(made, 16) > FORGOTTEN
        return not _lives(int(pid), int(started))
    except ValueError:
        return False


def _host() -> str:
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]


def _started(pid: int) -> int | None:
    """Clock ticks between the system's start and the process's (proc(5), field 22); None where nothing tells."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def _lives(pid: int, started: int) -> bool:
    """Whether that very process exists: numbers are given again, number and start together are not."""
    if Path("/proc/self/stat").exists():
        now = _started(pid)
        return now is not None and (started == 0 or now == started)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


# -- finding one --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: an empty database for ``dialect`` (which knows the server that it stands in for).

    ``conn`` is the database itself, ``None`` where it cannot be reached; ``open`` opens a URL; ``url`` is the configured
    sandbox, where there is one.
    """

    dialect: Dialect
    open: Callable[[str], DatabaseConnection]
    conn: DatabaseConnection | None = None
    url: str | None = None
    stop: Interruption | None = None
    reach: str | None = None
    """Why only a server of its own will do: the statement that reaches beyond its database, in words."""


@contextmanager
def sandbox(wanted: Wanted) -> Iterator[Sandbox]:
    """The first scratch that can be had, removed at the end. Raises ``NoScratch`` with every reason, ``SandboxNotEmpty``."""
    name = new_name()
    trial = Trial(name, abandoned, wanted.open, wanted.conn)
    ways: list[Scratch] = list(wanted.dialect.scratches(trial))
    url = wanted.url
    if url is not None:
        ways.insert(0, Scratch("the configured sandbox", lambda: _configured(wanted, name, url)))
    with ExitStack() as stack:
        kind, conn = _first(stack, ways, wanted.reach)
        if wanted.stop is not None:
            wanted.stop.conn = conn
            stack.callback(setattr, wanted.stop, "conn", None)
        yield Sandbox(conn, wanted.dialect.at(wanted.dialect.server_of(conn)), kind, wanted.stop)


def _first(stack: ExitStack, ways: Sequence[Scratch], reach: str | None) -> tuple[str, DatabaseConnection]:
    reasons = []
    for way in ways:
        if reach is not None and not way.own_server:
            reasons.append(f"{way.kind}: not used, since {reach}")
            continue
        try:
            conn = stack.enter_context(way.open())
        except (DatabaseError, Unsupported) as error:
            reason = error.data.get("reason") or error.message
            reasons.append(f"{way.kind}: {' '.join(str(reason).split())}")
            continue
        assert isinstance(conn, DatabaseConnection)  # opened by ``wanted.open``, or a sibling of ``wanted.conn``
        return way.kind, conn
    raise NoScratch(reasons="; ".join(reasons))


_MARK = f"{PREFIX}owner"


@contextmanager
def _configured(wanted: Wanted, name: str, url: str) -> Iterator[Connection]:
    """``sandbox_url``, which must be empty or left by a killed run; emptied at the end. A table in it says who uses it."""
    conn = wanted.open(url)
    try:
        if conn.pooled:
            reason = "a pooler is in between; name the server itself"
            raise Unsupported(what="sandbox_url", dialect=wanted.dialect.name, reason=reason)
        _claim(conn, wanted.dialect, name)
        try:
            yield conn
        finally:
            again = wanted.open(url)  # whatever became of the first connection
            try:
                wanted.dialect.clear(again)
            finally:
                again.close()
    finally:
        conn.close()


def _claim(conn: DatabaseConnection, dialect: Dialect, name: str) -> None:
    held = history.optional(conn, f"SELECT name FROM {_MARK}")
    if held is None:
        contents = dialect.occupied(conn)
        if contents is not None:
            raise SandboxNotEmpty(url=conn.name, contents=contents)
    elif held:
        owner = str(held[0][0])
        took = abandoned(owner) and conn.execute(
            f"UPDATE {_MARK} SET name = :mine WHERE name = :theirs", {"mine": name, "theirs": owner}
        )
        if not took:
            raise Unsupported(what="sandbox_url", dialect=dialect.name, reason="another run is using it")
    if held is not None:
        dialect.clear(conn)
    conn.execute(f"CREATE TABLE {_MARK} (name VARCHAR(255))")
    conn.execute(f"INSERT INTO {_MARK} (name) VALUES (:name)", {"name": name})


_TABLES = OwnTables("sandbox")


# -- using it -----------------------------------------------------------------------------------------------------


@dataclass
class Sandbox:
    """An empty database that becomes what a schema says, and on which files are run as on the real one."""

    conn: DatabaseConnection
    dialect: Dialect
    kind: str
    """For people: ``a temporary database on the same server``."""
    stop: Interruption | None = None
    schemas: tuple[str, ...] = ()
    """Namespaces that are looked at beside the default one."""
    _brought: tuple[Ref, ...] = ()
    _token: str = field(default_factory=lambda: str(uuid4()))
    _prepared: bool = False

    def inspect(self) -> Schema:
        """What is there, but for extensions that were there at first and that nobody asked for."""
        return self.dialect.inspect(self.conn, Scope((None, *self.schemas))).without(*self._brought)

    def build(self, schema: Schema) -> dict[str, str]:
        """Make what ``schema`` says with the dialect's own DDL; what could not be made, with the engine's reason."""
        ground = self.dialect.inspect(self.conn, Scope((None, *self.schemas)))
        self._brought = tuple(ref for ref in ground if ref.kind == "extension" and ref not in schema)
        changes = [change for change in diff(ground, schema) if not isinstance(change, Drop)]
        grouped = self.dialect.regroup(order(changes), ground, schema)
        waiting: list[tuple[Change, Sequence[str]]] = []
        refused: dict[str, str] = {}
        for change in grouped:
            try:
                waiting.append((change, self.dialect.ddl(change, ground, schema, Prefs(online=False))))
            except Unsupported as error:
                refused[str(change.ref)] = error.message
            except Irreversible as error:  # partitions that their printed text does not describe as a whole
                refused[str(change.ref)] = str(error.data["reason"])
        try:
            with self.conn.transaction():
                for _, statements in waiting:
                    self._send(statements)
        except DatabaseError:
            refused |= self._one_by_one(waiting)
        return refused

    def _send(self, statements: Iterable[str]) -> None:
        for sql in statements:
            if self.stop is not None:
                self.stop.check()
            self.conn.execute(sql)

    def _one_by_one(self, waiting: list[tuple[Change, Sequence[str]]]) -> dict[str, str]:
        """As often as something succeeds: what needs another thing comes after it, whether we knew of the need or not."""
        refused: dict[str, str] = {}
        while waiting:
            left = []
            for change, statements in waiting:
                try:
                    with self.conn.transaction():
                        self._send(statements)
                except DatabaseError as error:
                    refused[str(change.ref)] = error.message.splitlines()[0]
                    left.append((change, statements))
                else:
                    refused.pop(str(change.ref), None)
            if len(left) == len(waiting):
                break
            waiting = left
        return refused

    @contextmanager
    def session(self, statements: Sequence[str]) -> Iterator[None]:
        """With the session as ``statements`` set it; as it was at first behind that."""
        for sql in statements:
            self.conn.execute(sql)
        try:
            yield
        finally:
            if statements:
                self.conn.restore()

    # -- files

    def upgrade(self, file: MigrationFile) -> Record:
        """Run a file as ``migrate`` does. Raises as ``execute.upgrade``."""
        return execute.upgrade(self.conn, self.dialect, file, self._run())

    def rollback(self, file: MigrationFile, record: Record) -> Record:
        """Run the rollback of a file as ``rollback`` does. Raises as ``execute.rollback``."""
        back = Return(record, file.rollback(self.dialect.name), file)
        return execute.rollback(self.conn, self.dialect, back, self._run())

    def remember(self, file: MigrationFile, marks: Mapping[int, Mark]) -> None:
        """How far an interrupted run of a file came: ``upgrade`` goes on from there."""
        journal = Journal(self.conn, self.dialect, _TABLES, file.key, "upgrade", self._run().token)
        for number, mark in marks.items():
            journal.write(number, mark.checksum, mark.state)

    def lacks(self, error: MigrationFailed) -> str | None:
        """The name of what a failed statement asked for and is not here; ``None`` where it failed for another reason."""
        with suppress(DatabaseError):
            return self.dialect.lacking(self.conn, error.data.get("sqlstate"), str(error.data["reason"]))
        return None

    def _run(self) -> execute.Run:
        """As under a lock: nobody else comes here, so its row is simply set."""
        if not self._prepared:
            history.ensure_tables(self.conn, self.dialect, _TABLES)
            self.conn.execute(f"UPDATE {_TABLES.lock} SET locked = TRUE, token = :token", {"token": self._token})
            self._prepared = True
        return execute.Run(self._token, "sandbox", "0", stop=self.stop, tables=_TABLES)

    def settled(self, current: Schema, desired: Schema, refs: Iterable[Ref]) -> Schema:
        """``Dialect.settle`` here: ``desired`` with its expressions as this server prints them."""
        with suppress(DatabaseError):
            return self.dialect.settle(self.conn, current, desired, refs)
        return desired
