"""Lexical rules of PostgreSQL, and the tokens of expressions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache, partial

from dbwarden.core import sqltext
from dbwarden.core import tokens as sqltokens
from dbwarden.core.lexical_rules import Bodies, LexicalRules
from dbwarden.core.sqltext import Token, TokenKind
from dbwarden.errors import SqlTextError

LEXICAL_RULES = LexicalRules(
    escape_strings=True,
    dollar_quotes=True,
    nested_block_comments=True,
    client="psql",
    folds_names=True,
    bodies=Bodies.ATOMIC,
)

bare = partial(sqltext.bare, lexical_rules=LEXICAL_RULES)
"""An expression without parentheses around all of it."""
mentioned_columns = partial(sqltokens.mentioned_columns, lexical_rules=LEXICAL_RULES)
"""Columns whose names occur in a text, in the order of the table."""

_SPECIAL = frozenset("~!@#%^&|`?")
_OPERATORS = frozenset("-+*/<>=~!@#%^&|`?:")
_PUNCTUATION = ("::", "(", ")", "[", "]", ",", ".")
_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*")


@lru_cache(maxsize=65536)
def tokens(text: str) -> tuple[tuple[str, str], ...]:
    """Pairs of token kind and text. Words are in lower case, names without quotes if they need none."""
    return tuple(_scan(text))


def _scan(text: str) -> Iterator[tuple[str, str]]:
    try:
        lexemes = list(sqltext.words(text, LEXICAL_RULES))
    except SqlTextError:
        yield "other", text  # the server will report the mistake
        return
    at = 0
    while at < len(lexemes):
        token = lexemes[at]
        at += 1
        if not _is_operator(token):
            yield _kind(token), _value(token)
            continue
        operator = token.text
        while at < len(lexemes) and _is_operator(lexemes[at]) and lexemes[at].start == lexemes[at - 1].end:
            operator += lexemes[at].text
            at += 1
        if len(operator) > 1 and operator[-1] in "+-" and not _SPECIAL.intersection(operator):
            # Section 4.1.3: such an operator cannot end in + or -, so what follows is a sign.
            yield "op", operator[:-1]
            operator = operator[-1]
        yield "op", operator


def _kind(token: Token) -> str:
    match token.kind:
        case TokenKind.STRING:
            return "string" if token.text[0] == "'" else "escape"
        case TokenKind.DOLLAR:
            return "escape"
        case TokenKind.IDENTIFIER:
            return "name" if _PLAIN.fullmatch(token.text[1:-1]) else "quoted"
        case TokenKind.OPERATOR:
            return "punct" if token.text in _PUNCTUATION else "other"
        case TokenKind.NUMBER:
            return "number"
        case _:
            return "word"


def _value(token: Token) -> str:
    if token.kind is TokenKind.WORD:
        return token.text.lower()
    return token.text[1:-1] if _kind(token) == "name" else token.text


def _is_operator(token: Token) -> bool:
    """Whether a token is (part of) an operator: a run of such characters is one operator (manual, section 4.1.3)."""
    return token.kind is TokenKind.OPERATOR and token.text != "::" and _OPERATORS.issuperset(token.text)


# The server prints such a condition in this one form.
_LITERALS = r"'(?:[^']|'')*'::character varying(?:, '(?:[^']|'')*'::character varying)*"
_MEMBERSHIP = re.compile(rf"""\((\w+|"(?:[^"]|"")+")\)::text (= ANY|<> ALL) \(\(ARRAY\[({_LITERALS})\]\)::text\[\]\)""")


def readable(text: str) -> str:
    """Rewrite printed text so that the server parses it to the same expression again.

    The server prints ``s IN ('a', 'b')`` over a varchar column with casts, which it would parse to another expression.
    """
    text = bare(text)
    if ")::text[])" not in text:
        return text
    return _MEMBERSHIP.sub(_membership, text)


def _membership(match: re.Match[str]) -> str:
    values = match.group(3).replace("'::character varying", "'")
    return f"{match.group(1)} {'IN' if match.group(2) == '= ANY' else 'NOT IN'} ({values})"


def is_call(text: str) -> bool:
    """Whether the whole text is one function call, which needs no parentheses as an index key."""
    lexemes = tokens(text)
    if len(lexemes) < 3 or lexemes[0][0] not in ("word", "name") or lexemes[1][1] != "(":
        return False
    if lexemes[0][1] in ("not", "case", "array"):
        return False
    depth = 0
    for at, (_, value) in enumerate(lexemes):
        depth += (value == "(") - (value == ")")
        if at and depth == 0:
            return at == len(lexemes) - 1
    return False
