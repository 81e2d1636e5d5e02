"""Parses the definitions of columns and constraints in CREATE TABLE and ALTER TABLE."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dbwarden.core.lexical_rules import LexicalRules
from dbwarden.core.sqltext import Token, TokenKind
from dbwarden.core.tokens import literal, outside, to_text, unquoted, upper_text

from .cursor import Cursor
from .index_keys import key_texts
from .statements import AllowedValues, ColumnText, Constraint, Elements
from .vocabulary import Vocabulary

CONSTRAINT_WORDS = frozenset(("CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "EXCLUDE", "LIKE"))
"""First words of items of CREATE TABLE that are not columns. KEY and INDEX are missing: PostgreSQL and SQLite allow them as
names."""
_AFTER_TYPE = frozenset(
    "NOT NULL DEFAULT PRIMARY UNIQUE REFERENCES CHECK CONSTRAINT GENERATED COLLATE AS USING COMMENT AUTO_INCREMENT"
    " AUTOINCREMENT KEY FIRST AFTER ON DEFERRABLE INITIALLY STORED VIRTUAL COMPRESSION STORAGE IDENTITY".split()
)
_AFTER_DEFAULT = _AFTER_TYPE - {"AS", "KEY"}
_COMPUTED = frozenset(("GENERATED", "AS", "AUTO_INCREMENT", "IDENTITY"))
_STORED = frozenset(("STORED", "PERSISTENT"))
_POSITIONS = ("FIRST", "AFTER")
_KINDS = ("PRIMARY KEY", "UNIQUE", "FOREIGN KEY", "CHECK", "EXCLUDE")
_KEYS = ("PRIMARY KEY", "UNIQUE", "FOREIGN KEY", "INDEX")
INDEX_WORDS = ("FULLTEXT", "SPATIAL", "INDEX", "KEY")


def elements(cursor: Cursor) -> Elements:
    """Parse comma-separated columns and constraints."""
    columns: list[ColumnText] = []
    constraints: list[Constraint] = []
    for item in cursor.items(cursor.rest()):
        if item.word() in CONSTRAINT_WORDS or item.word() in cursor.vocabulary.elements:
            definition = constraint(item)
            constraints += [definition] if definition else []
        else:
            columns.append(column(item))
    return tuple(columns), tuple(constraints)


def column(cursor: Cursor) -> ColumnText:
    """Parse the definition of a column from its name on."""
    name = cursor.name()
    type_tokens = _type(cursor)
    type_ = to_text(type_tokens)
    start = cursor.at
    words = outside(cursor.rest())
    default = _default(cursor)
    cursor.at = start
    references = cursor.ref("table") if cursor.find("REFERENCES") else None
    ref_columns = cursor.names() if references is not None else ()
    allowed = tuple(literal(token) for token in type_tokens if token.kind is TokenKind.STRING)
    checks: tuple[str, ...] = ()
    if "CHECK" in words:
        cursor.at = start
        allowed = _checked(cursor) or allowed
        cursor.at = start
        checks = tuple(_checks(cursor))
    cursor.at = start
    after = cursor.name() if cursor.find("AFTER") else ""
    text = f" {' '.join(words)} "
    numbered = type_.upper() in cursor.vocabulary.numbered or "IDENTITY" in words or "AUTO_INCREMENT" in words
    return ColumnText(
        name,
        type_,
        not_null=" NOT NULL " in text or " PRIMARY KEY " in text,
        default=None if default and default.upper() == "NULL" else default,
        generated=numbered or not _COMPUTED.isdisjoint(words),
        stored=numbered or (not _STORED.isdisjoint(words) and "AS" in words),
        primary=" PRIMARY KEY " in text,
        unique="UNIQUE" in words,
        references=references,
        allowed=allowed,
        checked="CHECK" in words,
        position=next((word for word in words if word in _POSITIONS), ""),
        checks=checks,
        ref_columns=ref_columns,
        after=after,
        clauses=_clauses(words, cursor.vocabulary),
    )


_BEFORE_EXPRESSION = frozenset("DEFAULT MATERIALIZED ALIAS EPHEMERAL".split())


def _clauses(words: Sequence[str], vocabulary: Vocabulary) -> frozenset[str]:
    """The first words of clauses of one dialect; a column of that name may be a default."""
    behind = zip(("", *words), words, strict=False)
    return frozenset(
        word for before, word in behind if word in vocabulary.after_type and before not in _BEFORE_EXPRESSION
    )


def _type(cursor: Cursor) -> list[Token]:
    """The tokens of a type: ``CHARACTER VARYING`` is one, ``CHARACTER SET`` ends one (MySQL)."""
    start = cursor.at
    cursor.until("CHARACTER", *_AFTER_TYPE, *cursor.vocabulary.after_type)
    if cursor.word() == "CHARACTER" and cursor.word(1) != "SET":
        cursor.at += 1
        cursor.until(*_AFTER_TYPE, *cursor.vocabulary.after_type)
    return cursor.between(start)


def _checked(cursor: Cursor) -> tuple[str, ...]:
    """The values of the first check that lists values."""
    while cursor.find("CHECK"):
        if allowed := allowed_values(cursor.group(), cursor.lexical_rules):
            return allowed.values
    return ()


def _checks(cursor: Cursor) -> Iterator[str]:
    """The expressions of all checks of a column."""
    while cursor.find("CHECK"):
        yield cursor.source(cursor.group())


def allowed_values(tokens: Sequence[Token], lexical_rules: LexicalRules) -> AllowedValues | None:
    """Values that ``column IN ('a', 'b')`` or ``column = ANY (ARRAY['a', 'b'])`` allows, without casts."""
    plain = [token for token in tokens if token.text not in ("(", ")")]
    values = tuple(literal(token) for token in plain if token.kind is TokenKind.STRING)
    if not values or plain[0].kind not in (TokenKind.WORD, TokenKind.IDENTIFIER):
        return None
    words = [token.text.upper() for token in plain]
    return AllowedValues(unquoted(plain[0], lexical_rules), values) if "IN" in words[1:3] or "ANY" in words else None


def _default(cursor: Cursor) -> str | None:
    while cursor.find("DEFAULT"):
        if cursor.word(-2) not in ("BY", "SET"):  # GENERATED BY DEFAULT, ON DELETE SET DEFAULT
            break
    else:
        return None
    start = cursor.at
    if not cursor.group():
        cursor.take()  # NULL, too, may be a default
    cursor.until(*_AFTER_DEFAULT, *cursor.vocabulary.after_type)
    return to_text(cursor.between(start))


def constraint(cursor: Cursor) -> Constraint | None:
    """Parse a table constraint, or an index in its place (MySQL); ``None`` for LIKE and other elements."""
    text = upper_text(cursor.rest())
    optional = "KEY" in cursor.vocabulary.elements  # MySQL: CONSTRAINT UNIQUE name (a), FOREIGN KEY name (a)
    unnamed = optional and cursor.word(1) in CONSTRAINT_WORDS
    name = cursor.name() if cursor.skip("CONSTRAINT") and not unnamed else None
    kind = next((kind for kind in _KINDS if cursor.skip(*kind.split())), None)
    is_index = bool(cursor.skip_any(*INDEX_WORDS)) and kind in (None, "UNIQUE")
    kind = "INDEX" if is_index and kind is None else kind
    if kind is None:
        return None
    using_index = cursor.name() if cursor.skip("USING", "INDEX") else None
    if (is_index or (optional and kind in ("UNIQUE", "FOREIGN KEY"))) and cursor.word() not in ("(", "USING"):
        name = cursor.name() if kind != "FOREIGN KEY" or name is None else name
    if using_index is None and kind in _KEYS:
        cursor.until("(")
    opening = cursor.at
    columns = cursor.names() if kind in _KEYS else ()
    behind, cursor.at = cursor.at, opening
    keys = key_texts(cursor) if kind in _KEYS else ()
    checked = cursor.group() if kind == "CHECK" else []
    allowed = allowed_values(checked, cursor.lexical_rules) if kind == "CHECK" else None
    cursor.at = behind if kind in _KEYS else cursor.at
    references = cursor.ref("table") if cursor.find("REFERENCES") else None
    return Constraint(
        kind.lower(),
        name,
        columns,
        references,
        " NOT VALID" in f" {' '.join(outside(cursor.all()))}",
        using_index,
        text,
        allowed,
        keys,
        cursor.source(checked),
        cursor.names() if references is not None else (),
    )


def table_options(cursor: Cursor) -> dict[str, str]:
    """The clauses after the columns of a CREATE TABLE, by first words (those in ``Vocabulary.table_clauses``)."""
    phrases = sorted((tuple(clause.split()) for clause in cursor.vocabulary.table_clauses), key=len, reverse=True)
    options: dict[str, str] = {}
    start, name = cursor.at, ""
    while not cursor.at_end:
        at = cursor.at
        phrase = next((phrase for phrase in phrases if cursor.skip(*phrase)), None)
        if phrase is None:
            cursor.until(*{words[0] for words in phrases}) or cursor.take()
            continue
        if name:
            options[name] = to_text(cursor.all()[start:at])
        cursor.skip("=")
        start, name = cursor.at, " ".join(phrase)
    if name:
        options[name] = to_text(cursor.between(start))
    return options
