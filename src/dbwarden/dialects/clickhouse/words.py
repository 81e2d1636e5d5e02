"""Lexical rules of ClickHouse, and the quoting of identifiers and string literals."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from dbwarden.core.lexical_rules import LexicalRules
from dbwarden.core.sqltext import TokenKind
from dbwarden.core.tokens import readable
from dbwarden.core.types import NameRules
from dbwarden.dialects.base.names import Quoting

LEXICAL_RULES = LexicalRules(
    identifier_quotes=("`", '"'),
    backslash_escapes=True,
    backslash_identifiers=True,
    dollar_quotes=True,
    line_comments=("--", "#", "//"),
    nested_block_comments=True,
    folds_types=False,
)
"""Measured on 26.9. ``#`` begins a comment only before a blank or ``!``; elsewhere it is an error."""

RESERVED = frozenset(
    (
        "alias all alter and anti any array as asc ascending asof assume between both by case cast check codec collate"
        " column comment constraint create cross cube current database default desc descending describe dictionary"
        " distinct drop else end engine ephemeral except exists explain false fetch filter final first following for"
        " format from full function global grant group having if ilike in index inner insert intersect interval into is"
        " join key last leading left like limit materialized materialize modify natural not null nulls offset on only or"
        " order outer over partition preceding prewhere primary projection qualify range rename replace right rollup row"
        " rows sample select semi set settings show statistics table temporary then ties to top totals trailing trim true"
        " truncate ttl unbounded union update use using values view when where window with"
    ).split()
)
"""Words that somewhere in a statement cannot be a name without quotes."""
NAMES = NameRules(LEXICAL_RULES, reserved=RESERVED)
TEXT_NAMES = replace(NAMES, bound=False)
"""Rules for the text of a view, dictionary or function."""

_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|.)|(['`\"])\2", re.DOTALL)
_ESCAPES = {"0": "\0", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ESCAPED = {"\\": "\\\\", "\0": "\\0", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


@dataclass(frozen=True, slots=True)
class BacktickQuoting(Quoting):
    """Quoting in backticks, which are doubled inside; a backslash needs another one."""

    def __call__(self, name: str) -> str:
        """The identifier, quoted only where needed."""
        return name if self.is_plain(name) else escaped(name, "`").replace("\\`", "``")


QUOTING = BacktickQuoting(re.compile(r"[A-Za-z_][A-Za-z0-9_]*"), RESERVED, "`")
quote = QUOTING
"""An identifier, in backticks only if needed."""


def escaped(text: str, mark: str) -> str:
    """``text`` between two ``mark``, escaped as the server does."""
    return mark + "".join(_ESCAPED.get(char, "\\" + char if char == mark else char) for char in text) + mark


def string_literal(value: str) -> str:
    """A text as the server prints it in definitions."""
    return escaped(value, "'")


def unescaped(token: str) -> str:
    """The text of a quoted token, whichever quotes it has."""
    return _ESCAPE.sub(_unescape, token[1:-1])


def _unescape(match: re.Match[str]) -> str:
    character = match[1]
    if character is None:
        return match[2]
    if len(character) == 3:
        return chr(int(character[1:], 16))
    return _ESCAPES.get(character, character)


def string_value(literal: str) -> str | None:
    """The value of a string literal; ``None`` for any other text."""
    tokens = readable(literal, LEXICAL_RULES)
    if len(tokens) != 1 or tokens[0].kind is not TokenKind.STRING or not tokens[0].text.startswith("'"):
        return None
    return unescaped(tokens[0].text)


def name_of(token: str) -> str:
    """The name that a token stands for: a word, or a quoted identifier."""
    return unescaped(token) if token[:1] in ("`", '"') else token
