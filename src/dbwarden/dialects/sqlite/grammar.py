"""Parser of the CREATE TABLE and CREATE INDEX texts that SQLite stores (https://www.sqlite.org/lang_createtable.html).

SQLite itself parses these texts when it opens a file, so they are complete. No pragma returns the names of constraints,
CHECK expressions, conflict clauses, or the exact text of a default.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from dbwarden.core.ddl.cursor import Cursor
from dbwarden.core.ddl.cursor import cursor as cursor_at
from dbwarden.core.ddl.index_keys import index_key
from dbwarden.core.model import Check, Column, Computed, ForeignKey, Index, IndexElement, Member, PrimaryKey, Unique
from dbwarden.core.options import NO_OPTIONS, Options
from dbwarden.core.sqltext import definitions
from dbwarden.core.tokens import NAMES, unquoted
from dbwarden.core.types import DataType, Expression, Ref, parse_type
from dbwarden.errors import DatabaseError

from .words import LEXICAL_RULES, expression, expression_key, mentioned_words, tokens, unquote

HERE = Ref("table", "")
"""Placeholder for the table: parsed definitions are cached, because many tables have the same."""


@dataclass(frozen=True, slots=True)
class TableText:
    """Contents of a CREATE TABLE; members belong to ``HERE``, and names have the case in which they are written."""

    columns: tuple[Column, ...]
    members: tuple[Member, ...]
    options: Options


@lru_cache(maxsize=1 << 13)
def read_table(sql: str) -> TableText:
    """Parse a CREATE TABLE. Raises ``DatabaseError`` with the text if it cannot be parsed."""
    pieces, rest = definitions(sql, LEXICAL_RULES)
    if not pieces:
        raise DatabaseError(f"Cannot read the table definition {sql!r}.")
    columns: list[Column] = []
    members: list[Member] = []
    for piece in pieces:
        column, piece_members = _piece(piece)
        if column is not None:
            columns.append(column)
        members.extend(piece_members)
    options: dict[str, str | None] = {}
    words = [token.upper() for token in tokens(rest)]
    if "STRICT" in words:
        options["strict"] = "true"
    if "ROWID" in words:
        options["with_rowid"] = "false"
    if any(isinstance(item, PrimaryKey) and item.options.get("autoincrement") for item in members):
        options["autoincrement"] = "true"
        members = [_plain_key(item) for item in members]
    return TableText(tuple(columns), tuple(members), Options.of(options))


def _plain_key(item: Member) -> Member:
    return replace(item, options=item.options.with_(autoincrement=None)) if isinstance(item, PrimaryKey) else item


_TABLE_LEVEL = frozenset(("CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"))


@lru_cache(maxsize=1 << 15)
def _piece(text: str) -> tuple[Column | None, tuple[Member, ...]]:
    cursor = cursor_at(text, LEXICAL_RULES)
    if cursor.word() in _TABLE_LEVEL:
        return None, tuple(_table_constraints(cursor))
    name = cursor.name()
    return _named(name, *_column(text[cursor.between(0)[-1].end :]))


# -- columns ------------------------------------------------------------------------------------------------------

_COLUMN_LEVEL = frozenset(
    ("CONSTRAINT", "PRIMARY", "NOT", "NULL", "UNIQUE", "CHECK", "DEFAULT", "COLLATE", "REFERENCES", "AS")
)


@lru_cache(maxsize=1 << 15)
def _column(text: str) -> tuple[Column, tuple[Member, ...]]:
    """Parse the definition of a column after its name; cached, because many columns have the same."""
    cursor = cursor_at(text, LEXICAL_RULES)
    datatype = _type(cursor)
    properties: dict[str, Any] = {}
    members: list[Member] = []
    name: str | None = None
    while not cursor.at_end:
        if cursor.skip("CONSTRAINT"):
            name = cursor.name()
            continue
        member = _column_member(cursor, name)
        if member is not None:
            members.append(member)
        else:
            _column_property(cursor, properties)
        name = None
    return Column("", datatype, **properties), tuple(members)


def _named(name: str, nameless: Column, members: tuple[Member, ...]) -> tuple[Column, tuple[Member, ...]]:
    column = Column(
        name,
        nameless.type,
        nameless.nullable,
        nameless.default,
        computed=nameless.computed,
        collation=nameless.collation,
        options=nameless.options,
    )
    if not members:
        return column, members
    return column, tuple(item if isinstance(item, Check) else _on(item, name) for item in members)


def _on(member: Any, column: str) -> Member:
    return replace(member, columns=(column,))  # type: ignore[no-any-return]


def _type(cursor: Cursor) -> DataType:
    start = cursor.at
    while not cursor.at_end and cursor.word() not in _COLUMN_LEVEL and cursor.words(2) != ("GENERATED", "ALWAYS"):
        if cursor.word() == "(":
            cursor.group()
            break
        cursor.at += 1
    return parse_type(cursor.source(cursor.between(start)))


def _column_member(cursor: Cursor, name: str | None) -> Member | None:
    """Constraint at the cursor; ``None`` if a property of the column is there."""
    if cursor.skip("PRIMARY", "KEY"):
        descending = cursor.skip("DESC")
        cursor.skip("ASC")
        options: dict[str, str | None] = {"on_conflict": _conflict(cursor)}
        options["autoincrement"] = "true" if cursor.skip("AUTOINCREMENT") else None
        # Inline INTEGER PRIMARY KEY DESC is not a rowid alias (a bug that SQLite keeps for compatibility).
        options["keys"] = "DESC" if descending else None
        return PrimaryKey(HERE, name, (), options=Options.of(options))
    if cursor.skip("UNIQUE"):
        return Unique(HERE, name, (), options=_conflicts(cursor))
    if cursor.skip("CHECK"):
        return Check(HERE, name, expression(_parenthesized_text(cursor)), options=_conflicts(cursor))
    if cursor.skip("REFERENCES"):
        return _reference(cursor, name, ())
    return None


def _column_property(cursor: Cursor, properties: dict[str, Any]) -> None:
    if cursor.skip("NOT", "NULL"):
        properties["nullable"] = False
        clause = _conflict(cursor)
        if clause:
            properties["options"] = Options.of({"on_conflict_not_null": clause})
    elif cursor.skip("NULL"):
        _conflict(cursor)
    elif cursor.skip("DEFAULT"):
        properties["default"] = _default(cursor)
    elif cursor.skip("COLLATE"):
        collation = cursor.name().upper()
        properties["collation"] = None if collation == "BINARY" else collation
    elif cursor.skip("GENERATED", "ALWAYS", "AS") or cursor.skip("AS"):
        computed = expression(_parenthesized_text(cursor))
        stored = cursor.skip("STORED")
        cursor.skip("VIRTUAL")
        properties["computed"] = Computed(computed, stored)
    else:
        raise DatabaseError(f"Cannot read the column definition {cursor.text!r}: {cursor.word()} is not expected.")


def _default(cursor: Cursor) -> Expression:
    if cursor.word() == "(":
        text = _parenthesized_text(cursor)
    else:
        start = cursor.at
        while cursor.word() in ("+", "-"):
            cursor.at += 1
        cursor.take()
        text = cursor.source(cursor.between(start))
    return Expression(text, expression_key(text, names_too=False))


def _parenthesized_text(cursor: Cursor) -> str:
    """Text inside the parentheses that open at the cursor. Raises ``DatabaseError`` if there are none."""
    if cursor.word() != "(":
        raise DatabaseError(f"Cannot read the definition {cursor.text!r}: no '(' before {cursor.word()!r}.")
    return cursor.source(cursor.group())


def _names(cursor: Cursor) -> tuple[str, ...]:
    return tuple(item.name() for item in cursor.items(cursor.group()))


# -- constraints --------------------------------------------------------------------------------------------------


def _table_constraints(cursor: Cursor) -> Iterator[Member]:
    """Yield the table constraints in one piece: SQLite does not require commas between them."""
    name: str | None = None
    while not cursor.at_end:
        if cursor.skip("CONSTRAINT"):
            name = cursor.name()
            continue
        if cursor.skip("PRIMARY", "KEY"):
            yield _key(cursor, name, primary=True)
        elif cursor.skip("UNIQUE"):
            yield _key(cursor, name, primary=False)
        elif cursor.skip("CHECK"):
            text = expression(_parenthesized_text(cursor))
            yield Check(HERE, name, text, options=_conflicts(cursor))
        elif cursor.skip("FOREIGN", "KEY"):
            columns = _names(cursor)
            if not cursor.skip("REFERENCES"):
                raise DatabaseError(f"Cannot read the foreign key {cursor.text!r}.")
            yield _reference(cursor, name, columns)
        else:
            raise DatabaseError(f"Cannot read the constraint {cursor.text!r}: {cursor.word()} is not expected.")
        name = None


def _key(cursor: Cursor, name: str | None, primary: bool) -> Member:
    options: dict[str, str | None] = {}
    keys = [item.rest() for item in cursor.items(cursor.group())]
    if keys[-1][-1].text.upper() == "AUTOINCREMENT":
        options["autoincrement"] = "true"
        del keys[-1][-1]
    texts = [cursor.source(key) for key in keys]
    elements = [read_element(text) for text in texts]
    columns = tuple(element.column or "" for element in elements)
    if any(element.descending or element.collation for element in elements):
        options["keys"] = ", ".join(texts)
    options["on_conflict"] = _conflict(cursor)
    if primary:
        return PrimaryKey(HERE, name, columns, options=Options.of(options))
    return Unique(HERE, name, columns, options=Options.of(options))


def _reference(cursor: Cursor, name: str | None, columns: tuple[str, ...]) -> ForeignKey:
    there = cursor.name()
    ref_columns = _names(cursor)
    actions: dict[str, str | None] = {}
    while True:
        if cursor.skip("ON"):
            event = cursor.name().lower()
            actions[event] = _action(cursor)
        elif cursor.skip("MATCH"):
            actions["match"] = cursor.name().lower()
        else:
            break
    deferrable, initially = _deferral(cursor)
    match = actions.get("match")
    return ForeignKey(
        HERE,
        name,
        columns,
        Ref("table", there),
        ref_columns,
        on_update=actions.get("update"),
        on_delete=actions.get("delete"),
        match=None if match in ("simple", "none") else match,
        deferrable=deferrable,
        initially=initially,
    )


def _action(cursor: Cursor) -> str | None:
    if cursor.skip("NO", "ACTION"):
        return None
    if cursor.skip("SET"):
        return f"set {cursor.name().lower()}"
    return cursor.name().lower()


def _deferral(cursor: Cursor) -> tuple[bool, str | None]:
    refused = cursor.skip("NOT", "DEFERRABLE")
    deferrable = refused or cursor.skip("DEFERRABLE")
    deferred = deferrable and cursor.skip("INITIALLY", "DEFERRED")
    if deferrable:
        cursor.skip("INITIALLY", "IMMEDIATE")
    if refused or not deferrable:
        return False, None
    return True, "deferred" if deferred else None


def _conflict(cursor: Cursor) -> str | None:
    if not cursor.skip("ON", "CONFLICT"):
        return None
    action = cursor.name().upper()
    return None if action == "ABORT" else action


def _conflicts(cursor: Cursor) -> Options:
    clause = _conflict(cursor)
    return Options.of({"on_conflict": clause}) if clause else NO_OPTIONS


# -- indexes ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1 << 14)
def read_element(text: str) -> IndexElement:
    """Parse a key of an index: a column or an expression, then COLLATE, ASC or DESC, and NULLS."""
    key = index_key(cursor_at(text, LEXICAL_RULES))
    # SQLite's default place: NULL is the smallest value.
    nulls = None if key.nulls == ("last" if key.descending else "first") else key.nulls
    collation = unquote(key.collation).upper() if key.collation else None
    indexed = cursor_at(key.indexed, LEXICAL_RULES)
    if indexed.token(1) is None and (only := indexed.take()) and only.kind in NAMES:
        return IndexElement(unquoted(only, LEXICAL_RULES), descending=key.descending, nulls=nulls, collation=collation)
    return IndexElement(None, expression(key.indexed), descending=key.descending, nulls=nulls, collation=collation)


@lru_cache(maxsize=1 << 14)
def read_index(sql: str, name: str) -> Index:
    """Parse a CREATE INDEX; the index belongs to ``HERE``."""
    cursor = cursor_at(sql, LEXICAL_RULES)
    cursor.skip("CREATE")
    unique = cursor.skip("UNIQUE")
    cursor.until("(")
    elements = tuple(read_element(cursor.source(item.rest())) for item in cursor.items(cursor.group()))
    where = expression(cursor.source(cursor.rest())) if cursor.skip("WHERE") else None
    return Index(HERE, name, elements, unique=unique, where=where)


def words_of(index: Index) -> frozenset[str]:
    """Words in the expressions and the predicate of an index, in lower case."""
    texts = [element.expression.text for element in index.elements if element.expression is not None]
    if index.where is not None:
        texts.append(index.where.text)
    return frozenset().union(*(mentioned_words(text) for text in texts))
