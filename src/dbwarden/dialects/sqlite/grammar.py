"""Reads the CREATE TABLE and CREATE INDEX texts that SQLite keeps (https://www.sqlite.org/lang_createtable.html).

What stands here is what SQLite itself parses when it opens the file, so it is complete: nothing else knows the names of
constraints, CHECK expressions, conflict clauses or the exact text of a default.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from dbwarden.core.model import Check, Column, Computed, ForeignKey, Index, IndexElement, Member, PrimaryKey, Unique
from dbwarden.core.options import NO_OPTIONS, Options
from dbwarden.core.types import DataType, Expression, Ref, parse_type
from dbwarden.errors import DatabaseError

from .words import TOKEN, expression, expression_key, mentioned, unquote

HERE = Ref("table", "")
"""Stands for the table while its parts are read on their own (and cached: a definition repeats in many tables)."""


@dataclass(frozen=True, slots=True)
class TableText:
    """What a CREATE TABLE says; the members belong to ``HERE`` and have the columns as written."""

    columns: tuple[Column, ...]
    members: tuple[Member, ...]
    options: Options


class Reader:
    """The tokens of a text, read from left to right; texts between two tokens come out as written."""

    __slots__ = ("at", "found", "sql", "words")

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self.found = [match for match in TOKEN.finditer(sql) if match.lastgroup is None]
        self.words = [match.group().upper() for match in self.found]
        self.at = 0

    @property
    def word(self) -> str:
        """The next token in capitals; empty at the end."""
        return self.words[self.at] if self.at < len(self.words) else ""

    def take(self, *words: str) -> bool:
        """Step over ``words`` if they come next."""
        if tuple(self.words[self.at : self.at + len(words)]) != words:
            return False
        self.at += len(words)
        return True

    def next(self) -> str:
        """The next token as written."""
        if self.at >= len(self.found):
            raise DatabaseError(f"Cannot read the definition {self.sql!r}: it ends too early.")
        self.at += 1
        return self.found[self.at - 1].group()

    def name(self) -> str:
        return unquote(self.next())

    def text(self, start: int, end: int) -> str:
        """The source from token ``start`` up to, not including, token ``end``."""
        return self.sql[self.found[start].start() : self.found[end - 1].end()] if end > start else ""

    def group(self) -> tuple[int, int]:
        """Step over ``( ... )``; the range of the tokens inside."""
        if self.word != "(":
            raise DatabaseError(f"Cannot read the definition {self.sql!r}: no '(' before {self.word!r}.")
        opening, depth = self.at, 0
        while True:
            word = self.next()
            depth += (word == "(") - (word == ")")
            if depth == 0:
                return opening + 1, self.at - 1

    def inside(self) -> str:
        """Step over ``( ... )``; the text inside."""
        return self.text(*self.group())

    def items(self) -> list[tuple[int, int]]:
        """Step over ``(a, b, ...)``; the ranges of its items."""
        start, end = self.group()
        ranges, depth, first = [], 0, start
        for at in range(start, end):
            word = self.words[at]
            depth += (word == "(") - (word == ")")
            if word == "," and depth == 0:
                ranges.append((first, at))
                first = at + 1
        return [*ranges, (first, end)]


_STRUCTURE = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|/\*.*?(?:\*/|\Z)|[(),]""", re.DOTALL
)


@lru_cache(maxsize=1 << 13)
def read_table(sql: str) -> TableText:
    """The columns, members and options of a CREATE TABLE; ``DatabaseError`` with the text where it cannot be read."""
    pieces, rest = _body(sql)
    columns: list[Column] = []
    members: list[Member] = []
    for piece in pieces:
        column, found = _piece(piece)
        if column is not None:
            columns.append(column)
        members.extend(found)
    options: dict[str, str | None] = {}
    words = Reader(rest).words if rest else []
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


def _body(sql: str) -> tuple[list[str], str]:
    """The comma-separated definitions, and what follows the closing parenthesis."""
    pieces, depth, start = [], 0, 0
    for found in _STRUCTURE.finditer(sql):
        char = found.group()
        if char == "(":
            depth += 1
            if depth == 1:
                start = found.end()
        elif char == ")":
            depth -= 1
            if depth == 0:
                pieces.append(sql[start : found.start()].strip())
                return pieces, sql[found.end() :].strip()
        elif char == "," and depth == 1:
            pieces.append(sql[start : found.start()].strip())
            start = found.end()
    raise DatabaseError(f"Cannot read the table definition {sql!r}.")


_TABLE_LEVEL = frozenset(("CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"))


_NAME = re.compile(r"""[^\W\d][\w$]*|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]""")


@lru_cache(maxsize=1 << 15)
def _piece(text: str) -> tuple[Column | None, tuple[Member, ...]]:
    found = _NAME.match(text)
    if found is None or found.group().upper() in _TABLE_LEVEL:  # a comment may come first
        reader = Reader(text)
        if reader.word in _TABLE_LEVEL:
            return None, tuple(_table_constraints(reader))
        return _named(reader.name(), *_column(text[reader.found[0].end() :]))
    return _named(unquote(found.group()), *_column(text[found.end() :]))


# -- columns ------------------------------------------------------------------------------------------------------

_COLUMN_LEVEL = frozenset(
    ("CONSTRAINT", "PRIMARY", "NOT", "NULL", "UNIQUE", "CHECK", "DEFAULT", "COLLATE", "REFERENCES", "AS")
)


@lru_cache(maxsize=1 << 15)
def _column(text: str) -> tuple[Column, tuple[Member, ...]]:
    """What stands behind the name of a column; the same in many tables."""
    reader = Reader(text)
    datatype = _type(reader)
    properties: dict[str, Any] = {}
    members: list[Member] = []
    name: str | None = None
    while reader.word:
        if reader.take("CONSTRAINT"):
            name = reader.name()
            continue
        member = _column_member(reader, name)
        if member is not None:
            members.append(member)
        else:
            _column_property(reader, properties)
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


def _type(reader: Reader) -> DataType:
    start = reader.at
    while reader.word and reader.word not in _COLUMN_LEVEL:
        if reader.words[reader.at : reader.at + 2] == ["GENERATED", "ALWAYS"]:
            break
        if reader.word == "(":
            reader.group()
            break
        reader.at += 1
    return parse_type(reader.text(start, reader.at))


def _column_member(reader: Reader, name: str | None) -> Member | None:
    """The constraint that comes next, if what comes next is one that belongs to the table."""
    if reader.take("PRIMARY", "KEY"):
        descending = reader.take("DESC")
        _ = reader.take("ASC")
        options: dict[str, str | None] = {"on_conflict": _conflict(reader)}
        options["autoincrement"] = "true" if reader.take("AUTOINCREMENT") else None
        # INTEGER PRIMARY KEY DESC, inline, is no rowid alias (a bug that SQLite keeps).
        options["keys"] = "DESC" if descending else None
        return PrimaryKey(HERE, name, (), options=Options.of(options))
    if reader.take("UNIQUE"):
        return Unique(HERE, name, (), options=_conflicts(reader))
    if reader.take("CHECK"):
        return Check(HERE, name, expression(reader.inside()), options=_conflicts(reader))
    if reader.take("REFERENCES"):
        return _reference(reader, name, ())
    return None


def _column_property(reader: Reader, properties: dict[str, Any]) -> None:
    if reader.take("NOT", "NULL"):
        properties["nullable"] = False
        clause = _conflict(reader)
        if clause:
            properties["options"] = Options.of({"on_conflict_not_null": clause})
    elif reader.take("NULL"):
        _conflict(reader)
    elif reader.take("DEFAULT"):
        properties["default"] = _default(reader)
    elif reader.take("COLLATE"):
        collation = reader.name().upper()
        properties["collation"] = None if collation == "BINARY" else collation
    elif reader.take("GENERATED", "ALWAYS", "AS") or reader.take("AS"):
        computed = expression(reader.inside())
        stored = reader.take("STORED")
        _ = reader.take("VIRTUAL")
        properties["computed"] = Computed(computed, stored)
    else:
        raise DatabaseError(f"Cannot read the column definition {reader.sql!r}: {reader.word} is not expected.")


def _default(reader: Reader) -> Expression:
    if reader.word == "(":
        text = reader.inside()
    else:
        start = reader.at
        while reader.word in ("+", "-"):
            reader.at += 1
        reader.next()
        text = reader.text(start, reader.at)
    return Expression(text, expression_key(text, names_too=False))


# -- constraints --------------------------------------------------------------------------------------------------


def _table_constraints(reader: Reader) -> Iterator[Member]:
    """All that stand in one piece: SQLite does not insist on the comma between them."""
    name: str | None = None
    while reader.word:
        if reader.take("CONSTRAINT"):
            name = reader.name()
            continue
        if reader.take("PRIMARY", "KEY"):
            yield _key(reader, name, primary=True)
        elif reader.take("UNIQUE"):
            yield _key(reader, name, primary=False)
        elif reader.take("CHECK"):
            text = expression(reader.inside())
            yield Check(HERE, name, text, options=_conflicts(reader))
        elif reader.take("FOREIGN", "KEY"):
            columns = tuple(unquote(reader.found[start].group()) for start, _ in reader.items())
            if not reader.take("REFERENCES"):
                raise DatabaseError(f"Cannot read the foreign key {reader.sql!r}.")
            yield _reference(reader, name, columns)
        else:
            raise DatabaseError(f"Cannot read the constraint {reader.sql!r}: {reader.word} is not expected.")
        name = None


def _key(reader: Reader, name: str | None, primary: bool) -> Member:
    ranges = reader.items()
    options: dict[str, str | None] = {}
    first, last = ranges[-1]
    if reader.words[last - 1] == "AUTOINCREMENT":
        options["autoincrement"], ranges[-1] = "true", (first, last - 1)
    elements = [read_element(reader.text(start, end)) for start, end in ranges]
    columns = tuple(element.column or "" for element in elements)
    if any(element.descending or element.collation for element in elements):
        options["keys"] = ", ".join(reader.text(start, end) for start, end in ranges)
    options["on_conflict"] = _conflict(reader)
    if primary:
        return PrimaryKey(HERE, name, columns, options=Options.of(options))
    return Unique(HERE, name, columns, options=Options.of(options))


def _reference(reader: Reader, name: str | None, columns: tuple[str, ...]) -> ForeignKey:
    there = reader.name()
    ref_columns = (
        tuple(unquote(reader.found[start].group()) for start, _ in reader.items()) if reader.word == "(" else ()
    )
    actions: dict[str, str | None] = {}
    while True:
        if reader.take("ON"):
            event = reader.next().lower()
            actions[event] = _action(reader)
        elif reader.take("MATCH"):
            actions["match"] = reader.name().lower()
        else:
            break
    deferrable, initially = _deferral(reader)
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


def _action(reader: Reader) -> str | None:
    if reader.take("NO", "ACTION"):
        return None
    if reader.take("SET"):
        return f"set {reader.next().lower()}"
    return reader.next().lower()


def _deferral(reader: Reader) -> tuple[bool, str | None]:
    refused = reader.take("NOT", "DEFERRABLE")
    deferrable = refused or reader.take("DEFERRABLE")
    deferred = deferrable and reader.take("INITIALLY", "DEFERRED")
    if deferrable:
        _ = reader.take("INITIALLY", "IMMEDIATE")
    if refused or not deferrable:
        return False, None
    return True, "deferred" if deferred else None


def _conflict(reader: Reader) -> str | None:
    if not reader.take("ON", "CONFLICT"):
        return None
    action = reader.next().upper()
    return None if action == "ABORT" else action


def _conflicts(reader: Reader) -> Options:
    clause = _conflict(reader)
    return Options.of({"on_conflict": clause}) if clause else NO_OPTIONS


# -- indexes ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1 << 14)
def read_element(text: str) -> IndexElement:
    """One key of an index as written: a column or an expression, then COLLATE and direction."""
    reader = Reader(text)
    end = len(reader.words)
    nulls, descending, collation = None, False, None
    if end > 2 and reader.words[end - 2] == "NULLS":
        nulls, end = reader.words[end - 1].lower(), end - 2
    if end > 1 and reader.words[end - 1] in ("ASC", "DESC"):
        descending, end = reader.words[end - 1] == "DESC", end - 1
    if end > 2 and reader.words[end - 2] == "COLLATE":
        collation, end = unquote(reader.found[end - 1].group()).upper(), end - 2
    if nulls == ("last" if descending else "first"):  # the default of SQLite: NULL is the smallest value
        nulls = None
    first = reader.found[0].group()
    if end == 1 and not first.startswith("'"):
        return IndexElement(unquote(first), descending=descending, nulls=nulls, collation=collation)
    key = expression(reader.text(0, end))
    return IndexElement(None, key, descending=descending, nulls=nulls, collation=collation)


@lru_cache(maxsize=1 << 14)
def read_index(sql: str, name: str) -> Index:
    """The index that a CREATE INDEX makes, on ``HERE``."""
    reader = Reader(sql)
    _ = reader.take("CREATE")
    unique = reader.take("UNIQUE")
    while reader.word != "(":
        reader.next()
    elements = tuple(read_element(reader.text(start, end)) for start, end in reader.items())
    where = None
    if reader.take("WHERE"):
        where = expression(reader.text(reader.at, len(reader.found)))
    return Index(HERE, name, elements, unique=unique, where=where)


def words_of(index: Index) -> frozenset[str]:
    """The words in the expressions and the predicate of an index, folded."""
    texts = [element.expression.text for element in index.elements if element.expression is not None]
    if index.where is not None:
        texts.append(index.where.text)
    return frozenset().union(*(mentioned(text) for text in texts))
