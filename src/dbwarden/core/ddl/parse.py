"""Parses SQL text to ``Statement``: one row per first word, to which dialects add their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from threading import Lock
from typing import TypeAlias

from dbwarden.core import kinds
from dbwarden.core.lexical_rules import LexicalRules
from dbwarden.core.sqltext import TokenKind
from dbwarden.core.tokens import literal, without
from dbwarden.core.types import Ref

from . import rows
from .alter import Clause, Mutation, alter_table
from .cursor import Cursor, code
from .definition import elements, table_options
from .index_keys import key_texts
from .statements import (
    AddEnumValue,
    AlterObject,
    ControlTransaction,
    CopyRows,
    CreateEnum,
    CreateIndex,
    CreateObject,
    CreateTable,
    DropObject,
    DropTable,
    Elements,
    Grant,
    RenameEnumValue,
    RenameType,
    Select,
    Statement,
    Unknown,
    Utility,
)
from .vocabulary import STANDARD, Vocabulary

Row: TypeAlias = "Callable[[Cursor, Grammar], Statement]"
"""Parses a statement after its first word."""


@dataclass(frozen=True)
class Grammar:
    """The statements of a dialect."""

    lexical_rules: LexicalRules
    default_schema: str | None = None
    more: Mapping[str, Row] | None = None
    """Statements, by first word, that the dialect adds or replaces."""
    clauses: Mapping[str, Clause] | None = None
    """Clauses of ALTER TABLE, by first word, that it adds or replaces."""
    mutations: Mapping[str, Mutation] | None = None
    """Clauses of ALTER TABLE that change rows, and may contain commas."""
    vocabulary: Vocabulary = STANDARD
    ignored: tuple[str, ...] = ()
    """Words to skip together with the name after them, because they only name a location: ``ON CLUSTER c``."""
    attributes: Callable[[Cursor], object] | None = None
    """Skips attributes between CREATE and the kind of object: ``DEFINER = u@h``."""

    def row(self, word: str) -> Row | None:
        return (self.more or {}).get(word) or STATEMENTS.get(word)


def statement_head(sql: str, lexical_rules: LexicalRules) -> str:
    """The part of a statement that decides its meaning: of a plain INSERT, the text before its rows.

    A key for caches: a file of data has a hundred thousand statements and a few tables.
    """
    match = lexical_rules.insert_head.match(sql)
    return sql if match is None else match.group()


def parse(sql: str, grammar: Grammar) -> Statement:
    """Parse one statement; ``Unknown`` if no row can.

    Raises ``SqlTextError`` for an unterminated quote or comment in the part of the text that has to be read.
    """
    return read(cursor_at(sql, grammar), grammar)


def cursor_at(sql: str, grammar: Grammar) -> Cursor:
    """A cursor at the first word of ``sql``, for the rows of a grammar."""
    tokens = code(sql, grammar.lexical_rules)
    if grammar.ignored:
        tokens = without(tokens, grammar.ignored)
    return Cursor(tokens, grammar.lexical_rules, grammar.default_schema, sql, grammar.vocabulary)


def read(at: Cursor, grammar: Grammar) -> Statement:
    """Parse the statement at a cursor."""
    while at.word() == "(":  # (SELECT ...) UNION ..., and COPY's and MERGE's sources
        at.at += 1
    row = grammar.row(at.word())
    if row is None:
        return Unknown(at.words())
    at.at += 1
    return row(at, grammar)


# -- CREATE -------------------------------------------------------------------------------------------------------

_KINDS: Mapping[tuple[str, ...], str] = {
    ("TABLE",): "table",
    ("INDEX",): "index",
    ("TYPE",): "type",
    ("VIEW",): "view",
    ("MATERIALIZED", "VIEW"): "materialized_view",
    ("FUNCTION",): "function",
    ("PROCEDURE",): "function",
    ("ROUTINE",): "function",
    ("AGGREGATE",): "function",
    ("TRIGGER",): "trigger",
    ("POLICY",): "policy",
    ("RULE",): "rule",
    ("DOMAIN",): "domain",
    ("SEQUENCE",): "sequence",
    ("SCHEMA",): "namespace",
    ("EXTENSION",): "extension",
    ("DATABASE",): "database",
    ("TABLESPACE",): "tablespace",
    ("ROLE",): "role",
    ("USER",): "role",
    ("GROUP",): "role",
    ("USER", "MAPPING"): "user mapping",
    ("EVENT", "TRIGGER"): "event_trigger",
    ("FOREIGN", "TABLE"): "foreign table",
    ("FOREIGN", "DATA", "WRAPPER"): "foreign data wrapper",
    ("TEXT", "SEARCH", "CONFIGURATION"): "text_search_configuration",
    ("TEXT", "SEARCH", "DICTIONARY"): "text_search_dictionary",
    ("TEXT", "SEARCH", "PARSER"): "text search",
    ("TEXT", "SEARCH", "TEMPLATE"): "text search",
    ("ACCESS", "METHOD"): "access method",
    ("DEFAULT", "PRIVILEGES"): "default privileges",
    ("LARGE", "OBJECT"): "large object",
    ("SERVER",): "foreign_server",
    **{(word,): word.lower() for word in (
        "SUBSCRIPTION PUBLICATION CAST COLLATION CONVERSION OPERATOR STATISTICS LANGUAGE TRANSFORM SYSTEM OWNED"
    ).split()},
}  # fmt: skip
_LONGEST = max(map(len, _KINDS))
_FOREIGN = "foreign table"
_TABLES = ("table", _FOREIGN)
_MODIFIERS = (
    "GLOBAL LOCAL TEMP TEMPORARY UNLOGGED UNIQUE FULLTEXT SPATIAL OR REPLACE VIRTUAL CONSTRAINT RECURSIVE TRUSTED PROCEDURAL"
    " DEFAULT"
).split()
_WITHOUT_NAME = ("cast", "operator", "transform", "text search", "user mapping")


def kind_at(at: Cursor) -> str | None:
    """Read the words for a kind of object; ``None``, without moving, if there are none."""
    words, dialect_kinds = at.words(_LONGEST), at.vocabulary.kinds
    for length in range(len(words), 0, -1):
        if kind := dialect_kinds.get(words[:length]) or _KINDS.get(words[:length]):
            at.at += length
            return kind
    return None


def _name(at: Cursor, kind: str) -> Ref:
    ref = at.ref(kind)
    return ref._replace(schema=None) if kinds.of(kind).of_database else ref


def _unknown(at: Cursor, start: int) -> Unknown:
    at.at = start
    return Unknown(at.words())


def _create(at: Cursor, grammar: Grammar) -> Statement:
    start = at.at - 1
    modifiers = at.skip_any(*_MODIFIERS)
    if grammar.attributes is not None and grammar.attributes(at):
        modifiers += at.skip_any(*_MODIFIERS)
    kind = kind_at(at)
    if kind == "index":
        return _create_index(at, "UNIQUE" in modifiers)
    if kind is None:
        return _unknown(at, start)
    if_not_exists, replaces = at.skip("IF", "NOT", "EXISTS"), "REPLACE" in modifiers
    if kind not in _TABLES:
        return _create_object(at, kind, if_not_exists or replaces)
    if "VIRTUAL" in modifiers:
        table = at.ref("table")
        return CreateTable(table, if_not_exists=if_not_exists, module=at.name() if at.skip("USING") else "")
    temporary = not {"TEMP", "TEMPORARY"}.isdisjoint(modifiers)
    return replace(
        _create_table(at, grammar),
        if_not_exists=if_not_exists,
        replaces=replaces,
        temporary=temporary,
        foreign=kind == _FOREIGN,
    )


_READING = Lock()
"""Held while the remaining tokens of a shared statement are read."""


def _create_table(at: Cursor, grammar: Grammar) -> CreateTable:
    table = at.ref("table")
    opening = at.at

    def behind_name() -> Cursor:
        """A cursor of its own: threads share statements, which dialects keep, and read them when they need them."""
        with _READING:
            return at.inner(at.all()[opening:])

    def source() -> CopyRows | None:
        behind = behind_name()
        behind.group()
        return rows.copied_rows(behind, table) if _find_query(behind) else None

    def options() -> Mapping[str, str]:
        behind = behind_name()
        behind.group()
        return table_options(behind)

    if at.skip("PARTITION", "OF"):
        return CreateTable(table, options=options, partition_of=at.ref("table"))
    if at.word() != "(":
        return CreateTable(table, query=_query(at, grammar), source=source, options=options)

    def definition() -> Elements:
        behind = behind_name()
        return elements(behind.inner(behind.group()))

    query = None
    if at.mentions("WITH", "AS") and any(map(at.mentions, rows.MODIFYING)):
        at.group()
        query = _query(at, grammar)
    return CreateTable(table, definition, query=query, source=source, options=options)


def _query(at: Cursor, grammar: Grammar) -> Statement | None:
    """The query of CREATE TABLE ... AS."""
    return read(at, grammar) if _find_query(at) else None


_QUERIES = frozenset("SELECT VALUES WITH TABLE EXECUTE INSERT UPDATE DELETE MERGE FROM (".split())
"""Words with which the query of CREATE TABLE ... AS begins; a table function is a name before a parenthesis."""


def _find_query(at: Cursor) -> bool:
    """Move to the query of CREATE TABLE ... AS, in which MySQL does not require AS; false if there is none.

    Behind AS, ClickHouse also has the name of a table whose columns, not rows, are copied.
    """
    at.until("AS", "SELECT", "VALUES")
    at.skip("AS")
    return at.word() in _QUERIES or at.word(1) == "("


def _create_index(at: Cursor, unique: bool) -> Statement:
    concurrently = at.skip("CONCURRENTLY")
    if_not_exists = at.skip("IF", "NOT", "EXISTS")
    index = None if at.word() == "ON" else at.ref("index")
    at.find("ON")
    only = at.word() == "ONLY" and at.word(1) not in ("(", ".", "USING")
    table = at.table_name()
    if at.skip("USING"):
        at.take()
    opening = at.at
    columns = at.names()
    closing, at.at = at.at, opening
    keys = key_texts(at)
    at.at = closing
    distinct = not at.mentions("NULLS NOT DISTINCT")
    partial = at.find("WHERE")
    schema = index.schema if index is not None else None
    if schema is not None and table.schema is None:  # SQLite writes the schema before the index's name
        table = table._replace(schema=schema)
    return CreateIndex(
        table,
        index.name if index else None,
        columns,
        unique,
        partial,
        concurrently,
        if_not_exists,
        keys=keys,
        where=at.source(at.rest()) if partial else "",
        nulls_distinct=distinct,
        only=only,
    )


def _create_object(at: Cursor, kind: str, repeatable: bool) -> Statement:
    if kind in _WITHOUT_NAME or at.word() == "AUTHORIZATION":
        return CreateObject(kind, words=at.words())
    ref = _name(at, kind)
    if kind == "type" and at.skip("AS", "ENUM"):
        values = tuple(literal(token) for token in at.group() if token.text != ",")
        return CreateEnum(ref._replace(kind="enum"), values)
    if kind == "type":
        kind_of_type = "range_type" if at.skip("AS", "RANGE") else "composite_type" if at.skip("AS") else "type"
        return CreateObject(kind, ref._replace(kind=kind_of_type), None, repeatable)
    table = None
    if kind == "function":
        return _create_function(at, ref, repeatable)
    if kind in ("trigger", "policy", "rule"):
        at.find("TO" if kind == "rule" else "ON")
        table = at.table_name()
        ref = ref._replace(schema=table.schema, table=table.name)
    return CreateObject(kind, ref, table, repeatable)


def _create_function(at: Cursor, ref: Ref, repeatable: bool) -> CreateObject:
    at.group()
    tokens = at.rest()
    bodies = tuple(literal(token) for token in tokens if token.kind in (TokenKind.DOLLAR, TokenKind.STRING))
    language = at.name() if at.find("LANGUAGE") else "sql"
    return CreateObject("function", ref, None, repeatable, (language.upper(),), bodies)


# -- DROP and ALTER -----------------------------------------------------------------------------------------------


def _drop(at: Cursor, grammar: Grammar) -> Statement:
    start = at.at - 1
    kind = kind_at(at)
    if kind is None:
        return _unknown(at, start)
    concurrently = at.skip("CONCURRENTLY")
    if_exists = at.skip("IF", "EXISTS")
    if kind in _WITHOUT_NAME or kind == "owned":
        return DropObject(kind, if_exists=if_exists)
    if kind in _TABLES:
        first, *others = at.refs("table")
        return DropTable(first, tuple(others), if_exists, foreign=kind == _FOREIGN)
    return _drop_object(at, kind, if_exists, concurrently)


def _drop_object(at: Cursor, kind: str, if_exists: bool, concurrently: bool) -> DropObject:
    kind_of_ref, refs = "enum" if kind == "type" else kind, list[Ref]()
    while not refs or at.skip(","):
        refs.append(_name(at, kind_of_ref))
        at.group()  # a function's arguments
    table = None
    if kind in ("trigger", "policy", "rule", "index") and at.skip("ON"):
        table = at.table_name()
        refs = [ref._replace(schema=table.schema, table=table.name) for ref in refs]
    return DropObject(kind, tuple(refs), table, if_exists, concurrently, at.find("CASCADE"))


def _alter(at: Cursor, grammar: Grammar) -> Statement:
    start = at.at - 1
    kind = kind_at(at)
    if kind in _TABLES and at.word() != "ALL":
        altered = alter_table(at, grammar.clauses or {}, grammar.mutations or {})
        return replace(altered, foreign=True) if kind == _FOREIGN else altered
    if kind is None:
        return _unknown(at, start)
    if kind in _WITHOUT_NAME or kind in ("system", "default privileges") or at.word() == "ALL":
        return AlterObject(kind, words=at.words())
    at.skip("IF", "EXISTS")
    ref = _name(at, "enum" if kind == "type" else kind)
    if kind in ("trigger", "policy", "rule") and at.skip("ON"):
        table = at.table_name()
        ref = ref._replace(schema=table.schema, table=table.name)
    at.group()  # a function's arguments
    return _alter_object(at, kind, ref)


def _alter_object(at: Cursor, kind: str, ref: Ref) -> Statement:
    words = at.words()
    if kind == "type" and at.skip("ADD", "VALUE"):
        if_not_exists = at.skip("IF", "NOT", "EXISTS")
        value = at.take()
        return AddEnumValue(ref, literal(value) if value else "", if_not_exists)
    if kind == "type" and at.skip("RENAME", "VALUE"):
        value = at.take()
        new_value = at.take() if at.skip("TO") else None
        return RenameEnumValue(ref, literal(value) if value else "", literal(new_value) if new_value else "")
    if at.skip("SET", "SCHEMA"):
        new = ref._replace(schema=at.schema(at.name()))
    elif at.skip("RENAME", "TO"):
        new = ref._replace(name=at.name())
    elif at.skip("SET", "TABLESPACE"):
        return AlterObject(kind, ref, words, tablespace=at.name())
    else:
        return AlterObject(kind, ref, words)
    return RenameType(ref, new) if kind == "type" else AlterObject(kind, ref, words, new)


# -- the rest -----------------------------------------------------------------------------------------------------


def control(at: Cursor, grammar: Grammar) -> Statement:
    """A statement that begins or ends a transaction."""
    return ControlTransaction()


def utility(at: Cursor, grammar: Grammar) -> Utility:
    """A statement of which only the leading words matter."""
    at.at -= 1
    return Utility(at.words())


def _grant(at: Cursor, grammar: Grammar) -> Grant:
    revoke = at.word(-1) == "REVOKE"
    at.until("ON", "TO", "FROM")
    if not at.skip("ON"):
        return Grant(None, revoke)
    words = at.words(3)
    known = ("ALL", "DATABASE", "TABLESPACE", "SCHEMA", "PARAMETER", "LANGUAGE", "TYPE", "DOMAIN", "FUNCTION", "LARGE")
    kind = next(
        (word for word in (*known, "PROCEDURE", "ROUTINE", "SEQUENCE", "FOREIGN") if words[:1] == (word,)), "TABLE"
    )
    return Grant(kind, revoke)


STATEMENTS: Mapping[str, Row] = {
    "CREATE": _create,
    "DROP": _drop,
    "ALTER": _alter,
    "INSERT": lambda at, grammar: rows.insert(at, lambda inner: read(inner, grammar)),
    "REPLACE": lambda at, grammar: rows.insert(at, lambda inner: read(inner, grammar)),
    "UPDATE": lambda at, grammar: rows.update(at),
    "DELETE": lambda at, grammar: rows.delete(at),
    "MERGE": lambda at, grammar: rows.merge(at),
    "TRUNCATE": lambda at, grammar: rows.truncate(at),
    "SELECT": lambda at, grammar: Select(),
    "VALUES": lambda at, grammar: Select(),
    "WITH": lambda at, grammar: rows.parse_with(at, lambda inner: read(inner, grammar)),
    "EXPLAIN": lambda at, grammar: rows.explain(at, lambda inner: read(inner, grammar)),
    "GRANT": _grant,
    "REVOKE": _grant,
    **dict.fromkeys(("BEGIN", "START", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE"), control),
}
"""Statements by first word."""
