"""The lexical rules of a dialect, and the regular expressions that follow from them.

Matching takes linear time for any text, because no pattern matches a text in two ways: a repeated part and what may follow it
begin with different characters, and a closing quote is not followed by another one. Possessive quantifiers would be simpler,
but Python 3.11.0 to 3.11.4 execute them wrongly (https://github.com/python/cpython/issues/106052).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property

_SPACE = r"[ \t\r\n\f\v]"
_TAG = r"(?:[^\W\d]\w*)?"
_CLOSING = {"[": "]"}
_OPERATORS = (
    r"::|:=|<=>|<>|<=|>=|!=|\|\||->>|->|=>|&&|@>|<@|<<|>>|==|#>>|#>"
    r"|!~~\*|!~~|!~\*|!~|~~\*|~~|~\*|\?\||\?&|@@|@\?|(?s:.)"
)


class Bodies(Enum):
    """Statements that contain semicolons outside of quotes."""

    NONE = "none"
    TRIGGER = "trigger"
    """``CREATE TRIGGER ... BEGIN ...; END``, which ends at ``; END ;`` (SQLite; the rule is that of ``sqlite3_complete``)."""
    ATOMIC = "atomic"
    """``BEGIN ATOMIC ...; END`` of functions and procedures, rules with ``(...; ...)`` (PostgreSQL, as psql does)."""
    BLOCK = "block"
    """``BEGIN ...; END`` with nested blocks in triggers, procedures, functions and events (MySQL, MariaDB)."""


@dataclass(frozen=True)
class LexicalRules:
    """The lexical rules of a dialect. The defaults are standard SQL."""

    identifier_quotes: tuple[str, ...] = ('"',)
    """Opening characters: ``"``, `````, ``[``."""
    string_quotes: tuple[str, ...] = ("'",)
    backslash_escapes: bool = False
    """Escapes in every string (MySQL, ClickHouse)."""
    backslash_identifiers: bool = False
    """Escapes in quoted identifiers too (ClickHouse)."""
    escape_strings: bool = False
    r"""Strings with a prefix, ``E'it\'s'`` (PostgreSQL)."""
    dollar_quotes: bool = False
    line_comments: tuple[str, ...] = ("--",)
    dash_comment_needs_space: bool = False
    """``--`` begins a comment only before white space (MySQL: ``5--1`` is 6)."""
    nested_block_comments: bool = False
    conditional_comments: bool = False
    """Whether ``/*! ... */`` and ``/*M! ... */`` contain code (MySQL, MariaDB)."""
    client: str = ""
    """Client of the engine that takes a backslash outside of quotes for a command, and reads the rows after
    ``COPY ... FROM stdin`` itself (psql)."""
    folds_names: bool = False
    """Names without quotes are stored in lower case (PostgreSQL); else as they are written."""
    folds_types: bool = True
    """Names of types are the same in any letter case (not in ClickHouse: ``String``)."""
    bodies: Bodies = Bodies.NONE
    delimiter_command: bool = False
    """``DELIMITER //`` at the beginning of a statement (the mysql client)."""

    @cached_property
    def gap(self) -> re.Pattern[str]:
        """White space and comments, up to a nested comment."""
        return re.compile(self._gap)

    @cached_property
    def master(self) -> re.Pattern[str]:
        """One alternation of all tokens, each a named group. ``open`` is an unterminated quote or comment, or a nested
        comment."""
        strings, opened = [], [self._comment_opening]
        if self.escape_strings:
            strings.append("[eE]" + _quoted("'", True))
            opened.append("[eE]'")
        strings += [r"(?:[bBxXnN]|[uU]&)?" + _quoted("'", self.backslash_escapes)]
        strings += [_quoted(quote, self.backslash_escapes) for quote in self.string_quotes if quote != "'"]
        opened += [re.escape(quote) for quote in (*self.string_quotes, *self.identifier_quotes)]
        identifiers = "|".join(_quoted(quote, self.backslash_identifiers) for quote in self.identifier_quotes)
        tail = r"[\w$]*"
        rows = [
            ("space", f"{_SPACE}+"),
            ("comment", f"{self._line_comment}|{self._block_comment}"),
            ("string", "|".join(strings)),
            ("identifier", rf"(?:[uU]&(?=\"))?(?:{identifiers})"),
        ]
        if self.dollar_quotes:
            rows.append(("dollar", _dollar("tag")))
            opened.append(rf"\${_TAG}\$")
        rows += [
            ("open", "|".join(opened)),
            ("word", rf"[^\W\d]{tail}|\$\d{tail}"),
            ("number", rf"\d[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?\d+)?{tail}|\.\d[\d_]*(?:[eE][+-]?\d+)?{tail}"),
            ("operator", (rf"/\*M?!\d*|{self._conditional_end}|" if self.conditional_comments else "") + _OPERATORS),
        ]
        return re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in rows))

    @cached_property
    def significant(self) -> re.Pattern[str]:
        """Tokens for ``findall``; not for texts with dollar quotes or nested comments.

        An unterminated quote is one token up to the end, and the end is an empty token, so that each search matches where
        it starts.
        """
        master = replace(self, dollar_quotes=False).master.pattern
        opened = master.index("(?P<open>")
        tail = master[opened:].replace(")|(?P<word>", r")(?s:.)*|(?P<word>", 1)
        plain = re.sub(r"\(\?P<\w+>", "(?:", master[:opened] + tail)
        return re.compile(rf"{self._gap}([^\W\d][\w$]+|[(),;]|{plain}|\Z)")  # the most frequent ones first

    @cached_property
    def structure(self) -> re.Pattern[str]:
        """Parentheses, commas, quotes and comments. Not for texts with dollar quotes."""
        quoted = [_quoted(quote, self.backslash_escapes) for quote in self.string_quotes]
        quoted += [_quoted(quote, self.backslash_identifiers) for quote in self.identifier_quotes]
        return re.compile("|".join((*quoted, self._line_comment, self._block_comment, "[(),]")))

    @cached_property
    def dollar_opening(self) -> re.Pattern[str]:
        """Opening of a dollar quote, as opposed to a parameter (``$1``)."""
        return re.compile(rf"\${_TAG}\$")

    @cached_property
    def body(self) -> re.Pattern[str] | None:
        """Beginning of a statement that may contain others."""
        gap = self._gap
        rows = {
            Bodies.NONE: "",
            Bodies.TRIGGER: rf"CREATE{gap}(?:TEMP(?:ORARY)?{gap})?TRIGGER\b",
            Bodies.ATOMIC: rf"CREATE{gap}(?:OR{gap}REPLACE{gap})?(?:FUNCTION|PROCEDURE|RULE)\b",
            Bodies.BLOCK: rf"CREATE{gap}(?:OR{gap}REPLACE{gap})?(?:DEFINER{gap}={gap}\S+{gap})?(?:AGGREGATE{gap})?"
            rf"(?:TRIGGER|PROCEDURE|FUNCTION|EVENT)\b|BEGIN{gap}NOT{gap}ATOMIC\b",
        }
        return re.compile(rows[self.bodies], re.IGNORECASE) if rows[self.bodies] else None

    @cached_property
    def insert_head(self) -> re.Pattern[str]:
        """A plain INSERT up to its rows."""
        gap, quoted = (
            self._gap,
            "|".join(_quoted(quote, self.backslash_identifiers) for quote in self.identifier_quotes),
        )
        name = rf"(?:[\w$]+|{quoted})"
        columns = rf"\({gap}{name}(?:{gap},{gap}{name})*{gap}\)"
        table = rf"{name}(?:{gap}\.{gap}{name})*"
        return re.compile(rf"INSERT\b{gap}INTO\b{gap}{table}{gap}(?:{columns}{gap})?\bVALUES\b(?!\$)", re.IGNORECASE)

    def reader(self, delimiter: str, marker: str = "") -> re.Pattern[str]:
        """Pattern of the text up to ``delimiter``, or a comment line that matches ``marker``, outside of quotes and comments.

        It also stops before an unterminated quote or comment and before nested comments.
        """
        if (delimiter, marker) not in self._readers:
            self._readers[delimiter, marker] = re.compile(self._reader(delimiter, marker))
        return self._readers[delimiter, marker]

    @cached_property
    def _readers(self) -> dict[tuple[str, str], re.Pattern[str]]:
        return {}

    def _reader(self, delimiter: str, marker: str) -> str:
        quotes = (*self.string_quotes, *self.identifier_quotes)
        stops = "".join(re.escape(character) for character in dict.fromkeys(("-", "/", *quotes, delimiter[:1])))
        stops += "#" * ("#" in self.line_comments) + "$" * self.dollar_quotes
        unmarked = f"(?!{marker})" if marker else ""
        dash = r"-(?!-(?:\s|\Z))" if self.dash_comment_needs_space else "-(?!-)"
        slash = r"/(?!\*(?!M?!))" if self.conditional_comments else r"/(?!\*)"
        rows = [f"[^{stops}]+", unmarked + self._line_comment, self._block_comment, unmarked + dash, slash]
        if self.conditional_comments:
            rows.insert(1, self._conditional_comment(delimiter))
            rows.append(r"(?<=\*)/")  # the end of a conditional comment before a star: no comment begins here
        if self.escape_strings:
            rows.append(r"(?:(?<=[^\w$][eE])|(?<=\A[eE]))" + _quoted("'", True))
            rows.append(r"(?<![^\w$][eE])(?<!\A[eE])" + _quoted("'", self.backslash_escapes))
        rows += [
            _quoted(quote, self.backslash_escapes)
            for quote in self.string_quotes
            if quote != "'" or not self.escape_strings
        ]
        rows += [_quoted(quote, self.backslash_identifiers) for quote in self.identifier_quotes]
        if self.dollar_quotes:  # a name may contain dollar signs
            rows[0] += r"(?:(?<=\w)\$[\w$]*)?"
            rows += [_dollar("tag"), rf"\$(?!{_TAG}\$)"]
        if delimiter and delimiter != ";":
            return f"(?:(?!{re.escape(delimiter)})(?:{'|'.join(rows)}|{re.escape(delimiter[0])}))*"
        return f"(?:{'|'.join(rows)})*"

    @property
    def _gap(self) -> str:
        return f"{_SPACE}*(?:(?:{self._line_comment}|{self._block_comment}){_SPACE}*)*"

    @property
    def _line_comment(self) -> str:
        dash = "--" + (r"(?=\s|\Z)" if self.dash_comment_needs_space else "")
        openings = "|".join(dash if opening == "--" else opening for opening in self.line_comments)
        return rf"(?:{openings})[^\r\n]*(?![^\r\n])"

    @property
    def _comment_opening(self) -> str:
        return r"/\*" + ("(?!M?!)" if self.conditional_comments else "")

    def _conditional_comment(self, delimiter: str) -> str:
        """A whole conditional comment without another comment or a delimiter in it."""
        quotes = (*self.string_quotes, *self.identifier_quotes)
        plain = "".join(map(re.escape, dict.fromkeys(("*", "/", ";", *quotes, *delimiter[:1]))))
        rows = [r"\*(?!/)", r"/(?!\*)", *(_quoted(quote, self.backslash_escapes) for quote in self.string_quotes)]
        rows += [_quoted(quote, self.backslash_identifiers) for quote in self.identifier_quotes]
        return rf"/\*M?![^{plain}]*(?:(?:{'|'.join(rows)})[^{plain}]*)*\*/"

    @property
    def _conditional_end(self) -> str:
        """End of a conditional comment.

        In ``a */* c */ b`` a star stands before a comment, in ``SELECT /*! STRAIGHT_JOIN */* FROM t`` behind the end of one:
        it is a comment if that is closed.
        """
        return rf"(?!\*(?:/\*M?!|{self._block_comment}))\*/"

    @property
    def _block_comment(self) -> str:
        if self.nested_block_comments:
            return r"/\*[^*/]*(?:(?:\*(?!/)|/(?!\*))[^*/]*)*\*/"
        return self._comment_opening + r"[^*]*(?:\*(?!/)[^*]*)*\*/"


ANSI = LexicalRules()


def _quoted(opening: str, backslash: bool) -> str:
    first, last = re.escape(opening), re.escape(_CLOSING.get(opening, opening))
    if opening in _CLOSING:
        return rf"{first}[^{last}]*{last}"
    if backslash:
        return rf"{first}[^{first}\\]*(?:(?:\\(?s:.)|{first}{first})[^{first}\\]*)*{first}(?!{first})"
    return rf"{first}[^{first}]*(?:{first}{first}[^{first}]*)*{first}(?!{first})"


def _dollar(tag: str) -> str:
    return rf"\$(?P<{tag}>{_TAG})\$[^$]*(?:\$(?!(?P={tag})\$)[^$]*)*\$(?P={tag})\$"
