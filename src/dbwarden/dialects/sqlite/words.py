"""Lexical rules of SQLite, the quoting of identifiers, and comparison keys of expressions."""

from __future__ import annotations

import re
from functools import lru_cache, partial

from dbwarden.core import sqltext
from dbwarden.core.lexical_rules import Bodies, LexicalRules
from dbwarden.core.sqltext import fold_case
from dbwarden.core.types import Expression, NameRules
from dbwarden.dialects.base.names import Quoting

LEXICAL_RULES = LexicalRules(identifier_quotes=('"', "`", "["), bodies=Bodies.TRIGGER)

bare = partial(sqltext.bare, lexical_rules=LEXICAL_RULES)
"""An expression without parentheses around all of it."""


# Words that SQLite does not accept as an unquoted name everywhere; it accepts most other keywords
# (tests/dialects/sqlite/test_words.py compares with the engine).
_WORDS = (
    "add all alter and as autoincrement between case cast check collate commit constraint create cross "
    "current_date current_time current_timestamp default deferrable delete distinct drop else escape except "
    "exists false foreign from full group having if in index indexed inner insert intersect into is isnull "
    "join left limit natural not nothing notnull null on or order outer over primary raise references "
    "returning right select set table then to transaction true union unique update using values when where "
    "window with"
)
RESERVED = frozenset(_WORDS.split())
NAMES = NameRules(LEXICAL_RULES, caseless=True, reserved=RESERVED)


QUOTING = Quoting(re.compile(r"[A-Za-z_][A-Za-z0-9_]*"), RESERVED)
is_plain = QUOTING.is_plain
quote = QUOTING
"""An identifier, in double quotes only if needed. Capitals need none, since SQLite preserves case."""

_CLOSING = {'"': '"', "`": "`", "[": "]", "'": "'"}


def unquote(token: str) -> str:
    """Name without its quotes, of which SQLite accepts four kinds."""
    closing = _CLOSING.get(token[:1])
    if closing is None or len(token) < 2:
        return token
    return token[1:-1].replace(closing * 2, closing) if closing != "]" else token[1:-1]


def tokens(sql: str) -> list[str]:
    """The tokens of ``sql`` without white space and comments."""
    lexemes = sqltext.texts(sql, LEXICAL_RULES)
    return (
        lexemes[:-1] if lexemes and lexemes[-1].startswith("/*") else lexemes
    )  # in SQLite the end of the text may close a comment


@lru_cache(maxsize=1 << 16)
def expression_key(sql: str, names_too: bool = True) -> str:
    """Comparison key of an expression, equal for all spellings that differ in case, white space, quotes or outer
    parentheses.

    With ``names_too=False``, a double-quoted word keeps its case, because it is a string in a DEFAULT.
    """
    folded = [_fold(token, names_too) for token in tokens(sql)]
    while folded and folded[0] == "(" and closing(folded, 0) == len(folded) - 1:
        folded = folded[1:-1]
    return " ".join(folded)


def expression(sql: str) -> Expression:
    """A check, predicate, generated value or body with its comparison key."""
    return Expression(sql, expression_key(sql), NAMES)


_SAME = {"==": "=", "<>": "!="}


def _fold(token: str, names_too: bool) -> str:
    first = token[0]
    if first == "'":
        return token
    if first in '"`[' and len(token) > 1:
        if not names_too:
            return token
        name = fold_case(unquote(token))
        return name if is_plain(name) else '"' + name + '"'
    return _SAME.get(token) or fold_case(token)


def closing(lexemes: list[str], opening: int) -> int:
    """Index of the parenthesis that closes the one at ``opening``; the number of tokens if there is none."""
    depth = 0
    for at in range(opening, len(lexemes)):
        if lexemes[at] == "(":
            depth += 1
        elif lexemes[at] == ")":
            depth -= 1
            if depth == 0:
                return at
    return len(lexemes)


@lru_cache(maxsize=1 << 14)
def mentioned_words(sql: str) -> frozenset[str]:
    """Words of ``sql`` that could be names, in lower case and unquoted; string literals are left out."""
    words = (token for token in tokens(sql) if token[0] in '"`[' or token[0] == "_" or token[0].isalpha())
    return frozenset(fold_case(unquote(token)) for token in words if not token.endswith("'"))
