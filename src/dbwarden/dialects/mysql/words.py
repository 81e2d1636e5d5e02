"""Lexical rules of MySQL and MariaDB, and the quoting of identifiers."""

from __future__ import annotations

import re

from dbwarden.core.lexical_rules import Bodies, LexicalRules
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
