"""Clauses of ALTER TABLE beyond the standard, and the words of MySQL and MariaDB."""

from __future__ import annotations

from collections.abc import Sequence

from dbwarden.core.ddl import alter, clauses
from dbwarden.core.ddl.alter import Clause
from dbwarden.core.ddl.cursor import Cursor
from dbwarden.core.ddl.statements import Action, OtherClause
from dbwarden.core.ddl.vocabulary import Vocabulary
from dbwarden.core.sqltext import Token, TokenKind
from dbwarden.core.types import Ref

_OPTIONS: tuple[tuple[str, ...], ...] = tuple(
    tuple(option.split())
    for option in (
        "AUTO_INCREMENT", "AVG_ROW_LENGTH", "CHARACTER SET", "CHARSET", "CHECKSUM", "COLLATE", "COMMENT", "COMPRESSION",
        "CONNECTION", "DATA DIRECTORY", "DEFAULT CHARACTER SET", "DEFAULT CHARSET", "DEFAULT COLLATE", "DELAY_KEY_WRITE",
        "ENCRYPTED", "ENCRYPTION", "ENCRYPTION_KEY_ID", "ENGINE", "ENGINE_ATTRIBUTE", "IETF_QUOTES", "INDEX DIRECTORY",
        "INSERT_METHOD", "KEY_BLOCK_SIZE", "MAX_ROWS", "MIN_ROWS", "PACK_KEYS", "PAGE_CHECKSUM", "PAGE_COMPRESSED",
        "PAGE_COMPRESSION_LEVEL", "PASSWORD", "ROW_FORMAT", "SECONDARY_ENGINE", "SECONDARY_ENGINE_ATTRIBUTE", "SEQUENCE",
        "STATS_AUTO_RECALC", "STATS_PERSISTENT", "STATS_SAMPLE_PAGES", "STORAGE", "TABLESPACE", "TRANSACTIONAL", "TYPE",
        "UNION",
    )
)  # fmt: skip
"""Options of a table in both flavours, by their words."""
_BY_LENGTH = sorted(_OPTIONS, key=len, reverse=True)
_HOW = ("ALGORITHM", "LOCK")

VOCABULARY = Vocabulary(
    elements=frozenset(("KEY", "INDEX", "FULLTEXT", "SPATIAL", "PERIOD")),
    after_type=frozenset(
        "CHARSET VISIBLE INVISIBLE AFTER FIRST SRID REF_SYSTEM_ID COLUMN_FORMAT STORAGE ENGINE_ATTRIBUTE"
        " SECONDARY_ENGINE_ATTRIBUTE COMPRESSED WITH WITHOUT PERSISTENT ENFORCED".split()
    ),
    numbered=frozenset(("SERIAL",)),
    table_clauses=(*map(" ".join, _OPTIONS), "PARTITION BY", "WITH SYSTEM VERSIONING"),
    last_clauses=frozenset(("PARTITION",)),
    trailing_clauses=frozenset((("PARTITION", "BY"), ("REMOVE", "PARTITIONING"))),
    kinds={
        ("AGGREGATE", "FUNCTION"): "function",
        ("EVENT",): "event",
        ("INSTANCE",): "instance",
        ("LOGFILE", "GROUP"): "logfile group",
        ("PACKAGE",): "package",
        ("PACKAGE", "BODY"): "package body",
        ("PROCEDURE",): "procedure",
        ("REFERENCE", "SYSTEM"): "spatial reference system",
        ("RESOURCE", "GROUP"): "resource group",
        ("SCHEMA",): "database",
        ("UNDO", "TABLESPACE"): "tablespace",
        ("USER",): "user",
    },
)


def how(tokens: Sequence[Token]) -> tuple[tuple[str, ...], ...]:
    """The clauses ALGORITHM and LOCK at the end of CREATE INDEX and DROP INDEX."""
    words = [token.text.upper() for token in tokens]
    settings: list[tuple[str, ...]] = []
    for at, word in enumerate(words):
        if word in _HOW:
            value = words[at + 1 : at + 3]
            settings += [(word, *(value[1:] if value[:1] == ["="] else value[:1]))] if value else []
    return tuple(settings)


def _options(cursor: Cursor, table: Ref) -> tuple[Action, ...]:
    """Options of the table, which need no commas, and the partitions that may follow them."""
    cursor.at -= 1
    actions: list[Action] = []
    while not cursor.at_end:
        start = cursor.at
        option = next((words for words in _BY_LENGTH if cursor.skip(*words)), None)
        if option is None:
            cursor.at = start
            actions.append(OtherClause(table, cursor.words()))
            break
        cursor.skip("=")
        value = cursor.group() or [token for token in (cursor.take(),) if token is not None]
        actions.append(OtherClause(table, (*option, *map(_upper, value))))
    return tuple(actions)


def _upper(token: Token) -> str:
    return token.text if token.kind is TokenKind.STRING else token.text.upper()


def _how(cursor: Cursor, table: Ref) -> tuple[Action, ...]:
    """ALGORITHM and LOCK, with their values."""
    return tuple(OtherClause(table, words) for words in how(cursor.all())) or ()


def _wait(cursor: Cursor, table: Ref) -> tuple[Action, ...]:
    """WAIT n and NOWAIT, which stand before the first clause (MariaDB)."""
    word = cursor.word(-1)
    number = cursor.take() if word == "WAIT" else None
    waits = OtherClause(table, (word, number.text) if number is not None else (word,))
    return (waits,) if cursor.at_end else (waits, *alter.clause(cursor, table, CLAUSES))


def _add(cursor: Cursor, table: Ref) -> tuple[Action, ...]:
    if cursor.word() == "PERIOD" and cursor.word(1) == "FOR":
        return ()
    return () if cursor.word() == "SYSTEM" and cursor.word(1) == "VERSIONING" else clauses.add(cursor, table)


def _drop(cursor: Cursor, table: Ref) -> tuple[Action, ...]:
    if cursor.word() == "PERIOD" and cursor.word(1) == "FOR":
        return ()
    return () if cursor.word() == "SYSTEM" and cursor.word(1) == "VERSIONING" else clauses.drop(cursor, table)


CLAUSES: dict[str, Clause] = {
    "ADD": _add,
    "DROP": _drop,
    "ALTER": clauses.alter_part,
    "MODIFY": clauses.modify,
    "CHANGE": clauses.change,
    "RENAME": clauses.rename,
    "WAIT": _wait,
    "NOWAIT": _wait,
    "SET": clauses.other,
    "VALIDATE": clauses.other,
    "DETACH": clauses.other,
    **dict.fromkeys((words[0] for words in _OPTIONS), _options),
    **dict.fromkeys(_HOW, _how),
}
"""Clauses of ALTER TABLE by first word."""
