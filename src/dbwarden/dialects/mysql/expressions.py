"""Expressions as the servers print them and as a person would write them, and their comparison keys."""

from __future__ import annotations

import re
from functools import lru_cache

from dbwarden.core import sqltext
from dbwarden.core.sqltext import Token, fold_case
from dbwarden.core.tokens import replaced
from dbwarden.core.types import Expression
from dbwarden.errors import SqlTextError

from . import expression_parser
from .names import NAMES
from .words import LEXICAL_RULES, is_implied, string_literal, string_value

_SAME = {"!=": "<>", "&&": "and", "||": "or"}


def bare(text: str) -> str:
    """An expression without parentheses around the whole of it; as it is if a quote or comment is never closed."""
    try:
        return sqltext.bare(text, LEXICAL_RULES)
    except SqlTextError:
        return text.strip()


def unescaped(text: str) -> str:
    """An expression that MySQL prints with escapes in ``information_schema``: ``_utf8mb4\\'x\\'`` for ``_utf8mb4'x'``."""
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL) if "\\" in text else text


def latin1_restored(text: str) -> str:
    """A default of MySQL's ``information_schema`` that was converted from latin1 although it is UTF-8: ``Ã©`` for ``é``."""
    if text.isascii():
        return text
    try:
        return b"".join(_latin1(char) for char in text).decode()
    except UnicodeError:
        return text


def _latin1(char: str) -> bytes:
    """A character in MySQL's latin1, which is cp1252 with the five codes that it leaves out."""
    return char.encode("latin-1" if char in "\x81\x8d\x8f\x90\x9d" else "cp1252")


def with_backticks(text: str) -> str:
    """An expression in which names are in double quotes (``ANSI_QUOTES``), with backticks instead."""

    def name(token: Token) -> str:
        if token.text[0] != '"':
            return token.text
        return "`" + token.text[1:-1].replace('""', '"').replace("`", "``") + "`"

    return replaced(text, LEXICAL_RULES, name)


@lru_cache(maxsize=1 << 14)
def readable(text: str) -> str:
    """An expression of the server as a person would write it: without introducers, plain names without backticks."""
    parts: list[str] = []
    for token in sqltext.tokens(text, LEXICAL_RULES):
        if token.text[0] in "'\"" and parts and is_implied(parts[-1], token.text):
            parts.pop()
        parts.append(_plain_name(token.text) if token.text[0] == "`" else token.text)
    return bare("".join(parts))


def _plain_name(token: str) -> str:
    name = token[1:-1].replace("``", "`")
    return name if re.fullmatch(r"[a-z_][a-z0-9_]*", name) and name not in NAMES.reserved else token


@lru_cache(maxsize=1 << 14)
def key(text: str, condition: bool = False) -> str:
    """The comparison key of an expression, of which only the truth counts if it is a ``condition``: by its structure, or by
    its tokens if the parser does not know its syntax."""
    structure = expression_parser.key(text, condition)
    return " ".join(_tokens(bare(text))) if structure is None else structure


def _tokens(text: str) -> list[str]:
    folded: list[str] = []
    for token in sqltext.texts(text, LEXICAL_RULES):
        first = token[0]
        if first in "'\"" and len(token) > 1:
            if folded and is_implied(folded[-1], token):
                folded.pop()
            folded.append(string_literal(string_value(token) or ""))
        elif first == "`":
            folded.append(fold_case(_plain_name(token)))
        else:
            folded.append(_SAME.get(token, fold_case(token)))
    return folded


def expression(text: str) -> Expression:
    """An expression of the server, still without its comparison key."""
    return Expression(text, names=NAMES)


def with_comparison_key(expression: Expression, condition: bool = False) -> Expression:
    """The expression with its comparison key."""
    normalized = key(expression.text, condition)
    return (
        expression
        if expression.names is NAMES and normalized == expression.key
        else Expression(expression.text, normalized, NAMES)
    )
