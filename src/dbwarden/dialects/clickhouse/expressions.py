"""Expressions with their comparison keys, and the clauses of a table that are lists of them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from dbwarden.core.model import Projection
from dbwarden.core.sqltext import Token, TokenKind
from dbwarden.core.tokens import DEPTH, readable

from .expression_parser import Call, Node, NotAnExpression, parse
from .words import LEXICAL_RULES, NAMES, name_of, string_literal, unescaped

_BRACKETS = {**DEPTH, "[": 1, "]": -1, "{": 1, "}": -1}


_KEYWORDS = frozenset(
    "SELECT FROM WHERE GROUP BY ORDER HAVING LIMIT WITH AS AND OR NOT IN ON USING JOIN LEFT INNER FULL RIGHT ARRAY DISTINCT"
    " UNION ALL DESC ASC PREWHERE FINAL SAMPLE IS NULL LIKE BETWEEN INTERVAL CASE WHEN THEN ELSE END CROSS ANY OFFSET".split()
)


@lru_cache(maxsize=4096)
def query_key(sql: str) -> str:
    """Comparison key of a query: the server formats queries, so that only blanks, quotes and the case of keywords differ."""
    return " ".join(
        token.text.upper() if token.kind is TokenKind.WORD and token.text.upper() in _KEYWORDS else _plain(token)
        for token in readable(sql, LEXICAL_RULES)
        if token.text.upper() not in ("ASC",)
    )


@lru_cache(maxsize=1 << 14)
def expression_key(sql: str) -> str:
    """Comparison key of an expression, equal for all spellings of one tree; its tokens if it cannot be parsed."""
    tokens = readable(sql, LEXICAL_RULES)
    try:
        return str(parse(tokens))
    except NotAnExpression:
        return token_key(tokens)


def token_key(tokens: Iterable[Token]) -> str:
    """Tokens without blanks and quotes that make no difference; keywords keep their case."""
    return " ".join(map(_plain, tokens))


def _plain(token: Token) -> str:
    if token.kind is TokenKind.IDENTIFIER:
        return NAMES.written(name_of(token.text))
    if token.kind is TokenKind.STRING and token.text.startswith("'"):
        return string_literal(unescaped(token.text))
    return "!=" if token.text == "<>" else "=" if token.text == "==" else token.text


# -- lists ------------------------------------------------------------------------------------------------------------


def split(sql: str) -> tuple[str, ...]:
    """The parts of a list between commas outside of brackets."""
    tokens = readable(sql, LEXICAL_RULES)
    parts, depth, start = list[str](), 0, 0
    for token in tokens:
        depth += _BRACKETS.get(token.text, 0) if token.kind is TokenKind.OPERATOR else 0
        if depth == 0 and token.text == ",":
            parts.append(sql[start : token.start].strip())
            start = token.end
    return tuple(part for part in (*parts, sql[start:].strip()) if part)


@lru_cache(maxsize=4096)
def key_parts(sql: str) -> tuple[str, ...]:
    """The expressions of a key (ORDER BY, PRIMARY KEY, PARTITION BY): ``(a, b)``, ``tuple(a)``, ``a`` or nothing."""
    tokens = readable(sql, LEXICAL_RULES)
    opening = 1 if tokens and tokens[0].text.lower() == "tuple" else 0
    if len(tokens) > opening + 1 and tokens[opening].text == "(" and _closes(tokens, opening) == len(tokens) - 1:
        return split(sql[tokens[opening].end : tokens[-1].start])
    return split(sql)


def _closes(tokens: list[Token], opening: int) -> int:
    depth = 0
    for at in range(opening, len(tokens)):
        depth += DEPTH.get(tokens[at].text, 0)
        if depth == 0:
            return at
    return len(tokens)


def key_clause(parts: Iterable[str]) -> str:
    """Expressions of a key as a clause; ``tuple()`` for none."""
    parts = tuple(parts)
    if not parts:
        return "tuple()"
    ordered = any(readable(part, LEXICAL_RULES)[-1:] and _is_ordered(part) for part in parts)
    return parts[0] if len(parts) == 1 and not ordered else f"({', '.join(parts)})"


def _is_ordered(part: str) -> bool:
    return readable(part, LEXICAL_RULES)[-1].text.upper() in ("DESC", "ASC")


def settings_of(sql: str) -> dict[str, str]:
    """Settings by name: ``a = 1, b = 'x'``."""
    settings = {}
    for part in split(sql):
        name, _, value = part.partition("=")
        settings[name.strip()] = value.strip()
    return settings


def is_constant(sql: str) -> bool:
    """Whether an expression is a number, a string, a boolean or an array of such."""
    try:
        return _is_constant(parse(readable(sql, LEXICAL_RULES)))
    except NotAnExpression:
        return False


def _is_constant(node: Node) -> bool:
    if isinstance(node, Call):
        return node.name in ("array", "tuple", "map") and all(map(_is_constant, node.args))
    return node[:1] in "'-0123456789" or node in ("true", "false", "NULL")


def aggregates(projection: Projection) -> bool:
    """Whether a projection groups rows."""
    return " GROUP BY " in f" {projection.query.key} "
