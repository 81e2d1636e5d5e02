"""Splits SQL text into tokens and statements, and computes checksums. ``LexicalRules`` has the quoting rules of an engine.
An unterminated quote or comment raises ``SqlTextError`` with line and column, unless a function says otherwise.

A statement is a slice of the text from its first to its last token, without the delimiter. Between statements there are only
white space, comments, delimiters and ``DELIMITER`` lines.

One regular-expression match finds the end of a statement, in linear time. Only a statement that may contain others (a
trigger's body) is read token by token.
"""

from __future__ import annotations

import collections
import hashlib
import re
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import NamedTuple, NoReturn

from dbwarden.errors import SqlTextError

from .lexical_rules import ANSI as ANSI
from .lexical_rules import Bodies as Bodies
from .lexical_rules import LexicalRules as LexicalRules

_BLANK = " \t\r\n\f\v"


class TokenKind(Enum):
    """Kind of a token."""

    WORD = "word"
    IDENTIFIER = "identifier"
    """Quoted identifier."""
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
    """One statement as written, its offset in the text and its line (1-based)."""

    text: str
    start: int
    line: int


_KINDS = {kind.value: kind for kind in TokenKind}
_GAPS = frozenset(("space", "comment"))
_DELIMITER_LINE = re.compile(r"DELIMITER[ \t]+(\S+)[^\r\n]*", re.IGNORECASE)
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_OPENED = {
    "'": "string",
    '"': "quoted name",
    "`": "quoted name",
    "[": "quoted name",
    "$": "dollar quote",
    "/": "comment",
}


# -- names and errors ------------------------------------------------------------------------------------------


def fold_case(name: str) -> str:
    """``name`` with its ASCII letters in lower case, as SQLite compares names (``Ä`` and ``ä`` are different)."""
    return name.lower() if name.isascii() else name.translate(_SMALL)


_SMALL = {letter: letter + 32 for letter in range(ord("A"), ord("Z") + 1)}


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
    """End of a block comment that may contain others."""
    depth = 0
    for edge in _COMMENT_EDGE.finditer(sql, start, end):
        depth += 1 if edge.group() == "/*" else -1
        if depth == 0:
            return edge.end()
    _unterminated(sql, start)


def _after_gap(sql: str, lexical_rules: LexicalRules, pos: int, end: int) -> int:
    """Offset of the next token that is neither white space nor comment."""
    gap = lexical_rules.gap
    while True:
        match = gap.match(sql, pos, end)
        pos = match.end() if match else pos
        if not (lexical_rules.nested_block_comments and sql.startswith("/*", pos, end)):
            return pos
        pos = _comment_end(sql, pos, end)


def _read(sql: str, lexical_rules: LexicalRules, pos: int, end: int, delimiter: str, marker: str = "") -> int:
    """Offset of ``delimiter`` or ``marker``, else ``end``."""
    reader = lexical_rules.reader(delimiter, marker)
    while True:
        match = reader.match(sql, pos, end)
        pos = match.end() if match else pos
        if pos >= end or (delimiter and sql.startswith(delimiter, pos)) or (marker and sql.startswith("--", pos)):
            return pos
        if not (lexical_rules.nested_block_comments and sql.startswith("/*", pos)):
            _unterminated(sql, pos)
        pos = _comment_end(sql, pos, end)


# -- tokens -------------------------------------------------------------------------------------------------------


def tokens(sql: str, lexical_rules: LexicalRules = ANSI, start: int = 0, end: int | None = None) -> Iterator[Token]:
    """All tokens of ``sql[start:end]``, white space and comments included: joined, they are the text."""
    return _tokens(sql, lexical_rules, start, len(sql) if end is None else end, frozenset())


def words(sql: str, lexical_rules: LexicalRules = ANSI, start: int = 0, end: int | None = None) -> Iterator[Token]:
    """The tokens without white space and comments."""
    return _tokens(sql, lexical_rules, start, len(sql) if end is None else end, _GAPS)


def _tokens(sql: str, lexical_rules: LexicalRules, pos: int, end: int, skipped: frozenset[str]) -> Iterator[Token]:
    find = lexical_rules.master.finditer
    while pos < end:
        for match in find(sql, pos, end):
            kind = match.lastgroup
            if kind == "open":
                if not (lexical_rules.nested_block_comments and sql.startswith("/*", match.start())):
                    _unterminated(sql, match.start())
                pos = _comment_end(sql, match.start(), end)
                if "comment" not in skipped:
                    yield Token(TokenKind.COMMENT, sql[match.start() : pos], match.start())
                break
            if kind not in skipped:
                yield Token(_KINDS[kind or ""], match.group(), match.start())
        else:
            return


def texts(sql: str, lexical_rules: LexicalRules = ANSI) -> list[str]:
    """The texts of the tokens without white space and comments, much faster than ``words``.

    An unterminated quote is one token. Not for texts with dollar quotes or nested comments.
    """
    parts: list[str] = lexical_rules.significant.findall(sql)
    while parts and not parts[-1]:
        parts.pop()
    return parts


def definitions(sql: str, lexical_rules: LexicalRules = ANSI) -> tuple[list[str], str]:
    """The comma-separated items in the first parentheses, and the text after those: the columns and constraints of a CREATE
    TABLE, and its options. An empty list if no parentheses close."""
    pieces, depth, start = [], 0, 0
    for match in lexical_rules.structure.finditer(sql):
        char = match.group()
        if char == "(":
            depth += 1
            start = match.end() if depth == 1 else start
        elif depth == 1 and char in ",)":
            pieces.append(sql[start : match.start()].strip())
            start = match.end()
        if char == ")":
            depth -= 1
            if depth == 0:
                return pieces, sql[match.end() :].strip()
    return [], ""


def bare(sql: str, lexical_rules: LexicalRules = ANSI) -> str:
    """An expression without parentheses around the whole of it."""
    sql = sql.strip()
    while sql.startswith("(") and _closing(sql, lexical_rules) == len(sql) - 1:
        sql = sql[1:-1].strip()
    return sql


def _closing(sql: str, lexical_rules: LexicalRules) -> int:
    depth = 0
    for token in tokens(sql, lexical_rules):
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0:
            return token.start
    return -1


# -- statements ---------------------------------------------------------------------------------------------------


def split(sql: str, lexical_rules: LexicalRules = ANSI, start: int = 0, end: int | None = None) -> list[SqlStatement]:
    """The statements of ``sql[start:end]``, byte for byte, with offsets and lines in the whole ``sql``.

    Comments are part of a statement only between its first and last token.
    """
    return list(iterate(sql, lexical_rules, start, end))


def iterate(
    sql: str, lexical_rules: LexicalRules = ANSI, start: int = 0, end: int | None = None
) -> Iterator[SqlStatement]:
    """``split`` as an iterator, which reads no further than the statements that are consumed."""
    end = len(sql) if end is None else end
    pos, delimiter, body = start, ";", lexical_rules.body
    counted, line = 0, 1
    while (pos := _after_gap(sql, lexical_rules, pos, end)) < end:
        if lexical_rules.delimiter_command and (command := _DELIMITER_LINE.match(sql, pos, end)):
            pos, delimiter = command.end(), command.group(1)
            continue
        if sql.startswith(delimiter, pos, end):
            pos += len(delimiter)
            continue
        if lexical_rules.client and sql[pos] == "\\":  # a client command, in which a quote opens nothing
            stop = sql.find("\n", pos, end)
            stop = end if stop < 0 else stop
            yield SqlStatement(sql[pos:stop].rstrip(), pos, line + sql.count("\n", counted, pos))
            pos = stop
            continue
        if body and delimiter == ";" and body.match(sql, pos, end):
            stop = _body_end(sql, lexical_rules, pos, end)
        else:
            stop = _read(sql, lexical_rules, pos, end, delimiter)
        line += sql.count("\n", counted, pos)
        counted = pos
        yield SqlStatement(_trimmed(sql, lexical_rules, pos, stop), pos, line)
        pos = stop + len(delimiter)


def _trimmed(sql: str, lexical_rules: LexicalRules, start: int, stop: int) -> str:
    text = sql[start:stop].rstrip(_BLANK)
    if _ends_as_token(sql, lexical_rules, start, text):
        return text
    last = start
    for token in words(sql, lexical_rules, start, stop):
        last = token.end
    return sql[start:last]


def _ends_as_token(sql: str, lexical_rules: LexicalRules, start: int, text: str) -> bool:
    """Whether ``text``, at offset ``start``, certainly does not end in a comment; if false, its tokens must decide.

    A shortcut for files of data, whose hundred thousand statements have dashes in their strings: a line comment at the end
    would begin on the last line, and a block comment ends in ``*/``.
    """
    if text.endswith("*/"):
        return False
    line = text[max(text.rfind("\n"), text.rfind("\r")) + 1 :]
    if "#" in line and "#" in lexical_rules.line_comments:
        return False
    end = start + len(text)
    return "--" not in line or _read(sql, lexical_rules, start, end, "", "--") >= end


def _body_end(sql: str, lexical_rules: LexicalRules, start: int, end: int) -> int:
    """Offset of the semicolon that ends a statement with a body, or ``end``."""
    stop = _TRACKERS[lexical_rules.bodies](words(sql, lexical_rules, start, end))
    if stop < 0:
        fail(sql, start, "this statement has a body that is never closed: END is missing")
    return end if stop == 0 else stop


def _trigger_end(stream: Iterator[Token]) -> int:
    """Offset of the semicolon that ends the trigger; 0 at the end of the text, -1 if the body does not end."""
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
        if last != ".":  # else a column's name
            if word == "BEGIN" or (word == "CASE" and last != "END"):
                depth += 1
            elif word == "END":
                depth -= 1
            elif word in ("IF", "LOOP", "REPEAT", "WHILE") and last == "END":
                depth += 1  # END IF ends no BEGIN: IF is not counted where it opens
        last = word
    return -1 if depth > 0 else 0


_TRACKERS = {Bodies.TRIGGER: _trigger_end, Bodies.ATOMIC: _atomic_end, Bodies.BLOCK: _block_end}


def next_marker(sql: str, lexical_rules: LexicalRules, marker: str, start: int = 0) -> int:
    """Offset of the next line comment that matches the pattern ``marker``, outside of quotes and comments, or the end.

    ``marker`` begins with ``--``, perhaps after a look-behind that restricts its position.
    """
    return _read(sql, lexical_rules, start, len(sql), "", marker)


# -- canonical text -----------------------------------------------------------------------------------------------


def normalized(sql: str, lexical_rules: LexicalRules = ANSI) -> str:
    """The tokens joined by single spaces, without comments."""
    dollars = lexical_rules.dollar_quotes and "$" in sql and lexical_rules.dollar_opening.search(sql)
    if dollars or (lexical_rules.nested_block_comments and "/*" in sql):
        text = " ".join(token.text for token in words(sql, lexical_rules))
    else:
        parts = texts(sql, lexical_rules)
        if parts and (last := lexical_rules.master.match(parts[-1])) and last.lastgroup == "open":
            collections.deque(tokens(sql, lexical_rules), maxlen=0)  # raises, with line and column
        text = " ".join(parts)
    return text.replace("\r\n", "\n") if "\r" in text else text


def checksum(statements: Iterable[str], lexical_rules: LexicalRules = ANSI) -> str:
    """SHA-256 (hex) over the tokens of statements, each preceded by its length so that the boundaries count."""
    digest = hashlib.sha256()
    for sql in statements:
        encoded = normalized(sql, lexical_rules).encode("utf-8", "surrogatepass")
        digest.update(b"%d:" % len(encoded))
        digest.update(encoded)
    return digest.hexdigest()
