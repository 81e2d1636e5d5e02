"""Comparison keys of expressions: compares what a person wrote with what ``pg_get_expr()`` prints, without a server.

``key`` works in three steps:

1. ``_Parser`` parses the text by operator precedence. If it contains syntax beyond this parser, its tokens are the key.
2. ``cast``, ``comparison_operand`` and ``without_assignment_cast`` remove the casts that the server adds to constants.
3. ``_print`` prints the tree with all parentheses.

Two different meanings must never have one key. Two texts of one meaning may have different keys: ``normalize_on_server``
then asks the server.
"""

from __future__ import annotations

from dbwarden.core.types import DataType, parse_type

from . import types
from .implied_casts import Columns, Node, cast, comparison_operand, is_plain_array, without_assignment_cast
from .words import tokens

_COMPARE = {"<", ">", "=", "<=", ">=", "<>"}
_LIKE = {"like": "~~", "ilike": "~~*"}
_CONSTANTS = frozenset(
    "null true false current_date current_time current_timestamp localtime localtimestamp current_user session_user"
    " user current_role current_catalog current_schema".split()
)
# Words of syntax that this parser does not know; a text with one of them is compared by its tokens.
_FOREIGN = frozenset("select from overlaps similar symmetric window over within filter exists row distinct for".split())


class _Unknown(Exception):
    """Syntax beyond this parser."""


def key(text: str, columns: Columns, target: DataType | None = None) -> str:
    """Comparison key of an expression over ``columns``; for a default, ``target`` is the type of its column."""
    try:
        node = _Parser(tokens(text), columns).parse_all()
    except _Unknown:
        return " ".join(value for _, value in tokens(text))
    if target is not None:
        node = without_assignment_cast(node, target)
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
            return cast(left, self.type_name(), self.columns)
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
        if right[0] == "cast" and isinstance(right[1], tuple) and right[1][0] == "array" and is_plain_array(right):
            right = right[1]
        if right[0] == "array":
            right = (
                "array",
                *(comparison_operand(item, left, self.columns) for item in right[1:] if isinstance(item, tuple)),
            )
        return ("quantified", operator, word, left, right)

    def comparison(self, operator: str, left: Node, right: Node) -> Node:
        return (
            "op",
            operator,
            comparison_operand(left, right, self.columns),
            comparison_operand(right, left, self.columns),
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
            return cast(inner, name, self.columns)
        if word == "array" and following[1] == "[":
            self.at += 1
            return ("array", *self.items("]"))
        if word == "case":
            return self.case()
        if word in ("interval", "date", "timestamp", "time", "timestamptz") and following[0] == "string":
            self.at += 1
            return cast(("string", following[1]), types.canonical(parse_type(word)), self.columns)
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
