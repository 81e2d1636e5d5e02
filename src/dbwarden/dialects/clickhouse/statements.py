"""Grammar rows for the statements of ClickHouse.

Source: the reference of statements in ClickHouse's documentation, and the parsers of the server (``src/Parsers``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from dbwarden.core.ddl import clauses, rows
from dbwarden.core.ddl.alter import Clause
from dbwarden.core.ddl.cursor import Cursor
from dbwarden.core.ddl.parse import STATEMENTS, Grammar, Row, parse, read, statement_head, utility
from dbwarden.core.ddl.statements import (
    Action,
    AlterObject,
    CreateObject,
    CreateTable,
    DropTable,
    Maintain,
    OtherClause,
    RenameTable,
    RenameTables,
    Select,
    Set,
    Statement,
    Truncate,
    Utility,
)
from dbwarden.core.ddl.vocabulary import Vocabulary
from dbwarden.core.text_cache import TextCache
from dbwarden.core.tokens import to_text
from dbwarden.core.types import Ref

from .words import LEXICAL_RULES

VOCABULARY = Vocabulary(
    elements=frozenset(("INDEX", "PROJECTION")),
    after_type=frozenset("CODEC TTL MATERIALIZED ALIAS EPHEMERAL STATISTICS SETTINGS".split()),
    table_clauses=(
        "ENGINE",
        "ORDER BY",
        "PARTITION BY",
        "PRIMARY KEY",
        "SAMPLE BY",
        "TTL",
        "SETTINGS",
        "COMMENT",
        "AS",
    ),
    last_clauses=frozenset(("TTL", "QUERY")),
    kinds={
        ("DICTIONARY",): "dictionary",
        ("NAMED", "COLLECTION"): "named collection",
        ("ROW", "POLICY"): "row policy",
        ("SETTINGS", "PROFILE"): "settings profile",
        ("PROFILE",): "settings profile",
        ("QUOTA",): "quota",
        ("WORKLOAD",): "workload",
        ("RESOURCE",): "resource",
        ("LIVE", "VIEW"): "view",
        ("WINDOW", "VIEW"): "view",
    },
)


def statement(sql: str, default_schema: str | None = None) -> Statement:
    """Parse one statement; names qualified with ``default_schema``, the current database, count as unqualified."""
    return _read(statement_head(sql, LEXICAL_RULES), default_schema)


@TextCache
def _read(sql: str, default_schema: str | None) -> Statement:
    return parse(sql, grammar(default_schema))


@lru_cache(maxsize=8)
def grammar(default_schema: str | None = None) -> Grammar:
    """The grammar of ClickHouse."""
    return Grammar(
        LEXICAL_RULES,
        default_schema,
        ROWS,
        CLAUSES,
        {"UPDATE": clauses.update_rows, "DELETE": clauses.delete_rows},
        VOCABULARY,
        ("ON", "CLUSTER"),
    )


# -- ALTER TABLE ----------------------------------------------------------------------------------------------------


def _words(*first: str) -> Clause:
    """A clause of which only the words matter; ``first`` are those that the row has consumed."""

    def clause(cursor: Cursor, table: Ref) -> tuple[Action, ...]:
        return (OtherClause(table, (*first, *cursor.words())),)

    return clause


@dataclass(frozen=True)
class ModifyTTL(OtherClause):
    """MODIFY TTL of a table; ``rules`` is the text of the TTL."""

    rules: str = field(default="", compare=False)


def _modify(cursor: Cursor, table: Ref) -> tuple[Action, ...]:
    """MODIFY of a column, or of a clause of the table."""
    if cursor.word() != "TTL" or cursor.word(1) in VOCABULARY.after_type:
        return clauses.modify(cursor, table)
    cursor.at += 1
    return (ModifyTTL(table, ("MODIFY", "TTL"), to_text(cursor.until("SETTINGS"))),)


CLAUSES: Mapping[str, Clause] = {
    "ADD": clauses.add,
    "DROP": clauses.drop,
    "MODIFY": _modify,
    **{word: _words(word) for word in (
        "DETACH ATTACH MATERIALIZE CLEAR COMMENT FREEZE UNFREEZE MOVE REPLACE FETCH REMOVE RESET APPLY REWRITE".split()
    )},
}  # fmt: skip


# -- statements -----------------------------------------------------------------------------------------------------


def _attach(at: Cursor, grammar: Grammar) -> Statement:
    """ATTACH brings back an object that DETACH hid."""
    kind = "table" if at.skip("TABLE") else "dictionary" if at.skip("DICTIONARY") else None
    return utility(at, grammar) if kind is None else _brought(at, kind)


def _brought(at: Cursor, kind: str) -> Statement:
    at.skip("IF", "NOT", "EXISTS")
    ref = at.ref(kind)
    return CreateTable(ref) if kind == "table" else CreateObject(kind, ref)


def _detach(at: Cursor, grammar: Grammar) -> Statement:
    """DETACH hides an object; its data stay on disk."""
    kind = "dictionary" if at.skip("DICTIONARY") else "view" if at.skip("VIEW") else "table"
    if kind == "table" and not at.skip("TABLE"):
        return utility(at, grammar)
    at.skip("IF", "EXISTS")
    return AlterObject(kind, at.ref(kind), ("DETACH",))


def _exchange(at: Cursor, grammar: Grammar) -> Statement:
    """EXCHANGE TABLES a AND b: both get the other's name."""
    if not (at.skip("TABLES") or at.skip("DICTIONARIES")):
        return utility(at, grammar)
    first = at.ref("table")
    second = at.ref("table") if at.skip("AND") else first
    return RenameTables((RenameTable(first, second), RenameTable(second, first)))


def _rename(at: Cursor, grammar: Grammar) -> Statement:
    """RENAME of tables, and of dictionaries and databases."""
    if at.word() == "DICTIONARY":
        at.at += 1
        old = at.ref("dictionary")
        at.skip("TO")
        return AlterObject("dictionary", old, ("RENAME",), at.ref("dictionary"))
    if at.word() == "DATABASE":
        at.at += 1
        return AlterObject("database", at.ref("database"), ("RENAME",))
    return clauses.rename_tables(at, grammar)


def _undrop(at: Cursor, grammar: Grammar) -> Statement:
    at.skip("TABLE")
    return CreateTable(at.ref("table"))


def _truncate(at: Cursor, grammar: Grammar) -> Statement:
    at.skip("TABLE")
    at.skip("IF", "EXISTS")
    if at.word() in ("DATABASE", "ALL"):
        return utility(at, grammar)
    return Truncate((at.ref("table"),))


def _set(at: Cursor, grammar: Grammar) -> Statement:
    """SET of settings; SET ROLE and SET DEFAULT ROLE are utilities."""
    if at.word() in ("ROLE", "DEFAULT", "TRANSACTION"):
        return utility(at, grammar)
    name = at.name()
    at.skip("=")
    return Set(name, at.source(at.rest()))


def _optimize(at: Cursor, grammar: Grammar) -> Statement:
    """OPTIMIZE TABLE merges parts, with FINAL all of them."""
    at.skip("TABLE")
    table = at.ref("table")
    return Maintain("OPTIMIZE", frozenset(at.words()), table)


def _insert(at: Cursor, grammar: Grammar) -> Statement:
    """INSERT INTO [TABLE] t, and INSERT INTO FUNCTION f(...), which writes somewhere else."""
    if at.skip("INTO", "FUNCTION"):
        return Utility(("INSERT", "INTO", "FUNCTION"))
    if at.word(1) == "TABLE":
        at.at += 1  # ``rows.insert`` skips the word INTO, if there is one
        at.skip("TABLE")
    return rows.insert(at, lambda inner: read(inner, grammar))


def _select(at: Cursor, grammar: Grammar) -> Statement:
    return Select()


def _drop(at: Cursor, grammar: Grammar) -> Statement:
    """DROP; a temporary table is the session's."""
    temporary = at.skip("TEMPORARY")
    statement = STATEMENTS["DROP"](at, grammar)
    return replace(statement, temporary=True) if temporary and isinstance(statement, DropTable) else statement


ROWS: Mapping[str, Row] = {
    "INSERT": _insert,
    "DROP": _drop,
    "ATTACH": _attach,
    "DETACH": _detach,
    "EXCHANGE": _exchange,
    "RENAME": _rename,
    "UNDROP": _undrop,
    "TRUNCATE": _truncate,
    "SET": _set,
    "OPTIMIZE": _optimize,
    **dict.fromkeys(("SHOW", "DESC", "DESCRIBE", "EXISTS", "CHECK", "FROM"), _select),
    **dict.fromkeys(("KILL", "SYSTEM", "USE", "BACKUP", "RESTORE", "MOVE", "WATCH", "PARALLEL"), utility),
}
"""Statements by first word that ClickHouse adds or replaces."""
