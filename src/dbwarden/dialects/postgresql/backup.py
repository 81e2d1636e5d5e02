"""Backups with PostgreSQL's own programs. The password is passed in the environment, never in an argument.

* Backup: ``pg_dump`` writes the custom format; ``pg_restore`` reads it back.
* Restore, in one transaction of ``psql``: ``clear_script`` drops everything in the database, ``pg_restore`` prints the SQL of
  the dump, and COMMIT follows only if both programs ended with 0.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from dbwarden.core.archive import Command, Pipe, Tools
from dbwarden.core.dialect import OWN_PREFIX, Connection
from dbwarden.errors import ArchiveFailed

PLACES = "/usr/lib/postgresql/*/bin"
"""Folders of the client programs in Debian's packages, one per version."""

_OWN = f"{OWN_PREFIX.replace('_', '!_')}%"
_TIMEOUT = "SET transaction_timeout = 0;"
"""Line that pg_restore prints since version 17; older servers do not know the setting."""


@dataclass(frozen=True, slots=True)
class Dump:
    """Backup in ``pg_dump``'s custom format.

    ``pg_restore`` alone would drop only the objects in the dump, and leave those that were created after it.
    """

    suffix = "dump"
    magic = b"PGDMP"

    def ready(self, conn: Connection, tools: Tools) -> None:
        _refuse_pooler(conn)
        _sibling_program(tools, _client(tools, "pg_dump", _major(conn)), "pg_restore")
        _place(conn)

    def save(self, conn: Connection, target: str, lock_table: str, tools: Tools) -> None:
        program = _client(tools, "pg_dump", _major(conn))
        tools.run(dump(program, *_place(conn), target, lock_table))
        self._read(_sibling_program(tools, program, "pg_restore"), target, tools)

    def examine(self, file: str, tools: Tools) -> None:
        self._read(_client(tools, "pg_restore"), file, tools)

    def abandoned(self, conn: Connection) -> tuple[str, ...]:
        return ()

    def contents(self, conn: Connection) -> int:
        return int(conn.query(_CONTENTS, {"own": _OWN})[0][0])

    def restore(self, conn: Connection, file: str, lock_table: str, tools: Tools) -> None:
        _refuse_pooler(conn)
        program = _client(tools, "pg_restore", _major(conn))
        listed = _entries(tools.run(Command((program, "--list", file))))
        extensions = _shared_extensions(conn, listed)
        wait = str(conn.query("SHOW lock_timeout")[0][0])
        sink = script(_sibling_program(tools, program, "psql"), *_place(conn))
        newer = _version(tools, program).major >= 17 > _major(conn)
        first, without = f"BEGIN;\n{clear_script(extensions, wait)}", _TIMEOUT if newer else ""
        tools.pipe(Pipe(read(program, file, listed, extensions), sink, first, "COMMIT;\n", without))

    def _read(self, program: str, file: str, tools: Tools) -> None:
        """Read the table of contents and all data: a truncated file begins like a complete one."""
        if not _entries(tools.run(Command((program, "--list", file)))):
            raise ArchiveFailed(reason="it has no table of contents", advice="")
        tools.run(Command((program, f"--file={os.devnull}", file)))


def _refuse_pooler(conn: Connection) -> None:
    """Refuse a pooler: ``pg_dump`` and ``psql`` leave changed settings in the session (an empty search path)."""
    if conn.pooled:
        raise ArchiveFailed(reason="a pooler is in between", advice=" Connect to the server itself.")


# -- command lines -----------------------------------------------------------------------------------------------


def dump(program: str, place: str, environment: Mapping[str, str], target: str, lock_table: str) -> Command:
    """``pg_dump`` of the whole database, without the rows of the lock's table."""
    options = ("--format=custom", "--no-password", f"--exclude-table-data=*.{lock_table}")
    return Command((program, *options, f"--file={target}", f"--dbname={place}"), environment)


def read(program: str, file: str, listed: Sequence[str], extensions: Mapping[str, str]) -> Command:
    """``pg_restore`` of a file as SQL text, without the ``extensions`` that the database already has, and their schemas:
    the role that migrates may often not create extensions."""
    options = ("--clean", "--if-exists", "--no-subscriptions", "--file=-")
    names = [*(f"EXTENSION - {name} " for name in extensions), *(f"COMMENT - EXTENSION {name} " for name in extensions)]
    names += [f"SCHEMA - {schema} " for schema in extensions.values()]
    wanted = [line for line in listed if not f"{_entry_name(line)} ".startswith(tuple(names))] if extensions else listed
    if len(wanted) == len(listed):
        return Command((program, *options, file))
    return Command((program, *options, "--use-list=/dev/stdin", file), stdin="".join(f"{line}\n" for line in wanted))


def script(program: str, place: str, environment: Mapping[str, str]) -> Command:
    """``psql`` that runs its input up to the first error. ``--single-transaction`` would commit a truncated input."""
    options = ("--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1")
    return Command((program, *options, f"--output={os.devnull}", f"--dbname={place}", "--file=-"), environment)


def clear_script(extensions: Collection[str], wait: str) -> str:
    """SQL that drops everything but these extensions; ``wait`` is the ``lock_timeout``."""
    names = ", ".join("'" + name.replace("'", "''") + "'" for name in extensions)
    return _CLEARING.replace("@WAIT@", wait.replace("'", "''")).replace("@KEPT@", names)


_MINE = """n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend e
    WHERE e.classid = 'pg_namespace'::regclass AND e.objid = n.oid AND e.deptype = 'e')"""

_CLEARING = f"""SET LOCAL lock_timeout = '@WAIT@';
SET LOCAL client_min_messages = warning;
DO $clear$
DECLARE
  kept name[] := ARRAY[@KEPT@]::name[];
  commands text[];
  command text;
BEGIN
  SELECT array_agg(made.text ORDER BY made.turn) INTO commands FROM (
    SELECT 1, format('DROP EXTENSION IF EXISTS %I CASCADE', x.extname) FROM pg_catalog.pg_extension x
    WHERE x.oid >= 16384 AND x.extname <> ALL (kept)
    UNION ALL
    SELECT 2, format('DROP SCHEMA IF EXISTS %I CASCADE', n.nspname) FROM pg_catalog.pg_namespace n
    WHERE {_MINE} AND n.nspname <> 'public' AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_extension x WHERE x.extnamespace = n.oid AND x.extname = ANY (kept))
    UNION ALL
    -- What is left stands in schemas that stay. Sequences last: those of a column went with its table.
    SELECT CASE i.type WHEN 'sequence' THEN 4 ELSE 3 END, format('DROP %s IF EXISTS %s CASCADE',
      CASE i.type WHEN 'statistics object' THEN 'statistics' ELSE i.type END, i.identity)
    FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_namespace n ON n.oid = d.refobjid,
      LATERAL pg_catalog.pg_identify_object(d.classid, d.objid, 0) i
    WHERE d.refclassid = 'pg_namespace'::regclass AND d.deptype = 'n' AND d.objsubid = 0
      AND d.classid <> 'pg_extension'::regclass AND {_MINE} AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend e WHERE e.classid = d.classid AND e.objid = d.objid AND e.deptype = 'e')
    UNION ALL
    SELECT 5, format('SELECT pg_catalog.lo_unlink(%s)', l.oid) FROM pg_catalog.pg_largeobject_metadata l
  ) made (turn, text);
  FOREACH command IN ARRAY coalesce(commands, '{{}}') LOOP
    EXECUTE command;
  END LOOP;
END
$clear$;
"""

_CONTENTS = f"""SELECT count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relname NOT LIKE :own ESCAPE '!' AND {_MINE} AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend d
    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')"""

_EXTENSIONS = """SELECT x.extname, n.nspname FROM pg_catalog.pg_extension x
JOIN pg_catalog.pg_namespace n ON n.oid = x.extnamespace WHERE x.oid >= 16384"""


# -- programs and their arguments -------------------------------------------------------------------------------


class _Version(NamedTuple):
    major: int
    text: str


def _major(conn: Connection) -> int:
    return int(conn.query("SHOW server_version_num")[0][0]) // 10000


def _client(tools: Tools, program: str, major: int = 0) -> str:
    """Path of a client program at least as new as the server, preferably of the server's own version."""
    paths = tools.find(program, PLACES)
    needed = f"PostgreSQL {major} or later" if major else "PostgreSQL"
    if not paths:
        advice = f" Install the client programs of {needed} (Debian: postgresql-client-{major or 'NN'})."
        raise ArchiveFailed(reason=f"{program} was found neither on PATH nor in {PLACES}", advice=advice)
    path = next((path for path in paths if PurePath(path).parent.parent.name == str(major)), paths[0])
    version = _version(tools, path)
    if version.major < major:
        raise ArchiveFailed(
            reason=f"{path} is version {version.text}, too old for a server of version {major}",
            advice=f" Let PATH begin with the folder of the client programs of {needed}.",
        )
    return path


def _version(tools: Tools, path: str) -> _Version:
    output = tools.run(Command((path, "--version"))).strip()
    match = re.search(r" (?P<text>(?P<major>\d+)[\w.]*)", output)
    if match is None:
        raise ArchiveFailed(reason=f"{path} tells no version: {output[:100]!r}", advice="")
    return _Version(int(match["major"]), match["text"])


def _sibling_program(tools: Tools, program: str, other: str) -> str:
    """Path of another client program of the same version."""
    path = PurePath(program)
    beside = path.with_name(f"{other}{path.suffix}")
    return str(beside) if Path(beside).exists() else _client(tools, other)


def _place(conn: Connection) -> tuple[str, Mapping[str, str]]:
    """Connection string of ``conn`` for a command line, and its secrets for the environment.

    Only parameters in the URL are passed on: the driver's libpq may be newer, with parameters that the programs refuse.
    """
    opened: Any = conn
    info, parameters = opened.raw.info, opened.parameters
    if parameters.get("sslpassword"):
        reason = "sslpassword can be given to pg_dump only on its command line, where others could read it"
        raise ArchiveFailed(reason=reason, advice=" Use a key without a password, or another way to back up.")
    conninfo = {name: value for name, value in parameters.items() if name not in _OURS}
    if "," in conninfo.get("hostaddr", ""):
        del conninfo["hostaddr"]  # one of several: ``host`` is the one that answered
    conninfo |= {"host": info.host, "port": str(info.port), "user": info.user, "dbname": info.dbname}
    words = " ".join(f"{name}={_word(value)}" for name, value in conninfo.items() if value)
    return words, {"PGPASSWORD": info.password} if info.password else {}


_OURS = frozenset(("password", "client_encoding", "application_name", "prepare_threshold", "autocommit"))
"""URL parameters that are not passed on: those of the driver, and the password."""


def _word(value: str) -> str:
    if re.fullmatch(r"[\w./:@%+,-]+", value):
        return value
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _entries(listing: str) -> Sequence[str]:
    """Lines of the table of contents, one per object."""
    return [line for line in listing.splitlines() if line and not line.startswith(";")]


def _entry_name(entry: str) -> str:
    """Part of an entry after its numbers: ``TABLE public users warden`` in ``215; 1259 16394 TABLE public users warden``."""
    return entry.split(" ", 3)[-1]


def _shared_extensions(conn: Connection, listed: Sequence[str]) -> Mapping[str, str]:
    """Extensions that are in both the database and the dump, with their schemas."""
    named = tuple(_entry_name(line) for line in listed)
    return {name: schema for name, schema in conn.query(_EXTENSIONS) if _is_listed(f"EXTENSION - {name} ", named)}


def _is_listed(beginning: str, named: Sequence[str]) -> bool:
    return any(f"{name} ".startswith(beginning) for name in named)
