"""Reads the text of CREATE TABLE, CREATE VIEW and CREATE MATERIALIZED VIEW: the server's in ``system.tables``, and the clauses
that SQLAlchemy's dialects write behind ENGINE.

The whole definition of a table is in this one text, in the order of the server's grammar (ParserCreateQuery).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from dbwarden.core.ddl.cursor import Cursor, cursor
from dbwarden.core.sqltext import Token
from dbwarden.core.types import Ref

from .words import LEXICAL_RULES, name_of, unescaped

_COLUMN_CLAUSES = (
    "DEFAULT MATERIALIZED EPHEMERAL ALIAS COMMENT CODEC STATISTICS TTL COLLATE PRIMARY SETTINGS AUTO_INCREMENT".split()
)
"""First words of the clauses after the type of a column."""
_KINDS = ("DEFAULT", "MATERIALIZED", "EPHEMERAL", "ALIAS")
_TABLE_CLAUSES = {
    ("ENGINE",): "engine",
    ("ORDER", "BY"): "order_by",
    ("PARTITION", "BY"): "partition_by",
    ("PRIMARY", "KEY"): "primary_key",
    ("SAMPLE", "BY"): "sample_by",
    ("TTL",): "ttl",
    ("SETTINGS",): "settings",
    ("COMMENT",): "comment",
    ("AS",): "as",
    ("REFRESH",): "refresh",
    ("TO",): "to",
    ("DEFINER",): "definer",
    ("SQL", "SECURITY"): "security",
    ("POPULATE",): "populate",
    ("EMPTY",): "empty",
}
"""Clauses after the columns, with the names of the options."""
_FLAGS = ("populate", "empty")
"""Clauses of one word."""
_STARTS = {words[0]: words for words in _TABLE_CLAUSES}


@dataclass(frozen=True, slots=True)
class ColumnClauses:
    """A column as written. ``default_kind`` is DEFAULT, MATERIALIZED, ALIAS, EPHEMERAL or empty; texts are as written."""

    name: str
    type: str
    default_kind: str = ""
    default: str | None = None
    comment: str | None = None
    codec: str | None = None
    ttl: str | None = None
    statistics: str | None = None
    settings: str | None = None


@dataclass(frozen=True, slots=True)
class IndexDefinition:
    """A data skipping index."""

    name: str
    expression: str
    type: str
    granularity: str = "1"


@dataclass(frozen=True, slots=True)
class ConstraintDefinition:
    """A constraint: ``kind`` is CHECK or ASSUME."""

    name: str
    kind: str
    expression: str


@dataclass(frozen=True, slots=True)
class ProjectionDefinition:
    """A projection with its query, and its settings if any."""

    name: str
    query: str
    rest: str = ""


@dataclass(slots=True)
class TableDefinition:
    """The parts of a CREATE statement."""

    ref: Ref
    word: str = "TABLE"
    columns: list[ColumnClauses] = field(default_factory=list)
    indexes: list[IndexDefinition] = field(default_factory=list)
    constraints: list[ConstraintDefinition] = field(default_factory=list)
    projections: list[ProjectionDefinition] = field(default_factory=list)
    clauses: Mapping[str, str] = field(default_factory=dict)
    elements: str = ""
    """The text between the parentheses behind the name."""

    @property
    def comment(self) -> str | None:
        """The comment; ``None`` without one."""
        text = self.clauses.get("comment")
        return unescaped(text) or None if text else None


def read(sql: str) -> TableDefinition:
    """Read a CREATE statement of a table, view or materialized view."""
    at = cursor(sql, LEXICAL_RULES)
    at.until("TABLE", "VIEW", "DICTIONARY")
    word = " ".join(token.text.upper() for token in at.between(0) if token.text.upper() == "MATERIALIZED")
    word = " ".join(filter(None, (word, at.word())))
    at.take()
    at.skip("IF", "NOT", "EXISTS")
    definition = TableDefinition(_ref(at), word)
    if at.skip("UUID"):
        at.take()
    if at.skip("ON", "CLUSTER"):
        at.take()
    start = at.at
    at.until("(", "AS", "ENGINE")
    if at.word() == "(":
        before = at.between(start)
        tokens = at.group()
        definition.elements = at.source(tokens)
        _elements(at, tokens, definition)
        definition.clauses = {**_clauses(at.inner(before)), **_clauses(at)}
    else:
        at.at = start
        definition.clauses = _clauses(at)
    return definition


def read_engine(text: str) -> Mapping[str, str]:
    """The clauses in ``ENGINE = MergeTree ORDER BY a SETTINGS b = 1``; ENGINE may be missing."""
    words = text.split(None, 1)
    if not words or words[0].rstrip("=").upper() != "ENGINE":
        text = f"ENGINE = {text}"
    return _clauses(cursor(text, LEXICAL_RULES))


def settings_in(text: str) -> str | None:
    """The settings in ``WITH SETTINGS (a = 1)`` behind a projection; ``None`` without any."""
    at = cursor(text, LEXICAL_RULES)
    at.until("SETTINGS")
    return at.source(at.group()) or None if at.skip("SETTINGS") else None


def _ref(at: Cursor) -> Ref:
    schema, name = None, _name(at)
    if at.skip("."):
        schema, name = name, _name(at)
    return Ref("table", name, schema)


def _name(at: Cursor) -> str:
    token = at.take()
    return name_of(token.text) if token is not None else ""


def _path(at: Cursor) -> str:
    """The name of a column, which may have dots (``n.a`` of a nested structure)."""
    name = _name(at)
    while at.word() == ".":
        at.at += 1
        name += f".{_name(at)}"
    return name


# -- clauses ----------------------------------------------------------------------------------------------------------


def _clauses(at: Cursor) -> Mapping[str, str]:
    clauses: dict[str, str] = {}
    while not at.at_end:
        words = _STARTS.get(at.word())
        if words is None or not at.skip(*words):
            at.take()
            continue
        at.skip("=")
        name = _TABLE_CLAUSES[words]
        if name == "as":
            clauses[name] = at.source(at.rest())
            break
        clauses[name] = "" if name in _FLAGS else at.source(_clause(at, name))
    return clauses


def _clause(at: Cursor, name: str) -> list[Token]:
    """The tokens of a clause, up to the next one."""
    start = at.at
    while True:
        at.until(*_STARTS)
        inside = name == "ttl" and at.word() in ("TO", "SETTINGS") and _is_ttl_word(at)
        inside |= name == "refresh" and at.word() == "SETTINGS"  # those of the refreshes; the table's own follow ENGINE
        words = _STARTS.get(at.word(), ())
        named = bool(words) and all(at.word(number) == word for number, word in enumerate(words))
        if at.at_end or (named and not inside and at.at > start):
            return at.between(start)
        at.take()


def _is_ttl_word(at: Cursor) -> bool:
    """Whether TO belongs to a TTL: ``TO DISK 'x'``, ``TO VOLUME 'x'``, ``TO TABLE t``."""
    return at.word() == "TO" and at.word(1) in ("DISK", "VOLUME", "TABLE")


# -- elements ---------------------------------------------------------------------------------------------------------


def _elements(at: Cursor, tokens: list[Token], definition: TableDefinition) -> None:
    for item in _items(at, tokens):
        if item.word() == "INDEX" and item.word(2) != "":
            item.at += 1
            definition.indexes.append(_index(item))
        elif item.word() == "CONSTRAINT":
            item.at += 1
            definition.constraints.append(_constraint(item))
        elif item.word() == "PROJECTION":
            item.at += 1
            definition.projections.append(_projection(item))
        elif item.word() == "PRIMARY" and item.word(1) == "KEY":
            continue  # the server writes it behind the columns
        else:
            definition.columns.append(_column(item))


def _items(at: Cursor, tokens: list[Token]) -> Iterator[Cursor]:
    """Cursors over the parts between commas outside of parentheses and brackets."""
    depth, start = 0, 0
    for index, token in enumerate(tokens):
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(token.text, 0)
        if depth == 0 and token.text == ",":
            yield at.inner(tokens[start:index])
            start = index + 1
    if tokens[start:]:
        yield at.inner(tokens[start:])


def _index(at: Cursor) -> IndexDefinition:
    name = _name(at)
    expression = at.source(at.until("TYPE"))
    at.skip("TYPE")
    type_ = at.source(at.until("GRANULARITY"))
    granularity = at.source(at.rest()) if at.skip("GRANULARITY") else "1"
    return IndexDefinition(name, expression, type_, granularity)


def _constraint(at: Cursor) -> ConstraintDefinition:
    name, kind = _name(at), at.word()
    at.take()
    return ConstraintDefinition(name, kind, at.source(at.rest()))


def _projection(at: Cursor) -> ProjectionDefinition:
    name = _name(at)
    if at.word() == "(":
        query = at.source(at.group())
        return ProjectionDefinition(name, query, at.source(at.rest()))
    return ProjectionDefinition(name, "", at.source(at.rest()))


def _column(at: Cursor) -> ColumnClauses:
    name = _path(at)
    type_ = at.source(at.until(*_COLUMN_CLAUSES, "NOT", "NULL"))
    parts: dict[str, str] = {}
    nullable = None
    while not at.at_end:
        if at.skip("NOT", "NULL"):
            nullable = False
        elif at.skip("NULL"):
            nullable = True
        else:
            word = at.word()
            at.take()
            _column_clause(at, word, parts)
    if nullable:
        type_ = f"Nullable({type_})"
    return _with_parts(name, type_, parts)


def _column_clause(at: Cursor, word: str, parts: dict[str, str]) -> None:
    if word in ("CODEC", "STATISTICS", "SETTINGS"):
        parts[word] = at.source(at.group())
    elif word == "PRIMARY":
        at.skip("KEY")
    elif word in _COLUMN_CLAUSES:
        start = at.at
        while not at.at_end and (at.word() not in _COLUMN_CLAUSES or at.at == start) and not _at_codec(at):
            if at.word() == "(":
                at.group()
            else:
                at.take()
        parts[word] = at.source(at.between(start))


def _at_codec(at: Cursor) -> bool:
    return at.word() == "NOT" and at.word(1) == "NULL"


def _with_parts(name: str, type_: str, parts: dict[str, str]) -> ColumnClauses:
    kind = next((word for word in _KINDS if word in parts), "")
    comment = parts.get("COMMENT")
    return ColumnClauses(
        name,
        type_,
        kind,
        parts.get(kind) or None if kind else None,
        unescaped(comment) or None if comment else None,
        parts.get("CODEC"),
        parts.get("TTL"),
        parts.get("STATISTICS"),
        parts.get("SETTINGS"),
    )
