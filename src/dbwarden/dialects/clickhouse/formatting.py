"""Expressions as the server prints them: one blank around operators, parentheses around each operand that is an operation."""

from __future__ import annotations

from functools import lru_cache

from dbwarden.core.tokens import readable

from .expression_parser import Call, Node, NotAnExpression, parse
from .expressions import token_key
from .words import LEXICAL_RULES, name_of, quote, unescaped

_INFIX = {
    "equals": "=", "notEquals": "!=", "less": "<", "greater": ">", "lessOrEquals": "<=", "greaterOrEquals": ">=",
    "isNotDistinctFrom": "<=>", "plus": "+", "minus": "-", "multiply": "*", "divide": "/", "modulo": "%", "like": "LIKE",
    "notLike": "NOT LIKE", "ilike": "ILIKE", "notILike": "NOT ILIKE", "in": "IN", "notIn": "NOT IN", "and": "AND",
    "or": "OR",
}  # fmt: skip
_POSTFIX = {"isNull": "IS NULL", "isNotNull": "IS NOT NULL", "desc": "DESC"}
_PREFIX = {"not": "NOT ", "negate": "-"}


@lru_cache(maxsize=1 << 13)
def formatted(sql: str) -> str:
    """An expression as the server prints it, without parentheses that make no difference; its tokens if it cannot be
    parsed."""
    tokens = readable(sql, LEXICAL_RULES)
    try:
        return _text(parse(tokens))
    except NotAnExpression:
        return token_key(tokens)


def _text(node: Node) -> str:
    if isinstance(node, str):
        return quote(name_of(node)) if node.startswith("`") and node.endswith("`") else node
    name, args = node.name, node.args
    if name in ("in", "notIn") and isinstance(args[1], str):
        return f"{_operand(args[0])} {_INFIX[name]} ({args[1]})"
    if name in _INFIX and len(args) > 1:
        return f" {_INFIX[name]} ".join(map(_operand, args))
    if name in _POSTFIX:
        return f"{_operand(args[0])} {_POSTFIX[name]}"
    if name in _PREFIX:
        return f"{_PREFIX[name]}{_operand(args[0])}"
    return _special(node)


def _special(node: Call) -> str:
    name, args = node.name, node.args
    listed = ", ".join(map(_text, args))
    match name:
        case "tuple" if len(args) > 1:
            return f"({listed})"
        case "array":
            return f"[{listed}]"
        case "arrayElement":
            return f"{_operand(args[0])}[{_text(args[1])}]"
        case "tupleElement" if isinstance(args[1], str):
            element = unescaped(args[1]) if args[1].startswith("'") else args[1]
            return f"{_operand(args[0])}.{element}"
        case "lambda":
            parameters = args[0].args if isinstance(args[0], Call) else (args[0],)
            names = ", ".join(map(_text, parameters))
            return f"{names if len(parameters) == 1 else f'({names})'} -> {_operand(args[1])}"
        case "as":
            return f"{_text(args[0])} AS {_text(args[1])}"
        case "cast":
            return f"CAST({listed})"
    if args and isinstance(args[0], Call) and args[0].name == "parameters":
        return f"{node.written}({', '.join(map(_text, args[0].args))})({', '.join(map(_text, args[1:]))})"
    return f"{node.written or name}({listed})"


def _operand(node: Node) -> str:
    """An operand, in parentheses if it is an operation itself."""
    operation = isinstance(node, Call) and (node.name in _INFIX or node.name in _POSTFIX or node.name in _PREFIX)
    return f"({_text(node)})" if operation else _text(node)
