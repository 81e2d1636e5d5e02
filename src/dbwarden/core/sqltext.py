"""SQL as text: tokens, statements, checksums. Told the quoting rules by a ``Lexis`` value; knows no vendor.

A statement is a slice of the reviewed text: from its first to its last token, without the delimiter. What lies between two
statements is white space, comments, delimiters and ``DELIMITER`` lines, so that gaps and statements together are the input.

One possessive regular expression per ``Lexis`` reads to the end of a statement in a single match, in linear time. Only
statements that may carry other statements inside (a trigger's body) are read token by token.
"""

from __future__ import annotations

import collections
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache
from typing import NamedTuple, NoReturn

from ..errors import SqlTextError

_BLANK = " \t\r\n\f\v"
_TAG = r"(?:[^\W\d]\w*+)?+"


class Bodies(Enum):
    """Which statements contain semicolons of their own, outside of quotes."""

    NONE = "none"
    TRIGGER = "trigger"
    """``CREATE TRIGGER ... BEGIN ...; END``, which ends at ``; END ;`` (SQLite, the rule of ``sqlite3_complete``)."""
    ATOMIC = "atomic"
    """``BEGIN ATOMIC ...; END`` of functions and procedures, and rules with ``(...; ...)`` (PostgreSQL, as psql does)."""
    BLOCK = "block"
    """``BEGIN ...; END`` with nested blocks in triggers, procedures, functions and events (MySQL, MariaDB)."""


@dataclass(frozen=True, slots=True)
class Lexis:
    """The lexical rules of a dialect. The defaults are standard SQL."""

    identifier_quotes: tuple[str, ...] = ('"',)
    """Opening characters: ``"``, `````, ``[``."""
    string_quotes: tuple[str, ...] = ("'",)
    backslash_escapes: bool = False
    """In every string (MySQL, ClickHouse)."""
    backslash_identifiers: bool = False
    """In quoted identifiers too (ClickHouse)."""
    escape_strings: bool = False
    r"""Strings with a prefix, ``E'it\'s'`` (PostgreSQL)."""
    dollar_quotes: bool = False
    line_comments: tuple[str, ...] = ("--",)
    dash_comment_needs_space: bool = False
    """``--`` begins a comment only before white space (MySQL: ``5--1`` is 6)."""
    nested_block_comments: bool = False
    conditional_comments: bool = False
    """What stands in ``/*! ... */`` and ``/*M! ... */`` is code (MySQL, MariaDB)."""
    bodies: Bodies = Bodies.NONE
    delimiter_command: bool = False
    """``DELIMITER //`` at the beginning of a statement (the mysql client)."""


ANSI = Lexis()


class TokenKind(Enum):
    """What a token is."""

    WORD = "word"
    IDENTIFIER = "identifier"
    """A quoted one."""
    STRING = "string"
    DOLLAR = "dollar"
    NUMBER = "number"
    OPERATOR = "operator"
    COMMENT = "comment"
    SPACE = "space"


class Token(NamedTuple):
    """A slice of the text; ``start`` is its offset."""

    kind: TokenKind
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


class SqlStatement(NamedTuple):
    """One statement exactly as reviewed, its offset in the text and its line (1-based)."""

    text: str
    start: int
    line: int


_KINDS = {kind.value: kind for kind in TokenKind}
_CLOSING = {"[": "]"}
_OPERATORS = (
    r"::|:=|<=>|<>|<=|>=|!=|\|\||->>|->|=>|&&|@>|<@|<<|>>|==|#>>|#>|!~~\*|!~~|!~\*|!~|~~\*|~~|~\*|\?\||\?&|@@|@\?|(?s:.)"
)


# -- patterns -----------------------------------------------------------------------------------------------------


def _quoted(opening: str, backslash: bool) -> str:
    first, last = re.escape(opening), re.escape(_CLOSING.get(opening, opening))
    if opening in _CLOSING:
        return rf"{first}[^{last}]*+{last}"
    if backslash:
        return rf"{first}(?:[^{first}\\]++|\\(?s:.)|{first}{first})*+{first}"
    return rf"{first}[^{first}]*+(?:{first}{first}[^{first}]*+)*+{first}"


def _dollar(tag: str) -> str:
    return rf"\$(?P<{tag}>{_TAG})\$(?:[^$]++|\$(?!(?P={tag})\$))*+\$(?P={tag})\$"


def _line_comment(lexis: Lexis) -> str:
    dash = "--" + (r"(?=\s|\Z)" if lexis.dash_comment_needs_space else "")
    return "(?:" + "|".join(dash if opening == "--" else opening for opening in lexis.line_comments) + r")[^\r\n]*+"


def _comment_opening(lexis: Lexis) -> str:
    return r"/\*" + ("(?!M?!)" if lexis.conditional_comments else "")


def _block_comment(lexis: Lexis) -> str:
    """A whole comment; where comments nest, only one that contains no other."""
    if lexis.nested_block_comments:
        return r"/\*(?:[^*/]++|\*(?!/)|/(?!\*))*+\*/"
    return _comment_opening(lexis) + r"(?:[^*]++|\*(?!/))*+\*/"


@lru_cache(maxsize=64)
def _gap(lexis: Lexis) -> re.Pattern[str]:
    return re.compile(_gap_text(lexis))


def _gap_text(lexis: Lexis) -> str:
    return rf"(?:[{_BLANK}]++|{_line_comment(lexis)}|{_block_comment(lexis)})*+"


@lru_cache(maxsize=64)
def _master(lexis: Lexis) -> re.Pattern[str]:
    """One alternation for every token; ``open`` is a quote or comment that has no end, or a comment that contains others."""
    strings, opened = [], [_comment_opening(lexis)]
    if lexis.escape_strings:
        strings.append("[eE]" + _quoted("'", True))
        opened.append("[eE]'")
    strings += [r"(?:[bBxXnN]|[uU]&)?+" + _quoted("'", lexis.backslash_escapes)]
    strings += [_quoted(quote, lexis.backslash_escapes) for quote in lexis.string_quotes if quote != "'"]
    opened += [re.escape(quote) for quote in (*lexis.string_quotes, *lexis.identifier_quotes)]
    identifiers = "|".join(_quoted(quote, lexis.backslash_identifiers) for quote in lexis.identifier_quotes)
    tail = r"[\w$]*+"
    rows = [
        ("space", rf"[{_BLANK}]++"),
        ("comment", rf"{_line_comment(lexis)}|{_block_comment(lexis)}"),
        ("string", "|".join(strings)),
        ("identifier", rf"(?:[uU]&(?=\"))?+(?:{identifiers})"),
    ]
    if lexis.dollar_quotes:
        rows.append(("dollar", _dollar("tag")))
        opened.append(rf"\${_TAG}\$")
    rows += [
        ("open", "|".join(opened)),
        ("word", rf"[^\W\d]{tail}|\$\d{tail}"),
        ("number", rf"\d[\d_]*+(?:\.[\d_]*+)?+(?:[eE][+-]?\d++)?+{tail}|\.\d[\d_]*+(?:[eE][+-]?\d++)?+{tail}"),
        ("operator", (r"/\*M?!\d*+|\*/|" if lexis.conditional_comments else "") + _OPERATORS),
    ]
    return re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in rows))


@lru_cache(maxsize=256)
def _reader(lexis: Lexis, delimiter: str, marker: str = "") -> re.Pattern[str]:
    """Everything up to ``delimiter`` (or a comment line that is a ``marker``) outside of quotes and comments, in one match.

    Stops also before a quote or comment without an end and before nested comments.
    """
    quotes = (*lexis.string_quotes, *lexis.identifier_quotes)
    stops = "".join(re.escape(c) for c in dict.fromkeys(("-", "/", *quotes, delimiter[:1]))) + "#" * ("#" in lexis.line_comments)
    chunk = f"[^{stops}{'$' if lexis.dollar_quotes else ''}]++"
    if lexis.dollar_quotes:
        chunk += r"(?:(?<=\w)\$[\w$]*+)?+"
    unmarked = f"(?!{marker})" if marker else ""
    dash = r"-(?!-(?:\s|\Z))" if lexis.dash_comment_needs_space else "-(?!-)"
    slash = r"/(?!\*(?!M?!))" if lexis.conditional_comments else r"/(?!\*)"
    rows = [chunk, unmarked + _line_comment(lexis), _block_comment(lexis), unmarked + dash, slash]
    if lexis.escape_strings:
        rows.append(r"(?:(?<=[^\w$][eE])|(?<=\A[eE]))" + _quoted("'", True))
        rows.append(r"(?<![^\w$][eE])(?<!\A[eE])" + _quoted("'", lexis.backslash_escapes))
    rows += [_quoted(q, lexis.backslash_escapes) for q in lexis.string_quotes if q != "'" or not lexis.escape_strings]
    rows += [_quoted(q, lexis.backslash_identifiers) for q in lexis.identifier_quotes]
    if lexis.dollar_quotes:
        rows += [_dollar("tag"), rf"\$(?!{_TAG}\$)"]
    if delimiter and delimiter != ";":
        return re.compile(f"(?:(?!{re.escape(delimiter)})(?:{'|'.join(rows)}|{re.escape(delimiter[0])}))*+")
    return re.compile(f"(?:{'|'.join(rows)})*+")


@lru_cache(maxsize=64)
def _body_start(lexis: Lexis) -> re.Pattern[str] | None:
    gap = _gap_text(lexis)
    rows = {
        Bodies.NONE: "",
        Bodies.TRIGGER: rf"CREATE{gap}(?:TEMP(?:ORARY)?+{gap})?TRIGGER\b",
        Bodies.ATOMIC: rf"CREATE{gap}(?:OR{gap}REPLACE{gap})?(?:FUNCTION|PROCEDURE|RULE)\b",
        Bodies.BLOCK: rf"CREATE{gap}(?:OR{gap}REPLACE{gap})?(?:DEFINER{gap}={gap}\S+{gap})?(?:AGGREGATE{gap})?"
        rf"(?:TRIGGER|PROCEDURE|FUNCTION|EVENT)\b|BEGIN{gap}NOT{gap}ATOMIC\b",
    }
    return re.compile(rows[lexis.bodies], re.IGNORECASE) if rows[lexis.bodies] else None


_DELIMITER_LINE = re.compile(r"DELIMITER[ \t]++(\S++)[^\r\n]*+", re.IGNORECASE)
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_OPENED = {"'": "string", '"': "quoted name", "`": "quoted name", "[": "quoted name", "$": "dollar quote", "/": "comment"}


# -- errors and comments ------------------------------------------------------------------------------------------


def position(sql: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, both 1-based."""
    return sql.count("\n", 0, offset) + 1, offset - sql.rfind("\n", 0, offset)


def fail(sql: str, offset: int, reason: str) -> NoReturn:
    """Raise ``SqlTextError`` with the line and column of ``offset``."""
    line, column = position(sql, offset)
    raise SqlTextError(line=line, column=column, reason=reason)


def _unterminated(sql: str, offset: int) -> NoReturn:
    opened = _OPENED.get(sql[offset], "string")
    fail(sql, offset, f"this {opened} is never closed: {sql[offset : offset + 20].splitlines()[0]}")


def _comment_end(sql: str, start: int, end: int) -> int:
    """The end of a block comment in which comments nest."""
    depth = 0
    for edge in _COMMENT_EDGE.finditer(sql, start, end):
        depth += 1 if edge.group() == "/*" else -1
        if depth == 0:
            return edge.end()
    _unterminated(sql, start)


def _after_gap(sql: str, lexis: Lexis, pos: int, end: int) -> int:
    """Where the next token that is no comment starts."""
    gap = _gap(lexis)
    while True:
        match = gap.match(sql, pos, end)
        pos = match.end() if match else pos
        if not (lexis.nested_block_comments and sql.startswith("/*", pos, end)):
            return pos
        pos = _comment_end(sql, pos, end)


def _read(sql: str, lexis: Lexis, pos: int, end: int, delimiter: str, marker: str = "") -> int:
    """Where ``delimiter`` or ``marker`` stands, or ``end``; raises ``SqlTextError`` for what is never closed."""
    reader = _reader(lexis, delimiter, marker)
    while True:
        match = reader.match(sql, pos, end)
        pos = match.end() if match else pos
        if pos >= end or (delimiter and sql.startswith(delimiter, pos)) or (marker and sql.startswith("--", pos)):
            return pos
        if not (lexis.nested_block_comments and sql.startswith("/*", pos)):
            _unterminated(sql, pos)
        pos = _comment_end(sql, pos, end)


# -- tokens -------------------------------------------------------------------------------------------------------


def tokens(sql: str, lexis: Lexis = ANSI, start: int = 0, end: int | None = None) -> Iterator[Token]:
    """Every token of ``sql[start:end]``, white space and comments included: joined, they are the text.

    Raises ``SqlTextError`` with line and column for a quote or comment that is never closed.
    """
    end = len(sql) if end is None else end
    find, pos = _master(lexis).finditer, start
    while pos < end:
        for match in find(sql, pos, end):
            if match.lastgroup == "open":
                if not (lexis.nested_block_comments and sql.startswith("/*", match.start())):
                    _unterminated(sql, match.start())
                pos = _comment_end(sql, match.start(), end)
                yield Token(TokenKind.COMMENT, sql[match.start() : pos], match.start())
                break
            yield Token(_KINDS[match.lastgroup or ""], match.group(), match.start())
        else:
            return


def words(sql: str, lexis: Lexis = ANSI, start: int = 0, end: int | None = None) -> Iterator[Token]:
    """The tokens that count: no white space, no comments."""
    for token in tokens(sql, lexis, start, end):
        if token.kind is not TokenKind.SPACE and token.kind is not TokenKind.COMMENT:
            yield token


# -- statements ---------------------------------------------------------------------------------------------------


def split(sql: str, lexis: Lexis = ANSI, start: int = 0, end: int | None = None) -> list[SqlStatement]:
    """The statements of ``sql[start:end]``, each byte for byte; offsets and lines are those of the whole ``sql``.

    Comments before the first and after the last token of a statement are not part of it, those inside are. Pieces
    without a token are no statements. Raises ``SqlTextError`` for what is never closed.
    """
    end = len(sql) if end is None else end
    found: list[SqlStatement] = []
    pos, delimiter, body = start, ";", _body_start(lexis)
    counted, line = 0, 1
    while (pos := _after_gap(sql, lexis, pos, end)) < end:
        if lexis.delimiter_command and (command := _DELIMITER_LINE.match(sql, pos, end)):
            pos, delimiter = command.end(), command.group(1)
            continue
        if sql.startswith(delimiter, pos, end):
            pos += len(delimiter)
            continue
        if body and delimiter == ";" and body.match(sql, pos, end):
            stop = _body_end(sql, lexis, pos, end)
        else:
            stop = _read(sql, lexis, pos, end, delimiter)
        line += sql.count("\n", counted, pos)
        counted = pos
        found.append(SqlStatement(_trimmed(sql, lexis, pos, stop), pos, line))
        pos = stop + len(delimiter)
    return found


def _trimmed(sql: str, lexis: Lexis, start: int, stop: int) -> str:
    text = sql[start:stop].rstrip(_BLANK)
    if "--" in text or "*/" in text or ("#" in text and "#" in lexis.line_comments):
        last = start
        for token in words(sql, lexis, start, stop):
            last = token.end
        return sql[start:last]
    return text


def _body_end(sql: str, lexis: Lexis, start: int, end: int) -> int:
    """Where the semicolon that ends a statement with a body stands, or ``end``."""
    stop = _TRACKERS[lexis.bodies](words(sql, lexis, start, end))
    if stop < 0:
        fail(sql, start, "this statement has a body that is never closed: END is missing")
    return end if stop == 0 else stop


def _trigger_end(stream: Iterator[Token]) -> int:
    """0 at the end of the text, -1 for a body that is never closed, else the offset of the last semicolon."""
    before, last = "", ""
    for token in stream:
        if token.text == ";" and last == "END" and before == ";":
            return token.start
        before, last = last, token.text.upper()
    return 0 if (before, last) == (";", "END") else -1


def _atomic_end(stream: Iterator[Token]) -> int:
    parens, depth, last = 0, 0, ""
    for token in stream:
        word = token.text.upper()
        if word == ";" and parens <= 0 and depth == 0:
            return token.start
        if word in ("(", ")"):
            parens += 1 if word == "(" else -1
        elif (word == "ATOMIC" and last == "BEGIN" and depth == 0) or (word == "CASE" and depth):
            depth += 1
        elif word == "END" and depth:
            depth -= 1
        last = word
    return -1 if depth else 0


def _block_end(stream: Iterator[Token]) -> int:
    depth, last = 0, ""
    for token in stream:
        word = token.text.upper()
        if word == ";" and depth <= 0:
            return token.start
        if last != ".":
            if word == "BEGIN" or (word == "CASE" and last != "END"):
                depth += 1
            elif word == "END":
                depth -= 1
            elif word in ("IF", "LOOP", "REPEAT", "WHILE") and last == "END":
                depth += 1
        last = word
    return -1 if depth > 0 else 0


_TRACKERS = {Bodies.TRIGGER: _trigger_end, Bodies.ATOMIC: _atomic_end, Bodies.BLOCK: _block_end}


def next_marker(sql: str, lexis: Lexis, marker: str, start: int = 0) -> int:
    """Where the next line comment that matches the pattern ``marker`` stands outside of quotes and comments, or the end.

    ``marker`` begins with ``--`` and says itself where it may stand.
    """
    return _read(sql, lexis, start, len(sql), "", marker)


# -- canonical text -----------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _significant(lexis: Lexis) -> re.Pattern[str]:
    """Tokens for ``findall``; not for texts with dollar quotes or nested comments.

    What is never closed is one token up to the end, and the end is an empty one: so every search succeeds where it starts.
    """
    master = _master(replace(lexis, dollar_quotes=False)).pattern
    opened = master.index("(?P<open>")
    plain = re.sub(r"\(\?P<\w+>", "(?:", master[:opened] + master[opened:].replace(")|(?P<word>", r")(?s:.)*+|(?P<word>", 1))
    return re.compile(rf"{_gap_text(lexis)}({plain}|\Z)")


def normalized(sql: str, lexis: Lexis = ANSI) -> str:
    """The tokens as written, joined by one space: comments, white space and the kind of line ends do not count.

    Raises ``SqlTextError`` for what is never closed.
    """
    if (lexis.dollar_quotes and "$" in sql) or (lexis.nested_block_comments and "/*" in sql):
        text = " ".join(token.text for token in words(sql, lexis))
    else:
        found = _significant(lexis).findall(sql)
        while found and not found[-1]:
            found.pop()
        if found and (last := _master(lexis).match(found[-1])) and last.lastgroup == "open":
            collections.deque(tokens(sql, lexis), maxlen=0)  # raises, with line and column
        text = " ".join(found)
    return text.replace("\r\n", "\n") if "\r" in text else text


def checksum(statements: Iterable[str], lexis: Lexis = ANSI) -> str:
    """SHA-256 (hex) over the token streams of statements; each is preceded by its length, so that borders count."""
    digest = hashlib.sha256()
    for sql in statements:
        data = normalized(sql, lexis).encode("utf-8", "surrogatepass")
        digest.update(b"%d:" % len(data))
        digest.update(data)
    return digest.hexdigest()


def strip_comments(sql: str, lexis: Lexis = ANSI) -> str:
    """The text without comments; one that separates two tokens leaves a space, everything else stays as written."""
    pieces: list[str] = []
    for token in tokens(sql, lexis):
        if token.kind is not TokenKind.COMMENT:
            pieces.append(token.text)
        elif pieces and pieces[-1][-1:] not in _BLANK:
            pieces.append(" ")
    return "".join(pieces).strip(_BLANK)
