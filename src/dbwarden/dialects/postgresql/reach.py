"""Reach of a statement: whether its effects stay in the database, leave it, or depend on code that cannot be read.

Shared objects are those with one catalogue per cluster (manual, chapter "System Catalogs": pg_authid, pg_database,
pg_tablespace, pg_subscription, pg_parameter_acl).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dbwarden.core.ddl.cursor import cursor as cursor_at
from dbwarden.core.ddl.statements import (
    AlterObject,
    Copy,
    CreateObject,
    Do,
    DropObject,
    Grant,
    Statement,
    Unknown,
    Utility,
)
from dbwarden.core.sqltext import TokenKind, words
from dbwarden.core.statement import Reach
from dbwarden.core.tokens import calls

from .statements import statement as read
from .words import LEXICAL_RULES

_SHARED = frozenset(("role", "database", "tablespace", "subscription", "system", "owned"))
_SHARED_WORDS = frozenset(("DATABASE", "TABLESPACE", "ROLE", "SUBSCRIPTION"))
_OUTSIDE = frozenset(
    "lo_import lo_export pg_stat_file pg_reload_conf pg_rotate_logfile pg_promote pg_switch_wal pg_switch_xlog"
    " pg_terminate_backend pg_cancel_backend pg_log_backend_memory_contexts pg_create_restore_point pg_start_backup"
    " pg_stop_backup pg_drop_replication_slot pg_sync_replication_slots pg_stat_reset_shared pg_stat_reset_slru"
    " pg_stat_reset_replication_slot pg_stat_reset_subscription_stats postgres_fdw_disconnect"
    " postgres_fdw_disconnect_all dblink".split()
)
"""Built-in functions that act on files, processes or other servers."""
_OUTSIDE_BEGIN = (
    "pg_read_",
    "pg_ls_",
    "pg_file_",
    "pg_backup_",
    "pg_wal_replay_",
    "pg_create_physical_",
    "pg_create_logical_",
    "pg_copy_physical_",
    "pg_copy_logical_",
    "pg_replication_",
    "pg_logical_",
    "dblink_",
)
_RUNS_TEXT = frozenset(
    "query_to_xml query_to_xmlschema query_to_xml_and_xmlschema cursor_to_xml ts_stat ts_rewrite crosstab crosstab2"
    " crosstab3 crosstab4 connectby".split()
)
"""Functions that run SQL from a string."""
_MARKS = (*_OUTSIDE_BEGIN, *sorted(_OUTSIDE | _RUNS_TEXT), "cron", 'u&"')
"""Quick test whether a text may contain such a call: one of these stands in it. A search for each takes a tenth of the time
of a regular expression with all of them, which tries every one at every character."""
_PLAIN_LANGUAGES = frozenset(("SQL", "PLPGSQL"))
_BEFORE_STATEMENT = frozenset((";", "BEGIN", "THEN", "ELSE", "LOOP"))
_NOT_DYNAMIC = frozenset(("FUNCTION", "PROCEDURE", "ON"))
"""Words after EXECUTE in CREATE TRIGGER and GRANT, where it runs no string."""


def reach(statement: Statement, sql: str) -> Reach:
    """Reach of a statement's effects; ``sql`` is its text."""
    return max(_of_calls(sql), *map(_of, statement.parts), _of(statement))


def _of(statement: Statement) -> Reach:
    match statement:
        case Unknown() | Utility(("CALL", *_)):
            return Reach.UNKNOWN
        case CreateObject("function", _, _, _, (language,), bodies):
            return _of_bodies(language, bodies)
        case CreateObject("user mapping") | AlterObject("user mapping"):  # with it, foreign tables reach their server
            return Reach.UNKNOWN
        case CreateObject(kind) | AlterObject(kind) | DropObject(kind) if kind in _SHARED:
            return Reach.SERVER
        case Grant(None | "DATABASE" | "TABLESPACE" | "PARAMETER"):
            return Reach.SERVER
        case Copy(_, _, "FILE" | "PROGRAM"):
            return Reach.SERVER
        case Do(body, language):
            return _of_bodies(language.upper(), (body,))
        case Utility(("LOAD" | "CHECKPOINT" | "REASSIGN" | "IMPORT", *_)):
            return Reach.SERVER
        case Utility(("COMMENT" | "SECURITY", *rest)) if not _SHARED_WORDS.isdisjoint(rest[:4]):
            return Reach.SERVER
        case _:
            return Reach.DATABASE


def _of_bodies(language: str, bodies: Iterable[str]) -> Reach:
    if language in ("C", "INTERNAL"):
        return Reach.SERVER
    if language not in _PLAIN_LANGUAGES:
        return Reach.UNKNOWN
    return max(map(_of_body, bodies), default=Reach.DATABASE)


def _of_body(body: str) -> Reach:
    """Reach of procedural code: that of all statements in it, whatever the conditions around them."""
    furthest = Reach.DATABASE
    for text in _statements(body):
        at = cursor_at(text, LEXICAL_RULES)
        known = at.word() in _READ_IN_BODIES
        furthest = max(furthest, reach(read(text, None), text) if known else _of_calls(text))
        if at.find("EXECUTE") and at.word() not in _NOT_DYNAMIC:
            furthest = max(furthest, Reach.UNKNOWN)
    return furthest


_READ_IN_BODIES = frozenset(
    "CREATE DROP ALTER GRANT REVOKE COPY LOAD CALL DO COMMENT SECURITY REASSIGN IMPORT CHECKPOINT INSERT UPDATE DELETE"
    " MERGE WITH SELECT".split()
)


def _statements(body: str) -> Iterator[str]:
    start, last = 0, 0
    for token in words(body, LEXICAL_RULES):
        if token.text.upper() in _BEFORE_STATEMENT and token.kind is not TokenKind.IDENTIFIER:
            yield body[start : token.start]
            start = token.end
        last = token.end
    yield body[start:last]


def _of_calls(sql: str) -> Reach:
    """Reach of the functions that a text calls."""
    furthest = Reach.DATABASE
    text = sql.lower()
    if any(mark in text for mark in _MARKS):
        for name in calls(words(sql, LEXICAL_RULES), LEXICAL_RULES):
            *path, function = name.split(".")
            if function in _RUNS_TEXT:
                furthest = Reach.UNKNOWN
            elif function in _OUTSIDE or function.startswith(_OUTSIDE_BEGIN) or path == ["cron"]:
                return Reach.SERVER
    return furthest
