"""Lexical rules of MySQL and MariaDB, and the quoting of identifiers."""

from __future__ import annotations

import re

from dbwarden.core.lexical_rules import Bodies, LexicalRules
from dbwarden.core.sqltext import TokenKind
from dbwarden.core.tokens import readable
from dbwarden.core.types import NameRules
from dbwarden.dialects.base.names import Quoting

LEXICAL_RULES = LexicalRules(
    identifier_quotes=("`",),
    string_quotes=("'", '"'),
    backslash_escapes=True,
    line_comments=("--", "#"),
    dash_comment_needs_space=True,
    conditional_comments=True,
    bodies=Bodies.BLOCK,
    delimiter_command=True,
)

RESERVED = frozenset(
    "add all alter and as asc between by case change check column condition constraint create cross database default"
    " delete desc distinct drop else exists false fetch for foreign from fulltext group having if in index inner insert"
    " interval into is join key keys left like limit lock match natural not null on or order outer primary range read"
    " references rename replace right schema select set show table then to trigger true union unique update usage use"
    " using values when where with write".split()
)
NAMES = NameRules(LEXICAL_RULES, caseless=True, reserved=RESERVED)
QUOTING = Quoting(re.compile(r"[A-Za-z_][A-Za-z0-9_]*"), RESERVED, "`")
quote = QUOTING
"""An identifier, in backticks only if needed."""

_ESCAPE = re.compile(r"\\(.)|(['\"])\2", re.DOTALL)
_ESCAPES = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a", "%": "\\%", "_": "\\_"}
_ESCAPED = {"\\": "\\\\", "'": "''", "\0": "\\0", "\n": "\\n", "\r": "\\r"}


def string_value(literal: str) -> str | None:
    """The value of a string literal in which backslashes escape, perhaps with a character set before it; ``None`` for any
    other text."""
    *introducer, token = readable(literal, LEXICAL_RULES) or (None,)
    if token is None or token.kind is not TokenKind.STRING or token.text[0] in "xXbB":
        return None
    if introducer and (len(introducer) > 1 or not introducer[0].text.startswith("_")):
        return None
    body = token.text[token.text.index(token.text[-1]) + 1 : -1]
    return _ESCAPE.sub(lambda escape: escape[2] or _ESCAPES.get(escape[1], escape[1]), body)


def string_literal(value: str) -> str:
    """A text as the server prints it in definitions."""
    return "'" + "".join(_ESCAPED.get(character, character) for character in value) + "'"
