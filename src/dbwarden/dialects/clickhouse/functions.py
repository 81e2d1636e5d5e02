"""SQL functions (``CREATE FUNCTION f AS (x) -> ...``), and texts in which their calls are written out.

The server stores the body of a function in the place of each call, so that a definition that calls one is compared with its
calls written out too. The functions themselves call one another by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dbwarden.core.model import Definition, Object
from dbwarden.core.sqltext import Token, TokenKind, bare
from dbwarden.core.tokens import DEPTH, NAMES, readable
from dbwarden.core.types import Expression, Ref

from .expressions import expression_key, query_key, split
from .words import LEXICAL_RULES, name_of
from .words import NAMES as NAME_RULES

_OPENING, _CLOSING = frozenset(("(", "[", "{", ",")), frozenset((")", "]", "}", ","))


@dataclass(frozen=True, slots=True)
class SqlFunction:
    """Parameters and body of a function."""

    parameters: tuple[str, ...]
    body: str


Functions = Mapping[str, SqlFunction]


def read_function(sql: str) -> SqlFunction:
    """The function that a CREATE FUNCTION statement creates."""
    tokens = readable(sql, LEXICAL_RULES)
    start = next(at for at, token in enumerate(tokens) if token.text.upper() == "AS") + 1
    arrow = next(at for at, token in enumerate(tokens) if token.text == "->" and at >= start)
    named = tuple(name_of(token.text) for token in tokens[start:arrow] if token.kind in NAMES)
    return SqlFunction(named, bare(sql[tokens[arrow].end :].strip().removesuffix(";"), LEXICAL_RULES))


def function_key(sql: str) -> str:
    """Comparison key of a CREATE FUNCTION statement."""
    function = read_function(sql)
    return f"({', '.join(function.parameters)}) -> {expression_key(function.body)}"


def expression(sql: str, functions: Functions) -> Expression:
    """A default, a check or a key with its comparison key."""
    return Expression(sql, expression_key(expanded(sql, functions)), NAME_RULES)


def query(sql: str, functions: Functions) -> Expression:
    """A query with its comparison key: its tokens, keywords in capitals."""
    return Expression(sql, query_key(expanded(sql, functions)), NAME_RULES)


def functions_of(objects: Iterable[Object]) -> Functions:
    """The functions among ``objects``, by name."""
    return {
        item.name: read_function(item.sql.text)
        for item in objects
        if isinstance(item, Definition) and item.kind == "function"
    }


def called(sql: str, names: Iterable[str]) -> frozenset[Ref]:
    """Those of the functions ``names`` that a text calls."""
    tokens, known = readable(sql, LEXICAL_RULES), frozenset(names)
    calls = (name_of(token.text) for at, token in enumerate(tokens) if _is_call(tokens, at))
    return frozenset(Ref("function", name) for name in calls if name in known)


def _is_call(tokens: Sequence[Token], at: int) -> bool:
    return tokens[at].kind in NAMES and at + 1 < len(tokens) and tokens[at + 1].text == "("


def expanded(sql: str, functions: Functions) -> str:
    """``sql`` with the bodies of ``functions`` in the place of their calls, in parentheses where the server writes them."""
    if not functions:
        return sql
    tokens = readable(sql, LEXICAL_RULES)
    parts, end, at = list[str](), 0, 0
    while at < len(tokens):
        function = functions.get(name_of(tokens[at].text)) if _is_call(tokens, at) else None
        if function is None:
            at += 1
            continue
        closing = _closing(tokens, at + 1)
        arguments = split(sql[tokens[at + 1].end : tokens[closing].start])
        others = {name: other for name, other in functions.items() if other is not function}
        values = [expanded(argument, functions) for argument in arguments]
        body = expanded(_applied(function, values), others)
        parts += (sql[end : tokens[at].start], _within(body, tokens, at, closing))
        end = tokens[closing].end
        at = closing + 1
    return "".join((*parts, sql[end:]))


def _applied(function: SqlFunction, values: Sequence[str]) -> str:
    """The body with arguments in the place of its parameters."""
    by_name = dict(zip(function.parameters, values, strict=False))
    tokens = readable(function.body, LEXICAL_RULES)
    parts, end = list[str](), 0
    for at, token in enumerate(tokens):
        value = by_name.get(name_of(token.text)) if token.kind in NAMES and not _is_call(tokens, at) else None
        if value is not None:
            parts += (function.body[end : token.start], _within(value, tokens, at, at))
            end = token.end
    return "".join((*parts, function.body[end:]))


def _within(text: str, tokens: Sequence[Token], first: int, last: int) -> str:
    """``text`` for the tokens from ``first`` to ``last``: in parentheses if it and a neighbour are operations."""
    before = first > 0 and _is_operator(tokens[first - 1], _OPENING)
    after = last + 1 < len(tokens) and _is_operator(tokens[last + 1], _CLOSING)
    return f"({text})" if (before or after) and _is_operation(text) else text


def _is_operator(token: Token, besides: frozenset[str]) -> bool:
    return token.kind is TokenKind.OPERATOR and token.text not in besides


def _is_operation(text: str) -> bool:
    """Whether an operator stands outside of all parentheses."""
    depth = 0
    for token in readable(text, LEXICAL_RULES):
        change = DEPTH.get(token.text, 0)
        if change == 0 and depth == 0 and token.kind is TokenKind.OPERATOR:
            return True
        depth += change
    return False


def _closing(tokens: Sequence[Token], opening: int) -> int:
    depth = 0
    for at in range(opening, len(tokens)):
        depth += DEPTH.get(tokens[at].text, 0)
        if depth == 0:
            return at
    return len(tokens) - 1
