"""What the catalogue shows of a statement that was interrupted outside a transaction.

One row for each statement that PostgreSQL refuses inside a transaction block (``PreventInTransactionBlock`` in its source):
the words it begins with, what there is to go by, and the function that looks. What the catalogue cannot show, or nobody
has to know because the statement may simply run again, has no function.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from dbwarden.core.ddl.cursor import Cursor, capitals, cursor
from dbwarden.core.dialect import Connection
from dbwarden.core.sqltext import TokenKind
from dbwarden.core.statement import Evidence, Recovery
from dbwarden.dialects.base.names import literal
from dbwarden.errors import DatabaseBusy

from .words import LEXIS


def recovery(sql: str) -> Recovery:
    """What a later run can do about the statement if it is interrupted."""
    found = _row(sql)
    return found[0].recovery if found else Recovery()


def probe(conn: Connection, sql: str, refused: bool = False) -> bool | None:
    """See ``Dialect.probe``."""
    found = _row(sql)
    if found is None:
        return False if refused else None
    row, at = found
    if row.look is None:
        return False if row.recovery.evidence is Evidence.REPEATABLE or refused else None
    return row.look(conn, at, refused)


# -- words --------------------------------------------------------------------------------------------------------


def _name(at: Cursor) -> str:
    """A possibly qualified name as it is written."""
    start = at.at
    at.ref("")
    return "".join(token.text for token in at.between(start))


@dataclass(frozen=True, slots=True)
class _Row:
    """``pattern`` matches the first words in capitals, one blank between them; ``look`` goes on behind them."""

    pattern: str
    recovery: Recovery
    look: Callable[[Connection, Cursor, bool], bool | None] | None = None


def _row(sql: str) -> tuple[_Row, Cursor] | None:
    at = cursor(sql, LEXIS)
    text = capitals(at.rest())
    for row in _ROWS:
        if match := re.match(row.pattern, text):
            at.at = len(match.group().split())
            return row, at
    return None


# -- looking ------------------------------------------------------------------------------------------------------


def _exists(conn: Connection, sql: str) -> bool:
    return bool(conn.query(f"SELECT 1 WHERE EXISTS ({sql})"))


def _part(name: str) -> str:
    """SQL for the last part of a name, cut as the server cuts names."""
    return f"(parse_ident({literal(name)}))[array_length(parse_ident({literal(name)}), 1)]::pg_catalog.name"


_OTHERS = """SELECT l.pid FROM pg_catalog.pg_locks l
LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
WHERE l.relation = to_regclass({table}) AND l.mode = 'ShareUpdateExclusiveLock' AND l.pid <> pg_backend_pid()
AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
AND a.backend_type IS DISTINCT FROM 'autovacuum worker'"""
_PAUSE = 0.1


def _await_others(conn: Connection, table: str) -> None:
    """Wait, as long as for a lock, until no other session works on the table. That of a lost connection may, and only its
    end tells how it went.

    What runs CONCURRENTLY holds this lock from its beginning to its end. It is looked at and not asked for, because an
    index build waits for older transactions, of which ours would be one (a deadlock).
    """
    [(limit,)] = conn.query("SELECT setting::int FROM pg_catalog.pg_settings WHERE name = 'lock_timeout'")
    deadline = time.monotonic() + limit / 1000 if limit else None
    while others := conn.query(_OTHERS.format(table=literal(table))):
        if deadline is not None and time.monotonic() >= deadline:
            raise DatabaseBusy(f"Session {others[0][0]} still works on table {table}", sqlstate="55P03")
        time.sleep(_PAUSE)


def _index_created(conn: Connection, at: Cursor, refused: bool) -> bool:
    at.skip("IF", "NOT", "EXISTS")
    index = _name(at)
    at.skip("ON")
    at.skip("ONLY")
    table = _name(at)
    _await_others(conn, table)
    found = conn.query(
        "SELECT i.indexrelid::regclass::text, i.indisvalid"
        " FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid"
        f" WHERE i.indrelid = to_regclass({literal(table)}) AND c.relname = {_part(index)}"
    )
    for name, valid in found:
        if valid:
            return not refused
        conn.execute(f"DROP INDEX CONCURRENTLY {name}")
    return False


def _index_dropped(conn: Connection, at: Cursor, refused: bool) -> bool:
    at.skip("IF", "EXISTS")
    name = _name(at)
    table = (
        "SELECT i.indrelid::regclass::text FROM pg_catalog.pg_index i"
        f" WHERE i.indexrelid = to_regclass({literal(name)})"
    )
    for (owner,) in conn.query(table):
        _await_others(conn, owner)
    return not refused and not conn.query(table)


def _reindexed(conn: Connection, at: Cursor, refused: bool) -> bool:
    """Run again; a first attempt leaves copies that are INVALID, for which the manual (REINDEX) advises DROP INDEX."""
    kind = next(word for word in reversed(capitals(at.between(0)).split()) if word != "CONCURRENTLY")
    name = _name(at) if not at.done else ""
    scope = {
        "INDEX": f"i.indrelid = (SELECT indrelid FROM pg_catalog.pg_index WHERE indexrelid = to_regclass({literal(name)}))",
        "TABLE": f"i.indrelid = to_regclass({literal(name)})",
        "SCHEMA": f"c.relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = {_part(name or 'x')})",
    }.get(kind, "true")
    copies = (
        "SELECT i.indexrelid::regclass::text, i.indrelid::regclass::text"
        " FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid"
        f" WHERE NOT i.indisvalid AND c.relname ~ '_cc(new|old)[0-9]*$' AND c.relkind = 'i'"
        f" AND c.relnamespace <> 'pg_toast'::regnamespace AND {scope}"
    )
    for table in {row[1] for row in conn.query(copies)}:
        _await_others(conn, table)
    for index, _ in conn.query(copies):
        conn.execute(f"DROP INDEX CONCURRENTLY {index}")
    return False


def _partition_detached(conn: Connection, at: Cursor, refused: bool) -> bool | None:
    at.skip("IF", "EXISTS")
    at.skip("ONLY")
    parent = _name(at)
    at.skip("DETACH", "PARTITION")
    child = _name(at)
    _await_others(conn, child)
    known = conn.query(
        f"SELECT to_regclass({literal(parent)}) IS NOT NULL AND to_regclass({literal(child)}) IS NOT NULL"
    )
    if not known[0][0]:
        return False if refused else None
    pending = conn.query(
        "SELECT inhdetachpending FROM pg_catalog.pg_inherits"
        f" WHERE inhparent = to_regclass({literal(parent)}) AND inhrelid = to_regclass({literal(child)})"
    )
    if pending and pending[0][0]:
        conn.execute(f"ALTER TABLE {parent} DETACH PARTITION {child} FINALIZE")
        return True
    return not pending and not refused


def _value_added(conn: Connection, at: Cursor, refused: bool) -> bool | None:
    type_ = _name(at)
    value = next((token.text for token in at.rest() if token.kind is TokenKind.STRING), None)
    if value is None:
        return None
    label = f"SELECT FROM pg_catalog.pg_enum WHERE enumtypid = to_regtype({literal(type_)}) AND enumlabel = {value}"
    return not refused and _exists(conn, label)


def _in_catalogue(catalogue: str, column: str, wanted: bool, where: str = "") -> Callable[..., bool]:
    """Whether a row with the name that follows is there (``wanted``), or is not."""

    def look(conn: Connection, at: Cursor, refused: bool) -> bool:
        at.skip("IF", "EXISTS")
        row = f"SELECT FROM pg_catalog.{catalogue} WHERE {column} = {_part(_name(at))}{where}"
        return not refused and _exists(conn, row) is wanted

    return look


def _tablespace_set(conn: Connection, at: Cursor, refused: bool) -> bool:
    database = _name(at)
    at.skip("SET", "TABLESPACE")
    row = (
        "SELECT FROM pg_catalog.pg_database d JOIN pg_catalog.pg_tablespace t ON t.oid = d.dattablespace"
        f" WHERE d.datname = {_part(database)} AND t.spcname = {_part(_name(at))}"
    )
    return not refused and _exists(conn, row)


_SHOWN, _AGAIN = Recovery(Evidence.CATALOGUE), Recovery(Evidence.REPEATABLE)
_INVALID = Recovery(Evidence.CATALOGUE, "an INVALID index, which the next run clears away")
_COPIES = Recovery(Evidence.REPEATABLE, "INVALID copies of indexes, which the next run clears away")
_PENDING = Recovery(Evidence.CATALOGUE, "a partition whose detaching is pending, which the next run completes")
_HERE = " AND subdbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())"

_ROWS = (
    # Without a name the server chooses one, and nothing tells which.
    _Row(r"CREATE (UNIQUE )?INDEX CONCURRENTLY (?!ON )", _INVALID, _index_created),
    _Row(r"DROP INDEX CONCURRENTLY ", _SHOWN, _index_dropped),
    _Row(r"REINDEX (\( .*?\) )?(INDEX|TABLE|SCHEMA|DATABASE|SYSTEM) CONCURRENTLY\b", _COPIES, _reindexed),
    _Row(r"REINDEX \( [^)]*CONCURRENTLY[^)]*\) (INDEX|TABLE|SCHEMA|DATABASE|SYSTEM)\b", _COPIES, _reindexed),
    _Row(r"REINDEX ", _AGAIN),
    _Row(r"ALTER TABLE (?=.* DETACH PARTITION .* CONCURRENTLY$)", _PENDING, _partition_detached),
    _Row(r"ALTER TYPE (?=.* ADD VALUE )", _SHOWN, _value_added),
    _Row(r"VACUUM\b|CLUSTER\b|ALTER SYSTEM |DISCARD |ALTER SUBSCRIPTION .* REFRESH PUBLICATION\b", _AGAIN),
    _Row(r"CREATE DATABASE ", _SHOWN, _in_catalogue("pg_database", "datname", True)),
    _Row(r"DROP DATABASE ", _SHOWN, _in_catalogue("pg_database", "datname", False)),
    _Row(r"ALTER DATABASE (?=.* SET TABLESPACE )", _SHOWN, _tablespace_set),
    _Row(r"CREATE TABLESPACE ", _SHOWN, _in_catalogue("pg_tablespace", "spcname", True)),
    _Row(r"DROP TABLESPACE ", _SHOWN, _in_catalogue("pg_tablespace", "spcname", False)),
    _Row(r"CREATE SUBSCRIPTION ", _SHOWN, _in_catalogue("pg_subscription", "subname", True, _HERE)),
    _Row(r"DROP SUBSCRIPTION ", _SHOWN, _in_catalogue("pg_subscription", "subname", False, _HERE)),
)
