"""Grammar rows for statements that only PostgreSQL has: COPY, DO, SET, VACUUM and other utility statements."""

from __future__ import annotations

from functools import lru_cache

from dbwarden.core.ddl import rows
from dbwarden.core.ddl.cursor import Cursor
from dbwarden.core.ddl.parse import STATEMENTS, Grammar, Row, control, parse, read, statement_head, utility
from dbwarden.core.ddl.statements import (
    AlterObject,
    ControlTransaction,
    Copy,
    CreateObject,
    Do,
    DropObject,
    Grant,
    Maintain,
    Select,
    Set,
    Statement,
    Unknown,
)
from dbwarden.core.ddl.vocabulary import Vocabulary
from dbwarden.core.dialect import Server
from dbwarden.core.sqltext import TokenKind
from dbwarden.core.text_cache import TextCache
from dbwarden.core.tokens import literal, to_text

from . import default_privileges, privilege_statements, publications, routines
from .words import LEXICAL_RULES

_STRINGS = (TokenKind.STRING, TokenKind.DOLLAR)
_UTILITIES = (
    "ANALYZE COMMENT SECURITY REASSIGN IMPORT NOTIFY RESET LOAD CALL CHECKPOINT DISCARD LISTEN UNLISTEN EXECUTE"
)


def statement(sql: str, default_schema: str | None) -> Statement:
    """Parse one statement; unqualified names belong to ``default_schema``."""
    head = statement_head(sql, LEXICAL_RULES)
    return _read(head, default_schema if may_name(head, default_schema) else None)


def may_name(sql: str, schema: str | None) -> bool:
    """Whether the text may name ``schema``. Elsewhere it means the same in all of them: the texts of a fleet are parsed once."""
    text = sql.lower()  # with & it may be an escaped name, U&"..."
    return schema is not None and (schema.lower() in text or "current_schema" in text or "&" in text)


def statement_in(sql: str, server: Server) -> Statement:
    """Parse one statement that runs on ``server``, whose own role default privileges need not name."""
    parsed = statement(sql, server.default_schema)
    if isinstance(parsed, Grant) and parsed.on == default_privileges.ON:
        return default_privileges.with_own_role(parsed, server)
    return parsed


@TextCache
def _read(sql: str, default_schema: str | None) -> Statement:
    statement = parse(sql, _grammar(default_schema))
    if not isinstance(statement, (CreateObject, DropObject, AlterObject)):
        return statement
    if statement.kind == "publication" and not isinstance(statement, DropObject):
        return publications.read(sql, default_schema)
    if statement.kind == "function":
        return routines.identified(statement, sql, default_schema)
    return statement


@lru_cache(maxsize=8)
def _grammar(default_schema: str | None) -> Grammar:
    return Grammar(LEXICAL_RULES, default_schema, ROWS, vocabulary=_VOCABULARY)


def _select(at: Cursor, grammar: Grammar) -> Statement:
    return rows.select(at) if at.mentions("INTO") else Select()


def _copy(at: Cursor, grammar: Grammar) -> Statement:
    table, query = None, None
    if at.word() == "(":
        query = read(at.inner(at.group()), grammar)
    else:
        at.skip("BINARY")
        table = at.table_name()
        at.names()
    into = at.skip("FROM")
    if not into:
        at.skip("TO")
    token = at.token()
    place = "FILE" if token and token.kind in _STRINGS else at.word()
    return Copy(table, into, place, query)


def _do(at: Cursor, grammar: Grammar) -> Statement:
    body, language = "", "plpgsql"
    while (token := at.take()) is not None:
        if token.kind in _STRINGS:
            body = literal(token)
        elif token.text.upper() == "LANGUAGE":
            language = at.name()
    return privilege_statements.of_current_database(body) or Do(body, language)


def _set(at: Cursor, grammar: Grammar) -> Statement:
    local = at.skip("LOCAL")
    at.skip("SESSION")
    if at.skip("TIME", "ZONE"):
        return Set("timezone", to_text(at.rest()), local)
    name = at.name()
    while at.skip("."):
        name += f".{at.name()}"
    if not at.skip("="):
        at.skip("TO")
    return Set(name, to_text(at.rest()), local)


def _prepare(at: Cursor, grammar: Grammar) -> Statement:
    return ControlTransaction() if at.word() == "TRANSACTION" else rows.prepare(at, lambda inner: read(inner, grammar))


def _declare(at: Cursor, grammar: Grammar) -> Statement:
    at.find("FOR")
    return read(at, grammar)


def _maintain(at: Cursor, grammar: Grammar) -> Statement:
    verb = at.word(-1)
    options = _options(at)
    if verb == "REINDEX":
        options |= set(at.skip_any("INDEX", "TABLE", "SCHEMA", "DATABASE", "SYSTEM"))
    elif verb == "REFRESH" and not at.skip("MATERIALIZED", "VIEW"):
        return Unknown((verb, *at.words()))
    else:
        at.skip("TABLE")
    options |= set(at.skip_any("CONCURRENTLY", "FULL", "FREEZE", "VERBOSE", "ANALYZE", "ANALYSE"))
    kind = "materialized_view" if verb == "REFRESH" else "table"
    return Maintain(verb, frozenset(options), None if at.at_end else at.table_name(kind))


def _options(at: Cursor) -> set[str]:
    """Options in parentheses that are not switched off."""
    enabled = set()
    for item in at.items(at.group()):
        name, value = item.word(), item.word(1)
        if not value and (token := item.token(1)):
            value = literal(token).upper()
        if value not in ("FALSE", "OFF", "0"):
            enabled.add(name)
    return enabled


def _alter(at: Cursor, grammar: Grammar) -> Statement:
    if at.skip("DEFAULT", "PRIVILEGES"):
        return default_privileges.read(at)
    return STATEMENTS["ALTER"](at, grammar)


ROWS: dict[str, Row] = {
    "ALTER": _alter,
    "SELECT": _select,
    "TABLE": lambda at, grammar: Select(),
    "COPY": _copy,
    "DO": _do,
    "SET": _set,
    "PREPARE": _prepare,
    "DECLARE": _declare,
    "ABORT": control,
    **dict.fromkeys(("GRANT", "REVOKE"), lambda at, grammar: privilege_statements.read(at)),
    **dict.fromkeys(("VACUUM", "REINDEX", "CLUSTER", "REFRESH", "LOCK"), _maintain),
    **dict.fromkeys(_UTILITIES.split(), utility),
}
"""Grammar rows by the first word of a statement."""
_VOCABULARY = Vocabulary(numbered=frozenset(("SERIAL", "BIGSERIAL", "SMALLSERIAL", "SERIAL2", "SERIAL4", "SERIAL8")))
