"""Comparison keys of expressions: compares what a person wrote with what ``pg_get_expr()`` prints, without a server.

``key`` works in three steps:

1. ``_Parser`` parses the text by operator precedence. If it contains syntax beyond this parser, its tokens are the key.
2. ``_cast``, ``_comparison_operand`` and ``_without_assignment_cast`` remove the casts that the server adds to constants.
3. ``_print`` prints the tree with all parentheses.

Two different meanings must never have one key. Two texts of one meaning may have different keys: ``normalize_on_server``
then asks the server.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from dbwarden.core.type_table import NUMBERS, Family
from dbwarden.core.types import DataType, parse_type

from . import types
from .words import tokens

Node = tuple[object, ...]
Columns = Mapping[str, DataType]

_COMPARE = {"<", ">", "=", "<=", ">=", "<>"}
_LIKE = {"like": "~~", "ilike": "~~*"}
_CONSTANTS = frozenset(
    "null true false current_date current_time current_timestamp localtime localtimestamp current_user session_user"
    " user current_role current_catalog current_schema".split()
)
# Words of syntax that this parser does not know; a text with one of them is compared by its tokens.
_FOREIGN = frozenset("select from overlaps similar symmetric window over within filter exists row distinct for".split())
_WHOLE = types.TYPES.names(Family.WHOLE)
_NUMBERS = types.TYPES.names(*NUMBERS)
_ATOMS = {"string", "number", "word", "array", "escape"}
_TEXTS = {"text", "varchar", "bpchar"}
_TRUE, _FALSE = {"t", "true", "y", "yes", "on", "1"}, {"f", "false", "n", "no", "off", "0"}


class _Unknown(Exception):
    """Syntax beyond this parser."""


def key(text: str, columns: Columns, target: DataType | None = None) -> str:
    """Comparison key of an expression over ``columns``; for a default, ``target`` is the type of its column."""
    try:
        node = _Parser(tokens(text), columns).parse_all()
    except _Unknown:
        return " ".join(value for _, value in tokens(text))
    if target is not None:
        node = _without_assignment_cast(node, target)
    return _print(node, outer=True)


class _Parser:
    """Parser by precedence climbing over the tokens; levels as in the manual, section 4.1.6."""

    def __init__(self, lexemes: tuple[tuple[str, str], ...], columns: Columns) -> None:
        self.tokens, self.at, self.columns = lexemes, 0, columns

    def parse_all(self) -> Node:
        node = self.expression(0)
        if self.at != len(self.tokens):
            raise _Unknown
        return node

    def peek(self, ahead: int = 0) -> tuple[str, str]:
        at = self.at + ahead
        return self.tokens[at] if at < len(self.tokens) else ("end", "")

    def take(self, value: str) -> bool:
        kind, token = self.peek()
        if token == value and kind in ("word", "punct", "op"):
            self.at += 1
            return True
        return False

    def need(self, value: str) -> None:
        if not self.take(value):
            raise _Unknown

    # -- operators ----------------------------------------------------------------------------------------------

    def expression(self, level: int) -> Node:
        node = self.prefix()
        while True:
            operation = self.infix(node, level)
            if operation is None:
                return node
            node = operation

    def infix(self, left: Node, level: int) -> Node | None:
        kind, value = self.peek()
        if kind == "word":
            return self.word_operator(left, value, level)
        if kind == "punct" and value == "::" and level < 15:
            self.at += 1
            return _cast(left, self.type_name(), self.columns)
        if kind == "punct" and value == "[" and level < 14:
            self.at += 1
            index = self.expression(0)
            self.need("]")
            return ("index", left, index)
        if kind != "op":
            return None
        value = "<>" if value == "!=" else value
        power = 5 if value in _COMPARE else {"+": 8, "-": 8, "*": 9, "/": 9, "%": 9, "^": 10}.get(value, 7)
        if level >= power:
            return None
        self.at += 1
        if self.peek()[1] in ("any", "all", "some") and self.peek(1)[1] == "(":
            return self.quantified(left, value)
        right = self.expression(power)
        return self.comparison(value, left, right) if power == 5 else ("op", value, left, right)

    def quantified(self, left: Node, operator: str) -> Node:
        word = self.peek()[1]
        self.at += 2
        right = self.expression(0)
        self.need(")")
        return self.members(left, operator, "all" if word == "all" else "any", right)

    def members(self, left: Node, operator: str, word: str, right: Node) -> Node:
        if right[0] == "cast" and isinstance(right[1], tuple) and right[1][0] == "array" and _plain_array(right):
            right = right[1]
        if right[0] == "array":
            right = (
                "array",
                *(_comparison_operand(item, left, self.columns) for item in right[1:] if isinstance(item, tuple)),
            )
        return ("quantified", operator, word, left, right)

    def comparison(self, operator: str, left: Node, right: Node) -> Node:
        return (
            "op",
            operator,
            _comparison_operand(left, right, self.columns),
            _comparison_operand(right, left, self.columns),
        )

    def word_operator(self, left: Node, word: str, level: int) -> Node | None:
        if word == "or" and level < 1:
            self.at += 1
            return _flatten("or", left, self.expression(1))
        if word == "and" and level < 2:
            self.at += 1
            return _flatten("and", left, self.expression(2))
        if word in ("is", "isnull", "notnull") and level < 4:
            return self.test(left)
        if level < 6 and (self.peek(1)[1] if word == "not" else word) in ("like", "ilike", "between", "in"):
            return self.membership(left)
        if word == "at" and level < 11 and self.peek(1)[1] == "time":
            self.at += 2
            self.need("zone")
            return ("at time zone", left, self.expression(11))
        if word == "collate" and level < 12:
            self.at += 1
            return ("collate", left, self.dotted())
        return None

    def test(self, left: Node) -> Node:
        _kind, word = self.peek()
        self.at += 1
        if word in ("isnull", "notnull"):
            return ("is", "null" if word == "isnull" else "not null", left)
        negative = self.take("not")
        word = self.peek()[1]
        if word == "distinct":
            self.at += 1
            self.need("from")
            return ("distinct", "is not" if negative else "is", left, self.expression(4))
        if word not in ("null", "true", "false", "unknown"):
            raise _Unknown
        self.at += 1
        return ("is", f"not {word}" if negative else word, left)

    def membership(self, left: Node) -> Node:
        negative = self.take("not")
        word = self.peek()[1]
        self.at += 1
        if word == "between":
            low = self.expression(6)
            self.need("and")
            high = self.expression(6)
            pair = ("<", ">") if negative else (">=", "<=")
            sides = self.comparison(pair[0], left, low), self.comparison(pair[1], left, high)
            return _flatten("or" if negative else "and", *sides)
        if word == "in":
            self.need("(")
            items = self.items(")")
            if len(items) == 1:
                return self.comparison("<>" if negative else "=", left, items[0])
            return self.members(left, "<>" if negative else "=", "all" if negative else "any", ("array", *items))
        operator = ("!" if negative else "") + _LIKE[word]
        right = self.expression(6)
        if self.peek()[1] == "escape":
            raise _Unknown
        return self.comparison(operator, left, right)

    # -- operands -----------------------------------------------------------------------------------------------

    def prefix(self) -> Node:
        kind, value = self.peek()
        self.at += 1
        match kind:
            case "op" if value in ("-", "+"):
                inner = self.expression(13)
                if inner[0] == "number" and isinstance(inner[1], str) and not inner[1].startswith("-"):
                    return ("number", f"-{inner[1]}") if value == "-" else inner
                return ("unary", value, inner)
            case "op" if value in ("~", "@", "|/", "||/"):
                return ("unary", value, self.expression(7))
            case "string":
                return ("string", value)
            case "escape" if value[:1] in "bB":
                return ("cast", ("string", value[1:]), "bit")
            case "escape":
                return ("escape", value)
            case "number":
                return ("number", value)
            case "punct" if value == "(":
                items = self.items(")")
                return items[0] if len(items) == 1 else ("row", *items)
            case "word":
                return self.word(value)
            case "name" | "quoted":
                return self.name(value)
        raise _Unknown

    def word(self, word: str) -> Node:
        following = self.peek()
        if word in _FOREIGN:
            raise _Unknown
        if word == "not":
            return ("not", self.expression(3))
        if word == "cast" and following[1] == "(":
            self.at += 1
            inner = self.expression(0)
            self.need("as")
            name = self.type_name()
            self.need(")")
            return _cast(inner, name, self.columns)
        if word == "array" and following[1] == "[":
            self.at += 1
            return ("array", *self.items("]"))
        if word == "case":
            return self.case()
        if word in ("interval", "date", "timestamp", "time", "timestamptz") and following[0] == "string":
            self.at += 1
            return _cast(("string", following[1]), types.canonical(parse_type(word)), self.columns)
        if word in _CONSTANTS and following[1] != "(":
            return ("word", word)
        return self.name(word)

    def case(self) -> Node:
        parts: list[Node | str] = []
        if self.peek()[1] != "when":
            parts.append(self.expression(0))
        while self.take("when"):
            parts += ["when", self.expression(0)]
            self.need("then")
            parts += ["then", self.expression(0)]
        parts += ["else", self.expression(0) if self.take("else") else ("word", "null")]
        self.need("end")
        return ("case", *parts)

    def name(self, first: str) -> Node:
        name = first
        while self.peek() == ("punct", "."):
            kind, part = self.peek(1)
            if kind not in ("word", "name", "quoted"):
                raise _Unknown
            name = f"{name}.{part}"
            self.at += 2
        if self.peek() == ("punct", "("):
            self.at += 1
            items = self.items(")")
            if name == "nextval" and len(items) == 1 and items[0][0] == "cast" and items[0][2] == "regclass":
                items = [items[0][1]]  # type: ignore[list-item]
            return ("call", name.removeprefix("pg_catalog."), *items)
        if self.peek()[0] in ("string", "word") and self.peek()[1] not in _AFTER:
            raise _Unknown
        return ("name", name)

    def items(self, closing: str) -> list[Node]:
        nodes: list[Node] = []
        if self.take(closing):
            return nodes
        while True:
            nodes.append(self.expression(0))
            if self.take(closing):
                return nodes
            self.need(",")

    def dotted(self) -> str:
        kind, value = self.peek()
        if kind not in ("word", "name", "quoted"):
            raise _Unknown
        self.at += 1
        return f"{value}.{self.dotted()}" if self.take(".") else value

    def type_name(self) -> DataType:
        quoted = self.peek()[0] == "name" and self.peek()[1] in ("bit", "char")  # "char" is not char
        words = [f'"{self.dotted()}"' if quoted else self.dotted()]
        while self.peek()[0] == "word" and self.peek()[1] in ("varying", "precision"):
            words.append(self.dotted())
        text = " ".join(words)
        if self.peek() == ("punct", "("):
            self.at += 1
            text += "(" + ",".join(str(item[1]) for item in self.items(")")) + ")"
        if self.peek()[1] in ("with", "without") and self.peek(1)[1] == "time":
            text += f" {self.peek()[1]} time zone"
            self.at += 3
        while self.peek() == ("punct", "[") and self.peek(1) == ("punct", "]"):
            text += "[]"
            self.at += 2
        datatype = types.canonical(parse_type(text))
        return DataType(datatype.name, datatype.args, min(datatype.array, 1), datatype.modifiers)


_AFTER = frozenset("or and not is isnull notnull like ilike between in at collate when then else end as escape".split())
"""Words that may follow a name; any other makes the text unknown, such as the literal in ``numeric '1.5'``."""


def _flatten(word: str, left: Node, right: Node) -> Node:
    """Node of AND or OR, with nested ones of the same word merged into it."""
    parts: list[object] = []
    for side in (left, right):
        parts += side[1:] if side[0] == word else [side]
    return (word, *parts)


# -- casts that the server adds -----------------------------------------------------------------------------------


def _cast(node: Node, datatype: DataType, columns: Columns) -> Node:
    """Cast of a node; the node itself if the server prints no cast for it."""
    name = _type_key(datatype)
    if node[0] == "string":
        if name in _TEXTS:
            return node
        number = str(node[1])[1:-1]
        if name == "integer" and re.fullmatch(r"-?\d+", number):
            return ("number", number)
        if name == "numeric" and re.fullmatch(r"-?\d+\.\d+", number):
            return ("number", number)
    if name == "text" and node[0] == "name":
        column = columns.get(str(node[1]).strip('"'))
        if column is not None and column.name in ("varchar", "text") and not column.array and column.ref is None:
            return node
    return ("cast", node, name)


def _type_key(datatype: DataType) -> str:
    name = str(datatype)
    return "bit" if name == '"bit"' else name


_ARRAYS = {"text[]": "string", "varchar[]": "string", "numeric[]": "number", "bigint[]": "number"}


def _plain_array(node: Node) -> bool:
    """Whether a cast array contains only literals, so that the cast follows from the other operand."""
    inner, kind = node[1], _ARRAYS.get(str(node[2]))
    if not isinstance(inner, tuple) or kind is None:
        return False
    items = [item for item in inner[1:] if isinstance(item, tuple)]
    return all(item[0] == kind and (kind == "string" or str(item[1]).lstrip("-").isdigit()) for item in items)


def _comparison_operand(node: Node, other: Node, columns: Columns) -> Node:
    """Operand of a comparison, without a cast that follows from the type of the other operand."""
    if node[0] != "cast" or not isinstance(node[1], tuple):
        return node
    inner, name = node[1], node[2]
    column = columns.get(str(other[1]).strip('"')) if other[0] == "name" else None
    whole = inner[0] == "number" and re.fullmatch(r"-?\d+", str(inner[1]))
    if whole and name in ("numeric", "double precision", "bigint"):
        return inner
    if column is None:
        return node
    own = _own_name(column)
    if inner[0] == "string" and name == own:
        return inner
    if inner[0] == "number" and name == own and name in ("double precision", "numeric"):
        return inner
    return node


def _own_name(datatype: DataType) -> str:
    """Name of a type without its length, as the server prints it in the cast of a literal."""
    if datatype.ref is not None:
        text = f"{datatype.ref.schema}.{datatype.ref.name}" if datatype.ref.schema else datatype.ref.name
        text = text if re.fullmatch(r"[a-z_][a-z0-9_$.]*", text) else f'"{datatype.ref.name}"'
    else:
        text = {"char": "bpchar"}.get(datatype.name, datatype.name)
        text = f"{text} {datatype.modifiers}" if datatype.modifiers else text
    return text + "[]" * datatype.array


def _without_assignment_cast(node: Node, target: DataType) -> Node:
    """A default without the cast to its column's type."""
    own = _own_name(target)
    bare = own.removesuffix("[]") if target.array else own
    if node[0] == "cast" and isinstance(node[1], tuple) and node[1][0] in _ATOMS:
        inner, name = node[1], str(node[2])
        bits = name == "bit" and bare in ("bit", "bit varying")
        if name in (own, str(target)) or bits or inner == ("word", "null"):
            node = inner
    if node[0] == "string" and not target.array:
        text = str(node[1])[1:-1].strip()
        if target.name == "boolean" and text.lower() in _TRUE | _FALSE:
            return ("word", "true" if text.lower() in _TRUE else "false")
        if target.name in _WHOLE and re.fullmatch(r"-?\d+", text):
            return ("number", text)
        if target.name in _NUMBERS and re.fullmatch(r"-?\d+(\.\d+)?", text):
            return ("number", text)
    return node


# -- printing -----------------------------------------------------------------------------------------------------


def _print(node: object, outer: bool = False) -> str:
    if not isinstance(node, tuple):
        return str(node)
    kind = node[0]
    rest = [_print(item) for item in node[1:]]
    match kind:
        case "string" | "escape" | "number" | "word" | "name":
            return rest[0]
        case "call":
            return f"{rest[0]}({', '.join(rest[1:])})"
        case "array" | "row":
            return f"{kind}[{', '.join(rest)}]"
        case "cast":
            return f"{rest[0]}::{rest[1]}"
        case "index":
            return f"{rest[0]}[{rest[1]}]"
        case "and" | "or":
            text = f" {kind} ".join(rest)
        case "op":
            text = f"{rest[1]} {rest[0]} {rest[2]}"
        case "quantified":
            text = f"{rest[2]} {rest[0]} {rest[1]} {rest[3]}"
        case "is":
            text = f"{rest[1]} is {rest[0]}"
        case "distinct":
            text = f"{rest[1]} {rest[0]} distinct from {rest[2]}"
        case _:
            text = f"{kind} {' '.join(rest)}"
    return text if outer else f"({text})"
